"""By when a person answers and by when a holder takes a tip: working time of the department, hours and days.

Pure: the calendar's rows come from the roster. Sums are made between moments in UTC, so a change of the clocks
(Asia/Almaty on 2024-03-01) neither adds nor takes an hour. Periods: bot/data/urgency.toml.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.data import load
from bot.terms import Urgency

LOOK_AHEAD = timedelta(days=400)  # a calendar without a working day in it must not be searched for ever
PERIODS = ("first_answer", "accept", "outcome", "warn", "warn_outcome")
MIDNIGHT = "24:00"  # as a closing time: the end of that day


@dataclass(frozen=True, slots=True)
class Hours:
    """Wall times of one day; `closes` at or before `opens` is on the next day."""

    opens: str
    closes: str


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Hours by weekday (0 is Monday) and dates that differ: None is a day off, hours make a Saturday a working day."""

    zone: ZoneInfo
    week: Mapping[int, Hours] = field(default_factory=dict)
    days: Mapping[date, Hours | None] = field(default_factory=dict)

    def hours_of(self, day: date) -> Hours | None:
        return self.days[day] if day in self.days else self.week.get(day.weekday())

    def is_working(self, day: date) -> bool:
        return self.hours_of(day) is not None

    def shift(self, day: date) -> tuple[datetime, datetime] | None:
        """Opening and closing of this day, in UTC."""
        hours = self.hours_of(day)
        if hours is None:
            return None
        ends_next_day = hours.closes == MIDNIGHT or hours.closes <= hours.opens
        closes = "00:00" if hours.closes == MIDNIGHT else hours.closes
        end = day + timedelta(days=1) if ends_next_day else day
        return self._moment(day, hours.opens), self._moment(end, closes, fold=1)

    def is_open(self, at: datetime) -> bool:
        today = at.astimezone(self.zone).date()
        shifts = (self.shift(day) for day in (today - timedelta(days=1), today))
        return any(shift[0] <= at < shift[1] for shift in shifts if shift)

    def add_hours(self, since: datetime, hours: float) -> datetime:
        """The moment when so many working hours will have passed."""
        left, reached = timedelta(hours=hours), since
        for opens, closes in self._shifts(since, timedelta(days=-1)):
            start = max(opens, reached)
            if start + left <= closes:
                return start + left
            if closes > start:
                left, reached = left - (closes - start), closes
        return since + timedelta(hours=hours)

    def worked(self, since: datetime, until: datetime) -> timedelta:
        """How much working time lies between two moments."""
        total = timedelta()
        for opens, closes in self._shifts(since, timedelta(days=-1)):
            if opens >= until:
                break
            total += max(min(closes, until) - max(opens, since), timedelta())
        return total

    def add_days(self, since: datetime, days: int) -> datetime:
        """The end of the n-th working day after the day of `since`."""
        left = days
        for _opens, closes in self._shifts(since, timedelta(days=1)):
            left -= 1
            if left <= 0:
                return closes
        return since + timedelta(days=days)

    def _shifts(self, since: datetime, offset: timedelta) -> Iterator[tuple[datetime, datetime]]:
        day = since.astimezone(self.zone).date() + offset
        last = day + LOOK_AHEAD
        while day < last:
            shift = self.shift(day)
            if shift is not None:
                yield shift
            day += timedelta(days=1)

    def _moment(self, day: date, wall: str, fold: int = 0) -> datetime:
        return datetime.combine(day, time.fromisoformat(wall).replace(fold=fold), self.zone).astimezone(UTC)


def answer_due(urgency: Urgency, since: datetime, calendar: WorkingCalendar) -> datetime | None:
    """None where nothing was promised (information)."""
    return _after(urgency, "first_answer", since, calendar)


def accept_by(urgency: Urgency, since: datetime, calendar: WorkingCalendar) -> datetime | None:
    """A holder who has not taken it by then is passed over: one rung up. None: nobody is hurried."""
    return _after(urgency, "accept", since, calendar)


def outcome_due(urgency: Urgency, since: datetime, calendar: WorkingCalendar) -> datetime | None:
    """By when a holder says what became of it."""
    return _after(urgency, "outcome", since, calendar)


def warn_until(urgency: Urgency, name: str, now: datetime, calendar: WorkingCalendar) -> datetime | None:
    """Holders of what is due by then are told now that time runs out: `warn`, `warn_outcome`. None: nobody is."""
    return _after(urgency, name, now, calendar)


def resumed(
    urgency: Urgency, name: str, due: datetime, pause: tuple[datetime, datetime], calendar: WorkingCalendar
) -> datetime:
    """`due` after a pause in which its clock stood. What had run out before stays so."""
    since, until = pause
    if due <= since:
        return due
    _period, is_working = _periods()[urgency].get(name, (None, False))
    if not is_working:
        return due + (until - since)
    return calendar.add_hours(due, calendar.worked(since, until).total_seconds() / 3600)


def _after(urgency: Urgency, name: str, since: datetime, calendar: WorkingCalendar) -> datetime | None:
    period, is_working = _periods()[urgency].get(name, (None, False))
    if period is None:
        return None
    amount, unit = int(period.strip("PTDHM")), period[-1]
    if unit == "D" and is_working:
        return calendar.add_days(since, amount)
    if is_working:
        return calendar.add_hours(since, amount)
    return since + timedelta(**{{"M": "minutes", "H": "hours", "D": "days"}[unit]: amount})


def _periods() -> dict[Urgency, dict[str, tuple[str, bool]]]:
    """Period and whether only working time counts in it."""
    return {
        Urgency(item["code"]): {name: (item[name], name in item.get("working", ())) for name in PERIODS if name in item}
        for item in load("urgency")["urgency"]
    }
