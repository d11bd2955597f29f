"""The pacer's promises, counted on a virtual clock."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.pacing import Limits, Pacer
from bot.terms import Lane
from tests.clocks import FakeClock, settle

A_MICROSECOND = 1e-6  # below it, floats and not the pacer speak
BULK = [lane for lane in Lane if lane is not Lane.REPLY]  # what a group's limit holds back
WAITING = [Lane.CAMPAIGN, Lane.EDIT]  # what waits for the gap of a private chat


class UnpunctualClock(FakeClock):
    """Wakes sleepers a little early or late, as real machines do."""

    def __init__(self, seed: int, earliest: float = 0.9, latest_seconds: float = 0.02) -> None:
        super().__init__()
        self._random, self._earliest, self._latest = Random(seed), earliest, latest_seconds

    async def sleep(self, seconds: float) -> None:
        off = self._random.uniform(self._earliest - 1, 1)
        await super().sleep(seconds * (1 + off) if off < 0 else seconds + off * self._latest)


@dataclass
class Slot:
    chat: Hashable
    lane: Lane
    at: float
    number: int


@dataclass
class Road:
    """A running pacer with what it gave to whom."""

    pacer: Pacer
    clock: FakeClock
    nursery: asyncio.TaskGroup
    slots: list[Slot] = field(default_factory=list)
    asked: int = 0

    def ask(self, chat: Hashable, lane: Lane, *, group: bool = False) -> asyncio.Task[None]:
        self.asked += 1
        return self.nursery.create_task(self._ask(chat, lane, group, self.asked))

    async def _ask(self, chat: Hashable, lane: Lane, group: bool, number: int) -> None:
        taken = await self.pacer.take(chat, lane, group=group)
        self.slots.append(Slot(chat, lane, self.clock.monotonic(), number))
        self.pacer.answered(taken)

    async def everybody(self) -> None:
        await settle()
        while self.pacer.waiting():
            await self.clock.sleep(1.0)
        await settle()

    def times(self, chat: Hashable | None = None, lanes: Sequence[Lane] = tuple(Lane)) -> list[float]:
        return [slot.at for slot in self.slots if slot.lane in lanes and chat in (None, slot.chat)]

    def lanes(self) -> list[Lane]:
        return [slot.lane for slot in self.slots]


@asynccontextmanager
async def road(limits: Limits | None = None, clock: FakeClock | None = None) -> AsyncIterator[Road]:
    clock = clock or FakeClock()
    async with asyncio.TaskGroup() as nursery:
        pacer = Pacer(limits or Limits.telegram(), clock)
        running = nursery.create_task(pacer.run())
        yield Road(pacer, clock, nursery)
        running.cancel()


def violations(times: Sequence[float], limit: int, window: float = 1.0) -> int:
    """In how many windows, each beginning with a slot, more than `limit` were given."""
    ordered = sorted(times)
    return sum(after - before < window - A_MICROSECOND for before, after in zip(ordered, ordered[limit:], strict=False))


@pytest.mark.parametrize("rate", [30, 80, 1000])
async def test_a_campaign_takes_all_that_is_allowed_and_no_more(rate: int) -> None:
    async with road(Limits(rate_per_second=rate)) as r:
        for chat in range(rate * 10):
            r.ask(chat, Lane.CAMPAIGN)
        await r.everybody()
    times = r.times()
    assert len(times) == rate * 10
    assert violations(times, rate) == 0
    assert (len(times) - 1) / (times[-1] - times[0]) >= 0.9899 * rate


@pytest.mark.parametrize("rate", [30, 80, 1000])
async def test_waking_late_or_early_costs_neither_the_window_nor_the_rate(rate: int) -> None:
    async with road(Limits(rate_per_second=rate), UnpunctualClock(seed=rate, latest_seconds=0.003)) as r:
        for chat in range(rate * 20):
            r.ask(chat, Lane.CAMPAIGN)
        await r.everybody()
    times = r.times()
    assert violations(times, rate) == 0
    assert (len(times) - 1) / (times[-1] - times[0]) >= 0.985 * rate


async def test_a_stalled_loop_is_made_good_by_a_few_slots_inside_the_window() -> None:
    async with road(clock=UnpunctualClock(seed=1, latest_seconds=2.0)) as r:
        for chat in range(200):
            r.ask(chat, Lane.CAMPAIGN)
        await r.everybody()
    assert violations(r.times(), 30) == 0
    assert 2 < max(Counter(r.times()).values()) <= Limits.telegram().catch_up_seconds * 30 + 1


async def test_idle_time_earns_no_burst() -> None:
    async with road() as r:
        r.ask("early", Lane.CAMPAIGN)
        await r.clock.sleep(100)
        for chat in range(30):
            r.ask(chat, Lane.CAMPAIGN)
        await r.everybody()
    gaps = [after - before for before, after in pairwise(r.times()[1:])]
    assert gaps[0] >= 1 / 29.7 - Limits(30).idle_seconds - A_MICROSECOND
    assert min(gaps[1:]) >= 1 / 29.7 - A_MICROSECOND


@pytest.mark.parametrize("rate", [30, 80, 1000])
async def test_small_batches_lose_no_slots(rate: int) -> None:
    """Whoever writes down results between two batches has the time of writing back, and no more than that."""
    limits = Limits(rate_per_second=rate)
    async with road(limits) as r:
        for batch in range(rate):
            r.ask(batch, Lane.CAMPAIGN)
            if batch % 7 == 6:
                await settle()
                while r.pacer.waiting():
                    await r.clock.sleep(0.0005)
                await r.clock.sleep(0.005)
        await r.everybody()
    times = r.times()
    assert violations(times, rate) == 0
    assert (len(times) - 1) / (times[-1] - times[0]) >= 0.98 * rate


@pytest.mark.parametrize("rate", [30, 80, 1000])
@pytest.mark.parametrize("pause", [0.0, 0.01, 0.5])
async def test_a_restart_assumes_that_the_last_second_was_full(rate: int, pause: float) -> None:
    clock = UnpunctualClock(seed=rate)
    times: list[float] = []
    for _life in range(4):
        async with road(Limits(rate_per_second=rate), clock) as r:
            asked = [r.ask(chat, Lane.CAMPAIGN) for chat in range(rate * 4)]
            await clock.sleep(1.5)
            for task in asked:
                task.cancel()
        times += r.times()
        await clock.sleep(pause)
    assert violations(times, rate) == 0


async def test_nothing_leaves_before_the_moment_the_caller_knows() -> None:
    clock = FakeClock()
    pacer = Pacer(Limits.telegram(), clock, not_before=5.0)
    async with asyncio.TaskGroup() as nursery:
        running = nursery.create_task(pacer.run())
        await pacer.take("chat", Lane.REPLY)
        assert clock.monotonic() >= 5.0
        running.cancel()


async def test_lanes_in_their_order() -> None:
    async with road() as r:
        for lane in reversed(Lane):
            for number in range(3):
                r.ask((lane, number), lane)
        await r.everybody()
    assert r.lanes() == sorted(r.lanes())


async def test_an_urgent_warning_overtakes_a_campaign_within_one_slot() -> None:
    async with road() as r:
        for chat in range(300):
            r.ask(chat, Lane.CAMPAIGN)
        await r.clock.sleep(3)
        before = len(r.slots)
        r.ask("urgent", Lane.URGENT)
        await r.everybody()
    assert "urgent" in [slot.chat for slot in r.slots[before : before + 2]]


async def test_a_reply_waits_for_one_slot_only_while_a_campaign_runs() -> None:
    async with road() as r:
        for chat in range(600):
            r.ask(chat, Lane.CAMPAIGN)
        asked_at = []
        for number in range(50):
            await r.clock.sleep(0.2)
            asked_at.append(r.clock.monotonic())
            r.ask(("reply", number), Lane.REPLY)
        await r.everybody()
    waits = [given - asked for given, asked in zip(r.times(lanes=[Lane.REPLY]), asked_at, strict=True)]
    assert max(waits) <= 2 / 29.7


async def test_replies_without_end_leave_bulk_one_slot_in_ten() -> None:
    async with road() as r:
        for number in range(300):
            r.ask(("reply", number), Lane.REPLY)
            r.ask(("bulk", number), Lane.CAMPAIGN)
        await r.everybody()
    first = Counter(r.lanes()[:300])
    assert first[Lane.CAMPAIGN] == 30
    assert first[Lane.REPLY] == 270


async def test_a_chat_takes_three_replies_at_once_then_one_a_second() -> None:
    async with road() as r:
        for _ in range(6):
            r.ask("chat", Lane.REPLY)
        await r.everybody()
    times = r.times()
    assert times[2] - times[0] <= 3 / 29.7
    assert all(after - before >= 0.9 for before, after in pairwise(times[2:]))


async def test_a_chat_takes_campaigns_and_edits_once_a_second() -> None:
    async with road() as r:
        for lane in WAITING * 3:
            r.ask("chat", lane)
        await r.everybody()
    assert all(after - before >= 1.0 for before, after in pairwise(r.times()))


@pytest.mark.parametrize("lane", [Lane.ANSWER, Lane.URGENT])
async def test_the_number_of_a_tip_does_not_wait_for_the_steps_of_its_dialog(lane: Lane) -> None:
    """Thirteen steps on WhatsApp are a debt of 78 seconds, which only a campaign's message has to pay."""
    async with road(Limits.whatsapp()) as r:
        for _ in range(13):
            r.ask("person", Lane.REPLY)
        await r.everybody()
        asked_at = r.clock.monotonic()
        assert r.pacer.ready_in("person", lane) == 0
        assert r.pacer.ready_in("person", Lane.CAMPAIGN) > 70
        r.ask("person", Lane.CAMPAIGN)
        r.ask("person", lane)
        await r.everybody()
    (told,) = r.times(lanes=[lane])
    assert told - asked_at <= 2 / 76
    assert r.times(lanes=[Lane.CAMPAIGN])[0] - asked_at > 70


