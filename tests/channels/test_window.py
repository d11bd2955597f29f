"""Where a token's messages are between leaving and being answered."""

from random import Random

import pytest

from bot.channels.window import BELIEVED_SECONDS, LOST_SECONDS, SHORTEST, Window
from tests.clocks import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(auto=False)


async def calls(window: Window, clock: FakeClock, *ways: float) -> None:
    """One after another, each answered after so many seconds."""
    for way in ways:
        number = window.leave(clock.monotonic())
        await clock.advance(way)
        window.answered(number)


async def test_an_empty_window_is_open(clock: FakeClock) -> None:
    assert Window(2, 1.0, clock).opens_at(5.0) == 5.0


async def test_what_arrived_in_an_earlier_life_counts(clock: FakeClock) -> None:
    window = Window(2, 1.0, clock, [-0.2, -0.7])
    assert window.opens_at(0.0) == pytest.approx(0.3)


async def test_a_call_under_way_takes_a_place_until_it_counts_as_lost(clock: FakeClock) -> None:
    window = Window(1, 1.0, clock)
    window.leave(clock.monotonic())
    assert window.opens_at(0.5) == LOST_SECONDS + 1.0
    assert window.waits_for_answers
    assert window.opens_at(LOST_SECONDS + 1.1) == LOST_SECONDS + 1.1


async def test_a_lost_call_that_is_answered_after_all_counts_once(clock: FakeClock) -> None:
    window = Window(1, 1.0, clock)
    number = window.leave(clock.monotonic())
    await clock.advance(LOST_SECONDS + 0.5)
    assert window.opens_at(clock.monotonic()) == LOST_SECONDS + 1.0
    window.answered(number)
    await clock.advance(0.6)
    assert window.opens_at(clock.monotonic()) == clock.monotonic()


async def test_a_place_is_kept_from_the_answer_less_the_quickest_way(clock: FakeClock) -> None:
    window = Window(2, 1.0, clock)
    await calls(window, clock, *[0.1] * SHORTEST)
    await clock.advance(2.0)
    left_at = clock.monotonic()
    await calls(window, clock, 0.1, 0.4)  # the second was slower by 0.3
    assert window.opens_at(clock.monotonic()) == pytest.approx(left_at + 1.0)
    await clock.advance(0.6)
    window.leave(clock.monotonic())
    assert window.opens_at(clock.monotonic()) == pytest.approx(left_at + 0.1 + 0.3 + 1.0)


async def test_before_enough_is_known_of_the_way_the_answer_itself_counts(clock: FakeClock) -> None:
    window = Window(1, 1.0, clock)
    await calls(window, clock, 0.3)
    assert window.opens_at(clock.monotonic()) == pytest.approx(1.3)


async def test_the_further_the_ways_differ_the_less_their_shortest_is_trusted(clock: FakeClock) -> None:
    window = Window(1, 1.0, clock)
    await calls(window, clock, 0.20, 0.21, 0.22, 0.23, 0.24)
    await clock.advance(5.0)
    left_at = clock.monotonic()
    await calls(window, clock, 0.20)  # thought possible: 0.20 − 2 × (0.23 − 0.20)
    assert window.opens_at(clock.monotonic()) - left_at == pytest.approx(1.06)


async def test_a_shorter_way_is_believed_at_once_and_a_longer_one_in_time(clock: FakeClock) -> None:
    window = Window(1, 1.0, clock)

    async def late_after(way: float) -> float:
        await clock.advance(5.0)
        left_at = clock.monotonic()
        await calls(window, clock, way)
        return window.opens_at(clock.monotonic()) - left_at - 1.0

    await calls(window, clock, *[0.2] * SHORTEST)
    for _ in range(SHORTEST):
        await late_after(0.1)
    assert await late_after(0.1) == pytest.approx(0.0)
    assert await late_after(0.2) == pytest.approx(0.1)
    await clock.advance(BELIEVED_SECONDS)
    for _ in range(SHORTEST):
        assert await late_after(0.2) == pytest.approx(0.1)
    await clock.advance(BELIEVED_SECONDS)
    assert await late_after(0.2) == pytest.approx(0.0)


async def test_what_never_left_takes_nothing(clock: FakeClock) -> None:
    window = Window(1, 1.0, clock)
    window.forget(window.leave(clock.monotonic()))
    window.forget(99)
    window.answered(99)
    assert window.opens_at(0.0) == 0.0


async def test_thousands_of_answers_leave_no_more_than_one_window(clock: FakeClock) -> None:
    window, dice = Window(30, 1.0, clock), Random(1)
    for _ in range(3_000):
        await calls(window, clock, dice.uniform(0.03, 0.05))
        window.opens_at(clock.monotonic())
    assert len(window._arrived) <= 31
    assert not window._under_way
