"""The way of one message to its chat: a slot of the pacer around each call."""

import asyncio
from dataclasses import dataclass
from types import TracebackType

from bot.channels.pacing import Pacer
from bot.terms import Lane

PATIENCE_SECONDS = 3.0  # how long a reply may wait for its slot before it becomes a promise


class Late(Exception):
    """The slot did not come within the patience; none was taken."""


@dataclass
class Road:
    """Each call on it takes a slot of its own: a message may be several pieces, an edit may end as a message.

    Only the first waits no longer than `patience` seconds: who has heard the beginning shall hear the end.
    """

    pacer: Pacer
    address: str
    lane: Lane
    is_group: bool = False
    patience: float | None = None

    def slot(self) -> "Slot":
        """To be entered around the call; entering raises Late."""
        patience, self.patience = self.patience, None
        return Slot(self, patience)


class Slot:
    """Leave to make one call. When it is left the pacer learns how long the way was."""

    __slots__ = ("_number", "_patience", "_road")

    def __init__(self, road: Road, patience: float | None) -> None:
        self._road, self._patience, self._number = road, patience, 0

    async def __aenter__(self) -> None:
        road = self._road
        if self._patience is None:
            self._number = await road.pacer.take(road.address, road.lane, group=road.is_group)
            return
        try:
            async with asyncio.timeout(self._patience):
                self._number = await road.pacer.take(road.address, road.lane, group=road.is_group)
        except TimeoutError:
            raise Late from None

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._road.pacer.answered(self._number)
