"""What the bot says about itself, and the chats it asks about."""

import json
import re
from typing import Any

from aiogram.types import ChatAdministratorRights

from simulator.telegram.calls import Call, Method, find
from simulator.telegram.envelopes import bot_status, member, user
from simulator.telegram.refusals import bad, forbidden
from simulator.things import Group, Json

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_RIGHTS = [name for name, field in ChatAdministratorRights.model_fields.items() if field.is_required()]
_LONGEST = {"name": 64, "description": 512, "short_description": 120}


async def get_me(call: Call) -> Json:
    return call.account.user | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def _scope(call: Call) -> str:
    scope = call.params.get("scope") or {"type": "default"}
    if "chat_id" in scope and scope["chat_id"] not in {*call.world.by_telegram, *call.world.groups}:
        raise bad("chat not found")
    return json.dumps(scope, sort_keys=True) + "|" + (call.params.get("language_code") or "")


async def set_commands(call: Call) -> bool:
    commands: list[Json] = call.params["commands"]
    if len(commands) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not _COMMAND.fullmatch(command["command"].removeprefix("/")):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    call.account.commands[_scope(call)] = commands
    call.account.note()
    return True


async def get_commands(call: Call) -> list[Json]:
    return call.account.commands.get(_scope(call), [])


async def delete_commands(call: Call) -> bool:
    call.account.commands.pop(_scope(call), None)
    call.account.note()
    return True


def _wording(field: str, store: str) -> tuple[Method, Method]:
    """A setter and a getter of one text of the profile, by language."""

    async def set_words(call: Call) -> bool:
        words: str = call.params.get(field) or ""
        if len(words) > _LONGEST[field]:
            raise bad(f"bot {field.replace('_', ' ')} is too long")
        kept: dict[str, str] = getattr(call.account, store)
        language = call.params.get("language_code") or ""
        if words:
            kept[language] = words
        else:
            kept.pop(language, None)
        call.account.note()
        return True

    async def get_words(call: Call) -> Json:
        kept: dict[str, str] = getattr(call.account, store)
        spare = call.world.settings.bot_name if field == "name" else ""
        return {field: kept.get(call.params.get("language_code") or "", kept.get("", spare))}

    return set_words, get_words


async def set_menu_button(call: Call) -> bool:
    key = str(call.params.get("chat_id") or "")
    call.account.menu_buttons[key] = call.params.get("menu_button") or {"type": "default"}
    call.account.note()
    return True


async def get_menu_button(call: Call) -> Json:
    buttons = call.account.menu_buttons
    return buttons.get(str(call.params.get("chat_id") or ""), buttons.get("", {"type": "commands"}))


def _rights_key(call: Call) -> str:
    return "channels" if call.params.get("for_channels") else "groups"


async def set_rights(call: Call) -> bool:
    call.account.rights[_rights_key(call)] = call.params.get("rights") or {}
    call.account.note()
    return True


async def get_rights(call: Call) -> Json:
    return dict.fromkeys(_RIGHTS, False) | call.account.rights.get(_rights_key(call), {})


# --- chats ---


def _inside(call: Call) -> Group:
    """A group the bot is in."""
    group = find(call).group
    if group is None:
        raise bad("there are no administrators in the private chat")
    if group.bot == "none":
        raise forbidden("bot is not a member of the supergroup chat")
    return group


async def get_chat(call: Call) -> Json:
    target = find(call)
    if target.person is not None and not target.person.started and not call.world.shares_group_with_bot(target.person):
        raise bad("chat not found")
    if target.group is not None and target.group.bot == "none":
        kind = target.group.type
        words = (
            f"bot was kicked from the {kind} chat" if target.group.kicked else f"bot is not a member of the {kind} chat"
        )
        raise forbidden(words)
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    full = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": dict.fromkeys(gifts, False)}
    return target.chat | full


def _status(call: Call, group: Group, user_id: int) -> Json:
    if user_id == call.account.id:
        return member(call.account.user, bot_status(group))
    person = call.world.by_telegram.get(user_id)
    if person is None:
        raise bad("invalid user_id specified")
    if person.id not in group.members:
        return member(user(person), "left")
    if group.members[0] == person.id:
        return member(user(person), "creator")
    return member(user(person), "administrator" if person.id in group.admins else "member")


async def get_chat_member(call: Call) -> Json:
    return _status(call, _inside(call), call.params["user_id"])


async def get_chat_administrators(call: Call) -> list[Json]:
    group = _inside(call)
    people = [call.world.people[pid] for pid in group.members if pid in call.world.people]
    found = [_status(call, group, person.telegram_id) for person in people if person.telegram_id is not None]
    if group.bot == "admin":
        found.append(member(call.account.user, "administrator"))
    return [one for one in found if one["status"] in ("creator", "administrator")]


async def get_chat_member_count(call: Call) -> int:
    return len(_inside(call).members) + 1


async def leave_chat(call: Call) -> bool:
    group = _inside(call)
    group.bot = "none"
    call.world.keep_group(group)
    call.world.changed(group=group.id)
    return True


async def yes(call: Call) -> Any:
    return True


_set_name, _get_name = _wording("name", "names")
_set_description, _get_description = _wording("description", "descriptions")
_set_short, _get_short = _wording("short_description", "short_descriptions")
METHODS: dict[str, Method] = {
    "getMe": get_me,
    "setMyCommands": set_commands,
    "getMyCommands": get_commands,
    "deleteMyCommands": delete_commands,
    "setMyName": _set_name,
    "getMyName": _get_name,
    "setMyDescription": _set_description,
    "getMyDescription": _get_description,
    "setMyShortDescription": _set_short,
    "getMyShortDescription": _get_short,
    "setChatMenuButton": set_menu_button,
    "getChatMenuButton": get_menu_button,
    "setMyDefaultAdministratorRights": set_rights,
    "getMyDefaultAdministratorRights": get_rights,
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatAdministrators": get_chat_administrators,
    "getChatMemberCount": get_chat_member_count,
    "leaveChat": leave_chat,
    "pinChatMessage": yes,
    "unpinChatMessage": yes,
    "setMessageReaction": yes,
    "logOut": yes,
    "close": yes,
}
