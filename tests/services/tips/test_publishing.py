"""What became of a tip, told to the group it began in: once, in words that point at nobody, and never what is discreet."""

from typing import Any

import pytest
from sqlalchemy import update

from bot.errors import NotFound
from bot.services.tips import GroupOutcome
from bot.services.unit import Units
from bot.store.chats import Chat
from bot.store.notices import Notice
from bot.store.tips import Tip
from bot.terms import Identity, Messenger, NoticeKind
from tests.services import cast


async def group(units: Units) -> int:
    async with units() as unit:
        chat = await unit.chats.added(Messenger.TELEGRAM, "-100777", "Соседи")
        precinct = await cast.precinct_id(unit)
    async with units.house.database.writing() as session:
        await session.execute(update(Chat).where(Chat.id == chat.id).values(precinct_id=precinct))
    return chat.id


async def closed(units: Units, category: str = "noise_night", outcome: str = "measures_taken", **more: Any) -> int:
    more.setdefault("chat_id", await group(units))
    tip_id = await cast.sent_tip(units, category, place="Абая, 12, кв. 5", **more)
    async with units() as unit:
        tip = await unit.tips.for_notice(tip_id)
        assert tip is not None
        holder = await holder_of(unit, tip)
        await unit.tips.close(holder, tip_id, outcome, cast.words("Иванов оштрафован"), await cast.resident(unit, 2001))
    return tip_id


async def holder_of(unit: Any, tip: Any) -> Any:
    if tip.officer_id is not None:
        return await unit.officers.get(tip.officer_id)
    return next(iter(await unit.officers.on_desk(tip.desk_id)))


async def tell(units: Units, tip_id: int, badge: str | None = None) -> GroupOutcome:
    async with units() as unit:
        tip = await unit.tips.for_notice(tip_id)
        officer = await cast.officer(unit, badge) if badge else await holder_of(unit, tip)
        return await unit.tips.tell_group(officer, tip_id)  # type: ignore[no-any-return]


async def told(units: Units) -> list[Any]:
    return list(await cast.rows(units, Notice, Notice.kind == NoticeKind.GROUP_OUTCOME))


@pytest.mark.parametrize("identity", list(Identity)[:2])
async def test_it_says_what_it_was_about_and_what_became_of_it(units: Units, identity: Identity) -> None:
    tip_id = await closed(units, identity=identity)
    async with units() as unit:
        look = await unit.tips.group_outcome(await cast.officer(unit, cast.ASKAR), tip_id)
    assert await told(units) == []  # looking says nothing
    assert await tell(units, tip_id) == look
    (notice,) = await told(units)
    assert (notice.chat_id is not None, notice.tip_id, notice.part_id) == (True, None, None)
    assert set(notice.facts) == {"category", "outcome"}
    said = str(notice.facts)
    assert not any(word in said for word in ("Иванов", "Абая", "№", "12"))
    with pytest.raises(NotFound):  # once
        await tell(units, tip_id)
    assert len(await told(units)) == 1


@pytest.mark.parametrize("category", ["domestic_violence", "child_danger", "bullying"])
async def test_what_is_discreet_is_never_told(units: Units, category: str) -> None:
    tip_id = await closed(units, category)
    with pytest.raises(NotFound):
        await tell(units, tip_id)
    assert await told(units) == []


async def test_what_would_shame_somebody_is_not_told(units: Units) -> None:
    tip_id = await closed(units, outcome="false_report")
    with pytest.raises(NotFound):
        await tell(units, tip_id)


async def test_only_its_holder_tells_it_and_only_when_it_is_closed(units: Units) -> None:
    tip_id = await closed(units)
    for badge in (cast.ASEL, cast.STAFF):
        with pytest.raises(NotFound):
            await tell(units, tip_id, badge)
    opened = await cast.sent_tip(units, chat_id=(await cast.rows(units, Tip))[0].chat_id)
    with pytest.raises(NotFound):
        await tell(units, opened)


async def test_a_tip_that_began_elsewhere_or_in_a_group_that_was_left_is_not_told(units: Units) -> None:
    alone = await closed(units, chat_id=None)
    left = await closed(units)
    async with units() as unit:
        await unit.chats.removed(Messenger.TELEGRAM, "-100777")
    for tip_id in (alone, left):
        with pytest.raises(NotFound):
            await tell(units, tip_id)
    assert await told(units) == []


async def test_a_complaint_is_told_to_nobody(units: Units) -> None:
    tip_id = await closed(units, "officer_complaint")
    async with units() as unit:
        own = await cast.officer(unit, cast.OWN_SECURITY)
        with pytest.raises(NotFound):
            await unit.tips.tell_group(own, tip_id)
