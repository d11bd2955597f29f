"""Warnings: sent again where nobody knows whether they arrived; who has been told of which change

Revision: 20261126_again, after 20261126_doubt.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_again"
down_revision = "20261126_doubt"
branch_labels = None
depends_on = None

BIGINT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOUBTED = sa.text("state = 'unknown' AND kind = 'warning'")
CHANGE = sa.text("kind = 'warning_change'")


def upgrade() -> None:
    op.add_column("warnings", sa.Column("doubt_cursor", BIGINT, nullable=True))
    op.create_index(
        "ix_notices_doubted", "notices", ["warning_id"], sqlite_where=DOUBTED, postgresql_where=DOUBTED
    )  # fmt: skip
    op.create_index(
        "ix_notices_changes",
        "notices",
        ["warning_id", "talk", "part_id", "state"],
        sqlite_where=CHANGE,
        postgresql_where=CHANGE,
    )


def downgrade() -> None:
    op.drop_index("ix_notices_changes", "notices")
    op.drop_index("ix_notices_doubted", "notices")
    op.drop_column("warnings", "doubt_cursor")
