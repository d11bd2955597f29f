"""Staff plans a warning for a date, or for chosen days of every week; lists, pauses and cancels what is planned."""

from datetime import date, datetime
from itertools import islice

from aiogram import F, Router
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.errors import DateInPast
from bot.i18n import _, clock, moment
from bot.services.campaigns import CampaignView, times
from bot.services.officers import OfficerView
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.speech import Choice, Reply, choose, column
from bot.speech.calls import Open, Opens, Plan, PlanForm
from bot.speech.cards import reach_words
from bot.speech.dates import day_words, parse_date, parse_days, parse_moment, parse_time
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
from bot.speech.plans import (
    ask_days,
    ask_time,
    ask_until,
    ask_when,
    cancel_choice,
    read,
    rule_words,
    summary,
    timing_of,
    wall_now,
)
from bot.speech.presses import StrayIn, before, stale, was_answered
from bot.terms import CampaignState, Role

STEPS = Steps(Plan, PlanForm)
SHOWN_TIMES = 3
STEERING = {"list", "show", "pause", "resume", "stop", "stop_yes"}
PRESSED_AT = {
    "once": ("when",),
    "weekly": ("when",),
    "when": ("time", "days", "until", "check"),
    "day": ("days",),
    "days": ("days",),
    "at": ("time",),
    "until": ("until",),
    "check": ("kk", "ru", "check"),
    "change": ("check",),
    "send": ("check",),
    "cancel": ("source", "kk", "ru", "picture", "when", "time", "days", "until", "check"),
    **PRESSED_IN,
}


def router() -> Router:
    router = Router(name="campaigns")
    staff = IsOfficer(Role.STAFF, Role.HEAD, Role.ADMIN)
    router.message.register(list_typed, Command("campaigns"), staff)
    router.message.register(tell_text, staff, StateFilter(PlanForm.kk, PlanForm.ru), HasText())
    router.message.register(tell_photo, staff, StateFilter(PlanForm.picture), HasPhoto())
    router.message.register(tell_days, staff, StateFilter(PlanForm.days), HasText())
    router.message.register(tell_time, staff, StateFilter(PlanForm.time), HasText())
    router.message.register(tell_until, staff, StateFilter(PlanForm.until), HasText())
    router.message.register(tell_other, staff, StrayIn(PlanForm))
    router.callback_query.register(list_pressed, Opens("campaigns"), staff)
    gate = Pressed("plan")
    router.callback_query.register(press_new, gate, staff, Plan.filter(F.do == "new"))
    router.callback_query.register(steer, gate, staff, Plan.filter(F.do.in_(STEERING)))
    router.callback_query.register(press, gate, staff, Plan.filter())
    return router


def officer_of(person: Person) -> OfficerView:
    """The gate lets only officers through."""
    if person.officer is None:
        raise TypeError(person)
    return person.officer


# -- what is planned


async def list_typed(_message: Message, unit: Unit, person: Person) -> Reply:
    return await listed(unit, officer_of(person))


async def list_pressed(_query: CallbackQuery, unit: Unit, person: Person) -> Reply:
    return await listed(unit, officer_of(person))


async def listed(unit: Unit, officer: OfficerView, *, replaces: bool = False) -> Reply:
    campaigns = await unit.campaigns.listed(officer)
    last = [choose("New campaign", Plan(do="new")), menu_choice()]
    if not campaigns:
        return Reply(_("No campaigns are planned."), [last], replaces=replaces)
    summaries = [summary(unit, campaign) for campaign in campaigns]
    titles = [Choice(title_of(campaign.text), Plan(do="show", id=campaign.id).pack()) for campaign in campaigns]
    text = "\n\n".join([_("Planned campaigns. Choose one to pause or cancel it."), *summaries])
    return Reply(text, [*column(*titles), last], replaces=replaces)


async def steer(_query: CallbackQuery, callback_data: Plan, unit: Unit, person: Person) -> Reply:
    officer, id_ = officer_of(person), callback_data.id
    match callback_data.do:
        case "list":
            return await listed(unit, officer, replaces=True)
        case "pause" | "resume":
            campaign = await unit.campaigns.pause(officer, id_, paused=callback_data.do == "pause")
        case "stop_yes":
            campaign = await unit.campaigns.cancel(officer, id_)
            text = _("The campaign “{title}” is cancelled.", title=title_of(campaign.text))
            return Reply(text, [[choose("Campaigns", Open(what="campaigns")), menu_choice()]], replaces=True)
        case "stop":
            campaign = await unit.campaigns.get(officer, id_)
            text = _("Cancel the campaign “{title}”? This cannot be undone.", title=title_of(campaign.text))
            yes = choose("Yes, cancel it", Plan(do="stop_yes", id=id_))
            return Reply(text, [[yes, choose("No", Plan(do="show", id=id_))]], replaces=True)
        case _:
            campaign = await unit.campaigns.get(officer, id_)
    return campaign_card(unit, campaign)


