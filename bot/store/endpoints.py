"""A person's place on a messenger: stored once, sealed, found by its fingerprint."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import BIGINT, Base, Sealed, UtcDateTime


class Endpoint(Base):
    __tablename__ = "endpoints"
    __table_args__ = (
        Index("ix_endpoints_templated", "templated_at",
              sqlite_where=text("templated_at IS NOT NULL"), postgresql_where=text("templated_at IS NOT NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True, autoincrement=False)
    messenger: Mapped[str] = mapped_column(String(10))
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    address_sealed: Mapped[bytes]
    address = Sealed[str]()
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="open")
    state_reason: Mapped[str] = mapped_column(String(80), default="")
    window_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # WhatsApp: free text is allowed until then
    misses: Mapped[int] = mapped_column(default=0)  # "not on WhatsApp" in a row: closed after the second
    templated_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime
    )  # counts in WhatsApp's 24-hour tier until a day later
    heard_at: Mapped[datetime] = mapped_column(UtcDateTime)
