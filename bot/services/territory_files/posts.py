"""Desks and officers: who sits where, and the portraits of those whom people may want to recognise."""

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.data import load
from bot.errors import N_
from bot.services.territory_files.cells import Columns, Once, Row, rows
from bot.services.territory_files.entries import DeskEntry, OfficerEntry, Photo
from bot.services.territory_files.faults import Faults
from bot.services.territory_files.headings import folded
from bot.services.territory_files.tables import Table, bounded
from bot.terms import DeskKind, Role

DESKS = Columns(("code", "kind", "name_kk", "name_ru"), ("district", "phone", "address_kk", "address_ru"))
OFFICERS = Columns(
    ("badge", "name_kk", "name_ru", "role"),
    ("rank", "phone", "office_kk", "office_ru", "hours_kk", "hours_ru", "place", "precinct", "desk", "username",
     "photo", "telegram_id"),
)  # fmt: skip
DESKS_OF = {
    Role.DESK: {DeskKind.DESK},
    Role.DUTY: {DeskKind.DISTRICT_DUTY, DeskKind.DEPARTMENT_DUTY},
    Role.OWN_SECURITY: {DeskKind.OWN_SECURITY},
}
"""What kind of desk somebody of a role sits at. An inspector has a precinct, everybody else no place."""
MOST_PHOTO_MB = 5
MOST_SIDES = 10_000
"""Telegram refuses photos whose width and height come to more (sendPhoto, Bot API)."""
_USERNAME = re.compile(r"(?:https?://)?(?:t\.me/)?@?(?P<name>[A-Za-z][A-Za-z0-9_]{3,31})")

Codes = frozenset[str] | None


def read_desks(table: Table | None, districts: Codes, faults: Faults) -> tuple[DeskEntry, ...]:
    """Desks and duty queues. One department queue and one own-security desk must be there: nothing may fall between."""
    found, codes, queues = [], Once(), Once()
    for row in rows(table, DESKS, faults):
        kind = row.word("kind", DeskKind)
        district = row.text("district") or None
        if kind is DeskKind.DISTRICT_DUTY:
            if district is None or (districts is not None and district not in districts):
                row.fault(N_("There is no district “{value}” in the borders. Correct the code or add the district."),
                          value=district or "")  # fmt: skip
            else:
                queues.check(row, district, f"{kind} {district}")
        elif district is not None:
            row.fault(N_("Only a district's duty queue has a district. Leave the cell empty."))
        elif kind in {DeskKind.DEPARTMENT_DUTY, DeskKind.OWN_SECURITY}:
            queues.check(row, kind, str(kind))
        code = row.code("code")
        codes.check(row, code, code)
        words = (row.filled("name_kk"), row.filled("name_ru"), row.phone("phone"))
        if kind:
            found.append(DeskEntry(code, kind, district, *words, row.text("address_kk"), row.text("address_ru")))
    for needed in (DeskKind.DEPARTMENT_DUTY, DeskKind.OWN_SECURITY):
        if table is not None and table.is_whole and needed not in {desk.kind for desk in found}:
            faults.add(
                table.file,
                N_("There is no desk of the kind {kind}. Add one: reports must always have a holder."),
                sheet=table.sheet,
                kind=str(needed),
            )
    return tuple(found)


def desk_kinds(desks: Iterable[DeskEntry]) -> dict[str, DeskKind]:
    return {desk.code: desk.kind for desk in desks}


@dataclass(frozen=True, slots=True)
class Places:
    """Where officers may stand: precinct codes and the kind of each desk (None: not known), the folder of portraits."""

    precincts: Codes
    desks: dict[str, DeskKind] | None
    photos: Path


