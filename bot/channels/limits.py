"""What a messenger allows, and what each chat may still take of it."""

import asyncio
import heapq
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

from bot.terms import Lane

FOREVER = float("inf")

Given = tuple[int, float]  # a slot's number and its moment
Waiter = tuple[Lane, int, asyncio.Future[Given]]  # the turn orders a lane


@dataclass(frozen=True)
class Limits:
    """What a provider allows, and how far below it we stay.

    `rate_per_second` is the provider's figure, never passed in any window of one second; slots are spread evenly at
    `rate_per_second * (1 - margin)`: the margin is what a call may take longer than others before it costs a slot
    (bot/channels/window.py). `travel_seconds` lengthens the windows of a chat, because two requests may travel at
    different speed. `catch_up_seconds` is how late a slot may be and still not be lost: what a stalled loop missed is
    made good inside the window, six messages at 30/s. `idle_seconds` is the same when nobody waited for the slot:
    whoever sends in small batches needs the time between two.
    """

    rate_per_second: float
    margin: float = 0.01
    chat_gap_seconds: float = 1.0
    chat_burst: int = 3
    group_limit: int = 20
    group_window_seconds: float = 60.0
    group_bulk_limit: int = 15
    travel_seconds: float = 0.05
    catch_up_seconds: float = 0.2
    idle_seconds: float = 0.01

    def __post_init__(self) -> None:
        """Refuse figures with which nobody would ever be served."""
        if not (self.rate_per_second > 0 and 0 <= self.margin < 1):
            raise ValueError("rate_per_second must be above 0 and margin between 0 and 1")
        if min(self.chat_burst, self.group_limit, self.group_bulk_limit) < 1:
            raise ValueError("chat_burst, group_limit and group_bulk_limit must be at least 1")
        allowances = (self.travel_seconds, self.catch_up_seconds, self.idle_seconds)
        if min(self.chat_gap_seconds, self.group_window_seconds, *allowances) < 0:
            raise ValueError("a gap, window or allowance in seconds must not be negative")

    @classmethod
    def telegram(cls, **changes: Any) -> Self:
        """About 30 messages a second to all, 1 a second to a chat, 20 a minute to a group (Bots FAQ)."""
        return replace(cls(rate_per_second=30.0), **changes)

    @classmethod
    def whatsapp(cls, **changes: Any) -> Self:
        """80 a second for a Twilio sender, of which we use 76; one message in 6 seconds to the same person."""
        return replace(cls(rate_per_second=80.0, margin=0.05, chat_gap_seconds=6.0, chat_burst=20), **changes)

    @cached_property
    def pace(self) -> float:
        """Slots a second when nobody has complained."""
        return self.rate_per_second * (1 - self.margin)

    @cached_property
    def window(self) -> float:
        """Seconds in which the provider counts `rate_per_second` messages, or one; a thousandth for its clock."""
        return max(1.0, 1 / self.rate_per_second) * 1.001

    @cached_property
    def gap(self) -> float:
        """Seconds between two messages to one chat as we keep them."""
        return self.chat_gap_seconds and self.chat_gap_seconds + self.travel_seconds

    @cached_property
    def burst_seconds(self) -> float:
        """How far ahead of its gap a chat's replies may run."""
        return (self.chat_burst - 1) * self.gap + 1e-9  # floats must not cost a reply its turn

    @cached_property
    def group_window(self) -> float:
        """Seconds for which a message counts against its group."""
        return self.group_window_seconds + self.travel_seconds


TALKING = (Lane.REPLY, Lane.URGENT, Lane.ANSWER)
"""In a private chat these belong to its talk and may run ahead of the gap: the number of a tip must not wait until the
steps of its dialog are paid off (13 steps on WhatsApp are 78 seconds). A campaign's message and an edit wait."""


class Gate:
    """What one chat may still take, and who waits for it; to a group's limit everything but replies is bulk."""

    __slots__ = ("_gone", "_limits", "closed_until", "full_at", "listed", "sent", "sent_bulk", "timer_at", "waiters")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._gone = 0
        self.waiters: list[Waiter] = []
        self.full_at = -FOREVER  # GCRA's theoretical arrival time: when a chat without debt would send next
        self.closed_until = -FOREVER
        self.sent: deque[float] | None = None  # of groups: exactly the last messages that may count
        self.sent_bulk: deque[float] | None = None
        self.listed: set[Lane] = set()
        self.timer_at = FOREVER

    def watch_as_group(self) -> None:
        """Keep from now on the exact log that a group's limit asks for."""
        if self.sent is None:
            self.sent = deque(maxlen=self._limits.group_limit)
            self.sent_bulk = deque(maxlen=self._limits.group_bulk_limit)

    def head(self) -> Waiter | None:
        """The one whose turn it is in this chat."""
        while self.waiters:
            if not self.waiters[0][2].cancelled():
                return self.waiters[0]
            heapq.heappop(self.waiters)
            self._gone -= 1
        return None

    def forget_one(self) -> None:
        """Count a waiter who left, and drop the leavers once they are the most."""
        self._gone += 1
        if self._gone * 2 > len(self.waiters):
            self.waiters = [waiter for waiter in self.waiters if not waiter[2].cancelled()]
            heapq.heapify(self.waiters)
            self._gone = 0

    def opens_at(self, lane: Lane) -> float:
        """The moment from which this lane may send; what is open for bulk is open for replies."""
        is_reply = lane is Lane.REPLY
        runs_ahead = is_reply or (self.sent is None and lane in TALKING)
        opens_at = max(self.full_at - (self._limits.burst_seconds if runs_ahead else 0.0), self.closed_until)
        if self.sent is None:
            return opens_at
        for log in (self.sent, None if is_reply else self.sent_bulk):
            if log is not None and len(log) == log.maxlen:
                opens_at = max(opens_at, log[0] + self._limits.group_window)
        return opens_at

    def is_near_limit(self, now: float) -> bool:
        """Three quarters of a group's minute used, or more than one message ahead of the chat's gap."""
        if self.sent is not None:
            since = now - self._limits.group_window
            return sum(moment > since for moment in self.sent) >= self._limits.group_limit * 3 // 4
        return self.full_at - now > self._limits.gap

    def is_forgettable(self, now: float) -> bool:
        """Whether nobody waits here and a fresh gate would serve alike."""
        if self.waiters or max(self.full_at, self.closed_until) > now:
            return False
        return not self.sent or self.sent[-1] + self._limits.group_window <= now

    def take(self, lane: Lane, moment: float) -> None:
        """Count one message."""
        self.full_at = max(self.full_at, moment) + self._limits.gap
        for log in self._logs(lane):
            log.append(moment)

    def take_back(self, lane: Lane, moment: float) -> None:
        """Count one message less."""
        self.full_at -= self._limits.gap
        for log in self._logs(lane):
            if moment in log:
                log.remove(moment)

    def _logs(self, lane: Lane) -> Iterable[deque[float]]:
        if self.sent is not None:
            yield self.sent
        if self.sent_bulk is not None and lane is not Lane.REPLY:
            yield self.sent_bulk
