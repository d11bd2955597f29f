"""Campaigns keep the department's wall clock, also when the wall clock moves, and go out once."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.errors import (
    ApprovedAlready,
    CampaignOver,
    ChangedSince,
    DateInPast,
    NobodyApproves,
    NotAllowed,
    NotFound,
    OwnWork,
    WarningIncomplete,
)
from bot.i18n import Bilingual
from bot.services.campaigns import CampaignView, Timing, next_time, times
from bot.services.unit import Units
from bot.services.warnings import Audience, WarningDraft
from bot.store.audit import AuditEntry
from bot.store.campaigns import Campaign, Occurrence
from bot.store.notices import Notice
from bot.store.officers import Duty, Officer
from bot.store.subscriptions import Subscription
from bot.store.territory import Precinct
from bot.store.warnings import Warning
from bot.terms import CampaignState, NoticeKind
from tests.clocks import FakeClock
from tests.postgres import ZONE
from tests.services import cast

DRAFT = WarningDraft(Bilingual("Абай болыңыз", "Будьте осторожны"), Audience(everyone=True))
GRACE = timedelta(hours=6)
THURSDAYS = Timing(datetime(2024, 2, 22, 10), (3,), date(2024, 3, 14))


@pytest.fixture
def clock() -> FakeClock:
    """Tuesday, 20 February 2024, 10:00 by UTC+6; on 1 March Almaty goes over to UTC+5."""
    return FakeClock(datetime(2024, 2, 20, 4, tzinfo=UTC), auto=False)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc]


async def submit(units: Units, timing: Timing = THURSDAYS, draft: WarningDraft = DRAFT, **more: Any) -> CampaignView:
    async with units() as unit:
        return await unit.campaigns.schedule(await cast.officer(unit, cast.STAFF), draft, timing, **more)


async def schedule(units: Units, timing: Timing = THURSDAYS, draft: WarningDraft = DRAFT) -> CampaignView:
    """Handed in by one officer, approved by another."""
    made = await submit(units, timing, draft)
    async with units() as unit:
        return await unit.campaigns.approve(await cast.officer(unit, cast.HEAD), made.id, made.stamp)


async def missed(units: Units) -> list[Notice]:
    """Who was told that a plan did not go."""
    told = await cast.rows(units, Notice, Notice.kind == NoticeKind.CAMPAIGN_GONE)
    return [notice for notice in told if "problem" in notice.facts]


async def run(units: Units, grace: timedelta = GRACE) -> int:
    """What the ticker does; how many were due."""
    async with units.reading() as unit:
        due = await unit.campaigns.due()
    for campaign_id in due:
        async with units() as unit:
            await unit.campaigns.run(campaign_id, grace)
    return len(due)


async def occurrences(units: Units) -> list[tuple[datetime, str]]:
    return [(item.at, item.state) for item in await cast.rows(units, Occurrence)]


async def at(clock: FakeClock, moment: datetime) -> None:
    await clock.advance((moment - clock.now()).total_seconds())


# -- times


def test_ten_in_the_morning_stays_ten_when_the_offset_changes() -> None:
    found = list(times(THURSDAYS, ZONE, utc(2024, 2, 20)))
    assert found == [utc(2024, 2, 22, 4), utc(2024, 2, 29, 4), utc(2024, 3, 7, 5), utc(2024, 3, 14, 5)]
    assert {moment.astimezone(ZONE).strftime("%a %H:%M") for moment in found} == {"Thu 10:00"}


def test_a_time_that_came_twice_that_night_comes_once() -> None:
    """Between 23:00 and midnight of 29 February the clock ran twice."""
    daily = Timing(datetime(2024, 2, 28, 23, 30), (0, 1, 2, 3, 4, 5, 6))
    found = list(islice(times(daily, ZONE, utc(2024, 2, 28)), 3))
    assert found == [utc(2024, 2, 28, 17, 30), utc(2024, 2, 29, 17, 30), utc(2024, 3, 1, 18, 30)]


@pytest.mark.parametrize(
    ("timing", "after", "expected"),
    [
        (Timing(datetime(2024, 2, 21, 9)), utc(2024, 2, 20), utc(2024, 2, 21, 3)),
        (Timing(datetime(2024, 2, 21, 9)), utc(2024, 2, 21, 3), None),
        (Timing(datetime(2024, 2, 22, 10), (0, 3)), utc(2024, 2, 22, 4), utc(2024, 2, 26, 4)),
        (Timing(datetime(2024, 2, 22, 10), (3,), date(2024, 2, 29)), utc(2024, 2, 28), utc(2024, 2, 29, 4)),
        (Timing(datetime(2024, 2, 22, 10), (3,), date(2024, 2, 28)), utc(2024, 2, 22, 4), None),
        (Timing(datetime(2024, 2, 22, 10), (1,)), utc(2024, 2, 20), utc(2024, 2, 27, 4)),
    ],
)
def test_the_next_time_is_strictly_later(timing: Timing, after: datetime, expected: datetime | None) -> None:
    assert next_time(timing.rule, timing.starts, ZONE, after) == expected


# -- planning


async def test_a_plan_is_read_back_as_it_was_made(units: Units) -> None:
    made = await schedule(units)
    async with units() as unit:
        staff = await cast.officer(unit, cast.STAFF)
        assert await unit.campaigns.get(staff, made.id) == made
        assert list(await unit.campaigns.listed(staff)) == [made]
    assert (made.days, made.until, made.state) == ((3,), date(2024, 3, 14), CampaignState.ACTIVE)
    assert made.next_at == utc(2024, 2, 22, 4)


async def test_who_may_not_plan(units: Units) -> None:
    made = await schedule(units)
    async with units() as unit:
        inspector = await cast.officer(unit, cast.ASKAR)
        for attempt in (
            unit.campaigns.schedule(inspector, DRAFT, THURSDAYS), unit.campaigns.listed(inspector),
            unit.campaigns.get(inspector, made.id), unit.campaigns.pause(inspector, made.id),
            unit.campaigns.cancel(inspector, made.id),
        ):  # fmt: skip
            with pytest.raises(NotAllowed):
                await attempt
        with pytest.raises(NotFound):
            await unit.campaigns.get(await cast.officer(unit, cast.STAFF), 404)


async def test_a_time_that_has_passed_or_a_text_in_one_language_is_refused(units: Units) -> None:
    with pytest.raises(DateInPast):
        await schedule(units, Timing(datetime(2024, 2, 20, 10)))
    with pytest.raises(DateInPast):
        await schedule(units, Timing(datetime(2024, 1, 1, 10), (3,), date(2024, 2, 15)))
    with pytest.raises(WarningIncomplete):
        await schedule(units, draft=WarningDraft(Bilingual("Мәтін", ""), Audience(everyone=True)))
    assert await cast.rows(units, Campaign) == []


# -- going out


async def test_each_thursday_until_the_last(units: Units, clock: FakeClock) -> None:
    made = await schedule(units)
    assert await run(units) == 0
    expected = [utc(2024, 2, 22, 4), utc(2024, 2, 29, 4), utc(2024, 3, 7, 5), utc(2024, 3, 14, 5)]
    for moment in expected:
        await at(clock, moment - timedelta(seconds=1))
        assert await run(units) == 0
        await at(clock, moment)
        assert await run(units) == 1
        assert await run(units) == 0
    assert await occurrences(units) == [(moment, "gone") for moment in expected]
    warnings = await cast.rows(units, Warning)
    assert [(warning.campaign_id, warning.due_at) for warning in warnings] == [(made.id, m) for m in expected]
    (row,) = await cast.rows(units, Campaign)
    assert (row.state, row.next_at) == (CampaignState.ENDED, None)


async def test_down_at_that_minute_and_back_within_the_grace(units: Units, clock: FakeClock) -> None:
    await schedule(units, Timing(datetime(2024, 2, 22, 10)))
    await at(clock, utc(2024, 2, 22, 4) + GRACE)
    assert await run(units) == 1
    assert await occurrences(units) == [(utc(2024, 2, 22, 4), "gone")]
    assert len(await cast.rows(units, Warning)) == 1


async def test_back_too_late_it_is_missed_and_the_author_is_told(units: Units, clock: FakeClock) -> None:
    await schedule(units)
    await at(clock, utc(2024, 2, 22, 4) + GRACE + timedelta(seconds=1))
    await run(units)
    assert await occurrences(units) == [(utc(2024, 2, 22, 4), "missed")]
    assert await cast.rows(units, Warning) == []
    async with units() as unit:
        staff = await cast.officer(unit, cast.STAFF)
    (notice,) = await missed(units)
    assert (notice.resident_id, notice.facts["problem"]) == (staff.resident_id, "missed")
    (row,) = await cast.rows(units, Campaign)
    assert row.next_at == utc(2024, 2, 29, 4)


MISSED = [(utc(2024, 2, 22, 4), "missed"), (utc(2024, 2, 29, 4), "missed"), (utc(2024, 3, 7, 5), "missed")]


async def test_weeks_of_silence_are_one_word_and_not_a_flood(units: Units, clock: FakeClock) -> None:
    await schedule(units)
    await at(clock, utc(2024, 3, 8))
    await run(units)
    assert await occurrences(units) == MISSED
    (notice,) = await missed(units)
    assert (notice.facts["at"], notice.facts["times"]) == (MISSED[0][0].isoformat(), 3)
    (row,) = await cast.rows(units, Campaign)
    assert row.next_at == utc(2024, 3, 14, 5)


async def test_after_weeks_of_silence_the_last_time_may_still_be_in_time(units: Units, clock: FakeClock) -> None:
    await schedule(units)
    await at(clock, utc(2024, 3, 7, 5) + GRACE)
    await run(units)
    assert await occurrences(units) == [*MISSED[:2], (MISSED[2][0], "gone")]
    assert len(await cast.rows(units, Warning)) == 1
    (row,) = await cast.rows(units, Campaign)
    assert (row.next_at, row.state) == (utc(2024, 3, 14, 5), CampaignState.ACTIVE)


async def test_down_until_after_its_last_day_it_is_over(units: Units, clock: FakeClock) -> None:
    await schedule(units)
    await at(clock, utc(2024, 6, 1))
    await run(units)
    assert [state for _at, state in await occurrences(units)] == ["missed"] * 4
    (row,) = await cast.rows(units, Campaign)
    assert (row.next_at, row.state) == (None, CampaignState.ENDED)


async def test_two_tickers_at_once_send_it_once(units: Units, clock: FakeClock) -> None:
    made = await schedule(units)
    await at(clock, utc(2024, 2, 22, 4))

    async def tick() -> None:
        async with units() as unit:
            await unit.campaigns.run(made.id, GRACE)

    await asyncio.gather(tick(), tick(), tick())
    assert len(await cast.rows(units, Occurrence)) == 1
    assert len(await cast.rows(units, Warning)) == 1


async def test_the_same_occurrence_twice_is_impossible(units: Units, clock: FakeClock) -> None:
    made = await schedule(units)
    await at(clock, utc(2024, 2, 22, 4))
    await run(units)
    values: dict[str, Any] = {"campaign_id": made.id, "at": utc(2024, 2, 22, 4), "state": "gone"}
    with pytest.raises(IntegrityError):
        async with units.house.database.writing() as session:
            await session.execute(insert(Occurrence).values(**values))


async def test_a_crash_inside_leaves_it_due(units: Units, clock: FakeClock) -> None:
    made = await schedule(units)
    await at(clock, utc(2024, 2, 22, 4))
    with pytest.raises(ConnectionError):
        async with units() as unit:
            await unit.campaigns.run(made.id, GRACE)
            raise ConnectionError
    assert await occurrences(units) == []
    assert await run(units) == 1
    assert len(await cast.rows(units, Warning)) == 1


async def test_an_author_without_the_right_and_an_empty_audience_are_said(units: Units, clock: FakeClock) -> None:
    empty = WarningDraft(DRAFT.text, Audience((1_000_000,)))
    await schedule(units, draft=empty)
    await at(clock, utc(2024, 2, 22, 4))
    await run(units)
    async with units.house.database.writing() as session:
        await session.execute(delete(Duty))
    await at(clock, utc(2024, 2, 29, 4))
    await run(units)
    assert [state for _at, state in await occurrences(units)] == ["missed", "missed"]
    notices = await missed(units)
    assert [notice.facts["problem"] for notice in notices] == ["NothingToSend", "NotAllowed"]


async def test_of_a_plan_whose_author_has_left_the_others_are_told(units: Units, clock: FakeClock) -> None:
    await schedule(units)
    async with units() as unit:
        author = await cast.officer(unit, cast.STAFF)
        others = {one.resident_id for one in await unit.warnings.approvers(author)}
    async with units.house.database.writing() as session:
        await session.execute(update(Officer).where(Officer.id == author.id).values(is_active=False))
    await at(clock, utc(2024, 2, 22, 4))
    await run(units)
    notices = await missed(units)
    assert {notice.resident_id for notice in notices} == others
    assert {notice.facts["problem"] for notice in notices} == {"NotFound"}


# -- the second officer


async def test_nothing_goes_before_a_second_officer_has_approved_the_plan(units: Units, clock: FakeClock) -> None:
    made = await submit(units)
    assert made.state is CampaignState.AWAITING
    asked = await cast.rows(units, Notice, Notice.kind == NoticeKind.WARNING_REVIEW)
    async with units() as unit:
        author = await cast.officer(unit, cast.STAFF)
    assert {notice.facts["campaign"] for notice in asked} == {made.id}
    assert author.resident_id not in {notice.resident_id for notice in asked}
    await at(clock, utc(2024, 2, 22, 4))
    assert await run(units) == 0
    async with units() as unit:
        approved = await unit.campaigns.approve(await cast.officer(unit, cast.HEAD), made.id, made.stamp)
    assert (approved.state, approved.next_at) == (CampaignState.ACTIVE, utc(2024, 2, 29, 4))
    await at(clock, utc(2024, 2, 29, 4))
    assert await run(units) == 1
    (warning,) = await cast.rows(units, Warning)
    assert warning.approved_by != warning.author_id == author.id
    actions = {entry.action for entry in await cast.rows(units, AuditEntry)}
    assert {"campaign_submitted", "campaign_approved"} <= actions


async def test_what_has_gone_is_counted_and_found_again(units: Units, clock: FakeClock) -> None:
    made = await schedule(units, replace(THURSDAYS, until=date(2024, 3, 7)))
    for moment in (utc(2024, 2, 22, 4), utc(2024, 2, 29, 12), utc(2024, 3, 7, 5)):  # the second time is missed
        await at(clock, moment)
        await run(units)
    async with units.reading() as unit:
        staff = await cast.officer(unit, cast.STAFF)
        assert await unit.campaigns.listed(staff) == []
        (over,) = await unit.campaigns.over(staff)
        assert (over.id, over.state) == (made.id, CampaignState.ENDED)
        count, last = await unit.campaigns.occurrences(made.id)
        assert count == 2
        assert [(one.at, one.warning_id is not None) for one in last] == [
            (utc(2024, 3, 7, 5), True),
            (utc(2024, 2, 29, 4), False),
            (utc(2024, 2, 22, 4), True),
        ]
        assert len((await unit.campaigns.occurrences(made.id, 1))[1]) == 1
        with pytest.raises(NotAllowed):
            await unit.campaigns.over(await cast.officer(unit, cast.ASKAR))
        assert await unit.warnings.gone_since(utc(2024, 2, 1)) == (2, 2)
        assert await unit.warnings.gone_since(utc(2024, 3, 1)) == (1, 1)


async def test_a_change_asks_again_and_its_author_may_not_approve_it(units: Units, clock: FakeClock) -> None:
    made = await schedule(units)
    async with units() as unit:
        head = await cast.officer(unit, cast.HEAD)
        changed = await unit.campaigns.schedule(
            head, replace(DRAFT, text=Bilingual("Басқа", "Другое")), THURSDAYS, again=made.id
        )
        assert (changed.id, changed.state, changed.author_id) == (made.id, CampaignState.AWAITING, head.id)
        with pytest.raises(OwnWork):
            await unit.campaigns.approve(head, made.id, changed.stamp)
        with pytest.raises(ChangedSince):  # an old card on somebody's phone
            await unit.campaigns.approve(await cast.officer(unit, cast.ADMIN), made.id, made.stamp)
    await at(clock, utc(2024, 2, 22, 4))
    assert await run(units) == 0


async def test_of_two_who_decide_the_second_is_told_who_was_first(units: Units) -> None:
    made = await schedule(units)
    async with units() as unit:
        with pytest.raises(ApprovedAlready) as told:
            await unit.campaigns.approve(await cast.officer(unit, cast.ADMIN), made.id, made.stamp)
        assert told.value.facts["officer"] == (await cast.officer(unit, cast.HEAD)).title
        with pytest.raises(NotAllowed):
            await unit.campaigns.approve(await cast.officer(unit, cast.ASKAR), made.id)
        with pytest.raises(NotFound):
            await unit.campaigns.approve(await cast.officer(unit, cast.HEAD), 12345)


async def test_approved_its_author_is_told_when_it_goes_first(units: Units) -> None:
    made = await schedule(units)
    async with units.reading() as unit:
        head, author = await cast.officer(unit, cast.HEAD), await cast.officer(unit, cast.STAFF)
    (told,) = await cast.rows(units, Notice, Notice.kind == NoticeKind.CAMPAIGN_GONE)
    assert told.resident_id == author.resident_id
    assert told.facts == {
        "title": {"kk": DRAFT.text.kk, "ru": DRAFT.text.ru},
        "at": made.next_at.isoformat() if made.next_at else None,
        "approved": {"kk": head.title.kk, "ru": head.title.ru},
    }


async def test_given_back_it_is_kept_for_its_author(units: Units, clock: FakeClock) -> None:
    made = await submit(units)
    async with units() as unit:
        head, author = await cast.officer(unit, cast.HEAD), await cast.officer(unit, cast.STAFF)
        await unit.campaigns.give_back(head, made.id, "Текст длинный")
        with pytest.raises(CampaignOver):
            await unit.campaigns.approve(head, made.id)
        kept = await unit.campaigns.planned(author, made.id)
    assert (kept.text, kept.timing, kept.draft.audience) == (DRAFT.text, THURSDAYS, DRAFT.audience)
    (notice,) = await cast.rows(units, Notice, Notice.kind == NoticeKind.WARNING_RETURNED)
    assert (notice.resident_id, notice.facts["reason"]) == (author.resident_id, "Текст длинный")
    assert notice.facts["title"] == {"kk": DRAFT.text.kk, "ru": DRAFT.text.ru}
    await at(clock, utc(2024, 2, 22, 4))
    assert await run(units) == 0


async def test_with_nobody_to_approve_it_is_not_taken(units: Units) -> None:
    async with units.house.database.writing() as session:
        other = select(Officer.id).where(Officer.badge == cast.STAFF)
        await session.execute(delete(Duty).where(Duty.officer_id.not_in(other)))
    with pytest.raises(NobodyApproves):
        await submit(units)
    assert await cast.rows(units, Campaign) == []


# -- steering


async def test_paused_it_stays_silent_and_resumed_it_takes_the_next_time(units: Units, clock: FakeClock) -> None:
    made = await schedule(units)
    async with units() as unit:
        staff = await cast.officer(unit, cast.STAFF)
        assert (await unit.campaigns.pause(staff, made.id)).state is CampaignState.PAUSED
    await at(clock, utc(2024, 2, 22, 5))
    assert await run(units) == 0
    async with units() as unit:
        resumed = await unit.campaigns.pause(staff, made.id, paused=False)
    assert (resumed.state, resumed.next_at) == (CampaignState.ACTIVE, utc(2024, 2, 29, 4))
    assert await occurrences(units) == []


async def test_resumed_after_its_last_day_it_is_over(units: Units, clock: FakeClock) -> None:
    made = await schedule(units)
    async with units() as unit:
        staff = await cast.officer(unit, cast.STAFF)
        await unit.campaigns.pause(staff, made.id)
    await at(clock, utc(2024, 4, 1))
    async with units() as unit:
        assert (await unit.campaigns.pause(staff, made.id, paused=False)).state is CampaignState.ENDED


async def test_cancelled_it_is_over_for_good(units: Units, clock: FakeClock) -> None:
    made = await schedule(units)
    async with units() as unit:
        staff = await cast.officer(unit, cast.STAFF)
        assert (await unit.campaigns.cancel(staff, made.id)).state is CampaignState.CANCELLED
    await at(clock, utc(2024, 2, 22, 4))
    assert await run(units) == 0
    async with units() as unit:
        assert list(await unit.campaigns.listed(staff)) == []
        for attempt in (unit.campaigns.pause(staff, made.id), unit.campaigns.cancel(staff, made.id)):
            with pytest.raises(CampaignOver):
                await attempt


async def test_subscribers_of_the_day_are_reached(units: Units, clock: FakeClock) -> None:
    """A campaign's audience is that of each time, not that of its planning."""
    await schedule(units)
    async with units.house.database.writing() as session:
        place = await session.scalar(select(Precinct.id).limit(1))
        await session.execute(delete(Subscription))
    assert place
    async with units() as unit:
        late = await cast.newcomer(unit)
        await unit.subscriptions.subscribe(late.id)
    await at(clock, utc(2024, 2, 22, 4))
    await run(units)
    (warning,) = await cast.rows(units, Warning)
    for _ in range(4):
        async with units() as unit:
            await unit.warnings.spread(warning.id)
    people = await cast.rows(units, Notice, Notice.kind == NoticeKind.WARNING, Notice.resident_id.is_not(None))
    assert [notice.resident_id for notice in people] == [late.id]
