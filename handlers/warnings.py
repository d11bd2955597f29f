"""An officer warns the residents: card or own words, picture, preview, reach, send; then he watches and steers."""

from dataclasses import replace

from aiogram import F, Router
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.errors import QuietHours
from bot.i18n import _, clock, moment
from bot.services.officers import OfficerView
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.services.warnings import WarningView
from bot.speech import Choice, Reply, choose, column
from bot.speech.calls import Warn, WarnForm
from bot.speech.cards import progress_reply, reach_words
from bot.speech.drafts import (
    PRESSED_IN,
    HasPhoto,
    Steps,
    ask_again,
    ask_missing,
    ask_source,
    audience_words,
    change_question,
    check_head,
    draft_of,
    menu_choice,
    preview,
    refusal_of,
    step_of,
    tell_picture,
    tell_words,
    title_of,
)
from bot.speech.drafts import press as press_draft
from bot.speech.filters import HasText, IsOfficer, Pressed
from bot.speech.parts import TextTooLong
from bot.speech.presses import StrayIn, before, stale, was_answered
from bot.terms import Role

STEPS = Steps(Warn, WarnForm)
REASON_LIMIT = 500
STEERING = {"list", "show", "pause", "resume", "stop", "stop_yes"}
PRESSED_AT = {
    "check": ("kk", "ru", "check", "reason"),
    "change": ("check",),
    "urgent": ("check",),
    "normal": ("check",),
    "send": ("check",),
    "cancel": ("source", "kk", "ru", "picture", "check", "reason"),
    **PRESSED_IN,
}


def router() -> Router:
    router = Router(name="warnings")
    officer = IsOfficer(Role.INSPECTOR, Role.STAFF, Role.HEAD, Role.ADMIN)
    router.message.register(begin, Command("warning"), officer)
    router.message.register(tell_text, officer, StateFilter(WarnForm.kk, WarnForm.ru), HasText())
    router.message.register(tell_photo, officer, StateFilter(WarnForm.picture), HasPhoto())
    router.message.register(tell_reason, officer, StateFilter(WarnForm.reason), HasText())
    router.message.register(tell_other, officer, StrayIn(WarnForm))
    gate = Pressed("warn")
    router.callback_query.register(press_new, gate, officer, Warn.filter(F.do == "new"))
    router.callback_query.register(steer, gate, officer, Warn.filter(F.do.in_(STEERING)))
    router.callback_query.register(press, gate, officer, Warn.filter())
    return router


def officer_of(person: Person) -> OfficerView:
    """The gate lets only officers through."""
    if person.officer is None:
        raise TypeError(person)
    return person.officer


# -- writing


