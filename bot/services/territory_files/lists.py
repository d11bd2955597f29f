"""The five lists of a department: each line checked by itself, then the lines against each other."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.addresses import HouseNumber, Numbers, read_numbers, street_name
from bot.data import load
from bot.errors import N_
from bot.services.territory_files.cells import Once, Row, rows
from bot.services.territory_files.entries import ChatEntry, DeskEntry, HouseEntry, OfficerEntry, ResidentEntry
from bot.services.territory_files.faults import Faults
from bot.terms import DeskKind, Language, Messenger, Role

HOUSES = ("precinct", "street_kk", "street_ru", "old_name_kk", "old_name_ru", "numbers")
DESKS = ("code", "kind", "district", "name_kk", "name_ru", "phone", "address_kk", "address_ru")
OFFICERS = (
    "badge", "rank", "name_kk", "name_ru", "phone", "office_kk", "office_ru", "hours_kk", "hours_ru", "role", "place",
    "telegram_id",
)  # fmt: skip
CHATS = ("telegram_id", "title", "precinct")
RESIDENTS = ("channel", "address", "name", "language", "precinct", "subscribed")

DESKS_OF = {
    Role.DESK: {DeskKind.DESK},
    Role.DUTY: {DeskKind.DISTRICT_DUTY, DeskKind.DEPARTMENT_DUTY},
    Role.OWN_SECURITY: {DeskKind.OWN_SECURITY},
}
"""What kind of desk somebody of a role sits at. An inspector has a precinct, everybody else no place."""

Codes = frozenset[str] | None


def read_houses(file: str, text: str | None, precincts: Codes, faults: Faults) -> tuple[HouseEntry, ...]:
    """House lists. A house named in two precincts is a fault at the later line."""
    found = []
    taken: dict[tuple[str, frozenset[str], HouseNumber], tuple[str, int]] = {}
    for row in rows(file, text, HOUSES, faults):
        entry = HouseEntry(
            row.known_precinct("precinct", precincts),
            row.filled("street_kk"),
            row.filled("street_ru"),
            row.text("old_name_kk"),
            row.text("old_name_ru"),
            row.filled("numbers"),
        )
        found.append(entry)
        if not entry.numbers:
            continue
        try:
            numbers = read_numbers(entry.numbers)
        except ValueError as error:
            row.fault(N_("“{value}” is not a house number or a run like “1-35 odd”."), value=str(error))
            continue
        _check_taken(row, entry, numbers, taken)
    return tuple(found)


def _check_taken(
    row: Row,
    entry: HouseEntry,
    numbers: Numbers,
    taken: dict[tuple[str, frozenset[str], HouseNumber], tuple[str, int]],
) -> None:
    name = street_name(entry.street_kk)
    for house in numbers.each():
        precinct, line = taken.setdefault((name.key, name.kinds, house), (entry.precinct, row.line))
        if precinct != entry.precinct:
            row.fault(
                N_("House {house} of {street} is already in precinct {precinct}, line {other}. Leave one."),
                house=str(house), street=entry.street_kk, precinct=precinct, other=line,
            )  # fmt: skip
            return  # the first house tells enough: a doubled run would fill the screen


def read_desks(file: str, text: str | None, districts: Codes, faults: Faults) -> tuple[DeskEntry, ...]:
    """Desks and duty queues. One department queue and one own-security desk must be there: nothing may fall between."""
    found, codes, queues = [], Once(), Once()
    for row in rows(file, text, DESKS, faults):
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
        if text is not None and needed not in {desk.kind for desk in found}:
            faults.add(file, N_("There is no desk of the kind {kind}. Add one: reports must always have a holder."),
                       kind=str(needed))  # fmt: skip
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Places:
    """Where officers may stand: precinct codes (None: unknown) and the kind of each desk."""

    precincts: Codes
    desks: dict[str, DeskKind]


def read_officers(file: str, text: str | None, places: Places, faults: Faults) -> tuple[OfficerEntry, ...]:
    found, badges, accounts = [], Once(), Once()
    for row in rows(file, text, OFFICERS, faults):
        badge = row.filled("badge")
        badges.check(row, badge, badge)
        rank_kk, rank_ru = _rank(row)
        role = row.word("role", Role)
        precinct, desk = _place(row, role, places)
        telegram_id = row.telegram_id("telegram_id") if row.text("telegram_id") else None
        if telegram_id is not None:
            accounts.check(row, telegram_id, str(telegram_id))
        name_kk, name_ru, phone = row.filled("name_kk"), row.filled("name_ru"), row.phone("phone")
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
                )
            )  # fmt: skip
    return tuple(found)


def _rank(row: Row) -> tuple[str, str]:
    """A rank's code, or its words «kk|ru»; civilians have none."""
    said = row.text("rank")
    if not said:
        return "", ""
    for rank in load("ranks")["rank"]:
        if rank["code"] == said:
            return rank["kk"], rank["ru"]
    kk, _bar, ru = (part.strip() for part in said.partition("|"))
    if not (kk and ru):
        row.fault(
            N_("The rank “{value}” is not known. Write its code, or both names: “қазақша|по-русски”."), value=said
        )
    return kk, ru


def _place(row: Row, role: Role | None, places: Places) -> tuple[str | None, str | None]:
    place = row.text("place")
    if role is Role.INSPECTOR:
        return row.known_precinct("place", places.precincts) or None, None
    if role in DESKS_OF:
        if places.desks.get(place) not in DESKS_OF[role]:
            row.fault(N_("There is no desk “{value}” for the role {role}. Correct the code or add the desk."),
                      value=place, role=str(role))  # fmt: skip
        return None, place or None
    if role and place:
        row.fault(N_("The role {role} has no place. Leave the cell empty."), role=str(role))
    return None, None


def read_chats(file: str, text: str | None, precincts: Codes, faults: Faults) -> tuple[ChatEntry, ...]:
    found, ids = [], Once()
    for row in rows(file, text, CHATS, faults):
        telegram_id = row.telegram_id("telegram_id", is_group=True)
        title, precinct = row.filled("title"), row.known_precinct("precinct", precincts)
        if telegram_id is not None:
            ids.check(row, telegram_id, str(telegram_id))
            found.append(ChatEntry(telegram_id, title, precinct))
    return tuple(found)


def read_residents(file: str, text: str | None, precincts: Codes, faults: Faults) -> tuple[ResidentEntry, ...]:
    """Made-up people of a demo department; real ones come by themselves and give their consent."""
    found, people = [], Once()
    for row in rows(file, text, RESIDENTS, faults):
        messenger, language = row.word("channel", Messenger), row.word("language", Language)
        name, precinct = row.filled("name"), row.known_precinct("precinct", precincts)
        is_subscribed = row.is_yes("subscribed")
        address = _address(row, messenger)
        if messenger and language and address:
            people.check(row, (messenger, address), address)
            found.append(ResidentEntry(messenger, address, name, language, precinct, is_subscribed))
    return tuple(found)


def _address(row: Row, messenger: Messenger | None) -> str:
    if messenger is Messenger.WHATSAPP:
        return row.phone("address", is_mobile=True) if row.filled("address") else ""
    return str(row.telegram_id("address") or "") if messenger else ""


def desk_kinds(desks: Iterable[DeskEntry]) -> dict[str, DeskKind]:
    return {desk.code: desk.kind for desk in desks}
