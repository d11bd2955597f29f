"""The inbox's group commit."""

from collections.abc import Callable, Sequence

from bot.intake.gathering import GroupCommit
from bot.metrics import STORED
from bot.services.inbox import Arrival, Item
from bot.services.unit import Units


class InboxWriter:
    """`store` returns when the rows are committed, or raises."""

    def __init__(self, units: Units, take: Callable[[Sequence[Item]], None]) -> None:
        self._units, self._take = units, take
        self._group = GroupCommit("inbox", self._commit)
        self.store, self.run = self._group.add, self._group.run

    async def store_batch(self, arrivals: Sequence[Arrival], offset: tuple[str, int]) -> None:
        """A poll's updates and its new offset, in one transaction."""
        async with self._units() as unit:
            items = await unit.inbox.store(arrivals, offset)
        self._take(items)

    async def _commit(self, arrivals: Sequence[Arrival]) -> None:
        async with self._units() as unit:
            items = await unit.inbox.store(arrivals)
        self._take(items)
        for arrival in arrivals:
            STORED.labels(arrival.messenger.value).inc()
