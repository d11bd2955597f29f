"""People who go on with their dialog whatever happens: who gets no answer begins anew, who has sent only waits."""

import asyncio
import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bench.town import Town

PATIENCE_SECONDS = 8.0  # of a bot that is up
LOOK_SECONDS = 0.5
STAFF = "t2025"  # of the demo department: may warn everybody
SECOND = "t2026"  # of the staff too: nobody approves his own
WORDS = {
    "tile": ("Ауладағы тәртіп", "Порядок во дворе"),
    "category": ("Түнгі шу", "Ночной шум"),
    "done": ("Дайын", "Готово"),
    "skip": ("Өткізіп жіберу", "Пропустить"),
    "hidden": ("Атымды көрсетпей жіберу", "Отправить без имени"),
    "send": ("Жіберу", "Отправить"),
    "accepted": ("Нөмірі:", "Номер:"),
}


class NoAnswer(Exception):
    """The bot was up long enough and said nothing: its answer went down with a crash."""


class Screens:
    """Wakes whoever has something new on his screen."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._news: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.is_up = False  # the killer says so
        self.changes = 0

    def of(self, person: str) -> asyncio.Event:
        return self._news[person]

    async def run(self) -> None:
        timeout = aiohttp.ClientTimeout(total=None)
        async with self._town.client.get(f"{self._town.stand_url}/sim/events", timeout=timeout) as events:
            async for line in events.content:
                if line.startswith(b"data: "):
                    self.changes += 1
                    person = json.loads(line[6:]).get("person")
                    if person:
                        self._news[person].set()


@dataclass
class Phone:
    """One person's messenger."""

    town: Town
    screens: Screens
    id: str
    is_russian: bool
    seq: int = 0
    lost: int = 0

    def word(self, key: str) -> str:
        return WORDS[key][self.is_russian]

    async def act(self, path: str, **body: Any) -> None:
        await self.town.call(f"/sim/people/{self.id}/{path}", body)

    async def _fresh(self) -> list[dict[str, Any]]:
        told = await self.town.call(f"/sim/people/{self.id}/chat?after={self.seq}")
        mine = [message for message in told["messages"] if message["from"] == "bot" and not message["deleted"]]
        return sorted(mine, key=lambda message: -message["seq"])

    async def until(self, what: str, patience: float = PATIENCE_SECONDS) -> tuple[dict[str, Any], str]:
        """The newest message with this in its buttons, keys or words, and what to answer. Raises NoAnswer."""
        waited = 0.0
        while waited < patience:
            news = self.screens.of(self.id)
            news.clear()
            for message in await self._fresh():
                answer = answer_in(message, what)
                if answer is not None:
                    self.seq = message["seq"]
                    return message, answer
            try:
                await asyncio.wait_for(news.wait(), LOOK_SECONDS)
            except TimeoutError:
                waited += LOOK_SECONDS if self.screens.is_up else 0.0
        raise NoAnswer

    async def press(self, data: str) -> None:
        message, button = await self.until(data)
        await self.act("press", button=button, message_id=message["message_id"])


def answer_in(message: dict[str, Any], what: str) -> str | None:
    """The button's data that begins with `what`, or the number or label under which the word is offered."""
    for row in message.get("buttons") or []:
        for button in row:
            data = str(button.get("data", ""))
            if data.startswith(what):
                return data
            if what in str(button.get("text", "")):
                return str(button["text"])
    for row in message.get("reply_keyboard") or []:
        for key in row:
            if what in str(key["text"]):
                return str(key["text"])
    for line in str(message["text"]).splitlines():
        number, dot, words = line.partition(". ")
        if dot and number.isdecimal() and what in words:
            return number
        if f"«{what}»" in line:
            return what
    return what if what in message["text"] else None


