"""An act that cannot be done, and what the acts of both messengers share."""

import base64
import binascii
import io
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image

from simulator.things import Json

MEDIA_KINDS = ("photo", "video", "voice", "audio", "video_note", "document", "sticker")
_NAMES = {
    "photo": "photo.jpg",
    "video": "video.mp4",
    "voice": "voice.ogg",
    "audio": "audio.mp3",
    "video_note": "round.mp4",
    "document": "document.pdf",
    "sticker": "sticker.webp",
}
_SAMPLES = {
    "video": b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom",
    "video_note": b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x01mp42isom",
    "voice": b"OggS\x00\x02" + bytes(20) + b"OpusHead",
    "audio": b"ID3\x04" + bytes(28),
    "document": b"%PDF-1.4\n%%EOF\n",
}


class CannotDo(Exception):
    """A person cannot do this on a real phone either; `status` is the HTTP status of the answer."""

    def __init__(self, words: str, status: int = 409, **more: object) -> None:
        super().__init__(words)
        self.words = words
        self.status = status
        self.more = more


@dataclass(frozen=True)
class Attachment:
    kind: str
    content: bytes
    name: str
    mime: str | None
    size: int


def attachment_of(order: Json) -> Attachment:
    """The file a `send` order describes; a small sample when it brings no bytes."""
    kind = str(order.get("kind"))
    given = order.get("content")
    if isinstance(given, bytes):
        content = given
    elif given:
        try:
            content = base64.b64decode(given, validate=True)
        except (binascii.Error, TypeError):
            raise CannotDo("content must be base64", 400) from None
    else:
        content = sample_picture(kind) if kind in ("photo", "sticker") else _SAMPLES[kind]
    name = str(order.get("file_name") or _NAMES[kind])
    return Attachment(kind, content, name, order.get("mime"), int(order.get("size") or len(content)))


@lru_cache(maxsize=2)
def sample_picture(kind: str) -> bytes:
    """A small real picture."""
    buffer = io.BytesIO()
    Image.new("RGB", (320, 240), (92, 130, 160)).save(buffer, "JPEG" if kind == "photo" else "WEBP")
    return buffer.getvalue()
