"""WhatsApp's own marks from Telegram's entities, and long words cut where a reader would cut them."""

from typing import Any

from aiogram.types import MessageEntity
from aiogram.utils.text_decorations import HtmlDecoration


class _WhatsAppMarks(HtmlDecoration):
    """Only what WhatsApp can show; everything else keeps its words."""

    _MARKS = {"b": "*", "i": "_", "s": "~", "code": "```", "pre": "```"}  # noqa: RUF012

    def _tag(self, tag: str, content: str, **_attributes: Any) -> str:
        mark = self._MARKS.get(tag, "")
        return f"{mark}{content}{mark}"

    def link(self, value: str, link: str) -> str:
        return value if link.startswith("tg:") else f"{value} ({link})"

    def pre_language(self, value: str, language: str) -> str:
        return self.pre(value)

    def quote(self, value: str) -> str:
        return value


def whatsapp_text(text: str, entities: list[MessageEntity]) -> str:
    return _WhatsAppMarks().unparse(text, entities) if entities else text


def pieces_with_marks(text: str, entities: list[MessageEntity], limit: int) -> list[tuple[str, list[MessageEntity]]]:
    """At most `limit` UTF-16 units each, with the part of each mark that falls into it. Offsets are UTF-16 too."""
    found, start = [], 0
    for piece in in_pieces(text, limit if units(text) == len(text) else limit // 2):
        start = text.index(piece, start)
        first = units(text[:start])
        after = first + units(piece)
        marks = []
        for mark in entities:
            begin, end = max(mark.offset, first), min(mark.offset + mark.length, after)
            if begin < end:
                marks.append(mark.model_copy(update={"offset": begin - first, "length": end - begin}))
        found.append((piece, marks))
        start += len(piece)
    return found


def units(text: str) -> int:
    """How long Telegram takes it for: UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def in_pieces(text: str, limit: int) -> list[str]:
    """At most `limit` characters each, broken at a line or a word if there is one in the second half."""
    pieces = []
    while len(text) > limit:
        cut = max(text.rfind("\n", limit // 2, limit), text.rfind(" ", limit // 2, limit))
        cut = cut if cut > 0 else limit
        pieces.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [piece for piece in (*pieces, text) if piece.strip()] or [text]  # an empty message is refused
