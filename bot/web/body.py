"""Bodies read up to a limit, whatever their headers say."""

from fastapi import HTTPException, Request

BODY_LIMIT = 1024 * 1024  # an update is a few KB; files never come through a webhook


async def read_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise HTTPException(413)
    return bytes(body)
