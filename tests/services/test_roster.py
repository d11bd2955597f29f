"""Leave, substitutes, watches and the department's calendar: set in a chat, loaded from lists, asked at any hour."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete

from bot.errors import (
    CircularSubstitute,
    DaysOverlap,
    DaysPast,
    KorshiError,
    NotAllowed,
    NotFound,
    SubstituteRefused,
    WatchRefused,
)
from bot.services.officers import OfficerView
from bot.services.roster import AbsenceView, NewAbsence, NewWatch, stand_in_of
from bot.services.unit import Unit, Units
from bot.store.audit import AuditEntry
from bot.store.notices import Notice
from bot.store.officers import Officer
from bot.store.roster import Absence, CalendarDay, Watch
from bot.terms import NoticeKind
from tests.clocks import FakeClock
from tests.postgres import ZONE
from tests.services import cast

TODAY = date(2026, 9, 1)
KANAT, ERLAN, RUSLAN = "A-1003", "A-1004", "A-1006"  # district 1, district 1, district 2


@pytest.fixture
async def units(units: Units) -> Units:
    """Nobody is off, nobody's watch is written down, no day differs from its weekday."""
    async with units.house.database.writing() as session:
        for table in (Absence, Watch, CalendarDay):
            await session.execute(delete(table))
    return units


def days(first: int, last: int) -> tuple[date, date]:
    return TODAY + timedelta(days=first), TODAY + timedelta(days=last)


async def off(
    unit: Unit, who: str, instead: str | None, first: int = 0, last: int = 10, by: str = cast.STAFF
) -> AbsenceView:
    officer = await cast.officer(unit, who)
    substitute = (await cast.officer(unit, instead)).id if instead else None
    return await unit.roster.set_absence(
        NewAbsence(officer.id, substitute, *days(first, last)), await cast.officer(unit, by)
    )


async def present(unit: Unit, who: str, at: datetime) -> str | None:
    found = await unit.roster.present(await cast.officer(unit, who), at)
    return found.badge if found else None


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


# -- who is here


async def test_days_count_whole_in_the_departments_zone(units: Units) -> None:
    async with units() as unit:
        await off(unit, cast.ASKAR, cast.ASEL, 1, 2)
        for moment, who in (
            ("2026-09-01T23:59", cast.ASKAR),
            ("2026-09-02T00:00", cast.ASEL),
            ("2026-09-03T23:59", cast.ASEL),
            ("2026-09-04T00:00", cast.ASKAR),
        ):
            assert await present(unit, cast.ASKAR, local(moment).astimezone(UTC)) == who


async def test_a_substitute_of_a_substitute_stands_in(units: Units, clock: FakeClock) -> None:
    async with units() as unit:
        await off(unit, cast.ASEL, KANAT)
        await off(unit, cast.ASKAR, cast.ASEL)
        assert await present(unit, cast.ASKAR, clock.now()) == KANAT
        await off(unit, KANAT, None)
        assert await present(unit, cast.ASKAR, clock.now()) is None


async def test_a_circle_is_refused_also_one_of_three_and_of_one_day(units: Units) -> None:
    async with units() as unit:
        await off(unit, cast.ASKAR, cast.ASEL, 0, 5)
        await off(unit, cast.ASEL, KANAT, 5, 9)
        with pytest.raises(CircularSubstitute) as refused:
            await off(unit, KANAT, cast.ASKAR, 3, 12)
        assert refused.value.facts["day"] == TODAY + timedelta(days=5)  # the one day that all three are off
        await off(unit, KANAT, cast.ASKAR, 6, 12)


async def test_a_circle_that_came_about_otherwise_ends_with_nobody(units: Units, clock: FakeClock) -> None:
    async with units() as unit:
        await off(unit, cast.ASKAR, cast.ASEL)
        ids = [(await cast.officer(unit, badge)).id for badge in (cast.ASEL, cast.ASKAR)]
        first, last = days(0, 9)
        unit._session.add(
            Absence(officer_id=ids[0], substitute_id=ids[1], first_day=first, last_day=last, set_at=clock.now())
        )
        await unit.flush()
        assert await present(unit, cast.ASKAR, clock.now()) is None
        tip = await cast.submit(unit, await cast.resident(unit))
        held = await unit.tips.for_notice(tip.id)
        assert held is not None
        assert (await unit.territory.desk(held.desk_id or 0)).code == "duty-d1"


