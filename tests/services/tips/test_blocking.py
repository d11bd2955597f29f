"""Who sends is blocked by the alias of a tip: nobody learns who it is, and a head lifts it."""

import pytest

from bot.errors import NotAllowed, NotFound
from bot.services.tips.blocking import SenderIsStaff
from bot.services.unit import Units
from bot.store.audit import AuditEntry
from bot.terms import Identity
from tests.services.cast import ASEL, ASKAR, HEAD, officer, resident, rows, sent_tip, submit


@pytest.mark.parametrize("identity", [Identity.HIDDEN, Identity.NAMED])
async def test_the_holder_blocks_by_alias_and_a_head_lifts_it(units: Units, identity: Identity) -> None:
    tip_id = await sent_tip(units, identity=identity)
    async with units() as unit:
        alias = await unit.tips.block_sender(await officer(unit, ASKAR), tip_id, "spam")
    async with units() as unit:
        person, head = await resident(unit), await officer(unit, HEAD)
        assert person.is_blocked
        (blocked,) = await unit.tips.blocked_senders(head)
        assert (blocked.alias, blocked.reason) == (alias, "spam")
        await unit.tips.unblock_sender(head, tip_id)
    async with units() as unit:
        assert not (await resident(unit)).is_blocked
        assert await unit.tips.blocked_senders(head) == []
    entries = await rows(units, AuditEntry, AuditEntry.subject == f"tip:{tip_id}")
    assert [entry.action for entry in entries] == ["sender.blocked", "sender.unblocked"]
    assert all(str(person.id) not in str(entry.facts) for entry in entries)


async def test_nobody_else_may(units: Units) -> None:
    tip_id = await sent_tip(units, identity=Identity.HIDDEN)
    async with units() as unit:
        with pytest.raises(NotFound):
            await unit.tips.block_sender(await officer(unit, ASEL), tip_id, "spam")
        with pytest.raises(NotFound):
            await unit.tips.block_sender(await officer(unit, ASKAR), tip_id, "no such reason")
        with pytest.raises(NotAllowed):
            await unit.tips.unblock_sender(await officer(unit, ASKAR), tip_id)
        with pytest.raises(NotAllowed):
            await unit.tips.blocked_senders(await officer(unit, ASKAR))
        assert not (await resident(unit)).is_blocked


async def test_a_cut_link_leads_to_nobody(units: Units) -> None:
    tip_id = await sent_tip(units, identity=Identity.HIDDEN)
    async with units() as unit:
        await unit.tips.cut(await resident(unit), tip_id)
    async with units() as unit:
        with pytest.raises(NotFound):
            await unit.tips.block_sender(await officer(unit, ASKAR), tip_id, "spam")


async def test_an_officer_is_not_blocked(units: Units) -> None:
    async with units() as unit:
        asel = await resident(unit, 2002)
        tip = await submit(unit, asel, identity=Identity.HIDDEN)
    async with units() as unit:
        with pytest.raises(SenderIsStaff):
            await unit.tips.block_sender(await officer(unit, ASKAR), tip.id, "prank")
