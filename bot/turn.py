"""One turn of a talk: unit, form, the handler's work, the inbox mark, commit. Nothing is said before it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from aiogram import BaseMiddleware
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.enums import ChatType
from aiogram.fsm.context import FSMContext
from aiogram.fsm.storage.base import StorageKey
from aiogram.types import CallbackQuery, Message, TelegramObject, Update

from bot.channels.base import Channel, Menu, Place
from bot.errors import KorshiError
from bot.i18n import _
from bot.memory import TurnMemory
from bot.metrics import TURN_SECONDS, TURNS
from bot.services.residents import Person
from bot.services.talks import NEXT_MENU, TalkView, talk_key
from bot.services.unit import Unit, Units
from bot.speech import Reply, both
from bot.speech.menu import WRONG_NUMBER
from bot.speech.parts import FILES
from bot.terms import Messenger

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class AlreadyHandled(Exception):
    """The inbox row was marked before: this turn must leave no trace."""


class Turn(BaseMiddleware):
    """On `dp.update`. Order per person is the inbox worker's: two turns of one person never run at once."""

    def __init__(self, units: Units) -> None:
        self._units = units

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """The handler's Reply after the commit. A broken rule becomes its words; a bug goes up to the worker."""
        channel: Channel = data["channel"]
        item_id: int | None = data.get("inbox_id")
        try:
            with TURN_SECONDS.time():
                async with self._units() as unit:
                    reply = await self._inside(unit, handler, event, data)
        except AlreadyHandled:
            return None
        except KorshiError as refusal:
            words = _words_of(refusal, data.get("person"))
        else:
            TURNS.labels(channel.messenger.value, "done").inc()
            return reply
        TURNS.labels(channel.messenger.value, "refused").inc()
        async with self._units() as unit:  # what must survive a refusal
            if item_id is not None:
                await unit.inbox.handled(item_id, "refused")
        place: Place = data.get("place") or Place("")
        return Reply(alert=words) if place.callback_id and channel.messenger is Messenger.TELEGRAM else Reply(words)

    async def _inside(self, unit: Unit, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        channel: Channel = data["channel"]
        item_id: int | None = data.get("inbox_id")
        if item_id is not None and not await unit.inbox.handled(item_id):
            raise AlreadyHandled
        place, person = place_of(event, data.get("address"))
        key = talk_key(channel.messenger, place.address, person)
        await unit.residents.expect(channel.messenger, person, key)
        talk = await unit.talks.read(key)
        before = _copy(talk)
        event = meant(event, talk, channel)
        storage_key = StorageKey(bot_id=channel.bot.id, chat_id=0, user_id=0)
        data |= {"unit": unit, "talk": talk, "raw_state": talk.state, "place": replace_callback(place, event)}
        data["state"] = FSMContext(storage=TurnMemory(talk), key=storage_key)
        reply = await handler(event, data)
        if reply is UNHANDLED or not isinstance(reply, Reply):
            reply = None
        else:
            reply = _once_a_burst(event, reply, channel)
            is_edit = reply.replaces and bool(data["place"].message)
            if not (place.is_group or is_edit):
                reply = _without_keys(reply, talk, before, channel)
            if not place.is_group:
                _remember_menu(talk, before, channel, reply)
        if talk != before:
            await unit.talks.write(key, talk)
        return reply


def _copy(talk: TalkView) -> TalkView:
    return replace(talk, form=dict(talk.form), menu=list(talk.menu))


def _words_of(refusal: KorshiError, person: Person | None) -> str:
    if person is None or person.language is None:
        return both(refusal.msgid, **refusal.facts)
    return _(refusal.msgid, **refusal.facts)


def _once_a_burst(event: TelegramObject, reply: Reply, channel: Channel) -> Reply:
    """An album is many updates, on WhatsApp without a sign that they belong together: one answer to all of them."""
    message = event.message if isinstance(event, Update) else None
    if message is None or reply.tag:
        return reply
    if message.media_group_id:
        return replace(reply, tag=f"album:{message.media_group_id}")
    if channel.messenger is Messenger.WHATSAPP and any(getattr(message, kind.value) for kind in FILES):
        return replace(reply, tag=f"files:{hash(str(reply.text))}")
    return reply


def _without_keys(reply: Reply, talk: TalkView, before: TalkView, channel: Channel) -> Reply:
    """Telegram's keys of a step that is over are taken away; a message with buttons under it cannot do that, but its
    first paragraph can go before it. What has neither leaves them where they are."""
    are_up = channel.messenger is Messenger.TELEGRAM and bool(before.menu) and before.menu[-1] != NEXT_MENU
    if not are_up or talk.state == before.state or reply.asks or reply.tag:
        return reply
    if not isinstance(reply.text, str) or not reply.text:
        return reply
    if reply.choices:
        first, _break, rest = reply.text.partition("\n\n")
        if not rest or reply.media_id is not None:
            return reply
        reply = Reply(first, frees_keys=True, then=replace(reply, text=rest, replaces=False))
    talk.menu = [*talk.menu, NEXT_MENU]  # a word typed by a key pressed late goes on meaning what it meant
    return replace(reply, frees_keys=True)


def _remember_menu(talk: TalkView, before: TalkView, channel: Channel, reply: Reply) -> None:
    """A reply with choices replaces the menu; words alone leave its numbers valid while the dialog stays at its step.

    Telegram's keys stay on the screen until others replace them, and go on meaning what they meant."""
    while reply.then is not None:
        reply = reply.then
    menu = channel.menu_of(reply)
    if menu.items:
        talk.menu, talk.menu_is_open, talk.menu_takes_words = menu.items, menu.open, menu.takes_words
    elif reply.text and talk.state != before.state and channel.messenger is not Messenger.TELEGRAM:
        talk.menu, talk.menu_is_open, talk.menu_takes_words = [], False, False


def meant(event: TelegramObject, talk: TalkView, channel: Channel) -> TelegramObject:
    """A typed number or label of the open menu is the press of that button; a number it does not have is told so."""
    if not isinstance(event, Update) or event.message is None or not event.message.text or not talk.menu:
        return event
    menu = Menu(talk.menu, talk.menu_is_open, talk.menu_takes_words)
    value = menu.value_of(event.message.text)
    is_number = event.message.text.strip().strip(".)").isdecimal()
    if value is None and is_number and not (menu.open or menu.takes_words):
        value = WRONG_NUMBER
    if value is None or event.message.from_user is None:
        return event
    query = CallbackQuery(
        id="", from_user=event.message.from_user, chat_instance="", data=value, message=event.message
    ).as_(channel.bot)
    return Update(update_id=event.update_id, callback_query=query).as_(channel.bot)


def replace_callback(place: Place, event: TelegramObject) -> Place:
    """A typed press has no button to answer and no message to edit."""
    if isinstance(event, Update) and event.callback_query is not None and not event.callback_query.id:
        return replace(place, callback_id="", message="")
    return place


def place_of(event: TelegramObject, address: str | None) -> tuple[Place, str]:
    """Where the update came from, and whose it is. `address` is the sender's where aiogram's ids are not his own."""
    if not isinstance(event, Update):
        raise TypeError(event)
    inner = event.event
    user = getattr(inner, "from_user", None)
    message = inner if isinstance(inner, Message) else getattr(inner, "message", None)
    chat = message.chat if message is not None else getattr(inner, "chat", None)
    who = address or str(user.id if user else 0)
    is_group = chat is not None and chat.type != ChatType.PRIVATE
    where = str(chat.id) if chat is not None and address is None else who
    if isinstance(inner, CallbackQuery):
        pressed = str(message.message_id) if message is not None else ""
        return Place(where, is_group, callback_id=inner.id, message=pressed), who
    reply_to = str(message.message_id) if is_group and isinstance(message, Message) else ""
    return Place(where, is_group, reply_to=reply_to), who
