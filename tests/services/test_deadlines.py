"""By when a person answers and a holder takes a tip: working time, whatever the holidays and the clocks do."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.deadlines import Hours, WorkingCalendar, accept_by, answer_due
from bot.terms import Urgency
from tests.postgres import ZONE

USUAL = Hours("09:00", "18:00")
WEEK = dict.fromkeys(range(5), USUAL)
PLAIN = WorkingCalendar(ZONE, WEEK)
# Republic Day on Monday 26 October 2026 off; the Saturday before it works half a day instead.
OCTOBER = WorkingCalendar(ZONE, WEEK, {date(2026, 10, 26): None, date(2026, 10, 24): Hours("09:00", "13:00")})
ROUND_THE_CLOCK = WorkingCalendar(ZONE, dict.fromkeys(range(7), Hours("00:00", "24:00")))
NIGHTS = WorkingCalendar(ZONE, dict.fromkeys(range(7), Hours("20:00", "08:00")))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("urgency", "since", "due"),
    [
        (Urgency.U0, "2026-09-01T20:00", "2026-09-01T20:30"),
        (Urgency.U1, "2026-09-01T20:00", "2026-09-01T20:30"),
        (Urgency.U2, "2026-09-01T20:00", "2026-09-02T20:00"),
        (Urgency.U3, "2026-09-01T04:00", "2026-09-04T13:00"),  # Tuesday → Friday, 18:00
        (Urgency.U3, "2026-09-03T04:00", "2026-09-08T13:00"),  # Thursday → Tuesday
        (Urgency.U3, "2026-09-04T20:00", "2026-09-09T13:00"),  # Saturday by Almaty's clock → Wednesday
        (Urgency.U4, "2026-09-01T04:00", None),
    ],
)
def test_when_an_answer_is_due(urgency: Urgency, since: str, due: str | None) -> None:
    assert answer_due(urgency, utc(since), PLAIN) == (utc(due) if due else None)


@pytest.mark.parametrize(
    ("calendar", "urgency", "since", "until"),
    [
        (PLAIN, Urgency.U0, "2026-10-25T03:00", "2026-10-25T03:02"),  # by wall clock, at night and on Sunday
        (PLAIN, Urgency.U1, "2026-10-25T23:50", "2026-10-26T00:05"),
        (PLAIN, Urgency.U2, "2026-10-20T10:00", "2026-10-20T14:00"),
        (PLAIN, Urgency.U2, "2026-10-20T16:00", "2026-10-21T11:00"),  # two hours today, two tomorrow
        (PLAIN, Urgency.U2, "2026-10-20T02:00", "2026-10-20T13:00"),
        (PLAIN, Urgency.U2, "2026-10-23T17:00", "2026-10-26T12:00"),  # Friday evening → Monday
        (OCTOBER, Urgency.U2, "2026-10-23T17:00", "2026-10-24T12:00"),  # the Saturday works
        (OCTOBER, Urgency.U2, "2026-10-24T12:00", "2026-10-27T12:00"),  # one hour; Sunday and the holiday are off
        (OCTOBER, Urgency.U3, "2026-10-23T10:00", "2026-10-24T13:00"),  # the end of the short Saturday
        (OCTOBER, Urgency.U3, "2026-10-24T10:00", "2026-10-27T18:00"),
        (OCTOBER, Urgency.U3, "2026-10-26T10:00", "2026-10-27T18:00"),  # sent on the holiday
        (NIGHTS, Urgency.U2, "2026-10-20T06:00", "2026-10-20T22:00"),  # a shift over midnight: two hours of it are left
        (NIGHTS, Urgency.U2, "2026-10-20T23:00", "2026-10-21T03:00"),
    ],
)
def test_when_a_holder_is_passed_over(calendar: WorkingCalendar, urgency: Urgency, since: str, until: str) -> None:
    assert accept_by(urgency, local(since), calendar) == local(until)


def test_information_hurries_nobody() -> None:
    assert accept_by(Urgency.U4, local("2026-10-20T10:00"), PLAIN) is None


# -- 1 March 2024: at midnight from +06 to +05, the hour before it came twice


def test_the_hour_that_came_twice_counts_twice() -> None:
    before = utc("2024-02-29T16:30")  # 22:30 at +06
    assert before.astimezone(ZONE).strftime("%H:%M %z") == "22:30 +0600"
    assert ROUND_THE_CLOCK.add_hours(before, 4) == utc("2024-02-29T20:30")  # four real hours: 01:30 at +05
    assert utc("2024-02-29T20:30").astimezone(ZONE).strftime("%d %H:%M %z") == "01 01:30 +0500"
    opens, closes = ROUND_THE_CLOCK.shift(date(2024, 2, 29)) or pytest.fail("a working day")
    assert closes - opens == timedelta(hours=25)
    assert accept_by(Urgency.U0, utc("2024-02-29T17:59"), PLAIN) == utc("2024-02-29T18:01")


def test_working_time_is_wall_time_on_both_sides_of_the_change() -> None:
    thursday = datetime(2024, 2, 29, 17, 0, tzinfo=ZONE)
    due = PLAIN.add_hours(thursday, 4)
    assert due.astimezone(ZONE).strftime("%d.%m %H:%M %z") == "01.03 12:00 +0500"
    assert due - thursday.astimezone(UTC) == timedelta(
        hours=20
    )  # 19 by the clock on the wall, and the hour that came twice
    assert answer_due(Urgency.U3, thursday, PLAIN) == datetime(2024, 3, 5, 18, 0, tzinfo=ZONE)
    assert PLAIN.is_open(utc("2024-03-01T04:00"))  # 09:00 at +05
    assert not PLAIN.is_open(utc("2024-03-01T03:30"))  # it would be 09:30 at +06


# -- always


HOURS = st.sampled_from([USUAL, Hours("08:30", "17:30"), Hours("20:00", "08:00"), Hours("00:00", "24:00"), None])
DAYS = st.dates(date(2024, 2, 1), date(2024, 4, 30))
MOMENTS = st.datetimes(datetime(2024, 2, 10), datetime(2024, 4, 10), timezones=st.just(UTC))
CALENDARS = st.builds(
    lambda week, days: WorkingCalendar(ZONE, {n: hours for n, hours in enumerate(week) if hours}, days),
    st.lists(HOURS, min_size=7, max_size=7).filter(any),
    st.dictionaries(DAYS, HOURS, max_size=12),
)


@given(CALENDARS, MOMENTS, st.integers(1, 40), st.integers(1, 40))
def test_hours_pass_forward_and_add_up(calendar: WorkingCalendar, since: datetime, some: int, more: int) -> None:
    reached = calendar.add_hours(since, some)
    assert reached - since >= timedelta(hours=some)
    assert calendar.add_hours(reached, more) == calendar.add_hours(since, some + more)
    assert calendar.is_open(reached - timedelta(seconds=1))


@given(CALENDARS, MOMENTS, st.integers(1, 10))
def test_days_end_at_the_close_of_a_working_day(calendar: WorkingCalendar, since: datetime, days: int) -> None:
    reached = calendar.add_days(since, days)
    assert reached > since
    assert calendar.is_open(reached - timedelta(seconds=1))
    assert calendar.add_days(since, days + 1) > reached


def test_working_hours_are_what_the_minutes_say() -> None:
    """The same, counted the slow way: minute by minute."""
    dice = random.Random(29)
    for _round in range(60):
        since = utc("2024-02-26T00:00") + timedelta(minutes=dice.randrange(0, 7 * 24 * 60, 10))
        hours = dice.randrange(1, 12)
        at, left = since, hours * 60
        while left:
            left -= PLAIN.is_open(at)
            at += timedelta(minutes=1)
        assert PLAIN.add_hours(since, hours) == at


def test_a_calendar_without_a_working_day_still_answers() -> None:
    never = WorkingCalendar(ZONE)
    since = utc("2026-09-01T04:00")
    assert never.add_hours(since, 4) == since + timedelta(hours=4)
    assert never.add_days(since, 3) == since + timedelta(days=3)
    assert not never.is_open(since)
