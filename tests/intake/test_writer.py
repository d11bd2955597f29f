"""Group commit: together when it goes well, one by one when it does not, and everybody is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import event, text

from bot.intake.gathering import BATCH
from bot.intake.writer import InboxWriter
from bot.services.inbox import Arrival, Item
from bot.services.unit import Units
from bot.store.inbox import InboxItem
from bot.terms import Messenger
from tests.services import cast


def arrival(number: int, **payload: Any) -> Arrival:
    return Arrival(Messenger.TELEGRAM, str(number), "1002", {"update_id": number, **payload})


@pytest.fixture
async def taken() -> list[Item]:
    return []


@pytest.fixture
async def writer(units: Units, taken: list[Item]) -> AsyncIterator[InboxWriter]:
    writer = InboxWriter(units, taken.extend)
    work = asyncio.ensure_future(writer.run())
    yield writer
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work


async def test_what_waits_is_one_transaction(units: Units, writer: InboxWriter, taken: list[Item]) -> None:
    begun: list[str] = []
    event.listen(units.house.database.writer.sync_engine, "before_cursor_execute", lambda *a: begun.append(a[2]))
    await asyncio.gather(*(writer.store(arrival(number)) for number in range(BATCH)))
    assert [item.payload["update_id"] for item in taken] == list(range(BATCH))
    assert len([statement for statement in begun if statement.startswith("BEGIN")]) <= 2


async def test_one_that_cannot_be_stored_costs_the_others_nothing(
    units: Units, writer: InboxWriter, taken: list[Item]
) -> None:
    async with units.house.database.writing() as session:
        await session.execute(
            text(
                "CREATE TRIGGER poison BEFORE INSERT ON inbox WHEN NEW.external_id = '5'"
                " BEGIN SELECT RAISE(ABORT, 'poison'); END"
            )
        )
    results = await asyncio.gather(*(writer.store(arrival(n)) for n in range(9)), return_exceptions=True)
    assert [type(result) for result in results] == [type(None)] * 5 + [ConnectionError] + [type(None)] * 3
    assert len(await cast.rows(units, InboxItem)) == 8
    assert [item.payload["update_id"] for item in taken] == [0, 1, 2, 3, 4, 6, 7, 8]
    await writer.store(arrival(9))


async def test_who_is_told_stored_finds_the_row_in_the_table(units: Units, writer: InboxWriter) -> None:
    await writer.store(arrival(1))
    assert len(await cast.rows(units, InboxItem)) == 1


async def test_a_poll_is_stored_with_its_offset(units: Units, writer: InboxWriter, taken: list[Item]) -> None:
    await writer.store_batch([arrival(1), arrival(2)], ("offset:1", 3))
    async with units.reading() as unit:
        assert await unit.inbox.remembered("offset:1") == 3
    assert len(taken) == 2


async def test_a_caller_who_left_does_not_stop_the_writer(writer: InboxWriter, taken: list[Item]) -> None:
    impatient = asyncio.ensure_future(writer.store(arrival(1)))
    await asyncio.sleep(0)
    impatient.cancel()
    await writer.store(arrival(2))
    assert [item.payload["update_id"] for item in taken] == [1, 2]
