"""The ticker's beats."""

from datetime import timedelta
from typing import Any

import pytest

import bot.fanout
import bot.jobs
from bot.fanout import Changes, FanOut
from bot.jobs import Jobs
from bot.services.tips import Tips
from bot.services.unit import Units
from bot.services.warnings import Progress, Warnings, WarningView
from bot.store.events import Event
from bot.store.notices import Notice
from bot.store.tips import Tip
from bot.terms import NoticeKind, Rung, Urgency
from tests.clocks import FakeClock
from tests.postgres import units_on
from tests.services import cast
from tests.services.test_warnings import open_windows, publish, send_all


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def units(tmp_path: Any, demo_database: Any, clock: FakeClock) -> Any:
    (tmp_path / "korshi.db").write_bytes(demo_database.read_bytes())
    units = units_on(f"sqlite+aiosqlite:///{tmp_path}/korshi.db", clock)
    yield units
    await units.house.database.close()


async def silent_tips(units: Units, clock: FakeClock, count: int) -> list[int]:
    tips = [await cast.sent_tip(units, urgency=Urgency.U1) for _ in range(count)]
    await clock.advance(15 * 60)
    return tips


async def test_a_tip_that_cannot_be_moved_does_not_stop_the_others(
    units: Units, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tips = await silent_tips(units, clock, 3)
    climb = Tips.climb

    async def fails(self: Tips, tip_id: int) -> bool:
        if tip_id == tips[0]:
            raise RuntimeError
        return await climb(self, tip_id)

    monkeypatch.setattr(Tips, "climb", fails)
    await Jobs(units, "one", timedelta()).ladder()
    rungs = {tip.id: tip.rung for tip in await cast.rows(units, Tip)}
    assert [rungs[tip_id] for tip_id in tips] == [Rung.PRECINCT, Rung.DISTRICT, Rung.DISTRICT]


async def test_only_the_holder_of_the_lease_climbs(units: Units, clock: FakeClock) -> None:
    one, other = Jobs(units, "one", timedelta()), Jobs(units, "other", timedelta())
    await one.ladder()
    await silent_tips(units, clock, 1)
    async with units() as unit:
        await unit.leases.hold("jobs", "one", timedelta(seconds=20))
    await other.ladder()
    assert await cast.rows(units, Event, Event.kind == "moved") == []
    await one.ladder()
    await one.ladder()
    assert len(await cast.rows(units, Event, Event.kind == "moved")) == 1


async def yes() -> bool:
    return True


async def published(units: Units, clock: FakeClock) -> WarningView:
    """After the demo department's people have subscribed."""
    await clock.advance(100 * 86_400)
    warning = await publish(units)
    await open_windows(units)
    await FanOut(units, yes).step()
    return warning


async def test_a_change_is_written_to_the_end_also_by_another_process(
    units: Units, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.fanout, "FIRST_CHUNK", 5)
    monkeypatch.setattr(bot.fanout, "next_chunk", lambda *_args: 5)
    warning = await published(units, clock)
    assert await send_all(units) >= 22
    async with units() as unit:
        await unit.warnings.recall(await cast.officer(unit, cast.ASKAR), warning.id)
    async with units() as unit:  # the first few, then the process dies
        await unit.warnings.spread_change(warning.id, 5)
    changes = Notice.kind == NoticeKind.WARNING_CHANGE
    assert 0 < len(await cast.rows(units, Notice, changes)) < 22
    assert not await Changes(units, yes).step()
    told = await cast.rows(units, Notice, changes)
    assert len({(row.resident_id, row.chat_id) for row in told}) == len(told) == 22


async def test_cards_of_very_many_are_counted_less_often(
    units: Units, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.jobs, "COUNTED_AT_ONCE", 10)
    warning = await published(units, clock)
    jobs, counted = Jobs(units, "one", timedelta()), list[int]()
    count = Warnings.count

    async def slow(self: Warnings, warning_id: int) -> Progress:
        counted.append(warning_id)
        await clock.advance(1)
        return await count(self, warning_id)

    monkeypatch.setattr(Warnings, "count", slow)
    await jobs.progress()
    await clock.advance(10)
    await jobs.progress()
    assert len(counted) == 1  # a second's count rests for twenty
    await clock.advance(15)
    await jobs.progress()
    assert len(counted) == 2
    await send_all(units)
    await jobs.progress()
    assert len(counted) == 3  # its end is counted at once
    async with units.reading() as unit:
        assert (await unit.warnings.progress(warning.id)).sent == 22
    assert len(counted) == 3
