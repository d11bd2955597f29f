"""Places as others see them."""

from dataclasses import dataclass
from datetime import datetime

from bot.i18n import Bilingual
from bot.store.territory import Desk, Generation, Precinct
from bot.terms import PlaceSource


@dataclass(frozen=True, slots=True)
class PlaceView:
    id: int
    code: str
    name: Bilingual
    district_id: int


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something lies: at most one precinct answers for it, a neighbour at most is told."""

    precinct_id: int | None
    source: PlaceSource
    neighbour_id: int | None = None
    outside_metres: float | None = None  # outside all borders: how far from the nearest precinct


@dataclass(frozen=True, slots=True)
class DistrictView:
    id: int
    code: str
    name: Bilingual


@dataclass(frozen=True, slots=True)
class DepartmentView:
    name: Bilingual
    phone: str
    address: Bilingual
    bin: str
    term: Bilingual
    is_demo: bool


@dataclass(frozen=True, slots=True)
class DeskView:
    id: int
    code: str
    name: Bilingual
    phone: str
    address: Bilingual


@dataclass(frozen=True, slots=True)
class GenerationView:
    """`is_whole` is false where a load broke off: such a generation is never activated."""

    id: int
    loaded_at: datetime
    activated_at: datetime | None
    is_active: bool
    is_whole: bool
    source: str


@dataclass(frozen=True, slots=True)
class StoredPhoto:
    """A portrait that lies on the shelf already."""

    digest: bytes
    size: int
    mime: str


@dataclass(frozen=True, slots=True)
class Loaded:
    generation_id: int
    is_active: bool
    districts: int
    precincts: int
    houses: int
    officers: int
    desks: int
    chats: int
    residents: int


@dataclass(frozen=True, slots=True)
class Activated:
    """What the switch did. `left_id` is the generation that answered before."""

    generation_id: int
    left_id: int | None
    chats_moved: int
    chats_unbound: int
    residents_asked: int
    residents_settled: int = 0  # on the way back: have their own precinct again


def place_view(row: Precinct) -> PlaceView:
    return PlaceView(row.id, row.code, Bilingual(row.name_kk, row.name_ru), row.district_id)


def desk_view(row: Desk) -> DeskView:
    return DeskView(
        row.id, row.code, Bilingual(row.name_kk, row.name_ru), row.phone, Bilingual(row.address_kk, row.address_ru)
    )


def generation_view(row: Generation) -> GenerationView:
    is_whole = row.lists_sealed is not None or row.activated_at is not None
    return GenerationView(row.id, row.loaded_at, row.activated_at, row.is_active, is_whole, row.source)
