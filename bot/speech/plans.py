"""A campaign's times as a dialog asks for them, and campaigns in words."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from aiogram.fsm.context import FSMContext

from bot.i18n import _, day, moment, ngettext, number
from bot.services.campaigns import CampaignView, OccurrenceView, Timing
from bot.services.unit import Unit
from bot.speech import Choice, Reply, choose, column, pair, rows
from bot.speech.calls import Plan, Warn
from bot.speech.dates import DAY_NAMES, day_words, example, next_weekday
from bot.speech.drafts import title_of
from bot.speech.forms import PlanForm
from bot.terms import CampaignState

CODE = "%Y%m%dT%H%M"  # a time in a button: its separator is the colon
MORNING = time(10)


def wall_now(unit: Unit) -> datetime:
    """The department's wall clock, naive like everything a rule is made of."""
    return unit.clock.now().astimezone(unit.zone).replace(tzinfo=None)


def timing_of(form: Mapping[str, Any]) -> Timing:
    until = date.fromisoformat(form["until"]) if form.get("until") else None
    return Timing(datetime.fromisoformat(form["at"]), tuple(form.get("days", ())), until)


def timing_form(timing: Timing) -> dict[str, Any]:
    """The other way round: a plan that is opened again."""
    return {
        "at": timing.starts.isoformat(),
        "days": list(timing.days),
        "until": timing.until.isoformat() if timing.until else "",
    }


# -- questions


def cancel_choice() -> Choice:
    return choose("Cancel", Plan(do="cancel"))


def back_choice() -> Choice:
    return choose("Back", Plan(do="when"))


async def ask_when(state: FSMContext) -> Reply:
    await state.set_state(PlanForm.when)
    choices = [choose("Once", Plan(do="once")), choose("Every week", Plan(do="weekly"))]
    return Reply(_("When shall it go: once or every week?"), [choices, [cancel_choice()]])


async def ask_days(state: FSMContext, *, replaces: bool = False) -> Reply:
    await state.set_state(PlanForm.days)
    chosen = (await state.get_data()).get("days", [])
    days = [day_choice(number, chosen=number in chosen) for number in range(7)]
    last = [choose("Done", Plan(do="days")), back_choice(), cancel_choice()]
    text = _("On which days of the week? Mark them and choose “Done”, or write them.")
    return Reply(text, [*rows(days, 4), last], replaces=replaces)


def day_choice(number: int, *, chosen: bool) -> Choice:
    plain = choose(DAY_NAMES[number], Plan(do="day", id=number))
    return Choice(f"✅ {plain.label}", plain.value, also=plain.label) if chosen else plain


async def ask_time(unit: Unit, state: FSMContext) -> Reply:
    await state.set_state(PlanForm.time)
    now = wall_now(unit)
    if (await state.get_data()).get("days"):
        ready = [time(9), MORNING, time(12), time(18)]
        buttons = [moment_choice(f"{at:%H:%M}", datetime.combine(now.date(), at)) for at in ready]
        text = _("At what time? Choose or write it, for example: {example}", example="10:00")
        return Reply(text, [*rows(buttons, 4), [back_choice(), cancel_choice()]], open=True)
    tomorrow = datetime.combine(now.date() + timedelta(days=1), MORNING)
    monday = datetime.combine(next_weekday(now.date(), 0), MORNING)
    buttons = [
        choose("Tomorrow at 10:00", Plan(do="at", code=tomorrow.strftime(CODE))),
        choose("Tomorrow at 18:00", Plan(do="at", code=tomorrow.replace(hour=18).strftime(CODE))),
        choose("Next Monday at 10:00", Plan(do="at", code=monday.strftime(CODE))),
    ]
    text = _("On which date and at what time? Choose or write them, for example: {example}", example=example(now))
    return Reply(text, [*column(*buttons), [back_choice(), cancel_choice()]], open=True)


def code_of(last_day: date) -> str:
    return datetime.combine(last_day, time()).strftime(CODE)


def moment_choice(label: str, at: datetime) -> Choice:
    return Choice(label, Plan(do="at", code=at.strftime(CODE)).pack())


