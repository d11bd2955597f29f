"""People of the department, what they may do and where."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import BIGINT, Base, UtcDateTime


class Officer(Base):
    __tablename__ = "officers"

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True)
    badge: Mapped[str] = mapped_column(String(40), unique=True)
    rank_kk: Mapped[str] = mapped_column(default="")
    rank_ru: Mapped[str] = mapped_column(default="")
    name_kk: Mapped[str]
    name_ru: Mapped[str]
    phone: Mapped[str] = mapped_column(String(40), default="")
    office_kk: Mapped[str] = mapped_column(default="")
    office_ru: Mapped[str] = mapped_column(default="")
    hours_kk: Mapped[str] = mapped_column(default="")
    hours_ru: Mapped[str] = mapped_column(default="")
    username: Mapped[str] = mapped_column(String(40), default="")  # at Telegram, casefolded, without @
    photo_id: Mapped[int | None] = mapped_column(ForeignKey("media.id"))
    has_brief_pings: Mapped[bool] = mapped_column(default=False)  # number and category only in his messenger
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("residents.id"), unique=True)
    is_active: Mapped[bool] = mapped_column(default=True)


class Duty(Base):
    """One role of one officer and its scope: a precinct, a desk, or the whole department (both empty)."""

    __tablename__ = "duties"
    __table_args__ = (
        UniqueConstraint("officer_id", "role", "precinct_id", "desk_id"),
        Index("ix_duties_precinct", "precinct_id"),
        Index("ix_duties_desk", "desk_id"),
    )

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(20))
    precinct_id: Mapped[int | None] = mapped_column(ForeignKey("precincts.id"))
    desk_id: Mapped[int | None] = mapped_column(ForeignKey("desks.id"))


class Invitation(Base):
    """A one-time link for one officer. Only the token's fingerprint is kept."""

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id", ondelete="CASCADE"), index=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
