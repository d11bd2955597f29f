"""Databases of tests in a hurry: none waits for the disk, and what was compiled for one is not compiled for the next."""

from collections import defaultdict
from typing import Any

from sqlalchemy import event

from bot.store.database import Database


class _Compiled(dict[Any, Any]):
    """Statements as SQLAlchemy has compiled them, whichever engine of this kind of database asks."""

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        _dialect, *what = key
        return super().get(tuple(what), default)

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        _dialect, *what = key
        super().__setitem__(tuple(what), compiled)


_compiled: dict[str, _Compiled] = defaultdict(_Compiled)


def hurried(database: Database) -> Database:
    """The same database: nobody pulls its plug, and nobody measures its first statements."""
    for engine in {database.writer, database.reader}:
        engine.update_execution_options(compiled_cache=_compiled[engine.dialect.name])
        if database.is_sqlite:
            event.listen(engine.sync_engine, "connect", _without_the_disk)
    return database


def _without_the_disk(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF").close()