@dataclass
class Teller(Phone):
    """Sends one tip, known by its words."""

    token: str = ""
    is_sent: bool = False
    is_accepted: bool = False

    @property
    def story(self) -> str:
        return f"Шу, жазба {self.token}" if not self.is_russian else f"Шум, запись {self.token}"

    async def tell(self) -> None:
        """Until the number of the tip has come."""
        while not self.is_accepted:
            try:
                await (self._on_whatsapp() if self.id.startswith("w") else self._on_telegram())
            except NoAnswer:
                self.lost += 1

    async def _on_telegram(self) -> None:
        if not self.is_sent:
            await self.act("say", text="/tip")
            await self.press("rep:tile:yard")
            await self.press("rep:category:noise_night")
            await self.until("rep:done")
            await self.act("say", text=self.story)
            await self.press("rep:done")
            await self.until(self.word("skip"))
            await self.act("say", text=self.word("skip"))
            await self.press("rep:hidden")
            message, button = await self.until("rep:send")
            self.is_sent = True  # Telegram keeps a press until it is taken: from here on the tip may not be lost
            await self.act("press", button=button, message_id=message["message_id"])
        await self.until(self.word("accepted"))
        self.is_accepted = True

    async def _on_whatsapp(self) -> None:
        """Twilio tries a webhook only twice: who hears nothing says it again."""
        if not self.is_sent:
            await self.act("say", text="/tip")
            for key in ("tile", "category"):
                await self._choose(key)
            await self.until(self.word("done"))
            await self.act("say", text=self.story)
            await asyncio.sleep(0.2)  # an unanswered part is no reason to begin anew: the answer may be spared here
            await self.act("say", text=self.word("done"))
            for key in ("skip", "hidden"):
                await self._choose(key)
            await self.until(self.word("send"))
        self.is_sent = True
        await self.act("say", text=self.word("send"))
        await self.until(self.word("accepted"))
        self.is_accepted = True

    async def _choose(self, key: str) -> None:
        _message, answer = await self.until(self.word(key))
        await self.act("say", text=answer)


@dataclass
class Warner(Phone):
    """Publishes one warning to the whole department."""

    is_sent: bool = False

    async def warn(self) -> None:
        while not self.is_sent:
            try:
                await self.act("say", text="/warning")
                await self.press("warn:scheme:")
                await self.press("warn:skip")
                message, button = await self.until("warn:send")
                self.is_sent = True
                await self.act("press", button=button, message_id=message["message_id"])
            except NoAnswer:
                self.lost += 1


@dataclass
class Approver(Phone):
    """Looks at what waits and approves it."""

    async def approve(self) -> None:
        """Until it is said to be approved; a press whose answer went down with a crash is not made twice."""
        is_pressed = False
        while not is_pressed:
            try:
                await self.act("say", text="/approvals")
                await self.press("rev:show")
                await self.press("rev:approve")
                is_pressed = True
                await self.until("Бекітілді")
            except NoAnswer:
                self.lost += 1


@dataclass
class Crowd:
    town: Town
    screens: Screens
    tellers: list[Teller] = field(default_factory=list)
    at_once: int = 24

    def __post_init__(self) -> None:
        self.warner = Warner(self.town, self.screens, STAFF, False)
        self.approver = Approver(self.town, self.screens, SECOND, False)

    def gather(self, tips: int) -> None:
        """Every tenth on WhatsApp, the others on Telegram, each with a text of his own."""
        people = [one for one in self.town.inhabitants if not one.is_group]
        whatsapp = [one for one in people if one.id.startswith("w")][: tips // 10]
        telegram = [one for one in people if one.id.startswith("t")][-(tips - len(whatsapp)) :]
        chosen = sorted([*whatsapp, *telegram], key=lambda one: one.id[::-1])  # mixed, always alike
        self.tellers = [
            Teller(self.town, self.screens, one.id, one.is_russian, token=f"T{index:04d}X")
            for index, one in enumerate(chosen)
        ]

    async def run(self, warning_after: float = 0.1) -> None:
        """All tell their tips; when this share of them has begun, the warning is written."""
        places = asyncio.Semaphore(self.at_once)
        begun = asyncio.Event()
        count = 0

        async def tell(teller: Teller) -> None:
            nonlocal count
            async with places:
                count += 1
                if count >= len(self.tellers) * warning_after:
                    begun.set()
                await teller.tell()

        async def warn() -> None:
            await begun.wait()
            await self.warner.warn()
            await self.approver.approve()

        async with asyncio.TaskGroup() as nursery:
            nursery.create_task(warn())
            for teller in self.tellers:
                nursery.create_task(tell(teller))
