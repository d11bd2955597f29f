"""T10: a warning's notices written in chunks, beside one bare INSERT … SELECT; and the longest lock on the database."""

import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import insert, text

from bench.rounds import Comparison
from bot.clock import SystemClock
from bot.fanout import FanOut
from bot.services.unit import House, Units
from bot.services.warnings.spreading import COLUMNS, people_of
from bot.store import keys
from bot.store.database import Database
from bot.store.migrate import migrate
from bot.store.notices import Notice
from bot.store.officers import Officer
from bot.store.warnings import Warning
from bot.terms import WarningState

ROWS, ROUNDS = 1_000_000, 3
AUTHOR = 1
RESIDENTS = """
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :rows)
    INSERT INTO residents (id, language, messenger, consent_version, created_at)
    SELECT n, CASE n % 2 WHEN 0 THEN 'kk' ELSE 'ru' END, 'telegram', '1', 0 FROM numbers
"""
SUBSCRIPTIONS = "INSERT INTO subscriptions (resident_id, topic, since) SELECT id, 'warnings', 0 FROM residents"


async def measure(
    rows: int = ROWS, rounds: int = ROUNDS, *, locks: list[float] | None = None, firsts: list[float] | None = None
) -> Comparison:
    """`locks` gets the milliseconds of each chunk's lock, sorted; `firsts` the seconds until the first is written."""
    result = Comparison(
        "T10", f"fan-out to {rows:,} residents, SQLite", "s", "one INSERT … SELECT", "≤ 1.15", is_met=_is_met
    )
    locks = [] if locks is None else locks
    firsts = [] if firsts is None else firsts
    keys.install(keys.KeyRing([b"k" * 32], b"p" * 32))
    with tempfile.TemporaryDirectory(prefix="korshi-bench-") as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'korshi.db'}")
        await migrate(database)
        async with database.writing() as session:
            await session.execute(text(RESIDENTS), {"rows": rows})
            await session.execute(text(SUBSCRIPTIONS))
        units = Units(House(database, SystemClock(), ZoneInfo("Asia/Almaty"), None))
        for number in range(1, rounds + 1):
            result.ours.append(await _spread(database, units, number * 2, locks, firsts))
            await _empty(database)
            result.baseline.append(await _bare(database, units, number * 2 + 1))
            await _empty(database)
        await database.close()
    locks.sort()
    few = ", ".join(f"p{part} {locks[len(locks) * part // 100]:.0f}" for part in (50, 95, 99))
    result.notes.append(f"{len(locks)} locks, commit included, ms: {few}, longest {locks[-1]:.0f}; ≤ 50 wanted")
    return result


def _is_met(ratio: float) -> bool:
    return ratio <= 1.15


def warning_row(number: int, author: int, now: datetime, state: WarningState) -> Warning:
    """To everybody, from now on."""
    return Warning(
        id=number,
        code=f"B{number}",
        author_id=author,
        text_kk="Ескерту",
        text_ru="Внимание",
        audience={"all": True},
        state=state,
        created_at=now,
        audience_at=now,
        due_at=now,
        is_urgent=True,
        expires_at=now + timedelta(days=3),
        cursor_chat=0,
        cursor_resident=0,
    )


async def _spread(database: Database, units: Units, warning_id: int, locks: list[float], firsts: list[float]) -> float:
    """Seconds for all chunks, each its own transaction."""
    async with database.writing() as session:
        if await session.get(Officer, AUTHOR) is None:
            session.add(Officer(id=AUTHOR, badge="BENCH", name_kk="", name_ru="", rank_kk="", rank_ru=""))
            await session.flush()
        session.add(warning_row(warning_id, AUTHOR, units.house.clock.now(), WarningState.SPREADING))
    fan_out, bells = FanOut(units, _always), list[float]()
    began = time.perf_counter()
    units.on("notices", lambda: bells.append(time.perf_counter() - began))
    locks.extend(lock * 1000 for lock in await fan_out.spread(warning_id))
    took = time.perf_counter() - began
    firsts.append(bells[0])
    return took


async def _bare(database: Database, units: Units, warning_id: int) -> float:
    """Seconds for the same rows by the same statement, at once."""
    async with database.writing() as session:
        session.add(warning_row(warning_id, AUTHOR, units.house.clock.now(), WarningState.SPREADING))
    async with units.reading() as unit:
        plan = await unit.warnings.plan(warning_id)
    if plan is None:
        raise RuntimeError("there is nothing to write")
    began = time.perf_counter()
    async with database.writing() as session:
        await session.execute(insert(Notice).from_select(COLUMNS, people_of(plan)))
    return time.perf_counter() - began


async def _always() -> bool:
    return True


async def _empty(database: Database) -> None:
    async with database.writing() as session:
        await session.execute(text("DELETE FROM notices"))
    async with database.writer.connect() as connection:
        await connection.exec_driver_sql("ROLLBACK")
        await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