def read(code: str) -> datetime | None:
    """The time in a button; None for one that we did not make."""
    try:
        return datetime.strptime(code, CODE)  # noqa: DTZ007
    except ValueError:
        return None


async def ask_until(unit: Unit, state: FSMContext) -> Reply:
    await state.set_state(PlanForm.until)
    today = wall_now(unit).date()
    buttons = [
        choose("No end date", Plan(do="until")),
        choose("Four weeks", Plan(do="until", code=code_of(today + timedelta(weeks=4)))),
        choose("Twelve weeks", Plan(do="until", code=code_of(today + timedelta(weeks=12)))),
    ]
    text = _(
        "Until which day? Choose or write the date, for example: {example}",
        example=f"{today + timedelta(days=30):%d.%m.%Y}",
    )
    return Reply(text, [*column(*buttons), [back_choice(), cancel_choice()]], open=True)


# -- words


async def campaign_card(unit: Unit, campaign: CampaignView) -> Reply:
    count, last = await unit.campaigns.occurrences(campaign.id)
    choices = steering(campaign)
    if last and last[0].warning_id is not None:
        choices.insert(0, [choose("How it goes", Warn(do="show", id=last[0].warning_id))])
    lines = [summary(unit, campaign)]
    if campaign.approved_by is not None and campaign.approved_at is not None:
        (approver,) = (await unit.officers.by_ids([campaign.approved_by])).values()
        at = moment(campaign.approved_at, unit.zone)
        lines.append(_("Approved by: {officer}, {at}", officer=approver.title, at=at))
    if last:
        lines += [ngettext("It has gone {n} time. Lately:", "It has gone {n} times. Lately:", count)]
        lines += [await occurrence_line(unit, one) for one in last]
    return Reply("\n".join([*lines, "", str(campaign.text)]), choices, replaces=True)


def steering(campaign: CampaignView) -> list[list[Choice]]:
    if campaign.state in (CampaignState.ENDED, CampaignState.CANCELLED):
        return [[choose("Plan it again", Plan(do="again", id=campaign.id)), choose("Back", Plan(do="over"))]]
    stop = choose("Cancel the campaign", Plan(do="stop", id=campaign.id))
    first = [stop]
    if campaign.state is CampaignState.PAUSED:
        first.insert(0, choose("Go on", Plan(do="resume", id=campaign.id)))
    elif campaign.state is CampaignState.ACTIVE:
        first.insert(0, choose("Pause", Plan(do="pause", id=campaign.id)))
    return [first, [choose("Change", Plan(do="again", id=campaign.id)), choose("Back", Plan(do="list"))]]


async def occurrence_line(unit: Unit, one: OccurrenceView) -> str:
    """As it was counted last: how far it has come, or that it did not go."""
    if one.warning_id is None:
        became = _("did not go")
    else:
        progress = await unit.warnings.progress(one.warning_id)
        became = (
            _("sent to {n} of {whole}", n=number(progress.sent), whole=number(progress.prepared))
            if progress.is_counted
            else _("the recipients are being counted")
        )
    return f"• {pair(moment(one.at, unit.zone), became)}"


def summary(unit: Unit, campaign: CampaignView) -> str:
    lines = [title_of(campaign.text)]
    if campaign.state is CampaignState.AWAITING:
        lines.append(_("Waits for a second officer"))
    if campaign.state is CampaignState.ENDED:
        lines.append(_("It is over: its times have passed."))
    elif campaign.state is CampaignState.CANCELLED:
        lines.append(_("Cancelled"))
    elif campaign.state is CampaignState.PAUSED:
        lines.append(_("Paused"))
    elif campaign.next_at is not None:
        lines.append(_("Next time: {at}", at=moment(campaign.next_at, unit.zone)))
    if campaign.days:
        lines.append(_("Every week: {days}", days=rule_words(campaign.days, campaign.until)))
    return "\n".join(lines)


def rule_words(days: tuple[int, ...], until: date | None) -> str:
    if until is None:
        return _("{days}, without an end date", days=day_words(days))
    return _("{days}, last day: {until}", days=day_words(days), until=day(until))
