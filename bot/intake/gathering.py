"""Group commit: what waits is one transaction, and whoever waits learns the truth."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

log = structlog.get_logger(__name__)

BATCH = 200

Item = TypeVar("Item")


class GroupCommit(Generic[Item]):
    """`add` returns when `commit` has written the item, or raises: whoever brought it then tells it again."""

    def __init__(
        self, what: str, commit: Callable[[Sequence[Item]], Awaitable[None]], gather_seconds: float = 0.0
    ) -> None:
        self._what, self._commit, self._gather_seconds = what, commit, gather_seconds
        self._waiting: asyncio.Queue[tuple[Item, asyncio.Future[None]]] = asyncio.Queue()

    async def add(self, item: Item) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((item, done))
        await done

    async def run(self) -> None:
        while True:
            batch = [await self._waiting.get()]
            if self._gather_seconds:
                await asyncio.sleep(self._gather_seconds)
            while len(batch) < BATCH and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            try:
                await self._write(batch)
            finally:
                for _item, done in batch:
                    if not done.done():
                        done.set_exception(ConnectionError(f"{self._what} could not be written"))

    async def _write(self, batch: list[tuple[Item, asyncio.Future[None]]]) -> None:
        try:
            await self._commit([item for item, _done in batch])
        except SQLAlchemyError:
            log.exception(f"{self._what}.batch_failed", size=len(batch))
            if len(batch) > 1:
                for one in batch:  # one bad item must not cost the others
                    await self._write([one])
            return
        for _item, done in batch:
            if not done.done():
                done.set_result(None)