async def test_in_a_group_an_answer_takes_of_the_share_of_bulk() -> None:
    async with road() as r:
        for _ in range(15):
            r.ask("group", Lane.ANSWER, group=True)
        await r.clock.sleep(30)
        assert len(r.slots) == 15
        assert r.pacer.ready_in("group", Lane.ANSWER, group=True) > 0
        assert r.pacer.ready_in("group", Lane.REPLY, group=True) == 0


async def test_one_person_on_whatsapp_hears_bulk_every_six_seconds_and_replies_at_once() -> None:
    async with road(Limits.whatsapp()) as r:
        r.ask("person", Lane.CAMPAIGN)
        r.ask("person", Lane.CAMPAIGN)
        for _ in range(10):
            r.ask("other", Lane.REPLY)
        await r.everybody()
    first, second = r.times("person")
    assert second - first >= 6.0
    assert r.times("other")[-1] < 1.0


async def test_a_closed_chat_holds_up_nobody_else() -> None:
    async with road() as r:
        for _ in range(50):
            r.ask("busy", Lane.URGENT)
        for chat in range(100):
            r.ask(chat, Lane.CAMPAIGN)
        await r.everybody()
    campaign = r.times(lanes=[Lane.CAMPAIGN])
    assert campaign[-1] <= 104 / 29.7 + 0.3


