"""Where PostgreSQL comes from in tests, and a fresh database for each test, with the demo department in it.

KORSHI_TEST_POSTGRES_URL names a running server; without it the wheel `pgserver` starts one; without that the test is
skipped and says why. With CI=true a missing PostgreSQL is an error: a green run must mean both databases.
"""

import atexit
import os
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.clock import Clock
from bot.config import QuietHours
from bot.services.territory_files import read_department
from bot.services.unit import House, Units
from bot.store import Base
from bot.store.database import Database
from bot.store.migrate import migrate
from tests.clocks import FakeClock
from tests.engines import hurried

ZONE = ZoneInfo("Asia/Almaty")
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)  # the department is older than anything a test tells
BACKENDS = ("sqlite", "postgresql")

_numbers = count(1)
_departments: dict[str, str] = {}
_cleaning = ExitStack()  # newest first: a database goes before its server
atexit.register(_cleaning.close)  # pytest-xdist's workers end without it: there `cleaning` sees to it


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
            shutil.copy(await _sqlite_department(), folder / "korshi.db")
        yield f"sqlite+aiosqlite:///{folder}/korshi.db"
    elif empty:
        name = _create(f"korshi_test_{os.getpid()}_{next(_numbers)}")
        yield _address(name)
        _drop(name)
    else:
        name = await _postgres_department()
        await _restore(name)
        yield _address(name)


def units_on(url: str, clock: Clock, quiet: QuietHours | None = None) -> Units:
    return Units(House(hurried(Database(url)), clock, ZONE, quiet))


async def _sqlite_department() -> str:
    """A file to be copied."""
    if "sqlite" not in _departments:
        folder = Path(tempfile.mkdtemp(prefix="korshi-tests-"))
        _cleaning.callback(shutil.rmtree, folder, ignore_errors=True)
        units = units_on(f"sqlite+aiosqlite:///{folder}/korshi.db", FakeClock(LONG_AGO))
        await _settle(units)
        async with units.house.database.writer.connect() as connection:
            await connection.exec_driver_sql("ROLLBACK")
            await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        await units.house.database.close()
        _departments["sqlite"] = str(folder / "korshi.db")
    return _departments["sqlite"]


async def _postgres_department() -> str:
    """One database for this process. How its tables looked at first lies beside them, in the schema `first`."""
    if "postgresql" not in _departments:
        name = _create(f"korshi_test_{os.getpid()}_demo")
        units = units_on(_address(name), FakeClock(LONG_AGO))
        await _settle(units)
        async with units.house.database.writer.begin() as connection:
            await connection.execute(text("CREATE SCHEMA first"))
            for table in Base.metadata.sorted_tables:
                await connection.execute(text(f"CREATE TABLE first.{table.name} AS TABLE public.{table.name}"))
        await units.house.database.close()
        _departments["postgresql"] = name
    return _departments["postgresql"]


async def _restore(name: str) -> None:
    """As it was at first. A database of its own for each test, or `TRUNCATE`, would make new files for each table."""
    engine = create_async_engine(_address(name))
    async with engine.begin() as connection:
        raw = await connection.get_raw_connection()
        assert raw.driver_connection is not None
        await raw.driver_connection.execute(_as_at_first())
    await engine.dispose()


@cache
def _as_at_first() -> str:
    """One script: nobody else is connected, and no foreign key looks while rows go and come."""
    script = [
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid();"
        "SET LOCAL session_replication_role = replica;"
    ]
    for table in Base.metadata.sorted_tables:
        columns = ", ".join(f'"{column.name}"' for column in table.columns)
        script.append(
            f"DELETE FROM public.{table.name};"  # noqa: S608
            f"INSERT INTO public.{table.name} ({columns}) SELECT {columns} FROM first.{table.name};"
        )
    return "".join(script)


async def _settle(units: Units) -> None:
    await migrate(units.house.database)
    async with units() as unit:
        await unit.seeds.sow()
        await unit.territory.load(read_department(Path("demo")))


def _address(name: str) -> str:
    return server_url().set(database=name).render_as_string(hide_password=False)


def _create(name: str) -> str:
    """Dropped at the end at the latest. Its commits do not wait for the disk: nothing in it must outlive the run."""
    _as_administrator(f'CREATE DATABASE "{name}" TEMPLATE template0')
    _cleaning.callback(_drop, name)
    _as_administrator(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    return name


def _drop(name: str) -> None:
    _as_administrator(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _as_administrator(statement: str) -> None:
    engine = create_engine(server_url(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


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
