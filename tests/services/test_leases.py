"""One owner at a time, known by a fence that only rises."""

import asyncio
from datetime import timedelta

from bot.services.unit import Units
from tests.clocks import FakeClock


async def hold(units: Units, holder: str, name: str = "dialogs") -> int | None:
    async with units() as unit:
        return await unit.leases.hold(name, holder, timedelta(seconds=10))


async def test_the_first_holds_until_it_falls_silent(units: Units, clock: FakeClock) -> None:
    assert await hold(units, "a") == 1
    assert await hold(units, "b") is None
    await clock.advance(9)
    assert await hold(units, "a") == 1
    await clock.advance(9)
    assert await hold(units, "b") is None
    await clock.advance(1)
    assert await hold(units, "b") == 2
    assert await hold(units, "a") is None


async def test_the_same_owner_after_a_pause_has_a_new_fence(units: Units, clock: FakeClock) -> None:
    assert await hold(units, "a") == 1
    await clock.advance(11)
    assert await hold(units, "a") == 2


async def test_released_it_is_free_at_once(units: Units) -> None:
    await hold(units, "a")
    async with units() as unit:
        await unit.leases.release("a")
    assert await hold(units, "b") == 2


async def test_many_at_once_and_one_wins(units: Units) -> None:
    fences = await asyncio.gather(*(hold(units, f"process-{number}") for number in range(8)))
    assert sorted(fence for fence in fences if fence) == [1]


async def test_duties_are_apart(units: Units) -> None:
    assert await hold(units, "a", "courier:telegram:1") == 1
    assert await hold(units, "b", "courier:whatsapp:2") == 1
