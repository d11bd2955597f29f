"""A tip: what it is about, the story in one or many messages, the place of the event, how to send it, a last look."""

from dataclasses import replace

from aiogram import Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.danger import money_gone_in
from bot.i18n import _, ngettext
from bot.services.residents import Person
from bot.services.tips import TipDraft
from bot.services.unit import Unit
from bot.speech import Reply, choose, choose_named, column
from bot.speech.calls import Open, Opens, Report, TipForm
from bot.speech.filters import HasFile, HasLocation, HasText, InForm, Pressed
from bot.speech.parts import BURST_SECONDS, Part, part_of
from bot.speech.precinct import address_name
from bot.speech.presses import before, stale
from bot.speech.report import (
    COMPLAINT,
    DRAFT,
    EMERGENCY,
    MONEY,
    ask_category,
    ask_check,
    ask_first,
    ask_identity,
    ask_money_story,
    ask_place,
    ask_story,
    ask_tile,
    busy,
    change_choices,
    count_words,
    question,
    story_choices,
    story_words,
)
from bot.terms import Identity, Urgency


def router() -> Router:
    router = Router(name="tips")
    router.message.register(begin, Command("tip", "report"))
    router.callback_query.register(press_begin, Opens("report"))
    gate = InForm(TipForm)
    router.edited_message.register(edit_part, gate)
    router.message.register(add_to_story, StateFilter(TipForm.story))
    router.message.register(word_before_category, StateFilter(TipForm.category))
    late = StateFilter(TipForm.place, TipForm.identity, TipForm.check)
    router.message.register(late_part, late, HasFile())
    router.message.register(share_place, late, HasLocation())
    router.message.register(tell_place, StateFilter(TipForm.place), HasText())
    router.message.register(late_word, StateFilter(TipForm.identity, TipForm.check), HasText())
    router.message.register(ask_again, gate)
    router.callback_query.register(resume, Resumes())
    router.callback_query.register(press, Pressed("rep"), Report.filter())
    return router


class Resumes(Pressed):
    """«There is no danger, go on», and «Go on» after a change of language."""

    def __init__(self) -> None:
        super().__init__("rep:resume")


# -- category


async def begin(_message: Message, state: FSMContext, raw_state: str | None) -> Reply:
    had_words = raw_state in DRAFT and (await state.get_data()).get("parts")
    await state.clear()
    asked = await ask_tile(state)
    return before(_("The tip was not sent, the draft is deleted."), asked) if had_words else asked


