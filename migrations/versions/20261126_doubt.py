"""Warnings: whether a message whose answer was lost is said again

Revision: 20261126_doubt, after 20261126_tips.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_doubt"
down_revision = "20261126_tips"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """As all of them were until now."""
    op.add_column(
        "warnings",
        sa.Column("repeats_doubt", sa.Boolean(), nullable=False, server_default=sa.true()),
        inline_references=True,
    )


def downgrade() -> None:
    op.drop_column("warnings", "repeats_doubt")
