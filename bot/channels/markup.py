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

    def quote(self, value: str) -> str:
        return value


def whatsapp_text(text: str, entities: list[MessageEntity]) -> str:
    return _WhatsAppMarks().unparse(text, entities) if entities else text


def in_pieces(text: str, limit: int) -> list[str]:
    """At most `limit` characters each, broken at a line or a word if there is one in the second half."""
    pieces = []
    while len(text) > limit:
        cut = max(text.rfind("\n", limit // 2, limit), text.rfind(" ", limit // 2, limit))
        cut = cut if cut > 0 else limit
        pieces.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*pieces, text]
