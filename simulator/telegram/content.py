"""Texts and buttons as the server accepts them."""

import html
import re
from urllib.parse import urlsplit

from simulator.telegram.refusals import bad
from simulator.text import boundaries, detect, merge, strip, units
from simulator.things import Json

MOST_TEXT = 4096
MOST_CAPTION = 1024
MOST_ENTITIES = 100
MOST_BUTTONS = 100
MOST_DATA_BYTES = 64
MOST_COPY = 256

_HTML_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)([^<>]*)>")
_ATTRIBUTE = re.compile(r"([a-zA-Z-]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|(\S+)))?")
_HTML_KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
}
_ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)


def text_of(params: Json) -> tuple[str, list[Json]]:
    """The text of sendMessage or editMessageText and its entities."""
    text, entities = _prepared(params, "text", "entities")
    if not text:
        raise bad("message text is empty")
    if units(text) > MOST_TEXT:
        raise bad("message is too long")
    return text, entities


def caption_of(params: Json) -> tuple[str, list[Json]]:
    text, entities = _prepared(params, "caption", "caption_entities")
    if units(text) > MOST_CAPTION:
        raise bad("message caption is too long")
    return text, entities


def _prepared(params: Json, name: str, entities_name: str) -> tuple[str, list[Json]]:
    text = params.get(name) or ""
    given: list[Json] = params.get(entities_name) or []
    mode = params.get("parse_mode")
    if mode:
        if str(mode).lower() != "html":
            raise bad("unsupported parse_mode")
        text, given = parse_html(text)
    elif given:
        _check(text, given)
    text, given = strip(text, given)
    return text, merge(given, detect(text))[:MOST_ENTITIES] if text else []


def _check(text: str, entities: list[Json]) -> None:
    """Each entity begins and ends between characters, inside the text, and is not empty."""
    edges = set(boundaries(text))
    end = units(text)
    for entity in entities:
        start, stop = entity["offset"], entity["offset"] + entity["length"]
        if start < 0 or entity["length"] <= 0:
            raise bad(f"entity has invalid offset {start} or length {entity['length']}")
        if stop > end:
            raise bad(
                f"entity beginning at UTF-16 offset {start} ends after the end of the text at UTF-16 offset {end}"
            )
        if start not in edges:
            raise bad(f"entity begins in a middle of a UTF-16 symbol at UTF-16 offset {start}")
        if stop not in edges:
            raise bad(f"entity beginning at UTF-16 offset {start} ends in a middle of a UTF-16 symbol")
        if entity["type"] == "text_link" and urlsplit(str(entity.get("url", ""))).scheme not in ("http", "https", "tg"):
            raise bad("entity URL is invalid")


def parse_html(source: str) -> tuple[str, list[Json]]:
    """Telegram's HTML; an unknown or unclosed tag is refused, as the real server does."""
    text, position = "", 0
    opened: list[tuple[str, int, Json]] = []
    entities: list[Json] = []
    for match in _HTML_TAG.finditer(source):
        text += html.unescape(source[position : match.start()])
        position = match.end()
        closing, tag, attributes = match[1], match[2].lower(), match[3]
        if not closing:
            opened.append((tag, units(text), _opening(tag, attributes, match.start())))
            continue
        if not opened or opened[-1][0] != tag:
            found = opened[-1][0] if opened else None
            words = f'unmatched end tag at byte offset {match.start()}, expected "</{found}>", found "</{tag}>"'
            raise bad(f"can't parse entities: {words}")
        _, start, entity = opened.pop()
        if units(text) > start and entity:
            entities.append({**entity, "offset": start, "length": units(text) - start})
    rest = source[position:]
    if "<" in rest or "<" in _HTML_TAG.sub("", source):
        raise bad(f"can't parse entities: unsupported start tag at byte offset {source.find('<')}")
    if opened:
        raise bad(f"can't parse entities: can't find end tag corresponding to start tag \"{opened[-1][0]}\"")
    return text + html.unescape(rest), sorted(entities, key=lambda e: (e["offset"], -e["length"]))


def _opening(tag: str, attributes: str, offset: int) -> Json:
    values = {m[1].lower(): html.unescape(m[2] or m[3] or m[4] or "") for m in _ATTRIBUTE.finditer(attributes)}
    if tag == "a":
        return {"type": "text_link", "url": values["href"]} if values.get("href") else {}
    if tag == "span" and values.get("class") == "tg-spoiler":
        return {"type": "spoiler"}
    if tag == "tg-emoji":
        return {"type": "custom_emoji", "custom_emoji_id": values.get("emoji-id", "")}
    if tag == "blockquote" and "expandable" in values:
        return {"type": "expandable_blockquote"}
    if tag not in _HTML_KINDS:
        raise bad(f'can\'t parse entities: unsupported start tag "{tag}" at byte offset {offset}')
    return {"type": _HTML_KINDS[tag]}


def markup_of(params: Json, private: bool) -> Json | None:
    """The checked reply_markup, None when there is none."""
    markup: Json | None = params.get("reply_markup")
    if not markup:
        return None
    if "inline_keyboard" in markup:
        rows = [[_without_none(button) for button in row] for row in markup["inline_keyboard"] if row]
        if sum(map(len, rows)) > MOST_BUTTONS:
            raise bad("reply markup is too long")
        for row in rows:
            for button in row:
                _check_inline(button, private)
        return {"inline_keyboard": rows} if rows else None
    if "keyboard" in markup:
        rows = [[_check_key(key, private) for key in row] for row in markup["keyboard"] if row]
        if not rows:
            raise bad("object expected as reply markup")
        return {**_without_none(markup), "keyboard": rows}
    return _without_none(markup)


def _without_none(thing: Json) -> Json:
    return {name: value for name, value in thing.items() if value is not None}


def _check_inline(button: Json, private: bool) -> None:
    if not str(button.get("text", "")).strip():
        raise bad('can\'t parse inline keyboard button: field "text" must be non-empty')
    actions = [name for name in _ACTIONS if name in button]
    if not actions:
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad("can't parse inline keyboard button: exactly one action must be specified")
    action = actions[0]
    if action == "callback_data" and not 1 <= len(button["callback_data"].encode()) <= MOST_DATA_BYTES:
        raise bad("BUTTON_DATA_INVALID")
    if action == "url" and not _is_link(button["url"]):
        raise bad(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
    if action == "copy_text" and not 1 <= len(button["copy_text"]["text"]) <= MOST_COPY:
        raise bad("BUTTON_COPY_TEXT_INVALID")
    if action == "web_app" and (not private or not button["web_app"]["url"].startswith("https://")):
        raise bad("BUTTON_TYPE_INVALID" if not private else "inline keyboard button Web App URL is invalid")


def _is_link(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme == "tg":
        return bool(parts.netloc or parts.path)
    host = parts.hostname or ""
    return parts.scheme in ("http", "https", "") and ("." in (host or parts.path)) and " " not in url


def _check_key(key: str | Json, private: bool) -> Json:
    button: Json = {"text": key} if isinstance(key, str) else _without_none(key)
    if not str(button.get("text", "")).strip():
        raise bad('can\'t parse keyboard button: field "text" must be non-empty')
    if not private:
        for name, what in (("request_contact", "phone number"), ("request_location", "location")):
            if button.get(name):
                raise bad(f"{what} can be requested in private chats only")
    return button
