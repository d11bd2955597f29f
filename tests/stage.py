"""The whole of Korshi on a stage: one process with both stand-in messengers, and people who write to it."""

import asyncio
import base64
import re
import shutil
import socket
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import aiohttp

import bot.jobs
from bot.app import App
from bot.clock import SystemClock
from bot.config import Settings
from bot.i18n import _, ngettext, speaking
from bot.jobs import Jobs
from bot.middlewares import Throttle
from bot.terms import Language
from simulator.app import Running, running
from simulator.settings import Settings as StandSettings
from simulator.telegram.envelopes import user
from simulator.things import BOT, CallbackQuery
from simulator.view import chat_view, line_view
from simulator.world import World
from tests.engines import hurried

TOKEN = "4000000000:" + "S" * 35
ACCOUNT = "AC" + "5" * 32
AUTH = "stage-auth-token"
SECRET = "stage-secret"
SENDER = "+77010000000"
KEY = base64.b64encode(b"k" * 32).decode()
PEPPER = base64.b64encode(b"p" * 32).decode()
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


UNDER_WAY = """
select exists (select 1 from inbox where handled_at is null)
    or exists (select 1 from notices where state = 'sending')
    or exists (
        select 1 from notices where state = 'due' and due_at <= :now
        and not exists (select 1 from warnings where warnings.id = warning_id and warnings.state = 'paused'))
    or exists (select 1 from media where state in ('wanted', 'making') and due_at <= :now)
    or exists (select 1 from warnings where state = 'spreading')
    or exists (select 1 from warnings where change > 0 and change_cursor < 9223372036854775807)
"""
LEFT = """
select (select count(*) from inbox where handled_at is null),
    (select count(*) from notices where state in ('due', 'sending')), (select coalesce(max(id), 0) from notices),
    (select count(*) from media where state in ('wanted', 'making'))
"""
LOOKS_BETWEEN = 100
UNTRANSLATED = re.compile(r"\b[a-z]{2,} [a-z]{2,} [a-z]{2,}", re.IGNORECASE)


bot.jobs.LADDER_EVERY = bot.jobs.CLOCKS_EVERY = bot.jobs.AFTERCARE_EVERY = (
    1_000_000  # people of the stage are slow on purpose: a test that wants silence says so
)


