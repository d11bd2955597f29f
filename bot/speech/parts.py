"""What a message brings to a tip: words, a file, a place; and why some kinds cannot be taken."""

from dataclasses import asdict, dataclass
from typing import Any

from aiogram.types import Message

from bot.errors import N_, KorshiError
from bot.services.media import MEGABYTE, TELEGRAM_FETCH_LIMIT, MediaDraft
from bot.services.tips import PartDraft
from bot.terms import PartKind

LONGEST = 4096  # characters of one message kept: as many as Telegram lets anybody write in one
BURST_SECONDS = 120  # messages this close to each other are one story
FILES = (
    PartKind.PHOTO, PartKind.VIDEO, PartKind.VIDEO_NOTE, PartKind.VOICE, PartKind.AUDIO, PartKind.DOCUMENT,
)  # fmt: skip


class KindNotAccepted(KorshiError):
    msgid = N_(
        "This kind of message cannot be accepted. Send text, a photo, video, a voice message, a document or a location."
    )


class FileTooLarge(KorshiError):
    msgid = N_("The file is too large. The largest size: {megabytes} MB. Send a short video or a photo.")


class TextTooLong(KorshiError):
    msgid = N_("The text is too long: {length} characters, at most {limit} fit. Please shorten it.")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a draft, as the form keeps it."""

    kind: str
    text: str = ""
    file: str = ""
    mime: str = ""
    size: int | None = None
    source: str = ""
    group: str = ""

    def as_form(self) -> dict[str, Any]:
        return asdict(self)

    def as_draft(self) -> PartDraft:
        kind = PartKind(self.kind)
        media = MediaDraft(kind, self.file, self.mime, self.size) if self.file else None
        return PartDraft(kind, self.text, media, self.source)


def part_of(message: Message) -> Part:
    """Raises KindNotAccepted, FileTooLarge, TextTooLong."""
    source = source_of(message)
    text = message.text or message.caption or ""
    if len(text) > LONGEST:
        raise TextTooLong(length=len(text), limit=LONGEST)
    if message.text:
        return Part(PartKind.TEXT, text, source=source)
    for kind in FILES:
        item = getattr(message, kind.value, None)
        if not item:
            continue
        file = item[-1] if isinstance(item, list) else item
        size = getattr(file, "file_size", None)
        if size is not None and size > TELEGRAM_FETCH_LIMIT:
            raise FileTooLarge(megabytes=TELEGRAM_FETCH_LIMIT // MEGABYTE)
        mime = getattr(file, "mime_type", None) or ("image/jpeg" if kind is PartKind.PHOTO else "")
        if mime == "image/webp" and getattr(file, "file_name", None) is None:
            raise KindNotAccepted  # a sticker on WhatsApp
        return Part(kind, text, file.file_id, mime, size, source, message.media_group_id or "")
    if message.contact is not None:
        words = f"{message.contact.first_name or ''} {message.contact.phone_number}".strip()
        return Part(PartKind.CONTACT, words, source=source)
    raise KindNotAccepted


def added_part(message: Message) -> PartDraft:
    """More of a tip that is already sent: a place too."""
    if message.location is not None:
        point = f"{message.location.latitude:.5f}, {message.location.longitude:.5f}"
        return PartDraft(PartKind.LOCATION, point, source=source_of(message))
    return part_of(message).as_draft()


def source_of(message: Message) -> str:
    return f"{message.chat.id}:{message.message_id}"
