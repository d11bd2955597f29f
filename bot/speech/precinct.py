"""The card of a precinct: its inspector, who works instead of him today, or the duty unit where there is none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from aiogram.fsm.context import FSMContext

from bot.addresses.book import Match
from bot.i18n import Bilingual, _, number
from bot.services.officers import OfficerView
from bot.services.territory import DeskView, PlaceView
from bot.services.unit import Unit
from bot.speech import Choice, Reply, choose, choose_named
from bot.speech.calls import Home, Look, Open, OwnHouse
from bot.speech.forms import PrecinctForm


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who answers for a precinct at this moment. `desk` where nobody else does: no inspector, or off without anybody
    in his place."""

    place: PlaceView
    officer: OfficerView | None
    present: OfficerView | None
    desk: DeskView | None


async def keeper_of(unit: Unit, place: PlaceView) -> Keeper:
    officer = await unit.officers.inspector_of(place.id)
    present = await unit.roster.present(officer, unit.clock.now()) if officer else None
    desk = await unit.territory.duty_desk(place.district_id) if present is None else None
    return Keeper(place, officer, present, desk)


# -- words


def keeper_words(keeper: Keeper) -> str:
    """In the language that is spoken now: a group hears it twice."""
    officer = keeper.officer
    if officer is None:
        none = _("No inspector was found for this address. The duty unit will accept your tip.")
        return "\n".join(filter(None, (none, desk_words(keeper.desk))))
    text = _(
        "Your inspector:\n{officer}\nPolice point: {office}\nReception hours: {hours}\nPhone: {phone}\n"
        "If it is urgent, call 102.",
        officer=officer.title,
        office=shown(officer.office),
        hours=shown(officer.hours),
        phone=shown(officer.phone),
    )
    return "\n".join(filter(None, (f"{keeper.place.name}\n{text}", instead_words(keeper))))


def instead_words(keeper: Keeper) -> str:
    if keeper.officer is None or keeper.present == keeper.officer:
        return ""
    if keeper.present is None:
        off = _("The inspector is off now. The duty unit will accept your tip.")
        return f"{off}\n{desk_words(keeper.desk)}"
    return _(
        "The substitute inspector works now: {officer}. Phone: {phone}.",
        officer=keeper.present.title,
        phone=shown(keeper.present.phone),
    )


def neighbour_words(keeper: Keeper) -> str:
    """The second one where two precincts meet: in few words, so that the first stays the first."""
    if keeper.officer is None:
        return _("The border of another precinct runs here: {area}.", area=keeper.place.name)
    text = _(
        "The border of another precinct runs here: {area}. Inspector: {officer}. Phone: {phone}.",
        area=keeper.place.name,
        officer=keeper.officer.title,
        phone=shown(keeper.officer.phone),
    )
    if keeper.present is None:
        return text
    return "\n".join(filter(None, (text, instead_words(keeper))))


def desk_words(desk: DeskView | None) -> str:
    if desk is None:
        return ""
    return _(
        "The duty unit works day and night.\nAddress: {office}\nPhone: {phone}",
        office=shown(desk.address),
        phone=shown(desk.phone),
    )


def distance_words(metres: float) -> str:
    away = round(metres)
    return _("{n} km", n=number(round(away / 1000, 1))) if away >= 1000 else _("{n} m", n=number(away))


def shown(words: Bilingual | str) -> str:
    return str(words).strip() or "–"


# -- replies


async def precinct_card(unit: Unit, place: PlaceView, neighbour_id: int | None = None) -> Reply:
    keeper = await keeper_of(unit, place)
    lines = [keeper_words(keeper)]
    if neighbour_id is not None:
        lines.append(neighbour_words(await keeper_of(unit, await unit.territory.precinct(neighbour_id))))
    photo = await photo_of(unit, keeper)
    return Reply("\n\n".join(lines), card_choices(keeper), media_id=photo)


def card_choices(keeper: Keeper) -> list[list[Choice]]:
    last = [choose("Another address", Open(what="inspector_other")), choose("Menu", Open(what="menu"))]
    return [[choose("Is this my inspector?", Open(what="register"))], last] if keeper.officer else [last]


async def photo_of(unit: Unit, keeper: Keeper) -> int | None:
    """Only what lies on the shelf: a picture that is lost must not cost the words."""
    if keeper.officer is None or keeper.officer.photo_id is None:
        return None
    photo = await unit.shelf.get(keeper.officer.photo_id)
    return photo.id if photo is not None and photo.state == "stored" else None


async def outside_reply(unit: Unit, metres: float | None) -> Reply:
    """Nobody's place: how far it is to the nearest precinct, and the department's duty unit."""
    lines = [_("This place is outside the territory of the department. If it is urgent, call 102.")]
    if metres is not None:
        lines.append(_("Distance to the nearest precinct: {far}.", far=distance_words(metres)))
    lines.append(desk_words(await unit.territory.duty_desk(None)))
    choices = [choose("Another address", Open(what="inspector_other")), choose("Menu", Open(what="menu"))]
    return Reply("\n".join(lines), [choices])


async def ask_precinct(state: FSMContext, text: str = "") -> Reply:
    await state.set_state(PrecinctForm.asking)
    question = text or _(
        "Send a location or write the street and the number of the house. In a village write its name too."
    )
    ways = [choose("List", Look(step="districts")), choose("Menu", Open(what="menu"))]
    return Reply(question, [ways], open=True, numbered=True, asks="location")


# -- several matches


def address_choices(
    found: Sequence[tuple[Match, PlaceView]], step: str, codes: Mapping[Match, str] = MappingProxyType({})
) -> list[Choice]:
    """One a precinct, the best match of it: which precinct is all that is asked here. `codes` of their houses."""
    best: dict[int, Choice] = {}
    for match, place in found:
        if place.id not in best:
            code = codes.get(match)
            call = OwnHouse(do="settle", id=place.id, code=code) if code else Home(step=step, id=place.id)
            best[place.id] = choose_named(address_name(match, place), call)
    return list(best.values())


def address_name(match: Match, place: PlaceView) -> Bilingual:
    """Settlement, street and house; without a house it may lie in several precincts, so it is named with its own."""
    kk = _joined(match.settlement_kk, match.street_kk, match.house)
    ru = _joined(match.settlement_ru, match.street_ru, match.house)
    return Bilingual(kk, ru) if match.house else Bilingual(f"{kk} ({place.name.kk})", f"{ru} ({place.name.ru})")


def _joined(*parts: str) -> str:
    """Houses of a village without streets are listed under its name: it is said once."""
    return ", ".join(filter(None, dict.fromkeys(parts)))