async def test_a_group_takes_twenty_a_minute_of_which_bulk_fifteen() -> None:
    async with road() as r:
        for _ in range(60):
            r.ask("group", Lane.CAMPAIGN, group=True)
        await r.clock.sleep(30)
        assert len(r.slots) == 15
        for _ in range(10):
            r.ask("group", Lane.REPLY, group=True)
        await r.clock.sleep(15)
        assert len(r.slots) == 20
        await r.everybody()
    assert len(r.slots) == 70
    assert violations(r.times(), 20, 60.0) == 0
    assert violations(r.times(lanes=BULK), 15, 60.0) == 0


async def test_a_group_primed_with_an_earlier_life_keeps_its_minute() -> None:
    clock = FakeClock()
    pacer = Pacer(Limits.telegram(), clock)
    earlier = [float(-moment) for moment in range(1, 21)]
    pacer.prime("group", earlier)
    assert pacer.ready_in("group", Lane.REPLY, group=True) >= 40.0
    async with asyncio.TaskGroup() as nursery:
        running = nursery.create_task(pacer.run())
        r = Road(pacer, clock, nursery)
        for lane in [Lane.CAMPAIGN, Lane.REPLY] * 10:
            r.ask("group", lane, group=True)
        await r.everybody()
        running.cancel()
    assert violations(earlier + r.times(), 20, 60.0) == 0


async def test_a_hold_of_the_token_lasts_exactly_as_long_as_told() -> None:
    async with road() as r:
        for chat in range(100):
            r.ask(chat, Lane.CAMPAIGN)
        await r.clock.sleep(1)
        held_at, before = r.clock.monotonic(), len(r.slots)
        r.pacer.hold(2282)
        r.pacer.hold(5)
        assert r.pacer.hold_left == 2282
        await r.everybody()
    resumed = [slot.at for slot in r.slots[before:]]
    assert held_at + 2282 <= resumed[0] < held_at + 2282 + 0.001
    assert min(after - before for before, after in pairwise(resumed)) >= 1 / 29.7 - A_MICROSECOND


