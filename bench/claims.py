"""T11: the courier's round on the database: read ahead, claim, write down what became of it, beside two bare UPDATEs.

The code is the product's own (`courier.queue`, `Units.turn_over`); only the call in between is left out. Batches of 100
for the target, and of seven as the courier's are. On PostgreSQL too where KORSHI_TEST_POSTGRES_URL names a server.
"""

import gc
import os
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, insert, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from bench.fanout import AUTHOR, warning_row
from bench.rounds import Comparison, spread
from bot.clock import SystemClock
from bot.courier.engine import GATHERED
from bot.courier.queue import Queue
from bot.services.deliveries import Settlement
from bot.services.unit import House, Units
from bot.store import keys
from bot.store.base import UtcDateTime, seal
from bot.store.database import Database
from bot.store.endpoints import Endpoint
from bot.store.migrate import migrate
from bot.store.officers import Officer
from bot.store.residents import Resident
from bot.terms import Lane, Messenger, NoticeState, WarningState

ROWS, BATCH, ROUNDS = 3_000, 100, 3
WANTED = {"SQLite": 20_000, "PostgreSQL": 15_000}
POSTGRES = "KORSHI_TEST_POSTGRES_URL"
NOTICES = """
    INSERT INTO notices (kind, messenger, lane, talk, resident_id, warning_id, state, due_at, attempts, fence, error)
    SELECT 'warning', 'telegram', 3, id, id, 1, 'due', :now, 0, 0, '' FROM residents ORDER BY id
"""
CLAIM = """
    UPDATE notices SET state = 'sending', lease_until = :now, fence = fence + 1 WHERE id IN (
        SELECT id FROM notices WHERE warning_id = 1 AND messenger = 'telegram' AND state = 'due' AND kind = 'warning'
        ORDER BY due_at, id LIMIT :batch
    ) RETURNING id
"""
MARK = "UPDATE notices SET state = 'sent', lease_until = NULL, sent_at = :now WHERE state = 'sending'"
RANDOM = {"SQLite": "randomblob(32)", "PostgreSQL": "sha256(CAST(CAST(id AS TEXT) AS BYTEA))"}
GONE = """
    UPDATE notices
    SET state = 'sent', fence = 1, sent_at = :now, seal_id = id, ref = {random}, message_sealed = {random}
    WHERE id IN (SELECT id FROM notices ORDER BY id LIMIT :some OFFSET :first)
"""


@dataclass
class _Pacer:
    rate: float = 1e6

    def waiting(self, _lane: Lane) -> int:
        return 0


@dataclass
class _Open:
    """A channel that has a slot for everybody."""

    messenger: Messenger = Messenger.TELEGRAM
    pacer: _Pacer = field(default_factory=_Pacer)

    def ready_in(self, _address: str, _lane: Lane, *, is_group: bool) -> float:
        return 0.0


async def measure(rows: int = ROWS, rounds: int = ROUNDS, most: int = 0) -> list[str]:
    """`most`: notices in the table when the first and the last of them are claimed; 0 leaves that out."""
    lines: list[str] = []
    for name in WANTED:
        if name == "PostgreSQL" and not os.environ.get(POSTGRES):
            lines.append(f"T11  not on PostgreSQL: {POSTGRES} names none")
            continue
        async with _database(name) as database:
            units = Units(House(database, SystemClock(), ZoneInfo("Asia/Almaty"), None))
            await _people(units, rows)
            gc.collect()
            gc.freeze()  # as the product does when it is ready
            for batch in (BATCH, GATHERED):
                lines += await _compare(units, name, batch, rounds)
        if most:
            async with _database(name) as database:
                units = Units(House(database, SystemClock(), ZoneInfo("Asia/Almaty"), None))
                lines += await _decay(units, name, most, rows)
    return lines


