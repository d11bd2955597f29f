"""The Bot API over HTTP: /bot{token}/{method} and /file/bot{token}/{path}."""

import asyncio
import json
import re
from pathlib import PurePath
from typing import Any

from aiohttp import web

from simulator.faults import Fault
from simulator.phones.groups import migrate
from simulator.telegram import editing, files, profile, sending, updates
from simulator.telegram.account import Account
from simulator.telegram.calls import Call, Method, Upload
from simulator.telegram.parameters import shape
from simulator.telegram.refusals import Refused, bad, moved, too_many
from simulator.things import Json
from simulator.world import World

_TOKEN = re.compile(r"\d{1,20}:[A-Za-z0-9_-]{20,}")
METHODS: dict[str, Method] = sending.METHODS | editing.METHODS | files.METHODS | profile.METHODS | updates.METHODS
_BY_LOWER = {name.lower(): name for name in METHODS}
_UNHURRIED = frozenset({"getUpdates"})


class BotApi:
    """Serves calls, spoiled by a fault where one was ordered."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.webhook_answer = self.do

    def add_routes(self, app: web.Application) -> None:
        app.router.add_route("*", "/bot{token:[^/]+}/{method}", self.serve)
        app.router.add_get("/file/bot{token:[^/]+}/{path:.+}", self.download)

    def _account(self, token: str) -> Account:
        if not _TOKEN.fullmatch(token) or (self.world.settings.token and token != self.world.settings.token):
            raise Refused(401, "Unauthorized")
        return self.world.account(token)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        if request.method not in ("GET", "POST"):
            return _failed(Refused(405, "Method Not Allowed"))
        fault: Fault | None = None
        entry: Json = {}
        try:
            account = self._account(request.match_info["token"])
            given, uploads = await _given(request)
            name = self._name(request.match_info["method"])
            chat = _chat_of(given)
            entry = self.world.stats.called(name, chat, given, self.world.now())
            fault = self.world.faults.next(name, chat)
            if fault is not None:
                await self._spoil(fault, chat)
            if self.world.limits.rates.latency_seconds and name not in _UNHURRIED:
                await asyncio.sleep(self.world.limits.rates.latency_seconds)
            result = await self._run(account, name, given, uploads)
        except Refused as refusal:
            return self._refuse(refusal, entry)
        except ConnectionAbortedError:
            entry["status"] = "refused connection"
            _hang_up(request)
            return web.Response()
        entry["status"] = 200
        if fault is not None and fault.kind == "lost_answer":
            entry["status"] = "lost answer"
            _hang_up(request)
        return web.json_response({"ok": True, "result": result})

    def _refuse(self, refusal: Refused, entry: Json) -> web.Response:
        entry["status"] = refusal.code
        entry["description"] = refusal.description
        self.world.stats.failed[str(refusal.code)] += 1
        if refusal.code == 429:
            self.world.stats.refused_429 += 1
        return _failed(refusal)

    def _name(self, method: str) -> str:
        known = shape(method)
        if known is None:
            self.world.stats.unknown_methods.add(method)
            raise Refused(404, "Not Found")
        return known.name

    async def _run(self, account: Account, name: str, given: Json, uploads: dict[str, Upload]) -> Any:
        known = shape(name)
        if known is None:
            raise Refused(404, "Not Found")
        for field in known.files & uploads.keys():
            given[field] = f"attach://{field}"
        params = known.read(given)
        serve = METHODS.get(name)
        if serve is None:
            self.world.stats.unknown_methods.add(name)
            raise Refused(501, f"Not Implemented: the stand-in does not know {name}")
        return await serve(Call(self.world, account, name, params, uploads))

    async def do(self, account: Account, method: str, params: Json) -> None:
        """A call made in the answer to a webhook: its result is told to nobody."""
        entry = self.world.stats.called(method, params.get("chat_id"), params, self.world.now())
        try:
            await self._run(account, self._name(method), params, {})
            entry["status"] = 200
        except Refused as refusal:
            self._refuse(refusal, entry)

    async def _spoil(self, fault: Fault, chat: Any) -> None:
        kind, order = fault.kind, fault.fault
        words = order.get("description")
        if kind == "hang":
            await asyncio.sleep(float(order.get("seconds") or 60))
        elif kind == "refuse":
            raise ConnectionAbortedError
        elif kind == "429":
            raise too_many(int(order.get("retry_after") or 1))
        elif kind == "migrate":
            raise moved(int(order["to"]) if "to" in order else self._migrated(chat))
        elif kind != "lost_answer":
            raise _ordered(kind, words)

    def _migrated(self, chat: Any) -> int:
        """The group really becomes a supergroup, so that what is sent next to the new id arrives."""
        group = self.world.groups.get(chat) if isinstance(chat, int) else None
        if group is None:
            raise bad("chat not found")
        return migrate(self.world, group).id

    async def download(self, request: web.Request) -> web.StreamResponse:
        try:
            self._account(request.match_info["token"])
        except Refused as refusal:
            return _failed(refusal)
        self.world.stats.called("file", None, {}, self.world.now())
        fault = self.world.faults.next("file", None)
        if fault is not None:
            try:
                await self._spoil(fault, None)
            except Refused as refusal:
                return _failed(refusal)
            except ConnectionAbortedError:
                _hang_up(request)
                return web.Response()
        file = self.world.files.get(PurePath(request.match_info["path"]).name.partition(".")[0])
        if file is None or file.size > files.MOST_DOWNLOAD:
            return _failed(Refused(404, "Not Found"))
        return web.Response(body=file.content, content_type="application/octet-stream")


def _ordered(kind: str, words: str | None) -> Refused:
    usual = {
        "400": "Bad Request: chat not found",
        "401": "Unauthorized",
        "403": "Forbidden: bot was blocked by the user",
        "409": "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
        "500": "Internal Server Error",
        "502": "Bad Gateway",
    }
    if kind not in usual:
        raise bad(f"fault {kind} is not for Telegram")
    return Refused(int(kind), words or usual[kind])


def _failed(refusal: Refused) -> web.Response:
    body: Json = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    if refusal.parameters:
        body["parameters"] = refusal.parameters
    headers = {}
    if refusal.parameters and "retry_after" in refusal.parameters:
        headers["Retry-After"] = str(refusal.parameters["retry_after"])
    return web.json_response(body, status=refusal.code, headers=headers)


def _hang_up(request: web.Request) -> None:
    """Cut the connection: the caller sees a reset or a closed socket, never an answer."""
    if request.transport is not None:
        request.transport.abort()


def _chat_of(given: Json) -> Any:
    chat = given.get("chat_id")
    return int(chat) if isinstance(chat, str) and chat.lstrip("-").isdigit() else chat


async def _given(request: web.Request) -> tuple[Json, dict[str, Upload]]:
    """Parameters and uploads, whichever of the three encodings (or the query string) they came in."""
    given: Json = dict(request.query)
    uploads: dict[str, Upload] = {}
    if request.method == "GET":
        return given, uploads
    kind = request.content_type
    if kind == "application/json":
        try:
            body = json.loads(await request.read() or b"{}")
        except ValueError:
            raise bad("can't parse JSON object") from None
        if not isinstance(body, dict):
            raise bad("object expected")
        return given | body, uploads
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return given, uploads
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            uploads[name] = Upload(value.filename, value.file.read(), value.content_type)
        else:
            given[name] = value if isinstance(value, str) else bytes(value).decode()
    return given, uploads
