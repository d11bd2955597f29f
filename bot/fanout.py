"""Writes the notices of warnings and of their changes, chunk by chunk, while everything else goes on."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from statistics import median

from bot.services.unit import Units
from bot.services.warnings import Bound, Plan

LOOK_EVERY = 5.0
WEIGH_EVERY = 0.5
LOCK_SECONDS = 0.025  # of one chunk, so that a slow moment stays under 50 ms
FIRST_CHUNK, SMALLEST_CHUNK, LARGEST_CHUNK = 500, 2_000, 100_000
LOOKS_BACK = 3  # locks: one slow moment of the machine says little about a chunk's size
GROWTH, SLOW_GROWTH = 1.5, 1.05
SAVED_EVERY = 100_000  # notices between two checkpoints of SQLite's log


class Rounds(ABC):
    """Looks at what is to be done at every bell; soon again while something is waited for."""

    def __init__(self, units: Units, is_mine: Callable[[], Awaitable[bool]]) -> None:
        self._units, self._is_mine = units, is_mine
        self._bell = asyncio.Event()
        units.on("warnings", self._bell.set)

    async def run(self) -> None:
        while True:
            self._bell.clear()
            waits = await self.step() if await self._is_mine() else False
            try:
                async with asyncio.timeout(WEIGH_EVERY if waits else LOOK_EVERY):
                    await self._bell.wait()
            except TimeoutError:
                continue

    @abstractmethod
    async def step(self) -> bool:
        """Does what is to be done now. True while something is waited for."""


class FanOut(Rounds):
    """Writes warnings' notices, chunk by chunk, each its own transaction: replies get the database in between.

    A chunk is as large as its lock was short. The first ones are small, so that somebody is told at once."""

    async def step(self) -> bool:
        """Weighs what is being tried, then writes all that is to be written. True while something is being tried."""
        async with self._units.reading() as unit:
            tried = await unit.warnings.being_tried()
        for warning_id in tried:
            async with self._units() as unit:
                await unit.warnings.weigh(warning_id)
        async with self._units.reading() as unit:
            spreading = await unit.warnings.spreading()
        for warning_id in spreading:
            await self.spread(warning_id)
        async with self._units.reading() as unit:
            return bool(await unit.warnings.being_tried())

    async def spread(self, warning_id: int) -> list[float]:
        """How long each chunk held the database's lock, in seconds."""
        async with self._units.reading() as unit:
            plan = await unit.warnings.plan(warning_id)
            few = await unit.warnings.first_few(plan) if plan else None
            bound = await unit.warnings.bound(plan, None, FIRST_CHUNK) if plan and few is None else None
        if plan is not None and few is not None:
            async with self._units() as unit:
                await unit.warnings.try_first(plan, few)
            return []
        locks: list[float] = []
        chunk, unsaved, database = FIRST_CHUNK, 0, self._units.house.database
        async with asyncio.TaskGroup() as saving:
            while plan is not None and bound is not None:
                async with asyncio.TaskGroup() as both:  # the next chunk's end is looked for while this one is written
                    ahead = both.create_task(self._ahead(plan, bound, next_chunk(chunk, locks)))
                    locks.append(await self._write(plan, bound))
                if bound.upto is None or locks[-1] < 0:
                    break
                chunk = next_chunk(chunk, locks)
                bound, unsaved = ahead.result(), unsaved + chunk
                if unsaved >= SAVED_EVERY:
                    unsaved = 0
                    saving.create_task(database.checkpoint())
        return locks

    async def _ahead(self, plan: Plan, bound: Bound, chunk: int) -> Bound:
        async with self._units.reading() as unit:
            return await unit.warnings.bound(plan, bound, chunk)

    async def _write(self, plan: Plan, bound: Bound) -> float:
        """Seconds the database was locked for it; negative when this fan-out is not ours any more.

        Not synced: a claim of its notices is, and comes later. What a power cut takes back is written anew."""
        clock = self._units.house.clock
        async with self._units(is_synced=False) as unit:
            began = clock.monotonic()
            is_ours = await unit.warnings.write(plan, bound)
        return clock.monotonic() - began if is_ours else -1.0


class Changes(Rounds):
    """Tells of recalls and corrections, and drops what was cancelled: beside the fan-out, which may take long."""

    async def step(self) -> bool:
        """True while a message with an older text is under way: it is told of the change when it has left."""
        async with self._units.reading() as unit:
            changing, dropping = await unit.warnings.changing(), await unit.warnings.to_drop()
        held = [warning_id for warning_id in changing if not await self.announce(warning_id)]
        for warning_id in dropping:
            await self._drop(warning_id)
        return bool(held)

    async def _drop(self, warning_id: int) -> None:
        is_done = False
        while not is_done:
            async with self._units() as unit:
                is_done = await unit.warnings.drop(warning_id)

    async def announce(self, warning_id: int) -> bool:
        """Writes a recall or a correction to all who have the warning. False while some of it is under way."""
        clock = self._units.house.clock
        async with self._units.reading() as unit:
            span = await unit.warnings.change_span(warning_id)
        locks: list[float] = []
        chunk, is_done = FIRST_CHUNK, False
        while not is_done:
            async with self._units() as unit:
                began = clock.monotonic()
                is_done = await unit.warnings.spread_change(warning_id, chunk, span)
            locks.append(clock.monotonic() - began)
            chunk = next_chunk(chunk, locks)
        async with self._units.reading() as unit:
            return warning_id not in await unit.warnings.changing()


class Resends(Rounds):
    """Puts into the queue again what a resend tries: a recall that comes meanwhile is not behind it."""

    async def step(self) -> bool:
        async with self._units.reading() as unit:
            resending = await unit.warnings.resending()
        for warning_id in resending:
            await self.send_again(warning_id)
        return False

    async def send_again(self, warning_id: int) -> list[float]:
        """How long each portion held the database's lock, in seconds."""
        clock = self._units.house.clock
        locks: list[float] = []
        chunk, is_done = FIRST_CHUNK, False
        while not is_done:
            async with self._units() as unit:
                began = clock.monotonic()
                is_done = await unit.warnings.resend_some(warning_id, chunk)
            locks.append(clock.monotonic() - began)
            chunk = next_chunk(chunk, locks)
        return locks


def next_chunk(chunk: int, locks: Sequence[float]) -> int:
    """Towards the wanted length of a lock: up in small steps, for a chunk's end is chosen while another is written."""
    took = max(median(locks[-LOOKS_BACK:]), 0.001) if locks else LOCK_SECONDS
    largest_step = GROWTH if took < LOCK_SECONDS / 2 else SLOW_GROWTH
    wish = int(chunk * min(max(LOCK_SECONDS / took, 0.6), largest_step))
    return min(max(wish, SMALLEST_CHUNK), LARGEST_CHUNK)
