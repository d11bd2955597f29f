"""What is due on one channel, and which of it may go now."""

from collections import deque
from collections.abc import Collection

from bot.channels.base import Channel
from bot.services.deliveries import Delivery, Waiting
from bot.services.unit import Units
from bot.terms import Lane

AHEAD_SECONDS = 0.06  # of slots that bulk may be claimed for: what is more pressing finds room at any time
LOOK_EVERY = 0.02  # while there is something to carry, news is looked for this often
IDLE_SECONDS = 1.0
BULK = (Lane.CAMPAIGN, Lane.EDIT)
MOST_ADDRESSES = 4_000


class Queue:
    """Candidates in memory, read ahead; nothing in it is claimed."""

    def __init__(self, channel: Channel, units: Units) -> None:
        self._channel, self._units, self._clock = channel, units, units.house.clock
        self._waiting: deque[Waiting] = deque()
        self._addresses: dict[int, str] = {}  # of talks: the pacer knows chats by address
        self._is_stale = True
        self._looked_at = float("-inf")

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def wake(self) -> None:
        """There is news: look again."""
        self._is_stale = True

    def remember(self, delivery: Delivery) -> None:
        if len(self._addresses) >= MOST_ADDRESSES:
            self._addresses.clear()
        self._addresses[delivery.talk] = delivery.address

    async def look_ahead(self, busy: Collection[int]) -> None:
        """Reads what is due, where there is news or nothing left; `busy` are talks that must wait."""
        now = self._clock.monotonic()
        # A queue of nothing but closed chats must not keep the others waiting until it has run empty, one a second.
        is_stuck = not any(item.talk not in busy and self._is_open(item) for item in self._waiting)
        is_due = (self._is_stale or is_stuck) and now - self._looked_at >= LOOK_EVERY
        if self._waiting and not is_due:
            return
        self._is_stale, self._looked_at = False, now
        closed = [item.talk for item in self._waiting if not self._is_open(item)]
        async with self._units.reading() as unit:
            found = await unit.deliveries.waiting(self._channel.messenger, [*busy, *closed])
        self._waiting = deque(found)

    def choose(self, free: int, busy: Collection[int], bulk_in_hand: int) -> list[Waiting]:
        """The most pressing whose own chat is open now; a closed chat does not stop the others."""
        chosen: list[Waiting] = []
        later: list[Waiting] = []
        talks, bulk = set(busy), self._bulk_room(bulk_in_hand)
        while self._waiting and len(chosen) < free:
            item = self._waiting[0]
            if item.lane in BULK and bulk <= 0:
                break
            self._waiting.popleft()
            if item.talk in talks or not self._is_open(item):
                later.append(item)
                continue
            talks.add(item.talk)
            chosen.append(item)
            bulk -= item.lane in BULK
        self._waiting.extendleft(reversed(later))
        return chosen

    def until_slot(self, bulk_in_hand: int) -> float:
        """Seconds until the next may be claimed: a slot of the pacer, or its chat."""
        if self._waiting[0].lane in BULK and self._bulk_room(bulk_in_hand) <= 0:
            return 1 / float(self._channel.pacer.rate)
        return min(min(self._opens_in(item) for item in self._waiting), IDLE_SECONDS)

    async def until_due(self) -> float:
        """Seconds until something is due that is not due yet."""
        if self._waiting:
            return IDLE_SECONDS
        async with self._units.reading() as unit:
            due = await unit.deliveries.next_due(self._channel.messenger)
        if due is None:
            return IDLE_SECONDS
        return min(max((due - self._clock.now()).total_seconds(), 0.01), IDLE_SECONDS)

    def _bulk_room(self, in_hand: int) -> int:
        pacer = self._channel.pacer
        waiting = in_hand + sum(pacer.waiting(lane) for lane in BULK)
        return max(1, round(pacer.rate * AHEAD_SECONDS)) - waiting

    def _is_open(self, item: Waiting) -> bool:
        return self._opens_in(item) <= 0

    def _opens_in(self, item: Waiting) -> float:
        """A talk never heard of has an open gate."""
        address = item.ready.address if item.ready else self._addresses.get(item.talk, "")
        return self._channel.ready_in(address, item.lane, is_group=item.is_group)
