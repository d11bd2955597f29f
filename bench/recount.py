"""Deadlines counted anew from the department's own files and the steps of a tip: nothing of the services is used."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
# Clock hours, working hours («w») and working days («d») of urgency.toml, as a person reads them there.
PERIODS = {
    "U0": {"answer": ("h", 0.5), "accept": ("m", 2), "outcome": ("h", 24)},
    "U1": {"answer": ("h", 0.5), "accept": ("m", 15), "outcome": ("h", 72)},
    "U2": {"answer": ("h", 24), "accept": ("w", 4), "outcome": ("d", 5)},
    "U3": {"answer": ("d", 3), "accept": ("d", 1), "outcome": ("d", 15)},
    "U4": {},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    kind: str
    at: datetime
    by_officer: bool = False


@dataclass
class Dues:
    answer: datetime | None
    accept: datetime | None
    outcome: datetime | None


@dataclass
class Week:
    """Working time as a row of stretches, the earliest first."""

    folder: Path
    zone: ZoneInfo
    since: date
    days: int = 90
    stretches: list[tuple[datetime, datetime]] = field(default_factory=list)

    def __post_init__(self) -> None:
        week = {row["weekday"]: row for row in _rows(self.folder / "week.csv")}
        special = {row["day"]: row for row in _rows(self.folder / "calendar.csv")}
        for day in (self.since + timedelta(days=n) for n in range(self.days)):
            hours = week.get(DAYS[day.weekday()])
            if row := special.get(day.isoformat()):
                hours = {**(hours or {"opens": "09:00", "closes": "18:00"})} if row["is_working"] == "yes" else None
            if hours:
                self.stretches.append((self._at(day, hours["opens"]), self._at(day, hours["closes"])))

    def _at(self, day: date, wall: str) -> datetime:
        return datetime.combine(day, time.fromisoformat(wall), self.zone).astimezone(UTC)

    def hours(self, since: datetime, left: timedelta) -> datetime:
        for opens, closes in self.stretches:
            start = max(opens, since)
            if start > closes or (start == closes and left):
                continue
            if start + left <= closes:
                return start + left
            left -= closes - start
        raise ValueError("the calendar is too short")

    def end_of_day(self, since: datetime, count: int) -> datetime:
        """The end of the n-th working day after today."""
        today = since.astimezone(self.zone).date()
        later = [closes for opens, closes in self.stretches if opens.astimezone(self.zone).date() > today]
        return later[count - 1]

    def worked(self, since: datetime, until: datetime) -> timedelta:
        lasts = (min(closes, until) - max(opens, since) for opens, closes in self.stretches)
        return sum((part for part in lasts if part > timedelta()), timedelta())

    def due(self, urgency: str, what: str, since: datetime) -> datetime | None:
        unit, amount = PERIODS[urgency].get(what, ("", 0))
        match unit:
            case "h":
                return since + HOUR * amount
            case "m":
                return since + MINUTE * amount
            case "w":
                return self.hours(since, HOUR * amount)
            case "d":
                return self.end_of_day(since, int(amount))
        return None

    def after_pause(self, urgency: str, what: str, due: datetime, since: datetime, until: datetime) -> datetime:
        if due <= since:
            return due
        if PERIODS[urgency][what][0] in "wd":
            return self.hours(due, self.worked(since, until))
        return due + (until - since)

    def replay(self, urgency: str, steps: Iterable[Step]) -> Dues:
        """What the clocks must show after these steps."""
        dues, answered, paused = Dues(None, None, None), False, None

        def renew(at: datetime) -> None:
            if not answered and dues.answer is not None and dues.answer <= at:
                dues.answer = self.due(urgency, "answer", at)
            if dues.outcome is not None and dues.outcome <= at:
                dues.outcome = self.due(urgency, "outcome", at)

        for step in steps:
            at = step.at
            if step.kind in ("answered", "cut", "outcome") and paused is not None:
                if dues.answer is not None and not answered:
                    dues.answer = self.after_pause(urgency, "answer", dues.answer, paused, at)
                if dues.outcome is not None:
                    dues.outcome = self.after_pause(urgency, "outcome", dues.outcome, paused, at)
                paused = None
            match step.kind:
                case "submitted" | "reopened":
                    dues = Dues(*(self.due(urgency, what, at) for what in ("answer", "accept", "outcome")))
                    answered = False
                case "taken" | "alarm":
                    dues.accept = None
                case "moved":
                    dues.accept = self.due(urgency, "accept", at)
                    renew(at)
                case "overdue":
                    renew(at)
                case "question":
                    answered, paused = True, paused or at
                case "answer" | "outcome":
                    answered = True
        return dues


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))
