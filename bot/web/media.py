"""Files for Twilio to fetch: by a signed address that expires."""

import asyncio

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

router = APIRouter()


@router.get("/media/{media_id}/{until}/{signature}")
async def media_file(request: Request, media_id: int, until: int, signature: str) -> Response:
    """The working copy, opened for this answer: what lies on the disk is sealed."""
    files = request.app.state.parts.files
    if not files.is_signed(media_id, until, signature):
        raise HTTPException(404)
    file = await files.open_file(media_id)
    if file is None or file.path is None:
        raise HTTPException(404)
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"}
    content = await asyncio.to_thread(file.content)
    return Response(content, media_type=file.mime or "application/octet-stream", headers=headers)
