"""Roster, ladder, generations

Revision: 20261126_roster, after 20261125_first.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_roster"
down_revision = "20261125_first"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_working", sa.Boolean(), nullable=False),
        sa.Column("name_kk", sa.String(), nullable=False),
        sa.Column("name_ru", sa.String(), nullable=False),
        sa.Column("opens", sa.String(length=5), nullable=True),
        sa.Column("closes", sa.String(length=5), nullable=True),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_days")),
    )
    op.create_table(
        "handover_reasons",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name_kk", sa.String(), nullable=False),
        sa.Column("name_ru", sa.String(), nullable=False),
        sa.Column("is_misroute", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_handover_reasons")),
    )
    op.create_table(
        "working_days",
        sa.Column("weekday", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("opens", sa.String(length=5), nullable=False),
        sa.Column("closes", sa.String(length=5), nullable=False),
        sa.PrimaryKeyConstraint("weekday", name=op.f("pk_working_days")),
    )
    op.create_table(
        "absences",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("officer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("substitute_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("set_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("set_at", sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_absences_days_in_order")),
        sa.CheckConstraint("officer_id <> substitute_id", name=op.f("ck_absences_not_oneself")),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name=op.f("fk_absences_officer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["set_by"], ["officers.id"], name=op.f("fk_absences_set_by")),
        sa.ForeignKeyConstraint(["substitute_id"], ["officers.id"], name=op.f("fk_absences_substitute_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    op.create_index(op.f("ix_absences_days"), "absences", ["first_day", "last_day"], unique=False)
    op.create_index(op.f("ix_absences_officer_id"), "absences", ["officer_id"], unique=False)

    op.create_table(
        "watches",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("desk_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("officer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("starts_at", sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("ends_at", sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_watches_times_in_order")),
        sa.Column("set_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("fk_watches_desk_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["set_by"], ["officers.id"], name=op.f("fk_watches_set_by")),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name=op.f("fk_watches_officer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watches")),
    )
    op.create_index(op.f("ix_watches_desk"), "watches", ["desk_id", "starts_at"], unique=False)

    op.add_column(
        "chats",
        sa.Column(
            "second_precinct_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.ForeignKey("precincts.id", name=op.f("fk_chats_second_precinct_id")),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column("chats", sa.Column("place", sa.String(), nullable=False, server_default=""))
    op.add_column("chats", sa.Column("lat", sa.Float(), nullable=True))
    op.add_column("chats", sa.Column("lon", sa.Float(), nullable=True))
    op.add_column(
        "chats",
        sa.Column(
            "asked_precinct_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.ForeignKey("precincts.id", name=op.f("fk_chats_asked_precinct_id")),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "chats",
        sa.Column(
            "asked_second_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.ForeignKey("precincts.id", name=op.f("fk_chats_asked_second_id")),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "chats",
        sa.Column(
            "asked_by",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.ForeignKey("officers.id", name=op.f("fk_chats_asked_by")),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "chats",
        sa.Column("asked_at", sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
    )

    op.add_column("departments", sa.Column("town_kk", sa.String(), nullable=False, server_default=""))
    op.add_column("departments", sa.Column("town_ru", sa.String(), nullable=False, server_default=""))

    op.add_column("events", sa.Column("reason", sa.String(length=40), nullable=False, server_default=""))
    op.add_column(
        "events",
        sa.Column(
            "from_officer_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.ForeignKey("officers.id", name=op.f("fk_events_from_officer_id")),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "events",
        sa.Column(
            "from_desk_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.ForeignKey("desks.id", name=op.f("fk_events_from_desk_id")),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "events",
        sa.Column(
            "to_officer_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.ForeignKey("officers.id", name=op.f("fk_events_to_officer_id")),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "events",
        sa.Column(
            "to_desk_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.ForeignKey("desks.id", name=op.f("fk_events_to_desk_id")),
            nullable=True,
        ),
        inline_references=True,
    )
    op.create_index(op.f("ix_events_kind_at"), "events", ["kind", "at"], unique=False)

    op.add_column("generations", sa.Column("lists_sealed", sa.LargeBinary(), nullable=True))

    op.add_column("houses", sa.Column("complex_kk", sa.String(), nullable=False, server_default=""))
    op.add_column("houses", sa.Column("complex_ru", sa.String(), nullable=False, server_default=""))
    op.add_column("houses", sa.Column("settlement_kk", sa.String(), nullable=False, server_default=""))
    op.add_column("houses", sa.Column("settlement_ru", sa.String(), nullable=False, server_default=""))

    op.add_column("officers", sa.Column("username", sa.String(length=40), nullable=False, server_default=""))
    op.add_column(
        "officers",
        sa.Column(
            "photo_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.ForeignKey("media.id", name=op.f("fk_officers_photo_id")),
            nullable=True,
        ),
        inline_references=True,
    )

    op.add_column("tips", sa.Column("place_source", sa.String(length=10), nullable=False, server_default="none"))
    op.add_column(
        "tips",
        sa.Column(
            "neighbour_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.ForeignKey("precincts.id", name=op.f("fk_tips_neighbour_id")),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column("tips", sa.Column("outside_metres", sa.Float(), nullable=True))
    op.add_column(
        "tips",
        sa.Column(
            "chat_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.ForeignKey("chats.id", name=op.f("fk_tips_chat_id")),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column("tips", sa.Column("rung", sa.String(length=12), nullable=False, server_default=""))
    op.add_column(
        "tips",
        sa.Column("accept_by", sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
    )
    op.create_index(op.f("ix_tips_accept"), "tips", ["accept_by"], unique=False)

    # seeds never overwrite: a confirmed tip may come back now
    op.execute("UPDATE tip_states SET next = 'reopened' WHERE code = 'confirmed' AND next = ''")


def downgrade() -> None:
    op.drop_index(op.f("ix_tips_accept"), table_name="tips")
    op.drop_column("tips", "accept_by")
    op.drop_column("tips", "rung")
    op.drop_column("tips", "chat_id")
    op.drop_column("tips", "outside_metres")
    op.drop_column("tips", "neighbour_id")
    op.drop_column("tips", "place_source")

    op.drop_column("officers", "photo_id")
    op.drop_column("officers", "username")

    op.drop_column("houses", "settlement_ru")
    op.drop_column("houses", "settlement_kk")
    op.drop_column("houses", "complex_ru")
    op.drop_column("houses", "complex_kk")

    op.drop_column("generations", "lists_sealed")

    op.drop_index(op.f("ix_events_kind_at"), table_name="events")
    op.drop_column("events", "to_desk_id")
    op.drop_column("events", "to_officer_id")
    op.drop_column("events", "from_desk_id")
    op.drop_column("events", "from_officer_id")
    op.drop_column("events", "reason")

    op.drop_column("departments", "town_ru")
    op.drop_column("departments", "town_kk")

    op.drop_column("chats", "asked_at")
    op.drop_column("chats", "asked_by")
    op.drop_column("chats", "asked_second_id")
    op.drop_column("chats", "asked_precinct_id")
    op.drop_column("chats", "lon")
    op.drop_column("chats", "lat")
    op.drop_column("chats", "place")
    op.drop_column("chats", "second_precinct_id")

    op.drop_index(op.f("ix_watches_desk"), table_name="watches")

    op.drop_table("watches")
    op.drop_index(op.f("ix_absences_officer_id"), table_name="absences")
    op.drop_index(op.f("ix_absences_days"), table_name="absences")

    op.drop_table("absences")
    op.drop_table("working_days")
    op.drop_table("handover_reasons")
    op.drop_table("calendar_days")
