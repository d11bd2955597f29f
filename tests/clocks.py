"""A clock that tests own: time stands still until it is moved, and sleepers wake in the order of their time."""

import asyncio
import heapq
from collections.abc import Sized
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import cast
from weakref import WeakKeyDictionary

_pilots: WeakKeyDictionary[asyncio.AbstractEventLoop, int] = WeakKeyDictionary()
_settlers: WeakKeyDictionary[asyncio.AbstractEventLoop, int] = WeakKeyDictionary()

START = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)


class FakeClock:
    """Virtual time behind the `Clock` protocol.

    With `auto` (the default) time jumps to the next sleeper as soon as the event loop has nothing else to run:
    hours pass in no time and always in the same order. The loop looks idle too while a thread or a socket works,
    so where those take part say `auto=False` and move time by `await clock.advance(seconds)`.
    """

    def __init__(self, start: datetime = START, *, auto: bool = True) -> None:
        self._start = start
        self._elapsed = 0.0
        self._auto = auto
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._turns = count()
        self._pilot_is_on = False

    def now(self) -> datetime:
        """The virtual moment, aware UTC."""
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        """Virtual seconds since this clock was made."""
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        """Return when virtual time has passed that far."""
        loop = asyncio.get_running_loop()
        awake: asyncio.Future[None] = loop.create_future()
        heapq.heappush(self._sleepers, (self._elapsed + max(0.0, seconds), next(self._turns), awake))
        if self._auto and not self._pilot_is_on:
            self._pilot_is_on = True
            _pilots[loop] = _pilots.get(loop, 0) + 1
            loop.call_soon(self._pilot, loop)
        await awake

    async def advance(self, seconds: float) -> None:
        """Move time forward, waking each sleeper at its moment and letting it act before the next."""
        if seconds < 0:
            raise ValueError(seconds)
        until = self._elapsed + seconds
        await settle()
        while (wake_at := self._next_wake()) is not None and wake_at <= until:
            self._wake_one()
            await settle()
        self._elapsed = max(self._elapsed, until)
        await settle()

    def _pilot(self, loop: asyncio.AbstractEventLoop) -> None:
        if _settlers.get(loop, 0) or not _is_idle(loop):
            loop.call_soon(self._pilot, loop)
        elif self._next_wake() is None:
            self._pilot_is_on = False
            _pilots[loop] -= 1
        else:
            self._wake_one()
            loop.call_soon(self._pilot, loop)

    def _next_wake(self) -> float | None:
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    def _wake_one(self) -> None:
        wake_at, _turn, awake = heapq.heappop(self._sleepers)
        self._elapsed = max(self._elapsed, wake_at)
        awake.set_result(None)


async def settle() -> None:
    """Let every task run until all of them wait for something; time does not move meanwhile."""
    loop = asyncio.get_running_loop()
    _settlers[loop] = _settlers.get(loop, 0) + 1
    try:
        await asyncio.sleep(0)
        while not _is_idle(loop):
            await asyncio.sleep(0)
    finally:
        _settlers[loop] -= 1


def _is_idle(loop: asyncio.AbstractEventLoop) -> bool:
    # asyncio has no public word for "nothing is ready to run"; a fixed number of rounds would only guess.
    # Whoever else looks on has one handle in the queue and does not count.
    others_looking = _pilots.get(loop, 0) + _settlers.get(loop, 0) - 1
    return len(cast(Sized, loop._ready)) <= others_looking  # type: ignore[attr-defined]
