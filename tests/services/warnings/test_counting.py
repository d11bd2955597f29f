"""How far a warning has come: by state, by reason, by district, by time."""

from datetime import timedelta

import pytest
from sqlalchemy import update

import bot.services.warnings.counting
from bot.services.unit import Units
from bot.services.warnings import Progress
from bot.store.notices import Notice
from bot.store.warnings import Warning
from bot.terms import NoticeKind, NoticeState, WarningState
from tests.clocks import FakeClock
from tests.services import cast
from tests.services.test_warnings import open_windows, publish, send_all, spread

MINE = Notice.kind == NoticeKind.WARNING


async def count(units: Units, warning_id: int) -> Progress:
    async with units.reading() as unit:
        return await unit.warnings.count(warning_id)


async def ready(units: Units) -> int:
    """Prepared for 22: two groups, 18 people on Telegram, two on WhatsApp."""
    warning = await publish(units)
    await open_windows(units)
    await spread(units, warning.id)
    return warning.id


async def set_notices(units: Units, number: int, **values: object) -> None:
    """The next ones that are due become what `values` says."""
    due = await cast.rows(units, Notice, MINE, Notice.state == NoticeState.DUE)
    async with units.house.database.writing() as session:
        some = [row.id for row in due if row.resident_id][:number]
        await session.execute(update(Notice).where(Notice.id.in_(some)).values(**values))


async def test_states_and_reasons(units: Units, clock: FakeClock) -> None:
    warning_id = await ready(units)
    for number, state, error in (
        (3, NoticeState.SENT, ""), (2, NoticeState.DELIVERED, ""), (1, NoticeState.READ, ""),
        (2, NoticeState.FAILED, "blocked"), (1, NoticeState.SKIPPED, "no_template"), (1, NoticeState.EXPIRED, ""),
        (1, NoticeState.UNKNOWN, "unknown"),
    ):  # fmt: skip
        await set_notices(units, number, state=state, error=error, sent_at=clock.now())
    found = await count(units, warning_id)
    assert (found.prepared, found.sent, found.delivered, found.read, found.waiting) == (22, 6, 3, 1, 11)
    assert found.failed == {"blocked": 2, "no_template": 1, "expired": 1, "unknown": 1}


async def test_groups_that_were_not_reached_are_named(units: Units) -> None:
    warning_id = await ready(units)
    async with units.house.database.writing() as session:
        lost = update(Notice).where(MINE, Notice.chat_id.is_not(None))
        await session.execute(lost.values(state=NoticeState.FAILED, error="left"))
    found = await count(units, warning_id)
    assert (len(found.lost_chats), found.failed) == (2, {"left": 2})


async def test_after_how_long_each_share_had_left(units: Units, clock: FakeClock) -> None:
    warning_id = await ready(units)
    began = clock.now()
    for number, seconds in ((11, 5), (9, 40), (2, 90)):
        await set_notices(units, number, state=NoticeState.SENT, sent_at=began + timedelta(seconds=seconds))
    await set_groups(units, began + timedelta(seconds=95))
    assert (await count(units, warning_id)).after == {50: 5, 90: 40, 99: 95}


async def set_groups(units: Units, at: object) -> None:
    async with units.house.database.writing() as session:
        groups = update(Notice).where(MINE, Notice.chat_id.is_not(None))
        await session.execute(groups.values(state=NoticeState.SENT, sent_at=at))


async def test_the_time_left_is_that_of_the_last_minute(units: Units, clock: FakeClock) -> None:
    warning_id = await ready(units)
    assert (await count(units, warning_id)).left_seconds is None  # nothing is known of its pace
    units.house.rates = {"telegram": 2.0, "whatsapp": 1.0}
    assert (await count(units, warning_id)).left_seconds == 10  # 20 for Telegram: the messenger's own rate
    await set_notices(units, 5, state=NoticeState.SENT, sent_at=clock.now())
    await clock.advance(10)  # five in ten seconds
    left = (await count(units, warning_id)).left_seconds
    assert left is not None
    assert left >= 30
    await clock.advance(20)  # a standstill of half a minute, such as a pause: what was before says nothing
    assert (await count(units, warning_id)).left_seconds == 8  # 15 for Telegram
    async with units() as unit:
        await unit.warnings.pause(await cast.officer(unit, cast.ASKAR), warning_id)
    assert (await count(units, warning_id)).left_seconds is None


async def test_those_who_wait_for_whatsapps_day_are_counted_apart(units: Units, clock: FakeClock) -> None:
    warning_id = await ready(units)
    opens_at = clock.now() + timedelta(hours=3)
    await set_notices(units, 2, error="tier", due_at=opens_at)
    found = await count(units, warning_id)
    assert (found.waiting, found.over_tier, found.tier_opens_at) == (22, 2, opens_at)


async def test_by_district(units: Units) -> None:
    warning = await publish(units, cast.STAFF)
    await open_windows(units)
    await spread(units, warning.id, 1000)
    await set_notices(units, 4, state=NoticeState.FAILED, error="blocked")
    async with units.reading() as unit:
        found = await unit.warnings.districts(warning.id)
        whole = await unit.warnings.progress(warning.id)
    assert sum(one.prepared for one in found) == whole.prepared
    assert sum(sum(one.failed.values()) for one in found) == 4
    assert len({one.name for one in found}) == len(found) > 1


async def test_very_many_are_not_counted_while_somebody_waits(units: Units, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.services.warnings.counting, "COUNTED_AT_ONCE", 10)
    warning_id = await ready(units)
    async with units.reading() as unit:
        assert await unit.warnings.progress(warning_id) == Progress(is_counted=False)
        assert await unit.warnings.districts(warning_id) == []
    found = await count(units, warning_id)
    async with units() as unit:
        await unit.warnings.keep_count(warning_id, found, await unit.warnings.count_districts(warning_id))
    await send_all(units)
    async with units.reading() as unit:
        assert await unit.warnings.progress(warning_id) == found  # as the last count had it
        assert sum(one.prepared for one in await unit.warnings.districts(warning_id)) == 22


async def test_a_cancelled_warning_has_nobody_waiting(units: Units) -> None:
    warning_id = await ready(units)
    async with units.house.database.writing() as session:
        await session.execute(update(Warning).values(state=WarningState.CANCELLED))
    assert (await count(units, warning_id)).waiting == 0
