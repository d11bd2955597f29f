"""Twilio's webhooks: proved by their signature over our public address, stored, acknowledged."""

from typing import Annotated
from urllib.parse import parse_qsl

import structlog
from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from twilio.request_validator import RequestValidator

from bot.services.inbox import Arrival
from bot.terms import Messenger, NoticeState
from bot.web.body import read_body

router = APIRouter()
log = structlog.get_logger(__name__)

EMPTY_TWIML = "<Response/>"
_STATES = {
    "sent": NoticeState.SENT,
    "delivered": NoticeState.DELIVERED,
    "read": NoticeState.READ,
    "failed": NoticeState.FAILED,
    "undelivered": NoticeState.FAILED,
}


async def signed_form(request: Request) -> dict[str, str]:
    """The form, when its signature fits the configured public address with the raw query. Else 403."""
    settings = request.app.state.parts.settings
    query = f"?{request.url.query}" if request.url.query else ""
    url = f"{settings.public_url}{request.url.path}{query}"
    form = dict(parse_qsl((await read_body(request)).decode("utf-8", "replace"), keep_blank_values=True))
    validator = RequestValidator(settings.twilio_auth_token.get_secret_value())
    if not validator.validate(url, form, request.headers.get("X-Twilio-Signature", "")):
        raise HTTPException(403)
    return form


SignedForm = Annotated[dict[str, str], Depends(signed_form)]


@router.post("/twilio/inbound")
async def inbound(request: Request, form: SignedForm) -> Response:
    sid, sender = form.get("MessageSid", ""), form.get("From", "")
    if not sid or not sender:
        raise HTTPException(400)
    parts = request.app.state.parts
    payload = {"form": form, "at": parts.units.house.clock.now().timestamp()}
    await parts.store(Arrival(Messenger.WHATSAPP, sid, sender.removeprefix("whatsapp:"), payload))
    return Response(EMPTY_TWIML, media_type="text/xml")


@router.post("/twilio/status")
async def status(request: Request, form: SignedForm, n: Annotated[int, Query()] = 0) -> Response:
    """Moves a notice upwards; repeated and late reports change nothing."""
    state = _STATES.get(form.get("MessageStatus", ""))
    if n and state is not None:
        parts = request.app.state.parts
        code = form.get("ErrorCode", "")
        async with parts.units() as unit:
            moved = await unit.deliveries.reported(n, form.get("MessageSid", ""), state, code)
        if moved and state is NoticeState.FAILED:
            log.info("twilio.failed", notice=n, code=code)
    return Response(status_code=204)
