"""Leave, substitutes and watches in words: questions, lists, refusals. What was chosen so far is in the form."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.errors import N_, DateNotUnderstood, DaysPast, KorshiError
from bot.i18n import _, day, moment, number
from bot.services.officers import OfficerView
from bot.services.roster import ABOVE, AbsenceView, WatchView
from bot.services.territory import DeskView
from bot.services.unit import Unit
from bot.speech import Choice, Reply, choose, choose_named, column, pages, pair, rows
from bot.speech.calls import Open, Rota
from bot.speech.dates import parse_date
from bot.terms import Role

PAGE = 8
HANDOVER = time(9)  # when one watch gives over to the next
REASON_NAMES = {"leave": N_("Leave"), "sick": N_("Illness"), "trip": N_("Business trip"), "training": N_("Training")}

_RANGE = re.compile(r"\s+[-–—]\s+|\s*[–—]\s*|\s+(?:по|до)\s+")


def menu() -> Choice:
    return choose("Menu", Open(what="menu"))


def stop() -> list[Choice]:
    return [choose("Cancel", Rota(do="list"))]


def paged(choices: Sequence[Choice], page: int, do: str) -> list[list[Choice]]:
    return pages.paged(choices, page, PAGE, lambda n: Rota(do=do, id=n))


def refusal_words(refusal: KorshiError) -> str:
    """With days as people write them."""
    return _(refusal.msgid, **{k: day(v) if isinstance(v, date) else v for k, v in refusal.facts.items()})


# -- leave


def days_words(first: date, last: date) -> str:
    return day(first) if first == last else f"{day(first)} – {day(last)}"


def absence_line(absence: AbsenceView) -> str:
    instead = absence.substitute.title if absence.substitute else _("the duty unit")
    days = days_words(absence.first_day, absence.last_day)
    return " · ".join([days, _(REASON_NAMES[absence.reason]), pair(_("Substitute"), instead)])


def leave_list(officer: OfficerView, absences: Sequence[AbsenceView], by: OfficerView) -> Reply:
    lines = [str(officer.title)]
    lines += [f"• {absence_line(one)}" for one in absences] or [_("No days off are written down.")]
    choices = [choose("Add days off", Rota(do="new", id=officer.id))]
    for absence in absences[:PAGE]:
        label = f"✖ {absence.first_day:%d.%m} – {absence.last_day:%d.%m.%Y}"
        choices.append(Choice(label, Rota(do="ask_cancel", id=absence.id).pack()))
    more = []
    if by.has(*ABOVE, Role.DUTY):
        more = [choose("Another officer", Rota(do="who")), choose("Weekly duty", Rota(do="desks"))]
    return Reply("\n".join(lines), [*column(*choices), *rows(more), [menu()]])


def ask_whom(officers: Sequence[OfficerView], page: int = 0, *, replaces: bool = False) -> Reply:
    choices = [choose_named(one.title, Rota(do="show", id=one.id)) for one in officers]
    text = _("Whose days off? Choose an officer, or write a part of the name.")
    return Reply(text, [*paged(choices, page, "who"), stop()], replaces=replaces)


def ask_reason() -> Reply:
    choices = [choose(name, Rota(do="reason", code=code)) for code, name in REASON_NAMES.items()]
    return Reply(_("Why are these days off?"), [*rows(choices), stop()])


def ask_first(today: date) -> Reply:
    tomorrow = today + timedelta(days=1)
    choices = [
        choose("Today", Rota(do="first", code=today.isoformat())),
        choose("Tomorrow", Rota(do="first", code=tomorrow.isoformat())),
    ]
    text = _("The first day off? Choose it or write the date. For example: {example}", example=f"{tomorrow:%d.%m.%Y}")
    return Reply(text, [choices, stop()])


def ask_last(first: date) -> Reply:
    spans = ((0, N_("That day only")), (6, N_("One week")), (13, N_("Two weeks")))
    choices = [
        choose(name, Rota(do="last", code=(first + timedelta(days=length)).isoformat())) for length, name in spans
    ]
    text = _(
        "First day: {day}. The last day off, itself included? Choose it or write the date. For example: {example}",
        day=day(first),
        example=f"{first + timedelta(days=13):%d.%m.%Y}",
    )
    return Reply(text, [choices, stop()])


def ask_substitute(candidates: Sequence[OfficerView], page: int = 0, *, replaces: bool = False) -> Reply:
    choices = [choose_named(one.title, Rota(do="sub", id=one.id)) for one in candidates]
    nobody = choose("Nobody: the duty unit", Rota(do="sub", id=0))
    text = _("Who stands in? Tips of these days go to that officer.")
    return Reply(text, [*paged(choices, page, "subs"), [nobody], stop()], replaces=replaces)


async def candidates_for(unit: Unit, officer: OfficerView) -> list[OfficerView]:
    """Colleagues with an account: inspectors of the same district, people of the same desk."""
    able = await unit.roster.may_stand_in(officer)
    if officer.precinct_ids:
        districts = {(await unit.territory.precinct(id_)).district_id for id_ in officer.precinct_ids}
        near = {place.id for id_ in districts for place in await unit.territory.precincts(id_)}
        return [one for one in able if near & set(one.precinct_ids)]
    if officer.desk_ids:
        return [one for one in able if set(officer.desk_ids) & set(one.desk_ids)]
    return able


async def others(unit: Unit, by: OfficerView) -> list[OfficerView]:
    """Those whose days this officer may set: a duty unit those of its inspectors, asked once a district."""
    if by.has(*ABOVE):
        return await unit.officers.everyone()
    district_of = {place.id: place.district_id for place in await unit.territory.precincts()}
    may: dict[frozenset[int | None], bool] = {}
    found = []
    for one in await unit.officers.with_role(Role.INSPECTOR):
        where = frozenset(district_of.get(id_) for id_ in one.precinct_ids)
        if where not in may:
            may[where] = await unit.roster.may_set_absence(one, by)
        if may[where]:
            found.append(one)
    return found


async def leave_check(unit: Unit, form: Mapping[str, Any]) -> Reply:
    substitute = (await unit.officers.get(form["substitute"])).title if form.get("substitute") else _("the duty unit")
    first, last = date.fromisoformat(form["first"]), date.fromisoformat(form["last"])
    why = REASON_NAMES[form["reason"]]
    text = _(
        "Please check:\nOfficer: {officer}\nDays off: {days}\nReason: {reason}\nSubstitute: {substitute}",
        officer=(await unit.officers.get(form["officer"])).title,
        days=days_words(first, last),
        reason=_(why),
        substitute=substitute,
    )
    change = [choose("Other days", Rota(do="days")), choose("Another substitute", Rota(do="subs"))]
    return Reply(text, [[choose("Save", Rota(do="save"))], change, stop()])


def leave_saved(absence: AbsenceView) -> Reply:
    text = "\n".join([_("Saved."), f"{absence.officer.title}: {absence_line(absence)}"])
    return Reply(text, [[choose("Leave and substitution", Rota(do="list")), menu()]], replaces=True)


def ask_cancel(absence: AbsenceView, zone: ZoneInfo) -> Reply:
    lines = [
        _("Cancel these days off?"),
        f"{absence.officer.title}: {absence_line(absence)}",
        written_line(absence, zone),
    ]
    text = "\n".join(lines)
    yes = choose("Yes", Rota(do="cancel", id=absence.id))
    return Reply(text, [[yes, choose("No", Rota(do="list"))]], replaces=True)


def written_line(absence: AbsenceView, zone: ZoneInfo) -> str:
    at = moment(absence.set_at, zone)
    if absence.set_by is None:
        return _("From the department's list, loaded: {at}.", at=at)
    return _("Written down by {officer}: {at}.", officer=absence.set_by.title, at=at)


def last_day(text: str, first: date, today: date) -> date:
    """Raises DateNotUnderstood, DateInPast, DaysPast."""
    found = parse_date(text, today)
    if found < first:
        raise DaysPast
    return found


# -- watches


def desk_list(desks: Sequence[DeskView], page: int = 0, *, replaces: bool = False) -> Reply:
    choices = [choose_named(desk.name, Rota(do="desk", id=desk.id)) for desk in desks]
    text = _("Whose weekly duty?") if desks else _("There is no duty unit whose watches you may set.")
    return Reply(text, [*paged(choices, page, "desks"), stop()], replaces=replaces)


async def desks_of(unit: Unit, by: OfficerView) -> list[DeskView]:
    """Duty units whose watches this officer may set: the districts', the department's last."""
    districts = [district.id for district in await unit.territory.districts()]
    found = {desk.id: desk for desk in [await unit.territory.duty_desk(id_) for id_ in (*districts, None)]}
    return [desk for desk in found.values() if await unit.roster.may_set_watch(desk.id, by)]


def watch_line(watch: WatchView, unit: Unit) -> str:
    return f"{moment(watch.starts_at, unit.zone)} – {moment(watch.ends_at, unit.zone)} · {watch.officer.title}"


def watch_list(desk: DeskView, watches: Sequence[WatchView], unit: Unit) -> Reply:
    lines = [str(desk.name)]
    lines += [f"• {watch_line(one, unit)}" for one in watches[:PAGE]] or [
        _("No watch is written down: tips go to everybody of this unit.")
    ]
    if len(watches) > PAGE:
        lines.append(_("Later watches: {n}", n=number(len(watches) - PAGE)))
    lines.append(_("Add a watch: choose the week, or write the days. For example: {example}", example=example(unit)))
    choices = [choose("This week", Rota(do="week", id=0)), choose("Next week", Rota(do="week", id=1))]
    drops = []
    for watch in watches[:PAGE]:
        label = f"✖ {watch.starts_at.astimezone(unit.zone):%d.%m} · {watch.officer.name}"
        drops.append(Choice(label, Rota(do="ask_drop", id=watch.id).pack()))
    return Reply("\n".join(lines), [choices, *column(*drops), stop()])


def example(unit: Unit) -> str:
    first = today_of(unit) + timedelta(days=1)
    return f"{first:%d.%m.%Y} – {first + timedelta(days=6):%d.%m.%Y}"


def ask_watcher(people: Sequence[OfficerView], page: int = 0, *, replaces: bool = False) -> Reply:
    choices = [choose_named(one.title, Rota(do="watcher", id=one.id)) for one in people]
    return Reply(_("Who is on duty?"), [*paged(choices, page, "watchers"), stop()], replaces=replaces)


async def watch_check(unit: Unit, form: Mapping[str, Any]) -> Reply:
    text = _(
        "Please check:\nDuty unit: {desk}\nFrom: {start}\nUntil: {end}\nOn duty: {officer}",
        desk=(await unit.territory.desk(form["desk"])).name,
        start=moment(moments(form)[0], unit.zone),
        end=moment(moments(form)[1], unit.zone),
        officer=(await unit.officers.get(form["watcher"])).title,
    )
    back = choose("Other days", Rota(do="desk", id=form["desk"]))
    return Reply(text, [[choose("Save", Rota(do="save_watch"))], [back], stop()])


def ask_drop(watch: WatchView, unit: Unit) -> Reply:
    text = "\n".join([_("Cancel this watch?"), watch_line(watch, unit)])
    yes = choose("Yes", Rota(do="drop", id=watch.id))
    return Reply(text, [[yes, choose("No", Rota(do="desk", id=watch.desk_id))]], replaces=True)


def today_of(unit: Unit) -> date:
    return unit.clock.now().astimezone(unit.zone).date()


def week_of(unit: Unit, ahead: int) -> tuple[datetime, datetime]:
    """From Monday's handover to the next one; what is left of a week that has begun."""
    today = today_of(unit)
    monday = today + timedelta(days=7 - today.weekday())
    if ahead:
        return handover(unit, monday), handover(unit, monday + timedelta(days=7))
    return unit.clock.now().replace(second=0, microsecond=0), handover(unit, monday)


def days_of(text: str, unit: Unit) -> tuple[datetime, datetime]:
    """«01.12.2026 – 07.12.2026»: from the first morning to the morning after the last day. Raises DateNotUnderstood,
    DateInPast, DaysPast."""
    parts = [part for part in _RANGE.split(text.strip()) if part]
    if not 0 < len(parts) < 3:
        raise DateNotUnderstood(example=example(unit))
    today = today_of(unit)
    first = parse_date(parts[0], today)
    return handover(unit, first), handover(unit, last_day(parts[-1], first, today) + timedelta(days=1))


def moments(form: Mapping[str, Any]) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(form["starts"]), datetime.fromisoformat(form["ends"])


def handover(unit: Unit, at: date) -> datetime:
    return datetime.combine(at, HANDOVER, tzinfo=unit.zone)
