"""One trip to SQLite's thread for a statement; what a statement gives is what SQLAlchemy's own driver gives."""

import asyncio
from contextlib import suppress
from pathlib import Path

import aiosqlite
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from bot.store.database import Database


@pytest.fixture
async def database(tmp_path: Path) -> Database:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/trips.db")
    async with database.writing() as session:
        await session.execute(text("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT UNIQUE)"))
    return database


async def test_rows_counts_and_ids(database: Database) -> None:
    async with database.writing() as session:
        many = [{"name": "бір"}, {"name": "екі"}, {"name": "үш"}]
        await session.execute(text("INSERT INTO things (name) VALUES (:name)"), many)
        told = await session.execute(text("UPDATE things SET name = name || '!' WHERE id < 3 RETURNING id, name"))
        assert sorted(told.all()) == [(1, "бір!"), (2, "екі!")]
        changed = await session.execute(text("UPDATE things SET name = name WHERE id > 1"))
        assert changed.rowcount == 2  # type: ignore[attr-defined]
        nothing = await session.execute(text("SELECT id FROM things WHERE id > 9"))
        assert nothing.first() is None
    await database.close()


async def test_errors_have_their_names_and_leave_the_connection_usable(database: Database) -> None:
    add = text("INSERT INTO things (name) VALUES ('бір')")
    async with database.writing() as session:
        await session.execute(add)
    with pytest.raises(IntegrityError):
        async with database.writing() as session:
            await session.execute(add)
    with pytest.raises(OperationalError):
        async with database.writing() as session:
            await session.execute(text("SELECT nothing FROM nowhere"))
    async with database.reading() as session:
        assert await session.scalar(text("SELECT count(*) FROM things")) == 1
    await database.close()


async def test_a_small_transaction_is_one_trip_a_statement(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async with database.writing() as session:
        await session.execute(text("SELECT 1"))
    async with database.writer.connect() as connection:
        ours = (await connection.get_raw_connection()).driver_connection
    trips: list[object] = []
    go = aiosqlite.Connection._execute

    async def counted(self: aiosqlite.Connection, *arguments: object, **options: object) -> object:
        if self is ours:
            trips.append(arguments[0])
        return await go(self, *arguments, **options)

    monkeypatch.setattr(aiosqlite.Connection, "_execute", counted)
    async with database.writing() as session:
        await session.execute(text("SELECT id FROM things"))
        await session.execute(text("UPDATE things SET name = 'бір'"))
    assert len(trips) == 3  # begin goes with the first of two statements; commit
    trips.clear()
    async with database.writing():
        pass
    assert trips == []
    await database.close()


async def test_what_was_cut_off_in_the_middle_is_rolled_back(database: Database) -> None:
    """The thread goes on with a statement whose caller is gone: the BEGIN in front of it must not outlive it."""
    add = text("INSERT INTO things (name) VALUES (:name)")

    async def write(name: str) -> None:
        async with database.writing() as session:
            await session.execute(add, {"name": name})
            await asyncio.sleep(0)

    for steps in range(12):
        writing = asyncio.ensure_future(write(f"cut {steps}"))
        for _ in range(steps):
            await asyncio.sleep(0)
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing
    await write("whole")
    async with database.reading() as session:
        names = (await session.scalars(text("SELECT name FROM things"))).all()
    assert "whole" in names
    await database.close()


async def test_two_writers_cannot_both_read_before_they_write(tmp_path: Path, database: Database) -> None:
    """BEGIN IMMEDIATE takes the lock with the first statement, also when that only reads."""
    other = Database(f"sqlite+aiosqlite:///{tmp_path}/trips.db")
    async with other.writer.connect() as connection:
        await connection.exec_driver_sql("PRAGMA busy_timeout = 1")
    async with database.writing() as session:
        await session.scalar(text("SELECT count(*) FROM things"))
        with pytest.raises(OperationalError, match="locked"):
            async with other.writing() as second:
                await second.scalar(text("SELECT count(*) FROM things"))
    await other.close()
    await database.close()
