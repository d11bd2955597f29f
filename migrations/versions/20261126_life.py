"""Life of a tip

Revision: 20261126_life, after 20261126_delivery.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_life"
down_revision = "20261126_delivery"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answer_templates",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("title_kk", sa.String(), nullable=False),
        sa.Column("title_ru", sa.String(), nullable=False),
        sa.Column("text_kk", sa.String(), nullable=False),
        sa.Column("text_ru", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_answer_templates")),
    )
    op.create_table(
        "sender_counts",
        sa.Column("sender", sa.LargeBinary(length=32), nullable=False),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("hour", sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sender", "what", "hour", name=op.f("pk_sender_counts")),
    )
    op.create_table(
        "quotes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("chat_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("expires_at", sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_quotes_chat_id")),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["residents.id"], name=op.f("fk_quotes_resident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotes")),
    )
    op.create_index(op.f("ix_quotes_expires_at"), "quotes", ["expires_at"], unique=False)
    op.create_index(op.f("ix_quotes_resident_id"), "quotes", ["resident_id"], unique=False)

    op.create_table(
        "evidence",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("facts_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("told_at", sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["tips.id"], name=op.f("fk_evidence_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_table(
        "receipts",
        sa.Column("tip_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column(
            "locked_until", sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True
        ),
        sa.ForeignKeyConstraint(["tip_id"], ["tips.id"], name=op.f("fk_receipts_tip_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("tip_id", name=op.f("pk_receipts")),
    )
    op.add_column("incidents", sa.Column("lat", sa.Float(), nullable=True))
    op.add_column("incidents", sa.Column("lon", sa.Float(), nullable=True))
    op.add_column("incidents", sa.Column("calls", sa.Integer(), nullable=False, server_default="0"))
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

    op.add_column("media", sa.Column("original", sa.LargeBinary(length=32), nullable=True))
    op.add_column("media", sa.Column("point_sealed", sa.LargeBinary(), nullable=True))

    op.add_column("officers", sa.Column("has_brief_pings", sa.Boolean(), nullable=False, server_default="0"))

    op.add_column("tips", sa.Column("event_when", sa.String(length=10), nullable=False, server_default=""))
    op.add_column("tips", sa.Column("event_on", sa.Date(), nullable=True))
    op.add_column("tips", sa.Column("day_part", sa.String(length=10), nullable=False, server_default=""))
    op.add_column("tips", sa.Column("is_public_place", sa.Boolean(), nullable=True))
    op.add_column("tips", sa.Column("has_camera", sa.Boolean(), nullable=True))
    op.add_column("tips", sa.Column("damage", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
    op.add_column("tips", sa.Column("suggested", sa.String(length=40), nullable=False, server_default=""))
    op.add_column(
        "tips",
        sa.Column(
            "first_answer_at", sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True
        ),
    )
    op.add_column(
        "tips",
        sa.Column(
            "outcome_due_at", sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True
        ),
    )
    op.add_column(
        "tips",
        sa.Column("paused_at", sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
    )
    op.add_column(
        "tips",
        sa.Column("warned_at", sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
    )
    op.add_column(
        "tips",
        sa.Column(
            "asked_solved_at", sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True
        ),
    )
    op.add_column("tips", sa.Column("is_solved", sa.Boolean(), nullable=True))
    op.add_column(
        "tips",
        sa.Column(
            "asked_again_at", sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True
        ),
    )
    op.add_column("tips", sa.Column("reopened", sa.Integer(), nullable=False, server_default="0"))
    for name, columns, where in (
        ("ix_tips_open", ["due_at", "outcome_due_at"], "closed_at IS NULL"),
        ("ix_tips_closed", ["closed_at"], "closed_at IS NOT NULL"),
    ):
        op.create_index(name, "tips", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    op.drop_index("ix_tips_closed", table_name="tips")
    op.drop_index("ix_tips_open", table_name="tips")
    op.drop_column("tips", "reopened")
    op.drop_column("tips", "asked_again_at")
    op.drop_column("tips", "is_solved")
    op.drop_column("tips", "asked_solved_at")
    op.drop_column("tips", "warned_at")
    op.drop_column("tips", "paused_at")
    op.drop_column("tips", "outcome_due_at")
    op.drop_column("tips", "first_answer_at")
    op.drop_column("tips", "suggested")
    op.drop_column("tips", "damage")
    op.drop_column("tips", "has_camera")
    op.drop_column("tips", "is_public_place")
    op.drop_column("tips", "day_part")
    op.drop_column("tips", "event_on")
    op.drop_column("tips", "event_when")

    op.drop_column("officers", "has_brief_pings")

    op.drop_column("media", "point_sealed")
    op.drop_column("media", "original")

    op.drop_column("incidents", "opened_by")
    op.drop_column("incidents", "calls")
    op.drop_column("incidents", "lon")
    op.drop_column("incidents", "lat")

    op.drop_table("receipts")
    op.drop_table("evidence")
    op.drop_index(op.f("ix_quotes_resident_id"), table_name="quotes")
    op.drop_index(op.f("ix_quotes_expires_at"), table_name="quotes")

    op.drop_table("quotes")
    op.drop_table("sender_counts")
    op.drop_table("answer_templates")
