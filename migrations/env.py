"""Alembic's entry: run through `python -m bot migrate`, which passes the connection."""

from typing import Any

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from bot.store import Base
from bot.store.base import BIGINT, Json, UtcDateTime


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | bool:
    """Revisions must not depend on our own types: what they meant then is written out."""
    if kind == "type":
        if isinstance(item, UtcDateTime):
            return 'sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")'
        if isinstance(item, Json):
            return "sa.Text()"
        if item is BIGINT or getattr(item, "_variant_mapping", {}).get("sqlite") is not None:
            return 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'
    return False


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=render_item,
        compare_type=False,
    )
    with context.begin_transaction():
        context.run_migrations()


migrate(context.config.attributes["connection"])
