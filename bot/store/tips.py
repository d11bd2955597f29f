"""Tips, their parts and the vault that alone knows who sent a hidden one."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, LargeBinary, String
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
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    desk_id: Mapped[int | None] = mapped_column(ForeignKey("desks.id"))
    routed_by: Mapped[str] = mapped_column(String(20), default="")
    is_restricted: Mapped[bool] = mapped_column(default=False)  # own security only, not even a count elsewhere
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(ForeignKey("outcomes.code"))
    rating: Mapped[int | None]


class TipPart(Base):
    """One message of the talk about a tip, by the resident or an officer. An edit adds a version, replacing none."""

    __tablename__ = "tip_parts"
    __table_args__ = (Index("ix_tip_parts_tip", "tip_id", "id"), Index("ix_tip_parts_source", "source"))

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True, autoincrement=False)
    tip_id: Mapped[int] = mapped_column(ForeignKey("tips.id", ondelete="CASCADE"))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))  # empty: the resident wrote it
    purpose: Mapped[str] = mapped_column(String(10))  # story, added, question, answer, outcome
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
