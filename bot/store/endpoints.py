"""A person's place on a messenger: stored once, sealed, found by its fingerprint."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import BIGINT, Base, Sealed, UtcDateTime


class Endpoint(Base):
    __tablename__ = "endpoints"

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True, autoincrement=False)
    messenger: Mapped[str] = mapped_column(String(10))
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    address_sealed: Mapped[bytes]
    address = Sealed[str]()
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="open")
    state_reason: Mapped[str] = mapped_column(String(80), default="")
    window_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # WhatsApp: free text is allowed until then
    heard_at: Mapped[datetime] = mapped_column(UtcDateTime)
