"""A prepared statement says on each database what SQLAlchemy says of the same one, and many of them are one whole."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from sqlalchemy import Table, bindparam, event, insert, select, text, update

from bot.services.unit import Units
from bot.store.leases import Counter, Lease
from bot.store.prepared import Prepared, among
from bot.terms import Lane

COUNTERS: Table = Counter.__table__  # type: ignore[assignment]
LEASES: Table = Lease.__table__  # type: ignore[assignment]
ADD = Prepared(insert(COUNTERS).values(name=bindparam("as_name"), value=bindparam("first")))
RAISE = Prepared(
    update(COUNTERS)
    .where(among(COUNTERS.c.value, "old"), ~among(COUNTERS.c.value, "not_these"))
    .values(value=COUNTERS.c.value + Lane.URGENT)
    .returning(COUNTERS.c.name, COUNTERS.c.value)
)
KEEP = Prepared(
    insert(LEASES)
    .values(name=bindparam("as_name"), holder="me", fence=1, until=bindparam("till"))
    .returning(LEASES.c.name)
)


async def counted(units: Units) -> dict[str, int]:
    async with units.house.database.reading() as session:
        return dict((await session.execute(select(COUNTERS.c.name, COUNTERS.c.value))).all())


def rows(*values: int) -> list[dict[str, object]]:
    return [{"as_name": f"c{value}", "first": value} for value in values]


async def test_many_rows_and_then_what_a_statement_returns(units: Units) -> None:
    told = await units.house.database.at_once(
        (ADD, rows(10, 20, 30)),
        (RAISE, {"old": [10, 20, 99], "not_these": [20]}),
        (RAISE, {"old": [30], "not_these": []}),
    )
    step = int(Lane.URGENT)
    assert [tuple(row) for row in told] == [("c10", 10 + step), ("c30", 30 + step)]
    assert await counted(units) == {"c10": 10 + step, "c20": 20, "c30": 30 + step}


async def test_times_are_kept_as_everywhere(units: Units) -> None:
    moment = datetime(2026, 9, 1, 4, 0, 0, 250_000, tzinfo=UTC)
    await units.house.database.at_once((KEEP, {"as_name": "a", "till": moment}))
    async with units.house.database.reading() as session:
        assert (await session.get_one(Lease, "a")).until == moment


async def test_all_of_it_or_nothing(units: Units) -> None:
    with pytest.raises(Exception, match=r"(?i)unique"):
        await units.house.database.at_once((ADD, rows(10, 20)), (ADD, rows(10)))
    assert await counted(units) == {}
    await units.house.database.at_once((ADD, rows(10)))  # and the connection is as good as before
    async with units.house.database.writing() as session:
        await session.execute(update(COUNTERS).values(value=5))
    assert await counted(units) == {"c10": 5}


async def test_the_words_are_the_same_for_any_number_of_ids(units: Units) -> None:
    """What is worded anew each time is parsed and planned anew each time."""
    asked: list[str] = []
    engine = units.house.database.reader.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    for ids in ([], [1], list(range(200))):
        async with units.house.database.reading() as session:
            await session.execute(select(COUNTERS.c.name).where(among(COUNTERS.c.value, "ids")), {"ids": ids})
    assert len({words for words in asked if "counters" in words}) == 1


async def test_it_is_worded_once_for_each_database(units: Units) -> None:
    dialect = units.house.database.writer.dialect
    assert RAISE.worded(dialect) is RAISE.worded(dialect)
    assert RAISE.worded(dialect).values({"old": [1], "not_these": []})["value_1"] == int(Lane.URGENT)


async def test_after_what_need_not_reach_the_disk_it_does_again(units: Units) -> None:
    """A claim must survive the power cut that its message survives."""
    database = units.house.database
    async with database.writing(is_synced=False) as session:
        await session.execute(insert(COUNTERS).values(name="x", value=1))
    await database.at_once((ADD, rows(10)))
    if database.is_sqlite:
        async with database.writing() as session:
            assert await session.scalar(text("PRAGMA synchronous")) == 2


async def test_a_session_that_was_cut_off_takes_no_connection_with_it(units: Units) -> None:
    """SQLAlchemy closes the connection of a statement whose caller is gone: what follows needs another."""
    database = units.house.database

    async def write() -> None:
        async with database.writing() as session:
            await session.execute(update(COUNTERS).values(value=1))
            await session.execute(update(COUNTERS).values(value=2))

    for steps in range(1, 12):
        writing = asyncio.ensure_future(write())
        for _ in range(steps):
            await asyncio.sleep(0)
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing
        async with asyncio.timeout(20):
            await database.at_once((ADD, rows(steps)))
    assert set(await counted(units)) >= {f"c{steps}" for steps in range(1, 12)}
