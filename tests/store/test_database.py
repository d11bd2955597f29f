"""Nothing is lost when many write at once."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from bot.services.unit import Units
from bot.store.database import Database
from bot.store.leases import Counter

TIMES = 50


async def test_fifty_increments_at_once_are_fifty(units: Units) -> None:
    database = units.house.database
    async with database.writing() as session:
        session.add(Counter(name="x", value=0))

    async def increment() -> None:
        async with database.writing() as session:
            row = await session.get_one(Counter, "x", with_for_update=True)
            row.value += 1

    await asyncio.gather(*(increment() for _ in range(TIMES)))
    async with database.reading() as session:
        assert await session.scalar(select(Counter.value).where(Counter.name == "x")) == TIMES


async def test_the_drivers_default_setup_would_lose_them(tmp_path: Path) -> None:
    """Why `Database` begins by itself: with the defaults a read and a write are two transactions' worth of trust."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/plain.db")
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER)"))
        await connection.execute(text("INSERT INTO counters VALUES ('x', 0)"))

    everybody_has_read = asyncio.Barrier(5)

    async def increment() -> bool:
        async with AsyncSession(engine) as session:
            value = await session.scalar(text("SELECT value FROM counters"))
            await everybody_has_read.wait()
            try:
                await session.execute(text("UPDATE counters SET value = :value"), {"value": (value or 0) + 1})
                await session.commit()
            except Exception:
                return False
            return True

    done = await asyncio.gather(*(increment() for _ in range(5)))
    async with engine.connect() as connection:
        kept = await connection.scalar(text("SELECT value FROM counters"))
    await engine.dispose()
    assert kept is not None
    assert kept < sum(done)


async def test_sqlite_is_set_up_as_decided(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/new/korshi.db")
    for engine in (database.writer, database.reader):
        async with engine.connect() as connection:
            found = {
                name: (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar()
                for name in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")
            }
        assert found == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 5000, "synchronous": 2}
    await database.close()


async def test_a_writer_begins_immediately_and_a_reader_does_not(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/korshi.db")
    begun: list[str] = []
    for engine in (database.writer, database.reader):
        event.listen(engine.sync_engine, "before_cursor_execute", lambda *args: begun.append(args[2]))
    async with database.writing() as session:
        await session.execute(text("SELECT 1"))
    async with database.reading() as session:
        await session.execute(text("SELECT 1"))
    await database.close()
    assert [statement for statement in begun if statement.startswith("BEGIN")] == ["BEGIN IMMEDIATE", "BEGIN"]


async def test_readers_do_not_wait_for_the_writer(units: Units) -> None:
    database = units.house.database
    async with database.writing() as session:
        session.add(Counter(name="x", value=1))
        await session.flush()
        async with asyncio.timeout(5), database.reading() as other:
            assert await other.scalar(select(Counter.value).where(Counter.name == "x")) is None
    async with database.reading() as session:
        assert await session.scalar(select(Counter.value).where(Counter.name == "x")) == 1


async def test_an_exception_rolls_everything_back(units: Units) -> None:
    with pytest.raises(RuntimeError):
        async with units.house.database.writing() as session:
            session.add(Counter(name="x", value=1))
            await session.flush()
            raise RuntimeError
    async with units.house.database.reading() as session:
        assert await session.get(Counter, "x") is None


async def test_a_cancelled_writer_leaves_the_lock_and_the_connection_usable(units: Units) -> None:
    database, inside = units.house.database, asyncio.Event()

    async def stuck() -> None:
        async with database.writing() as session:
            session.add(Counter(name="x", value=1))
            await session.flush()
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.ensure_future(stuck())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(5), database.writing() as session:
        session.add(Counter(name="x", value=2))
    async with database.reading() as session:
        assert (await session.get_one(Counter, "x")).value == 2


async def test_what_the_log_holds_is_carried_over_beside_the_writers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.database.SAVE_EVERY", 0.01)
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/korshi.db")
    async with database.writing() as session:
        await session.execute(text("CREATE TABLE words (word TEXT)"))
        await session.execute(text("INSERT INTO words VALUES (:word)"), {"word": "x" * 100_000})
    before = (tmp_path / "korshi.db").stat().st_size
    saving = asyncio.create_task(database.keep_saving())
    async with asyncio.timeout(10):
        while (tmp_path / "korshi.db").stat().st_size < before + 100_000:
            async with database.writing() as session:
                await session.execute(text("INSERT INTO words VALUES ('y')"))
    saving.cancel()
    await asyncio.gather(saving, return_exceptions=True)
    await database.close()


async def test_what_need_not_be_synced_is_not_and_all_else_is(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/korshi.db")

    async def level(*, is_synced: bool) -> int | None:
        async with database.writing(is_synced=is_synced) as session:
            return await session.scalar(text("PRAGMA synchronous"))

    full, normal = 2, 1
    assert await level(is_synced=True) == full
    assert await level(is_synced=False) == normal
    with pytest.raises(ZeroDivisionError):
        async with database.writing(is_synced=False) as session:
            await session.execute(text("CREATE TABLE words (word TEXT)"))
            raise ZeroDivisionError
    assert await level(is_synced=True) == full
    async with database.reading() as session:
        assert await session.scalar(text("SELECT count(*) FROM sqlite_master")) == 0
    await database.close()
