"""Messages as the control API shows them."""

from simulator.text import to_html, whatsapp_html
from simulator.things import SERVICE, Chat, Json, Line
from simulator.world import World

_MEDIA = ("photo", "video", "voice", "audio", "video_note", "document", "sticker", "animation")


def chat_view(world: World, chat: Chat, after: int, reader: str) -> Json:
    """What changed in a chat after a seq, in the order of the conversation."""
    shown = [line_view(world, line) for line in chat.lines.values() if line.seq > after]
    return {
        "seq": world.seq,
        "messages": shown,
        "reply_keyboard": key_rows(chat.keyboard),
        "toasts": [
            {"seq": t.seq, "text": t.text, "alert": t.alert}
            for t in chat.toasts
            if t.seq > after and t.person == reader
        ],
    }


def key_rows(keyboard: Json | None) -> list[list[Json]] | None:
    """The keys of a reply keyboard; None without one, [] for its removal."""
    if keyboard is None:
        return None
    kinds = {"request_contact": "request_contact", "request_location": "request_location"}
    return [
        [
            {"text": key["text"], "kind": next((kind for name, kind in kinds.items() if key.get(name)), "text")}
            for key in row
        ]
        for row in keyboard.get("keyboard", [])
    ]


def line_view(world: World, line: Line) -> Json:
    shown: Json = {
        "seq": line.seq,
        "message_id": line.id,
        "from": line.sender,
        "name": line.name,
        "edited": line.edited,
        "deleted": line.deleted,
        "date": int(line.date),
    }
    if line.status is not None:
        shown["status"] = line.status
    if line.error:
        shown["error"] = line.error
    if line.keyboard is not None:
        shown["reply_keyboard"] = key_rows(line.keyboard)
    return shown | (_whatsapp(world, line) if line.channel == "whatsapp" else _telegram(world, line))


def _telegram(world: World, line: Line) -> Json:
    raw = line.raw
    text = raw.get("text") or raw.get("caption") or ""
    entities = raw.get("entities") or raw.get("caption_entities") or []
    if line.sender == SERVICE:
        text, entities = line.name, []
    shown: Json = {"text": text, "entities": entities, "html": to_html(text, entities)}
    rows = raw.get("reply_markup", {}).get("inline_keyboard", [])
    shown["buttons"] = [[_button(button) for button in row] for row in rows]
    for kind in _MEDIA:
        if kind in raw:
            part = raw[kind][-1] if kind == "photo" else raw[kind]
            shown["media"] = media_view(world, part["file_id"])
    shown |= {name: raw[name] for name in ("location", "contact", "media_group_id", "forward_origin") if name in raw}
    if "reply_to_message" in raw:
        replied = raw["reply_to_message"]
        quote = replied.get("text") or replied.get("caption") or ""
        shown["reply_to"] = {"message_id": replied["message_id"], "text": quote[:100]}
    return shown


def _button(button: Json) -> Json:
    if "callback_data" in button:
        return {"text": button["text"], "data": button["callback_data"], "kind": "callback"}
    if "url" in button:
        return {"text": button["text"], "url": button["url"], "kind": "url"}
    kind = next((name for name in button if name not in ("text", "style", "icon_custom_emoji_id")), "text")
    return {"text": button["text"], "kind": kind}


def _whatsapp(world: World, line: Line) -> Json:
    raw = line.raw
    text = str(raw.get("text") or "")
    shown: Json = {"text": text, "entities": [], "html": whatsapp_html(text)}
    shown["buttons"] = [[button] for button in raw.get("buttons") or []]
    if raw.get("media"):
        shown["media"] = media_view(world, raw["media"][0])
    if raw.get("template"):
        shown["template"] = raw["template"]
    return shown | {name: raw[name] for name in ("location", "contact") if name in raw}


def media_view(world: World, file_id: str) -> Json | None:
    file = world.files.get(file_id)
    if file is None:
        return None
    return {
        "kind": file.kind,
        "url": f"/sim/media/{file.id}",
        "file_name": file.name,
        "mime": file.mime,
        "size": file.size,
    }
