"""Telegram's webhook: proved by its secret, stored, acknowledged. Plain ASGI, as Twilio's and for its reason."""

import hmac
import json
from collections.abc import Awaitable, Callable

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bot.services.inbox import Arrival, telegram_arrival
from bot.web.body import read_body

PROOF = b"x-telegram-bot-api-secret-token"


class TelegramHook:
    """401 without the secret: nothing is read, nothing is stored. 200 only after the commit."""

    def __init__(self, secret: str, store: Callable[[Arrival], Awaitable[None]]) -> None:
        self._secret, self._store = secret.encode(), store
        self._stored = Response()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self._answer(scope, receive)
        except ClientDisconnect:
            return
        await answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        if scope["method"] != "POST":
            return Response(status_code=405, headers={"Allow": "POST"})
        given = next((value for name, value in scope["headers"] if name == PROOF), b"")
        if not hmac.compare_digest(given, self._secret):
            return Response(status_code=401)
        body = await read_body(receive)
        if body is None:
            return Response(status_code=413)
        try:
            payload = json.loads(body)
        except ValueError:
            return Response(status_code=400)
        if not isinstance(payload, dict) or not isinstance(payload.get("update_id"), int):
            return Response(status_code=400)
        await self._store(telegram_arrival(payload))
        return self._stored
