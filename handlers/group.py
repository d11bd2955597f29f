"""Neighbourhood groups: the bot says little, reads only what is addressed to it, moves details to a private chat."""

from aiogram import Router
from aiogram.enums import ChatMemberStatus
from aiogram.filters import Command
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message

from bot.danger import danger_in
from bot.errors import NotAllowed
from bot.i18n import _
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.speech import Choice, Reply, both, choose_named, column
from bot.speech.calls import Bind
from bot.speech.filters import GROUPS, InGroup, Pressed
from bot.speech.links import Links
from bot.terms import EndpointState, Messenger, Role

INSIDE = (
    ChatMemberStatus.MEMBER,
    ChatMemberStatus.ADMINISTRATOR,
    ChatMemberStatus.CREATOR,
    ChatMemberStatus.RESTRICTED,
)


def router() -> Router:
    router = Router(name="group")
    router.my_chat_member.register(membership)
    router.message.filter(InGroup())
    router.callback_query.filter(InGroup())
    router.message.register(migrated, IsMigration())
    router.message.register(danger, HasDanger())
    router.message.register(to_private, Command("tip", "start", "report", "help", "menu", "inspector"))
    router.message.register(addressed, IsAddressed())
    router.callback_query.register(bind, Pressed("bind"), Bind.filter())
    return router


class IsMigration(InGroup):
    async def __call__(self, event: object) -> bool:
        return isinstance(event, Message) and event.migrate_to_chat_id is not None


class IsAddressed(InGroup):
    """A mention of the bot or a reply to it; what neighbours say to each other passes by."""

    async def __call__(self, event: object, channel: Links | None = None) -> bool:
        if not isinstance(event, Message) or channel is None:
            return False
        words = event.text or event.caption or ""
        answered = event.reply_to_message
        if answered is not None and answered.from_user is not None and answered.from_user.is_bot:
            return answered.from_user.username == channel.username
        return bool(channel.username) and f"@{channel.username}".casefold() in words.casefold()


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
    if was_inside or chat.precinct_id is not None:
        return None
    return Reply(
        both(
            "Hello, dear neighbours! This is Korshi, the chat bot of the police department. It publishes warnings"
            " of the police here. Your conversations are not kept: the bot reads only what is written to it."
            " To report something, write to the bot privately. If there is danger, call 102 or 112."
        ),
        [[bilingual_choice("Bind to my precinct (for the inspector)", Bind(chat=chat.id))]],
    )


def bilingual_choice(msgid: str, data: Bind) -> Choice:
    return Choice(both(msgid).replace("\n\n", " / "), data.pack())


async def migrated(message: Message, unit: Unit) -> None:
    await unit.chats.moved(Messenger.TELEGRAM, str(message.chat.id), str(message.migrate_to_chat_id))


async def danger(_message: Message) -> Reply:
    return Reply(both("🆘 If there is danger, call 102 or 112 right now. This chat does not replace a call."))


async def to_private(message: Message, channel: Links) -> Reply:
    return private_reply(channel)


async def addressed(_message: Message, channel: Links) -> Reply:
    return private_reply(channel)


def private_reply(channel: Links) -> Reply:
    text = both("Write the details to the bot privately: the neighbours will not see them. Press “Write privately”.")
    label = both("Write privately").replace("\n\n", " / ")
    return Reply(text, [[Choice(label, url=channel.start_link("tip"))]])


async def bind(query: CallbackQuery, callback_data: Bind, unit: Unit, person: Person | None) -> Reply:
    """Pressed in the group. Whose hand it was is the account's id; an anonymous administrator has none."""
    officer = person.officer if person else None
    if officer is None or not officer.has(Role.INSPECTOR):
        raise NotAllowed
    here = await unit.chats.at(Messenger.TELEGRAM, str(query.message.chat.id)) if query.message else None
    if here is None or here.id != callback_data.chat or here.precinct_id not in (None, *officer.precinct_ids):
        raise NotAllowed  # the button of another group, or a group that a colleague has bound
    wanted = callback_data.precinct
    if not wanted and len(officer.precinct_ids) > 1:
        places = [await unit.territory.precinct(precinct_id) for precinct_id in officer.precinct_ids]
        choices = [choose_named(place.name, Bind(chat=callback_data.chat, precinct=place.id)) for place in places]
        return Reply(_("Which precinct is this group in?"), column(*choices), replaces=True)
    chat = await unit.chats.bind(callback_data.chat, wanted or officer.precinct_ids[0], officer)
    place = await unit.territory.precinct(chat.precinct_id or 0)
    kk, ru = place.name.kk, place.name.ru
    text = both("This group is bound: {area}. Inspector: {officer}.", area=f"{kk} / {ru}", officer=officer.title.kk)
    return Reply(text, replaces=True)
