"""Counts what was asked of the stand-ins, for tests and benchmarks."""

from collections import Counter, deque

from simulator.things import Json

MOST_LOGGED = 2_000
MOST_CHATS = 250_000


class Stats:
    """`violations` counts messages beyond a window, whether they were refused or (limits off) let through."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.calls: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.sent: Counter[str] = Counter(telegram=0, whatsapp=0)
        self.per_chat: Counter[str] = Counter()
        self.refused_429 = 0
        self.violations = 0
        self.webhook_failures = 0
        self.webhook_posts: Counter[str] = Counter()
        self.max_in_any_second: Counter[str] = Counter(telegram=0, whatsapp=0)
        self.unknown_methods: set[str] = set()
        self.unknown_parameters: set[str] = set()
        self.methods: dict[str, set[str]] = {}
        self.twilio_paths: dict[str, set[str]] = {}
        self.log: deque[Json] = deque(maxlen=MOST_LOGGED)
        self._recent: dict[str, deque[float]] = {"telegram": deque(), "whatsapp": deque()}

    def called(self, method: str, chat: object, params: Json, at: float) -> Json:
        """Count and log one call; the returned entry is completed with its outcome."""
        self.calls[method] += 1
        known = self.methods.setdefault(method, set())
        known.update(params)
        entry = {"method": method, "chat_id": chat, "params": params, "time": at, "status": None}
        self.log.append(entry)
        return entry

    def delivered(self, channel: str, chat: str, count: int = 1) -> None:
        """A message reached a chat (an edit does not count here)."""
        self.sent[channel] += count
        if len(self.per_chat) < MOST_CHATS or chat in self.per_chat:
            self.per_chat[chat] += count

    def admitted(self, channel: str, now: float, cost: int) -> None:
        recent = self._recent[channel]
        edge = now - 1.0
        while recent and recent[0] <= edge:
            recent.popleft()
        recent.extend([now] * cost)
        if len(recent) > self.max_in_any_second[channel]:
            self.max_in_any_second[channel] = len(recent)

    def public(self, log: bool) -> Json:
        shown: Json = {
            "calls": dict(self.calls),
            "failed": dict(self.failed),
            "sent": dict(self.sent),
            "per_chat": dict(self.per_chat),
            "refused_429": self.refused_429,
            "violations": self.violations,
            "max_in_any_second": max(self.max_in_any_second.values()),
            "max_in_any_second_by_channel": dict(self.max_in_any_second),
            "webhook_failures": self.webhook_failures,
            "webhook_posts": dict(self.webhook_posts),
            "unknown_methods": sorted(self.unknown_methods),
            "unknown_parameters": sorted(self.unknown_parameters),
        }
        if log:
            shown["log"] = list(self.log)
        return shown
