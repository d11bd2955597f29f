"""The place of a tip: a point, an address, the yard of the group, the sender's own precinct, or none."""

from dataclasses import replace

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.i18n import _
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.speech import Reply, choose, choose_named, column, pair
from bot.speech.calls import Report
from bot.speech.filters import HasLocation, HasText, Pressed
from bot.speech.forms import TipForm
from bot.speech.place import NOT_TOLD, ask_place, home_choice, note_point, place_words
from bot.speech.precinct import address_name
from bot.speech.presses import before, stale
from bot.speech.report import ask_next, question

STEPS = ("skip", "home", "place", "keep", "yard")


def router() -> Router:
    router = Router(name="place")
    late = StateFilter(TipForm.place, TipForm.identity, TipForm.check)
    router.message.register(share_place, late, HasLocation())
    router.message.register(tell_place, StateFilter(TipForm.place), HasText())
    router.callback_query.register(press, Pressed(*(f"rep:{step}" for step in STEPS)), Report.filter())
    return router


async def press(
    _query: CallbackQuery, callback_data: Report, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply | None:
    if raw_state != TipForm.place.state:
        return stale(person, await question(state, unit, raw_state))
    match callback_data.step:
        case "home":
            return await pick_home(state, unit, person, callback_data.code)
        case "yard":
            return await pick_yard(state, unit)
        case "skip":
            await state.update_data(NOT_TOLD)
            return await go_on(state, unit)
    return await pick_place(state, unit, callback_data.code)


async def share_place(_message: Message, point: tuple[float, float], state: FSMContext, unit: Unit) -> Reply:
    words, is_taken = await note_point(state, unit, *point)
    if not is_taken:
        return await ask_place(state, unit, words)
    asked = await go_on(state, unit)
    return before(words, asked) if words else asked


async def tell_place(_message: Message, text: str, state: FSMContext, unit: Unit) -> Reply:
    """A certain address is taken; several are offered; an unknown one can be kept as it is written."""
    words = text[:500]
    found = await unit.territory.at_address(words)
    if len(found) == 1 and found[0][0].certain:
        await state.update_data(NOT_TOLD | {"place": words, "precinct": found[0][1].id})
        return await go_on(state, unit)
    names = {str(address_name(match, place)): (address_name(match, place), place.id) for match, place in found}
    offered = [[label, place_id] for label, (_name, place_id) in names.items()]
    await state.update_data(offered=[*offered, [words, None]])
    choices = [choose_named(name, Report(step="place", code=str(n))) for n, (name, _id) in enumerate(names.values())]
    keep_as = choose("Keep it as written", Report(step="keep", code=str(len(names))))
    asked = (
        _("Which of these is it?")
        if found
        else _("No such address was found. Write it another way or keep it as it is written.")
    )
    at_home = home_choice(await state.get_data(), str(len(names)))
    return Reply(asked, column(*choices, keep_as, *at_home, choose("Skip", Report(step="skip"))))


async def pick_place(state: FSMContext, unit: Unit, code: str) -> Reply:
    """One of the offered, by its number; the last one is the words as they were written."""
    offered = (await state.get_data()).get("offered") or []
    if not code.isdecimal() or int(code) >= len(offered):
        return await ask_place(state, unit)
    place, precinct_id = offered[int(code)]
    await state.update_data(NOT_TOLD | {"place": place, "precinct": precinct_id})
    return await go_on(state, unit)


async def pick_yard(state: FSMContext, unit: Unit) -> Reply:
    """The yard of the group the tip began in: the sender has said so now. Unbound meanwhile: asked again."""
    form = await state.get_data()
    spot = await unit.territory.spot_of_chat(form.get("yard", 0))
    if spot.precinct_id is None:
        await state.update_data(yard=None)
        return await ask_place(state, unit)
    await state.update_data(NOT_TOLD | {"place": form["yard_name"], "chat": form["yard"]})
    return await go_on(state, unit)


async def pick_home(state: FSMContext, unit: Unit, person: Person, code: str) -> Reply:
    """Where the sender lives, because he says that it was there; the words of the place stay, if there were any."""
    if person.precinct_id is None:
        return await ask_place(
            state, unit, _("Your precinct is not known yet. Send a location, write the address or choose “Skip”.")
        )
    offered = (await state.get_data()).get("offered") or []
    words = offered[-1][0] if code and offered else ""
    await state.update_data(NOT_TOLD | {"place": words, "precinct": person.precinct_id, "home": True})
    return await go_on(state, unit)


async def go_on(state: FSMContext, unit: Unit) -> Reply:
    """The next question under the place as it was understood. On Telegram the place goes before it, and takes the keys
    of this step away: a message cannot both take keys and have buttons."""
    asked = await ask_next(state, unit)
    if await state.get_state() != TipForm.identity.state or not isinstance(asked.text, str):
        return asked
    place = place_words(await state.get_data())
    told = pair(_("Place of the event"), place if place != "–" else _("not told"))
    return replace(asked, text=f"{told}\n\n{asked.text}")
