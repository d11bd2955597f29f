"""department.toml: the department's own card, and the reading of a whole folder."""

import re
import tomllib
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.errors import N_
from bot.services.territory_files.borders import Borders, read_borders
from bot.services.territory_files.cells import decoded, phone_number
from bot.services.territory_files.entries import DepartmentEntry, DepartmentFiles
from bot.services.territory_files.faults import Faults, TerritoryRefused
from bot.services.territory_files.lists import (
    Places,
    desk_kinds,
    read_chats,
    read_desks,
    read_houses,
    read_officers,
    read_residents,
)

CARD, BORDERS = "department.toml", "territory.geojson"
WORDS = (
    "name_kk", "name_ru", "bin", "phone", "address_kk", "address_ru", "term_kk", "term_ru", "hours_kk", "hours_ru",
    "timezone",
)  # fmt: skip


def read_department(path: Path) -> DepartmentFiles:
    """Read a department's folder, or one .geojson with borders only. Raises TerritoryRefused with every fault.

    A folder needs department.toml and territory.geojson; houses, desks, officers, chats and residents (demo only)
    are read where their .csv is there. Nothing is written anywhere.
    """
    faults = Faults()
    files = _read_folder(path, faults) if path.is_dir() else _read_single(path, faults)
    if len(faults):
        raise TerritoryRefused(list(faults))
    return files


def _read_single(path: Path, faults: Faults) -> DepartmentFiles:
    text = _text(path, faults)
    borders = read_borders(path.name, text, faults) if text is not None else None
    return DepartmentFiles(None, *_areas(borders))


def _read_folder(folder: Path, faults: Faults) -> DepartmentFiles:
    department = _read_card(folder / CARD, faults)
    text = _text(folder / BORDERS, faults)
    borders = read_borders(BORDERS, text, faults) if text is not None else None
    precincts = borders.codes if borders else None
    districts = borders.district_codes if borders else None

    def listed(name: str) -> str | None:
        """The text of a list; one that is not there has no lines and no faults."""
        return _text(folder / name, faults) if (folder / name).exists() else None

    houses = read_houses("houses.csv", listed("houses.csv"), precincts, faults)
    desks = read_desks("desks.csv", listed("desks.csv"), districts, faults)
    officers = read_officers("officers.csv", listed("officers.csv"), Places(precincts, desk_kinds(desks)), faults)
    chats = read_chats("chats.csv", listed("chats.csv"), precincts, faults)
    residents = read_residents("residents.csv", listed("residents.csv"), precincts, faults)
    if residents and department and not department.is_demo:
        faults.add("residents.csv", N_("Only a demo department may list residents. Remove the file: people join "
                                       "by themselves and give their consent."))  # fmt: skip
    return DepartmentFiles(department, *_areas(borders), houses, desks, officers, chats, residents)


def _areas(borders: Borders | None) -> tuple[Any, Any]:
    return (borders.districts, borders.precincts) if borders else ((), ())


def _text(path: Path, faults: Faults) -> str | None:
    try:
        content = path.read_bytes()
    except OSError:
        faults.add(path.name, N_("The file is missing or cannot be read. Put it into the folder."))
        return None
    return decoded(path.name, content, faults)


def _read_card(path: Path, faults: Faults) -> DepartmentEntry | None:
    text = _text(path, faults)
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
    if len(faults) > before:
        return None
    return DepartmentEntry(**(said | {"phone": phone or ""}), is_demo=card.get("demo", False))


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (OSError, ValueError):  # ZoneInfoNotFoundError is a KeyError only for names that look right
        return False
    except KeyError:
        return False
    return True