async def test_a_hold_of_one_chat_leaves_the_others_alone() -> None:
    async with road() as r:
        r.pacer.hold(40, "held")
        assert r.pacer.ready_in("held", Lane.REPLY) == 40
        r.ask("held", Lane.REPLY)
        r.ask("free", Lane.CAMPAIGN)
        await r.everybody()
    assert r.times("free")[0] < 1
    assert 40 <= r.times("held")[0] < 40.001


async def test_a_chat_held_while_its_turn_was_near_is_served_after_the_hold() -> None:
    async with road() as r:
        for chat in range(30):
            r.ask(chat, Lane.CAMPAIGN)
        await r.clock.sleep(0.5)
        r.pacer.hold(40, 29)
        await r.everybody()
    assert [slot.chat for slot in r.slots] == list(range(30))
    assert 40.5 <= r.times(29)[0] < 40.501


async def test_a_refusal_slows_by_a_tenth_and_clean_time_gives_it_back() -> None:
    async with road() as r:
        assert r.pacer.rate == pytest.approx(29.7)
        r.pacer.slowed()
        r.pacer.slowed()
        assert r.pacer.rate == pytest.approx(29.7 * 0.9)
        await r.clock.sleep(29)
        assert r.pacer.rate == pytest.approx(29.7 * 0.9)
        await r.clock.sleep(1)
        assert r.pacer.rate == pytest.approx(29.7 * 0.9 * 1.01)
        await r.clock.sleep(30 * 10)
        assert r.pacer.rate == pytest.approx(29.7)


async def test_a_slowed_pacer_hands_out_at_the_learned_rate() -> None:
    async with road() as r:
        r.pacer.slowed()
        for chat in range(100):
            r.ask(chat, Lane.CAMPAIGN)
        await r.everybody()
    times = [at for at in r.times() if at > 2.5]
    assert min(after - before for before, after in pairwise(times)) >= 1 / (29.7 * 0.9) - A_MICROSECOND


async def test_silence_during_a_hold_is_no_clean_time() -> None:
    async with road() as r:
        r.pacer.slowed()
        r.pacer.hold(3600)
        await r.clock.sleep(3610)
        assert r.pacer.rate == pytest.approx(29.7 * 0.9)


async def test_who_stops_waiting_loses_the_place_and_no_slot() -> None:
    async with road() as r:
        tasks = [r.ask(chat, Lane.CAMPAIGN) for chat in range(100)]
        await r.clock.sleep(0.5)
        for task in tasks[30:90]:
            task.cancel()
        await settle()
        assert r.pacer.waiting() == r.pacer.waiting(Lane.CAMPAIGN) == 40 - len(r.slots)
        await r.everybody()
    assert [slot.chat for slot in r.slots] == [*range(30), *range(90, 100)]
    assert r.times()[-1] <= 40 / 29.7 + 0.3


async def test_a_place_in_the_line_is_not_inherited() -> None:
    async with road() as r:
        early = r.ask("chat", Lane.CAMPAIGN)
        for chat in range(30):
            r.ask(chat, Lane.CAMPAIGN)
        r.ask("chat", Lane.CAMPAIGN)
        await settle()
        early.cancel()
        await r.everybody()
    assert [slot.chat for slot in r.slots] == [*range(30), "chat"]


@pytest.mark.parametrize("lane", [Lane.REPLY, Lane.CAMPAIGN])
async def test_a_slot_given_to_one_who_is_cancelled_before_waking_goes_to_the_next(lane: Lane) -> None:
    clock = FakeClock(auto=False)
    pacer = Pacer(Limits(rate_per_second=10, chat_burst=1, group_limit=1, group_bulk_limit=1), clock)
    async with asyncio.TaskGroup() as nursery:
        r = Road(pacer, clock, nursery)
        first, _second = r.ask("group", lane, group=True), r.ask("group", lane, group=True)
        await clock.advance(2)
        pacer._hand_out()
        assert pacer.waiting() == 1
        first.cancel()
        await settle()
        pacer._hand_out()
    assert [(slot.number, slot.at) for slot in r.slots] == [(2, 2.0)]


