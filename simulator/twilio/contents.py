"""Content templates: filled with variables, and judged as Twilio judges them."""

import json
import re

from simulator.things import Json
from simulator.twilio.records import Content
from simulator.twilio.refusals import TwilioRefused

_PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_RICHEST_FIRST = (
    "whatsapp/card",
    "twilio/card",
    "twilio/list-picker",
    "twilio/quick-reply",
    "twilio/call-to-action",
    "twilio/media",
    "twilio/location",
    "twilio/text",
)
MOST_BODY = 1024
MOST_SESSION_BUTTONS = 3
_ILL_VARIABLE = re.compile(r"[\n\r\t]| {5,}")


class Misfilled(Exception):
    """The content was accepted by the API and refused by WhatsApp."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


def variables_of(given: str) -> Json:
    """ContentVariables: a JSON object of strings."""
    if not given:
        return {}
    try:
        variables = json.loads(given)
    except ValueError:
        variables = None
    if not isinstance(variables, dict) or not all(isinstance(v, str | int | float) for v in variables.values()):
        raise TwilioRefused(400, 21656, "The Content Variables parameter is invalid.")
    return {str(name): str(value) for name, value in variables.items()}


def fill(content: Content, given: Json) -> Json:
    """{"text", "buttons", "media"} of a template with its variables in place."""
    values = {**{str(k): str(v) for k, v in content.variables.items()}, **given}
    kind = next((kind for kind in _RICHEST_FIRST if kind in content.types), None)
    if kind is None:
        raise Misfilled(63013)
    wanted = set(_PLACE.findall(json.dumps(content.types[kind], ensure_ascii=False)))
    if wanted - values.keys() or given.keys() - wanted:
        raise Misfilled(63028)
    if content.is_approved and any(not given[n].strip() or _ILL_VARIABLE.search(given[n]) for n in given):
        raise Misfilled(63013)
    filled: Json = json.loads(
        _PLACE.sub(
            lambda m: json.dumps(values[m[1]], ensure_ascii=False)[1:-1],
            json.dumps(content.types[kind], ensure_ascii=False),
        )
    )
    text = str(filled.get("body") or filled.get("title") or filled.get("label") or "")
    media = filled.get("media") or []
    buttons = [_button(kind, action) for action in filled.get("items") or filled.get("actions") or []]
    replies = [b for b in buttons if b["kind"] == "reply"]
    if len(text) > MOST_BODY or (len(replies) > MOST_SESSION_BUTTONS and not content.is_approved):
        raise Misfilled(63013)
    return {
        "text": text,
        "buttons": buttons,
        "media": [media] if isinstance(media, str) else media,
        "list": filled.get("button"),
    }


def _button(kind: str, action: Json) -> Json:
    if kind == "twilio/list-picker":
        made = {"text": action["item"], "data": action["id"], "kind": "list"}
        return made | ({"description": action["description"]} if action.get("description") else {})
    if action.get("url"):
        return {"text": action["title"], "url": action["url"], "kind": "url"}
    if action.get("phone"):
        return {"text": action["title"], "url": "tel:" + action["phone"], "kind": "phone"}
    return {"text": action["title"], "data": action.get("id") or action["title"], "kind": "reply"}


def check_types(types: object) -> Json:
    """What POST /v1/Content accepts."""
    if not isinstance(types, dict) or not types:
        raise _wrong("types must be an object with at least one content type")
    for kind, body in types.items():
        if kind not in _RICHEST_FIRST:
            raise _wrong(f"unknown content type {kind}")
        if not isinstance(body, dict):
            raise _wrong(f"{kind} must be an object")
        _check_type(kind, body)
    return types


def _check_type(kind: str, body: Json) -> None:
    text = str(body.get("body", ""))
    if kind in ("twilio/text", "twilio/quick-reply", "twilio/list-picker", "twilio/call-to-action") and not text:
        raise _wrong(f"{kind}.body is required")
    if len(text) > (1600 if kind == "twilio/text" else MOST_BODY):
        raise _wrong(f"{kind}.body is too long")
    actions = body.get("actions") or []
    if kind == "twilio/quick-reply":
        if not 1 <= len(actions) <= 10:
            raise _wrong("twilio/quick-reply needs 1 to 10 actions")
        if any(len(str(a.get("title", ""))) > 20 or not a.get("title") for a in actions):
            raise _wrong("a quick reply's title has 1 to 20 characters")
    if kind == "twilio/list-picker":
        items = body.get("items") or []
        if not 1 <= len(items) <= 10 or not 1 <= len(str(body.get("button", ""))) <= 20:
            raise _wrong("twilio/list-picker needs a button of at most 20 characters and 1 to 10 items")
        for item in items:
            if not 1 <= len(str(item.get("item", ""))) <= 24 or len(str(item.get("description") or "")) > 72:
                raise _wrong("an item has at most 24 characters, its description at most 72")
            if not item.get("id"):
                raise _wrong("an item needs an id")


def _wrong(words: str) -> TwilioRefused:
    return TwilioRefused(400, 20001, f"Invalid parameter: {words}")
