"""Warnings: corrections with a second officer, houses of residents, bodies of templates

Revision: 20261126_warnings, after 20261126_life.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_warnings"
down_revision = "20261126_life"
branch_labels = None
depends_on = None

BIGINT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")

# What was corrected before went out by its author alone; when, the audit knows.
CORRECTED_BEFORE = """
INSERT INTO corrections (warning_id, author_id, text_kk, text_ru, state, created_at, decided_by, decided_at, reason)
SELECT id, author_id, correction_kk, correction_ru, 'approved', at, author_id, at, ''
FROM (
    SELECT warnings.id, author_id, correction_kk, correction_ru, COALESCE(
        (SELECT MAX(audit.at) FROM audit
         WHERE audit.action = 'warning_corrected' AND audit.subject = 'warning:' || warnings.id),
        created_at) AS at
    FROM warnings WHERE correction_kk <> ''
) AS corrected
"""


def upgrade() -> None:
    op.create_table(
        "corrections",
        sa.Column("id", BIGINT, nullable=False),
        sa.Column("warning_id", BIGINT, nullable=False),
        sa.Column("author_id", BIGINT, nullable=False),
        sa.Column("text_kk", sa.String(), nullable=False),
        sa.Column("text_ru", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("decided_by", BIGINT, nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["warning_id"], ["warnings.id"], name=op.f("fk_corrections_warning_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["author_id"], ["officers.id"], name=op.f("fk_corrections_author_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["officers.id"], name=op.f("fk_corrections_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    op.create_index("ix_corrections_warning_id", "corrections", ["warning_id"])
    waits = sa.text("state = 'awaiting'")
    op.create_index(
        "uq_corrections_awaiting",
        "corrections",
        ["warning_id"],
        unique=True,
        sqlite_where=waits,
        postgresql_where=waits,
    )
    op.execute(CORRECTED_BEFORE)

    op.add_column("warnings", sa.Column("proposal_id", BIGINT, nullable=True))
    op.add_column("warnings", sa.Column("resend_cursor", BIGINT, nullable=True))
    op.add_column("templates", sa.Column("body", sa.String(), nullable=False, server_default=""))
    for name in ("home", "home_number"):
        op.add_column("residents", sa.Column(name, sa.LargeBinary(length=12), nullable=True))
        known = sa.text(f"{name} IS NOT NULL")
        op.create_index(f"ix_residents_{name}", "residents", [name], sqlite_where=known, postgresql_where=known)


def downgrade() -> None:
    for name in ("home_number", "home"):
        op.drop_index(f"ix_residents_{name}", table_name="residents")
        op.drop_column("residents", name)
    op.drop_column("templates", "body")
    op.drop_column("warnings", "resend_cursor")
    op.drop_column("warnings", "proposal_id")
    op.drop_index("uq_corrections_awaiting", table_name="corrections")
    op.drop_index("ix_corrections_warning_id", table_name="corrections")
    op.drop_table("corrections")