async def test_a_stopped_pacer_lets_everybody_go() -> None:
    async with road() as r:
        tasks = [r.ask(chat, Lane.CAMPAIGN) for chat in range(10)]
        await settle()
    assert all(task.cancelled() for task in tasks)
    assert r.pacer.waiting() == 0
    with pytest.raises(asyncio.CancelledError):
        await r.pacer.take("late", Lane.REPLY)


async def test_a_chat_opens_when_its_own_debt_is_paid() -> None:
    async with road(Limits.telegram(travel_seconds=0.0)) as r:
        assert r.pacer.ready_in("chat", Lane.CAMPAIGN) == 0
        await r.pacer.take("chat", Lane.CAMPAIGN)
        assert r.pacer.ready_in("chat", Lane.CAMPAIGN) == pytest.approx(1.0)
        assert r.pacer.ready_in("chat", Lane.REPLY) == 0
        assert r.pacer.ready_in("other", Lane.CAMPAIGN) == 0


async def test_chats_long_done_with_are_forgotten() -> None:
    async with road(Limits(rate_per_second=1000)) as r:
        for chat in range(10_000):
            r.pacer.answered(await r.pacer.take(chat, Lane.CAMPAIGN))
    assert len(r.pacer._gates) <= 2 * 1100


async def test_waiting_and_leaving_again_and_again_leaves_nothing_behind() -> None:
    async with road() as r:
        r.pacer.hold(10_000, "held")
        for _ in range(1000):
            task = r.ask("held", Lane.REPLY)
            await settle()
            task.cancel()
            await settle()
        assert len(r.pacer._timers) <= 2
        assert not r.pacer._gates["held"].waiters


@dataclass
class Journey:
    """Seconds there and back, drawn for each call."""

    there: tuple[float, float]
    back: tuple[float, float]
    pause_every: int = 0  # one call in so many travels `pause` longer: a provider's or our own pause
    pause: float = 0.0


async def arrivals(limits: Limits, journey: Journey, messages: int, at_once: int) -> list[float]:
    """When a campaign's calls arrived that travel so."""
    clock, dice = FakeClock(), Random(messages)
    arrived: list[float] = []
    numbers = iter(range(messages))
    async with road(limits, clock) as r:

        async def caller() -> None:
            for number in numbers:
                taken = await r.pacer.take(number, Lane.CAMPAIGN)
                is_paused = journey.pause_every and number % journey.pause_every == 0
                await clock.sleep(dice.uniform(*journey.there) + (journey.pause if is_paused else 0.0))
                arrived.append(clock.monotonic())
                await clock.sleep(dice.uniform(*journey.back))
                r.pacer.answered(taken)

        async with asyncio.TaskGroup() as callers:
            for _ in range(at_once):
                callers.create_task(caller())
    return arrived


@pytest.mark.parametrize("rate", [30, 80, 1000])
@pytest.mark.parametrize(
    "journey",
    [
        Journey((0.001, 0.004), (0.001, 0.004)),
        Journey((0.001, 0.002), (0.001, 0.002), pause_every=300, pause=0.08),
        Journey((0.03, 0.09), (0.03, 0.09)),
        Journey((0.01, 0.4), (0.01, 0.02)),
    ],
    ids=["near", "pauses", "internet", "mobile"],
)
async def test_no_window_is_passed_where_messages_arrive(rate: int, journey: Journey) -> None:
    at_once = max(8, int(rate * 0.5))
    messages = min(rate * 20, 4_000)
    arrived = await arrivals(Limits(rate_per_second=rate), journey, messages, at_once)
    assert len(arrived) == messages
    assert violations(arrived, rate) == 0


@pytest.mark.parametrize(
    ("journey", "least"),
    [
        (Journey((0.001, 0.004), (0.001, 0.004)), 0.9895),
        (Journey((0.001, 0.002), (0.001, 0.002), pause_every=300, pause=0.08), 0.9885),
        (Journey((0.03, 0.035), (0.03, 0.035)), 0.9895),
    ],
)
async def test_an_even_road_costs_no_slots_and_pauses_hardly_any(journey: Journey, least: float) -> None:
    arrived = sorted(await arrivals(Limits(rate_per_second=30), journey, 1800, 8))[300:]
    assert (len(arrived) - 1) / (arrived[-1] - arrived[0]) >= least * 30


