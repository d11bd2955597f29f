"""Connections. SQLite: one writer behind a fair lock and a pool of readers; PostgreSQL: one pool."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.util.concurrency import greenlet_spawn

from bot.store.prepared import Step, said
from bot.store.trips import DRIVER, at_once

READERS = 4
WRITING = "BEGIN IMMEDIATE"
SAVE_EVERY = 2.0  # seconds between two checkpoints
PRAGMAS = (
    "journal_mode=WAL", "foreign_keys=ON", "busy_timeout=5000", "synchronous=FULL",
    "wal_autocheckpoint=16000",  # pages, 64 MB: a commit that checkpoints holds the lock for all of it
)  # fmt: skip


class _Session(Session):
    """Keeps the rows it has seen until its end. SQLAlchemy's own memory is weak: a row nobody holds is read again."""


@event.listens_for(_Session, "loaded_as_persistent")
@event.listens_for(_Session, "pending_to_persistent")
def _keep(session: Session, row: Any) -> None:
    session.info.setdefault("rows", []).append(row)


class Database:
    """Sessions that write see `BEGIN IMMEDIATE` on SQLite: read-then-write never loses an update."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            Path(self.url.database or "").parent.mkdir(parents=True, exist_ok=True)
            self.writer = _sqlite_engine(url, WRITING, size=1)
            self.reader = _sqlite_engine(url, "BEGIN", size=READERS)
        else:
            self.writer = self.reader = create_async_engine(
                url, pool_size=8, max_overflow=4, pool_pre_ping=True, hide_parameters=True
            )
        self._turn = asyncio.Lock()
        self._is_synced: bool | None = True  # as PRAGMAS say

    @asynccontextmanager
    async def writing(self, *, is_synced: bool = True) -> AsyncIterator[AsyncSession]:
        """One transaction; committed at the end, rolled back on any exception.

        Not `is_synced`: the commit does not wait for the disk. A power cut may take the transaction back, but not when
        one that was synced after it is kept: the log is written in order."""
        if not self.is_sqlite:
            async with _session(self.writer) as session, session.begin():
                if not is_synced:
                    await session.execute(text("SET LOCAL synchronous_commit TO off"))
                yield session
            return
        async with self._turn:
            if is_synced is not self._is_synced:
                await self._sync(is_wanted=is_synced)
            async with _session(self.writer) as session, session.begin():
                yield session

    async def at_once(self, *steps: Step) -> list[Any]:
        """One transaction of prepared statements, told as a whole; the rows they return, together.

        On SQLite it is one trip to the driver's thread, past SQLAlchemy: a session and its statements one by one cost
        more than what they say. Whoever is cut off while it is under way may find it committed all the same."""
        told = said(steps, self.writer.dialect)
        if not self.is_sqlite:
            async with self.writer.begin() as connection:
                found = [await connection.exec_driver_sql(words, values) for words, values in told]
                return [row for result in found if result.returns_rows for row in result]
        async with self._turn:
            if self._is_synced is not True:
                await self._sync(is_wanted=True)
            raw = await self.writer.raw_connection()  # each time from the pool: it knows which are closed
            try:
                return await at_once(raw.driver_connection, WRITING, told)
            finally:
                await greenlet_spawn(raw.close)

    async def _sync(self, *, is_wanted: bool) -> None:
        """Stays so until another is wanted. It can only be changed between transactions."""
        self._is_synced = None  # cut off in the middle: say it anew
        async with self.writer.connect() as connection:
            await connection.exec_driver_sql("ROLLBACK")  # of the BEGIN that was never sent
            await connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if is_wanted else 'NORMAL'}")
        self._is_synced = is_wanted

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        async with _session(self.reader) as session, session.begin():
            yield session

    async def checkpoint(self) -> None:
        """SQLite: carry what the log holds into the file while others write on; a writer's commit would do it inside
        its lock. PostgreSQL does this by itself."""
        if not self.is_sqlite:
            return
        async with self.reader.connect() as connection:
            await connection.exec_driver_sql("ROLLBACK")  # a checkpoint is refused inside a transaction
            await connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")
            await connection.exec_driver_sql("BEGIN")

    async def keep_saving(self) -> None:
        """SQLite: a checkpoint every other second until cancelled, so that none grows large inside a commit."""
        while self.is_sqlite:
            await asyncio.sleep(SAVE_EVERY)
            await self.checkpoint()
        await asyncio.get_running_loop().create_future()

    async def close(self) -> None:
        await self.writer.dispose()
        await self.reader.dispose()


def _session(engine: AsyncEngine) -> AsyncSession:
    return AsyncSession(engine, expire_on_commit=False, sync_session_class=_Session)


def _sqlite_engine(url: str, begin: str, size: int) -> AsyncEngine:
    one_trip = make_url(url).set(drivername=f"sqlite+{DRIVER}")
    engine = create_async_engine(
        one_trip, poolclass=AsyncAdaptedQueuePool, pool_size=size, max_overflow=0, hide_parameters=True
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not open transactions of its own
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine
