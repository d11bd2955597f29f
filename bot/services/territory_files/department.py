"""department.toml: the department's own card, and the reading of a whole path."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.errors import N_
from bot.services.territory_files.borders import Borders, read_borders
from bot.services.territory_files.cells import phone_number
from bot.services.territory_files.entries import DepartmentEntry, DepartmentFiles, OfficerEntry
from bot.services.territory_files.faults import Faults, TerritoryRefused
from bot.services.territory_files.found import found_in_file, found_in_folder, text_of
from bot.services.territory_files.houses import read_houses
from bot.services.territory_files.people import read_chats, read_residents
from bot.services.territory_files.posts import Places, desk_kinds, read_desks, read_officers
from bot.services.territory_files.rosters import read_absences, read_calendar, read_watches, read_week
from bot.services.territory_files.tables import Table
from bot.terms import DeskKind

CARD, BORDERS, PHOTOS = "department.toml", "territory.geojson", "photos"
WORDS = (
    "name_kk", "name_ru", "bin", "phone", "address_kk", "address_ru", "term_kk", "term_ru", "hours_kk", "hours_ru",
    "timezone",
)  # fmt: skip
TOWN = ("town_kk", "town_ru")


@dataclass(frozen=True, slots=True)
class Known:
    """What the department has already: a list read by itself is checked against it. None: not known, all is taken."""

    precincts: frozenset[str] | None = None
    districts: frozenset[str] | None = None
    desks: dict[str, DeskKind] | None = None
    badges: frozenset[str] | None = None
    zone: tzinfo = field(default_factory=lambda: ZoneInfo("Asia/Almaty"))
    is_demo: bool = False
    town: tuple[str, ...] = ()


def read_department(path: Path, known: Known | None = None) -> DepartmentFiles:
    """Read a department's folder, its borders alone, or lists alone. Raises TerritoryRefused with every fault.

    A folder needs department.toml and territory.geojson; each list is read where its .csv or .xlsx is there, or as
    a sheet of department.xlsx. One .geojson has borders only; one .csv or .xlsx only what it holds, checked against
    `known`. Nothing is written anywhere.
    """
    faults = Faults()
    if path.is_dir():
        files = _read_folder(path, known or Known(), faults)
    elif path.suffix.casefold() in {".csv", ".xlsx", ".xls", ".xlsm", ".ods"}:
        files = _read_lists(found_in_file(path, faults), known or Known(), path.parent / PHOTOS, faults)
    else:
        files = _read_borders(path, faults)
    if len(faults):
        raise TerritoryRefused(list(faults))
    return files


def _read_borders(path: Path, faults: Faults) -> DepartmentFiles:
    text = text_of(path, faults)
    borders = read_borders(path.name, text, faults) if text is not None else None
    return DepartmentFiles(None, *_areas(borders))


def _read_folder(folder: Path, known: Known, faults: Faults) -> DepartmentFiles:
    card = _read_card(folder / CARD, faults)
    text = text_of(folder / BORDERS, faults)
    borders = read_borders(BORDERS, text, faults) if text is not None else None
    place = Known(
        borders.codes if borders else None,
        borders.district_codes if borders else None,
        known.desks or {},
        known.badges or frozenset(),
        ZoneInfo(card.timezone) if card else known.zone,
        card.is_demo if card else True,
        tuple(filter(None, (card.town_kk, card.town_ru))) if card else known.town,
    )
    files = _read_lists(found_in_folder(folder, faults), place, folder / PHOTOS, faults)
    districts, precincts = _areas(borders)
    return replace(files, department=card, districts=districts, precincts=precincts)


def _read_lists(lists: dict[str, Table], known: Known, photos: Path, faults: Faults) -> DepartmentFiles:
    """Each list is checked against those read before it, and against what is known where one is not there."""
    houses = read_houses(lists.get("houses"), known.precincts, faults, known.town)
    desks = read_desks(lists.get("desks"), known.districts, faults)
    kinds = known.desks if "desks" not in lists else desk_kinds(desks) if lists["desks"].is_whole else None
    officers = read_officers(lists.get("officers"), Places(known.precincts, kinds, photos), faults)
    badges = known.badges if "officers" not in lists else _badges(officers) if lists["officers"].is_whole else None
    chats = read_chats(lists.get("chats"), known.precincts, faults)
    residents = read_residents(lists.get("residents"), known.precincts, faults)
    if residents and not known.is_demo:
        faults.add(lists["residents"].file, N_("Only a demo department may list residents. Remove the file: people "
                   "join by themselves and give their consent."), sheet=lists["residents"].sheet)  # fmt: skip
    if any(one.telegram_id for one in officers) and not known.is_demo:
        faults.add(lists["officers"].file, N_("Only a demo department may list its officers' Telegram numbers. Clear "
                   "the column: officers join by an invitation."), sheet=lists["officers"].sheet)  # fmt: skip
    return DepartmentFiles(
        None,
        (),
        (),
        houses,
        desks,
        officers,
        chats,
        residents,
        read_absences(lists.get("absences"), badges, faults),
        read_watches(lists.get("watches"), kinds, badges, known.zone, faults),
        read_calendar(lists.get("calendar"), faults),
        read_week(lists.get("week"), faults),
        frozenset(lists),
    )


def _badges(officers: Iterable[OfficerEntry]) -> frozenset[str]:
    return frozenset(officer.badge for officer in officers)


def _areas(borders: Borders | None) -> tuple[Any, Any]:
    return (borders.districts, borders.precincts) if borders else ((), ())


def _read_card(path: Path, faults: Faults) -> DepartmentEntry | None:
    text = text_of(path, faults)
    if text is None:
        return None
    try:
        card = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        faults.add(CARD, N_("This is not TOML: {reason}."), reason=str(error))
        return None
    before = len(faults)
    said = {name: value.strip() if isinstance(value := card.get(name), str) else "" for name in WORDS}
    for name in WORDS:
        if not said[name]:
            faults.add(CARD, N_("The setting {name} is missing or is not a text in quotation marks."), name=name)
    if said["bin"] and not re.fullmatch(r"\d{12}", said["bin"]):
        faults.add(CARD, N_("The BIN must have 12 digits."))
    phone = phone_number(said["phone"])
    if said["phone"] and phone is None:
        faults.add(
            CARD, N_("“{value}” is not a phone number. Write it like this: +7 700 000 00 00."), value=said["phone"]
        )
    if said["timezone"] and not _is_zone(said["timezone"]):
        faults.add(
            CARD, N_("There is no time zone “{value}”. For Kazakhstan write Asia/Almaty."), value=said["timezone"]
        )
    if not isinstance(card.get("demo", False), bool):
        faults.add(CARD, N_("The setting demo must be true or false, without quotation marks."))
    town = {name: value.strip() if isinstance(value := card.get(name, ""), str) else "" for name in TOWN}
    if bool(town["town_kk"]) != bool(town["town_ru"]) or any(not isinstance(card.get(name, ""), str) for name in TOWN):
        faults.add(CARD, N_("The settings town_kk and town_ru are texts in quotation marks: write both or neither."))
    if len(faults) > before:
        return None
    return DepartmentEntry(**(said | {"phone": phone or ""} | town), is_demo=card.get("demo", False))


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (OSError, ValueError):  # ZoneInfoNotFoundError is a KeyError only for names that look right
        return False
    except KeyError:
        return False
    return True
