"""Where PostgreSQL comes from in tests, and a database of its own for each test, migrated, with the demo department.

KORSHI_TEST_POSTGRES_URL names a running server; without it the wheel `pgserver` starts one; without that the test is
skipped and says why. With CI=true a missing PostgreSQL is an error: a green run must mean both databases.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bot.clock import Clock
from bot.config import QuietHours
from bot.services.territory_files import read_department
from bot.services.unit import House, Units
from bot.store.database import Database
from bot.store.migrate import migrate
from tests.clocks import FakeClock

ZONE = ZoneInfo("Asia/Almaty")
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)  # the department is older than anything a test tells
BACKENDS = ("sqlite", "postgresql")

_numbers = count(1)
_templates: dict[str, str] = {}
_cleaning = ExitStack()  # newest first: the template goes before its server
atexit.register(_cleaning.close)  # pytest-xdist's workers end without it: there `backend` sees to it


@cache
def server_url() -> URL:
    """The server's address. Skips the test aloud where there is none, or fails in CI."""
    named = os.environ.get("KORSHI_TEST_POSTGRES_URL")
    if named:
        return make_url(named)
    try:
        return _own_server()
    except Exception as error:
        return _missing(f"KORSHI_TEST_POSTGRES_URL is not set and pgserver does not start: {error!r}")


def _own_server() -> URL:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pgserver's own; they are not ours to mend
        import pgserver

        folder = tempfile.mkdtemp(prefix="korshi-postgres-")
        server = pgserver.get_server(folder, cleanup_mode="stop")

    _cleaning.callback(shutil.rmtree, folder, ignore_errors=True)
    _cleaning.callback(server.cleanup)
    return make_url(server.get_uri()).set(drivername="postgresql+psycopg")


def _missing(reason: str) -> URL:
    if os.environ.get("CI", "").casefold() in ("1", "true"):
        pytest.fail(f"PostgreSQL is missing, and CI may not go without it: {reason}", pytrace=False)
    pytest.skip(f"no PostgreSQL: {reason}")


@asynccontextmanager
async def new_database(backend: str, folder: Path, *, empty: bool = False) -> AsyncIterator[str]:
    """The address of a database only this test has; `empty` has no tables, else the demo department lives there."""
    if backend == "sqlite":
        if not empty:
            shutil.copy(await _sqlite_template(), folder / "korshi.db")
        yield f"sqlite+aiosqlite:///{folder}/korshi.db"
        return
    source = "template0" if empty else await _postgres_template()
    name = f"korshi_test_{os.getpid()}_{next(_numbers)}"
    await _create(name, source)
    try:
        yield _address(name)
    finally:
        await _drop(name)


def units_on(url: str, clock: Clock, quiet: QuietHours | None = None) -> Units:
    return Units(House(Database(url), clock, ZONE, quiet))


async def _sqlite_template() -> Path:
    if "sqlite" not in _templates:
        folder = Path(tempfile.mkdtemp(prefix="korshi-tests-"))
        _cleaning.callback(shutil.rmtree, folder, ignore_errors=True)
        units = units_on(f"sqlite+aiosqlite:///{folder}/korshi.db", FakeClock(LONG_AGO))
        await _settle_department(units)
        async with units.house.database.writer.connect() as connection:
            await connection.exec_driver_sql("ROLLBACK")
            await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        await units.house.database.close()
        _templates["sqlite"] = str(folder / "korshi.db")
    return Path(_templates["sqlite"])


async def _postgres_template() -> str:
    if "postgresql" not in _templates:
        name = f"korshi_test_{os.getpid()}_demo"
        await _create(name, "template0")
        _cleaning.callback(_drop_template, name)
        units = units_on(_address(name), FakeClock(LONG_AGO))
        await _settle_department(units)
        await units.house.database.close()
        _templates["postgresql"] = name
    return _templates["postgresql"]


def _drop_template(name: str) -> None:
    """At the end, when no event loop is left."""
    import psycopg

    url = server_url().set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


async def _settle_department(units: Units) -> None:
    await migrate(units.house.database)
    async with units() as unit:
        await unit.seeds.sow()
        await unit.territory.load(read_department(Path("demo")))


def _address(name: str) -> str:
    return server_url().set(database=name).render_as_string(hide_password=False)


@asynccontextmanager
async def _administrator() -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(server_url(), isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


async def _create(name: str, source: str) -> None:
    async with _administrator() as connection:
        version = (await connection.scalar(text("SHOW server_version_num"))) or "0"
        quickly = "STRATEGY file_copy" if int(version) >= 150_000 else ""
        await connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{source}" {quickly}'))


async def _drop(name: str) -> None:
    async with _administrator() as connection:
        await connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


# -- fixtures, taken over by the conftest of every folder whose tests need a database


@pytest.fixture(scope="session")
def cleaning() -> Iterator[None]:
    """Leaves no server, no database and no folder behind."""
    yield
    _cleaning.close()


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest, cleaning: None) -> str:
    return str(request.param)


@pytest.fixture
def clock() -> FakeClock:
    """Tuesday, 1 September 2026, 09:00 in Almaty; moved by hand."""
    return FakeClock(auto=False)


@pytest.fixture
async def units(backend: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Units]:
    """The demo department on each database. Quiet hours: none."""
    async with new_database(backend, tmp_path) as url:
        units = units_on(url, clock)
        yield units
        await units.house.database.close()


@pytest.fixture
async def bare(backend: str, tmp_path: Path) -> AsyncIterator[Database]:
    """A database without a single table."""
    async with new_database(backend, tmp_path, empty=True) as url:
        database = Database(url)
        yield database
        await database.close()