async def _compare(units: Units, name: str, batch: int, rounds: int) -> list[str]:
    wanted = f"≥ {WANTED[name]:,} rows/s of ours" if batch == BATCH else "nothing"
    what = f"read ahead, claim and mark, batches of {batch}, {name}"
    result, costs = Comparison("T11", what, "rows/s", "two bare UPDATEs a batch", wanted), list[float]()
    for _round in range(rounds):
        await _fill(units)
        began = time.process_time()
        result.ours.append(await _timed(lambda: _ours(units, batch)))
        costs.append((time.process_time() - began) / await _count(units) * 1e6)
        await _fill(units)
        result.baseline.append(await _timed(lambda: _bare(units, batch)))
    result.notes.append(f"CPU of ours, the server's not counted: {spread(costs, 'µs a row')}")
    if batch == BATCH:
        is_met = sorted(result.ours)[rounds // 2] >= WANTED[name]
        result.notes.append("met" if is_met else "MISSED")
    return result.lines()


async def _decay(units: Units, name: str, most: int, rows: int) -> list[str]:
    """The rate while nearly all of `most` are still due, and when nearly all of them have left."""
    await _people(units, most, with_a_place=rows)
    await _fill(units)
    first = await _timed(lambda: _ours(units, BATCH, rows // 2))
    now = units.house.clock.now()
    for start in range(rows // 2, most - rows // 2, 100_000):
        some = min(100_000, most - rows // 2 - start)
        await _say(units, GONE.format(random=RANDOM[name]), now=now, some=some, first=start)
        await units.house.database.checkpoint()
    last = await _timed(lambda: _ours(units, BATCH, rows // 2))
    return [
        f"T11  the same with {most:,} notices in the table, {name}: {first:,.0f} rows/s while they are due, "
        f"{last:,.0f} when all but the last {rows // 2:,} have left (× {last / first:.2f})"
    ]


async def _timed(work: Callable[[], Awaitable[int]]) -> float:
    began = time.perf_counter()
    count = await work()
    return count / (time.perf_counter() - began)


async def _ours(units: Units, batch: int, most: int | None = None) -> int:
    """As the courier does: choose, and with the next claims write down what became of the last."""
    queue, count, done = Queue(_Open(), units), 0, list[Settlement]()  # type: ignore[arg-type]
    busy: dict[int, int] = {}
    while True:
        await queue.look_ahead(busy)
        chosen = queue.choose(batch, busy, 0) if most is None or count < most else []
        if not chosen and not done:
            return count
        claimed = await units.turn_over(done, [item.ready for item in chosen if item.ready is not None])
        count += len(claimed)
        busy = {item.talk: item.id for item in claimed}
        done = [
            Settlement(item.id, item.fence, NoticeState.SENT, message=str(item.id), messenger=item.messenger)
            for item in claimed
        ]


async def _bare(units: Units, batch: int) -> int:
    count, now = 0, units.house.clock.now()
    while True:
        claimed = await _say(units, CLAIM, batch=batch, now=now)
        await _say(units, MARK, now=now)
        if not claimed:
            return count
        count += len(claimed)


# -- what it is measured on


@asynccontextmanager
async def _database(name: str) -> AsyncIterator[Database]:
    keys.install(keys.KeyRing([b"k" * 32], b"p" * 32))
    with tempfile.TemporaryDirectory(prefix="korshi-bench-") as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'korshi.db'}"
        server = create_async_engine(os.environ.get(POSTGRES, url), isolation_level="AUTOCOMMIT")
        own = f"korshi_bench_{os.getpid()}"
        if name == "PostgreSQL":
            async with server.connect() as connection:
                await connection.execute(text(f"CREATE DATABASE {own}"))
            url = make_url(os.environ[POSTGRES]).set(database=own).render_as_string(hide_password=False)
        database = Database(url)
        try:
            await migrate(database)
            yield database
        finally:
            await database.close()
            if name == "PostgreSQL":
                async with server.connect() as connection:
                    await connection.execute(text(f"DROP DATABASE {own}"))
            await server.dispose()


async def _people(units: Units, rows: int, with_a_place: int | None = None) -> None:
    """The first and the last `with_a_place` / 2 can be written to, the others only fill the tables."""
    now, half = units.house.clock.now(), (with_a_place or rows) // 2
    reached = [n for n in range(1, rows + 1) if n <= half or n > rows - half] if with_a_place else range(1, rows + 1)
    async with units.house.database.writing() as session:
        for start in range(1, rows + 1, 100_000):
            some = range(start, min(start + 100_000, rows + 1))
            await session.execute(
                insert(Resident),
                [
                    {"id": n, "endpoint_id": n, "language": "kk", "messenger": "telegram", "created_at": now}
                    for n in some
                ],
            )
        await session.execute(insert(Endpoint), [_place(n, now) for n in reached])
        session.add(Officer(id=AUTHOR, badge="BENCH", name_kk="", name_ru="", rank_kk="", rank_ru=""))
        await session.flush()
        session.add(warning_row(1, AUTHOR, now, WarningState.SENDING))


def _person(number: int, now: Any) -> dict[str, Any]:
    return {"id": number, "endpoint_id": number, "language": "kk", "messenger": "telegram", "created_at": now}


def _place(number: int, now: Any) -> dict[str, Any]:
    return {
        "id": number,
        "messenger": "telegram",
        "fingerprint": number.to_bytes(32, "big"),
        "address_sealed": seal(Endpoint, "address", number, str(30_000 + number)),
        "resident_id": number,
        "state": "open",
        "state_reason": "",
        "misses": 0,
        "heard_at": now,
    }


async def _fill(units: Units) -> None:
    await _say(units, "DELETE FROM notices")
    await _say(units, NOTICES, now=units.house.clock.now())
    await units.house.database.checkpoint()
    if not units.house.database.is_sqlite:
        async with units.house.database.writer.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("VACUUM ANALYZE notices"))


async def _say(units: Units, words: str, **values: Any) -> list[Any]:
    statement = text(words)
    if "now" in values:
        statement = statement.bindparams(bindparam("now", type_=UtcDateTime()))
    async with units.house.database.writing() as session:
        result = await session.execute(statement, values)
        return list(result.all()) if result.returns_rows else []  # type: ignore[attr-defined]


async def _count(units: Units) -> int:
    async with units.reading() as unit:
        return int(await unit._session.scalar(text("SELECT count(*) FROM notices")) or 1)
