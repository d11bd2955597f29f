"""Where the resident lives: by a point, an address, or a list. It decides who the inspector is."""

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.danger import money_gone_in
from bot.i18n import _
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.speech import Reply, choose, choose_named, column
from bot.speech.calls import Home, OwnHouse
from bot.speech.filters import HasLocation, HasText, HasWords, Pressed, Says
from bot.speech.forms import PrecinctForm, StartForm, TipForm
from bot.speech.home import ask_home, forget_house, remember_house, settle
from bot.speech.menu import SKIP_WORDS, WORDS_OF_COMMAND, menu_reply
from bot.speech.parts import part_of
from bot.speech.precinct import address_choices, precinct_card
from bot.speech.presses import stale
from bot.speech.report import ask_first, ask_money
from bot.suggest import suggest

STORY_WORDS = 3  # fewer may be a street
HOME_FORM = {state.state for state in (StartForm.home, StartForm.point, StartForm.address)}


def router() -> Router:
    router = Router(name="home")
    here = StateFilter(StartForm.home, StartForm.point, StartForm.address)
    router.message.register(skip_typed, here, Says(*SKIP_WORDS))
    router.message.register(share_home, here, HasLocation())
    router.message.register(tell_home, here, HasText(), ~Says(*WORDS_OF_COMMAND))
    router.message.register(repeat_home, here, ~HasWords())
    router.callback_query.register(home, Pressed("home"), Home.filter())
    router.callback_query.register(own_house, Pressed("house"), OwnHouse.filter())
    return router


async def own_house(
    _query: CallbackQuery, callback_data: OwnHouse, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply:
    """The house is kept only by the press that consents to it."""
    if raw_state not in (None, PrecinctForm.asking.state, *HOME_FORM):
        return stale(person)
    match callback_data.do:
        case "settle":
            place = await unit.territory.precinct(callback_data.id)
            return await settle(unit, person, state, place, callback_data.code)
        case "remember":
            return await remember_house(unit, person, callback_data.code)
    return await forget_house(unit, person)


async def home(
    _query: CallbackQuery, callback_data: Home, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply:
    """A tip or an answer that is being written is not dropped for an old button."""
    if raw_state not in (None, TipForm.danger_place.state, PrecinctForm.asking.state, *HOME_FORM):
        return stale(person)
    match callback_data.step:
        case "point":
            await state.set_state(StartForm.point)
            return Reply(
                _("Press 📎 and send the location of your house."),
                [[choose("Back", Home(step="ask"))]],
                open=True,
                numbered=True,
                asks="location",
            )
        case "address":
            await state.set_state(StartForm.address)
            text = _(
                "Write the street and the number of the house, in a village its name too. For example: Abai street, 12."
            )
            return Reply(text, [[choose("Back", Home(step="ask"))]], open=True, numbered=True, replaces=True)
        case "list":
            districts = await unit.territory.districts()
            choices = [choose_named(item.name, Home(step="district", id=item.id)) for item in districts]
            text = _("Choose from the list: first the district, then your neighbourhood or street.")
            return Reply(text, [*column(*choices), [choose("Back", Home(step="ask"))]], replaces=True)
        case "district":
            precincts = await unit.territory.precincts(callback_data.id)
            choices = [choose_named(item.name, Home(step="precinct", id=item.id)) for item in precincts]
            text = _("Choose from the list: first the district, then your neighbourhood or street.")
            return Reply(text, [*column(*choices), [choose("Back", Home(step="list"))]], replaces=True)
        case "precinct":
            return await settle(unit, person, state, await unit.territory.precinct(callback_data.id))
        case "skip":
            await state.clear()
            return menu_reply(person)
        case "look":
            place = await unit.territory.precinct(callback_data.id)
            await state.clear()
            return await precinct_card(unit, place)
    return await ask_home(state, replaces=True)


async def skip_typed(_message: Message, person: Person, state: FSMContext) -> Reply:
    await state.clear()
    return menu_reply(person)


def is_story(text: str) -> bool:
    """Words that name a matter of the department, and no house."""
    is_short = len(text.split()) < STORY_WORDS
    return not is_short and not any(char.isdigit() for char in text) and bool(suggest(text).categories)


async def share_home(
    _message: Message, point: tuple[float, float], unit: Unit, person: Person, state: FSMContext
) -> Reply:
    place = await unit.territory.at_point(*point)
    if place is None:
        outside = _("This place is outside the territory of the department. If it is urgent, call 102.")
        return await ask_home(state, outside)
    return await settle(unit, person, state, place)


async def repeat_home(_message: Message, state: FSMContext) -> Reply:
    return await ask_home(
        state, _("Send a location or write the street and the number of the house. In a village write its name too.")
    )


async def tell_home(message: Message, text: str, unit: Unit, person: Person, state: FSMContext) -> Reply:
    """Who tells what happened instead of where he lives begins a tip: where he lives can be asked later."""
    found = await unit.territory.at_address(text)
    if is_story(text) and not any(match.certain for match, _place in found):
        await state.clear()
        await state.update_data(parts=[part_of(message).as_form()], last_at=message.date.timestamp())
        return await ask_money(state) if money_gone_in(text) else await ask_first(state, unit)
    if not found:
        return await ask_home(state, _("No such address was found. Write it another way or choose from the list."))
    if len(found) == 1 and found[0][0].certain:
        match, place = found[0]
        return await settle(unit, person, state, place, await unit.homes.code_of(match))
    await state.set_state(StartForm.address)
    codes = {match: await unit.homes.code_of(match) for match, _place in found}
    choices = column(*address_choices(found, "precinct", codes))
    return Reply(_("Which of these is it?"), [*choices, [choose("Back", Home(step="ask"))]])
