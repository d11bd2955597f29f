"""What Twilio says of WhatsApp templates: approved, pending, rejected, paused; utility or marketing."""

import asyncio
from collections.abc import Collection

from aiohttp import ClientError
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

CALL_SECONDS = 20


async def approvals(client: Client, sids: Collection[str]) -> dict[str, tuple[str, str]]:
    """By ContentSid. One that Twilio does not know is `missing`; one it did not answer for is left out."""
    found: dict[str, tuple[str, str]] = {}
    for sid in sorted(sids):
        try:
            async with asyncio.timeout(CALL_SECONDS):
                answer = await client.content.v1.contents(sid).approval_fetch().fetch_async()
        except TwilioRestException as error:
            if error.status == 404:
                found[sid] = ("missing", "")
            continue
        except (ClientError, TimeoutError, ValueError):
            continue
        told = answer.whatsapp or {}
        found[sid] = (str(told.get("status") or "unsubmitted"), str(told.get("category") or "").casefold())
    return found
