"""People who write to Korshi."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import BIGINT, Base, Sealed, UtcDateTime


class Resident(Base):
    __tablename__ = "residents"

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True, autoincrement=False)
    language: Mapped[str | None] = mapped_column(String(2))
    precinct_id: Mapped[int | None] = mapped_column(ForeignKey("precincts.id"), index=True)
    name_sealed: Mapped[bytes | None]
    name = Sealed[str]()
    endpoint_id: Mapped[int | None] = mapped_column(BIGINT)  # where the person was heard last
    messenger: Mapped[str | None] = mapped_column(String(10))  # of that endpoint: fan-out picks the channel by it
    consent_version: Mapped[str | None] = mapped_column(String(20))
    consent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    quiet_from: Mapped[int | None]  # own quiet hours, minutes of the local day; empty: the department's
    quiet_until: Mapped[int | None]
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    blocked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
