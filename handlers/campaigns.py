"""Staff plans a warning for a date, or for chosen days of every week, and hands it in for approval."""

from datetime import date, datetime
from itertools import islice

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.errors import DateInPast
from bot.i18n import _, clock, moment
from bot.services.campaigns import times
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.speech import Reply, choose
from bot.speech.aiming import aimed, press_aim, tell_aim
from bot.speech.calls import Open, Plan
from bot.speech.dates import day_words, parse_date, parse_days, parse_moment, parse_time
from bot.speech.drafts import PRESSED_IN, Steps, draft_of, form_of, menu_choice, refusal_of, topic_of
from bot.speech.filters import HasFile, HasText, IsOfficer, Pressed
from bot.speech.forms import PlanForm
from bot.speech.plans import (
    ask_days,
    ask_time,
    ask_until,
    ask_when,
    cancel_choice,
    read,
    rule_words,
    summary,
    timing_form,
    timing_of,
    wall_now,
)
from bot.speech.presses import StrayIn, before, officer_of, refused, stale
from bot.speech.previews import audience_lines, check_head, frequency_lines, preview, sender_lines, tap_choice
from bot.terms import Role

STEPS = Steps(Plan, PlanForm)
SHOWN_TIMES = 3
PRESSED_AT = {
    "once": ("when",),
    "weekly": ("when",),
    "when": ("time", "days", "until", "check"),
    "day": ("days",),
    "days": ("days",),
    "at": ("time",),
    "until": ("until",),
    "aim": ("check", "audience"),
    "check": ("kk", "ru", "picture", "check", "audience"),
    "change": ("check",),
    "send": ("check",),
    "cancel": ("source", "kk", "ru", "picture", "audience", "when", "time", "days", "until", "check"),
    **PRESSED_IN,
}


def router() -> Router:
    router = Router(name="campaigns")
    staff = IsOfficer(Role.STAFF, Role.HEAD, Role.ADMIN)
    router.message.register(tell_text, staff, StateFilter(PlanForm.kk, PlanForm.ru), HasText())
    router.message.register(tell_file, staff, StateFilter(PlanForm.picture), HasFile())
    router.message.register(tell_audience, staff, StateFilter(PlanForm.audience), HasText())
    router.message.register(tell_days, staff, StateFilter(PlanForm.days), HasText())
    router.message.register(tell_time, staff, StateFilter(PlanForm.time), HasText())
    router.message.register(tell_until, staff, StateFilter(PlanForm.until), HasText())
    router.message.register(tell_other, staff, StrayIn(PlanForm))
    gate = Pressed("plan")
    router.callback_query.register(press_new, gate, staff, Plan.filter(F.do == "new"))
    router.callback_query.register(press_again, gate, staff, Plan.filter(F.do == "again"))
    router.callback_query.register(press, gate, staff, Plan.filter())
    return router


async def press_new(_query: CallbackQuery, unit: Unit, state: FSMContext) -> Reply:
    await state.clear()
    return await STEPS.ask_source(unit, state)


async def press_again(
    _query: CallbackQuery, callback_data: Plan, unit: Unit, person: Person, state: FSMContext
) -> Reply:
    """What was planned is opened with all that was written; handed in again it waits for approval again."""
    campaign = await unit.campaigns.planned(officer_of(person), callback_data.id)
    await state.clear()
    await state.update_data(form_of(campaign.draft) | timing_form(campaign.timing) | {"again": campaign.id})
    return await go_on(unit, person, state)


async def press(
    _query: CallbackQuery,
    callback_data: Plan,
    unit: Unit,
    person: Person,
    state: FSMContext,
    raw_state: str | None,
) -> Reply:
    step = STEPS.step_of(raw_state)
    if step not in PRESSED_AT.get(callback_data.do, ()):
        return stale(person, await question(unit, person, state, step) if step else None)
    if callback_data.do == "aim":
        return await press_aim(unit, officer_of(person), state, STEPS, callback_data)
    if callback_data.do in PRESSED_IN:
        return await STEPS.press(unit, state, callback_data) or await go_on(unit, person, state)
    return await press_timing(callback_data, unit, person, state)


async def press_timing(pressed: Plan, unit: Unit, person: Person, state: FSMContext) -> Reply:
    match pressed.do:
        case "once":
            await state.update_data(days=[], until="")
            return await ask_time(unit, state)
        case "weekly":
            await state.update_data(days=[], until="")
            return await ask_days(state, replaces=True)
        case "when":
            await state.update_data(at="")
            return await ask_when(state)
        case "day":
            days = set((await state.get_data()).get("days", [])) ^ {pressed.id % 7}
            await state.update_data(days=sorted(days))
            return await ask_days(state, replaces=True)
        case "days":
            if not (await state.get_data()).get("days"):
                return before(_("Choose at least one day."), await ask_days(state))
            return await ask_time(unit, state)
        case "at":
            at = read(pressed.code)
            return await take_time(unit, person, state, at) if at else stale(person)
        case "until":
            until = read(pressed.code)
            return await take_until(unit, person, state, until.date() if until else None)
        case "change":
            return STEPS.change_question(choose("Date and time", Plan(do="when")))
        case "send":
            return await schedule(unit, person, state)
        case "cancel":
            await state.clear()
            text = _("The campaign was not planned, the draft is deleted.")
            return Reply(text, [[menu_choice()]], replaces=True)
    form = await state.get_data()
    missing = await STEPS.ask_missing(state) or (None if form.get("at") else await ask_when(state))
    return missing or await check(unit, person, state, replaces=True)


