"""How many messages of one token may have reached its provider within any second, judged from the answers."""

import heapq
from bisect import insort
from collections.abc import Iterable

from bot.clock import Clock

LOST_SECONDS = 2.0  # a call without an answer for so long is thought to have arrived by then
BELIEVED_SECONDS = 300.0  # how long the shortest ways that were seen are believed in
SHORTEST = 5  # ways; how far they lie apart tells how far the shortest of all may lie below them


class Window:
    """At most `capacity` messages arrive within `seconds`, though some travel longer than others.

    When a message arrives is not known, only when it leaves and when it is answered. A call that is under way takes a
    place; an answered one keeps it until `seconds` after the latest moment at which it can have arrived: its answer,
    less the shortest way there and back. The way there that is subtracted with it the next message has to travel too,
    so no window is passed; a pause of the provider, the network or our own loop costs a slot, not a 429.
    """

    def __init__(self, capacity: int, seconds: float, clock: Clock, arrived: Iterable[float] = ()) -> None:
        """`arrived`: moments at which earlier messages are thought to have arrived, monotonic like all moments here."""
        self._capacity, self._seconds, self._clock = capacity, seconds, clock
        self._arrived = sorted(arrived)
        self._under_way: dict[int, float] = {}  # number of the message → when it left, in that order
        self._count = 0
        self._ways: list[float] = []
        self._ways_before: list[float] = []
        self._believed_until = clock.monotonic() + BELIEVED_SECONDS

    def leave(self, now: float) -> int:
        """One message more; its number."""
        self._count += 1
        self._under_way[self._count] = now
        while self._arrived and self._arrived[0] + self._seconds <= now:
            heapq.heappop(self._arrived)
        return self._count

    def answered(self, number: int) -> None:
        """The provider has answered, refused, or the call has failed: it cannot arrive any more."""
        left_at = self._under_way.pop(number, None)
        if left_at is None:
            return
        now = self._clock.monotonic()
        self._learn(now, now - left_at)
        heapq.heappush(self._arrived, max(left_at, now - self._shortest_way()))

    def forget(self, number: int) -> None:
        """It never left."""
        self._under_way.pop(number, None)

    def opens_at(self, now: float) -> float:
        """When one more may leave."""
        self._give_up(now)
        while len(self._arrived) + len(self._under_way) >= self._capacity:
            if self._arrived and self._arrived[0] + self._seconds <= now:
                heapq.heappop(self._arrived)
                continue
            return min(self._places_free_at())
        return now

    @property
    def waits_for_answers(self) -> bool:
        """Whether an answer may open it sooner than `opens_at` says."""
        return not self._arrived and len(self._under_way) >= self._capacity

    def _places_free_at(self) -> Iterable[float]:
        if self._arrived:
            yield self._arrived[0] + self._seconds
        if self._under_way:
            yield next(iter(self._under_way.values())) + LOST_SECONDS + self._seconds

    def _give_up(self, now: float) -> None:
        while self._under_way:
            number, left_at = next(iter(self._under_way.items()))
            if left_at + LOST_SECONDS > now:
                return
            del self._under_way[number]
            heapq.heappush(self._arrived, left_at + LOST_SECONDS)

    def _learn(self, now: float, way: float) -> None:
        if now >= self._believed_until:
            self._ways, self._ways_before = [], self._ways
            self._believed_until = now + BELIEVED_SECONDS
        if len(self._ways) < SHORTEST or way < self._ways[-1]:
            insort(self._ways, way)
            del self._ways[SHORTEST:]

    def _shortest_way(self) -> float:
        """Seconds that no call is thought to be quicker than; 0 while too little is known."""
        ways = sorted(self._ways + self._ways_before)[:SHORTEST]
        return max(0.0, ways[0] - 2 * (ways[-1] - ways[0])) if len(ways) == SHORTEST else 0.0
