"""Delivery: approval, canary, changes, ledger

Revision: 20261126_delivery, after 20261126_roster.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_delivery"
down_revision = "20261126_roster"
branch_labels = None
depends_on = None

NEW = {
    "uq_notices_warning_resident": (
        ["warning_id", "resident_id"],
        "kind = 'warning' AND resident_id IS NOT NULL",
    ),
    "uq_notices_warning_chat": (["warning_id", "chat_id"], "kind = 'warning' AND chat_id IS NOT NULL"),
    "ix_notices_due": (["messenger", "lane", "due_at", "id"], "state = 'due' AND kind <> 'warning'"),
    "ix_notices_warning_due": (
        ["warning_id", "messenger", "due_at", "id"],
        "state = 'due' AND kind = 'warning'",
    ),
    "ix_notices_talk": (["talk", "id"], "state IN ('due', 'sending') AND kind <> 'warning'"),
    "ix_notices_missed": (["warning_id"], "state IN ('failed', 'skipped', 'expired') AND kind = 'warning'"),
    "ix_notices_of_warning": (
        ["warning_id", "kind", "part_id", "state"],
        "warning_id IS NOT NULL AND kind <> 'warning'",
    ),
}
OLD = {
    "uq_notices_warning_resident": (["warning_id", "resident_id"], "warning_id IS NOT NULL AND kind = 'warning'"),
    "uq_notices_warning_chat": (["warning_id", "chat_id"], "warning_id IS NOT NULL AND kind = 'warning'"),
    "ix_notices_due": (["messenger", "lane", "due_at", "id"], "state = 'due'"),
    "ix_notices_talk": (["talk", "id"], "state IN ('due', 'sending')"),
}


def _index_notices(before: dict[str, tuple[list[str], str]], after: dict[str, tuple[list[str], str]]) -> None:
    for name in before:
        op.drop_index(op.f(name), table_name="notices")
    for name, (columns, condition) in after.items():
        where = sa.text(condition)
        unique = name.startswith("uq_")
        op.create_index(op.f(name), "notices", columns, unique=unique, sqlite_where=where, postgresql_where=where)


def upgrade() -> None:
    _index_notices(OLD, NEW)
    op.add_column(
        "campaigns",
        sa.Column(
            "approved_by",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.ForeignKey("officers.id", name=op.f("fk_campaigns_approved_by")),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "campaigns",
        sa.Column("approved_at", sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
    )
    op.add_column("campaigns", sa.Column("topic", sa.String(length=20), nullable=False, server_default="warnings"))

    op.add_column("endpoints", sa.Column("misses", sa.Integer(), nullable=False, server_default="0"))
    op.add_column(
        "endpoints",
        sa.Column(
            "templated_at", sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True
        ),
    )
    op.create_index(
        op.f("ix_endpoints_templated"),
        "endpoints",
        ["templated_at"],
        unique=False,
        sqlite_where=sa.text("templated_at IS NOT NULL"),
        postgresql_where=sa.text("templated_at IS NOT NULL"),
    )

    op.add_column("residents", sa.Column("quiet_from", sa.Integer(), nullable=True))
    op.add_column("residents", sa.Column("quiet_until", sa.Integer(), nullable=True))

    op.add_column("templates", sa.Column("category", sa.String(length=20), nullable=False, server_default=""))
    op.add_column(
        "templates",
        sa.Column("checked_at", sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
    )

    op.add_column(
        "warnings",
        sa.Column("approved_at", sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
    )
    op.add_column(
        "warnings",
        sa.Column(
            "returned_by",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.ForeignKey("officers.id", name=op.f("fk_warnings_returned_by")),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column("warnings", sa.Column("returned_reason", sa.String(), nullable=False, server_default=""))
    op.add_column("warnings", sa.Column("topic", sa.String(length=20), nullable=False, server_default="warnings"))
    op.add_column("warnings", sa.Column("canary", sa.Integer(), nullable=True))
    op.add_column(
        "warnings",
        sa.Column("canary_at", sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
    )
    op.add_column("warnings", sa.Column("stop_reason", sa.String(length=40), nullable=False, server_default=""))
    op.add_column("warnings", sa.Column("change", sa.Integer(), nullable=False, server_default="0"))
    op.add_column(
        "warnings",
        sa.Column(
            "change_cursor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, server_default="0"
        ),
    )
    op.add_column("warnings", sa.Column("correction_kk", sa.String(), nullable=False, server_default=""))
    op.add_column("warnings", sa.Column("correction_ru", sa.String(), nullable=False, server_default=""))
    op.add_column(
        "warnings",
        sa.Column("recalled_at", sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
    )
    op.add_column(
        "warnings",
        sa.Column("resent_at", sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
    )
    op.add_column("warnings", sa.Column("tally", sa.Text(), nullable=True))


def downgrade() -> None:
    _index_notices(NEW, OLD)
    op.drop_column("warnings", "tally")
    op.drop_column("warnings", "resent_at")
    op.drop_column("warnings", "recalled_at")
    op.drop_column("warnings", "correction_ru")
    op.drop_column("warnings", "correction_kk")
    op.drop_column("warnings", "change_cursor")
    op.drop_column("warnings", "change")
    op.drop_column("warnings", "stop_reason")
    op.drop_column("warnings", "canary_at")
    op.drop_column("warnings", "canary")
    op.drop_column("warnings", "topic")
    op.drop_column("warnings", "returned_reason")
    op.drop_column("warnings", "returned_by")
    op.drop_column("warnings", "approved_at")

    op.drop_column("templates", "checked_at")
    op.drop_column("templates", "category")

    op.drop_column("residents", "quiet_until")
    op.drop_column("residents", "quiet_from")

    op.drop_index(op.f("ix_endpoints_templated"), table_name="endpoints")
    op.drop_column("endpoints", "templated_at")
    op.drop_column("endpoints", "misses")

    op.drop_column("campaigns", "topic")
    op.drop_column("campaigns", "approved_at")
    op.drop_column("campaigns", "approved_by")
