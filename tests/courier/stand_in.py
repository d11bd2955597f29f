"""A channel that says what it is told to say, and notes what it was given."""

import asyncio
from collections import defaultdict
from types import SimpleNamespace
from typing import Any

from bot.channels.base import Menu, Outcome, Place, Receipt
from bot.services.deliveries import Delivery
from bot.speech import Reply
from bot.terms import Lane, Messenger


class OpenPacer:
    """Lets everybody through, and remembers for how long it was told to hold."""

    rate = 1000.0

    def __init__(self) -> None:
        self.holds: list[float] = []

    def waiting(self, _lane: Lane | None = None) -> int:
        return 0

    def hold(self, seconds: float, _chat: object = None) -> None:
        self.holds.append(seconds)


class StandIn:
    """`answers[address]` are handed out in order, then receipts."""

    def __init__(self, messenger: Messenger = Messenger.TELEGRAM) -> None:
        self.messenger, self.bot, self.username = messenger, SimpleNamespace(id=4), "korshi"
        self.pacer: Any = OpenPacer()
        self.answers: dict[str, list[Outcome | Exception]] = defaultdict(list)
        self.sent: list[tuple[str, str, str | None]] = []
        self.acknowledged: list[tuple[str, str]] = []
        self.firsts: list[int] = []
        self.at_once = self.most_at_once = 0
        self.hold: asyncio.Event | None = None
        self.found: str | None = None
        self.closed: dict[str, float] = {}

    async def _answer(self, address: str, reply: Reply, edits: str | None) -> Outcome:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(0.001)
            if self.hold is not None:
                await self.hold.wait()
            self.sent.append((address, reply.rendered()[0], edits))
            answer = self.answers[address].pop(0) if self.answers[address] else Receipt(str(len(self.sent)))
            if isinstance(answer, Exception):
                raise answer
            return answer
        finally:
            self.at_once -= 1

    async def deliver(self, place: Place, reply: Reply) -> Outcome:
        return await self._answer(place.address, reply, place.message if reply.replaces else None)

    async def send(self, delivery: Delivery, reply: Reply, first_number: int = 1) -> Outcome:
        self.firsts.append(first_number)
        return await self._answer(delivery.address, reply, delivery.message)

    async def acknowledge(self, place: Place, alert: str = "") -> None:
        self.acknowledged.append((place.callback_id, alert))

    async def find(self, _delivery: Delivery, _reply: Reply) -> str | None:
        return self.found

    def menu_of(self, reply: Reply) -> Menu:
        return Menu([(choice.label, choice.value) for row in reply.choices for choice in row], open=reply.open)

    def ready_in(self, address: str, _lane: Lane, *, is_group: bool) -> float:
        return self.closed.get(address, 0.0)
