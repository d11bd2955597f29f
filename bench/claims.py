"""T11: claiming notices with all that their words need, and marking them sent, beside two bare UPDATEs."""

import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import text

from bench.fanout import warning_row
from bench.rounds import Comparison
from bench.town import Town
from bot.clock import SystemClock
from bot.config import Settings
from bot.services.deliveries import Settlement
from bot.services.unit import House, Units
from bot.setup import key_ring
from bot.store import keys
from bot.store.database import Database
from bot.terms import Messenger, NoticeState, WarningState

ROWS, BATCH, ROUNDS = 2_000, 100, 3
NOTICES = """
    INSERT INTO notices (kind, messenger, lane, talk, resident_id, warning_id, state, due_at, attempts, fence, error)
    SELECT 'warning', 'telegram', 3, id, id, 1, 'due', 0, 0, 0, '' FROM residents WHERE messenger = 'telegram'
"""
CLAIM = """
    UPDATE notices SET state = 'sending', lease_until = 1, fence = fence + 1 WHERE id IN (
        SELECT id FROM notices WHERE state = 'due' AND messenger = 'telegram' ORDER BY lane, due_at, id LIMIT :batch
    ) RETURNING id
"""
MARK = "UPDATE notices SET state = 'sent', lease_until = NULL, sent_at = 1 WHERE state = 'sending'"


async def measure(rows: int = ROWS, rounds: int = ROUNDS) -> Comparison:
    result = Comparison(
        "T11", f"claim and mark, batches of {BATCH}, SQLite", "rows/s", "two bare UPDATEs a batch",
        "≥ 20,000 rows/s of ours",
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="korshi-bench-") as folder:
        town = Town(Path(folder) / "town", rows + 100)
        await town.build()
        settings = Settings(_env_file=None, **town.settings)  # type: ignore[arg-type]
        keys.install(key_ring(settings))
        database = Database(settings.database_url)
        units = Units(House(database, SystemClock(), ZoneInfo(settings.timezone), None))
        async with database.writing() as session:
            author = await session.scalar(text("SELECT min(id) FROM officers"))
            session.add(warning_row(1, author, units.house.clock.now(), WarningState.SENDING))
        for _round in range(rounds):
            result.ours.append(await _timed(database, lambda: _ours(units)))
            result.baseline.append(await _timed(database, lambda: _bare(database)))
        await database.close()
    if sum(result.ours) / len(result.ours) < 20_000:
        result.notes.append(
            "MISSED: a claimed notice is unsealed, sealed and fingerprinted besides, and comes out as an object"
        )
    return result


async def _timed(database: Database, work: Callable[[], Awaitable[int]]) -> float:
    async with database.writing() as session:
        await session.execute(text("DELETE FROM notices"))
        await session.execute(text(NOTICES))
    began = time.perf_counter()
    count = await work()
    return count / (time.perf_counter() - began)


async def _ours(units: Units) -> int:
    """As the courier does: choose, claim, and with the next claims write down what became of the last."""
    count, done = 0, list[Settlement]()
    while True:
        async with units.reading() as unit:
            busy = [item.id for item in done]
            waiting = await unit.deliveries.waiting(Messenger.TELEGRAM, [], 2 * BATCH)
            ready = [item.ready for item in waiting if item.ready and item.id not in busy][:BATCH]
        async with units() as unit:
            await unit.deliveries.settle(done)
            deliveries = await unit.deliveries.claim_ready(ready)
        if not deliveries:
            return count
        count += len(deliveries)
        done = [
            Settlement(item.id, item.fence, NoticeState.SENT, message=str(item.id), messenger=item.messenger)
            for item in deliveries
        ]


async def _bare(database: Database) -> int:
    count = 0
    while True:
        async with database.writing() as session:
            claimed = len((await session.execute(text(CLAIM), {"batch": BATCH})).all())
        async with database.writing() as session:
            await session.execute(text(MARK))
        if not claimed:
            return count
        count += claimed
