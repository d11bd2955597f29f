"""Where a resident lives: the question, and the answer written down."""

from dataclasses import replace

from aiogram.fsm.context import FSMContext

from bot.i18n import _
from bot.services.residents import Person
from bot.services.territory import PlaceView
from bot.services.unit import Unit
from bot.speech import Reply, choose, rows
from bot.speech.calls import Home, Open, OwnHouse
from bot.speech.forms import StartForm
from bot.speech.menu import menu_reply
from bot.speech.presses import stale


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


async def settle(unit: Unit, person: Person, state: FSMContext, place: PlaceView, house: str = "") -> Reply:
    """`house`: the code of the house that was told, which is kept only with the person's consent."""
    await unit.residents.settle(person, place.id)
    await state.clear()
    inspector = await unit.officers.inspector_of(place.id)
    if inspector is None:
        text = _("Saved. Precinct: {area}.", area=place.name)
    else:
        text = _("Saved. Precinct: {area}. Inspector: {officer}.", area=place.name, officer=inspector.title)
    remember = choose("Remember my house", OwnHouse(do="remember", code=house))
    later = choose("Menu", Open(what="menu"))
    if not await unit.subscriptions.of(person.id):
        offer = choose("Get warnings", Open(what="subscribe"))
        question = _("Shall we send you warnings about fraud in your neighbourhood? A few a week, not at night.")
        if not house:
            return Reply(f"{text}\n\n{question}", [[offer, later]])
        more = _("They also come for your house alone if you let us remember it.")
        return Reply("\n\n".join([text, question, f"{more} {house_words()}"]), [[remember], [offer, later]])
    if house:
        question = _("Shall we remember your house, so that warnings for your house reach you?")
        return Reply("\n\n".join([text, f"{question} {house_words()}"]), [[remember], [later]])
    return menu_reply(replace(person, precinct_id=place.id), text)


def house_words() -> str:
    """What is consented to."""
    return _(
        "We keep a code made of the address, not the address itself. It serves for warnings only; it is erased when you"
        " stop the warnings, or at once: “Warnings: on or off” → “What about” → “Forget my house”."
    )


async def remember_house(unit: Unit, person: Person, code: str) -> Reply:
    if not await unit.homes.remember(person.id, code):
        return stale(person)
    if not await unit.subscriptions.of(person.id):
        await unit.subscriptions.subscribe_usual(person.id)
    return menu_reply(person, _("Your house is remembered: warnings for it will reach you."))


async def forget_house(unit: Unit, person: Person) -> Reply:
    await unit.homes.forget(person.id)
    text = _("Your house is forgotten. Warnings for your whole precinct will come as before.")
    return menu_reply(person, text)
