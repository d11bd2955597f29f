"""Updates as they came: stored before they are acknowledged, emptied when handled."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import BIGINT, Base, Sealed, UtcDateTime


class InboxItem(Base):
    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("messenger", "external_id"),
        Index("ix_inbox_open", "id", sqlite_where=text("handled_at IS NULL"),
              postgresql_where=text("handled_at IS NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True, autoincrement=False)
    messenger: Mapped[str] = mapped_column(String(10))
    external_id: Mapped[str] = mapped_column(String(64))  # update_id or MessageSid
    sender: Mapped[bytes] = mapped_column(LargeBinary(32))  # strictly in order per sender
    payload_sealed: Mapped[bytes | None]
    payload = Sealed[dict[str, object]]()
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    handled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str] = mapped_column(String(10), default="")  # done, refused, parked
