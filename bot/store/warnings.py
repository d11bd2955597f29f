"""Warnings: Kazakh and Russian as one object, one audience, one fan-out."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import BIGINT, Base, Json, UtcDateTime


class Warning(Base):
    __tablename__ = "warnings"

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(String(12), unique=True)  # proves that it is genuine
    author_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    returned_by: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    returned_reason: Mapped[str] = mapped_column(default="")  # the second officer sent it back to its author
    topic: Mapped[str] = mapped_column(String(20), default="warnings")  # whoever subscribed to it gets it
    scheme: Mapped[str | None] = mapped_column(String(40))
    text_kk: Mapped[str]
    text_ru: Mapped[str]
    media_id: Mapped[int | None] = mapped_column(ForeignKey("media.id"))
    is_urgent: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(default="")
    repeats_doubt: Mapped[bool] = mapped_column(default=True)  # on Telegram: what may have arrived is said again
    audience: Mapped[Any] = mapped_column(Json)  # rule fixed at approval: see services.warnings.Audience
    state: Mapped[str] = mapped_column(String(10), index=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaigns.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    audience_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cursor_chat: Mapped[int] = mapped_column(BIGINT, default=0)  # fan-out goes on behind it after a crash
    cursor_resident: Mapped[int] = mapped_column(BIGINT, default=0)
    canary: Mapped[int | None]  # how many go first; empty: all at once
    canary_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when the first of them may have left
    stop_reason: Mapped[str] = mapped_column(String(40), default="")  # why the program stopped it by itself
    change: Mapped[int] = mapped_column(default=0)  # 0: as approved; each recall or correction counts one up
    change_cursor: Mapped[int] = mapped_column(BIGINT, default=0)  # the change's own fan-out goes on behind it
    correction_kk: Mapped[str] = mapped_column(default="")
    correction_ru: Mapped[str] = mapped_column(default="")
    recalled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    proposal_id: Mapped[int | None] = mapped_column(BIGINT)  # its correction that waits for a second officer
    resent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resend_cursor: Mapped[int | None] = mapped_column(BIGINT)  # a resend goes on behind it; empty: none is under way
    doubt_cursor: Mapped[int | None] = mapped_column(BIGINT)  # the same, to those who may have it already
    tally: Mapped[Any | None] = mapped_column(Json)  # the last count, where counting takes long: see WarningsCounted
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Correction(Base):
    """Another text for a warning that has gone. All of them are kept: an older one is still a text of the police."""

    __tablename__ = "corrections"
    __table_args__ = (
        Index("uq_corrections_awaiting", "warning_id", unique=True,
              sqlite_where=text("state = 'awaiting'"), postgresql_where=text("state = 'awaiting'")),
        Index("ix_corrections_warning_id", "warning_id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True)
    warning_id: Mapped[int] = mapped_column(ForeignKey("warnings.id", ondelete="CASCADE"), type_=BIGINT)
    author_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    text_kk: Mapped[str]
    text_ru: Mapped[str]
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(default="")  # why it went back to its author


class Scheme(Base):
    """A fraud scheme's card, seeded from a data file."""

    __tablename__ = "schemes"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    icon: Mapped[str] = mapped_column(String(8), default="")
    title_kk: Mapped[str]
    title_ru: Mapped[str]
    text_kk: Mapped[str]
    text_ru: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)
