"""What a person does in Telegram, turned into messages and updates."""

from typing import Any

from simulator.phones.acts import MEDIA_KINDS, CannotDo, attachment_of
from simulator.telegram.envelopes import (
    ANONYMOUS_ADMIN,
    CHANNEL_BOT,
    group_chat,
    member,
    private_chat,
    quoted,
    user,
)
from simulator.telegram.files import media_part, store
from simulator.text import cut, detect, merge
from simulator.things import Group, Json, Line, Person
from simulator.world import World

ASTANA = (51.1282, 71.4307)


def place_of(world: World, person: Person, chat: Any) -> Group | None:
    """The group an act happens in; None is the private chat with the bot."""
    if chat in (None, "", person.id):
        if person.blocked:
            raise CannotDo(f"{person.id} has blocked the bot; unblock or start first")
        return None
    group = world.groups.get(int(chat))
    if group is None:
        raise CannotDo(f"no group {chat}", 404)
    if group.migrated_to is not None:
        raise CannotDo(f"group {chat} has become {group.migrated_to}", 410)
    if person.id not in group.members:
        raise CannotDo(f"{person.id} is not in group {chat}")
    return group


def bot_hears(world: World, group: Group, raw: Json) -> bool:
    """Privacy mode: commands for it, replies to it, mentions, service messages; everything for an admin."""
    if group.bot == "none":
        return False
    if group.bot == "admin":
        return True
    replied = raw.get("reply_to_message")
    if replied is not None and replied["from"]["id"] == world.main.id:
        return True
    name = "@" + world.settings.bot_username.lower()
    for text_name, entities_name in (("text", "entities"), ("caption", "caption_entities")):
        for entity in raw.get(entities_name, ()):
            word = cut(raw[text_name], entity["offset"], entity["length"]).lower()
            if entity["type"] == "mention" and word == name:
                return True
            if entity["type"] == "bot_command" and ("@" not in word or word.endswith(name)):
                return True
    return False


def incoming(world: World, person: Person, group: Group | None, content: Json, order: Json) -> Line:
    """A person's message: kept in the chat, and told to the bot if it may hear it."""
    now = world.now()
    key = person.id if group is None else str(group.id)
    raw: Json = {
        "message_id": world.next_message_id(group),
        "from": user(person),
        "chat": private_chat(person) if group is None else group_chat(group),
        "date": int(now),
    }
    name = _disguise(raw, group, str(order.get("as") or "")) or person.name
    if order.get("forward_from"):
        raw["forward_origin"] = _origin(world, order["forward_from"], int(now))
    if order.get("media_group_id"):
        raw["media_group_id"] = str(order["media_group_id"])
    if order.get("reply_to"):
        replied = world.line(key, int(order["reply_to"]))
        if replied is None:
            raise CannotDo(f"no message {order['reply_to']} in this chat", 404)
        raw["reply_to_message"] = quoted(replied)
    raw |= content
    if group is None and not person.started:
        person.started = True
        world.keep_person(person)
    line = world.keep_line(Line(key, raw["message_id"], person.id, name, now, raw))
    if group is None or bot_hears(world, group, raw):
        world.main.enqueue("message", raw, str(raw["chat"]["id"]))
    return line


def _disguise(raw: Json, group: Group | None, disguise: str) -> str | None:
    """Write in the name of the group (an anonymous administrator) or of a channel."""
    if not disguise or group is None:
        return None
    if disguise == "anonymous_admin":
        raw["from"], raw["sender_chat"] = ANONYMOUS_ADMIN, group_chat(group)
    elif disguise == "channel":
        channel = {"id": -1001999999999, "type": "channel", "title": "Канал", "username": "some_channel"}
        raw["from"], raw["sender_chat"] = CHANNEL_BOT, channel
    else:
        raise CannotDo('"as" is anonymous_admin or channel', 400)
    return str(raw["sender_chat"]["title"])


def _origin(world: World, given: Any, now: int) -> Json:
    """forward_origin from {"person"} | {"hidden_name"} | {"chat": {...}} | {"user_id", "first_name"}."""
    if isinstance(given, str):
        given = {"person": given} if given in world.people else {"hidden_name": given}
    date = int(given.get("date") or now - 3600)
    if given.get("person") in world.people:
        return {"type": "user", "date": date, "sender_user": user(world.people[given["person"]])}
    if given.get("chat"):
        chat = {"id": -1001888888888, "type": "channel", "title": "Канал", **given["chat"]}
        return {"type": "channel", "date": date, "chat": chat, "message_id": int(given.get("message_id") or 1)}
    if given.get("user_id"):
        sender = {"id": int(given["user_id"]), "is_bot": False, "first_name": given.get("first_name") or "?"}
        return {"type": "user", "date": date, "sender_user": sender}
    return {"type": "hidden_user", "date": date, "sender_user_name": str(given.get("hidden_name") or "?")}


