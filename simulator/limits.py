"""What the messengers allow, as exact sliding windows.

Telegram: 30 messages in any second over all chats; in a private chat 3 in any second and 8 in any 5 seconds
(one a second with a burst of three); in a group 20 in any 60 seconds. Twilio: 80 in any second for a sender,
45 in any 6 seconds for a pair. Sends and edits count. An album counts each of its files, but as one in a private chat.
A refused message takes no place in a window. With `enforce` off everything passes and excesses are only counted.
"""

import math
from collections import deque
from dataclasses import dataclass, fields

from simulator.stats import Stats
from simulator.things import Json


@dataclass
class Rates:
    """The configurable figures; 0 switches one window off."""

    enforce: bool = True
    telegram_per_second: int = 30
    private_per_second: int = 3
    private_per_5_seconds: int = 8
    group_per_minute: int = 20
    twilio_per_second: int = 80
    pair_per_6_seconds: int = 45
    callback_seconds: float = 30.0
    latency_seconds: float = 0.0


class Window:
    """At most `limit` in any `span` seconds."""

    __slots__ = ("span", "taken")

    def __init__(self, span: float) -> None:
        self.span = span
        self.taken: deque[float] = deque()

    def wait(self, now: float, limit: int, cost: int = 1) -> float:
        """Seconds until `cost` more fit; 0 when they fit now."""
        taken = self.taken
        edge = now - self.span
        while taken and taken[0] <= edge:
            taken.popleft()
        if not limit or len(taken) + cost <= limit or not taken:
            return 0.0
        last_to_leave = min(len(taken), max(1, len(taken) + cost - limit)) - 1
        return max(taken[last_to_leave] + self.span - now, 0.001)

    def take(self, now: float, cost: int = 1) -> None:
        if cost == 1:
            self.taken.append(now)
        else:
            self.taken.extend([now] * cost)


class Limits:
    """Admits a message, or says after how many whole seconds to come again."""

    MOST_WINDOWS = 20_000

    def __init__(self, stats: Stats, enforce: bool = True) -> None:
        self.rates = Rates(enforce=enforce)
        self.stats = stats
        self._windows: dict[tuple[str, str], Window] = {}

    def change(self, wanted: Json) -> Json:
        """Set the given figures (or back to the defaults with {"reset": true}) and start the windows anew."""
        if wanted.pop("reset", False):
            self.rates = Rates()
        known = {f.name for f in fields(Rates)}
        for name, value in wanted.items():
            if name not in known:
                raise KeyError(name)
            setattr(self.rates, name, type(getattr(self.rates, name))(value))
        self._windows.clear()
        return dict(vars(self.rates))

    def telegram(self, account: str, chat: str, is_group: bool, cost: int, now: float) -> int:
        rates = self.rates
        asked = [(self._window("bot", account, 1.0), rates.telegram_per_second, cost)]
        if is_group:
            asked.append((self._window("group", account + chat, 60.0), rates.group_per_minute, cost))
        else:
            asked.append((self._window("chat1", account + chat, 1.0), rates.private_per_second, 1))
            asked.append((self._window("chat5", account + chat, 5.0), rates.private_per_5_seconds, 1))
        return self._admit(asked, now, "telegram", cost)

    def twilio(self, sender: str, now: float) -> int:
        return self._admit([(self._window("sender", sender, 1.0), self.rates.twilio_per_second, 1)], now, "whatsapp", 1)

    def pair(self, sender: str, recipient: str, now: float) -> int:
        window = self._window("pair", sender + recipient, 6.0)
        return self._admit([(window, self.rates.pair_per_6_seconds, 1)], now, None, 1)

    def _admit(self, asked: list[tuple[Window, int, int]], now: float, channel: str | None, cost: int) -> int:
        wait = max(window.wait(now, limit, cost) for window, limit, cost in asked)
        if wait > 0:
            self.stats.violations += 1
            if self.rates.enforce:
                return math.ceil(wait)
        for window, _, places in asked:
            window.take(now, places)
        if channel is not None:
            self.stats.admitted(channel, now, cost)
        return 0

    def _window(self, kind: str, key: str, span: float) -> Window:
        window = self._windows.get((kind, key))
        if window is None:
            if len(self._windows) > self.MOST_WINDOWS:
                self._windows = {k: w for k, w in self._windows.items() if k[0] in ("bot", "sender", "group")}
            window = self._windows[kind, key] = Window(span)
        return window
