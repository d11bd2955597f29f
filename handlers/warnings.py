"""An officer warns the residents: card or own words, a file, whom, how long, preview, reach; then it is handed in."""

from aiogram import F, Router
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.errors import QuietHours
from bot.i18n import _, clock, moment
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.services.warnings import REASON_LIMIT
from bot.speech import Choice, Reply, choose, column
from bot.speech.aiming import aimed, press_aim, tell_aim
from bot.speech.calls import Warn
from bot.speech.dates import parse_date
from bot.speech.drafts import PRESSED_IN, Steps, draft_of, form_of, menu_choice, quoted_title, refusal_of, topic_of
from bot.speech.filters import HasFile, HasText, IsOfficer, Pressed
from bot.speech.forms import WarnForm
from bot.speech.parts import TextTooLong
from bot.speech.plans import wall_now
from bot.speech.presses import StrayIn, officer_of, refused, stale
from bot.speech.previews import (
    audience_lines,
    check_head,
    elsewhere,
    expiry_of,
    expiry_words,
    last_day,
    preview,
    sender_lines,
    tap_choice,
    to_own_phone,
)
from bot.speech.reviews import doubt_words, urgency_words
from bot.terms import Role, WarningState

STEPS = Steps(Warn, WarnForm)
LASTING = ("1", "3", "7")  # days
PRESSED_AT = {
    "check": ("kk", "ru", "picture", "check", "reason", "audience", "expiry"),
    "change": ("check",),
    "aim": ("check", "audience"),
    "expiry": ("check",),
    "lasts": ("expiry",),
    "looks": ("check",),
    "phone": ("check",),
    "urgent": ("check",),
    "normal": ("check",),
    "leave": ("check",),
    "repeat": ("check",),
    "send": ("check",),
    "cancel": ("source", "kk", "ru", "picture", "check", "reason", "audience", "expiry"),
    **PRESSED_IN,
}


def router() -> Router:
    router = Router(name="warnings")
    officer = IsOfficer(Role.INSPECTOR, Role.STAFF, Role.HEAD, Role.ADMIN)
    router.message.register(begin, Command("warning"), officer)
    router.message.register(tell_text, officer, StateFilter(WarnForm.kk, WarnForm.ru), HasText())
    router.message.register(tell_file, officer, StateFilter(WarnForm.picture), HasFile())
    router.message.register(tell_reason, officer, StateFilter(WarnForm.reason), HasText())
    router.message.register(tell_audience, officer, StateFilter(WarnForm.audience), HasText())
    router.message.register(tell_expiry, officer, StateFilter(WarnForm.expiry), HasText())
    router.message.register(tell_other, officer, StrayIn(WarnForm))
    gate = Pressed("warn")
    router.callback_query.register(press_new, gate, officer, Warn.filter(F.do == "new"))
    router.callback_query.register(press_again, gate, officer, Warn.filter(F.do == "reopen"))
    router.callback_query.register(press_withdraw, gate, officer, Warn.filter(F.do == "withdraw"))
    router.callback_query.register(press, gate, officer, Warn.filter())
    return router


