"""Who is my inspector: by the neighbourhood told before, by a point, by an address."""

from aiogram import Router
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.i18n import _
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.speech import Reply, choose, column
from bot.speech.calls import Open, Opens, PrecinctForm
from bot.speech.filters import HasLocation, HasText
from bot.speech.precinct import address_choices, precinct_card
from bot.speech.report import busy


def router() -> Router:
    router = Router(name="precinct")
    router.message.register(find, Command("inspector"))
    router.callback_query.register(press_find, Opens("inspector"))
    router.callback_query.register(press_other, Opens("inspector_other"))
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
    return await busy(person, state, unit) or await ask(state)


async def ask_message(_message: Message, state: FSMContext) -> Reply:
    return await ask(state)


async def mine(unit: Unit, person: Person, state: FSMContext) -> Reply:
    if person.precinct_id is None:
        return await busy(person, state, unit) or await ask(state)
    if await state.get_state() == PrecinctForm.asking.state:
        await state.clear()
    return await precinct_card(unit, await unit.territory.precinct(person.precinct_id))


async def ask(state: FSMContext, text: str = "") -> Reply:
    await state.set_state(PrecinctForm.asking)
    question = text or _("Send a location or write the street and the number of the house.")
    return Reply(question, [[choose("Menu", Open(what="menu"))]], open=True, asks="location")


async def by_point(_message: Message, point: tuple[float, float], unit: Unit, state: FSMContext) -> Reply:
    place = await unit.territory.at_point(*point)
    if place is None:
        return await ask(state, _("This place is outside the territory of the department. If it is urgent, call 102."))
    await state.clear()
    return await precinct_card(unit, place)


async def by_address(_message: Message, text: str, unit: Unit, state: FSMContext) -> Reply:
    found = await unit.territory.at_address(text)
    if len(found) == 1 and found[0][0].certain:
        await state.clear()
        return await precinct_card(unit, found[0][1])
    if not found:
        return await ask(state, _("No such address was found. Write it another way or choose from the list."))
    choices = column(*address_choices(found, "look"))
    return Reply(_("Which of these is it?"), [*choices, [choose("Menu", Open(what="menu"))]])