async def press_begin(
    _query: CallbackQuery, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply:
    if raw_state == TipForm.category.state:  # words that came first are kept
        return await ask_tile(state)
    occupied = await busy(person, state, unit)
    if occupied is None:
        await state.clear()
    return occupied or await ask_tile(state)


async def word_before_category(message: Message, state: FSMContext) -> Reply:
    """Own words before a tile: kept as the story's beginning, the question stays. Money just gone has its own path."""
    await keep(message, state)
    if money_gone_in(message.text or message.caption or ""):
        return await ask_money_story(state)
    if (await state.get_data()).get("unasked"):
        return await ask_first(state)
    reply = await ask_tile(state)
    return Reply(" ".join([_("It is written down."), str(reply.text)]), reply.choices, tag="tile")


# -- story


async def press(
    _query: CallbackQuery, callback_data: Report, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply | None:
    """Buttons are checked against the state: one of an earlier step is explained, not obeyed."""
    step, code = callback_data.step, callback_data.code
    if raw_state not in _STATES_OF.get(step, ()):
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
            return await pick_category(unit, state, code)
        case "done":
            return await finish_story(state, unit)
        case "skip":
            await state.update_data(place="", point=None, precinct=None)
            return await ask_identity(state, unit)
        case "place" | "keep":
            return await pick_place(state, unit, code)
        case "named" | "hidden":
            await state.update_data(identity=step)
            return await ask_check(state, unit)
        case "change":
            return Reply(_("What would you like to change?"), change_choices(), replaces=True)
        case "edit":
            return await change(state, unit, code)
    return await send(unit, person, state)


_STATES_OF: dict[str, tuple[str | None, ...]] = {
    "cancel": tuple(DRAFT),
    "tiles": (TipForm.category.state,),
    "tile": (TipForm.category.state,),
    "category": (TipForm.category.state,),
    "done": (TipForm.story.state,),
    "skip": (TipForm.place.state,),
    "place": (TipForm.place.state,),
    "keep": (TipForm.place.state,),
    "named": (TipForm.identity.state,),
    "hidden": (TipForm.identity.state,),
    "change": (TipForm.check.state,),
    "edit": (TipForm.check.state,),
    "send": (TipForm.check.state,),
}


async def resume(
    _query: CallbackQuery, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply | None:
    """Back to the step that was interrupted; words that came first become the beginning of a story."""
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
    asked = await ask_tile(state)
    return before(_("It is written down."), asked) if form.get("parts") else asked


async def pick_category(unit: Unit, state: FSMContext, code: str) -> Reply:
    category = await unit.tips.category(code)
    form = await state.update_data(category=code)
    if form.get("identity"):
        return await ask_check(state, unit)
    await state.set_state(TipForm.story)
    if code == MONEY:
        return await ask_money_story(state, replaces=True)
    parts = form.get("parts", [])
    words = [str(category.label), count_words(len(parts)) if parts else story_words()]
    if category.urgency is Urgency.U0:
        words.insert(0, _("🆘 If there is danger, call 102 or 112 right now. This chat does not replace a call."))
    if code == COMPLAINT:
        words.insert(1, _("Only the own-security unit will see this tip."))
        words.append(
            _(
                "This message is not a formal statement. To make one, call 102, write to the “Law and Order” service"
                " in the eGov Mobile app or come to the police division."
            )
        )
    return Reply("\n\n".join(words), story_choices(), replaces=True, open=True)


async def keep(message: Message, state: FSMContext) -> int:
    """Writes a message into the form's story; the number of parts."""
    form = await state.get_data()
    if message.location is not None:
        await state.update_data(point=[message.location.latitude, message.location.longitude], place="")
        return len(form.get("parts", []))
    part = part_of(message)
    parts = [*form.get("parts", []), part.as_form()]
    await state.update_data(parts=parts, last_at=message.date.timestamp())
    return len(parts)


async def add_to_story(message: Message, state: FSMContext) -> Reply:
    """The first part is answered, later ones change that answer's count."""
    count = await keep(message, state)
    form = await state.get_data()
    if form.get("category") not in (MONEY, COMPLAINT) and money_gone_in(message.text or message.caption or ""):
        return await ask_money_story(state)
    if message.location is not None and count == 0:
        text = _("The place is written down. Now write what happened.")
    else:
        text = count_words(count)
    return Reply(text, story_choices(), open=True, tag="story")


async def late_part(message: Message, state: FSMContext, unit: Unit, raw_state: str | None) -> Reply:
    """A file of the burst that came after «Done»: it belongs to the story although the dialog moved on."""
    count = await keep(message, state)
    text = ngettext("Added to the story: {n} message in all.", "Added to the story: {n} messages in all.", count)
    if raw_state != TipForm.check.state:
        return Reply(text, tag="late")
    return replace(before(text, await ask_check(state, unit)), tag="late")


async def late_word(message: Message, state: FSMContext, unit: Unit, raw_state: str | None) -> Reply | None:
    """Words right behind the story are more of it; later ones are no answer to a question about buttons."""
    last_at = (await state.get_data()).get("last_at") or 0.0
    if message.date.timestamp() - last_at <= BURST_SECONDS:
        return await late_part(message, state, unit, raw_state)
    return await ask_again(message, state, unit, raw_state)


async def edit_part(edited_message: Message, state: FSMContext, unit: Unit, raw_state: str | None) -> Reply:
    """An edit replaces its part of a draft; an edit of something else is for the other dialogs."""
    form = await state.get_data()
    source = f"{edited_message.chat.id}:{edited_message.message_id}"
    if all(item.get("source") != source for item in form.get("parts", [])):
        raise SkipHandler
    new = part_of(edited_message)
    parts = [new.as_form() if item.get("source") == source else item for item in form["parts"]]
    await state.update_data(parts=parts)
    text = _("The change is taken over.")
    if raw_state == TipForm.check.state:
        return before(text, await ask_check(state, unit))
    return Reply(text, tag="edit")


async def finish_story(state: FSMContext, unit: Unit) -> Reply:
    form = await state.get_data()
    if not form.get("parts"):
        return Reply(
            _("Nothing is written yet. Write what happened, or send a photo, video or voice message."),
            story_choices(),
            open=True,
        )
    if form.get("identity"):
        return await ask_check(state, unit)
    if form.get("point"):
        return await note_point(state, unit, form["point"][0], form["point"][1])
    return await ask_place(state)


# -- place


async def share_place(_message: Message, point: tuple[float, float], state: FSMContext, unit: Unit) -> Reply:
    return await note_point(state, unit, *point)


async def note_point(state: FSMContext, unit: Unit, latitude: float, longitude: float) -> Reply:
    place = await unit.territory.at_point(latitude, longitude)
    if place is None:
        await state.update_data(point=None)
        outside = _("This place is outside the territory of the department. If it is urgent, call 102.")
        again = _("Send another place, write the address or choose “Skip”.")
        return await ask_place(state, f"{outside}\n{again}")
    await state.update_data(point=[latitude, longitude], precinct=place.id, place="")
    return await ask_identity(state, unit)


async def tell_place(_message: Message, text: str, state: FSMContext, unit: Unit) -> Reply:
    """A certain address is taken; several are offered; an unknown one can be kept as it is written."""
    words = text[:500]
    found = await unit.territory.at_address(words)
    if len(found) == 1 and found[0][0].certain:
        await state.update_data(place=words, point=None, precinct=found[0][1].id)
        return await ask_identity(state, unit)
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
    return Reply(asked, [*column(*choices), [keep_as, choose("Skip", Report(step="skip"))]])


async def pick_place(state: FSMContext, unit: Unit, code: str) -> Reply:
    """One of the offered, by its number; the last one is the words as they were written."""
    offered = (await state.get_data()).get("offered", [])
    if not code.isdecimal() or int(code) >= len(offered):
        return await ask_place(state)
    place, precinct_id = offered[int(code)]
    await state.update_data(place=place, point=None, precinct=precinct_id, offered=None)
    return await ask_identity(state, unit)


# -- the last look


async def change(state: FSMContext, unit: Unit, what: str) -> Reply:
    """Back to one step; the answers of the others are kept."""
    if what == "category":
        return await ask_tile(state, replaces=True)
    if what == "story":
        await state.update_data(parts=[])
        return await ask_story(state)
    if what == "place":
        return await ask_place(state)
    await state.update_data(identity=None)
    return await ask_identity(state, unit)


async def send(unit: Unit, person: Person, state: FSMContext) -> Reply:
    """The number comes as a promise of the same commit; here only the pressed message is closed."""
    form = await state.get_data()
    point = form.get("point")
    draft = TipDraft(
        category=form["category"],
        parts=[Part(**item).as_draft() for item in form.get("parts", [])],
        identity=Identity(form["identity"]),
        place=form.get("place") or "",
        point=(point[0], point[1]) if point else None,
        precinct_id=form.get("precinct") or person.precinct_id,
    )
    await unit.tips.submit(person, draft)
    await state.clear()
    return Reply(_("The tip is sent. Its number comes in the next message."), replaces=True)


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
