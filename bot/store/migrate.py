"""Brings the schema to the newest revision, or back to an older one."""

from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bot.store.database import Database
from bot.store.head import MIGRATIONS


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


async def migrate(database: Database, revision: str = "head") -> None:
    """Up, or down to an older revision ("base": nothing)."""

    def run(connection: Connection) -> None:
        _run(connection, revision)

    async with database.writer.begin() as connection:
        await connection.run_sync(run)


def _run(connection: Connection, revision: str) -> None:
    config = _config(connection)
    going_down = revision == "base" or revision in _ancestors(connection)
    action: Any = command.downgrade if going_down else command.upgrade
    action(config, revision)


def _ancestors(connection: Connection) -> set[str]:
    current = MigrationContext.configure(connection).get_current_revision()
    if current is None:
        return set()
    script = ScriptDirectory.from_config(_config())
    return {item.revision for item in script.iterate_revisions(current, "base")} - {current}


def make_revision(connection: Connection, message: str, revision_id: str) -> None:
    """For developers: a new revision from the difference between tables and database."""
    command.revision(_config(connection), message=message, rev_id=revision_id, autogenerate=True)
