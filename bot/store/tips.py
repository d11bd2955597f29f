"""Tips, their parts and the vault that alone knows who sent a hidden one."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, Float, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import BIGINT, Base, Sealed, UtcDateTime


class Category(Base):
    """Seeded from a data file, extended by staff."""

    __tablename__ = "categories"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    icon: Mapped[str] = mapped_column(String(8), default="")
    name_kk: Mapped[str]
    name_ru: Mapped[str]
    urgency: Mapped[str] = mapped_column(String(2))
    handlers: Mapped[str] = mapped_column(default="")  # desk codes, the first decides; separated by commas
    tile: Mapped[str | None] = mapped_column(String(40))
    position: Mapped[int] = mapped_column(default=0)
    is_offered: Mapped[bool] = mapped_column(default=True)


class TipState(Base):
    __tablename__ = "tip_states"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    type: Mapped[str] = mapped_column(String(10))
    name_kk: Mapped[str]
    name_ru: Mapped[str]
    next: Mapped[str] = mapped_column(default="")


class Outcome(Base):
    __tablename__ = "outcomes"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    name_kk: Mapped[str]
    name_ru: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)


class Tip(Base):
    """One report. It has exactly one holder: an officer, or a desk whose duty officers see it."""

    __tablename__ = "tips"
    __table_args__ = (
        CheckConstraint("(officer_id IS NULL) <> (desk_id IS NULL)", name="one_holder"),
        Index("ix_tips_officer_state", "officer_id", "state"),
        Index("ix_tips_desk_state", "desk_id", "state"),
        Index("ix_tips_due", "due_at"),
        Index("ix_tips_accept", "accept_by"),
        Index(
            "ix_tips_open",
            "due_at",
            "outcome_due_at",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_tips_closed",
            "closed_at",
            sqlite_where=text("closed_at IS NOT NULL"),
            postgresql_where=text("closed_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BIGINT, unique=True)
    category: Mapped[str] = mapped_column(ForeignKey("categories.code"))
    urgency: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(ForeignKey("tip_states.code"))
    identity: Mapped[str] = mapped_column(String(10))
    alias: Mapped[str] = mapped_column(String(40))
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("residents.id"), index=True)  # named tips only
    language: Mapped[str] = mapped_column(String(2))
    name_sealed: Mapped[bytes | None]
    name = Sealed[str]()
    place_sealed: Mapped[bytes | None]
    place = Sealed[str]()
    lat: Mapped[float | None] = mapped_column(Float)
    lon: Mapped[float | None] = mapped_column(Float)
    precinct_id: Mapped[int | None] = mapped_column(ForeignKey("precincts.id"), index=True)
    place_source: Mapped[str] = mapped_column(String(10), default="none")  # point, house, chat, home, list, none
    neighbour_id: Mapped[int | None] = mapped_column(ForeignKey("precincts.id"))  # the place is on its border
    outside_metres: Mapped[float | None] = mapped_column(Float)  # outside all borders: how far from the nearest
    chat_id: Mapped[int | None] = mapped_column(ForeignKey("chats.id"))  # the group it was begun in
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    desk_id: Mapped[int | None] = mapped_column(ForeignKey("desks.id"))
    rung: Mapped[str] = mapped_column(String(12), default="")  # of the ladder: see Rung
    accept_by: Mapped[datetime | None] = mapped_column(UtcDateTime)  # not taken by then: one rung up
    is_restricted: Mapped[bool] = mapped_column(default=False)  # own security only, not even a count elsewhere
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(ForeignKey("outcomes.code"))
    rating: Mapped[int | None]
    event_when: Mapped[str] = mapped_column(String(10), default="")  # now, today, earlier; empty: not told
    event_on: Mapped[date | None] = mapped_column(Date)
    day_part: Mapped[str] = mapped_column(String(10), default="")  # night, morning, day, evening
    is_public_place: Mapped[bool | None]
    has_camera: Mapped[bool | None]
    damage: Mapped[int | None] = mapped_column(BIGINT)  # tenge
    suggested: Mapped[str] = mapped_column(String(40), default="")  # the category the program proposed
    first_answer_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the clocks stand while the resident is asked
    warned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # its holder was told that time runs out
    asked_solved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_solved: Mapped[bool | None]
    asked_again_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # "did it come back?", once
    reopened: Mapped[int] = mapped_column(default=0)


class HandoverReason(Base):
    """Why a holder passes a tip on. `is_misroute` counts in the share of tips that first went to a wrong holder."""

    __tablename__ = "handover_reasons"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name_kk: Mapped[str]
    name_ru: Mapped[str]
    is_misroute: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)


class Receipt(Base):
    """The secret that continues a tip from another phone: a slow salted hash, and how often it was guessed wrong."""

    __tablename__ = "receipts"

    tip_id: Mapped[int] = mapped_column(
        ForeignKey("tips.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    misses: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Evidence(Base):
    """What a victim of fraud told in answer to the questions: time, sum, bank, numbers, links."""

    __tablename__ = "evidence"

    id: Mapped[int] = mapped_column(ForeignKey("tips.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    facts_sealed: Mapped[bytes | None]
    facts = Sealed[dict[str, str]]()


class AnswerTemplate(Base):
    """A ready answer in both languages for a category (empty: any) and a step; an automatic one is sent by itself."""

    __tablename__ = "answer_templates"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    category: Mapped[str] = mapped_column(String(40), default="")
    step: Mapped[str] = mapped_column(String(20))  # taken, ask, answer, closed
    is_automatic: Mapped[bool] = mapped_column(default=False)
    title_kk: Mapped[str]
    title_ru: Mapped[str]
    text_kk: Mapped[str]
    text_ru: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)


class SenderCount(Base):
    """How much one sender, known only by a keyed fingerprint, sent within an hour."""

    __tablename__ = "sender_counts"

    sender: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    what: Mapped[str] = mapped_column(String(10), primary_key=True)  # tips, files
    hour: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    count: Mapped[int] = mapped_column(default=0)


class TipPart(Base):
    """One message of the talk about a tip, by the resident or an officer. An edit adds a version, replacing none."""

    __tablename__ = "tip_parts"
    __table_args__ = (Index("ix_tip_parts_tip", "tip_id", "id"), Index("ix_tip_parts_source", "source"))

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True, autoincrement=False)
    tip_id: Mapped[int] = mapped_column(ForeignKey("tips.id", ondelete="CASCADE"))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))  # empty: the resident wrote it
    purpose: Mapped[str] = mapped_column(String(10))  # story, added, question, answer, outcome, rating
    kind: Mapped[str] = mapped_column(String(12))
    text_sealed: Mapped[bytes | None]
    text = Sealed[str]()
    media_id: Mapped[int | None] = mapped_column(ForeignKey("media.id"))
    source: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # fingerprint of chat and message: finds edits
    replaces_id: Mapped[int | None] = mapped_column(BIGINT)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Vault(Base):
    """Who sent a hidden tip. Destroying the row cuts the link for good."""

    __tablename__ = "vault"

    id: Mapped[int] = mapped_column(ForeignKey("tips.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    owner: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)  # fingerprint of the resident: "my reports"
    resident_sealed: Mapped[bytes]
    resident = Sealed[int]()
