"""Neighbourhood groups: the bot says little, reads only what is addressed to it, moves details to a private chat."""

from collections.abc import Sequence

from aiogram import Router
from aiogram.enums import ChatMemberStatus
from aiogram.filters import Command
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message

from bot.danger import danger_in
from bot.errors import N_, BindingNotAsked, KorshiError, NotAllowed
from bot.services.chats import Binding, ChatView
from bot.services.officers import OfficerView
from bot.services.residents import Person
from bot.services.territory import PlaceView
from bot.services.unit import Unit
from bot.speech import Reply, groups
from bot.speech.calls import Bind
from bot.speech.filters import GROUPS, InGroup, Pressed, is_addressed
from bot.speech.groups import GROUP_COMMANDS, ONE, asks_for_inspector
from bot.speech.links import Links
from bot.speech.precinct import keeper_of
from bot.terms import EndpointState, Messenger, Role

INSIDE = (
    ChatMemberStatus.MEMBER,
    ChatMemberStatus.ADMINISTRATOR,
    ChatMemberStatus.CREATOR,
    ChatMemberStatus.RESTRICTED,
)


class NotTheAdmin(KorshiError):
    msgid = N_("Only an administrator of this chat can do this.")


def router() -> Router:
    router = Router(name="group")
    router.my_chat_member.register(membership)
    router.message.filter(InGroup())
    router.callback_query.filter(InGroup())
    router.message.register(migrated, IsMigration())
    router.message.register(danger, HasDanger())
    router.message.register(our_inspector, Command("inspector"))
    router.message.register(to_private, Command(*(command.strip("/") for command in GROUP_COMMANDS)))
    router.message.register(command_bind, Command("bind"))
    router.message.register(command_confirm, Command("confirm"))
    router.message.register(command_unbind, Command("unbind"))
    router.message.register(addressed, IsAddressed())
    router.callback_query.register(bind, Pressed("bind"), Bind.filter())
    return router


class IsMigration(InGroup):
    async def __call__(self, event: object) -> bool:
        return isinstance(event, Message) and event.migrate_to_chat_id is not None


class IsAddressed(InGroup):
    """A mention of the bot or a reply to it; what neighbours say to each other passes by."""

    async def __call__(self, event: object, channel: Links | None = None) -> bool:
        return isinstance(event, Message) and channel is not None and is_addressed(event, channel)


class HasDanger(IsAddressed):
    """Words of danger in what is said to the bot."""

    async def __call__(self, event: object, channel: Links | None = None) -> bool:
        if not isinstance(event, Message) or danger_in(event.text or event.caption or "") is None:
            return False
        return (event.text or "").startswith("/") or await super().__call__(event, channel)


async def membership(update: ChatMemberUpdated, unit: Unit, person: Person | None) -> Reply | None:
    """Added, removed, promoted in a group; blocked or started again in a private chat."""
    status, address = update.new_chat_member.status, str(update.chat.id)
    if update.chat.type not in GROUPS:
        if person is not None and status == ChatMemberStatus.KICKED:
            await unit.residents.close_endpoint(person.endpoint_id, EndpointState.BLOCKED, "blocked")
        elif person is not None:
            await unit.residents.close_endpoint(person.endpoint_id, EndpointState.OPEN, "")
        return None
    if status not in INSIDE:
        await unit.chats.removed(Messenger.TELEGRAM, address)
        return None
    was_inside = update.old_chat_member.status in INSIDE
    is_admin = status == ChatMemberStatus.ADMINISTRATOR
    chat = await unit.chats.added(Messenger.TELEGRAM, address, update.chat.title or "", is_admin=is_admin)
    return None if was_inside or chat.precinct_id is not None else groups.greeting(chat)


async def migrated(message: Message, unit: Unit) -> None:
    await unit.chats.moved(Messenger.TELEGRAM, str(message.chat.id), str(message.migrate_to_chat_id))


async def danger(message: Message, unit: Unit) -> Reply:
    """The button is for a group that is written down: only there is somebody to pass the count to."""
    return groups.danger_reply(0 if await chat_of(message, unit) else None)


# -- what neighbours ask the bot


async def to_private(message: Message, unit: Unit, channel: Links) -> Reply:
    return await private_reply(message, unit, channel)


async def addressed(message: Message, unit: Unit, channel: Links) -> Reply:
    if asks_for_inspector(message.text or message.caption or ""):
        return await our_inspector(message, unit, channel)
    return await private_reply(message, unit, channel)


async def private_reply(message: Message, unit: Unit, channel: Links) -> Reply:
    """The link carries the group, so that the private chat can ask whether it happened in this yard."""
    chat = await chat_of(message, unit)
    is_bound = chat is not None and chat.precinct_id is not None
    return groups.private_reply(channel, unit.chats.ticket(chat.id) if chat and is_bound else "")


async def our_inspector(message: Message, unit: Unit, channel: Links) -> Reply:
    chat = await chat_of(message, unit)
    if chat is None or chat.precinct_id is None:
        return groups.nobody_yet(channel)
    places = await places_of(unit, Binding(chat.precinct_id, chat.second_precinct_id))
    return groups.inspectors([await keeper_of(unit, place) for place in places])


