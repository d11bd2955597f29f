"""Files people send: wanted, fetched, stored by content hash outside the database."""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import BIGINT, Base, Sealed, UtcDateTime


class Media(Base):
    __tablename__ = "media"

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True, autoincrement=False)
    messenger: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(12))
    file_sealed: Mapped[bytes | None]
    file = Sealed[str]()  # the messenger's file id or address
    sent_as_sealed: Mapped[bytes | None]
    sent_as = Sealed[dict[str, str]]()  # messenger → its own id of the file once we have sent it there
    original: Mapped[bytes | None] = mapped_column(
        LargeBinary(32)
    )  # digest of the sealed original; `digest`: working copy
    point_sealed: Mapped[bytes | None]
    point = Sealed[list[float]]()  # where a picture says it was taken
    mime: Mapped[str] = mapped_column(String(80), default="")
    size: Mapped[int | None] = mapped_column(BIGINT)
    state: Mapped[str] = mapped_column(String(10), index=True)  # wanted, stored, refused, lost
    reason: Mapped[str] = mapped_column(String(40), default="")
    digest: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
