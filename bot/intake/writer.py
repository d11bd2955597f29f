"""Group commit of the inbox: what waits is one transaction, and every waiter learns the truth."""

import asyncio
from collections.abc import Callable, Sequence

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.metrics import STORED
from bot.services.inbox import Arrival, Item
from bot.services.unit import Units

log = structlog.get_logger(__name__)

BATCH = 200


class InboxWriter:
    """`store` returns when the rows are committed, or raises what the database said."""

    def __init__(self, units: Units, take: Callable[[Sequence[Item]], None]) -> None:
        self._units, self._take = units, take
        self._waiting: asyncio.Queue[tuple[Arrival, asyncio.Future[None]]] = asyncio.Queue()

    async def store(self, arrival: Arrival) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((arrival, done))
        await done

    async def store_batch(self, arrivals: Sequence[Arrival], offset: tuple[str, int]) -> None:
        """A poll's updates and its new offset, in one transaction."""
        async with self._units() as unit:
            items = await unit.inbox.store(arrivals, offset)
        self._take(items)

    async def run(self) -> None:
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < BATCH and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            try:
                await self._write(batch)
            finally:
                for _arrival, done in batch:
                    if not done.done():
                        done.set_exception(ConnectionError("the inbox could not be written"))

    async def _write(self, batch: list[tuple[Arrival, asyncio.Future[None]]]) -> None:
        try:
            async with self._units() as unit:
                items = await unit.inbox.store([arrival for arrival, _done in batch])
        except SQLAlchemyError:
            log.exception("inbox.batch_failed", size=len(batch))
            if len(batch) == 1:
                return
            for item in batch:  # one bad item must not cost the others
                await self._write([item])
            return
        self._take(items)
        for arrival, _done in batch:
            STORED.labels(arrival.messenger.value).inc()
        for _arrival, done in batch:
            if not done.done():
                done.set_result(None)