async def chat_of(event: Message | CallbackQuery, unit: Unit) -> ChatView | None:
    message = event.message if isinstance(event, CallbackQuery) else event
    return await unit.chats.at(Messenger.TELEGRAM, str(message.chat.id)) if message else None


async def places_of(unit: Unit, binding: Binding) -> list[PlaceView]:
    ids = [binding.precinct_id, *([binding.second_id] if binding.second_id is not None else [])]
    return [await unit.territory.precinct(id_) for id_ in ids]


# -- whose yard it is


async def bind(
    query: CallbackQuery, callback_data: Bind, unit: Unit, person: Person | None, is_chat_admin: bool = False
) -> Reply:
    """Pressed in the group; whose hand it was is the account's id. A button of another group is refused."""
    chat = await chat_of(query, unit)
    if chat is None or chat.id != callback_data.chat:
        raise NotAllowed
    officer = person.officer if person else None
    match callback_data.do:
        case "confirm":
            if not is_chat_admin:
                raise NotTheAdmin
            return await confirmed(unit, chat, binding_of(callback_data))
        case "refuse":
            if not is_chat_admin and officer is None:
                raise NotTheAdmin
            await unit.chats.refuse(chat.id, None if is_chat_admin else officer)
            if chat.precinct_id is None:
                return groups.unbound(chat, replaces=True)
            places = await places_of(unit, Binding(chat.precinct_id, chat.second_precinct_id))
            return groups.bound(places, await keepers(unit, places), replaces=True)  # as it was before
    return await asked(unit, chat, officer, callback_data, is_chat_admin=is_chat_admin)


def binding_of(press: Bind) -> Binding:
    return Binding(press.precinct, press.second if press.second > 0 else None)


async def asked(
    unit: Unit, chat: ChatView, officer: OfficerView | None, press: Bind, *, is_chat_admin: bool, replaces: bool = True
) -> Reply:
    """The inspector's precinct, then a second one beside it, then the administrator: himself, or somebody is asked."""
    if officer is None or not officer.has(Role.INSPECTOR):
        raise NotAllowed
    if chat.precinct_id is not None and not chat.belongs_to(officer):
        raise NotAllowed  # a colleague has bound it
    if not press.precinct and len(officer.precinct_ids) > 1:
        places = [await unit.territory.precinct(precinct_id) for precinct_id in officer.precinct_ids]
        return groups.which_precinct(chat, places)
    precinct_id = press.precinct or officer.precinct_ids[0]
    if precinct_id not in officer.precinct_ids:
        raise NotAllowed
    if press.second != ONE:
        beside = await unit.neighbours.of(precinct_id)
        if press.second and press.second not in [place.id for place in beside]:
            raise NotAllowed
        if beside and not press.second:
            return groups.one_or_two(chat, await unit.territory.precinct(precinct_id), beside)
    binding = Binding(precinct_id, press.second if press.second > 0 else None)
    places = await places_of(unit, binding)
    if is_chat_admin:
        await unit.chats.bind(chat.id, binding, officer)
        return groups.bound(places, await named(unit, officer, places), replaces=replaces)
    await unit.chats.ask(chat.id, binding, officer)
    return groups.confirm_question(chat, binding, places, officer, replaces=replaces)


async def confirmed(unit: Unit, chat: ChatView, binding: Binding, *, replaces: bool = True) -> Reply:
    _chat, officer_id = await unit.chats.confirm(chat.id, binding)
    places = await places_of(unit, binding)
    return groups.bound(places, await named(unit, await unit.officers.get(officer_id), places), replaces=replaces)


async def named(unit: Unit, officer: OfficerView, places: Sequence[PlaceView]) -> list[OfficerView]:
    """Who has bound it, and the inspector of the second precinct."""
    return [officer, *(other for other in await keepers(unit, places[1:]) if other.id != officer.id)]


async def keepers(unit: Unit, places: Sequence[PlaceView]) -> list[OfficerView]:
    found = [await unit.officers.inspector_of(place.id) for place in places]
    return [officer for officer in found if officer is not None]


async def command_bind(
    message: Message, unit: Unit, person: Person | None, is_chat_admin: bool = False
) -> Reply | None:
    """The button once more. To anybody but an inspector the bot is silent here."""
    chat, officer = await chat_of(message, unit), person.officer if person else None
    if chat is None or officer is None or not officer.has(Role.INSPECTOR):
        return None
    return await asked(unit, chat, officer, Bind(chat=chat.id), is_chat_admin=is_chat_admin, replaces=False)


async def command_confirm(message: Message, unit: Unit, is_chat_admin: bool = False) -> Reply | None:
    """For an administrator who acts in the name of the chat and has no hand to press with."""
    chat = await chat_of(message, unit)
    if chat is None or not is_chat_admin:
        return None
    if chat.asked is None:
        raise BindingNotAsked
    return await confirmed(unit, chat, chat.asked.binding, replaces=False)


async def command_unbind(
    message: Message, unit: Unit, person: Person | None, is_chat_admin: bool = False
) -> Reply | None:
    chat, officer = await chat_of(message, unit), person.officer if person else None
    if chat is None or chat.precinct_id is None:
        return None
    is_its_inspector = officer is not None and chat.belongs_to(officer)
    if not (is_chat_admin or is_its_inspector):
        return None
    await unit.chats.unbind(chat.id, officer if is_its_inspector else None)
    return groups.unbound(chat)
