"""What a department's files say, after every check: nothing here is half right."""

from dataclasses import dataclass
from datetime import date, datetime

from bot.terms import DeskKind, Language, Messenger, Role

Polygons = tuple[tuple[tuple[tuple[float, float], ...], ...], ...]
"""GeoJSON MultiPolygon coordinates: polygons of rings of (longitude, latitude), outer ring first, rings closed."""


@dataclass(frozen=True, slots=True)
class DepartmentEntry:
    """`term_*` is the consent's retention text; `timezone` an IANA name; `phone` in E.164 or a short number;
    `town_*` the name people write in front of a street, empty in a region of many towns."""

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
    town_kk: str = ""
    town_ru: str = ""


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
    """Houses of one street in one precinct; `numbers` as the list has it ("1-35 odd, 12А").

    Houses that stand on no street carry their complex's or their village's name as the street, so that every house
    has one. No settlement: the department's own town.
    """

    precinct: str
    street_kk: str
    street_ru: str
    old_name_kk: str
    old_name_ru: str
    numbers: str
    complex_kk: str = ""
    complex_ru: str = ""
    settlement_kk: str = ""
    settlement_ru: str = ""


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
class Photo:
    """A portrait as its file is, JPEG or PNG by content."""

    content: bytes
    mime: str


@dataclass(frozen=True, slots=True)
class OfficerEntry:
    """`precinct` is set for an inspector, `desk` for those who sit at a desk or a queue, neither for the rest.

    `username` is the one at Telegram, casefolded and without @.
    """

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
    username: str = ""
    photo: Photo | None = None


@dataclass(frozen=True, slots=True)
class ChatEntry:
    """A Telegram group already bound to its precinct, or to two; `point` is (latitude, longitude)."""

    telegram_id: int
    title: str
    precinct: str
    second_precinct: str | None = None
    place: str = ""
    point: tuple[float, float] | None = None


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
class AbsenceEntry:
    """Days somebody does not work, the last one included. `badge` and `substitute` are badges of officers."""

    badge: str
    substitute: str | None
    first_day: date
    last_day: date
    reason: str


@dataclass(frozen=True, slots=True)
class WatchEntry:
    """A duty at a duty queue; the moments are aware, in the department's time zone."""

    desk: str
    badge: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A date unlike its weekday. `opens` and `closes` ("09:00") only where a working day has hours of its own."""

    day: date
    is_working: bool
    name_kk: str
    name_ru: str
    opens: str | None
    closes: str | None


@dataclass(frozen=True, slots=True)
class WeekEntry:
    """Working hours of a weekday, 0 is Monday. A weekday without an entry is a day off."""

    weekday: int
    opens: str
    closes: str


@dataclass(frozen=True, slots=True)
class DepartmentFiles:
    """Everything one path says. `lists` names the lists that were there, the empty ones too ("houses", "week")."""

    department: DepartmentEntry | None
    districts: tuple[DistrictEntry, ...]
    precincts: tuple[PrecinctEntry, ...]
    houses: tuple[HouseEntry, ...] = ()
    desks: tuple[DeskEntry, ...] = ()
    officers: tuple[OfficerEntry, ...] = ()
    chats: tuple[ChatEntry, ...] = ()
    residents: tuple[ResidentEntry, ...] = ()
    absences: tuple[AbsenceEntry, ...] = ()
    watches: tuple[WatchEntry, ...] = ()
    calendar: tuple[CalendarEntry, ...] = ()
    week: tuple[WeekEntry, ...] = ()
    lists: frozenset[str] = frozenset()