class StageClock(SystemClock):
    """Real seconds, movable calendar."""

    def __init__(self) -> None:
        self.shift = timedelta()

    def now(self) -> datetime:
        return super().now() + self.shift

    def timestamp(self) -> float:
        return self.now().timestamp()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Stage:
    app: App
    stand: Running
    client: aiohttp.ClientSession
    clock: StageClock
    probe: sqlite3.Connection
    people: "dict[str, Person]" = field(default_factory=dict)
    is_together: bool = False

    async def call(self, path: str, body: Any = None) -> Any:
        method = "GET" if body is None else "POST"
        async with self.client.request(method, self.stand.url + path, json=body) as answer:
            data = await answer.json()
            assert answer.status < 400, (path, body, data)
            return data

    async def person(self, messenger: str, name: str = "Сана", language: str = "ru", **more: Any) -> "Person":
        data = await self.call(
            "/sim/people", {"channel": messenger, "name": name, "language_code": language, "started": True, **more}
        )
        person = Person(self, data["id"], messenger, language)
        self.people[person.id] = person
        return person

    async def existing(self, pid: str, language: str) -> "Person":
        """One of the demo department's people; what was said before is not heard again."""
        person = Person(self, pid, "telegram" if pid.startswith("t") else "whatsapp", language)
        await person.catch_up()
        return person

    async def fault(self, match: dict[str, Any], fault: dict[str, Any], **more: Any) -> None:
        """The stand-ins spoil the calls that match."""
        await self.call("/sim/faults", {"match": match, "fault": fault, **more})

    async def group(self, title: str, *members: "Person", **more: Any) -> int:
        ids = [member.id for member in members]
        created = await self.call("/sim/groups", {"title": title, "members": ids, **more})
        return int(created["id"])

    async def said_in(self, group: int) -> list[dict[str, Any]]:
        """What the bot has said in a group."""
        data = await self.call(f"/sim/groups/{group}/chat")
        said = [message for message in data["messages"] if message["from"] == "bot"]
        for message in said:
            assert not UNTRANSLATED.search(message["text"]), message["text"]
        return said

    @property
    def throttle(self) -> Throttle:
        assert self.app.worker is not None
        return next(m for m in self.app.worker._dispatcher.update.outer_middleware if isinstance(m, Throttle))

    async def ticks(self) -> None:
        """What the clock would start: due campaigns, progress."""
        jobs = Jobs(self.app.units, self.app.holder, timedelta(minutes=self.app.settings.campaign_grace_minutes))
        await jobs.campaigns()
        await self.settle()
        await jobs.progress()
        await self.settle()

    async def together(self, people: "Iterable[Person]", step: "Callable[[Person], Awaitable[None]]") -> None:
        """All of them do it at the same time; then what each has heard is there."""
        people = list(people)
        self.is_together = True
        try:
            await asyncio.gather(*(step(person) for person in people))
        finally:
            self.is_together = False
        await self.settle(120.0)
        for person in people:
            await person.catch_up()

    async def settle(self, patience: float = 30.0) -> None:
        """Until nothing is on its way: inbox, replies, due notices, fan-outs, files, the stand-ins' calls to us.

        `patience` is for a standstill: on a busy machine much takes long, and gets on."""
        quiet, looks, left, moved_at = 0, 0, self._left(), monotonic()
        while quiet < 2:
            await asyncio.sleep(0.002)
            quiet, looks = quiet + 1 if await self._is_quiet() else 0, looks + 1
            if looks % LOOKS_BETWEEN == 0 and (now := self._left()) != left:
                left, moved_at = now, monotonic()
            if monotonic() - moved_at > patience:
                raise TimeoutError(f"nothing moves, and there is left: {left}")

    def _left(self) -> tuple[int, ...]:
        """What changes while something gets on: open inbox rows, open notices and the newest, files on their way."""
        row: tuple[int, ...] = self.probe.execute(LEFT).fetchone()
        return row

    async def _is_quiet(self) -> bool:
        app = self.app
        if app.worker is None or app.replies is None or app.worker._lines or app.replies._lines:
            return False
        world = self.stand.world
        if any(account.pending for account in world.accounts.values()) or world.register.inbound:
            return False
        if world.register.delivery is not None and world.register.delivery._tasks:
            return False
        now = int(self.clock.now().timestamp() * 1_000_000)
        return not self.probe.execute(UNDER_WAY, {"now": now}).fetchone()[0]


