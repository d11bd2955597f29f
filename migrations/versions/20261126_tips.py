"""Tips: what is no longer kept

Revision: 20261126_tips, after 20261126_rollback.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_tips"
down_revision = "20261126_rollback"
branch_labels = None
depends_on = None

TIME = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    """Each is said elsewhere: by the events of a tip, by its own time, by the day a quote lasts."""
    op.drop_column("tips", "routed_by")
    op.drop_column("evidence", "told_at")
    op.drop_column("quotes", "asked_at")
    op.drop_column("incidents", "opened_by")


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    long_ago = "0" if is_sqlite else sa.text("'1970-01-01 00:00:00+00'")
    op.add_column(
        "incidents",
        sa.Column(
            "opened_by",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.ForeignKey("officers.id", name=op.f("fk_incidents_opened_by")),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column("quotes", sa.Column("asked_at", TIME, nullable=False, server_default=long_ago))
    op.add_column("evidence", sa.Column("told_at", TIME, nullable=False, server_default=long_ago))
    op.execute("UPDATE evidence SET told_at = (SELECT created_at FROM tips WHERE tips.id = evidence.id)")
    op.add_column("tips", sa.Column("routed_by", sa.String(length=20), nullable=False, server_default=""))
