"""Who is my inspector: by the neighbourhood told before, by a point, by an address, by the list."""

from dataclasses import replace

from aiogram import Router
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.i18n import _
from bot.services.residents import Person
from bot.services.territory import DeskView
from bot.services.unit import Unit
from bot.speech import Reply, choose, choose_named, column
from bot.speech.calls import Look, Open, Opens, OwnHouse
from bot.speech.filters import HasLocation, HasText, Pressed
from bot.speech.forms import PrecinctForm
from bot.speech.pages import paged
from bot.speech.precinct import address_choices, ask_precinct, desk_words, outside_reply, precinct_card
from bot.speech.presses import stale
from bot.speech.report import busy

PAGE = 10  # districts or precincts a screen


def router() -> Router:
    router = Router(name="precinct")
    router.message.register(find, Command("inspector"))
    router.callback_query.register(press_find, Opens("inspector"))
    router.callback_query.register(press_other, Opens("inspector_other"))
    router.callback_query.register(press_list, Pressed("look"), Look.filter())
    here = StateFilter(PrecinctForm.asking)
    router.message.register(by_point, here, HasLocation())
    router.message.register(by_address, here, HasText())
    router.message.register(ask_message, here)
    return router


async def find(_message: Message, unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await mine(unit, person, state)


async def press_find(_query: CallbackQuery, unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await mine(unit, person, state)


async def press_other(_query: CallbackQuery, unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await busy(person, state, unit) or await ask_precinct(state)


async def ask_message(_message: Message, state: FSMContext) -> Reply:
    return await ask_precinct(state)


async def mine(unit: Unit, person: Person, state: FSMContext) -> Reply:
    if person.precinct_id is None:
        return await busy(person, state, unit) or await ask_precinct(state)
    if await state.get_state() == PrecinctForm.asking.state:
        await state.clear()
    return await precinct_card(unit, await unit.territory.precinct(person.precinct_id))


async def by_point(_message: Message, point: tuple[float, float], unit: Unit, state: FSMContext) -> Reply:
    """On a border both are named, the same one always first."""
    spot = await unit.territory.spot_at(*point)
    await state.clear()
    if spot.precinct_id is None:
        return await outside_reply(unit, spot.outside_metres)
    return await precinct_card(unit, await unit.territory.precinct(spot.precinct_id), spot.neighbour_id)


async def by_address(_message: Message, text: str, unit: Unit, person: Person, state: FSMContext) -> Reply:
    found = await unit.territory.at_address(text)
    if len(found) == 1 and found[0][0].certain:
        await state.clear()
        (match, place), card = found[0], await precinct_card(unit, found[0][1])
        if place.id == person.precinct_id and await unit.homes.is_known(person.id):
            return card
        mine = OwnHouse(do="settle", id=place.id, code=await unit.homes.code_of(match))
        return replace(card, choices=[[choose("I live here", mine)], *card.choices])
    if not found:
        no = _("No such address was found. Write it another way or choose from the list.")
        return await ask_precinct(state, f"{no}\n{desk_words(await duty_of(unit, person))}".strip())
    choices = column(*address_choices(found, "look"))
    ways = [choose("List", Look(step="districts")), choose("Menu", Open(what="menu"))]
    return Reply(_("Which of these is it?"), [*choices, ways])


async def duty_of(unit: Unit, person: Person) -> DeskView:
    """Who answers while no address is known: the duty unit of the resident's own district, else the department's."""
    own = await unit.territory.precinct(person.precinct_id) if person.precinct_id is not None else None
    return await unit.territory.duty_desk(own.district_id if own is not None else None)


async def press_list(
    _query: CallbackQuery, callback_data: Look, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply:
    """A dialog that is open elsewhere is not dropped for a button of this list."""
    if raw_state not in (None, PrecinctForm.asking.state):
        return stale(person)
    if callback_data.step == "precinct":
        place = await unit.territory.precinct(callback_data.id)
        await state.clear()
        return await precinct_card(unit, place)
    if callback_data.step == "district":
        names = [(place.name, place.id) for place in await unit.territory.precincts(callback_data.id)]
        inner, back = "precinct", Look(step="districts")
    else:
        names = [(district.name, district.id) for district in await unit.territory.districts()]
        inner, back = "district", None
    choices = [choose_named(name, Look(step=inner, id=id_)) for name, id_ in names]
    shown = paged(choices, callback_data.page, PAGE, lambda n: callback_data.model_copy(update={"page": n}))
    last = [choose("Back", back)] if back else [choose("Another address", Open(what="inspector_other"))]
    text = _("Choose from the list: first the district, then your neighbourhood or street.")
    return Reply(text, [*shown, [*last, choose("Menu", Open(what="menu"))]], replaces=True)