@given(st.dictionaries(st.integers(1, 9), st.none() | st.integers(1, 9)), st.integers(1, 9))
def test_following_substitutes_always_ends(away: dict[int, int | None], officer: int) -> None:
    found = stand_in_of(officer, away)
    assert found is None or found not in away


# -- what is refused


@pytest.mark.parametrize(
    ("first", "last", "refusal"),
    [(-3, -1, DaysPast), (5, 4, DaysPast), (8, 12, DaysOverlap), (10, 20, DaysOverlap), (0, 3, DaysOverlap)],
)
async def test_days_that_cannot_be(units: Units, first: int, last: int, refusal: type[KorshiError]) -> None:
    async with units() as unit:
        await off(unit, cast.ASKAR, cast.ASEL, 3, 10)
        with pytest.raises(refusal):
            await off(unit, cast.ASKAR, cast.ASEL, first, last)
        await off(unit, cast.ASKAR, None, 11, 12)


async def test_who_cannot_stand_in(units: Units, clock: FakeClock) -> None:
    async with units.house.database.writing() as session:
        table = Officer.__table__
        await session.execute(table.update().where(table.c.badge == KANAT).values(resident_id=None))
    async with units() as unit:
        for other in (KANAT, cast.CYBER, cast.ASKAR):  # no account; another kind of work; himself
            with pytest.raises(SubstituteRefused):
                await off(unit, cast.ASKAR, other)
        with pytest.raises(SubstituteRefused):
            officer = await cast.officer(unit, cast.ASKAR)
            await unit.roster.set_absence(NewAbsence(officer.id, 999_999, *days(0, 1)), officer)
        offered = {who.badge for who in await unit.roster.may_stand_in(await cast.officer(unit, cast.ASKAR))}
        assert cast.ASEL in offered
        assert not offered & {KANAT, cast.CYBER, cast.ASKAR}
        await off(unit, cast.ASKAR, cast.ASEL)
    async with units.house.database.writing() as session:
        await session.execute(table.update().where(table.c.badge == cast.ASEL).values(is_active=False))
    async with units() as unit:
        assert await present(unit, cast.ASKAR, clock.now()) is None


@pytest.mark.parametrize(
    ("by", "who", "may"),
    [
        (cast.ASKAR, cast.ASKAR, True),
        (cast.ASEL, cast.ASKAR, False),
        (cast.STAFF, cast.ASKAR, True),
        (cast.HEAD, cast.CYBER, True),
        (cast.ADMIN, cast.ASKAR, True),
        (cast.DUTY_D1, cast.ASKAR, True),
        (cast.DUTY_D1, RUSLAN, False),
        ("A-1022", RUSLAN, True),  # the department's duty unit
        (cast.DUTY_D1, cast.CYBER, False),
        (cast.CYBER, cast.ASKAR, False),
    ],
)
async def test_whose_right_it_is(units: Units, by: str, who: str, may: bool) -> None:
    async with units() as unit:
        if may:
            absence = await off(unit, who, None, by=by)
            await unit.roster.cancel_absence(absence.id, await cast.officer(unit, by))
            return
        with pytest.raises(NotAllowed):
            await off(unit, who, None, by=by)
        absence = await off(unit, who, None)
        with pytest.raises(NotAllowed):
            await unit.roster.cancel_absence(absence.id, await cast.officer(unit, by))


# -- who hears of it


async def notices(units: Units) -> list[tuple[int | None, str, str]]:
    rows = await cast.rows(units, Notice, Notice.kind == NoticeKind.ROSTER)
    return [(row.resident_id, row.facts["what"], row.facts["officer"]["ru"]) for row in rows]


