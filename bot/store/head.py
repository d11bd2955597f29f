"""Whether the schema is the newest. Readiness asks every few seconds, so without Alembic, which runs every revision."""

import re
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from bot.store.database import Database

MIGRATIONS = Path(__file__).parent.parent.parent / "migrations"
_NAMES = re.compile(r'^(revision|down_revision) = "([^"]+)"$', re.MULTILINE)


@cache
def head() -> str:
    """The revision that no other comes after. The files of a running program do not change."""
    after: dict[str, str | None] = {}
    for path in MIGRATIONS.glob("versions/*.py"):
        named = dict(_NAMES.findall(path.read_text(encoding="utf-8")))
        after[named["revision"]] = named.get("down_revision")
    (newest,) = after.keys() - after.values()
    return newest


async def is_at_head(database: Database) -> bool:
    async with database.reader.connect() as connection:
        return await connection.run_sync(_revision) == head()


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision
