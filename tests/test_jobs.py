"""The ticker's beats: what each does, once whatever happens, and nothing at night that can wait."""

import asyncio
import inspect
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

import bot.fanout
import bot.jobs
from bot.config import QuietHours
from bot.fanout import Changes, FanOut
from bot.jobs import LEASE_LASTS, Jobs
from bot.services.tips import Tips
from bot.services.unit import Units
from bot.services.warnings import Progress, Warnings, WarningView
from bot.store.chats import Quote
from bot.store.events import Event
from bot.store.notices import Notice
from bot.store.tips import SenderCount, Tip
from bot.terms import Messenger, NoticeKind, Rung, Urgency
from tests.clocks import START, FakeClock
from tests.postgres import backend, cleaning, new_database, units_on
from tests.services import cast
from tests.services.test_warnings import open_windows, publish, send_all

__all__ = ["backend", "cleaning"]

MINUTE, HOUR, DAY = 60, 3600, 86_400
WAYS = ("again", "the other process", "both at once")
TEN = 10 * HOUR - 9 * HOUR  # from the clock's first moment, 09:00, to the first hour at which people are asked
NIGHT = QuietHours(time(22), time(8))


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


# -- beats of clocks and aftercare: on both databases, in two processes


@pytest.fixture
async def processes(backend: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[tuple[Jobs, Jobs]]:
    """Two on one database, as far as memory goes."""
    async with new_database(backend, tmp_path) as url:
        one, other = (units_on(url, clock, NIGHT) for _ in range(2))
        yield Jobs(one, "one", timedelta()), Jobs(other, "other", timedelta())
        for units in (one, other):
            await units.house.database.close()


async def mine(_self: Jobs) -> bool:
    """As a process believes that was held up inside a beat while its lease ran out."""
    return True


async def beat_twice(processes: tuple[Jobs, Jobs], name: str, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = processes
    first, second = getattr(one, name), getattr(one if way == "again" else other, name)
    if way == "both at once":
        both, each = asyncio.Barrier(2), Jobs._each

        async def together(self: Jobs, *found: Any) -> None:
            """Both have looked before either does anything."""
            await both.wait()
            await each(self, *found)

        with monkeypatch.context() as patched:
            patched.setattr(Jobs, "_is_mine", mine)
            patched.setattr(Jobs, "_each", together)
            await asyncio.gather(first(), second())
        return
    await first()
    if way == "the other process":
        async with one._units() as unit:
            await unit.leases.release("one")  # it has ended, or its lease ran out
    await second()


async def taken_tip(units: Units, urgency: Urgency = Urgency.U1) -> int:
    tip_id = await cast.sent_tip(units, urgency=urgency)
    async with units() as unit:
        await unit.tips.take(await cast.officer(unit, cast.ASKAR), tip_id)
    return tip_id


async def closed_tip(units: Units) -> int:
    tip_id = await taken_tip(units)
    async with units() as unit:
        askar, speaker = await cast.officer(unit, cast.ASKAR), await cast.resident(unit, 2001)
        await unit.tips.close(askar, tip_id, "measures_taken", cast.words("Провели беседу"), speaker)
    return tip_id


async def asked_tip(units: Units) -> int:
    tip_id = await taken_tip(units)
    async with units() as unit:
        askar, speaker = await cast.officer(unit, cast.ASKAR), await cast.resident(unit, 2001)
        await unit.tips.ask(askar, tip_id, cast.words("Какой подъезд?"), speaker)
    return tip_id


async def told(jobs: Jobs, kind: NoticeKind, tip_id: int) -> list[Any]:
    return list(await cast.rows(jobs._units, Notice, Notice.kind == kind, Notice.tip_id == tip_id))


async def events(jobs: Jobs, kind: str, tip_id: int) -> list[Any]:
    return list(await cast.rows(jobs._units, Event, Event.kind == kind, Event.tip_id == tip_id))


@pytest.mark.parametrize("way", WAYS)
async def test_the_holder_is_warned_once_before_the_time_of_the_answer(
    processes: tuple[Jobs, Jobs], clock: FakeClock, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _other = processes
    tip_id = await taken_tip(one._units)
    await clock.advance(19 * MINUTE)
    await one.clocks()
    assert await told(one, NoticeKind.CARD_TIME, tip_id) == []
    await clock.advance(MINUTE)
    await beat_twice(processes, "clocks", way, monkeypatch)
    (notice,) = await told(one, NoticeKind.CARD_TIME, tip_id)
    assert notice.facts == {"what": "answer"}
    assert len(await events(one, "warned", tip_id)) == 1
    assert await events(one, "moved", tip_id) == []


@pytest.mark.parametrize("way", WAYS)
async def test_what_is_late_goes_one_rung_up_once_and_its_new_holder_is_not_warned_of_the_past(
    processes: tuple[Jobs, Jobs], clock: FakeClock, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _other = processes
    tip_id = await taken_tip(one._units)
    await clock.advance(30 * MINUTE)
    await beat_twice(processes, "clocks", way, monkeypatch)
    (tip,) = await cast.rows(one._units, Tip, Tip.id == tip_id)
    assert (tip.rung, tip.due_at) == (Rung.DISTRICT, START + timedelta(hours=1))
    assert len(await events(one, "moved", tip_id)) == 1
    (notice,) = await told(one, NoticeKind.TIP_MOVED, tip_id)
    assert notice.facts["how"] == "late"
    assert await told(one, NoticeKind.CARD_TIME, tip_id) == []


async def test_clocks_of_what_is_urgent_run_at_night(processes: tuple[Jobs, Jobs], clock: FakeClock) -> None:
    one, _other = processes
    await clock.advance(18 * HOUR)  # 03:00
    tip_id = await taken_tip(one._units)
    await clock.advance(20 * MINUTE)
    await one.clocks()
    assert len(await told(one, NoticeKind.CARD_TIME, tip_id)) == 1


@pytest.mark.parametrize("way", WAYS)
async def test_solved_is_asked_once_on_the_next_day(
    processes: tuple[Jobs, Jobs], clock: FakeClock, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _other = processes
    tip_id = await closed_tip(one._units)
    await clock.advance(TEN)
    await one.aftercare()
    assert await told(one, NoticeKind.TIP_SOLVED_ASK, tip_id) == []
    await clock.advance(DAY)
    await beat_twice(processes, "aftercare", way, monkeypatch)
    assert len(await told(one, NoticeKind.TIP_SOLVED_ASK, tip_id)) == 1
    await clock.advance(DAY)
    await one.aftercare()
    assert len(await told(one, NoticeKind.TIP_SOLVED_ASK, tip_id)) == 1
    assert await told(one, NoticeKind.TIP_BACK_ASK, tip_id) == []


@pytest.mark.parametrize("way", WAYS)
async def test_whether_it_came_back_is_asked_once_after_two_weeks(
    processes: tuple[Jobs, Jobs], clock: FakeClock, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _other = processes
    tip_id = await closed_tip(one._units)
    await clock.advance(13 * DAY + TEN)
    await one.aftercare()
    assert await told(one, NoticeKind.TIP_BACK_ASK, tip_id) == []
    await clock.advance(DAY)
    await beat_twice(processes, "aftercare", way, monkeypatch)
    assert len(await told(one, NoticeKind.TIP_BACK_ASK, tip_id)) == 1
    assert await told(one, NoticeKind.TIP_SOLVED_ASK, tip_id) == []  # too long ago by now
    await clock.advance(DAY)
    await one.aftercare()
    assert len(await told(one, NoticeKind.TIP_BACK_ASK, tip_id)) == 1


@pytest.mark.parametrize("way", WAYS)
async def test_a_question_without_an_answer_is_asked_once_more_and_then_its_holder_hears_of_it_once(
    processes: tuple[Jobs, Jobs], clock: FakeClock, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _other = processes
    tip_id = await asked_tip(one._units)
    await clock.advance(7 * DAY - DAY + TEN)
    await one.aftercare()
    assert len(await told(one, NoticeKind.TIP_QUESTION, tip_id)) == 1
    await clock.advance(DAY)
    await beat_twice(processes, "aftercare", way, monkeypatch)
    first, again = await told(one, NoticeKind.TIP_QUESTION, tip_id)
    assert ("again" in (first.facts or {}), again.facts) == (False, {"again": True})
    assert await told(one, NoticeKind.CARD_TIME, tip_id) == []
    await clock.advance(7 * DAY)
    await beat_twice(processes, "aftercare", way, monkeypatch)
    (notice,) = await told(one, NoticeKind.CARD_TIME, tip_id)
    assert notice.facts == {"what": "no_reply"}
    assert len(await told(one, NoticeKind.TIP_QUESTION, tip_id)) == 2


@pytest.mark.parametrize(
    ("at", "is_asked"),
    [("22:30", False), ("03:00", False), ("07:59", False), ("09:59", False), ("10:00", True), ("19:59", True),
     ("20:00", False)],
)  # fmt: skip
async def test_what_can_wait_is_asked_by_day_alone(
    processes: tuple[Jobs, Jobs], clock: FakeClock, at: str, is_asked: bool
) -> None:
    one, _other = processes
    back = await closed_tip(one._units)
    await clock.advance(7 * DAY)
    asked = await asked_tip(one._units)
    await clock.advance(7 * DAY)
    solved = await closed_tip(one._units)
    zone = one._units.house.zone
    moment = datetime.combine(START.astimezone(zone).date() + timedelta(days=15), time.fromisoformat(at), zone)
    await clock.advance((moment.astimezone(UTC) - clock.now()).total_seconds())
    await one.aftercare()
    for kind, tip_id, usual in (
        (NoticeKind.TIP_SOLVED_ASK, solved, 0),
        (NoticeKind.TIP_BACK_ASK, back, 0),
        (NoticeKind.TIP_QUESTION, asked, 1),
    ):
        assert len(await told(one, kind, tip_id)) == usual + is_asked, kind


async def test_longer_quiet_hours_are_kept_too(processes: tuple[Jobs, Jobs], clock: FakeClock) -> None:
    one, _other = processes
    one._units.house.quiet = QuietHours(time(18), time(12))
    tip_id = await closed_tip(one._units)
    await clock.advance(DAY + 2 * HOUR)  # 11:00
    await one.aftercare()
    assert await told(one, NoticeKind.TIP_SOLVED_ASK, tip_id) == []
    await clock.advance(HOUR)
    await one.aftercare()
    assert len(await told(one, NoticeKind.TIP_SOLVED_ASK, tip_id)) == 1


async def test_while_another_holds_the_lease_no_beat_does_anything(
    processes: tuple[Jobs, Jobs], clock: FakeClock
) -> None:
    one, other = processes
    tip_id, closed = await taken_tip(one._units), await closed_tip(one._units)
    await clock.advance(DAY + TEN)
    async with one._units() as unit:
        await unit.leases.hold("jobs", "one", LEASE_LASTS)
    before = len(await cast.rows(one._units, Notice))
    for name in beats():
        await getattr(other, name)()
    assert len(await cast.rows(one._units, Notice)) == before
    await clock.advance(LEASE_LASTS.total_seconds())
    await other.clocks()
    await other.aftercare()
    assert len(await events(other, "moved", tip_id)) == 1
    assert len(await told(other, NoticeKind.TIP_SOLVED_ASK, closed)) == 1


@pytest.mark.parametrize(
    ("beat", "step", "make", "seconds", "kind"),
    [
        ("clocks", "warn_holder", taken_tip, 20 * MINUTE, NoticeKind.CARD_TIME),
        ("clocks", "move_late", taken_tip, 30 * MINUTE, NoticeKind.TIP_MOVED),
        ("aftercare", "ask_solved", closed_tip, DAY + TEN, NoticeKind.TIP_SOLVED_ASK),
        ("aftercare", "ask_back", closed_tip, 14 * DAY + TEN, NoticeKind.TIP_BACK_ASK),
        ("aftercare", "remind", asked_tip, 14 * DAY + TEN, NoticeKind.CARD_TIME),
    ],
)
async def test_one_tip_that_fails_does_not_stop_the_others(
    units: Units, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, beat: str, step: str, make: Any, seconds: int,
    kind: NoticeKind,
) -> None:  # fmt: skip
    tips, work = [await make(units) for _ in range(3)], getattr(Tips, step)

    async def fails(self: Tips, tip_id: int) -> bool:
        if tip_id == tips[0]:
            raise RuntimeError
        done: bool = await work(self, tip_id)
        return done

    fails.__name__ = step
    monkeypatch.setattr(Tips, step, fails)
    await clock.advance(seconds)
    jobs = Jobs(units, "one", timedelta())
    await getattr(jobs, beat)()
    assert [len(await told(jobs, kind, tip_id)) for tip_id in tips] == [0, 1, 1]


async def test_the_clocks_forget_what_a_neighbour_did_not_agree_to(units: Units, clock: FakeClock) -> None:
    jobs = Jobs(units, "one", timedelta())
    async with units() as unit:
        chat = await unit.chats.added(Messenger.TELEGRAM, "-100777", "Соседи")
        await unit.quotes.ask(chat, await cast.resident(unit), "Снова дерутся")
    await clock.advance(DAY - 1)
    await jobs.clocks()
    assert len(await cast.rows(units, Quote)) == 1
    await clock.advance(1)
    await jobs.clocks()
    assert await cast.rows(units, Quote) == []


async def test_counts_of_senders_are_forgotten_when_no_limit_looks_back(units: Units, clock: FakeClock) -> None:
    jobs = Jobs(units, "one", timedelta())
    await cast.sent_tip(units)
    await clock.advance(DAY)
    await jobs.forget()
    assert len(await cast.rows(units, SenderCount)) == 1
    await clock.advance(HOUR + 1)
    await jobs.forget()
    assert await cast.rows(units, SenderCount) == []


# -- the ticker


def beats() -> list[str]:
    """Every public step of the jobs but `run` itself."""
    public = inspect.getmembers(Jobs, inspect.iscoroutinefunction)
    return [name for name, _function in public if not name.startswith("_") and name != "run"]


async def test_the_ticker_starts_every_beat(units: Units, monkeypatch: pytest.MonkeyPatch) -> None:
    """A beat that nobody registered would never be missed by a test that calls it."""
    started = {name: asyncio.Event() for name in beats()}
    assert {"ladder", "clocks", "aftercare"} < started.keys()
    for name in [name for name in vars(bot.jobs) if name.endswith("_EVERY")]:
        monkeypatch.setattr(bot.jobs, name, 0.01)
    jobs = Jobs(units, "one", timedelta())

    def noted(name: str) -> Any:
        async def beat() -> None:
            started[name].set()

        return beat

    for name in started:
        monkeypatch.setattr(jobs, name, noted(name))
    run = asyncio.create_task(jobs.run())
    async with asyncio.timeout(20):
        await asyncio.gather(*(event.wait() for event in started.values()))
    run.cancel()
    with suppress(asyncio.CancelledError):
        await run
