"""When a message may leave: no provider's limit is ever passed, and nobody waits longer than the limits ask."""

import asyncio
import heapq
from collections.abc import Hashable, Iterable
from itertools import count

from bot.channels.limits import FOREVER, Gate, Given, Limits
from bot.channels.window import Window
from bot.clock import Clock
from bot.terms import Lane

__all__ = ["Limits", "Pacer"]

SHORT_SECONDS = 0.05  # so long it may sleep and not be woken
TICK_SECONDS = 0.00005  # a shorter sleep would only spin; lateness of this size is caught up
REPLIES_PER_BULK = 9  # when replies take every slot, the tenth goes to what waits behind them
SLOWED_FACTOR = 0.9
SLOWEST_SHARE = 0.05
RECOVERY_FACTOR = 1.01
CLEAN_SECONDS = 30.0
STEPS_TO_RECOVER = 400  # more than from the slowest share to the whole
SAME_REFUSAL_SECONDS = 1.0
SWEEP_AT = 1024


class Pacer:
    """Hands out the slots of one token, one at a time, to whoever deserves the next most."""

    def __init__(self, limits: Limits, clock: Clock, *, not_before: float | None = None) -> None:
        """Start as if another process had filled the last second up to now; `not_before` is monotonic."""
        self._limits = limits
        self._clock = clock
        now = clock.monotonic()
        self._learned = 1.0
        self._clean_since = now
        self._slowed_at = -FOREVER
        self._held_until = now if not_before is None else not_before
        self._next_at = max(now + 1 / limits.pace, self._held_until)
        capacity = max(1, int(limits.rate_per_second))
        spent = (now - max(0.0, ago / limits.pace - limits.catch_up_seconds) for ago in range(capacity))
        self._window = Window(capacity, limits.window, clock, spent)
        self._gates: dict[Hashable, Gate] = {}
        self._sweep_at = SWEEP_AT
        self._ready: dict[Lane, list[tuple[int, Gate]]] = {lane: [] for lane in Lane}
        self._timers: list[tuple[float, int, Gate]] = []
        self._waiting = dict.fromkeys(Lane, 0)
        self._turns = count()
        self._replies_in_a_row = 0
        self._idle = True
        self._stopped = False
        self._sleeper: asyncio.Task[None] | None = None

    @property
    def rate(self) -> float:
        """Slots a second at present: the pace, less what refusals taught, plus what clean time gave back."""
        if self._learned < 1.0:
            steps = int((self._clock.monotonic() - self._clean_since) // CLEAN_SECONDS)
            if steps > 0:
                self._learned = min(1.0, self._learned * RECOVERY_FACTOR ** min(steps, STEPS_TO_RECOVER))
                self._clean_since += steps * CLEAN_SECONDS
        return self._limits.pace * self._learned

    @property
    def hold_left(self) -> float:
        """Seconds until the whole token may send again; 0 when it may."""
        return max(0.0, self._held_until - self._clock.monotonic())

    def waiting(self, lane: Lane | None = None) -> int:
        """How many wait, in one lane or in all."""
        return sum(self._waiting.values()) if lane is None else self._waiting[lane]

    def ready_in(self, chat: Hashable, lane: Lane, group: bool = False) -> float:
        """Seconds until this chat's own gate opens, 0 when it is open; the token's rate and hold not counted."""
        gate = self._gates.get(chat)
        return 0.0 if gate is None else max(0.0, gate.opens_at(lane) - self._clock.monotonic())

    def is_near_limit(self, chat: Hashable) -> bool:
        """Whether a refusal may be this chat's own: much was written to it just now."""
        gate = self._gates.get(chat)
        return gate is not None and gate.is_near_limit(self._clock.monotonic())

    async def take(self, chat: Hashable, lane: Lane, *, group: bool = False) -> int:
        """Return when the caller may send to this chat, with the slot's number: `answered` must follow the call.

        A cancelled caller uses nothing up.
        """
        gate = self._gate(chat, group)
        if (number := self._takes_at_once(gate, lane)) is not None:
            return number
        given: asyncio.Future[Given] = asyncio.get_running_loop().create_future()
        if self._stopped:
            given.cancel()
        heapq.heappush(gate.waiters, (lane, next(self._turns), given))
        self._waiting[lane] += 1
        self._changed(gate)
        try:
            number, _at = await given
        except asyncio.CancelledError:
            if given.cancelled():
                self._waiting[lane] -= 1
                gate.forget_one()
            else:
                self._take_back(gate, lane, given.result())
            self._changed(gate)
            raise
        return number

    def answered(self, number: int) -> None:
        """The call of this slot is over, whatever came of it: only now is it known when it can have arrived."""
        is_awaited = self._window.waits_for_answers
        self._window.answered(number)
        if is_awaited:
            self._awaken()

    def hold(self, seconds: float, chat: Hashable | None = None) -> None:
        """Send nothing for exactly that long, to one chat or (None) to anybody: a 429 of that scope."""
        until = self._clock.monotonic() + max(0.0, seconds)
        if chat is not None:
            gate = self._gate(chat, group=False)
            gate.closed_until = max(gate.closed_until, until)
            return
        self._held_until = max(self._held_until, until)
        self._next_at = max(self._next_at, until)
        self._clean_since = max(self._clean_since, until)  # silence proves nothing

    def slowed(self) -> None:
        """Learn from a 429: a tenth slower, back by 1 % for each clean 30 s; refusals of one second are one."""
        rate_before, now = self.rate, self._clock.monotonic()
        if now - self._slowed_at < SAME_REFUSAL_SECONDS:
            return
        self._learned = max(SLOWEST_SHARE, rate_before / self._limits.pace * SLOWED_FACTOR)
        self._slowed_at = now
        self._clean_since = max(now, self._held_until)

    def prime(self, chat: Hashable, sent_at: Iterable[float]) -> None:
        """Tell what an earlier process sent to this group, in monotonic seconds of this clock; before run()."""
        gate = self._gate(chat, group=True)
        for moment in sorted(sent_at):
            gate.take(Lane.CAMPAIGN, moment)  # which were replies is not known: the share kept for them stays kept

    async def run(self) -> None:
        """Hand out slots until cancelled; whoever waits then is cancelled too."""
        self._stopped = False
        try:
            async with asyncio.TaskGroup() as nursery:
                while True:
                    await self._pause(nursery, self._hand_out())
        finally:
            self._stopped = True
            for gate in self._gates.values():
                for _lane, _turn, given in gate.waiters:
                    given.cancel()

    async def _pause(self, nursery: asyncio.TaskGroup, seconds: float | None) -> None:
        """Sleep until something may be due: the only place where the pacer does."""
        if seconds is not None and not self._idle and seconds <= SHORT_SECONDS:
            await self._clock.sleep(max(seconds, TICK_SECONDS))  # no arrival can make the next slot come sooner
            return
        self._sleeper = nursery.create_task(self._rest(seconds))
        try:
            await asyncio.wait([self._sleeper])
        finally:
            self._sleeper = None

    async def _rest(self, seconds: float | None) -> None:
        if seconds is None:
            await asyncio.get_running_loop().create_future()
        else:
            await self._clock.sleep(max(seconds, TICK_SECONDS))

    def _hand_out(self) -> float | None:
        """Give every slot that is due; seconds until the next one may be, None when nobody waits."""
        now = self._clock.monotonic()
        self._open_gates(now)
        while (choice := self._choose(now)) is not None:
            if (due := self._due(now)) > now:
                return due - now
            self._give(*choice, now)
        self._idle = True
        return self._timers[0][0] - now if self._timers else None

    def _open_gates(self, now: float) -> None:
        while self._timers and self._timers[0][0] <= now:
            opened_at, _turn, gate = heapq.heappop(self._timers)
            if opened_at == gate.timer_at:
                gate.timer_at = FOREVER
                self._place(gate, now, opened_at)

    def _choose(self, now: float) -> tuple[Lane, Gate] | None:
        """The best lane with an open gate, its longest waiter; replies leave bulk one slot in ten."""
        reply = self._first(Lane.REPLY, now)
        if reply is None:
            self._replies_in_a_row = 0
        elif self._replies_in_a_row < REPLIES_PER_BULK:
            return Lane.REPLY, reply
        for lane in Lane:
            if lane is not Lane.REPLY and (gate := self._first(lane, now)) is not None:
                return lane, gate
        return None if reply is None else (Lane.REPLY, reply)

    def _first(self, lane: Lane, now: float) -> Gate | None:
        """The open gate whose head waits longest in this lane; entries that no longer hold are dropped here."""
        ready = self._ready[lane]
        while ready:
            turn, gate = ready[0]
            head = gate.head()
            if head is not None and head[0] is lane and gate.opens_at(lane) <= now:
                if head[1] == turn:
                    return gate
                heapq.heapreplace(ready, (head[1], gate))
                continue
            heapq.heappop(ready)
            gate.listed.discard(lane)
            self._place(gate, now, now)
        return None

    def _give(self, lane: Lane, gate: Gate, now: float) -> None:
        heapq.heappop(self._ready[lane])
        gate.listed.discard(lane)
        _lane, _turn, given = heapq.heappop(gate.waiters)
        self._waiting[lane] -= 1
        self._replies_in_a_row = self._replies_in_a_row + 1 if lane is Lane.REPLY else 0
        given.set_result((self._count(lane, gate, now), now))
        self._place(gate, now, now)

    def _count(self, lane: Lane, gate: Gate, now: float) -> int:
        self._next_at = max(self._next_at, now - self._limits.catch_up_seconds) + 1 / self.rate
        gate.take(lane, now)
        return self._window.leave(now)

    def _takes_at_once(self, gate: Gate, lane: Lane) -> int | None:
        """A slot that is due while nobody waits needs no queue: no future, no sleep broken off."""
        now = self._clock.monotonic()
        if self._sleeper is None or not self._idle or self._timers or any(self._waiting.values()):
            return None
        if gate.opens_at(lane) > now or self._due(now) > now:
            return None
        self._next_at = max(self._next_at, now - self._limits.idle_seconds)  # an idle second earns no burst
        return self._count(lane, gate, now)

    def _due(self, now: float) -> float:
        """When the next slot may be handed out."""
        return max(self._next_at, self._held_until, self._window.opens_at(now))

    def _take_back(self, gate: Gate, lane: Lane, given: Given) -> None:
        """Undo a slot whose caller was cancelled between getting it and waking."""
        number, given_at = given
        self._next_at -= 1 / self.rate
        gate.take_back(lane, given_at)
        self._window.forget(number)

    def _changed(self, gate: Gate) -> None:
        now = self._clock.monotonic()
        self._place(gate, now, now)
        self._awaken()

    def _awaken(self) -> None:
        if self._sleeper is not None:
            self._sleeper.cancel()
            self._sleeper = None

    def _place(self, gate: Gate, now: float, since: float) -> None:
        """List a gate under the lane of its head, or set its timer; one entry each, however often it is called."""
        head = gate.head()
        if head is None:
            return
        lane, turn, _given = head
        opens_at = gate.opens_at(lane)
        if opens_at > now:
            if opens_at < gate.timer_at:
                gate.timer_at = opens_at
                heapq.heappush(self._timers, (opens_at, turn, gate))
            return
        if self._idle:  # an idle second earns no burst
            self._idle = False
            self._next_at = max(self._next_at, since - self._limits.idle_seconds)
        if lane not in gate.listed:
            gate.listed.add(lane)
            heapq.heappush(self._ready[lane], (turn, gate))

    def _gate(self, chat: Hashable, group: bool) -> Gate:
        gate = self._gates.get(chat)
        if gate is None:
            if len(self._gates) >= self._sweep_at:
                self._sweep()
            gate = self._gates[chat] = Gate(self._limits)
        if group:
            gate.watch_as_group()
        return gate

    def _sweep(self) -> None:
        now = self._clock.monotonic()
        self._gates = {chat: gate for chat, gate in self._gates.items() if not gate.is_forgettable(now)}
        self._sweep_at = max(SWEEP_AT, 2 * len(self._gates))
