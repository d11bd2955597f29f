"""The card of a precinct: its inspector, or the duty unit where there is none."""

from collections.abc import Sequence

from bot.addresses.book import Match
from bot.i18n import Bilingual, _
from bot.services.territory import PlaceView
from bot.services.unit import Unit
from bot.speech import Choice, Reply, choose, choose_named
from bot.speech.calls import Home, Open


def address_choices(found: Sequence[tuple[Match, PlaceView]], step: str) -> list[Choice]:
    """One a precinct, the best match of it: which precinct is all that is asked here."""
    best: dict[int, Choice] = {}
    for match, place in found:
        if place.id not in best:
            best[place.id] = choose_named(address_name(match, place), Home(step=step, id=place.id))
    return list(best.values())


def address_name(match: Match, place: PlaceView) -> Bilingual:
    """Street and house; a street alone runs through several precincts, so it is named with its precinct."""
    if match.house:
        return Bilingual(f"{match.street_kk}, {match.house}", f"{match.street_ru}, {match.house}")
    return Bilingual(f"{match.street_kk} ({place.name.kk})", f"{match.street_ru} ({place.name.ru})")


async def precinct_card(unit: Unit, place: PlaceView) -> Reply:
    officer = await unit.officers.inspector_of(place.id)
    other = [[choose("Another address", Open(what="inspector_other")), choose("Menu", Open(what="menu"))]]
    if officer is None:
        desk = await unit.territory.duty_desk(place.district_id)
        none = _("No inspector was found for this address. The duty unit will accept your tip.")
        duty = _(
            "The duty unit works day and night.\nAddress: {office}\nPhone: {phone}",
            office=desk.address,
            phone=desk.phone,
        )
        return Reply(f"{none}\n{duty}", other)
    text = _(
        "Your inspector:\n{officer}\nPolice point: {office}\nReception hours: {hours}\nPhone: {phone}\n"
        "If it is urgent, call 102.",
        officer=officer.title,
        office=officer.office,
        hours=officer.hours,
        phone=officer.phone,
    )
    return Reply(f"{place.name}\n{text}", other)
