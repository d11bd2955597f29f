"""What every webhook here is. Plain ASGI, because updates and status callbacks come by the hundred a second: FastAPI's
own way to a handler costs more than all that is done with one."""

from abc import ABC, abstractmethod

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

BODY_LIMIT = 1024 * 1024  # an update is a few KB; files never come through a webhook


class TooLarge(Exception):
    """The body is longer than it may be."""


class Hook(ABC):
    """Takes POST alone, reads no more than a body may have, and answers nobody who has gone."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self._answer(scope, receive)
        except ClientDisconnect:
            return
        await answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        if scope["method"] != "POST":
            return Response(status_code=405, headers={"Allow": "POST"})
        try:
            return await self.take(scope, receive)
        except TooLarge:
            return Response(status_code=413)

    @abstractmethod
    async def take(self, scope: Scope, receive: Receive) -> Response:
        """The answer to a POST. May let `read_body`'s errors through."""


async def read_body(receive: Receive) -> bytes:
    """Up to the limit, whatever its headers say. Raises TooLarge and ClientDisconnect."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > BODY_LIMIT:
            raise TooLarge
        if not message.get("more_body", False):
            return bytes(body)
