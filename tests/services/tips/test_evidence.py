"""What a victim of fraud told is sealed, shown to its holder, and given out with a trace."""

import pytest

from bot.errors import NotFound
from bot.services.tips.evidence import LONGEST
from bot.services.unit import Units
from bot.store.audit import AuditEntry
from bot.store.events import Event
from bot.store.tips import Evidence
from bot.terms import Identity
from tests.services.cast import ASKAR, CYBER, officer, resident, rows, submit

TOLD = {"when": "сегодня в 10:20", "sum": "250 000", "account": "4400 4301 0000 0000", "bank": "Kaspi"}


async def told(units: Units, facts: dict[str, str] | None = None) -> int:
    async with units() as unit:
        tip = await submit(
            unit, await resident(unit), "fraud_victim", Identity.HIDDEN, evidence=TOLD if facts is None else facts
        )
    return tip.id


async def test_it_is_kept_sealed_and_stands_on_the_card_of_its_holder(units: Units) -> None:
    tip_id = await told(units)
    (row,) = await rows(units, Evidence)
    assert row.facts == TOLD
    assert b"4400" not in row.facts_sealed
    async with units() as unit:
        card = await unit.tips.card(await officer(unit, CYBER), tip_id)
        assert card.evidence == TOLD
        with pytest.raises(NotFound):
            await unit.tips.card(await officer(unit, ASKAR), tip_id)


async def test_only_known_fields_of_a_fit_length_are_kept(units: Units) -> None:
    await told(units, {"sum": "9" * 5000, "secret": "x", "link": ""})
    (row,) = await rows(units, Evidence)
    assert row.facts == {"sum": "9" * LONGEST}


async def test_nothing_told_leaves_no_row(units: Units) -> None:
    await told(units, {})
    assert await rows(units, Evidence) == []


async def test_giving_it_out_is_written_down_and_is_for_the_holder_alone(units: Units) -> None:
    tip_id = await told(units)
    async with units() as unit:
        bundle = await unit.tips.evidence(await officer(unit, CYBER), tip_id)
        assert bundle.facts == TOLD
    assert [entry.action for entry in await rows(units, AuditEntry, AuditEntry.subject == f"tip:{tip_id}")] == [
        "evidence.exported"
    ]
    assert await rows(units, Event, Event.tip_id == tip_id, Event.kind == "exported")
    with pytest.raises(NotFound):
        async with units() as unit:
            await unit.tips.evidence(await officer(unit, ASKAR), tip_id)
