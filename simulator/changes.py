"""Tells everybody who waits that the world has changed."""

import asyncio
from collections.abc import Callable

from simulator.things import Json

MOST_UNREAD = 10_000


class Changes:
    """Long polls wait for a number, event streams listen; `seq` gives the number of the last change."""

    def __init__(self, seq: Callable[[], int]) -> None:
        self.closing = False
        self._seq = seq
        self._waiters: set[asyncio.Future[None]] = set()
        self._listeners: set[asyncio.Queue[Json]] = set()

    def tell(self, event: Json) -> None:
        self._wake()
        for listener in self._listeners:
            if not listener.full():
                listener.put_nowait(event)

    async def wait(self, after: int, timeout: float) -> int:
        """Until something changed after `after`, or the time is over."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while self._seq() <= after and not self.closing:
            left = deadline - loop.time()
            if left <= 0:
                break
            waiter: asyncio.Future[None] = loop.create_future()
            self._waiters.add(waiter)
            try:
                await asyncio.wait_for(waiter, left)
            except TimeoutError:
                break
            finally:
                self._waiters.discard(waiter)
        return self._seq()

    def listen(self) -> asyncio.Queue[Json]:
        listener: asyncio.Queue[Json] = asyncio.Queue(maxsize=MOST_UNREAD)
        self._listeners.add(listener)
        return listener

    def unlisten(self, listener: asyncio.Queue[Json]) -> None:
        self._listeners.discard(listener)

    def close(self) -> None:
        """At shutdown: nobody waits any longer."""
        self.closing = True
        self.tell({})

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, set()
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)
