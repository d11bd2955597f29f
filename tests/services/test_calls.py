"""102 is called already: each neighbour counts once, by a keyed hash, for two hours; the danger's happening hears it."""

import asyncio
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from bot.services.chats import ChatView
from bot.services.unit import Units
from bot.store.chats import Chat
from bot.store.incidents import Incident
from bot.store.tips import SenderCount, Tip
from bot.terms import Messenger, Urgency
from tests.clocks import START, FakeClock
from tests.services import cast

HOUR = 3600


async def group(units: Units, address: str = "-100777", *, bound: bool = True) -> ChatView:
    async with units() as unit:
        chat = await unit.chats.added(Messenger.TELEGRAM, address, "Соседи")
        precinct = await cast.precinct_id(unit)
    if bound:
        async with units.house.database.writing() as session:
            await session.execute(update(Chat).where(Chat.id == chat.id).values(precinct_id=precinct))
    async with units() as unit:
        found = await unit.chats.get(chat.id)
    assert found is not None
    return found


async def press(units: Units, chat: ChatView, account: str, message: str = "10") -> tuple[int, bool] | None:
    async with units() as unit:
        return await unit.calls.count(chat, message, START, account)


async def calls(units: Units) -> list[int]:
    return [incident.calls for incident in await cast.rows(units, Incident)]


async def test_each_neighbour_counts_once(units: Units) -> None:
    chat = await group(units)
    assert [await press(units, chat, account) for account in ("1", "1", "2", "3", "2")] == [
        (1, True), (1, False), (2, True), (3, True), (3, False),
    ]  # fmt: skip
    assert await press(units, chat, "1", "11") == (1, True)  # another word of danger has its own count


async def test_nobody_can_be_found_by_what_is_kept(units: Units, clock: FakeClock) -> None:
    chat, other = await group(units), await group(units, "-100778")
    await press(units, chat, "1002")
    await press(units, other, "1002")
    kept: list[Any] = list(await cast.rows(units, SenderCount, SenderCount.what.startswith("c-")))
    assert len({row.sender for row in kept}) == 2  # nor by comparing two groups
    assert all(b"1002" not in row.sender for row in kept)
    await clock.advance(2 * HOUR)
    assert await press(units, chat, "5") is None
    async with units() as unit:
        await unit.calls.expire()
    assert await cast.rows(units, SenderCount, SenderCount.what.startswith("c-")) == []


async def test_a_word_of_yesterday_or_of_tomorrow_counts_nothing(units: Units, clock: FakeClock) -> None:
    chat = await group(units)
    async with units() as unit:
        for minutes, is_counted in ((4, True), (6, False)):  # their clock may be a little fast
            counted = await unit.calls.count(chat, f"{minutes}", START + timedelta(minutes=minutes), "1")
            assert (counted is not None) is is_counted
    await clock.advance(2 * HOUR)
    assert await press(units, chat, "1") is None


async def test_the_open_danger_of_this_precinct_hears_it(units: Units) -> None:
    chat = await group(units)
    await press(units, chat, "1")
    assert await calls(units) == []  # nothing is known of a danger: only the group sees the number
    tip_id = await cast.sent_tip(units, "emergency_life", urgency=Urgency.U0)
    await press(units, chat, "2")
    await press(units, chat, "2")
    assert await calls(units) == [2]
    await press(units, chat, "3")
    await press(units, chat, "3", "11")  # the same neighbour under another word
    assert await calls(units) == [3]
    (tip,) = await cast.rows(units, Tip, Tip.id == tip_id)
    (incident,) = await cast.rows(units, Incident)
    assert (tip.incident_id, incident.precinct_id) == (incident.id, tip.precinct_id)


async def test_other_tips_hear_nothing(units: Units) -> None:
    await cast.sent_tip(units)  # not a danger
    async with units() as unit:
        elsewhere = await cast.precinct_id(unit, "103")
    await cast.sent_tip(units, "emergency_life", urgency=Urgency.U0, precinct_id=elsewhere)
    await cast.sent_tip(units, "officer_complaint", urgency=Urgency.U0)
    for chat in (await group(units), await group(units, "-100778", bound=False)):
        await press(units, chat, "1")
    assert await calls(units) == []


async def test_neighbours_who_press_at_once_are_all_counted(units: Units) -> None:
    chat = await group(units)
    await cast.sent_tip(units, "emergency_life", urgency=Urgency.U0)
    await asyncio.gather(*(press(units, chat, str(account)) for account in range(8)))
    counted = await press(units, chat, "0")
    assert counted == (8, False)
    assert sum(await calls(units)) == 8
