"""Campaigns: a warning's draft and the rule of its times."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import BIGINT, Base, Json, UtcDateTime


class Campaign(Base):
    __tablename__ = "campaigns"

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True, autoincrement=False)
    author_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    topic: Mapped[str] = mapped_column(String(20), default="warnings")
    scheme: Mapped[str | None] = mapped_column(String(40))
    text_kk: Mapped[str]
    text_ru: Mapped[str]
    media_id: Mapped[int | None] = mapped_column(ForeignKey("media.id"))
    audience: Mapped[Any] = mapped_column(Json)
    rule: Mapped[str] = mapped_column(default="")  # RFC 5545 without DTSTART; empty: once
    starts_at: Mapped[str] = mapped_column(String(16))  # wall time "2026-12-01T10:00" in `zone`
    zone: Mapped[str] = mapped_column(String(40))
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Occurrence(Base):
    """One time of a campaign: written in one transaction with its warning, so that it goes out once."""

    __tablename__ = "occurrences"
    __table_args__ = (UniqueConstraint("campaign_id", "at"),)

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(10))  # gone, missed, skipped
    warning_id: Mapped[int | None] = mapped_column(ForeignKey("warnings.id"))
