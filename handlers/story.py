"""The story of a tip: one message or many, before its category or after, files that come late, edits."""

from dataclasses import replace

from aiogram import Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.danger import money_gone_in
from bot.i18n import _, ngettext
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.speech import Reply
from bot.speech.filters import HasFile, HasText, InForm, NoCommand, Pressed, Says
from bot.speech.forms import TipForm
from bot.speech.parts import BURST_SECONDS, part_of
from bot.speech.presses import before, stale
from bot.speech.report import (
    COMPLAINT,
    MONEY,
    ask_check,
    ask_first,
    ask_money,
    ask_next,
    count_words,
    question,
    story_choices,
)
from bot.speech.typed import words_for


def router() -> Router:
    router = Router(name="story")
    router.edited_message.register(edit_part, InForm(TipForm))
    router.message.register(done_typed, StateFilter(TipForm.story), Says(*words_for("done")))
    router.message.register(add_to_story, StateFilter(TipForm.story), NoCommand())
    router.message.register(word_before_category, StateFilter(TipForm.category), NoCommand())
    late = StateFilter(TipForm.safe, TipForm.place, TipForm.identity, TipForm.check, TipForm.money, TipForm.damage)
    router.message.register(late_part, late, HasFile())
    late_words = StateFilter(TipForm.safe, TipForm.identity, TipForm.check)
    router.message.register(late_word, late_words, HasText(), ~Says(*words_for("send"), *words_for("go_on")))
    router.callback_query.register(done, Pressed("rep:done"))
    return router


async def keep(message: Message, state: FSMContext) -> int:
    """Writes a message into the form's story; the number of parts."""
    form = await state.get_data()
    if message.location is not None:
        await state.update_data(point=[message.location.latitude, message.location.longitude], place="", placed=None)
        return len(form.get("parts", []))
    part = part_of(message)
    parts = [*form.get("parts", []), part.as_form()]
    await state.update_data(parts=parts, last_at=message.date.timestamp())
    return len(parts)


async def word_before_category(message: Message, state: FSMContext, unit: Unit) -> Reply:
    """Own words before a tile: kept as the story's beginning, and what they seem to be about is offered. Money just
    gone has its own path."""
    await keep(message, state)
    if money_gone_in(message.text or message.caption or ""):
        return await ask_money(state)
    return await ask_first(state, unit)


async def add_to_story(message: Message, state: FSMContext) -> Reply:
    """The first part is answered, later ones change that answer's count."""
    count = await keep(message, state)
    form = await state.get_data()
    if form.get("category") not in (MONEY, COMPLAINT) and money_gone_in(message.text or message.caption or ""):
        return await ask_money(state)
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
    if message.date.timestamp() - last_at > BURST_SECONDS:
        raise SkipHandler
    return await late_part(message, state, unit, raw_state)


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


async def done(
    _query: CallbackQuery, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply | None:
    if raw_state != TipForm.story.state:
        return stale(person, await question(state, unit, raw_state))
    return await end_story(unit, state)


async def done_typed(_message: Message, unit: Unit, state: FSMContext) -> Reply:
    return await end_story(unit, state)


async def end_story(unit: Unit, state: FSMContext) -> Reply:
    form = await state.get_data()
    if not form.get("parts") and not (form.get("category") == MONEY and form.get("evidence")):
        return Reply(
            _("Nothing is written yet. Write what happened, or send a photo, video or voice message."),
            story_choices(),
            open=True,
        )
    await state.update_data(has_story=True)
    return await ask_next(state, unit)
