"""Where a resident lives: the question, and the answer written down."""

from dataclasses import replace

from aiogram.fsm.context import FSMContext

from bot.i18n import _
from bot.services.residents import Person
from bot.services.territory import PlaceView
from bot.services.unit import Unit
from bot.speech import Reply, choose, rows
from bot.speech.calls import Home, Open
from bot.speech.forms import StartForm
from bot.speech.menu import menu_reply


async def ask_home(state: FSMContext, text: str = "", *, replaces: bool = False) -> Reply:
    await state.set_state(StartForm.home)
    question = text or _(
        "Where do you live? This is needed to find your inspector. How would you like to show your house?"
    )
    choices = [
        choose("Point on the map", Home(step="point")),
        choose("Address", Home(step="address")),
        choose("List", Home(step="list")),
        choose("Skip", Home(step="skip")),
    ]
    return Reply(question, rows(choices), replaces=replaces)


async def settle(unit: Unit, person: Person, state: FSMContext, place: PlaceView) -> Reply:
    await unit.residents.settle(person, place.id)
    await state.clear()
    inspector = await unit.officers.inspector_of(place.id)
    if inspector is None:
        text = _("Saved. Precinct: {area}.", area=place.name)
    else:
        text = _("Saved. Precinct: {area}. Inspector: {officer}.", area=place.name, officer=inspector.title)
    if not await unit.subscriptions.has(person.id):
        offer = choose("Get warnings", Open(what="subscribe"))
        later = choose("Menu", Open(what="menu"))
        question = _("Shall we send you warnings about fraud in your neighbourhood? A few a week, not at night.")
        return Reply(f"{text}\n\n{question}", [[offer, later]])
    return menu_reply(replace(person, precinct_id=place.id), text)
