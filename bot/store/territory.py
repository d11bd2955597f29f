"""The department, its districts and precincts; borders and houses come in generations."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import BIGINT, Base, Json, Sealed, UtcDateTime


class Department(Base):
    __tablename__ = "departments"

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True)
    name_kk: Mapped[str]
    name_ru: Mapped[str]
    phone: Mapped[str] = mapped_column(String(40), default="")
    address_kk: Mapped[str] = mapped_column(default="")
    address_ru: Mapped[str] = mapped_column(default="")
    bin: Mapped[str] = mapped_column(String(12), default="")
    term_kk: Mapped[str] = mapped_column(default="")
    term_ru: Mapped[str] = mapped_column(default="")
    town_kk: Mapped[str] = mapped_column(default="")  # people write it in front of a street
    town_ru: Mapped[str] = mapped_column(default="")
    is_demo: Mapped[bool] = mapped_column(default=False)


class District(Base):
    __tablename__ = "districts"

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name_kk: Mapped[str]
    name_ru: Mapped[str]


class Precinct(Base):
    __tablename__ = "precincts"

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name_kk: Mapped[str]
    name_ru: Mapped[str]
    district_id: Mapped[int] = mapped_column(ForeignKey("districts.id"), index=True)


class Generation(Base):
    """One loaded set of borders and house lists; the active one answers "whose place is this?"."""

    __tablename__ = "generations"
    __table_args__ = (
        Index(
            "uq_generations_active",
            "is_active",
            unique=True,
            sqlite_where=text("is_active"),
            postgresql_where=text("is_active"),
        ),
    )

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True)
    loaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    activated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_active: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(default="")
    lists_sealed: Mapped[bytes | None]
    lists = Sealed[dict[str, Any]]()  # names, officers' duties, desks, chats as of its activation or its end


class Border(Base):
    """A precinct's polygons in one generation: GeoJSON MultiPolygon coordinates, [lon, lat]."""

    __tablename__ = "borders"
    __table_args__ = (UniqueConstraint("generation_id", "precinct_id"),)

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True)
    generation_id: Mapped[int] = mapped_column(ForeignKey("generations.id", ondelete="CASCADE"))
    precinct_id: Mapped[int] = mapped_column(ForeignKey("precincts.id"))
    polygons: Mapped[Any] = mapped_column(Json)


class House(Base):
    """A run of houses on a street: `numbers` as the list has it ("1-35 odd")."""

    __tablename__ = "houses"

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True)
    generation_id: Mapped[int] = mapped_column(ForeignKey("generations.id", ondelete="CASCADE"), index=True)
    precinct_id: Mapped[int] = mapped_column(ForeignKey("precincts.id"))
    street_kk: Mapped[str]
    street_ru: Mapped[str]
    old_name_kk: Mapped[str] = mapped_column(default="")
    old_name_ru: Mapped[str] = mapped_column(default="")
    complex_kk: Mapped[str] = mapped_column(default="")  # the residential complex these houses are known by
    complex_ru: Mapped[str] = mapped_column(default="")
    settlement_kk: Mapped[str] = mapped_column(default="")  # empty: the department's own town
    settlement_ru: Mapped[str] = mapped_column(default="")
    numbers: Mapped[str]


class Desk(Base):
    """A named place where tips lie: a specialist desk, a duty queue, own security."""

    __tablename__ = "desks"

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    district_id: Mapped[int | None] = mapped_column(ForeignKey("districts.id"), index=True)
    name_kk: Mapped[str]
    name_ru: Mapped[str]
    phone: Mapped[str] = mapped_column(String(40), default="")
    address_kk: Mapped[str] = mapped_column(default="")
    address_ru: Mapped[str] = mapped_column(default="")
