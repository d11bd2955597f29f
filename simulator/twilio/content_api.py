"""Twilio's Content API: templates and their approval."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from multidict import MultiDict

from simulator.things import Json
from simulator.twilio.contents import check_types
from simulator.twilio.records import Content
from simulator.twilio.refusals import TwilioRefused, not_found
from simulator.world import World


class ContentApi:
    """Serves /v1/Content and its kin; called by the server after authentication."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.register = world.register

    def _content(self, request: web.Request) -> Content:
        content = self.register.contents.get(request.match_info["Sid"])
        if content is None:
            raise not_found(request.path)
        return content

    def _content_resource(self, content: Content, account: str, request: web.Request) -> Json:
        url = f"{request.url.origin()}/v1/Content/{content.sid}"
        return {
            "account_sid": account,
            "date_created": _iso(content.created),
            "date_updated": _iso(content.updated),
            "friendly_name": content.friendly_name,
            "language": content.language,
            "links": {
                "approval_create": url + "/ApprovalRequests/whatsapp",
                "approval_fetch": url + "/ApprovalRequests",
            },
            "sid": content.sid,
            "types": content.types,
            "url": url,
            "variables": content.variables,
        }

    def _approval(self, content: Content) -> Json:
        kind = next(iter(content.types))
        return {
            "allow_category_change": True,
            "category": content.category,
            "content_type": kind,
            "name": content.name or content.friendly_name,
            "rejection_reason": content.rejection_reason,
            "status": content.approval,
        }

    async def contents(self, request: web.Request, account: str) -> web.Response:
        approvals = request.path.endswith("ContentAndApprovals")
        query = request.query
        shown = []
        for content in self.register.contents.values():
            if query.get("Language", content.language) != content.language:
                continue
            if query.get("ContentName", content.friendly_name) != content.friendly_name:
                continue
            resource = self._content_resource(content, account, request)
            if approvals:
                del resource["links"], resource["url"]
                resource["approval_requests"] = self._approval(content)
            shown.append(resource)
        size, page = int(query.get("PageSize", 50)), int(query.get("Page", 0))
        part = shown[page * size : (page + 1) * size]
        url = str(request.url.with_query(None))
        following = (
            f"{url}?{urlencode({'PageSize': size, 'Page': page + 1})}" if len(shown) > (page + 1) * size else None
        )
        meta = {
            "page": page,
            "page_size": size,
            "first_page_url": f"{url}?{urlencode({'PageSize': size, 'Page': 0})}",
            "previous_page_url": None,
            "url": str(request.url),
            "next_page_url": following,
            "key": "contents",
        }
        return web.json_response({"contents": part, "meta": meta})

    async def content_create(self, request: web.Request, account: str) -> web.Response:
        given = await form_of(request)
        if not given.get("language"):
            raise TwilioRefused(400, 20001, "Invalid parameter: language is required")
        order = {**given, "types": check_types(given.get("types")), "approval": "unsubmitted"}
        content = self.register.add_template({k: v for k, v in order.items() if k != "sid"})
        return web.json_response(self._content_resource(content, account, request), status=201)

    async def content_fetch(self, request: web.Request, account: str) -> web.Response:
        return web.json_response(self._content_resource(self._content(request), account, request))

    async def content_delete(self, request: web.Request, account: str) -> web.Response:
        content = self._content(request)
        del self.register.contents[content.sid]
        self.world.journal.note("content", content.sid, None)
        return web.Response(status=204)

    async def approval_fetch(self, request: web.Request, account: str) -> web.Response:
        content = self._content(request)
        body = {
            "sid": content.sid,
            "account_sid": account,
            "whatsapp": self._approval(content),
            "url": str(request.url),
        }
        return web.json_response(body)

    async def approval_create(self, request: web.Request, account: str) -> web.Response:
        content, given = self._content(request), await form_of(request)
        if not given.get("name") or not given.get("category"):
            raise TwilioRefused(400, 20001, "Invalid parameter: name and category are required")
        content.approval, content.name, content.category = "received", given["name"], given["category"]
        self.register.keep_content(content)
        return web.json_response(self._approval(content), status=201)


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def form_of(request: web.Request) -> Json:
    """The parameters of a call, from JSON or from the form and the query."""
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.read() or b"{}")
        except ValueError:
            raise TwilioRefused(400, 20001, "Invalid JSON") from None
        return body if isinstance(body, dict) else {}
    form = await request.post() if request.method == "POST" else MultiDict[Any]()
    names = [*request.query, *form]
    return {name: (form if name in form else request.query)[name] for name in names}
