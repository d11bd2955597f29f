"""Text with entities, counted in UTF-16 units as Telegram counts them."""

import html
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from simulator.things import Json

_FOUND = re.compile(
    r"(?P<url>https?://[^\s<>\"]+[^\s<>\".,;:!?)»'])"
    r"|(?<![\w@])(?P<mention>@[A-Za-z]\w{3,31})\b"
    r"|(?<![\w/@.])(?P<bot_command>/[A-Za-z0-9_]{1,32}(?:@\w{3,32})?)(?!\w)"
    r"|(?<!\w)(?P<hashtag>#\w*[^\W\d]\w*)"
)
_HINTS = frozenset("@/#")
_SIMPLE = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "expandable_blockquote": "blockquote",
}
_WHATSAPP = (
    (re.compile(r"```(.+?)```", re.DOTALL), r"<code>\1</code>"),
    (re.compile(r"(?<!\w)\*(?=\S)([^*\n]+?)(?<=\S)\*(?!\w)"), r"<b>\1</b>"),
    (re.compile(r"(?<!\w)_(?=\S)([^_\n]+?)(?<=\S)_(?!\w)"), r"<i>\1</i>"),
    (re.compile(r"(?<!\w)~(?=\S)([^~\n]+?)(?<=\S)~(?!\w)"), r"<s>\1</s>"),
)
_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)»'&]")


def units(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def boundaries(text: str) -> list[int]:
    """UTF-16 offset of every character, and of the end."""
    offsets, position = [], 0
    for character in text:
        offsets.append(position)
        position += 2 if character > "\uffff" else 1
    offsets.append(position)
    return offsets


def cut(text: str, offset: int, length: int) -> str:
    """The part of a text an entity covers."""
    return text.encode("utf-16-le")[offset * 2 : (offset + length) * 2].decode("utf-16-le", "ignore")


def detect(text: str) -> list[Json]:
    """Entities a messenger finds by itself: links, mentions, commands, hashtags."""
    if _HINTS.isdisjoint(text):
        return []
    plain = text.isascii() or max(text) <= "\uffff"
    found: list[Json] = []
    for match in _FOUND.finditer(text):
        start, end = match.span()
        found.append(
            {
                "type": match.lastgroup,
                "offset": start if plain else units(text[:start]),
                "length": end - start if plain else units(text[start:end]),
            }
        )
    return found


def merge(given: list[Json], found: list[Json]) -> list[Json]:
    """Given entities win; a found one stays where nothing of the same meaning lies already."""
    closed = [
        e for e in given if e["type"] in ("code", "pre", "text_link", "url", "mention", "bot_command", "text_mention")
    ]
    kept = [
        e
        for e in found
        if not any(c["offset"] < e["offset"] + e["length"] and e["offset"] < c["offset"] + c["length"] for c in closed)
    ]
    return sorted([*given, *kept], key=lambda e: (e["offset"], -e["length"]))


def strip(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Without blanks at both ends, as the server stores it; entities move and shrink with the text."""
    left = text.lstrip()
    shift = units(text) - units(left)
    body = left.rstrip()
    if shift == 0 and len(body) == len(text):
        return text, entities
    end = units(body)
    moved: list[Json] = []
    for entity in entities:
        start = max(0, entity["offset"] - shift)
        stop = min(end, entity["offset"] + entity["length"] - shift)
        if stop > start:
            moved.append({**entity, "offset": start, "length": stop - start})
    return body, moved


def _tags(entity: Json, covered: str) -> tuple[str, str]:
    kind = entity["type"]
    if kind in _SIMPLE:
        return f"<{_SIMPLE[kind]}>", f"</{_SIMPLE[kind]}>"
    if kind == "spoiler":
        return '<span class="spoiler">', "</span>"
    if kind in ("url", "text_link"):
        url = str(entity.get("url") or covered)
        if urlsplit(url).scheme in ("http", "https", "tg", "mailto", "tel"):
            return f'<a href="{html.escape(url)}" target="_blank" rel="noopener noreferrer">', "</a>"
        return "", ""
    if kind in ("mention", "bot_command", "hashtag", "text_mention"):
        return f'<span class="{kind}">', "</span>"
    return "", ""


def to_html(text: str, entities: Iterable[Json]) -> str:
    """Safe HTML of a text: every character is escaped, only known entities become tags."""
    wanted = sorted(entities, key=lambda e: (e["offset"], -e["length"]))
    if not wanted:
        return _escape(text)
    offsets = boundaries(text)
    index = {offset: i for i, offset in enumerate(offsets)}
    spans: list[tuple[int, int, str, str]] = []
    for entity in wanted:
        start, end = index.get(entity["offset"]), index.get(entity["offset"] + entity["length"])
        if start is not None and end is not None and start < end:
            spans.append((start, end, *_tags(entity, text[start:end])))
    parts: list[str] = []
    stack: list[tuple[int, str]] = []
    position = 0

    def close_until(limit: int) -> None:
        nonlocal position
        while stack and stack[-1][0] <= limit:
            end, closing = stack.pop()
            parts.append(_escape(text[position:end]) + closing)
            position = end

    for start, end, opening, closing in spans:
        close_until(start)
        if stack and end > stack[-1][0]:
            continue
        parts.append(_escape(text[position:start]) + opening)
        position = start
        stack.append((end, closing))
    close_until(len(text))
    parts.append(_escape(text[position:]))
    return "".join(parts)


def whatsapp_html(text: str) -> str:
    """Safe HTML of a WhatsApp text with its *bold*, _italic_, ~struck~ and ```fixed``` marks."""
    escaped = html.escape(text)
    for pattern, tag in _WHATSAPP:
        escaped = pattern.sub(tag, escaped)
    linked = _LINK.sub(lambda m: f'<a href="{m[0]}" target="_blank" rel="noopener noreferrer">{m[0]}</a>', escaped)
    return linked.replace("\n", "<br>")


def _escape(text: str) -> str:
    return html.escape(text).replace("\n", "<br>")
