"""Files a bot uploads, names by file_id or links to, and files it downloads."""

import io
import mimetypes
from typing import Any

import aiohttp
from PIL import Image

from simulator.telegram.calls import Call, Method
from simulator.telegram.refusals import Refused, bad
from simulator.things import Json, StoredFile
from simulator.world import World

MOST_PHOTO = 10 * 1024 * 1024
MOST_UPLOAD = 50 * 1024 * 1024
MOST_DOWNLOAD = 20 * 1024 * 1024
KINDS = ("photo", "video", "voice", "audio", "document", "video_note", "sticker", "animation")
_MIMES = {
    "photo": "image/jpeg",
    "video": "video/mp4",
    "voice": "audio/ogg",
    "audio": "audio/mpeg",
    "video_note": "video/mp4",
    "sticker": "image/webp",
    "animation": "video/mp4",
}
_NAMES = {"photo": "Photo", "video": "Video", "voice": "VoiceNote", "audio": "Audio", "document": "Document"}


def guess_mime(kind: str, name: str, given: str | None) -> str:
    if given and given != "application/octet-stream":
        return given
    return mimetypes.guess_type(name)[0] or _MIMES.get(kind, "application/octet-stream")


def store(world: World, kind: str, content: bytes, name: str, mime: str | None, size: int | None = None) -> StoredFile:
    """Keep a file; the same content keeps its id."""
    salt = f"{name}{size or ''}" if kind in ("document", "audio") or size else ""
    file_id = world.file_id(kind, content, salt)
    kept = world.files.get(file_id)
    if kept is not None:
        return kept
    width, height = picture_size(content) if kind in ("photo", "sticker") else (640, 480)
    file = StoredFile(
        file_id, kind, content, guess_mime(kind, name, mime), name, size or len(content), width, height, 1
    )
    return world.keep_file(file)


def picture_size(content: bytes) -> tuple[int, int]:
    """Width and height; (0, 0) when this is no picture."""
    try:
        with Image.open(io.BytesIO(content)) as picture:
            return picture.size
    except Exception:  # noqa: BLE001 - Pillow fails on hostile bytes in many ways
        return 0, 0


def media_part(file: StoredFile) -> Json:
    """The field of a Message that carries this file."""
    base: Json = {"file_id": file.id, "file_unique_id": file.unique_id, "file_size": file.size}
    if file.kind == "photo":
        width, height = file.width or 800, file.height or 600
        small = {
            **base,
            "width": max(1, width // 4),
            "height": max(1, height // 4),
            "file_size": max(1, file.size // 8),
        }
        return {"photo": [small, {**base, "width": width, "height": height}]}
    if file.kind == "video_note":
        return {"video_note": {**base, "length": 240, "duration": file.duration}}
    if file.kind == "sticker":
        part = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False, "emoji": "🙂"}
        return {"sticker": base | part}
    part = {**base, "mime_type": file.mime}
    if file.kind in ("video", "animation"):
        part |= {"width": file.width, "height": file.height, "duration": file.duration, "file_name": file.name}
    elif file.kind == "voice":
        part["duration"] = file.duration
    elif file.kind == "audio":
        part |= {"duration": file.duration, "file_name": file.name}
    else:
        part["file_name"] = file.name
    return {file.kind: part}


async def taken(call: Call, kind: str, given: Any) -> StoredFile:
    """The file a parameter means: an upload (attach://), a file_id, or a link the server fetches."""
    if not isinstance(given, str) or not given:
        raise bad(f"there is no {kind} in the request")
    if given.startswith("attach://"):
        upload = call.uploads.get(given.removeprefix("attach://"))
        if upload is None:
            raise bad("there is no file to upload in the request: " + given)
        return _checked(call.world, kind, upload.content, upload.name, upload.mime)
    if given.startswith(("http://", "https://")):
        return await _fetched(call.world, kind, given)
    file = call.world.files.get(given)
    if file is None:
        raise bad("wrong file identifier/HTTP URL specified")
    if file.kind != kind:
        raise bad(f"can't use file of type {_NAMES.get(file.kind, 'Document')} as {_NAMES.get(kind, 'Document')}")
    return file


def _checked(world: World, kind: str, content: bytes, name: str, mime: str) -> StoredFile:
    if not content:
        raise bad("file must be non-empty")
    if len(content) > (MOST_PHOTO if kind == "photo" else MOST_UPLOAD):
        raise Refused(413, "Request Entity Too Large")
    if kind == "photo" and picture_size(content) == (0, 0):
        raise bad("IMAGE_PROCESS_FAILED")
    return store(world, kind, content, name, mime)


async def _fetched(world: World, kind: str, url: str) -> StoredFile:
    try:
        timeout = aiohttp.ClientTimeout(total=10)
        async with world.http.get(world.settings.reachable(url), timeout=timeout) as answer:
            if answer.status != 200:
                raise bad("failed to get HTTP URL content")
            content = await answer.read()
            name = url.rsplit("/", 1)[-1].partition("?")[0] or kind
            return _checked(world, kind, content, name, answer.content_type)
    except (aiohttp.ClientError, TimeoutError):
        raise bad("failed to get HTTP URL content") from None


async def get_file(call: Call) -> Json:
    file = call.world.files.get(call.params["file_id"])
    if file is None:
        raise bad("wrong file_id or the file is temporarily unavailable")
    if file.size > MOST_DOWNLOAD:
        raise bad("file is too big")
    return {"file_id": file.id, "file_unique_id": file.unique_id, "file_size": file.size, "file_path": file.path}


METHODS: dict[str, Method] = {"getFile": get_file}