async def begin(_message: Message, unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await start(unit, person, state)


async def press_new(_query: CallbackQuery, unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await start(unit, person, state)


async def start(unit: Unit, person: Person, state: FSMContext) -> Reply:
    """An officer who may warn nobody is told so before he writes a word."""
    unit.warnings.audience_of(officer_of(person))
    await state.clear()
    return await ask_source(unit, state, STEPS)


async def press(
    _query: CallbackQuery,
    callback_data: Warn,
    unit: Unit,
    person: Person,
    state: FSMContext,
    raw_state: str | None,
) -> Reply:
    step = step_of(STEPS, raw_state)
    if step not in PRESSED_AT.get(callback_data.do, ()):
        return stale(person, await question(unit, person, state, step) if step else None)
    match callback_data.do:
        case "check" | "normal":
            if callback_data.do == "normal":
                await state.update_data(reason="")
            return await ask_missing(state, STEPS) or await check(unit, person, state, replaces=True)
        case "change":
            return change_question(STEPS)
        case "urgent":
            return await ask_reason(state)
        case "send":
            return await send(unit, person, state)
        case "cancel":
            await state.clear()
            text = _("The warning was not sent, the draft is deleted.")
            return Reply(text, [[menu_choice()]], replaces=True)
    missing = await press_draft(unit, state, STEPS, callback_data)
    return missing or await show_draft(unit, person, state)


async def tell_text(_message: Message, text: str, unit: Unit, person: Person, state: FSMContext) -> Reply:
    missing = await tell_words(unit, state, STEPS, text)
    return missing or await show_draft(unit, person, state)


async def tell_photo(message: Message, unit: Unit, person: Person, state: FSMContext) -> Reply:
    missing = await tell_picture(unit, person, state, STEPS, message)
    return missing or await show_draft(unit, person, state)


async def tell_reason(_message: Message, text: str, unit: Unit, person: Person, state: FSMContext) -> Reply:
    if len(text) > REASON_LIMIT:
        raise TextTooLong(length=len(text), limit=REASON_LIMIT)
    if not any(letter.isalnum() for letter in text):
        return await ask_reason(state)
    await state.update_data(reason=text)
    return await check(unit, person, state)


async def tell_other(
    message: Message, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply | None:
    """The wrong kind of message: why, and the question again."""
    if await was_answered(message, state):
        return None
    step = step_of(STEPS, raw_state)
    return before(refusal_of(message, step), await question(unit, person, state, step))


async def question(unit: Unit, person: Person, state: FSMContext, step: str) -> Reply:
    if step == "check":
        return await check(unit, person, state)
    return await ask_reason(state) if step == "reason" else await ask_again(unit, state, STEPS, step)


async def ask_reason(state: FSMContext) -> Reply:
    await state.set_state(WarnForm.reason)
    text = _("Why can it not wait? Write the reason in a few words: it is kept with the warning.")
    return Reply(text, [[choose("Back", Warn(do="check")), choose("Cancel", Warn(do="cancel"))]], open=True)


async def show_draft(unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await preview(unit, person, await state.get_data(), await check(unit, person, state))


async def check(unit: Unit, person: Person, state: FSMContext, *, replaces: bool = False) -> Reply:
    await state.set_state(WarnForm.check)
    form = await state.get_data()
    audience = unit.warnings.audience_of(officer_of(person))
    lines = check_head(form)
    lines += ["", _("Audience: {audience}", audience=await audience_words(unit, audience))]
    lines += [_("It will reach:"), reach_words(await unit.warnings.reach(audience)), ""]
    goes_at = unit.warnings.goes_at(is_urgent=False)
    if form.get("reason"):
        urgency = choose("Not urgent", Warn(do="normal"))
        lines.append(_("Urgent: it goes at once, at night too. Reason: {reason}", reason=form["reason"]))
    else:
        urgency = choose("Urgent, with a reason", Warn(do="urgent"))
        if goes_at > unit.clock.now():
            lines.append(_(QuietHours.msgid, start=clock(goes_at.astimezone(unit.zone))))
        else:
            lines.append(_("It goes at once."))
    choices = [
        [choose("Send", Warn(do="send")), urgency],
        [choose("Change", Warn(do="change")), choose("Cancel", Warn(do="cancel"))],
    ]
    return Reply("\n".join(lines), choices, replaces=replaces)


async def send(unit: Unit, person: Person, state: FSMContext) -> Reply:
    """The promised progress message follows; here only the pressed one is edited."""
    officer = officer_of(person)
    draft = draft_of(await state.get_data(), unit.warnings.audience_of(officer))
    warning = await unit.warnings.publish(officer, draft)
    await state.clear()
    if warning.due_at is not None and warning.due_at > unit.clock.now():
        text = _("The warning is accepted. It goes at {at}.", at=moment(warning.due_at, unit.zone))
    else:
        text = _("The warning is accepted and is being sent. How it goes is in the next message.")
    return Reply(text, replaces=True)


# -- watching and steering


async def steer(_query: CallbackQuery, callback_data: Warn, unit: Unit, person: Person) -> Reply:
    officer = officer_of(person)
    match callback_data.do:
        case "list":
            return await listed(unit, officer)
        case "pause" | "resume":
            warning = await unit.warnings.pause(officer, callback_data.id, paused=callback_data.do == "pause")
        case "stop_yes":
            warning = await unit.warnings.cancel(officer, callback_data.id)
        case "stop":
            return stop_question(await unit.warnings.watched(officer, callback_data.id))
        case _:
            warning = await unit.warnings.watched(officer, callback_data.id)
    progress = progress_reply(warning, await unit.warnings.progress(warning.id), unit.zone)
    choices = [*progress.choices, [choose("My warnings", Warn(do="list")), menu_choice()]]
    return replace(progress, choices=choices, replaces=True)


def stop_question(warning: WarningView) -> Reply:
    """A message of its own: the progress message above is edited by whatever moves meanwhile."""
    text = _(
        "Cancel the warning {code}? Whoever has it keeps it, nobody else will get it. This cannot be undone.",
        code=warning.code,
    )
    yes = choose("Yes, cancel it", Warn(do="stop_yes", id=warning.id))
    return Reply(text, [[yes, choose("No", Warn(do="show", id=warning.id))]])


async def listed(unit: Unit, officer: OfficerView) -> Reply:
    warnings = await unit.warnings.of_author(officer)
    last = [choose("Write a warning", Warn(do="new")), menu_choice()]
    if not warnings:
        return Reply(_("You have sent no warnings yet."), [last])
    titles = [
        Choice(f"{warning.code} · {title_of(warning.text)}", Warn(do="show", id=warning.id).pack())
        for warning in warnings
    ]
    return Reply(_("Your latest warnings:"), [*column(*titles), last])
