"""Bodies read up to a limit, whatever their headers say."""

from starlette.requests import ClientDisconnect
from starlette.types import Receive

BODY_LIMIT = 1024 * 1024  # an update is a few KB; files never come through a webhook


async def read_body(receive: Receive) -> bytes | None:
    """None: more than it may be. Raises ClientDisconnect."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > BODY_LIMIT:
            return None
        if not message.get("more_body", False):
            return bytes(body)
