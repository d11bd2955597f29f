"""Bot API objects made from the things of the world."""

from aiogram.types import ChatMemberAdministrator

from simulator.things import Group, Json, Line, Person

ANONYMOUS_ADMIN: Json = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
CHANNEL_BOT: Json = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
TELEGRAM: Json = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
ADMIN_RIGHTS = (
    "can_manage_chat",
    "can_change_info",
    "can_delete_messages",
    "can_invite_users",
    "can_restrict_members",
    "can_pin_messages",
    "can_manage_video_chats",
)
_FIELDS = ChatMemberAdministrator.model_fields
_EVERY_RIGHT = {name: False for name in _FIELDS if _FIELDS[name].is_required() and name not in ("status", "user")}


def user(person: Person) -> Json:
    first, _, last = person.name.partition(" ")
    made: Json = {"id": person.telegram_id, "is_bot": False, "first_name": first or "?"}
    if last:
        made["last_name"] = last
    if person.username:
        made["username"] = person.username
    if person.language_code:
        made["language_code"] = person.language_code
    return made


def private_chat(person: Person) -> Json:
    first, _, last = person.name.partition(" ")
    made: Json = {"id": person.telegram_id, "type": "private", "first_name": first or "?"}
    if last:
        made["last_name"] = last
    if person.username:
        made["username"] = person.username
    return made


def group_chat(group: Group) -> Json:
    made: Json = {"id": group.id, "type": group.type, "title": group.title}
    if group.username:
        made["username"] = group.username
    return made


def member(who: Json, status: str) -> Json:
    """A ChatMember of the given status."""
    made: Json = {"user": who, "status": status}
    if status == "administrator":
        made |= _EVERY_RIGHT | dict.fromkeys(ADMIN_RIGHTS, True)
    elif status == "creator":
        made["is_anonymous"] = False
    elif status == "kicked":
        made["until_date"] = 0
    return made


def quoted(line: Line) -> Json:
    """A message as it appears inside its reply: without its own reply."""
    return {name: value for name, value in line.raw.items() if name not in ("reply_to_message", "update_id")}


def bot_status(group: Group) -> str:
    if group.bot == "none":
        return "kicked" if group.kicked else "left"
    return "administrator" if group.bot == "admin" else "member"
