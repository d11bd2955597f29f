"""Absences and watches as others see them, what a list says about them, and who stands in for whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bot.services.officers import OfficerView

LEAVE, SICK, TRIP, TRAINING = "leave", "sick", "trip", "training"
REASONS = (LEAVE, SICK, TRIP, TRAINING)


@dataclass(frozen=True, slots=True)
class AbsenceView:
    """Days off, both included, in the department's zone."""

    id: int
    officer: OfficerView
    substitute: OfficerView | None
    first_day: date
    last_day: date
    reason: str
    set_at: datetime
    set_by: OfficerView | None  # None: a loaded list


@dataclass(frozen=True, slots=True)
class NewAbsence:
    officer_id: int
    substitute_id: int | None
    first_day: date
    last_day: date
    reason: str = LEAVE


@dataclass(frozen=True, slots=True)
class WatchView:
    id: int
    desk_id: int
    officer: OfficerView
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class NewWatch:
    """Aware moments; a watch may cross midnight."""

    desk_id: int
    officer_id: int
    starts_at: datetime
    ends_at: datetime


class AbsenceListed(Protocol):
    """A row of the department's list of leave. Badges, not ids."""

    @property
    def badge(self) -> str: ...
    @property
    def substitute(self) -> str | None: ...
    @property
    def first_day(self) -> date: ...
    @property
    def last_day(self) -> date: ...
    @property
    def reason(self) -> str: ...


class WatchListed(Protocol):
    @property
    def desk(self) -> str: ...
    @property
    def badge(self) -> str: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


class DayListed(Protocol):
    @property
    def day(self) -> date: ...
    @property
    def is_working(self) -> bool: ...
    @property
    def name_kk(self) -> str: ...
    @property
    def name_ru(self) -> str: ...
    @property
    def opens(self) -> str | None: ...
    @property
    def closes(self) -> str | None: ...


class HoursListed(Protocol):
    @property
    def weekday(self) -> int: ...
    @property
    def opens(self) -> str: ...
    @property
    def closes(self) -> str: ...


class RosterEntries(Protocol):
    """Checked files of a department. An empty list says nothing: what is there stays."""

    @property
    def absences(self) -> Sequence[AbsenceListed]: ...
    @property
    def watches(self) -> Sequence[WatchListed]: ...
    @property
    def calendar(self) -> Sequence[DayListed]: ...
    @property
    def week(self) -> Sequence[HoursListed]: ...


def stand_in_of(officer_id: int, away: Mapping[int, int | None]) -> int | None:
    """Who stands in at last, a substitute's substitute included; `away` is who is off today, and his substitute.

    None: nobody, also where the substitutes go round in a circle."""
    seen, current = set[int](), officer_id
    while current in away:
        if current in seen:
            return None
        seen.add(current)
        following = away[current]
        if following is None:
            return None
        current = following
    return current