async def test_both_hear_of_it_but_not_whoever_pressed(units: Units) -> None:
    async with units() as unit:
        askar, asel = await cast.officer(unit, cast.ASKAR), await cast.officer(unit, cast.ASEL)
        absence = await off(unit, cast.ASKAR, cast.ASEL)
        assert (absence.officer.badge, absence.substitute and absence.substitute.badge) == (cast.ASKAR, cast.ASEL)
        await unit.roster.cancel_absence(absence.id, askar)
        with pytest.raises(NotFound):
            await unit.roster.cancel_absence(absence.id, askar)
    assert await notices(units) == [
        (askar.resident_id, "away", asel.title.ru),
        (asel.resident_id, "substitute", askar.title.ru),
        (asel.resident_id, "substitute_cancelled", askar.title.ru),
    ]
    actions = [row.action for row in await cast.rows(units, AuditEntry)]
    assert actions[-2:] == ["absence_set", "absence_cancelled"]


# -- watches


async def watch(unit: Unit, who: str, starts: str, ends: str, by: str = cast.STAFF, desk: str = "duty") -> int:
    officer: OfficerView = await cast.officer(unit, who)
    desk_id = (await cast.officer(unit, "A-1022" if desk == "duty" else cast.DUTY_D1)).desk_ids[0]
    new = NewWatch(desk_id, officer.id, local(starts), local(ends))
    return (await unit.roster.set_watch(new, await cast.officer(unit, by))).id


async def on_watch(unit: Unit, at: str) -> list[str]:
    desk_id = (await cast.officer(unit, "A-1022")).desk_ids[0]
    return [officer.badge for officer in await unit.roster.on_watch(desk_id, local(at))]


async def test_a_watch_over_midnight(units: Units) -> None:
    async with units() as unit:
        await watch(unit, "A-1023", "2026-09-01T20:00", "2026-09-02T08:00")
        assert await on_watch(unit, "2026-09-01T19:59") == ["A-1022", "A-1023"]  # nobody's: all of the desk
        assert await on_watch(unit, "2026-09-01T20:00") == ["A-1023"]
        assert await on_watch(unit, "2026-09-02T07:59") == ["A-1023"]
        assert await on_watch(unit, "2026-09-02T08:00") == ["A-1022", "A-1023"]


async def test_who_is_off_is_not_on_watch(units: Units) -> None:
    async with units() as unit:
        await watch(unit, "A-1023", "2026-09-01T08:00", "2026-09-08T08:00")
        await off(unit, "A-1023", None, 1, 1)
        assert await on_watch(unit, "2026-09-02T12:00") == ["A-1022"]
        assert await on_watch(unit, "2026-09-03T12:00") == ["A-1023"]


async def test_the_card_goes_to_whose_watch_it_is(units: Units) -> None:
    async with units() as unit:
        await watch(unit, "A-1023", "2026-09-01T08:00", "2026-09-08T08:00")
        tip = await cast.submit(unit, await cast.resident(unit), precinct_id=None)
        told = (await cast.officer(unit, "A-1023")).resident_id
    cards = await cast.rows(units, Notice, Notice.tip_id == tip.id, Notice.kind == NoticeKind.CARD)
    assert [card.resident_id for card in cards] == [told]


async def test_what_a_watch_may_not_be(units: Units) -> None:
    async with units() as unit:
        number = await watch(unit, "A-1023", "2026-09-01T20:00", "2026-09-02T08:00")
        for who, starts, ends in (
            ("A-1023", "2026-09-02T07:00", "2026-09-02T20:00"),  # on watch already
            ("A-1022", "2026-09-02T08:00", "2026-09-02T08:00"),
            ("A-1022", "2026-08-30T08:00", "2026-08-31T08:00"),  # over
            (cast.ASKAR, "2026-09-02T08:00", "2026-09-02T20:00"),  # not of this desk
        ):
            with pytest.raises(WatchRefused):
                await watch(unit, who, starts, ends)
        for by in (cast.ASKAR, cast.DUTY_D1, cast.CYBER):
            with pytest.raises(NotAllowed):
                await watch(unit, "A-1022", "2026-09-02T08:00", "2026-09-02T20:00", by)
            with pytest.raises(NotAllowed):
                await unit.roster.cancel_watch(number, await cast.officer(unit, by))
        await watch(unit, cast.DUTY_D1, "2026-09-02T08:00", "2026-09-02T20:00", by="A-1022", desk="duty-d1")
        desk_id = (await cast.officer(unit, "A-1022")).desk_ids[0]
        (found,) = await unit.roster.watches(desk_id, local("2026-09-01T21:00"))
        assert (found.id, found.officer.badge) == (number, "A-1023")
        await unit.roster.cancel_watch(number, await cast.officer(unit, "A-1022"))
        assert await unit.roster.watches(desk_id, local("2026-09-01T21:00")) == []


