"""What happens in groups: the bot comes, goes, is made administrator; people join; a group becomes a supergroup."""

from dataclasses import replace

from simulator.phones.acts import CannotDo
from simulator.telegram.envelopes import TELEGRAM, bot_status, group_chat, member, user
from simulator.things import SERVICE, Group, Json, Line, Person
from simulator.world import World


def _service(world: World, group: Group, who: Json, content: Json, words: str) -> Line:
    """A service message in a group, heard by the bot while it is there."""
    now = world.now()
    raw: Json = {
        "message_id": world.next_message_id(group),
        "from": who,
        "chat": group_chat(group),
        "date": int(now),
        **content,
    }
    line = world.keep_line(Line(str(group.id), raw["message_id"], SERVICE, words, now, raw))
    if group.bot != "none":
        world.main.enqueue("message", raw, str(group.id))
    return line


def set_bot(world: World, group: Group, by: Person, status: str) -> None:
    """The bot becomes member, admin or none in a group; it hears of it by my_chat_member."""
    if group.migrated_to is not None:
        raise CannotDo(f"group {group.id} has become {group.migrated_to}", 410)
    old = bot_status(group)
    if group.bot == status:
        return
    if status == "none":
        group.kicked = True
    elif group.bot == "none":
        group.kicked = False
    came = group.bot == "none" and status != "none"
    group.bot = status
    world.keep_group(group)
    bot = world.main.user
    body = {
        "chat": group_chat(group),
        "from": user(by),
        "date": int(world.now()),
        "old_chat_member": member(bot, old),
        "new_chat_member": member(bot, bot_status(group)),
    }
    world.main.enqueue("my_chat_member", body, str(group.id))
    if came:
        _service(world, group, user(by), {"new_chat_members": [bot]}, f"{by.name} + {bot['first_name']}")
    elif status == "none":
        _service(world, group, user(by), {"left_chat_member": bot}, f"{by.name} – {bot['first_name']}")
    world.changed(group=group.id)


def set_member(world: World, group: Group, person: Person, inside: bool) -> None:
    """A person joins or leaves."""
    if (person.id in group.members) == inside:
        return
    if inside:
        group.members.append(person.id)
    else:
        group.members.remove(person.id)
    world.keep_group(group)
    who = user(person)
    content: Json = {"new_chat_members": [who]} if inside else {"left_chat_member": who}
    if group.bot == "admin":
        old, new = ("left", "member") if inside else ("member", "left")
        body = {
            "chat": group_chat(group),
            "from": who,
            "date": int(world.now()),
            "old_chat_member": member(who, old),
            "new_chat_member": member(who, new),
        }
        world.main.enqueue("chat_member", body, str(group.id))
    _service(world, group, who, content, f"{'+' if inside else '–'} {person.name}")


def migrate(world: World, group: Group) -> Group:
    """A basic group becomes a supergroup with a new id; both chats get their service message."""
    if group.migrated_to is not None:
        return world.groups[group.migrated_to]
    new_id = -1_000_000_000_000 - world.count("supergroup", 2_000_000_000)
    moved = replace(
        group,
        id=new_id,
        type="supergroup",
        migrated_from=group.id,
        last_message_id=0,
        members=list(group.members),
        admins=list(group.admins),
    )
    world.keep_group(moved)
    _service(world, group, TELEGRAM, {"migrate_to_chat_id": new_id}, "supergroup")
    group.migrated_to = new_id
    world.keep_group(group)
    _service(world, moved, TELEGRAM, {"migrate_from_chat_id": group.id}, "supergroup")
    return moved
