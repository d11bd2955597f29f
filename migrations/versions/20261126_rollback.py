"""What a rollback puts back

Revision: 20261126_rollback, after 20261126_warnings.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_rollback"
down_revision = "20261126_warnings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "residents",
        sa.Column(
            "former_precinct_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.ForeignKey("precincts.id", name=op.f("fk_residents_former_precinct_id")),
            nullable=True,
        ),
        inline_references=True,
    )


def downgrade() -> None:
    op.drop_column("residents", "former_precinct_id")
