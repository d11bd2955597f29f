"""Presses in Telegram: inline buttons and the keys under the input field."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from simulator.phones.acts import CannotDo
from simulator.phones.telegram import contact_part, incoming, location_part, place_of, start, worded
from simulator.telegram.envelopes import user
from simulator.things import BOT, CallbackQuery, Group, Json, Line, Person
from simulator.world import World


def press(world: World, person: Person, order: Json) -> Json:
    """Press an inline button or a key of the reply keyboard, by label, data or number."""
    group = place_of(world, person, order.get("chat"))
    key = person.id if group is None else str(group.id)
    wanted, number = order.get("button"), order.get("message_id")
    seen: list[str] = []
    lines = list(world.chat(key).lines.values())
    for line in reversed([x for x in lines if number is None or x.id == int(number)]):
        rows = line.raw.get("reply_markup", {}).get("inline_keyboard", []) if line.sender == BOT else []
        if not rows or line.deleted:
            continue
        buttons = [button for row in rows for button in row]
        found = choose(buttons, wanted, "callback_data")
        if found is not None:
            return _pressed(world, person, group, line, found)
        seen.extend(button["text"] for button in buttons)
        if isinstance(wanted, int):
            break
    keyboard = world.chat(key).keyboard
    keys = [button for row in keyboard["keyboard"] for button in row] if keyboard and number is None else []
    found = choose(keys, wanted, "text")
    if found is None:
        raise CannotDo(f"no button {wanted!r}", 404, buttons=seen + [button["text"] for button in keys])
    return _key_pressed(world, person, group, found, order)


def choose(buttons: list[Json], wanted: Any, data: str) -> Json | None:
    """By exact label or data; a number counts from 1; else the only label that begins with these words."""
    for button in buttons:
        if wanted in (button.get("text"), button.get(data)):
            return button
    text = str(wanted).strip()
    if text.isdigit() and 1 <= int(text) <= len(buttons):
        return buttons[int(text) - 1]
    near = [button for button in buttons if text and text.casefold() in str(button.get("text", "")).casefold()]
    return near[0] if len(near) == 1 else None


def _pressed(world: World, person: Person, group: Group | None, line: Line, button: Json) -> Json:
    if "url" in button:
        return _follow(world, person, button["url"])
    if "callback_data" not in button:
        return {"message_id": line.id, "opened": button}
    query = CallbackQuery(
        str(world.count("callback", 4_000_000_000_000_000_000)), person.id, line.chat, int(line.id), world.monotonic()
    )
    world.keep_query(query)
    body = {
        "id": query.id,
        "from": user(person),
        "message": line.raw,
        "chat_instance": str(hash_of(line.chat)),
        "data": button["callback_data"],
    }
    world.main.enqueue("callback_query", body, str(line.raw["chat"]["id"] if group else person.telegram_id))
    return {"message_id": line.id, "callback_query_id": query.id}


def hash_of(key: str) -> int:
    """A steady number for a chat."""
    return int.from_bytes(key.encode()[-7:].rjust(7, b"\0"), "big") + 10**17


def _follow(world: World, person: Person, url: str) -> Json:
    """A link to the bot itself acts as Start; any other is only reported."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    name = parts.path.strip("/") if parts.hostname in ("t.me", "telegram.me") else query.get("domain", [""])[0]
    if name.lower() == world.settings.bot_username.lower() and "startgroup" not in query:
        return {"message_id": start(world, person, query.get("start", [""])[0]).id}
    return {"opened": url}


def _key_pressed(world: World, person: Person, group: Group | None, button: Json, order: Json) -> Json:
    if button.get("request_contact"):
        line = incoming(world, person, group, {"contact": contact_part(person, order)}, order)
    elif button.get("request_location"):
        line = incoming(world, person, group, {"location": location_part(order)}, order)
    else:
        line = incoming(world, person, group, worded(world, button["text"], None), order)
    chat = world.chat(line.chat)
    if chat.keyboard and chat.keyboard.get("one_time_keyboard"):
        world.set_keyboard(chat, None)
    return {"message_id": line.id}
