"""People who write to Korshi."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import BIGINT, Base, Sealed, UtcDateTime


class Resident(Base):
    __tablename__ = "residents"
    __table_args__ = (
        Index("ix_residents_home", "home",
              sqlite_where=text("home IS NOT NULL"), postgresql_where=text("home IS NOT NULL")),
        Index("ix_residents_home_number", "home_number",
              sqlite_where=text("home_number IS NOT NULL"), postgresql_where=text("home_number IS NOT NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True, autoincrement=False)
    language: Mapped[str | None] = mapped_column(String(2))
    precinct_id: Mapped[int | None] = mapped_column(ForeignKey("precincts.id"), index=True)
    former_precinct_id: Mapped[int | None] = mapped_column(
        ForeignKey("precincts.id")
    )  # a switch took it: for the way back
    name_sealed: Mapped[bytes | None]
    name = Sealed[str]()
    endpoint_id: Mapped[int | None] = mapped_column(BIGINT)  # where the person was heard last
    messenger: Mapped[str | None] = mapped_column(String(10))  # of that endpoint: fan-out picks the channel by it
    home: Mapped[bytes | None] = mapped_column(LargeBinary(12))  # fingerprint of the own house: see services.homes
    home_number: Mapped[bytes | None] = mapped_column(LargeBinary(12))  # the same without what follows its number
    consent_version: Mapped[str | None] = mapped_column(String(20))
    consent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    quiet_from: Mapped[int | None]  # own quiet hours, minutes of the local day; empty: the department's
    quiet_until: Mapped[int | None]
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    blocked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
