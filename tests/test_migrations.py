"""The schema goes up, down and up again on both databases, and is what the tables say."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, func, inspect, select, text
from sqlalchemy.exc import IntegrityError

from bot.store import Base
from bot.store.database import Database
from bot.store.head import is_at_head
from bot.store.migrate import migrate
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


FIRST = "20261125_first"
OLD_ROWS = (
    "INSERT INTO categories (code, icon, name_kk, name_ru, urgency, handlers, position, is_offered)"
    " VALUES ('noise', '', 'Шу', 'Шум', 'U3', 'inspector', 0, true)",
    "INSERT INTO tip_states (code, type, name_kk, name_ru, next) VALUES ('routed', 'open', 'а', 'а', '')",
    "INSERT INTO officers (id, badge, rank_kk, rank_ru, name_kk, name_ru, phone, office_kk, office_ru, hours_kk,"
    " hours_ru, is_active) VALUES (1, 'A-1', '', '', 'Асқар', 'Аскар', '', '', '', '', '', true)",
    "INSERT INTO tips (id, number, category, urgency, state, identity, alias, language, officer_id, routed_by,"
    " is_restricted, created_at) VALUES (7, 1001, 'noise', 'U3', 'routed', 'hidden', '', 'kk', 1, '', false, {now})",
    "INSERT INTO tip_parts (id, tip_id, purpose, kind, created_at) VALUES (8, 7, 'story', 'text', {now})",
    "INSERT INTO vault (id, owner, resident_sealed) VALUES (7, {bytes}, {bytes})",
)


async def test_rows_of_an_older_schema_stay(bare: Database, backend: str) -> None:
    """SQLite changes a column by copying the table: dropping the old one would take the parts of a tip with it."""
    is_sqlite = backend == "sqlite"
    words = {"now": "1700000000000000" if is_sqlite else "now()", "bytes": "x'00'" if is_sqlite else r"'\x00'"}
    await migrate(bare, FIRST)
    async with bare.writer.begin() as connection:
        for statement in OLD_ROWS:
            await connection.execute(text(statement.format(**words)))
    await migrate(bare)
    async with bare.writer.begin() as connection:
        for table in ("tips", "tip_parts", "vault", "officers"):
            assert (
                await connection.execute(select(func.count()).select_from(Base.metadata.tables[table]))
            ).scalar_one() == 1
        with pytest.raises(IntegrityError, match="one_holder"):
            await connection.execute(text("UPDATE tips SET officer_id = NULL"))
    await migrate(bare, FIRST)
    async with bare.writer.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM tip_parts"))).scalar_one() == 1


CORRECTED = (
    "INSERT INTO officers (id, badge, rank_kk, rank_ru, name_kk, name_ru, phone, office_kk, office_ru, hours_kk,"
    " hours_ru, is_active) VALUES (1, 'A-1', '', '', 'Асқар', 'Аскар', '', '', '', '', '', true)",
    "INSERT INTO warnings (id, code, author_id, topic, text_kk, text_ru, is_urgent, reason, audience, state, created_at,"
    " cursor_chat, cursor_resident, change, correction_kk, correction_ru) VALUES (7, 'ABCDEF', 1, 'warnings', 'а', 'б',"
    " false, '', '{{}}', 'done', {then}, 0, 0, 1, 'түз', 'исп')",
    "INSERT INTO audit (id, at, action, subject, facts, chain)"
    " VALUES (1, {now}, 'warning_corrected', 'warning:7', '{{}}', {bytes})",
)


async def test_a_correction_made_before_a_second_officer_was_asked_is_kept_with_its_day(
    bare: Database, backend: str
) -> None:
    is_sqlite = backend == "sqlite"
    words = {
        "then": "1700000000000000" if is_sqlite else "to_timestamp(1700000000)",
        "now": "1700000060000000" if is_sqlite else "to_timestamp(1700000060)",
        "bytes": "x'00'" if is_sqlite else r"'\x00'",
    }
    await migrate(bare, "20261126_life")
    async with bare.writer.begin() as connection:
        for statement in CORRECTED:
            await connection.execute(text(statement.format(**words)))
    await migrate(bare)
    corrections = Base.metadata.tables["corrections"]
    async with bare.writer.connect() as connection:
        (row,) = (await connection.execute(select(corrections))).all()
    assert (row.warning_id, row.author_id, row.text_kk, row.text_ru, row.state) == (7, 1, "түз", "исп", "approved")
    assert row.decided_at.timestamp() == 1700000060
