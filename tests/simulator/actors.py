"""Who plays in these tests: a clock moved by hand, the bot's web server, the control API."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from twilio.request_validator import RequestValidator

from simulator.app import Running
from simulator.settings import DEFAULT_AUTH_TOKEN

TOKEN = "7000000123:" + "B" * 35
ACCOUNT = "AC" + "7" * 32
SENDER = "whatsapp:+77010000000"


class Hands:
    """Moves time by hand."""

    def __init__(self) -> None:
        self.at = 1_795_000_000.0

    def __call__(self) -> float:
        return self.at

    def pass_seconds(self, seconds: float) -> None:
        self.at += seconds


@dataclass
class Heard:
    path: str
    query: str
    headers: Any
    body: bytes
    form: dict[str, str]


@dataclass
class Ear:
    """The bot's web server: records what is posted; `statuses` are answered first, then 200."""

    url: str = ""
    heard: list[Heard] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    answer: dict[str, Any] | None = None
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        form = dict(await request.post()) if request.content_type == "application/x-www-form-urlencoded" else {}
        self.heard.append(Heard(request.path, request.rel_url.raw_query_string, request.headers, body, form))
        self.arrived.set()
        if self.statuses:
            return web.Response(status=self.statuses.pop(0))
        return web.json_response(self.answer) if self.answer else web.Response()

    async def wait(self, wanted: Callable[[Heard], bool], count: int = 1) -> list[Heard]:
        async with asyncio.timeout(10):
            while len(found := [one for one in self.heard if wanted(one)]) < count:
                self.arrived.clear()
                await self.arrived.wait()
        return found

    def is_signed(self, heard: Heard, root: str) -> bool:
        url = root + heard.path + (f"?{heard.query}" if heard.query else "")
        signature = heard.headers.get("X-Twilio-Signature", "")
        return bool(RequestValidator(DEFAULT_AUTH_TOKEN).validate(url, heard.form, signature))


class Sim:
    """The control API."""

    def __init__(self, stand: Running, client: aiohttp.ClientSession) -> None:
        self.stand = stand
        self.client = client

    async def post(self, path: str, expected: int = 200, **order: Any) -> Any:
        async with self.client.post("/sim" + path, json=order) as answer:
            assert answer.status == expected, await answer.text()
            return await answer.json()

    async def get(self, path: str) -> Any:
        async with self.client.get("/sim" + path) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def delete(self, path: str) -> None:
        async with self.client.delete("/sim" + path) as answer:
            assert answer.status == 200

    async def resident(self, telegram_id: int = 5001, started: bool = True, **more: Any) -> str:
        given = {"channel": "telegram", "name": "Айгүл Сатова", "telegram_id": telegram_id, "started": started, **more}
        return str((await self.post("/people", **given))["id"])

    async def neighbour(self, phone: str = "+77000000001", **more: Any) -> str:
        given = {"channel": "whatsapp", "name": "Ерлан", "phone": phone, **more}
        return str((await self.post("/people", **given))["id"])

    async def group(self, *members: str, **more: Any) -> int:
        given = {"title": "Абай 12", "members": list(members), "bot": "member", **more}
        return int((await self.post("/groups", **given))["id"])

    async def messages(self, person: str, chat: int | None = None) -> list[dict[str, Any]]:
        path = f"/people/{person}/chat" + (f"?chat={chat}" if chat else "")
        return list((await self.get(path))["messages"])

    async def last(self, person: str, chat: int | None = None) -> dict[str, Any]:
        return (await self.messages(person, chat))[-1]

    async def until(self, person: str, **wanted: Any) -> dict[str, Any]:
        """Wait until the last message is as wanted."""
        async with asyncio.timeout(10):
            while True:
                seq = self.stand.world.seq
                messages = await self.messages(person)
                if messages and wanted.items() <= messages[-1].items():
                    return messages[-1]
                await self.get(f"/wait?after={seq}&timeout=5")