# -- lists


@dataclass(frozen=True)
class AbsenceRow:
    badge: str
    substitute: str | None
    first_day: date
    last_day: date
    reason: str = "leave"


@dataclass(frozen=True)
class WatchRow:
    desk: str
    badge: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class DayRow:
    day: date
    is_working: bool
    opens: str | None = None
    closes: str | None = None
    name_kk: str = "Республика күні"
    name_ru: str = "День Республики"


@dataclass(frozen=True)
class WeekRow:
    weekday: int
    opens: str
    closes: str


@dataclass(frozen=True)
class Lists:
    absences: tuple[AbsenceRow, ...] = ()
    watches: tuple[WatchRow, ...] = ()
    calendar: tuple[DayRow, ...] = ()
    week: tuple[WeekRow, ...] = field(default=())


async def test_a_list_replaces_the_list_before_it_and_nothing_that_people_set(units: Units) -> None:
    watches = (WatchRow("duty", "A-1022", local("2026-09-05T08:00"), local("2026-09-06T08:00")),)
    async with units() as unit:
        await off(unit, cast.ASKAR, cast.ASEL, 0, 5)
        await watch(unit, "A-1023", "2026-09-01T20:00", "2026-09-02T08:00")
        leave = (AbsenceRow(KANAT, ERLAN, *days(0, 9)), AbsenceRow(cast.ASKAR, None, *days(4, 9)))
        await unit.roster.load(Lists(leave, watches))
        everybody = await unit.roster.absences(None, TODAY)
        assert sorted(item.officer.badge for item in everybody) == [cast.ASKAR, KANAT]  # his own word goes first
        await unit.roster.load(Lists((AbsenceRow(ERLAN, None, *days(0, 9)),)))
        assert sorted(item.officer.badge for item in await unit.roster.absences(None, TODAY)) == [cast.ASKAR, ERLAN]
        await unit.roster.load(Lists())  # says nothing
        askar = await cast.officer(unit, cast.ASKAR)
        assert [item.officer.badge for item in await unit.roster.absences([askar.id], TODAY)] == [cast.ASKAR]
    assert len(await cast.rows(units, Absence)) == 2
    assert [row.set_by is None for row in await cast.rows(units, Watch)] == [False, True]


async def test_the_calendar_is_the_departments_own(units: Units) -> None:
    holiday, saturday = date(2026, 10, 26), date(2026, 10, 24)
    async with units() as unit:
        usual = await unit.roster.calendar()
        assert usual.is_working(holiday)
        assert not usual.is_working(saturday)
        calendar = (DayRow(holiday, False), DayRow(saturday, True, "09:00", "13:00"))
        await unit.roster.load(Lists(calendar=calendar, week=tuple(WeekRow(n, "08:30", "17:30") for n in range(5))))
        own = await unit.roster.calendar()
        assert (own.is_working(holiday), own.is_working(saturday)) == (False, True)
        assert own.add_hours(local("2026-10-23T17:00"), 4) == local("2026-10-24T12:30")
        assert own.add_days(local("2026-10-24T10:00"), 1) == local("2026-10-27T17:30")
        await unit.roster.load(Lists(calendar=(DayRow(holiday, False),)))
        assert not (await unit.roster.calendar()).is_working(saturday)
    assert len(await cast.rows(units, CalendarDay)) == 1