@dataclass
class Person:
    """A phone. `heard` looks at what was said to it since the last own step."""

    stage: Stage
    id: str
    messenger: str
    language: str
    seq: int = 0
    fresh: list[dict[str, Any]] = field(default_factory=list)
    toasts: list[dict[str, Any]] = field(default_factory=list)
    last_id: Any = None

    @property
    def address(self) -> str:
        return self.id[1:] if self.messenger == "telegram" else f"+{self.id[1:]}"

    def word(self, msgid: str, **facts: Any) -> str:
        """As the catalog has it in this person's language; words that are not in it are themselves."""
        with speaking(Language(self.language)):
            words = _(msgid, **facts)
        assert words != msgid or not UNTRANSLATED.search(msgid), f"not in the catalog: {msgid}"
        return words

    def plural(self, one: str, many: str, n: int) -> str:
        with speaking(Language(self.language)):
            return ngettext(one, many, n)

    def fact(self, name: str, words: str) -> str:
        """What stands for this placeholder in a sentence that was heard."""
        self.heard(words)
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>(?s:.*?))", re.escape(self.word(words)))
        found = next(found for text in self.said if (found := re.search(pattern, text)))
        return found[name]

    async def catch_up(self) -> None:
        world = self.stage.stand.world
        data = chat_view(world, world.chat(self.id), self.seq, self.id)
        self.seq = data["seq"]
        self.fresh = [message for message in data["messages"] if message["from"] == "bot" and not message["deleted"]]
        self.toasts = data.get("toasts", [])
        for message in self.fresh:
            assert not UNTRANSLATED.search(re.sub(r"https?://\S+", "", message["text"])), message["text"]

    async def _step(self, path: str, body: dict[str, Any]) -> None:
        answer = await self.stage.call(f"/sim/people/{self.id}/{path}", body)
        if isinstance(answer, dict) and "message_id" in answer:
            self.last_id = answer["message_id"]
        if self.stage.is_together:
            return
        await self.stage.settle()
        await self.catch_up()

    async def starts(self, payload: str = "") -> None:
        await self._step("start", {"payload": payload} if payload else {})

    async def says(self, text: str, **more: Any) -> None:
        await self._step("say", {"text": text, **more})

    async def edits(self, text: str, message_id: Any = None) -> None:
        await self._step("edit", {"message_id": message_id or self.last_id, "text": text})

    async def sends(self, kind: str, **more: Any) -> None:
        if kind in ("photo", "document", "video", "voice", "sticker") and "content" not in more:
            more["content"] = base64.b64encode(PNG).decode()
        await self._step("send", {"kind": kind, **more})

    async def sends_album(self, count: int, caption: str = "") -> None:
        """Ten photos at once: on WhatsApp ten messages, on Telegram one group with one caption."""
        photo = {"kind": "photo", "content": base64.b64encode(PNG).decode(), "media_group_id": f"g{self.id}{self.seq}"}
        first = {**photo, "caption": caption} if caption else photo
        await self.sends_at_once(*(("send", first if n == 0 else photo) for n in range(count)))

    async def forges(self, data: str, group: int | None = None) -> None:
        """A callback that no button of this person carries, as a changed client can send it."""
        world = self.stage.stand.world
        who = world.people[self.id]
        key = self.id if group is None else str(group)
        line = next(line for line in reversed(world.chat(key).lines.values()) if line.sender == BOT)
        number = str(world.count("callback", 4_000_000_000_000_000_000))
        world.keep_query(CallbackQuery(number, self.id, line.chat, int(line.id), world.monotonic()))
        body = {"id": number, "from": user(who), "message": line.raw, "chat_instance": "1", "data": data}
        world.main.enqueue("callback_query", body, self.address if group is None else key)
        await self.stage.settle()
        await self.catch_up()
        if group is not None:
            await self._catch_toast(group)

    async def in_group(self, group: int, path: str, body: dict[str, Any]) -> None:
        """An act in a group; what is heard is the word to this person alone."""
        await self._step(path, {**body, "chat": group})
        await self._catch_toast(group)

    async def _catch_toast(self, group: int) -> None:
        data = await self.stage.call(f"/sim/people/{self.id}/chat?after=0&chat={group}")
        self.toasts = data["toasts"][-1:]

    async def blocks(self, *, blocked: bool = True) -> None:
        await self._step("block", {"blocked": blocked})

    async def sends_at_once(self, *steps: tuple[str, dict[str, Any]]) -> None:
        await asyncio.gather(*(self.stage.call(f"/sim/people/{self.id}/{path}", body) for path, body in steps))
        await self.stage.settle()
        await self.catch_up()

    async def picks(self, label: str) -> None:
        """Presses the button, or writes its number, or its word where numbers are not choices.

        A card has six buttons and «More»: an officer looks there for the one he does not see."""
        label = self.word(label)
        if self.messenger == "telegram":
            try:
                message, text, is_key = await self._with_button(label)
            except AssertionError:
                if label == self.word("More") or not await self._has_more():
                    raise
                await self.picks("More")
                message, text, is_key = await self._with_button(label)
            if is_key:  # a key of the reply keyboard says its words
                await self._step("say", {"text": text})
            else:
                await self._step("press", {"button": text, "message_id": message})
        else:
            await self._step("say", {"text": await self._number(label)})

    async def presses(self, message_id: Any, label: str) -> None:
        await self._step("press", {"button": self.word(label), "message_id": message_id})

    async def _messages(self) -> list[dict[str, Any]]:
        world = self.stage.stand.world
        lines = [line for line in world.chat(self.id).lines.values() if line.sender == BOT and not line.deleted]
        return [line_view(world, line) for line in lines[-40:]]

    async def _has_more(self) -> bool:
        last = (await self._messages())[-1:]
        return any(self.word("More") == button["text"] for row in last[0].get("buttons") or [] for button in row)

    async def _with_button(self, label: str) -> tuple[Any, str, bool]:
        for message in reversed(await self._messages()):
            for kind in ("buttons", "reply_keyboard"):
                for button in (button for row in message.get(kind) or [] for button in row):
                    if label in button["text"]:
                        return message["message_id"], button["text"], kind == "reply_keyboard"
        raise AssertionError(f"no button «{label}» for {self.id}; last: {(await self._messages())[-1:]}")

    async def _number(self, label: str) -> str:
        for message in reversed(await self._messages()):
            lines: list[str] = message["text"].splitlines()
            for line in lines:
                number, dot, words = line.partition(". ")
                if dot and number.isdecimal() and label in words:
                    return number
                if f"«{label}»" in line:
                    return label
        raise AssertionError(f"no choice «{label}» for {self.id}; last: {(await self._messages())[-1:]}")

    def heard(self, words: str, **facts: Any) -> bool:
        """A catalog's sentence or words of the data; a placeholder without a fact stands for anything."""
        assert self._finds(words, facts), f"{self.id} did not hear «{self.word(words)}» but {self.said}"
        return True

    def did_not_hear(self, words: str, **facts: Any) -> bool:
        assert not self._finds(words, facts), f"{self.id} heard «{self.word(words)}»: {self.said}"
        return True

    def times_heard(self, words: str, **facts: Any) -> int:
        return len(self._finds(words, facts))

    @property
    def said(self) -> list[str]:
        return [message["text"] for message in self.fresh] + [toast["text"] for toast in self.toasts]

    def _finds(self, words: str, facts: dict[str, Any]) -> list[str]:
        pattern = re.escape(self.word(words))
        for name, fact in facts.items():
            pattern = pattern.replace(rf"\{{{name}\}}", re.escape(str(fact)))
        pattern = re.sub(r"\\\{\w+\\\}", "(?s:.*?)", pattern)
        return [text for text in self.said if re.search(pattern, text)]

    def heard_nothing(self) -> bool:
        assert not self.fresh, [message["text"] for message in self.fresh]
        return True

    async def hears(self, words: str, **facts: Any) -> bool:
        await self.catch_up()
        return self.heard(words, **facts)

    async def hears_nothing(self) -> bool:
        await self.catch_up()
        return self.heard_nothing()

    @property
    def last(self) -> dict[str, Any]:
        return self.fresh[-1]


