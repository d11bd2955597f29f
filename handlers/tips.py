"""A tip: what it is about, what to change, how to send it. Its story, place, money and details have their own files."""

from typing import Any

from aiogram import Router
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.i18n import _
from bot.services.residents import Person
from bot.services.routing import NOWHERE, Spot
from bot.services.tips import TipDraft
from bot.services.unit import Unit
from bot.speech import Reply, choose
from bot.speech.calls import Open, Opens, Report
from bot.speech.cautions import DANGER
from bot.speech.check import change_choices, told_of
from bot.speech.filters import InForm, NoCommand, Pressed, Says
from bot.speech.forms import TipForm
from bot.speech.menu import menu_reply
from bot.speech.parts import Part
from bot.speech.presses import before, stale
from bot.speech.report import (
    DRAFT,
    EMERGENCY,
    ask_category,
    ask_first,
    ask_identity,
    ask_next,
    ask_place,
    ask_story,
    ask_tile,
    begun,
    busy,
    question,
    story_choices,
)
from bot.speech.typed import words_for
from bot.suggest import urgency_of
from bot.terms import Identity, PlaceSource, Urgency

STATES: dict[str, tuple[str | None, ...]] = {
    "cancel": tuple(DRAFT),
    "tiles": (TipForm.category.state,),
    "tile": (TipForm.category.state,),
    "category": (TipForm.category.state,),
    "safe": (TipForm.safe.state,),
    "unsafe": (TipForm.safe.state,),
    "named": (TipForm.identity.state,),
    "hidden": (TipForm.identity.state,),
    "change": (TipForm.check.state,),
    "edit": (TipForm.check.state,),
    "send": (TipForm.check.state,),
}
"""Buttons are checked against the state: one of an earlier step is explained, not obeyed."""


def router() -> Router:
    router = Router(name="tips")
    router.message.register(begin, Command("tip", "report"))
    router.callback_query.register(press_begin, Opens("report"))
    router.message.register(send_typed, StateFilter(TipForm.check), Says(*words_for("send")))
    router.message.register(ask_again, InForm(TipForm), NoCommand())
    router.callback_query.register(resume, Pressed("rep:resume"))
    router.callback_query.register(press, Pressed("rep"), Report.filter())
    return router


async def begin(_message: Message, state: FSMContext, raw_state: str | None) -> Reply:
    had_words = raw_state in DRAFT and (await state.get_data()).get("parts")
    await state.clear()
    asked = await ask_tile(state)
    return before(_("The tip was not sent, the draft is deleted."), asked) if had_words else asked


