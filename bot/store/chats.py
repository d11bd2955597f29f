"""Neighbourhood groups and the place each belongs to."""

from datetime import datetime

from sqlalchemy import Float, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import BIGINT, Base, Sealed, UtcDateTime


class Quote(Base):
    """A neighbour's words that somebody asked to send: kept sealed until the neighbour agrees, or for a day."""

    __tablename__ = "quotes"

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True, autoincrement=False)
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), index=True)
    words_sealed: Mapped[bytes]
    words = Sealed[str]()
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


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
    second_precinct_id: Mapped[int | None] = mapped_column(ForeignKey("precincts.id"))  # a yard on a border
    place: Mapped[str] = mapped_column(default="")  # the yard's address, as its list or its inspector wrote it
    lat: Mapped[float | None] = mapped_column(Float)
    lon: Mapped[float | None] = mapped_column(Float)
    asked_precinct_id: Mapped[int | None] = mapped_column(ForeignKey("precincts.id"))  # waits for the chat's admin
    asked_second_id: Mapped[int | None] = mapped_column(ForeignKey("precincts.id"))
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    bound_by: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    bound_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
