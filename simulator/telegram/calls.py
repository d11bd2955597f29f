"""One call of a bot while it is served, and what every method needs of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from simulator.telegram.account import Account
from simulator.telegram.envelopes import group_chat, private_chat, quoted
from simulator.telegram.refusals import bad, forbidden, moved, too_many
from simulator.things import BOT, Chat, Group, Json, Line, Person
from simulator.world import World


@dataclass
class Upload:
    name: str
    content: bytes
    mime: str


@dataclass
class Call:
    world: World
    account: Account
    method: str
    params: Json
    uploads: dict[str, Upload] = field(default_factory=dict)


Method: TypeAlias = Callable[[Call], Awaitable[Any]]


@dataclass
class Target:
    """Where a message goes."""

    key: str
    chat: Json
    person: Person | None = None
    group: Group | None = None

    @property
    def private(self) -> bool:
        return self.group is None


def find(call: Call, name: str = "chat_id") -> Target:
    """The chat a parameter names, also one the bot may not write to."""
    world, wanted = call.world, call.params.get(name)
    if isinstance(wanted, str):
        for group in world.groups.values():
            if group.username and wanted.lower() == f"@{group.username}".lower():
                return Target(str(group.id), group_chat(group), group=group)
        raise bad("chat not found")
    if wanted is None:
        raise bad("chat_id is empty")
    person = world.by_telegram.get(wanted)
    if person is not None:
        return Target(person.id, private_chat(person), person=person)
    group_found = world.groups.get(wanted)
    if group_found is None:
        raise bad("chat not found")
    if group_found.migrated_to is not None:
        raise moved(group_found.migrated_to)
    return Target(str(group_found.id), group_chat(group_found), group=group_found)


def writable(call: Call, name: str = "chat_id") -> Target:
    """The chat a bot wants to write to, if it may."""
    target = find(call, name)
    person, group = target.person, target.group
    if person is not None:
        if person.deactivated:
            raise forbidden("user is deactivated")
        if not person.started:
            if call.world.shares_group_with_bot(person):
                raise forbidden("bot can't initiate conversation with a user")
            raise bad("chat not found")
        if person.blocked:
            raise forbidden("bot was blocked by the user")
    if group is not None and group.bot == "none":
        kind = "supergroup" if group.type == "supergroup" else "group"
        raise forbidden(
            f"bot was kicked from the {kind} chat" if group.kicked else f"bot is not a member of the {kind} chat"
        )
    return target


def admit(call: Call, target: Target, cost: int = 1) -> None:
    """Take a place in the windows, or refuse with 429."""
    world = call.world
    wait = world.limits.telegram(str(call.account.id), target.key, not target.private, cost, world.monotonic())
    if wait:
        raise too_many(wait)


def reply_part(call: Call, target: Target) -> Json:
    """The message replied to, as a field of the new one."""
    wanted = call.params.get("reply_parameters") or {}
    number = wanted.get("message_id") or call.params.get("reply_to_message_id")
    if not number:
        return {}
    line = call.world.line(target.key, number)
    if line is not None:
        return {"reply_to_message": quoted(line)}
    if wanted.get("allow_sending_without_reply") or call.params.get("allow_sending_without_reply"):
        return {}
    raise bad("message to be replied not found")


def post(call: Call, target: Target, content: Json, markup: Json | None) -> Json:
    """Put the bot's message into a chat; the Message object."""
    world, now = call.world, call.world.now()
    author = call.account.user
    raw: Json = {
        "message_id": world.next_message_id(target.group),
        "from": author,
        "chat": target.chat,
        "date": int(now),
        **content,
    }
    if markup is not None and "inline_keyboard" in markup:
        raw["reply_markup"] = markup
    if call.params.get("protect_content"):
        raw["has_protected_content"] = True
    if call.params.get("message_thread_id") and target.group is not None:
        raw["message_thread_id"] = call.params["message_thread_id"]
    line = Line(target.key, raw["message_id"], BOT, author["first_name"], now, raw, status="sent")
    if markup is not None and "inline_keyboard" not in markup:
        line.keyboard = markup
        _set_keyboard(world, world.chat(target.key), markup)
    world.keep_line(line)
    world.stats.delivered("telegram", target.key)
    return raw


def _set_keyboard(world: World, chat: Chat, markup: Json) -> None:
    if "keyboard" in markup:
        world.set_keyboard(chat, markup)
    elif markup.get("remove_keyboard"):
        world.set_keyboard(chat, None)