def settings_for(folder: Path, stand_url: str, port: int, **changes: Any) -> Settings:
    base: dict[str, Any] = {
        "telegram_token": TOKEN,
        "telegram_api_url": stand_url,
        "telegram_webhook_secret": SECRET,
        "twilio_account_sid": ACCOUNT,
        "twilio_auth_token": AUTH,
        "twilio_whatsapp_from": SENDER,
        "twilio_api_url": stand_url,
        "public_url": f"http://127.0.0.1:{port}",
        "database_url": f"sqlite+aiosqlite:///{folder}/korshi.db",
        "secret_keys": KEY,
        "pepper": PEPPER,
        "port": port,
        "quiet_hours": "",
        "own_chats_need_approval": False,  # a test about approval says so
        "media_dir": folder / "media",
        "templates_file": Path("demo/templates.toml"),
        "telegram_rate": 1000.0,
        "whatsapp_rate": 1000.0,
        "telegram_chat_gap_seconds": 0.0,
        "whatsapp_chat_gap_seconds": 0.0,
        "telegram_group_limit": 10_000,  # all tests share the demo's groups
        "telegram_group_bulk_limit": 10_000,
    }
    return Settings(_env_file=None, **(base | changes))


@asynccontextmanager
async def staged(
    folder: Path, demo_database: Path, clock: StageClock | None = None, **changes: Any
) -> AsyncIterator[Stage]:
    """Korshi and the stand-ins, running. `demo_database` has the demo department; the first time it is copied."""
    if not (folder / "korshi.db").exists():
        shutil.copy(demo_database, folder / "korshi.db")
    port, clock = free_port(), clock or StageClock()
    stand_settings = StandSettings(
        port=0,
        bot_url=f"http://127.0.0.1:{port}",
        account_sid=ACCOUNT,
        auth_token=AUTH,
        whatsapp_sender=f"whatsapp:{SENDER}",
        people=Path("demo/phones.json"),
        templates=Path("demo/templates.json"),
        enforce_limits=False,
        sent_after_seconds=0.0,
        delivered_after_seconds=0.0,
        read_after_seconds=0.0,
        webhook_retry_seconds=0.05,
    )
    async with running(world=World(stand_settings, now=clock.timestamp)) as stand, aiohttp.ClientSession() as client:
        app = App(settings_for(folder, stand.url, port, **changes), clock)
        hurried(app.database)
        work = asyncio.create_task(app.run())
        ready = asyncio.create_task(app.ready.wait())
        await asyncio.wait([work, ready], return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            ready.cancel()
            work.result()
        probe = sqlite3.connect(f"file:{folder}/korshi.db?mode=ro", uri=True)
        stage = Stage(app, stand, client, clock, probe)
        while not app.worker or not app.worker._is_ready:
            await asyncio.sleep(0.01)
        stage.throttle._limit = 100_000  # officers of the stage work faster than people
        try:
            yield stage
        finally:
            probe.close()
            app.stop()
            await work
