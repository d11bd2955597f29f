"""Telegram's webhook: proved by its secret, stored, acknowledged."""

import hmac
import json

from fastapi import APIRouter, HTTPException, Request, Response

from bot.services.inbox import telegram_arrival
from bot.web.body import read_body

router = APIRouter()


@router.post("/telegram/webhook")
async def telegram_webhook(request: Request) -> Response:
    """401 without the secret: nothing is read, nothing is stored. 200 only after the commit."""
    parts = request.app.state.parts
    secret = parts.settings.telegram_webhook_secret
    given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
    if secret is None or not hmac.compare_digest(given.encode(), secret.get_secret_value().encode()):
        raise HTTPException(401)
    try:
        payload = json.loads(await read_body(request))
        if not isinstance(payload, dict) or not isinstance(payload.get("update_id"), int):
            raise ValueError
    except ValueError:
        raise HTTPException(400) from None
    await parts.store(telegram_arrival(payload))
    return Response()
