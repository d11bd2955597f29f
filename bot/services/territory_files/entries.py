"""What a department's files say, after every check: nothing here is half right."""

from dataclasses import dataclass

from bot.terms import DeskKind, Language, Messenger, Role

Polygons = tuple[tuple[tuple[tuple[float, float], ...], ...], ...]
"""GeoJSON MultiPolygon coordinates: polygons of rings of (longitude, latitude), outer ring first, rings closed."""


@dataclass(frozen=True, slots=True)
class DepartmentEntry:
    """`term_*` is the consent's retention text; `timezone` an IANA name; `phone` in E.164 or a short number."""

    name_kk: str
    name_ru: str
    bin: str
    phone: str
    address_kk: str
    address_ru: str
    term_kk: str
    term_ru: str
    hours_kk: str
    hours_ru: str
    timezone: str
    is_demo: bool


@dataclass(frozen=True, slots=True)
class DistrictEntry:
    code: str
    name_kk: str
    name_ru: str
    polygons: Polygons


@dataclass(frozen=True, slots=True)
class PrecinctEntry:
    """`district` is the code of its district."""

    code: str
    name_kk: str
    name_ru: str
    district: str
    polygons: Polygons


@dataclass(frozen=True, slots=True)
class HouseEntry:
    """Houses of one street in one precinct; `numbers` as the list has it ("1-35 odd, 12А")."""

    precinct: str
    street_kk: str
    street_ru: str
    old_name_kk: str
    old_name_ru: str
    numbers: str


@dataclass(frozen=True, slots=True)
class DeskEntry:
    """`district` is a code for a district's duty queue, else None."""

    code: str
    kind: DeskKind
    district: str | None
    name_kk: str
    name_ru: str
    phone: str
    address_kk: str
    address_ru: str


@dataclass(frozen=True, slots=True)
class OfficerEntry:
    """`precinct` is set for an inspector, `desk` for those who sit at a desk or a queue, neither for the rest."""

    badge: str
    rank_kk: str
    rank_ru: str
    name_kk: str
    name_ru: str
    phone: str
    office_kk: str
    office_ru: str
    hours_kk: str
    hours_ru: str
    role: Role
    precinct: str | None
    desk: str | None
    telegram_id: int | None


@dataclass(frozen=True, slots=True)
class ChatEntry:
    """A Telegram group already bound to its precinct."""

    telegram_id: int
    title: str
    precinct: str


@dataclass(frozen=True, slots=True)
class ResidentEntry:
    """`address` is a Telegram id in digits or a phone number in E.164."""

    messenger: Messenger
    address: str
    name: str
    language: Language
    precinct: str
    is_subscribed: bool


@dataclass(frozen=True, slots=True)
class DepartmentFiles:
    """Everything one folder says. A single borders file fills districts and precincts only."""

    department: DepartmentEntry | None
    districts: tuple[DistrictEntry, ...]
    precincts: tuple[PrecinctEntry, ...]
    houses: tuple[HouseEntry, ...] = ()
    desks: tuple[DeskEntry, ...] = ()
    officers: tuple[OfficerEntry, ...] = ()
    chats: tuple[ChatEntry, ...] = ()
    residents: tuple[ResidentEntry, ...] = ()
