"""A town to measure in: the stand-ins and Korshi as processes of their own, on the demo department, in one folder."""

import asyncio
import base64
import csv
import json
import os
import re
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from bot.commands import migrate_database
from bot.commands.territory import load
from bot.config import PREFIX, Settings

ROOT = Path(__file__).parent.parent
DEMO = ROOT / "demo"
FIRST_EXTRA = 30_001  # Telegram ids of residents beyond the demo's
FIRST_PHONE = 77_050_000_001  # numbers on WhatsApp
FIRST_GROUP = 1_005_000_000_001
ACCOUNT = "AC" + "7" * 32
SENDER = "+77010000000"
READY_SECONDS = 150.0


@dataclass(frozen=True, slots=True)
class Inhabitant:
    """A recipient of warnings: a resident's phone (t…, w…) or a group's number."""

    id: str
    is_group: bool = False
    is_russian: bool = False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _table(name: str) -> list[dict[str, str]]:
    with (DEMO / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


@dataclass
class Town:
    """`bot` may be killed and started again as often as one likes; what it said is read from the stand-ins."""

    folder: Path
    recipients: int
    changes: dict[str, str] = field(default_factory=dict)
    on_whatsapp: int = 0  # of the people beyond the demo's
    groups: int = 0  # beyond the demo's
    stand_port: int = field(default_factory=free_port)
    bot_port: int = field(default_factory=free_port)
    inhabitants: list[Inhabitant] = field(default_factory=list)
    bot: "subprocess.Popen[bytes] | None" = None
    _stand: "subprocess.Popen[bytes] | None" = None
    _client: aiohttp.ClientSession | None = None

    def __post_init__(self) -> None:
        self.stand_url = f"http://127.0.0.1:{self.stand_port}"
        self.bot_url = f"http://127.0.0.1:{self.bot_port}"
        self.settings: dict[str, str] = {
            "telegram_token": "4000000000:" + "K" * 35,
            "telegram_api_url": self.stand_url,
            "telegram_webhook_secret": "bench-secret",
            "twilio_account_sid": ACCOUNT,
            "twilio_auth_token": "bench-auth-token",
            "twilio_whatsapp_from": SENDER,
            "twilio_api_url": self.stand_url,
            "public_url": self.bot_url,
            "database_url": f"sqlite+aiosqlite:///{self.database}",
            "secret_keys": base64.b64encode(secrets.token_bytes(32)).decode(),
            "pepper": base64.b64encode(secrets.token_bytes(32)).decode(),
            "port": str(self.bot_port),
            "quiet_hours": "",
            "media_dir": str(self.folder / "media"),
            "templates_file": str(DEMO / "templates.toml"),
            **self.changes,
        }

    @property
    def database(self) -> Path:
        return self.folder / "korshi.db"

    @property
    def client(self) -> aiohttp.ClientSession:
        if self._client is None:
            self._client = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        return self._client

    # -- building

    async def build(self) -> None:
        """The demo department with as many more subscribed residents as are needed for `recipients` in all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        department = self.folder / "department"
        shutil.copytree(DEMO, department, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        residents, chats = _table("residents.csv"), _table("chats.csv")
        yards = [chats[index % len(chats)] | _group(index) for index in range(self.groups)]
        chats = [*chats, *yards]
        precincts = sorted({row["precinct"] for row in chats})
        missing = self.recipients - len(chats) - sum(row["subscribed"] == "yes" for row in residents)
        extra = [
            {
                "channel": "whatsapp" if index < self.on_whatsapp else "telegram",
                "address": f"+{FIRST_PHONE + index}" if index < self.on_whatsapp else str(FIRST_EXTRA + index),
                "name": f"Тұрғын {index}",
                "language": "kk" if index % 2 else "ru",
                "precinct": precincts[index % len(precincts)],
                "subscribed": "yes",
            }
            for index in range(max(missing, 0))
        ]
        with (department / "residents.csv").open("a", encoding="utf-8", newline="") as file:
            csv.DictWriter(file, list(residents[0]), delimiter=";", lineterminator="\n").writerows(extra)
        with (department / "chats.csv").open("a", encoding="utf-8", newline="") as file:
            csv.DictWriter(file, list(chats[0]), delimiter=";", lineterminator="\n").writerows(yards)
        self._write_people(department / "phones.json", extra, yards)
        subscribed = [row for row in [*residents, *extra] if row["subscribed"] == "yes"]
        self.inhabitants = [Inhabitant(_phone(row), is_russian=row["language"] == "ru") for row in subscribed]
        self.inhabitants += [Inhabitant(row["telegram_id"], is_group=True) for row in chats]
        settings = Settings(_env_file=None, **self.settings)  # type: ignore[arg-type]
        await migrate_database(settings, "head")
        await load(settings, department, is_dry=False, activate=True, say=lambda _words: None)

    @staticmethod
    def _write_people(path: Path, extra: list[dict[str, str]], yards: list[dict[str, str]]) -> None:
        known = json.loads(path.read_text(encoding="utf-8"))
        known["people"] += [
            {
                "channel": row["channel"],
                "name": row["name"],
                **({"phone": row["address"]} if row["channel"] == "whatsapp" else {"telegram_id": int(row["address"])}),
                "language_code": row["language"],
                "started": True,
            }
            for row in extra
        ]
        known["groups"] += [
            known["groups"][0] | {"id": int(row["telegram_id"]), "title": row["title"], "members": []} for row in yards
        ]
        path.write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")

    # -- processes

    async def open(self) -> None:
        """Start the stand-ins."""
        arguments = ["--port", str(self.stand_port), "--no-limits", "--bot-url", self.bot_url]
        arguments += ["--people", str(self.folder / "department" / "phones.json")]
        arguments += ["--templates", str(DEMO / "templates.json"), "--token", self.settings["telegram_token"]]
        arguments += ["--account-sid", ACCOUNT, "--auth-token", self.settings["twilio_auth_token"]]
        arguments += ["--whatsapp-sender", f"whatsapp:{SENDER}"]
        self._stand = self._start("simulator", *arguments)
        await self._until_answers(f"{self.stand_url}/sim/limits", self._stand)

    def start_bot(self) -> None:
        self.bot = self._start("bot", "serve")

    def kill_bot(self) -> None:
        """`kill -9`: nothing is closed, nothing is said."""
        if self.bot is not None:
            self.bot.send_signal(signal.SIGKILL)
            self.bot.wait()
            self.bot = None

    async def until_ready(self) -> float:
        """Seconds from now until the bot says that it is ready."""
        if self.bot is None:
            raise RuntimeError("the bot was not started")
        return await self._until_answers(f"{self.bot_url}/readyz", self.bot)

    async def close(self) -> None:
        for process in (self.bot, self._stand):
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in (self.bot, self._stand):
            if process is not None:
                try:
                    await asyncio.to_thread(process.wait, 15)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        if self._client is not None:
            await self._client.close()

    def _start(self, module: str, *arguments: str) -> "subprocess.Popen[bytes]":
        environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        environment |= {PREFIX + name.upper(): value for name, value in self.settings.items()}
        environment["PYTHONPATH"] = str(ROOT)
        with (self.folder / f"{module}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def _until_answers(self, url: str, process: "subprocess.Popen[bytes]") -> float:
        began = time.monotonic()
        while time.monotonic() - began < READY_SECONDS:
            if process.poll() is not None:
                raise RuntimeError(f"a process ended with {process.returncode} at its start:\n{self.last_words()}")
            try:
                async with self.client.get(url) as answer:
                    if answer.status == 200:
                        return time.monotonic() - began
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.02)
        raise RuntimeError(f"{url} did not answer in {READY_SECONDS:.0f} s:\n{self.last_words()}")

    def last_words(self, lines: int = 30) -> str:
        """The end of what the bot logged."""
        log = self.folder / "bot.log"
        words = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
        return "\n".join(words[-lines:])

    def errors(self, most: int = 20) -> list[str]:
        """What the bot logged as errors, and how the exceptions in between ended."""
        words = self.last_words(100_000).splitlines()
        return [line[:300] for line in words if "[error" in line or re.match(r"[\w.]+(Error|Exception)\b", line)][:most]

    # -- looking

    async def call(self, path: str, body: Any = None) -> Any:
        """Asks the stand-ins' control API."""
        method = "GET" if body is None else "POST"
        async with self.client.request(method, self.stand_url + path, json=body) as answer:
            told = await answer.json()
            if answer.status >= 400:
                raise LookupError(f"{path}: {told}")
            return told

    async def chat(self, who: Inhabitant) -> list[dict[str, Any]]:
        place = "groups" if who.is_group else "people"
        told = await self.call(f"/sim/{place}/{who.id}/chat?after=0")
        return [message for message in told["messages"] if message["from"] == "bot"]

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Reads the bot's database from outside."""
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()


def _group(index: int) -> dict[str, str]:
    return {"telegram_id": str(-FIRST_GROUP - index), "title": f"Көршілер {index}"}


def _phone(row: dict[str, str]) -> str:
    address = row["address"].replace(" ", "")
    return "w" + address.lstrip("+") if row["channel"] == "whatsapp" else "t" + address