def worded(world: World, text: str, entities: list[Json] | None) -> Json:
    text = text.strip()
    if not text:
        raise CannotDo("text is empty", 400)
    found = merge(entities or [], detect(text))
    return {"text": text, "entities": found} if found else {"text": text}


def say(world: World, person: Person, order: Json) -> Line:
    group = place_of(world, person, order.get("chat"))
    return incoming(world, person, group, worded(world, str(order.get("text") or ""), order.get("entities")), order)


def start(world: World, person: Person, payload: str) -> Line:
    """Press Start (with a deep link's payload); a person who had blocked the bot lets it in again."""
    if person.blocked:
        block(world, person, False)
    return say(world, person, {"text": f"/start {payload}".strip()})


def send(world: World, person: Person, order: Json) -> Line:
    group = place_of(world, person, order.get("chat"))
    kind = str(order.get("kind"))
    if kind == "location":
        content: Json = {"location": location_part(order)}
    elif kind == "contact":
        content = {"contact": contact_part(person, order)}
    elif kind in MEDIA_KINDS:
        file = attachment_of(order)
        content = media_part(store(world, kind, file.content, file.name, file.mime, file.size))
        caption = str(order.get("caption") or "").strip()
        if caption and kind not in ("video_note", "sticker"):
            content["caption"] = caption
            found = merge(order.get("entities") or [], detect(caption))
            if found:
                content["caption_entities"] = found
    else:
        raise CannotDo(f"unknown kind {kind}", 400)
    return incoming(world, person, group, content, order)


def location_part(order: Json) -> Json:
    return {
        "latitude": float(order.get("latitude") or ASTANA[0]),
        "longitude": float(order.get("longitude") or ASTANA[1]),
    }


def contact_part(person: Person, order: Json) -> Json:
    """One's own contact when nothing else is said."""
    if order.get("phone_number"):
        contact: Json = {"phone_number": str(order["phone_number"]), "first_name": order.get("first_name") or "?"}
        if order.get("user_id"):
            contact["user_id"] = int(order["user_id"])
        return contact
    phone = person.phone or f"+7701{(person.telegram_id or 0) % 10_000_000:07d}"
    return {"phone_number": phone, "first_name": user(person)["first_name"], "user_id": person.telegram_id}


def edit(world: World, person: Person, message_id: int, text: str, chat: Any) -> Line:
    group = place_of(world, person, chat)
    line = world.line(person.id if group is None else str(group.id), message_id)
    if line is None or line.sender != person.id:
        raise CannotDo(f"{person.id} wrote no message {message_id} here", 404)
    part = worded(world, text, None)
    if "text" not in line.raw:
        part = {("caption" if name == "text" else "caption_entities"): value for name, value in part.items()}
    dropped = ("text", "entities", "caption", "caption_entities")
    kept = {name: value for name, value in line.raw.items() if name not in dropped}
    line.raw = kept | {"edit_date": int(world.now())} | part
    line.edited = True
    world.keep_line(line)
    if group is None or bot_hears(world, group, line.raw):
        world.main.enqueue("edited_message", line.raw, str(line.raw["chat"]["id"]))
    return line


def delete(world: World, person: Person, message_id: int, chat: Any) -> None:
    """Telegram tells bots nothing about it."""
    group = place_of(world, person, chat)
    line = world.line(person.id if group is None else str(group.id), message_id)
    if line is not None:
        line.deleted = True
        world.keep_line(line)


def block(world: World, person: Person, blocked: bool) -> None:
    """Block or unblock the bot; it hears of it by my_chat_member."""
    if person.blocked == blocked:
        return
    person.blocked = blocked
    world.keep_person(person)
    world.changed(person.id)
    bot = world.main.user
    old, new = ("member", "kicked") if blocked else ("kicked", "member")
    body = {
        "chat": private_chat(person),
        "from": user(person),
        "date": int(world.now()),
        "old_chat_member": member(bot, old),
        "new_chat_member": member(bot, new),
    }
    world.main.enqueue("my_chat_member", body, str(person.telegram_id))
