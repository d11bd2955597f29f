"""Twilio's REST API over HTTP: Messages, Media, Content."""

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from urllib.parse import urlencode

from aiohttp import web
from multidict import MultiDict

from simulator.faults import Fault
from simulator.things import Json
from simulator.twilio.content_api import ContentApi, form_of
from simulator.twilio.delivery import Delivery, is_final
from simulator.twilio.records import API, Message, rfc2822
from simulator.twilio.refusals import TwilioRefused, not_found, too_many, unauthenticated
from simulator.twilio.sending import KNOWN, create
from simulator.world import World

_Handler: TypeAlias = Callable[[web.Request, str], Awaitable[web.StreamResponse]]
ACCOUNT = f"/{API}/Accounts/{{AccountSid}}"


class TwilioApi:
    """Serves the API, spoiled by a fault where one was ordered."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.register = world.register
        self.delivery = Delivery(world)
        self.templates = ContentApi(world)

    def add_routes(self, app: web.Application) -> None:
        one = ACCOUNT + "/Messages/{Sid}.json"
        media = ACCOUNT + "/Messages/{MessageSid}/Media"
        for method, path, name, handler in (
            ("GET", ACCOUNT + ".json", "account", self.account),
            ("POST", ACCOUNT + "/Messages.json", "messages", self.create),
            ("GET", ACCOUNT + "/Messages.json", "list", self.list),
            ("GET", one, "fetch", self.fetch),
            ("POST", one, "update", self.update),
            ("DELETE", one, "delete", self.delete),
            ("GET", media + ".json", "media_list", self.media_list),
            ("GET", media + "/{Sid}.json", "media_fetch", self.media_fetch),
            ("GET", media + "/{Sid}", "media", self.media),
            ("DELETE", media + "/{Sid}.json", "media_delete", self.media_delete),
            ("DELETE", media + "/{Sid}", "media_delete", self.media_delete),
            ("GET", "/v1/Content", "content", self.templates.contents),
            ("POST", "/v1/Content", "content_create", self.templates.content_create),
            ("GET", "/v1/Content/{Sid}", "content_fetch", self.templates.content_fetch),
            ("DELETE", "/v1/Content/{Sid}", "content_delete", self.templates.content_delete),
            ("GET", "/v1/Content/{Sid}/ApprovalRequests", "approval_fetch", self.templates.approval_fetch),
            ("POST", "/v1/Content/{Sid}/ApprovalRequests/whatsapp", "approval_create", self.templates.approval_create),
            ("GET", "/v1/ContentAndApprovals", "content_approvals", self.templates.contents),
            ("GET", "/v2/Content", "content", self.templates.contents),
            ("GET", "/v2/ContentAndApprovals", "content_approvals", self.templates.contents),
        ):
            app.router.add_route(method, path, self._served("twilio." + name, f"{method} {path}", handler))
        app.router.add_get("/cdn/{file}", self.cdn)
        app.router.add_route("*", f"/{API}/{{rest:.*}}", self.nothing)

    def _served(
        self, name: str, path: str, handler: _Handler
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Authenticate, count, spoil if ordered, answer errors in Twilio's shape."""

        async def serve(request: web.Request) -> web.StreamResponse:
            entry: Json = {}
            fault: Fault | None = None
            try:
                account = self._authenticated(request)
                given = await form_of(request)
                chat = given.get("To")
                entry = self.world.stats.called(name, chat, given, self.world.now())
                self.world.stats.twilio_paths.setdefault(path, set()).update(given)
                fault = self.world.faults.next(name, chat)
                if fault is not None:
                    await self._spoil(fault)
                if self.world.limits.rates.latency_seconds:
                    await asyncio.sleep(self.world.limits.rates.latency_seconds)
                answer = await handler(request, account)
            except TwilioRefused as refusal:
                entry |= {"status": refusal.status, "description": f"{refusal.code} {refusal.message}"}
                self.world.stats.failed[str(refusal.code)] += 1
                self.world.stats.refused_429 += refusal.status == 429
                return web.json_response(refusal.body(), status=refusal.status)
            except ConnectionAbortedError:
                entry["status"] = "refused connection"
                return _hang_up(request, web.Response())
            entry["status"] = answer.status
            if fault is not None and fault.kind == "lost_answer":
                entry["status"] = "lost answer"
                return _hang_up(request, answer)
            return answer

        return serve

    def _authenticated(self, request: web.Request) -> str:
        settings = self.world.settings
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "basic":
            raise unauthenticated()
        try:
            user, _, password = base64.b64decode(given, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise unauthenticated() from None
        if not user.startswith("AC") or not password:
            raise unauthenticated()
        if settings.account_sid and user != settings.account_sid:
            raise unauthenticated()
        if settings.auth_token and password != settings.auth_token:
            raise unauthenticated()
        if request.match_info.get("AccountSid", user) != user:
            raise unauthenticated()
        self.register.last_account = user
        return user

    async def _spoil(self, fault: Fault) -> None:
        kind, order = fault.kind, fault.fault
        if kind == "hang":
            await asyncio.sleep(float(order.get("seconds") or 60))
        elif kind == "refuse":
            raise ConnectionAbortedError
        elif kind == "429":
            raise too_many()
        elif kind == "401":
            raise unauthenticated()
        elif kind != "lost_answer":
            status = int(order.get("status") or order.get("http_status") or (kind if kind.isdigit() else 400))
            code = int(order.get("code") or {400: 21211, 403: 20403, 500: 20500}.get(status, 20500))
            raise TwilioRefused(status, code, str(order.get("description") or "Ordered failure"))

    async def nothing(self, request: web.Request) -> web.StreamResponse:
        self.world.stats.unknown_methods.add(f"{request.method} {request.path}")
        return web.json_response(not_found(request.path).body(), status=404)

    # --- messages ---

    def _message(self, request: web.Request, name: str = "Sid") -> Message:
        message = self.register.messages.get(request.match_info[name])
        if message is None:
            raise not_found(request.path)
        return message

    async def account(self, request: web.Request, account: str) -> web.Response:
        body = {"sid": account, "friendly_name": "Stand-in", "status": "active", "type": "Full"}
        times = {"date_created": rfc2822(self.world.now()), "date_updated": rfc2822(self.world.now())}
        return web.json_response(body | times | {"uri": request.path, "auth_token": "", "subresource_uris": {}})

    async def create(self, request: web.Request, account: str) -> web.Response:
        form = await request.post()
        unknown = set(form) - KNOWN
        if unknown:
            self.world.stats.unknown_parameters.update(f"Messages.{name}" for name in unknown)
        fields = MultiDict((name, value) for name, value in form.items() if isinstance(value, str))
        return web.json_response(create(self.world, self.delivery, account, fields).resource(), status=201)

    async def fetch(self, request: web.Request, account: str) -> web.Response:
        return web.json_response(self._message(request).resource())

    async def update(self, request: web.Request, account: str) -> web.Response:
        """Redact the body, or cancel what has not left yet."""
        message, form = self._message(request), await request.post()
        if form.get("Body") == "":
            message.body = ""
        elif "Body" in form:
            raise TwilioRefused(400, 20001, "Body can only be set to an empty string")
        if form.get("Status") == "canceled":
            if message.status not in ("scheduled", "accepted", "queued"):
                raise TwilioRefused(400, 30409, "Message cannot be canceled")
            self.delivery.move(message, "canceled")
        message.updated = self.world.now()
        self.register.keep(message)
        return web.json_response(message.resource())

    async def delete(self, request: web.Request, account: str) -> web.Response:
        message = self._message(request)
        if not is_final(message) and message.status != "sent":
            raise TwilioRefused(409, 20009, "Cannot delete this resource before it is complete")
        self.register.drop(message.sid)
        return web.Response(status=204)

    async def list(self, request: web.Request, account: str) -> web.Response:
        query = request.query
        found = [m for m in reversed(self.register.messages.values()) if _listed(m, query)]
        return web.json_response(_page(request, "messages", (m.resource() for m in found), len(found)))

    # --- media ---

    def _item(self, request: web.Request) -> tuple[Message, Json]:
        message = self._message(request, "MessageSid")
        for item in message.media:
            if item["sid"] == request.match_info["Sid"]:
                return message, item
        raise not_found(request.path)

    def _media_resource(self, message: Message, item: Json) -> Json:
        file = self.world.files[item["file"]]
        return {
            "account_sid": message.account_sid,
            "content_type": file.mime,
            "date_created": rfc2822(item["created"]),
            "date_updated": rfc2822(item["created"]),
            "parent_sid": message.sid,
            "sid": item["sid"],
            "uri": f"{message.uri}/Media/{item['sid']}.json",
        }

    async def media_list(self, request: web.Request, account: str) -> web.Response:
        message = self._message(request, "MessageSid")
        shown = (self._media_resource(message, item) for item in message.media)
        return web.json_response(_page(request, "media_list", shown, len(message.media)))

    async def media_fetch(self, request: web.Request, account: str) -> web.Response:
        return web.json_response(self._media_resource(*self._item(request)))

    async def media(self, request: web.Request, account: str) -> web.Response:
        """The bytes are on a CDN that asks for no password."""
        _, item = self._item(request)
        self.world.own_url = self.world.own_url or str(request.url.origin())
        return web.Response(status=302, headers={"Location": f"{self.world.own_url}/cdn/{item['file']}"})

    async def media_delete(self, request: web.Request, account: str) -> web.Response:
        message, item = self._item(request)
        message.media.remove(item)
        self.register.keep(message)
        return web.Response(status=204)

    async def cdn(self, request: web.Request) -> web.StreamResponse:
        file = self.world.files.get(request.match_info["file"])
        self.world.stats.called("cdn", None, {"authorized": "Authorization" in request.headers}, self.world.now())
        if file is None:
            return web.Response(status=404)
        pretended = bytes(max(0, file.size - len(file.content)))
        return web.Response(body=file.content + pretended, headers={"Content-Type": file.mime})


def _hang_up(request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return answer


def _listed(message: Message, query: Any) -> bool:
    if query.get("To", message.to) != message.to or query.get("From", message.sender) != message.sender:
        return False
    for name in ("DateSent", "DateSent<", "DateSent>"):
        if query.get(name) and not _in_time(message, name[8:], query[name]):
            return False
    return True


def _in_time(message: Message, sign: str, given: str) -> bool:
    """DateSent= means that day (UTC), a midnight too: Twilio's client writes a date so; < and > include the moment."""
    whole_day = len(given) == 10 or given.endswith("T00:00:00Z")
    try:
        wanted = datetime.fromisoformat(given.replace("Z", "+00:00")).replace(tzinfo=UTC)
    except ValueError:
        raise TwilioRefused(400, 20001, f"Invalid DateSent {given}") from None
    at = datetime.fromtimestamp(message.sent or message.created, UTC)
    if sign == "<":
        return at < wanted + timedelta(days=1) if whole_day else at <= wanted
    if sign == ">":
        return at >= wanted
    return wanted.date() == at.date() if whole_day else int(at.timestamp()) == int(wanted.timestamp())


def _page(request: web.Request, key: str, items: Iterable[Json], total: int) -> Json:
    query = dict(request.query)
    size = min(max(int(query.get("PageSize", 50)), 1), 1000)
    page = int(query.get("Page", 0))
    shown = [item for index, item in enumerate(items) if page * size <= index < (page + 1) * size]

    def at(number: int) -> str:
        return f"{request.path}?{urlencode(query | {'PageSize': size, 'Page': number})}"

    return {
        key: shown,
        "page": page,
        "page_size": size,
        "start": page * size,
        "end": page * size + max(len(shown) - 1, 0),
        "first_page_uri": at(0),
        "next_page_uri": at(page + 1) if total > (page + 1) * size else None,
        "previous_page_uri": at(page - 1) if page else None,
        "uri": at(page),
    }
