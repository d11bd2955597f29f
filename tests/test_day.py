"""A small version of the day of bench/day.py: whatever people do, nothing is lost and every clock is right."""

import shutil
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from bench.day import live
from bot.store.database import Database
from tests.engines import hurried

PEOPLE = 60
TICK = timedelta(minutes=20)


async def test_nothing_is_lost_in_a_day(tmp_path: Path, demo_database: Path) -> None:
    shutil.copy(demo_database, tmp_path / "korshi.db")
    database = hurried(Database(f"sqlite+aiosqlite:///{tmp_path}/korshi.db"))
    try:
        ledger = await live(database, PEOPLE, TICK)
        assert ledger.faults == []
        assert (len(ledger.sent), ledger.checked["holders"], ledger.checked["deadlines"]) == (
            PEOPLE,
            PEOPLE,
            3 * PEOPLE,
        )
        assert ledger.checked["promises"] > 5 * PEOPLE
        assert set(ledger.moves) >= {"silence", "late", "other_precinct"}
        assert ledger.did["reopened"] > 0
        assert ledger.did["answered the question"] > 0
    finally:
        await database.close()


async def test_the_ledger_sees_what_is_wrong(tmp_path: Path, demo_database: Path) -> None:
    """A deadline an hour off, a promise that was not written, a tip that is gone, one that nobody can open."""
    shutil.copy(demo_database, tmp_path / "korshi.db")
    database = hurried(Database(f"sqlite+aiosqlite:///{tmp_path}/korshi.db"))
    try:
        ledger = await live(database, 12, TICK)
        assert ledger.faults == []
        first, second, third = list(ledger.sent)[:3]
        async with database.writing() as session:
            for statement, tip in (
                ("UPDATE tips SET outcome_due_at = coalesce(outcome_due_at, 0) + 3600000000 WHERE id = :tip", first),
                ("DELETE FROM notices WHERE tip_id = :tip", second),
                ("UPDATE tips SET officer_id = (SELECT id FROM officers WHERE badge = 'A-1012'), desk_id = NULL"
                 " WHERE id = :tip", third),
                ("UPDATE officers SET is_active = 0 WHERE badge = 'A-1012' AND :tip > 0", third),
            ):  # fmt: skip
                await session.execute(text(statement), {"tip": tip})
        ledger.sent[1] = 1  # of which nothing is there
        ledger.wrong.clear()
        async with database.reading() as session:
            await ledger.look(session)
        assert {what for what, found in ledger.wrong.items() if found} == {"lost", "holder", "deadline", "promise"}
    finally:
        await database.close()
