"""The send* methods, copies and forwards."""

from typing import Any

from simulator.telegram import content
from simulator.telegram.calls import Call, Method, Target, admit, find, post, reply_part, writable
from simulator.telegram.files import media_part, taken
from simulator.telegram.refusals import bad
from simulator.things import Json, Line

_COPIED = (
    "text",
    "entities",
    "caption",
    "caption_entities",
    "photo",
    "video",
    "voice",
    "audio",
    "document",
    "video_note",
    "sticker",
    "animation",
    "location",
    "venue",
    "contact",
    "has_media_spoiler",
)
_WITHOUT_CAPTION = frozenset({"video_note", "sticker"})
_GROUPED = frozenset({"photo", "video", "document", "audio"})


def text_part(params: Json) -> Json:
    text, entities = content.text_of(params)
    part: Json = {"text": text}
    if entities:
        part["entities"] = entities
    if params.get("link_preview_options"):
        part["link_preview_options"] = params["link_preview_options"]
    return part


def caption_part(params: Json) -> Json:
    text, entities = content.caption_of(params)
    part: Json = {"caption": text} if text else {}
    if entities:
        part["caption_entities"] = entities
    if params.get("has_spoiler"):
        part["has_media_spoiler"] = True
    return part


async def send_message(call: Call) -> Json:
    target = writable(call)
    part = text_part(call.params)
    markup = content.markup_of(call.params, target.private)
    part |= reply_part(call, target)
    admit(call, target)
    return post(call, target, part, markup)


async def send_media(call: Call) -> Json:
    """sendPhoto, sendVideo, sendVoice, sendAudio, sendDocument, sendVideoNote, sendSticker, sendAnimation."""
    kind = _KIND_OF[call.method]
    target = writable(call)
    caption = {} if kind in _WITHOUT_CAPTION else caption_part(call.params)
    markup = content.markup_of(call.params, target.private)
    file = await taken(call, kind, call.params.get(kind))
    part = media_part(file) | caption | reply_part(call, target)
    admit(call, target)
    return post(call, target, part, markup)


async def send_media_group(call: Call) -> list[Json]:
    target = writable(call)
    items: list[Json] = call.params["media"]
    if not 2 <= len(items) <= 10:
        raise bad("wrong number of messages in the album: there must be from 2 to 10")
    kinds = {item["type"] for item in items}
    if not kinds <= _GROUPED or (len(kinds) > 1 and kinds & {"document", "audio"}):
        raise bad("album can't contain messages of these types together")
    parts = [media_part(await taken(call, item["type"], item["media"])) | caption_part(item) for item in items]
    reply = reply_part(call, target)
    admit(call, target, len(items))
    group_id = str(call.world.count("media_group", 13_000_000_000_000_000))
    return [post(call, target, {"media_group_id": group_id, **part, **reply}, None) for part in parts]


async def send_location(call: Call) -> Json:
    target = writable(call)
    part: Json = {"location": _place(call.params)}
    if call.method == "sendVenue":
        part["venue"] = {**part, "title": call.params["title"], "address": call.params["address"]}
    markup = content.markup_of(call.params, target.private)
    part |= reply_part(call, target)
    admit(call, target)
    return post(call, target, part, markup)


def _place(params: Json) -> Json:
    place = {"latitude": float(params["latitude"]), "longitude": float(params["longitude"])}
    if not (-90 <= place["latitude"] <= 90 and -180 <= place["longitude"] <= 180):
        raise bad("wrong latitude or longitude")
    return place


async def send_contact(call: Call) -> Json:
    target = writable(call)
    names = ("phone_number", "first_name", "last_name", "vcard")
    part: Json = {"contact": {name: call.params[name] for name in names if call.params.get(name)}}
    markup = content.markup_of(call.params, target.private)
    part |= reply_part(call, target)
    admit(call, target)
    return post(call, target, part, markup)


def _source(call: Call, message_id: int, what: str) -> Line:
    line = call.world.line(find(call, "from_chat_id").key, message_id)
    if line is None:
        raise bad(f"message to {what} not found")
    if not any(name in line.raw for name in _COPIED):
        raise bad(f"message can't be {'copied' if what == 'copy' else 'forwarded'}")
    return line


def _copied(call: Call, line: Line) -> Json:
    part = {name: line.raw[name] for name in _COPIED if name in line.raw}
    if call.params.get("caption") is not None and "text" not in part:
        part.pop("caption", None)
        part.pop("caption_entities", None)
        part |= caption_part(call.params)
    return part


def _forwarded(line: Line) -> Json:
    part = {name: line.raw[name] for name in _COPIED if name in line.raw}
    origin = line.raw.get("forward_origin") or {
        "type": "user",
        "sender_user": line.raw["from"],
        "date": line.raw["date"],
    }
    return {"forward_origin": origin, **part}


async def copy_message(call: Call) -> Json:
    target = writable(call)
    part = _copied(call, _source(call, call.params["message_id"], "copy")) | reply_part(call, target)
    markup = content.markup_of(call.params, target.private)
    admit(call, target)
    return {"message_id": post(call, target, part, markup)["message_id"]}


async def forward_message(call: Call) -> Json:
    target = writable(call)
    part = _forwarded(_source(call, call.params["message_id"], "forward"))
    admit(call, target)
    return post(call, target, part, None)


async def copy_messages(call: Call) -> list[Json]:
    return [{"message_id": raw["message_id"]} for raw in _many(call, "copy")]


async def forward_messages(call: Call) -> list[Json]:
    return [{"message_id": raw["message_id"]} for raw in _many(call, "forward")]


def _many(call: Call, what: str) -> list[Json]:
    """Messages that cannot be found are left out, as the real server does."""
    target: Target = writable(call)
    source = find(call, "from_chat_id").key
    lines = [line for number in call.params["message_ids"] if (line := call.world.line(source, number)) is not None]
    if not lines:
        raise bad(f"there are no messages to {what}")
    admit(call, target, len(lines))
    return [post(call, target, _copied(call, x) if what == "copy" else _forwarded(x), None) for x in lines]


async def send_chat_action(call: Call) -> Any:
    target = writable(call)
    actions = {"typing", "find_location", "choose_sticker"}
    for kind in ("photo", "video", "voice", "document", "video_note"):
        actions |= {f"upload_{kind}", f"record_{kind}"}
    if call.params["action"] not in actions or target is None:
        raise bad("wrong parameter action in request")
    return True


_KIND_OF = {
    "sendPhoto": "photo",
    "sendVideo": "video",
    "sendVoice": "voice",
    "sendAudio": "audio",
    "sendDocument": "document",
    "sendVideoNote": "video_note",
    "sendSticker": "sticker",
    "sendAnimation": "animation",
}
METHODS: dict[str, Method] = {
    "sendMessage": send_message,
    **dict.fromkeys(_KIND_OF, send_media),
    "sendMediaGroup": send_media_group,
    "sendLocation": send_location,
    "sendVenue": send_location,
    "sendContact": send_contact,
    "copyMessage": copy_message,
    "forwardMessage": forward_message,
    "copyMessages": copy_messages,
    "forwardMessages": forward_messages,
    "sendChatAction": send_chat_action,
}
