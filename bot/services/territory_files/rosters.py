"""Who is away and who stands in, who is on watch, and the department's calendar."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta, tzinfo

from bot.errors import N_
from bot.services.territory_files.cells import Columns, Once, Row, rows
from bot.services.territory_files.entries import AbsenceEntry, CalendarEntry, WatchEntry, WeekEntry
from bot.services.territory_files.faults import Faults
from bot.services.territory_files.headings import word_of
from bot.services.territory_files.tables import Table
from bot.terms import DeskKind

ABSENCES = Columns(("badge", "first_day", "last_day"), ("substitute", "reason"))
WATCHES = Columns(("desk", "badge", "starts_at", "ends_at"))
CALENDAR = Columns(("day", "is_working"), ("name_kk", "name_ru", "opens", "closes"))
WEEK = Columns(("weekday", "opens", "closes"))

REASONS = ("leave", "sick", "trip", "training")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LONGEST_WATCH = timedelta(days=31)
QUEUES = {DeskKind.DISTRICT_DUTY, DeskKind.DEPARTMENT_DUTY}

NO_OFFICER = N_("There is no officer with badge “{value}”. Correct the badge or add the officer.")


def read_absences(table: Table | None, badges: frozenset[str] | None, faults: Faults) -> tuple[AbsenceEntry, ...]:
    """Absences. Days that overlap and substitutes who stand in for each other are faults at the later line."""
    found: list[AbsenceEntry] = []
    earlier: dict[str, list[tuple[AbsenceEntry, int]]] = defaultdict(list)
    for row in rows(table, ABSENCES, faults):
        entry = _read_absence(row, badges)
        if entry is None:
            continue
        _check_overlap(row, entry, earlier[entry.badge])
        if circle := _circle(entry, earlier):
            row.fault(N_("The substitutes stand in for each other in a circle: {badges}. Name somebody else."),
                      badges=" → ".join(circle))  # fmt: skip
        earlier[entry.badge].append((entry, row.line))
        found.append(entry)
    return tuple(found)


def _read_absence(row: Row, badges: frozenset[str] | None) -> AbsenceEntry | None:
    badge = row.known("badge", badges, NO_OFFICER)
    substitute = row.known("substitute", badges, NO_OFFICER) if row.text("substitute") else None
    if substitute is not None and substitute == badge:
        row.fault(N_("Nobody stands in for himself. Name somebody else or leave the cell empty."))
        substitute = None
    first, last = row.day("first_day"), row.day("last_day")
    reason = word_of("reason", row.text("reason")) or REASONS[0]
    if reason not in REASONS:
        row.not_allowed("reason", *REASONS)
    if first is None or last is None or not badge:
        return None
    if first > last:
        row.fault(N_("The last day {last} is before the first day {first}. Correct the days."),
                  first=f"{first:%Y-%m-%d}", last=f"{last:%Y-%m-%d}")  # fmt: skip
        return None
    return AbsenceEntry(badge, substitute, first, last, reason)


def _check_overlap(row: Row, entry: AbsenceEntry, earlier: Iterable[tuple[AbsenceEntry, int]]) -> None:
    for other, line in earlier:
        if other.first_day <= entry.last_day and entry.first_day <= other.last_day:
            row.fault(N_("The days overlap with those of line {other}. Correct or remove one of them."), other=line)
            return


def _circle(entry: AbsenceEntry, earlier: dict[str, list[tuple[AbsenceEntry, int]]]) -> list[str]:
    """Badges from the absent officer round to himself, on a day when all of them are away; empty: no circle."""
    seen: set[tuple[str, date, date]] = set()

    def walk(badge: str | None, first: date, last: date, path: list[str]) -> list[str]:
        if badge is None or (badge, first, last) in seen:
            return []
        seen.add((badge, first, last))
        if badge == entry.badge:
            return [*path, badge]
        for absence, _line in earlier.get(badge, ()):
            since, until = max(first, absence.first_day), min(last, absence.last_day)
            if since <= until and (found := walk(absence.substitute, since, until, [*path, badge])):
                return found
        return []

    return walk(entry.substitute, entry.first_day, entry.last_day, [entry.badge])


def read_watches(
    table: Table | None,
    desks: dict[str, DeskKind] | None,
    badges: frozenset[str] | None,
    zone: tzinfo,
    faults: Faults,
) -> tuple[WatchEntry, ...]:
    """Watches at duty queues. They may overlap: two may be on duty."""
    found, lines = [], Once()
    for row in rows(table, WATCHES, faults):
        desk = row.known("desk", None if desks is None else frozenset(desks),
                         N_("There is no desk “{value}”. Correct the code or add the desk."))  # fmt: skip
        if desks is not None and desk in desks and desks[desk] not in QUEUES:
            row.fault(N_("The desk “{value}” is no duty queue. Watches are kept at duty queues only."), value=desk)
        badge = row.known("badge", badges, NO_OFFICER)
        starts_at, ends_at = row.moment("starts_at", zone), row.moment("ends_at", zone)
        if starts_at is None or ends_at is None:
            continue
        if not timedelta(0) < ends_at - starts_at <= LONGEST_WATCH:
            row.fault(N_("A watch must end after it starts and within {days} days. Correct the times."),
                      days=LONGEST_WATCH.days)  # fmt: skip
            continue
        entry = WatchEntry(desk, badge, starts_at, ends_at)
        lines.check(row, entry, f"{desk} {badge}")
        found.append(entry)
    return tuple(found)


def read_calendar(table: Table | None, faults: Faults) -> tuple[CalendarEntry, ...]:
    """Dates unlike their weekday: holidays, and working days that make up for them."""
    found, days = [], Once()
    for row in rows(table, CALENDAR, faults):
        day, is_working = row.day("day"), row.is_yes("is_working")
        name_kk, name_ru = row.text("name_kk"), row.text("name_ru")
        if bool(name_kk) != bool(name_ru):
            row.filled("name_ru" if name_kk else "name_kk")
        opens, closes = _hours(row)
        if opens and not is_working:
            row.fault(N_("A day off has no hours. Leave them empty or make it a working day."))
        if day is not None:
            days.check(row, day, f"{day:%Y-%m-%d}")
            found.append(CalendarEntry(day, is_working, name_kk, name_ru, opens, closes))
    return tuple(found)


def read_week(table: Table | None, faults: Faults) -> tuple[WeekEntry, ...]:
    """The hours of each working weekday."""
    found, days = [], Once()
    for row in rows(table, WEEK, faults):
        said = word_of("weekday", row.text("weekday"))
        if said not in WEEKDAYS:
            row.not_allowed("weekday", *WEEKDAYS)
        opens, closes = _hours(row)
        if not (row.text("opens") or row.text("closes")):
            row.filled("opens")
        if said in WEEKDAYS:
            days.check(row, said, row.text("weekday"))
            found.append(WeekEntry(WEEKDAYS.index(said), opens or "", closes or ""))
    if table is not None and table.is_whole and not found:
        faults.add(
            table.file,
            N_("There is no working day in the week. Add one: answers are promised in working time."),
            sheet=table.sheet,
        )
    return tuple(found)


def _hours(row: Row) -> tuple[str | None, str | None]:
    """Both times or neither, in order. A shift over midnight is a watch, not a working day."""
    opens, closes = row.clock("opens"), row.clock("closes", is_end=True)
    if bool(row.text("opens")) != bool(row.text("closes")):
        row.filled("closes" if row.text("opens") else "opens")
    elif opens and closes and opens >= closes:
        row.fault(N_("The day closes at {closes}, before it opens at {opens}. Correct the hours."),
                  opens=opens, closes=closes)  # fmt: skip
    return opens, closes