async def tell_text(_message: Message, text: str, unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await STEPS.tell_words(unit, state, text) or await go_on(unit, person, state)


async def tell_file(message: Message, unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await STEPS.tell_file(unit, person, state, message) or await go_on(unit, person, state)


async def tell_audience(_message: Message, text: str, unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await tell_aim(unit, officer_of(person), state, STEPS, text)


async def go_on(unit: Unit, person: Person, state: FSMContext) -> Reply:
    """The text is whole: what is still missing of the time, or the check."""
    form = await state.get_data()
    if not form.get("at"):
        return await ask_when(state)
    return await preview(unit, person, form, await check(unit, person, state))


async def tell_days(_message: Message, text: str, unit: Unit, state: FSMContext) -> Reply:
    days = parse_days(text)
    if not days:
        sentence = _("These are not days of the week. Write them like this: {example}", example=day_words((0, 2, 4)))
        return before(sentence, await ask_days(state))
    await state.update_data(days=list(days))
    return await ask_time(unit, state)


async def tell_time(_message: Message, text: str, unit: Unit, person: Person, state: FSMContext) -> Reply:
    now = wall_now(unit)
    if (await state.get_data()).get("days"):
        at = datetime.combine(now.date(), parse_time(text))
    else:
        at = parse_moment(text, now)
    return await take_time(unit, person, state, at)


async def take_time(unit: Unit, person: Person, state: FSMContext, at: datetime) -> Reply:
    """Raises DateInPast: a ready button may have become old."""
    is_weekly = bool((await state.get_data()).get("days"))
    if not is_weekly and at <= wall_now(unit):
        raise DateInPast
    await state.update_data(at=at.isoformat())
    return await ask_until(unit, state) if is_weekly else await go_on(unit, person, state)


async def tell_until(_message: Message, text: str, unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await take_until(unit, person, state, parse_date(text, wall_now(unit).date()))


async def take_until(unit: Unit, person: Person, state: FSMContext, until: date | None) -> Reply:
    """Raises DateInPast when no time at all lies before that day's end."""
    form = {**await state.get_data(), "until": until.isoformat() if until else ""}
    if next(times(timing_of(form), unit.zone, unit.clock.now()), None) is None:
        raise DateInPast
    await state.update_data(until=form["until"])
    return await go_on(unit, person, state)


async def tell_other(
    message: Message, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply | None:
    step = STEPS.step_of(raw_state)
    return await refused(message, state, refusal_of(message, step), lambda: question(unit, person, state, step))


async def question(unit: Unit, person: Person, state: FSMContext, step: str) -> Reply:
    match step:
        case "when":
            return await ask_when(state)
        case "days":
            return await ask_days(state)
        case "time":
            return await ask_time(unit, state)
        case "until":
            return await ask_until(unit, state)
        case "audience":
            return await press_aim(unit, officer_of(person), state, STEPS, Plan(do="aim"))
        case "check":
            return await check(unit, person, state)
    return await STEPS.ask_again(unit, state, step)


# -- check and schedule


async def check(unit: Unit, person: Person, state: FSMContext, *, replaces: bool = False) -> Reply:
    await state.set_state(PlanForm.check)
    form = await state.get_data()
    timing = timing_of(form)
    first = list(islice(times(timing, unit.zone, unit.clock.now()), SHOWN_TIMES + 1))
    lines = check_head(form)
    if timing.days:
        lines += ["", _("Every week: {days}", days=rule_words(timing.days, timing.until)), _("First times:")]
        lines += [f"• {moment(at, unit.zone)}" for at in first[:SHOWN_TIMES]]
        lines += ["…"] if len(first) > SHOWN_TIMES else []
    else:
        lines += ["", *(_("Goes at: {at}", at=moment(at, unit.zone)) for at in first)]
    if not first:
        lines.append(_(DateInPast.msgid))
    elif (quiet_until := unit.warnings.goes_at(is_urgent=False, at=first[0])) > first[0]:
        start = clock(quiet_until.astimezone(unit.zone))
        lines.append(_("This time is in the quiet hours: the warning will go when they end, at {start}.", start=start))
    audience = aimed(unit, officer_of(person), form)
    lines += ["", *await audience_lines(unit, audience, topic_of(form), form.get("media"))]
    lines += frequency_lines(len(timing.days)) + await sender_lines(unit, officer_of(person).id, person)
    lines.append(_("A second officer looks at it once; then it goes by itself at each of its times."))
    choices = [
        [choose("Hand in for approval", Plan(do="send")), choose("Whom", Plan(do="aim"))],
        *tap_choice(form, Plan),
        [choose("Change", Plan(do="change")), cancel_choice()],
    ]
    return Reply("\n".join(lines), choices, replaces=replaces)


async def schedule(unit: Unit, person: Person, state: FSMContext) -> Reply:
    officer = officer_of(person)
    form = await state.get_data()
    draft = draft_of(form, aimed(unit, officer, form))
    campaign = await unit.campaigns.schedule(officer, draft, timing_of(form), form.get("again"))
    await state.clear()
    text = _("The campaign is handed in. It goes when a second officer has approved it.")
    choices = [[choose("Campaigns", Open(what="campaigns")), menu_choice()]]
    return Reply(f"{text}\n\n{summary(unit, campaign)}", choices, replaces=True)
