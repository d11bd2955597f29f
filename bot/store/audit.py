"""Who did what with whose data: each row is chained to the one before it."""

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import BIGINT, Base, Json, UtcDateTime


class AuditEntry(Base):
    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    action: Mapped[str] = mapped_column(String(40))
    officer_id: Mapped[int | None] = mapped_column(BIGINT, index=True)
    subject: Mapped[str] = mapped_column(String(60), default="")
    facts: Mapped[Any] = mapped_column(Json, default=dict)
    chain: Mapped[bytes] = mapped_column(LargeBinary(32))
