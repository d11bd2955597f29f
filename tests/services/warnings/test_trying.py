"""The first few before the rest; and a warning that the messenger refuses stops by itself."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.services.deliveries import Settlement
from bot.services.unit import Units
from bot.services.warnings import trying
from bot.store.notices import Notice
from bot.store.officers import Officer
from bot.store.residents import Resident
from bot.store.territory import Precinct
from bot.store.warnings import Warning
from bot.terms import Lane, Messenger, NoticeKind, NoticeState, WarningState
from tests.clocks import FakeClock
from tests.services import cast

WARNING = 77
MINE = Notice.kind == NoticeKind.WARNING


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo department is small: what is big is made smaller."""
    monkeypatch.setattr(trying, "TRIED_ABOVE", 100)
    monkeypatch.setattr(trying, "FIRST", 20)


async def approved(units: Units, **more: Any) -> None:
    now = units.house.clock.now()
    async with units.house.database.writing() as session:
        author = await session.scalar(select(Officer.id).where(Officer.badge == cast.ASKAR))
        row = Warning(
            id=WARNING, code="W77", author_id=author, text_kk="Ескерту", text_ru="Внимание", audience={"all": True},
            state=WarningState.SPREADING, created_at=now, audience_at=now, due_at=now, cursor_chat=0, cursor_resident=0,
        )  # fmt: skip
        for name, value in more.items():
            setattr(row, name, value)
        session.add(row)


async def try_first(units: Units) -> bool:
    async with units.reading() as unit:
        plan = await unit.warnings.plan(WARNING)
        few = await unit.warnings.first_few(plan) if plan else None
    if plan is None or few is None:
        return False
    async with units() as unit:
        await unit.warnings.try_first(plan, few)
    return True


async def spread(units: Units) -> None:
    is_done = False
    while not is_done:
        async with units() as unit:
            is_done = await unit.warnings.spread(WARNING)


async def weigh(units: Units) -> WarningState | None:
    async with units() as unit:
        return await unit.warnings.weigh(WARNING)


async def refused(units: Units, code: str, times: int) -> None:
    """The messenger refuses so many of those who are due; the others are told."""
    notices = await cast.rows(units, Notice, MINE, Notice.state == NoticeState.DUE)
    async with units() as unit:
        claimed = await unit.deliveries.claim([notice.id for notice in notices])
        failed = [Settlement(item.id, item.fence, NoticeState.FAILED, error=code) for item in claimed[:times]]
        sent = [Settlement(item.id, item.fence, NoticeState.SENT, message=f"m{item.id}") for item in claimed[times:]]
        await unit.deliveries.settle([*failed, *sent])


async def state(units: Units) -> tuple[str, str]:
    (row,) = await cast.rows(units, Warning)
    return row.state, row.stop_reason


async def test_the_first_few_come_from_every_district(units: Units) -> None:
    await approved(units)
    assert await try_first(units)
    notices = await cast.rows(units, Notice, MINE)
    assert len(notices) == 20
    assert await state(units) == (WarningState.CANARY, "")
    where = {resident.id: resident.precinct_id for resident in await cast.rows(units, Resident)}
    district = {precinct.id: precinct.district_id for precinct in await cast.rows(units, Precinct)}
    counts = Counter(district[where[notice.resident_id]] for notice in notices)
    assert set(counts) == set(district.values())
    assert max(counts.values()) - min(counts.values()) <= 1


@pytest.mark.parametrize(
    "more", [{"is_urgent": True}, {"audience": {"precincts": [1]}}, {"state": WarningState.PAUSED}]
)
async def test_what_is_urgent_or_small_goes_to_all_at_once(units: Units, more: dict[str, Any]) -> None:
    await approved(units, **more)
    assert not await try_first(units)


async def test_when_all_have_answered_the_rest_gets_it_and_nobody_twice(units: Units) -> None:
    await approved(units)
    await try_first(units)
    assert await weigh(units) is WarningState.CANARY
    await refused(units, "blocked", 5)  # five people blocked the bot: no fault of the words
    assert await weigh(units) is WarningState.SPREADING
    assert not await try_first(units)  # once is enough
    await spread(units)
    found = Counter((notice.chat_id, notice.resident_id) for notice in await cast.rows(units, Notice, MINE))
    assert set(found.values()) == {1}
    assert len(found) == 24 + 240
    assert (await state(units))[0] == WarningState.SENDING


async def test_after_a_minute_the_rest_does_not_wait_any_longer(units: Units, clock: FakeClock) -> None:
    await approved(units)
    await try_first(units)
    await clock.advance(59)
    assert await weigh(units) is WarningState.CANARY
    await clock.advance(1)
    assert await weigh(units) is WarningState.SPREADING


async def test_the_minute_begins_when_the_first_may_leave(units: Units, clock: FakeClock) -> None:
    """At night nobody is told before the morning."""
    await approved(units, due_at=clock.now() + timedelta(hours=8))
    await try_first(units)
    await clock.advance(3600)
    assert await weigh(units) is WarningState.CANARY


@pytest.mark.parametrize("times", [3, 20])
async def test_three_equal_refusals_among_the_first_stop_it(units: Units, times: int) -> None:
    await approved(units)
    await try_first(units)
    await refused(units, "63021", times)
    assert await weigh(units) is WarningState.STOPPED
    assert await state(units) == ("stopped", "63021")
    assert len(await cast.rows(units, Notice, MINE)) == 20  # nobody else was written to
    alarms = await cast.rows(units, Notice, Notice.kind == NoticeKind.ALARM)
    assert {alarm.lane for alarm in alarms} == {Lane.URGENT}
    async with units() as unit:
        told = {(await cast.officer(unit, badge)).resident_id for badge in (cast.ASKAR, cast.HEAD, cast.ADMIN)}
    assert {alarm.resident_id for alarm in alarms} == told
    assert {(alarm.facts["what"], alarm.facts["reason"]) for alarm in alarms} == {("W77", "63021")}
    async with units.reading() as unit:
        assert all(item.lane is Lane.URGENT for item in await unit.deliveries.waiting(Messenger.TELEGRAM, []))


async def test_two_refusals_are_no_reason(units: Units) -> None:
    await approved(units)
    await try_first(units)
    await refused(units, "63021", 2)
    assert await weigh(units) is WarningState.SPREADING


async def test_three_equal_refusals_at_any_time_stop_it(units: Units) -> None:
    await approved(units, is_urgent=True)
    await spread(units)
    for code in ("bad_request", "63021", "bad_request", "blocked", "blocked", "blocked"):
        async with units() as unit:
            await unit.warnings.refused(WARNING, code)
        assert (await state(units))[0] == WarningState.SENDING
    async with units() as unit:
        await unit.warnings.refused(WARNING, "bad_request")
    assert await state(units) == ("stopped", "bad_request")


@pytest.mark.parametrize("now", [WarningState.DONE, WarningState.CANCELLED, WarningState.PAUSED])
async def test_what_is_over_is_not_stopped(units: Units, now: WarningState) -> None:
    await approved(units, is_urgent=True)
    async with units.house.database.writing() as session:
        await session.execute(update(Warning).values(state=now))
    async with units() as unit:
        await unit.warnings.stop(WARNING, "63021")
    assert await state(units) == (now, "")
    assert await cast.rows(units, Notice) == []
