"""The file of a warning: of a kind that both messengers show to everybody."""

from collections.abc import Mapping

from aiogram.types import Message

from bot.errors import N_, KorshiError
from bot.services.media import MEGABYTE, TELEGRAM_FETCH_LIMIT, WHATSAPP_FETCH_LIMIT, MediaDraft
from bot.speech.parts import FileTooLarge
from bot.terms import PartKind

OFFICE = "application/vnd.openxmlformats-officedocument."
TYPES: Mapping[PartKind, tuple[str, ...]] = {  # what both messengers show to everybody
    PartKind.PHOTO: ("image/jpeg", "image/png"),
    PartKind.VIDEO: ("video/mp4", "video/3gpp"),
    PartKind.DOCUMENT: (
        "application/pdf", "application/msword", f"{OFFICE}wordprocessingml.document",
        f"{OFFICE}spreadsheetml.sheet", f"{OFFICE}presentationml.presentation",
    ),
}  # fmt: skip


class TypeNotShown(KorshiError):
    msgid = N_(
        "This kind of file does not open for everybody on both messengers. Send a photo, an MP4 video or a PDF, Word,"
        " Excel or PowerPoint document."
    )


def file_of(message: Message) -> MediaDraft:
    """The largest size of a photo, a video, a document. Raises FileTooLarge, TypeNotShown."""
    if message.photo:
        photo = max(message.photo, key=lambda size: (size.width * size.height, size.file_size or 0))
        kind, mime, size, file = PartKind.PHOTO, "image/jpeg", photo.file_size, photo.file_id
        limit = TELEGRAM_FETCH_LIMIT
    else:
        item = message.video or message.document
        if item is None:
            raise TypeNotShown
        kind = PartKind.VIDEO if message.video else PartKind.DOCUMENT
        mime, size, file = item.mime_type or "", item.file_size, item.file_id
        limit = WHATSAPP_FETCH_LIMIT
    if size is not None and size > limit:
        raise FileTooLarge(megabytes=limit // MEGABYTE)
    if mime not in TYPES[kind]:
        raise TypeNotShown
    return MediaDraft(kind, file, mime, size)
