"""The schema goes up, down and up again on both databases, and is what the tables say."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from bot.store import Base
from bot.store.database import Database
from bot.store.migrate import is_at_head, migrate
from tests.postgres import backend, bare, cleaning, clock, units

__all__ = ["backend", "bare", "cleaning", "clock", "units"]


async def tables_of(database: Database) -> set[str]:
    async with database.writer.connect() as connection:
        return set(await connection.run_sync(lambda c: inspect(c).get_table_names())) - {"alembic_version"}


async def test_up_down_up(bare: Database) -> None:
    assert not await is_at_head(bare)
    await migrate(bare)
    assert await is_at_head(bare)
    assert await tables_of(bare) == set(Base.metadata.tables)
    await migrate(bare, "base")
    assert not await is_at_head(bare)
    assert await tables_of(bare) == set()
    await migrate(bare)
    assert await tables_of(bare) == set(Base.metadata.tables)


async def test_going_up_twice_changes_nothing(bare: Database) -> None:
    await migrate(bare)
    await migrate(bare)
    assert await is_at_head(bare)


async def test_no_table_differs_from_its_migration(bare: Database) -> None:
    """A column added to a table without a revision would fail at a department, not here."""
    await migrate(bare)

    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        return compare_metadata(context, Base.metadata)

    async with bare.writer.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_broken_revision_leaves_nothing_behind(bare: Database) -> None:
    """Both databases have transactional DDL, and the migration uses it."""
    await migrate(bare)
    async with bare.writer.begin() as connection:
        await connection.execute(text("DROP TABLE leases"))
    try:
        await migrate(bare, "base")
    except Exception:
        assert await is_at_head(bare)
        assert "tips" in await tables_of(bare)
    else:
        raise AssertionError("a missing table was not noticed")


def test_every_constraint_has_a_name() -> None:
    nameless = [
        f"{table.name}: {constraint!r}"
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if constraint.name is None
    ]
    assert nameless == []
