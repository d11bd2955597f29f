"""SQLite's driver with one trip to its thread for a statement: making a cursor, running, reading and closing it are
four trips in SQLAlchemy's own, and a trip costs more than a small statement. A BEGIN travels with the statement after
it, and what was never begun is neither committed nor rolled back."""

from collections import deque
from collections.abc import Sequence
from functools import partial
from typing import Any

import aiosqlite
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite import aiosqlite as theirs
from sqlalchemy.util.concurrency import await_

DRIVER = "onetrip"


class _Cursor(theirs.AsyncAdapt_aiosqlite_cursor):
    """Holds what one statement gave; SQLite's own cursor never leaves its thread."""

    __slots__ = ("_told",)
    _adapt_connection: Any

    def __init__(self, adapt_connection: Any) -> None:
        self._adapt_connection, self._connection = adapt_connection, adapt_connection._connection
        self._rows: deque[Any] = deque()
        self._told: tuple[Any, int, Any] = (None, -1, None)

    def execute(self, operation: Any, parameters: Any = None) -> None:
        if operation.startswith("BEGIN") or (operation == "ROLLBACK" and self._adapt_connection._to_begin):
            self._adapt_connection._to_begin = "" if operation == "ROLLBACK" else operation
            await_(_nothing())  # SQLAlchemy takes a statement that awaits nothing for another driver's
            return
        self._trip("execute", operation, () if parameters is None else parameters)

    def executemany(self, operation: Any, seq_of_parameters: Sequence[Any]) -> None:
        self._trip("executemany", operation, seq_of_parameters)

    def _trip(self, how: str, operation: Any, parameters: Any) -> None:
        try:
            await_(self._go(how, operation, parameters))
        except Exception as error:  # noqa: BLE001 - the adapter names it as SQLAlchemy wants it
            self._adapt_connection._handle_exception(error)

    async def _go(self, how: str, operation: Any, parameters: Any) -> None:
        async with self._adapt_connection._execute_mutex:
            begin = self._adapt_connection._begins()
            run = partial(_run, self._connection._conn, begin, how, operation, parameters)
            self._told, rows = await self._connection._execute(run)
        self._rows = deque(rows)

    @property
    def description(self) -> Any:
        return self._told[0]

    @property
    def rowcount(self) -> int:
        return self._told[1]

    @property
    def lastrowid(self) -> Any:
        return self._told[2]

    async def _async_soft_close(self) -> None:
        return

    def close(self) -> None:
        self._rows.clear()


async def _nothing() -> None:
    return


def _run(
    connection: Any, begin: str, how: str, operation: Any, parameters: Any
) -> tuple[tuple[Any, int, Any], list[Any]]:
    cursor = connection.cursor()
    try:
        if begin:
            cursor.execute(begin)
        getattr(cursor, how)(operation, parameters)
        rows = cursor.fetchall() if cursor.description else []
        return (cursor.description, cursor.rowcount, cursor.lastrowid), rows
    finally:
        cursor.close()


async def at_once(connection: Any, begin: str, told: Sequence[tuple[str, Any]]) -> list[Any]:
    """A whole transaction in one trip: its statements, of which a list of values is said for each of them, and its
    commit. What its statements return, together. Whoever is cut off while it is under way does not stop it."""
    return list(await connection._execute(_run_all, connection._conn, begin, told))


def _run_all(connection: Any, begin: str, told: Sequence[tuple[str, Any]]) -> list[Any]:
    cursor, rows = connection.cursor(), []
    try:
        cursor.execute(begin)
        for operation, values in told:
            if isinstance(values, list):
                cursor.executemany(operation, values)
            else:
                rows += cursor.execute(operation, values).fetchall()
        cursor.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            cursor.execute("ROLLBACK")
        raise
    finally:
        cursor.close()
    return rows


class _Connection(theirs.AsyncAdapt_aiosqlite_connection):
    __slots__ = ("_is_begun", "_to_begin")
    _cursor_cls = _Cursor

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._to_begin, self._is_begun = "", False

    def _begins(self) -> str:
        """The BEGIN that the next trip takes along. From then on it counts as begun, whatever becomes of that trip."""
        begin, self._to_begin = self._to_begin, ""
        self._is_begun = self._is_begun or bool(begin)
        return begin

    def commit(self) -> None:
        self._to_begin = ""
        if self._is_begun:
            super().commit()
            self._is_begun = False

    def rollback(self) -> None:
        self._to_begin = ""
        if self._is_begun:
            super().rollback()
            self._is_begun = False


class _Driver(theirs.AsyncAdapt_aiosqlite_dbapi):
    def connect(self, *arguments: Any, **options: Any) -> Any:
        connection: Any = aiosqlite.connect(*arguments, **options)
        connection._thread.daemon = True  # as SQLAlchemy's own does: a forgotten connection must not keep the process
        return _Connection(self, await_(connection))


class Dialect(theirs.SQLiteDialect_aiosqlite):
    driver = DRIVER
    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> Any:
        import sqlite3

        return _Driver(aiosqlite, sqlite3)


registry.register(f"sqlite.{DRIVER}", __name__, "Dialect")
