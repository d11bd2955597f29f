"""What a generation says beside borders and houses: names, desks, posts, chats. Kept sealed until it is activated.

`Generation.lists` is {"files": Lists as loaded, "left": Lists as they were when the generation stopped answering}.
A key that is missing from "files" was not in the files, and what it is about stays as it is.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from bot.services.territory_files import (
    AbsenceEntry,
    CalendarEntry,
    ChatEntry,
    DepartmentFiles,
    OfficerEntry,
    WatchEntry,
    WeekEntry,
)
from bot.store.officers import Officer

Lists = dict[str, Any]

DEPARTMENT = (
    "name_kk", "name_ru", "phone", "address_kk", "address_ru", "bin", "term_kk", "term_ru", "town_kk", "town_ru",
    "is_demo",
)  # fmt: skip
DESK = ("code", "kind", "district", "name_kk", "name_ru", "phone", "address_kk", "address_ru")
CALENDAR_DAY = ("is_working", "name_kk", "name_ru", "opens", "closes")
CARD = (
    "rank_kk", "rank_ru", "name_kk", "name_ru", "phone", "office_kk", "office_ru", "hours_kk", "hours_ru",
    "username", "photo_id",
)  # fmt: skip


def lists_of(files: DepartmentFiles, photos: Mapping[str, int]) -> Lists:
    """Files as lists. `photos` are media ids by badge."""
    lists: Lists = {}
    if files.department is not None:
        lists["department"] = {name: getattr(files.department, name) for name in DEPARTMENT}
    if files.precincts:
        lists["districts"] = {entry.code: [entry.name_kk, entry.name_ru] for entry in files.districts}
        lists["precincts"] = {
            entry.code: [entry.name_kk, entry.name_ru, entry.district] for entry in files.precincts
        }  # fmt: skip
    if files.desks:
        lists["desks"] = [{name: getattr(entry, name) for name in DESK} for entry in files.desks]
    if files.officers:
        lists["officers"] = {entry.badge: _officer(entry, photos.get(entry.badge)) for entry in files.officers}
    if files.chats:
        lists["chats"] = [_chat(entry) for entry in files.chats]
    lists |= _plain(files)
    return lists


def _officer(entry: OfficerEntry, photo_id: int | None) -> dict[str, Any]:
    """A name at Telegram or a photo that the list leaves out is not taken away."""
    card = {name: getattr(entry, name) for name in CARD if name not in ("username", "photo_id")}
    card |= {"username": entry.username} if entry.username else {}
    card |= {"photo_id": photo_id} if photo_id is not None else {}
    return {"card": card, "posts": [[entry.role, entry.precinct, entry.desk]], "telegram_id": entry.telegram_id}


def _chat(entry: ChatEntry) -> dict[str, Any]:
    return {
        "telegram_id": entry.telegram_id,
        "title": entry.title,
        "precinct": entry.precinct,
        "second": entry.second_precinct,
        "place": entry.place,
        "point": list(entry.point) if entry.point else None,
    }


def _plain(files: DepartmentFiles) -> Lists:
    """What is kept as it is, where the files have it."""
    found: Lists = {}
    for name in ("residents", "absences", "watches", "calendar", "week"):
        entries = getattr(files, name)
        if entries or name in files.lists:
            found[name] = [_jsonable(asdict(entry)) for entry in entries]
    return found


def _jsonable(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in fields.items()
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class RosterLists:
    """Leave, watches and working time as the roster takes them."""

    absences: tuple[AbsenceEntry, ...]
    watches: tuple[WatchEntry, ...]
    calendar: tuple[CalendarEntry, ...]
    week: tuple[WeekEntry, ...]


def roster_of(lists: Lists) -> RosterLists:
    def dated(entry: Lists, *names: str) -> Lists:
        return entry | {name: date.fromisoformat(entry[name]) for name in names}

    return RosterLists(
        tuple(AbsenceEntry(**dated(entry, "first_day", "last_day")) for entry in lists.get("absences", ())),
        tuple(
            WatchEntry(entry["desk"], entry["badge"], read_moment(entry["starts_at"]), read_moment(entry["ends_at"]))
            for entry in lists.get("watches", ())
        ),
        tuple(CalendarEntry(**dated(entry, "day")) for entry in lists.get("calendar", ())),
        tuple(WeekEntry(**entry) for entry in lists.get("week", ())),
    )


def card_of(row: Officer) -> dict[str, Any]:
    return {name: getattr(row, name) for name in CARD}


def read_moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def content(lists: Lists | None) -> tuple[Lists, datetime | None]:
    """What an activation applies, and for a generation that has answered before the moment it stopped."""
    lists = lists or {}
    if left := lists.get("left"):
        return left, read_moment(left["at"])
    return lists.get("files", {}), None