def read_officers(table: Table | None, places: Places, faults: Faults) -> tuple[OfficerEntry, ...]:
    found, badges, accounts, usernames = [], Once(), Once(), Once()
    for row in rows(table, OFFICERS, faults):
        badge = row.filled("badge")
        badges.check(row, badge, badge)
        rank_kk, rank_ru = _rank(row)
        role = row.word("role", Role)
        precinct, desk = _place(row, role, places)
        telegram_id = row.telegram_id("telegram_id") if row.text("telegram_id") else None
        if telegram_id is not None:
            accounts.check(row, telegram_id, str(telegram_id))
        username = _username(row)
        if username:
            usernames.check(row, username, f"@{username}")
        name_kk, name_ru, phone = row.filled("name_kk"), row.filled("name_ru"), row.phone("phone")
        photo = _photo(row, places.photos)
        if role:
            found.append(
                OfficerEntry(
                    badge,
                    rank_kk,
                    rank_ru,
                    name_kk,
                    name_ru,
                    phone,
                    row.text("office_kk"),
                    row.text("office_ru"),
                    row.text("hours_kk"),
                    row.text("hours_ru"),
                    role,
                    precinct,
                    desk,
                    telegram_id,
                    username,
                    photo,
                )
            )  # fmt: skip
    return tuple(found)


def _rank(row: Row) -> tuple[str, str]:
    """A rank's code, its name in either language, or both names «kk|ru»; civilians have none."""
    said = row.text("rank")
    if not said:
        return "", ""
    for rank in load("ranks")["rank"]:
        if folded(said) in {rank["code"], folded(rank["kk"]), folded(rank["ru"])}:
            return rank["kk"], rank["ru"]
    kk, _bar, ru = (part.strip() for part in said.partition("|"))
    if not (kk and ru):
        row.fault(
            N_("The rank “{value}” is not known. Write its code, or both names: “қазақша|по-русски”."), value=said
        )
    return kk, ru


def _place(row: Row, role: Role | None, places: Places) -> tuple[str | None, str | None]:
    filled = [column for column in ("place", "precinct", "desk") if row.text(column)]
    if len({row.text(column) for column in filled}) > 1:
        row.fault(N_("An officer has one place: leave only one of {columns}."),
                  columns=", ".join(map(row.title, filled)))  # fmt: skip
        return None, None
    column = filled[0] if filled else "precinct" if row.has("precinct") and role is Role.INSPECTOR else "place"
    place = row.text(column)
    if role is Role.INSPECTOR:
        return row.known_precinct(column, places.precincts) or None, None
    if role in DESKS_OF:
        if not place or (places.desks is not None and places.desks.get(place) not in DESKS_OF[role]):
            row.fault(N_("There is no desk “{value}” for the role {role}. Correct the code or add the desk."),
                      value=place, role=str(role))  # fmt: skip
        return None, place or None
    if role and place:
        row.fault(N_("The role {role} has no place. Leave the cell empty."), role=str(role))
    return None, None


def _username(row: Row) -> str:
    said = row.text("username")
    match = _USERNAME.fullmatch(said)
    if said and match is None:
        row.fault(N_("“{value}” is not a Telegram name. Write it like this: @name."), value=said)
    return match["name"].casefold() if match else ""


def _photo(row: Row, folder: Path) -> Photo | None:
    """The portrait named in the line, from the folder beside the lists; judged by its content, not by its name."""
    name = row.text("photo")
    if not name:
        return None
    if name != Path(name).name or "\\" in name or name.startswith("."):
        row.fault(N_("“{value}” is not a file name. Write only the name of a file in the folder photos."), value=name)
        return None
    try:
        content = bounded(folder / name, MOST_PHOTO_MB * 2**20)
    except (OSError, ValueError):
        row.fault(N_("There is no photo “{value}” in the folder photos. Put it there or clear the cell."), value=name)
        return None
    if content is None:
        row.fault(N_("The photo “{value}” is larger than {limit} MB. Make it smaller."),
                  value=name, limit=MOST_PHOTO_MB)  # fmt: skip
        return None
    mime = _picture(content)
    if mime is None:
        row.fault(N_("The photo “{value}” is not a whole JPEG or PNG picture. Save it again as JPEG."), value=name)
        return None
    return Photo(content, mime)


def _picture(content: bytes) -> str | None:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as picture:
            kind, sides = picture.format, sum(picture.size)
            if kind is None or sides > MOST_SIDES:
                return None
            picture.load()  # a picture cut off in the middle has a good beginning
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning, OSError, ValueError,
            SyntaxError):  # fmt: skip
        return None
    return f"image/{kind.casefold()}"
