"""Stored once, in order, handled once, emptied."""

import asyncio

import pytest
from sqlalchemy import update

from bot.services.inbox import Arrival, telegram_arrival
from bot.services.unit import Units
from bot.store.inbox import InboxItem
from bot.terms import Messenger
from tests.services import cast


def arrival(number: int, sender: str = "1002", messenger: Messenger = Messenger.TELEGRAM) -> Arrival:
    return Arrival(messenger, str(number), sender, {"update_id": number, "words": f"сөз {number}"})


async def store(units: Units, *arrivals: Arrival) -> list[int]:
    async with units() as unit:
        return [item.payload["update_id"] for item in await unit.inbox.store(arrivals)]


async def test_a_redelivered_update_is_stored_once(units: Units) -> None:
    assert await store(units, arrival(1), arrival(2)) == [1, 2]
    assert await store(units, arrival(2), arrival(3), arrival(1)) == [3]
    assert await store(units, arrival(4), arrival(4)) == [4]
    assert len(await cast.rows(units, InboxItem)) == 4


async def test_fifty_deliveries_of_one_update_by_many_workers_are_one_row(units: Units) -> None:
    stored = await asyncio.gather(*(store(units, arrival(7)) for _ in range(50)))
    assert sorted(map(len, stored)) == [0] * 49 + [1]
    assert len(await cast.rows(units, InboxItem)) == 1


async def test_the_same_number_on_two_messengers_is_two_updates(units: Units) -> None:
    assert await store(units, arrival(1), arrival(1, messenger=Messenger.WHATSAPP)) == [1, 1]


async def test_open_items_come_oldest_first_whatever_the_batch_was(units: Units) -> None:
    await store(units, *(arrival(number) for number in (5, 3, 9)))
    await store(units, arrival(1))
    async with units.reading() as unit:
        items = await unit.inbox.open_items()
        assert [item.payload["update_id"] for item in items] == [5, 3, 9, 1]
        rest = await unit.inbox.open_items(after=items[1].id, limit=1)
    assert [item.payload["update_id"] for item in rest] == [9]
    assert len({item.sender for item in items}) == 1


async def test_what_cannot_be_opened_any_more_stops_nobody_else(units: Units) -> None:
    """Empty, it is tried and parked as what nobody understands."""
    await store(units, arrival(1), arrival(2, sender="1003"))
    async with units() as unit:
        first, _second = await unit.inbox.open_items()
        spoilt = update(InboxItem).where(InboxItem.id == first.id).values(payload_sealed=b"spoilt by somebody")
        await unit._session.execute(spoilt)
        unit._session.expire_all()
        assert [item.payload.get("update_id") for item in await unit.inbox.open_items()] == [None, 2]


async def test_handled_means_emptied_and_only_once(units: Units) -> None:
    await store(units, arrival(1))
    (row,) = await cast.rows(units, InboxItem)
    assert "сөз".encode() not in row.payload_sealed
    assert b"1002" not in row.sender
    async with units() as unit:
        assert await unit.inbox.handled(row.id)
        assert not await unit.inbox.handled(row.id)
    (row,) = await cast.rows(units, InboxItem)
    assert (row.payload_sealed, row.outcome, row.handled_at) == (None, "done", units.house.clock.now())
    async with units.reading() as unit:
        assert await unit.inbox.open_items() == []


async def test_a_turn_that_fails_leaves_its_row_open(units: Units) -> None:
    await store(units, arrival(1))
    (row,) = await cast.rows(units, InboxItem)
    with pytest.raises(RuntimeError):
        async with units() as unit:
            await unit.inbox.handled(row.id)
            raise RuntimeError
    async with units.reading() as unit:
        assert [item.id for item in await unit.inbox.open_items()] == [row.id]


async def test_attempts_are_written_down(units: Units) -> None:
    await store(units, arrival(1))
    (row,) = await cast.rows(units, InboxItem)
    for expected in (1, 2, 3):
        async with units() as unit:
            assert await unit.inbox.count_attempt(row.id) == expected
    async with units.reading() as unit:
        assert [item.attempts for item in await unit.inbox.open_items()] == [3]


async def test_the_offset_moves_with_the_rows_or_not_at_all(units: Units) -> None:
    async with units() as unit:
        assert await unit.inbox.remembered("offset:7") == 0
        await unit.inbox.store([arrival(1)], ("offset:7", 2))
    with pytest.raises(RuntimeError):
        async with units() as unit:
            await unit.inbox.store([arrival(2)], ("offset:7", 3))
            raise RuntimeError
    async with units() as unit:
        assert await unit.inbox.remembered("offset:7") == 2
        await unit.inbox.store([], ("offset:7", 9))
        assert await unit.inbox.remembered("offset:7") == 9
    assert len(await cast.rows(units, InboxItem)) == 1


@pytest.mark.parametrize(
    ("update", "sender"),
    [
        ({"update_id": 1, "message": {"from": {"id": 5}, "chat": {"id": -100}}}, "5"),
        ({"update_id": 1, "edited_message": {"from": {"id": 5}}}, "5"),
        ({"update_id": 1, "callback_query": {"from": {"id": 5}, "message": {"chat": {"id": 9}}}}, "5"),
        ({"update_id": 1, "my_chat_member": {"chat": {"id": -100}, "from": {"id": 6}}}, "6"),
        ({"update_id": 1, "channel_post": {"chat": {"id": -100}}}, "-100"),
        ({"update_id": 1, "poll": {"id": "9"}}, "nobody"),
        ({"update_id": 1}, "nobody"),
    ],
)
def test_whose_order_an_update_must_keep(update: dict[str, object], sender: str) -> None:
    found = telegram_arrival(update)
    assert (found.sender, found.external_id, found.messenger) == (sender, "1", Messenger.TELEGRAM)