async def press_begin(
    _query: CallbackQuery, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply:
    if raw_state == TipForm.category.state:  # words that came first are kept
        return await ask_first(state, unit)
    occupied = await busy(person, state, unit)
    if occupied is None:
        await state.clear()
    return occupied or await ask_tile(state)


async def press(
    _query: CallbackQuery, callback_data: Report, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply | None:
    step, code = callback_data.step, callback_data.code
    if raw_state not in STATES.get(step, ()):
        return stale(person, await question(state, unit, raw_state))
    match step:
        case "cancel":
            await state.clear()
            menu = choose("Menu", Open(what="menu"))
            return Reply(_("The tip was not sent, the draft is deleted."), [[menu]], replaces=True)
        case "tiles":
            return await ask_tile(state, replaces=True)
        case "tile":
            return await ask_category(unit, code)
        case "category":
            return await pick_category(unit, person, state, code)
        case "safe":
            form = await state.update_data(is_safe=True)
            picked = form.get("category")
            return await pick_category(unit, person, state, picked) if picked else await ask_first(state, unit)
        case "unsafe":  # nothing tells what was begun here
            await state.clear()
            return menu_reply(person, replaces=True)
        case "named" | "hidden":
            await state.update_data(identity=step)
            return await ask_next(state, unit)
        case "change":
            return Reply(_("What would you like to change?"), change_choices(), replaces=True)
        case "edit":
            return await change(state, unit, code)
    return await send(unit, person, state)


async def pick_category(unit: Unit, person: Person, state: FSMContext, code: str) -> Reply:
    category = await unit.tips.category(code)
    form = await state.update_data(category=code, has_no_precinct=person.precinct_id is None)
    return await ask_next(state, unit) if form.get("identity") else await begun(state, unit, category)


async def resume(
    _query: CallbackQuery, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply | None:
    """«There is no danger, go on», and «Go on» after a change of language: back to the step that was interrupted;
    words that came first become the beginning of a story."""
    form = await state.get_data()
    if raw_state != TipForm.danger_place.state:
        return await question(state, unit, raw_state) or stale(person)
    came_from = form.get("danger_from")
    if form.get("danger_tile"):
        await state.update_data(danger_tile=None)
        await state.set_state(TipForm.category)
        return await ask_category(unit, EMERGENCY)
    if came_from == TipForm.story.state:
        await state.set_state(TipForm.story)
        text = _("Good. Go on writing; when you have finished, choose “Done”.")
        return Reply(text, story_choices(), open=True)
    asked = await question(state, unit, came_from)
    if asked is not None and came_from != TipForm.category.state:
        return before(_("Good, let us go on."), asked)
    return await ask_first(state, unit)


async def change(state: FSMContext, unit: Unit, what: str) -> Reply:
    """Back to one step; the answers of the others are kept."""
    if what == "category":
        return await ask_tile(state, replaces=True)
    if what == "story":
        await state.update_data(parts=[], has_story=None)
        return await ask_story(state)
    if what == "place":
        return await ask_place(state, unit)
    await state.update_data(identity=None)
    return await ask_identity(state)


# -- sending


async def send_typed(_message: Message, unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await send(unit, person, state)


async def send(unit: Unit, person: Person, state: FSMContext) -> Reply:
    """The number comes as a promise of the same commit; here only the pressed message is closed."""
    form = await state.get_data()
    point, suggested = form.get("point"), form.get("suggested") or [""]
    told = told_of(form, unit.clock.now(), unit.zone)
    draft = TipDraft(
        category=form["category"],
        parts=[Part(**item).as_draft() for item in form.get("parts", [])],
        identity=Identity(form["identity"]),
        place=form.get("place") or "",
        point=(point[0], point[1]) if point else None,
        spot=await spot_of(unit, form),
        chat_id=form.get("chat"),
        urgency=urgency_of(form["category"], is_now=True) if told.when == "now" else None,
        suggested=suggested[0],
        told=told,
        evidence=form.get("evidence", {}),
    )
    await unit.tips.submit(person, draft)
    await state.clear()
    sent = _("The tip is sent. Its number comes in the next message.")
    if draft.urgency is Urgency.U0:
        numbers = _(DANGER)
        sent = f"{numbers}\n\n{sent}"
    return Reply(sent, replaces=True)


async def spot_of(unit: Unit, form: dict[str, Any]) -> Spot:
    """By point, else by house or what was chosen, else by the yard that was named. What nobody said is not assumed."""
    if form.get("point"):
        latitude, longitude = form["point"]
        return await unit.territory.spot_at(latitude, longitude)
    if form.get("precinct"):
        return Spot(form["precinct"], PlaceSource.HOME if form.get("home") else PlaceSource.HOUSE)
    chat = form.get("chat")
    return NOWHERE if chat is None else await unit.territory.spot_of_chat(chat)


async def ask_again(message: Message, state: FSMContext, unit: Unit, raw_state: str | None) -> Reply | None:
    """A wrong kind of message: said clearly, the question repeated, nothing lost."""
    asked = await question(state, unit, raw_state)
    if asked is None:
        return None
    if message.text:
        return before(_("Please choose one of the buttons."), asked) if raw_state != TipForm.place.state else asked
    words = _(
        "This kind of message cannot be accepted. Send text, a photo, video, a voice message, a document or a location."
    )
    return before(words, asked)
