"""Chats with their places, and the made-up residents of a demo department."""

from bot.errors import N_
from bot.services.territory_files.borders import LATITUDES, LONGITUDES
from bot.services.territory_files.cells import Columns, Once, Row, rows
from bot.services.territory_files.entries import ChatEntry, ResidentEntry
from bot.services.territory_files.faults import Faults
from bot.services.territory_files.tables import Table
from bot.terms import Language, Messenger

CHATS = Columns(("telegram_id", "title", "precinct"), ("second_precinct", "place", "lat", "lon"))
RESIDENTS = Columns(("channel", "address", "name", "language", "precinct", "subscribed"))


def read_chats(table: Table | None, precincts: frozenset[str] | None, faults: Faults) -> tuple[ChatEntry, ...]:
    found, ids = [], Once()
    for row in rows(table, CHATS, faults):
        telegram_id = row.telegram_id("telegram_id", is_group=True)
        title, precinct = row.filled("title"), row.known_precinct("precinct", precincts)
        second = row.known_precinct("second_precinct", precincts) if row.text("second_precinct") else None
        if second is not None and second == precinct:
            row.fault(N_("The second precinct is the first one again. Correct it or leave the cell empty."))
        point = _point(row)
        if telegram_id is not None:
            ids.check(row, telegram_id, str(telegram_id))
            found.append(ChatEntry(telegram_id, title, precinct, second, row.text("place"), point))
    return tuple(found)


def _point(row: Row) -> tuple[float, float] | None:
    said = [column for column in ("lat", "lon") if row.text(column)]
    if not said:
        return None
    if len(said) == 1:
        row.filled("lon" if said == ["lat"] else "lat")
        return None
    lat, lon = row.number("lat"), row.number("lon")
    if lat is None or lon is None:
        return None
    if LATITUDES[0] <= lat <= LATITUDES[1] and LONGITUDES[0] <= lon <= LONGITUDES[1]:
        return lat, lon
    if LATITUDES[0] <= lon <= LATITUDES[1] and LONGITUDES[0] <= lat <= LONGITUDES[1]:
        row.fault(N_("Latitude and longitude are swapped: the latitude is near 50, the longitude near 70."))
    else:
        row.fault(N_("The point {lat}, {lon} lies outside Kazakhstan. Correct it or leave both cells empty."),
                  lat=lat, lon=lon)  # fmt: skip
    return None


def read_residents(table: Table | None, precincts: frozenset[str] | None, faults: Faults) -> tuple[ResidentEntry, ...]:
    """Made-up people of a demo department; real ones come by themselves and give their consent."""
    found, people = [], Once()
    for row in rows(table, RESIDENTS, faults):
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
