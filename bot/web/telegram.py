"""Telegram's webhook: proved by its secret, stored, acknowledged."""

import hmac
import json
from collections.abc import Awaitable, Callable

from starlette.responses import Response
from starlette.types import Receive, Scope

from bot.services.inbox import Arrival, telegram_arrival
from bot.web.hook import Hook, read_body

PROOF = b"x-telegram-bot-api-secret-token"


class TelegramHook(Hook):
    """401 without the secret: nothing is read, nothing is stored. 200 only after the commit."""

    def __init__(self, secret: str, store: Callable[[Arrival], Awaitable[None]]) -> None:
        self._secret, self._store = secret.encode(), store
        self._stored = Response()

    async def take(self, scope: Scope, receive: Receive) -> Response:
        given = next((value for name, value in scope["headers"] if name == PROOF), b"")
        if not hmac.compare_digest(given, self._secret):
            return Response(status_code=401)
        body = await read_body(receive)
        try:
            payload = json.loads(body)
        except ValueError:
            return Response(status_code=400)
        if not isinstance(payload, dict) or not isinstance(payload.get("update_id"), int):
            return Response(status_code=400)
        await self._store(telegram_arrival(payload))
        return self._stored