async def begin(_message: Message, unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await start(unit, person, state)


async def press_new(_query: CallbackQuery, unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await start(unit, person, state)


async def start(unit: Unit, person: Person, state: FSMContext) -> Reply:
    """An officer who may warn nobody is told so before he writes a word."""
    unit.warnings.audience_of(officer_of(person))
    await state.clear()
    return await STEPS.ask_source(unit, state)


async def press_again(
    _query: CallbackQuery, callback_data: Warn, unit: Unit, person: Person, state: FSMContext
) -> Reply:
    """What came back is opened with all that was written; a last day that is over is forgotten."""
    draft = await unit.warnings.draft(officer_of(person), callback_data.id)
    await state.clear()
    await state.update_data(form_of(draft) | {"again": callback_data.id, "lasts": last_day(unit, draft.expires_at)})
    return await show_draft(unit, person, state)


async def press_withdraw(_query: CallbackQuery, callback_data: Warn, unit: Unit, person: Person) -> Reply:
    warning = await unit.warnings.withdraw(officer_of(person), callback_data.id)
    text = _("The warning “{title}” is taken back: it does not go.", title=quoted_title(warning.text))
    return Reply(text, [[choose("Open it again", Warn(do="reopen", id=warning.id)), menu_choice()]], replaces=True)


async def press(
    _query: CallbackQuery,
    callback_data: Warn,
    unit: Unit,
    person: Person,
    state: FSMContext,
    raw_state: str | None,
) -> Reply:
    step = STEPS.step_of(raw_state)
    if step not in PRESSED_AT.get(callback_data.do, ()):
        return stale(person, await question(unit, person, state, step) if step else None)
    match callback_data.do:
        case "aim":
            return await press_aim(unit, officer_of(person), state, STEPS, callback_data)
        case "change":
            return STEPS.change_question(choose("How long it holds", Warn(do="expiry")))
        case "expiry":
            return await ask_expiry(unit, state)
        case "urgent":
            return await ask_reason(state)
        case "looks":
            return await elsewhere(unit, person, await state.get_data(), looks_question())
        case "phone":
            await to_own_phone(unit, person, await state.get_data())
            return Reply(_("It is on its way to you, in both languages."), replaces=True, then=looks_question())
        case "send":
            return await send(unit, person, state)
        case "cancel":
            await state.clear()
            text = _("The warning was not sent, the draft is deleted.")
            return Reply(text, [[menu_choice()]], replaces=True)
        case "check" | "normal" | "lasts" | "leave" | "repeat":
            return await settle(callback_data, unit, person, state)
    return await STEPS.press(unit, state, callback_data) or await show_draft(unit, person, state)


async def settle(pressed: Warn, unit: Unit, person: Person, state: FSMContext) -> Reply:
    """Back to the check, with what the button says."""
    if pressed.do == "normal":
        await state.update_data(reason="")
    if pressed.do in ("leave", "repeat"):
        await state.update_data(leaves_doubt=pressed.do == "leave")
    if pressed.do == "lasts" and pressed.code in LASTING:
        await state.update_data(lasts=pressed.code)
    return await STEPS.ask_missing(state) or await check(unit, person, state, replaces=True)


async def tell_text(_message: Message, text: str, unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await STEPS.tell_words(unit, state, text) or await show_draft(unit, person, state)


async def tell_file(message: Message, unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await STEPS.tell_file(unit, person, state, message) or await show_draft(unit, person, state)


async def tell_audience(_message: Message, text: str, unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await tell_aim(unit, officer_of(person), state, STEPS, text)


async def tell_reason(_message: Message, text: str, unit: Unit, person: Person, state: FSMContext) -> Reply:
    if len(text) > REASON_LIMIT:
        raise TextTooLong(length=len(text), limit=REASON_LIMIT)
    if not any(letter.isalpha() for letter in text):
        return await ask_reason(state)
    await state.update_data(reason=text)
    return await check(unit, person, state)


async def tell_expiry(_message: Message, text: str, unit: Unit, person: Person, state: FSMContext) -> Reply:
    """Raises what check_expiry raises: the question stays open."""
    form = await state.get_data() | {"lasts": parse_date(text, wall_now(unit).date()).isoformat()}
    unit.warnings.check_expiry(expiry_of(unit, form), is_urgent=bool(form.get("reason")))
    await state.update_data(lasts=form["lasts"])
    return await check(unit, person, state)


async def tell_other(
    message: Message, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply | None:
    step = STEPS.step_of(raw_state)
    return await refused(message, state, refusal_of(message, step), lambda: question(unit, person, state, step))


async def question(unit: Unit, person: Person, state: FSMContext, step: str) -> Reply:
    match step:
        case "check":
            return await check(unit, person, state)
        case "audience":
            return await press_aim(unit, officer_of(person), state, STEPS, Warn(do="aim"))
        case "expiry":
            return await ask_expiry(unit, state)
        case "reason":
            return await ask_reason(state)
    return await STEPS.ask_again(unit, state, step)


async def ask_reason(state: FSMContext) -> Reply:
    await state.set_state(WarnForm.reason)
    text = _("Why can it not wait? Write the reason in a few words: it is kept with the warning.")
    return Reply(text, [[choose("Back", Warn(do="check")), choose("Cancel", Warn(do="cancel"))]], open=True)


async def ask_expiry(unit: Unit, state: FSMContext) -> Reply:
    await state.set_state(WarnForm.expiry)
    text = _(
        "How long does it hold? Whoever has not got it by then gets it no more. Choose or write the last day, for"
        " example: {example}",
        example=f"{wall_now(unit):%d.%m.%Y}",
    )
    days = (
        choose("One day", Warn(do="lasts", code="1")),
        choose("Three days", Warn(do="lasts", code="3")),
        choose("A week", Warn(do="lasts", code="7")),
        choose("Back", Warn(do="check")),
    )
    return Reply(text, column(*days), open=True)


def looks_question() -> Reply:
    text = _("Shall both versions come to your own phone, as the residents would get them?")
    return Reply(text, [[choose("To my phone", Warn(do="phone")), choose("Back", Warn(do="check"))]])


async def show_draft(unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await preview(unit, person, await state.get_data(), await check(unit, person, state))


async def check(unit: Unit, person: Person, state: FSMContext, *, replaces: bool = False) -> Reply:
    await state.set_state(WarnForm.check)
    form, officer = await state.get_data(), officer_of(person)
    audience = aimed(unit, officer, form)
    lines = [*check_head(form), "", *await audience_lines(unit, audience, topic_of(form), form.get("media"))]
    lines += [*await sender_lines(unit, officer_of(person).id, person), ""]
    alone = await unit.warnings.goes_alone(officer, audience)
    if form.get("reason"):
        urgency = choose("Not urgent", Warn(do="normal"))
        lines.append(urgency_words(form["reason"]))
    else:
        urgency = choose("Urgent, with a reason", Warn(do="urgent"))
        goes_at = unit.warnings.goes_at(is_urgent=False)
        if goes_at > unit.clock.now():
            lines.append(_(QuietHours.msgid, start=clock(goes_at.astimezone(unit.zone))))
        elif alone:
            lines.append(_("It goes at once."))
    repeats = not form.get("leaves_doubt")
    lines += [expiry_words(unit, form), doubt_words(repeats=repeats)]
    send_it = choose("Send", Warn(do="send"))
    if not alone:
        send_it = choose("Hand in for approval", Warn(do="send"))
        lines.append(_("A second officer looks at it before it goes."))
    choices = [
        [send_it, urgency],
        [_doubt(repeats=repeats)],
        *tap_choice(form, Warn),
        [choose("Whom", Warn(do="aim")), choose("How it looks", Warn(do="looks"))],
        [choose("Change", Warn(do="change")), choose("Cancel", Warn(do="cancel"))],
    ]
    return Reply("\n".join(lines), choices, replaces=replaces)


def _doubt(*, repeats: bool) -> Choice:
    if repeats:
        return choose("Telegram: without an answer do not repeat", Warn(do="leave"))
    return choose("Telegram: without an answer repeat", Warn(do="repeat"))


async def send(unit: Unit, person: Person, state: FSMContext) -> Reply:
    """The promised progress message follows; here only the pressed one is edited."""
    officer, form = officer_of(person), await state.get_data()
    draft = draft_of(form, aimed(unit, officer, form), expiry_of(unit, form))
    warning = await unit.warnings.submit(officer, draft, form.get("again"))
    await state.clear()
    if warning.state is WarningState.AWAITING:
        text = _(
            "The warning is handed in. It goes when a second officer has approved it; if it comes back, you will read"
            " why."
        )
        choices = [[choose("Take it back", Warn(do="withdraw", id=warning.id)), menu_choice()]]
        return Reply(text, choices, replaces=True)
    if warning.due_at is not None and warning.due_at > unit.clock.now():
        text = _("The warning is accepted. It goes at {at}.", at=moment(warning.due_at, unit.zone))
    else:
        text = _("The warning is accepted and is being sent. How it goes is in the next message.")
    return Reply(text, replaces=True)
