"""Places as others see them, and the index of the active generation."""

from dataclasses import dataclass

from bot.addresses import AddressBook
from bot.geo import PrecinctMap
from bot.i18n import Bilingual
from bot.store.territory import Desk, Precinct


@dataclass(frozen=True, slots=True)
class PlaceView:
    id: int
    code: str
    name: Bilingual
    district_id: int


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


@dataclass(slots=True)
class TerritoryIndex:
    """The active generation in memory. One per process; rebuilt when another generation is activated."""

    generation_id: int | None = None
    borders: PrecinctMap | None = None
    houses: AddressBook | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    districts: int
    precincts: int
    houses: int
    officers: int
    desks: int
    chats: int
    residents: int


def place_view(row: Precinct) -> PlaceView:
    return PlaceView(row.id, row.code, Bilingual(row.name_kk, row.name_ru), row.district_id)


def desk_view(row: Desk) -> DeskView:
    return DeskView(
        row.id, row.code, Bilingual(row.name_kk, row.name_ru), row.phone, Bilingual(row.address_kk, row.address_ru)
    )
