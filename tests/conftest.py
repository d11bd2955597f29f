"""Databases, keys and the stage."""

import os
import ssl
from collections.abc import AsyncIterator, Iterator
from functools import cache
from pathlib import Path

import pytest
import structlog

import bot.services.tips.codes
from bot.clock import SystemClock
from bot.services.territory_files import read_department
from bot.services.unit import House, Units
from bot.store import keys
from bot.store.database import Database
from bot.store.migrate import migrate
from tests.stage import Stage, settings_for, staged

structlog.configure(  # a traceback with everything in it takes seconds
    processors=[
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)

ssl.create_default_context = cache(ssl.create_default_context)  # each bot reads all certificates: 30 ms and more
bot.services.tips.codes._COST["n"] = 16  # nobody tries codes here: thirty-two are hashed at each start, one a tip

for name in [name for name in os.environ if name.startswith("KORSHI_") and not name.startswith("KORSHI_TEST")]:
    del os.environ[name]


@pytest.fixture(scope="session", autouse=True)
def key_ring() -> keys.KeyRing:
    ring = keys.KeyRing([b"k" * 32], b"p" * 32)
    keys.install(ring)
    return ring


@pytest.fixture(scope="session")
async def demo_database(tmp_path_factory: pytest.TempPathFactory, key_ring: keys.KeyRing) -> Path:
    """A migrated, seeded SQLite file with the demo department, to be copied."""
    folder = tmp_path_factory.mktemp("demo")
    settings = settings_for(folder, "http://127.0.0.1:1", 1)
    database = Database(settings.database_url)
    await migrate(database)
    units = Units(House(database, SystemClock(), settings.zone, settings.quiet_hours))
    async with units() as unit:
        await unit.seeds.sow()
        await unit.territory.load(read_department(Path("demo")))
    async with database.writer.connect() as connection:
        await connection.exec_driver_sql("ROLLBACK")
        await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    await database.close()
    return folder / "korshi.db"


@pytest.fixture(scope="session")
async def stage(tmp_path_factory: pytest.TempPathFactory, demo_database: Path) -> AsyncIterator[Stage]:
    """One Korshi for all conversations; each brings its own people."""
    async with staged(tmp_path_factory.mktemp("stage"), demo_database) as stage:
        yield stage


@pytest.fixture(autouse=True)
def _same_keys(key_ring: keys.KeyRing) -> Iterator[None]:
    """A test that changes them does it for itself: the stage of all others goes on under its own."""
    keys.install(key_ring)
    yield
    keys.install(key_ring)