async def test_a_call_that_hangs_keeps_one_place_for_two_seconds_and_holds_nobody_for_ever() -> None:
    async with road(Limits(rate_per_second=1)) as r:
        await r.pacer.take("hangs", Lane.CAMPAIGN)
        gone_at = r.clock.monotonic()
        r.ask("next", Lane.CAMPAIGN)
        await r.everybody()
        assert r.times("next")[0] - gone_at == pytest.approx(3.0, abs=0.01)


async def test_an_answer_wakes_who_waits_for_nothing_else() -> None:
    async with road(Limits(rate_per_second=1)) as r:
        taken = await r.pacer.take("first", Lane.CAMPAIGN)
        gone_at = r.clock.monotonic()
        r.ask("next", Lane.CAMPAIGN)
        await r.clock.sleep(0.1)
        r.pacer.answered(taken)
        await r.everybody()
        assert r.times("next")[0] - gone_at < 1.2


@pytest.mark.parametrize("wrong", [{"rate_per_second": 0}, {"margin": 1.0}, {"chat_burst": 0}, {"travel_seconds": -1}])
def test_limits_that_would_serve_nobody_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must"):
        replace(Limits.telegram(), **wrong)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Event:
    wait: float
    chat: int
    lane: Lane
    leaves: bool
    held: float
    whom: int


events = st.lists(
    st.builds(
        Event,
        wait=st.one_of(st.just(0.0), st.floats(0, 0.2), st.floats(0, 8)),
        chat=st.integers(0, 5),
        lane=st.sampled_from(Lane),
        leaves=st.integers(0, 7).map(lambda dice: dice == 0),
        held=st.one_of(st.just(0.0), st.just(0.0), st.just(0.0), st.floats(0, 20)),
        whom=st.integers(0, 5),
    ),
    min_size=10,
    max_size=120,
)
rates = st.sampled_from([0.5, 2.0, 5.0, 30.0])
clocks: st.SearchStrategy[Callable[[], FakeClock]] = st.one_of(
    st.just(FakeClock), st.integers(0, 1000).map(lambda seed: lambda: UnpunctualClock(seed))
)


@settings(max_examples=150, deadline=None)
@given(story=events, rate=rates, make_clock=clocks)
async def test_whatever_comes_no_window_is_passed_and_nobody_is_lost(
    story: list[Event], rate: float, make_clock: Callable[[], FakeClock]
) -> None:
    """Chats 0 and 1 are groups; one in eight leaves after half a second; now and then a chat or all are held."""
    limits = Limits(rate_per_second=rate, travel_seconds=0.0, group_limit=6, group_bulk_limit=4)
    left: set[int] = set()
    holds: list[tuple[int | None, float, float]] = []
    async with road(limits, make_clock()) as r:
        for event in story:
            await r.clock.sleep(event.wait)
            if event.held:
                scope = None if event.whom == 5 else event.whom
                r.pacer.hold(event.held, scope)
                holds.append((scope, r.clock.monotonic(), r.clock.monotonic() + event.held))
            task = r.ask(event.chat, event.lane, group=event.chat < 2)
            if event.leaves:
                number = r.asked
                r.nursery.create_task(leave(r, task, number, left))
        await r.everybody()
        assert r.pacer.waiting() == 0

    assert sorted([slot.number for slot in r.slots] + sorted(left)) == list(range(1, len(story) + 1))
    assert violations(r.times(), max(1, int(rate)), max(1.0, 1 / rate)) == 0
    by_talk: dict[tuple[Hashable, Lane], list[int]] = defaultdict(list)
    for slot in r.slots:
        by_talk[slot.chat, slot.lane].append(slot.number)
    assert all(numbers == sorted(numbers) for numbers in by_talk.values())
    for chat in range(6):
        assert violations(r.times(chat, BULK if chat < 2 else WAITING), 1, 1.0) == 0
        assert violations(r.times(chat), 3, 1.0) == 0
    for group in (0, 1):
        assert violations(r.times(group), 6, 60.0) == 0
        assert violations(r.times(group, BULK), 4, 60.0) == 0
    for scope, since, until in holds:
        assert not [slot for slot in r.slots if scope in (None, slot.chat) and since < slot.at < until - A_MICROSECOND]


async def leave(r: Road, task: asyncio.Task[None], number: int, left: set[int]) -> None:
    await r.clock.sleep(0.5)
    if task.cancel():
        await asyncio.wait([task])
        if task.cancelled():
            left.add(number)