def campaign_card(unit: Unit, campaign: CampaignView) -> Reply:
    if campaign.state is CampaignState.ENDED:
        text = _("The campaign “{title}” is over: its times have passed.", title=title_of(campaign.text))
        return Reply(text, [[choose("Campaigns", Open(what="campaigns")), menu_choice()]], replaces=True)
    steering = (
        choose("Go on", Plan(do="resume", id=campaign.id))
        if campaign.state is CampaignState.PAUSED
        else choose("Pause", Plan(do="pause", id=campaign.id))
    )
    choices = [
        [steering, choose("Cancel the campaign", Plan(do="stop", id=campaign.id))],
        [choose("Back", Plan(do="list"))],
    ]
    return Reply(f"{summary(unit, campaign)}\n\n{campaign.text}", choices, replaces=True)


# -- planning


async def press_new(_query: CallbackQuery, unit: Unit, state: FSMContext) -> Reply:
    await state.clear()
    return await ask_source(unit, state, STEPS)


async def press(
    _query: CallbackQuery,
    callback_data: Plan,
    unit: Unit,
    person: Person,
    state: FSMContext,
    raw_state: str | None,
) -> Reply:
    step = step_of(STEPS, raw_state)
    if step not in PRESSED_AT.get(callback_data.do, ()):
        return stale(person, await question(unit, person, state, step) if step else None)
    if callback_data.do in PRESSED_IN:
        missing = await press_draft(unit, state, STEPS, callback_data)
        return missing or await go_on(unit, person, state)
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
            return change_question(STEPS, choose("Date and time", Plan(do="when")))
        case "send":
            return await schedule(unit, person, state)
        case "cancel":
            await state.clear()
            text = _("The campaign was not planned, the draft is deleted.")
            return Reply(text, [[menu_choice()]], replaces=True)
    form = await state.get_data()
    missing = await ask_missing(state, STEPS) or (None if form.get("at") else await ask_when(state))
    return missing or await check(unit, person, state, replaces=True)


async def tell_text(_message: Message, text: str, unit: Unit, person: Person, state: FSMContext) -> Reply:
    missing = await tell_words(unit, state, STEPS, text)
    return missing or await go_on(unit, person, state)


async def tell_photo(message: Message, unit: Unit, person: Person, state: FSMContext) -> Reply:
    missing = await tell_picture(unit, person, state, STEPS, message)
    return missing or await go_on(unit, person, state)


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
    """The wrong kind of message: why, and the question again."""
    if await was_answered(message, state):
        return None
    step = step_of(STEPS, raw_state)
    return before(refusal_of(message, step), await question(unit, person, state, step))


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
        case "check":
            return await check(unit, person, state)
    return await ask_again(unit, state, STEPS, step)


# -- check and schedule


async def check(unit: Unit, person: Person, state: FSMContext, *, replaces: bool = False) -> Reply:
    await state.set_state(PlanForm.check)
    form = await state.get_data()
    timing = timing_of(form)
    audience = unit.warnings.audience_of(officer_of(person))
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
    lines += ["", _("Audience: {audience}", audience=await audience_words(unit, audience)), _("Now it would reach:")]
    lines.append(reach_words(await unit.warnings.reach(audience)))
    choices = [
        [choose("Schedule", Plan(do="send")), choose("Change", Plan(do="change"))],
        [cancel_choice()],
    ]
    return Reply("\n".join(lines), choices, replaces=replaces)


async def schedule(unit: Unit, person: Person, state: FSMContext) -> Reply:
    officer = officer_of(person)
    form = await state.get_data()
    draft = draft_of(form, unit.warnings.audience_of(officer))
    campaign = await unit.campaigns.schedule(officer, draft, timing_of(form))
    await state.clear()
    text = _("The campaign is planned.")
    choices = [[choose("Campaigns", Open(what="campaigns")), menu_choice()]]
    return Reply(f"{text}\n\n{summary(unit, campaign)}", choices, replaces=True)
