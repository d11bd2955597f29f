"""What Twilio says of WhatsApp templates: approved, pending, rejected, paused; utility or marketing; their words."""

import asyncio
from collections.abc import Awaitable, Collection, Mapping
from typing import Any

from aiohttp import ClientError
from twilio.rest import Client

from bot.channels.twilio_client import REFUSALS
from bot.services.templates import TemplateWord

CALL_SECONDS = 20
NOT_TOLD = (ClientError, TimeoutError, ValueError)


async def approvals(client: Client, sids: Collection[str]) -> dict[str, TemplateWord]:
    """By ContentSid. One that Twilio does not know is `missing`; one it did not answer for is left out."""
    found: dict[str, TemplateWord] = {}
    for sid in sorted(sids):
        content = client.content.v1.contents(sid)
        try:
            answer = await _asked(content.approval_fetch().fetch_async())
        except REFUSALS as error:
            if error.status == 404:
                found[sid] = TemplateWord("missing")
            continue
        except NOT_TOLD:
            continue
        told = answer.whatsapp or {}
        status, category = str(told.get("status") or "unsubmitted"), str(told.get("category") or "").casefold()
        found[sid] = TemplateWord(status, category, await _body(content))
    return found


async def _body(content: Any) -> str:
    """Empty where Twilio did not tell: whether it may be used matters more than its words."""
    try:
        answer = await _asked(content.fetch_async())
    except (*REFUSALS, *NOT_TOLD):
        return ""
    types: Mapping[str, Any] = answer.types or {}
    bodies = [str(kind["body"]) for kind in types.values() if isinstance(kind, dict) and kind.get("body")]
    return bodies[0] if bodies else ""


async def _asked(call: Awaitable[Any]) -> Any:
    async with asyncio.timeout(CALL_SECONDS):
        return await call
