"""Who owns a single-owner duty (a channel's courier, the dialogs, the ticker) right now; and running numbers."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import BIGINT, Base, UtcDateTime


class Lease(Base):
    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    holder: Mapped[str] = mapped_column(String(60))
    fence: Mapped[int] = mapped_column(BIGINT, default=0)
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class Counter(Base):
    """Numbers people read (of tips), and places the program remembers (the polling offset)."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[int] = mapped_column(BIGINT, default=0)
