"""Neighbourhood groups and the place each belongs to."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import BIGINT, Base, Sealed, UtcDateTime


class Chat(Base):
    __tablename__ = "chats"

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True, autoincrement=False)
    messenger: Mapped[str] = mapped_column(String(10))
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    address_sealed: Mapped[bytes]
    address = Sealed[str]()
    title: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(String(10), default="open")
    state_reason: Mapped[str] = mapped_column(String(80), default="")
    is_admin: Mapped[bool] = mapped_column(default=False)
    precinct_id: Mapped[int | None] = mapped_column(ForeignKey("precincts.id"), index=True)
    bound_by: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    bound_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
