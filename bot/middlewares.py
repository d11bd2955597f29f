"""What every update passes: Delivery ⊃ Turn ⊃ person and language ⊃ throttle."""

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from aiogram import BaseMiddleware
from aiogram.types import TelegramObject, Update

from bot.channels.base import Channel, Place
from bot.clock import Clock
from bot.danger import danger_in
from bot.errors import N_, KorshiError, TooMany
from bot.i18n import set_language
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.speech import Reply
from bot.speech.calls import Bind, Open
from bot.speech.filters import GROUPS
from bot.speech.forms import TipForm
from bot.speech.groups import BINDING_COMMANDS
from bot.terms import Language, Messenger

EMERGENCY = Open(what="emergency").pack()

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class PersonBlocked(KorshiError):
    msgid = N_("Messages from this account are not accepted now. If there is danger, call 102 or 112.")


class Postman(Protocol):
    """Takes a reply after the commit and lets the turn go on."""

    def post(self, channel: Channel, place: Place, reply: Reply, person: Person | None) -> None: ...


class Delivery(BaseMiddleware):
    """Queues the reply that a committed turn returned: first in, first out in each chat."""

    def __init__(self, postman: Postman) -> None:
        self._postman = postman

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        set_language(Language.KK)
        reply = await handler(event, data)
        place: Place | None = data.get("place")
        if place is not None and (place.callback_id or isinstance(reply, Reply)):
            said = reply if isinstance(reply, Reply) else Reply()
            self._postman.post(data["channel"], place, said, data.get("person"))
        return reply


class ChatAdmins(BaseMiddleware):
    """Whether who binds or unbinds a group administers it: asked before the turn, inside which nothing is awaited."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        asked = _who_binds(event)
        if asked is not None:
            chat, person, is_the_chat = asked
            data["is_chat_admin"] = is_the_chat or await data["channel"].is_chat_admin(str(chat), person)
        return await handler(event, data)


def _who_binds(event: TelegramObject) -> tuple[int, int, bool] | None:
    """Chat, account, and whether it speaks as the chat itself: only an anonymous administrator can."""
    if not isinstance(event, Update):
        return None
    query, message = event.callback_query, event.message
    if query is not None and query.message is not None and (query.data or "").startswith(f"{Bind.__prefix__}:"):
        return (query.message.chat.id, query.from_user.id, False) if query.message.chat.type in GROUPS else None
    if message is None or message.chat.type not in GROUPS or message.from_user is None:
        return None
    if not (message.text or "").startswith(BINDING_COMMANDS):
        return None
    return (
        message.chat.id,
        message.from_user.id,
        bool(message.sender_chat and message.sender_chat.id == message.chat.id),
    )


class Persons(BaseMiddleware):
    """Who speaks and in which language. In a group neighbours are not written down: only officers are known."""

    def __init__(self, owners: frozenset[int]) -> None:
        self._owners = owners

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        unit: Unit = data["unit"]
        channel: Channel = data["channel"]
        place: Place = data["place"]
        user = data.get("event_from_user")
        if user is None or user.is_bot:
            data |= {"person": None}  # an anonymous administrator, a channel: nobody we know
            return await handler(event, data)
        address = data.get("address") or str(user.id)
        if place.is_group or _is_about_membership(event):
            person = await unit.residents.known(channel.messenger, address)
        else:
            person = await unit.residents.meet(channel.messenger, address, user.full_name)
            person = await self._owner(unit, person, channel, address)
        if person is not None and person.language is not None:
            set_language(person.language)
        data |= {"person": person}
        return await handler(event, data)

    async def _owner(self, unit: Unit, person: Person, channel: Channel, address: str) -> Person:
        """The first administrators are named in the settings by their Telegram ids."""
        if person.officer is not None or channel.messenger is not Messenger.TELEGRAM:
            return person
        if not address.isdecimal() or int(address) not in self._owners:
            return person
        await unit.officers.add_owner(f"owner-{address}", person.id)
        return await unit.residents.meet(channel.messenger, address, person.name or "")


def _is_about_membership(event: TelegramObject) -> bool:
    return isinstance(event, Update) and (event.my_chat_member is not None or event.chat_member is not None)


class Throttle(BaseMiddleware):
    """At most so many updates of one person in a while, none of a blocked one; danger and its place always pass."""

    def __init__(self, clock: Clock, limit: int = 60, seconds: float = 60.0) -> None:
        self._clock, self._limit, self._seconds = clock, limit, seconds
        self._seen: dict[int, deque[float]] = {}
        self._told: dict[int, float] = {}

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        person: Person | None = data.get("person")
        if person is None or _is_danger(event) or data.get("raw_state") == TipForm.danger_place.state:
            return await handler(event, data)
        is_group = data["place"].is_group
        if person.is_blocked and not is_group:
            raise PersonBlocked
        if not self._is_over(person.id):
            return await handler(event, data)
        if is_group:
            return None
        now = self._clock.monotonic()
        if self._told.get(person.id, -self._seconds) > now - self._seconds:
            return None  # told a moment ago: an answer to each message would be a flood of our own
        self._told[person.id] = now
        raise TooMany

    def _is_over(self, person_id: int) -> bool:
        now = self._clock.monotonic()
        if len(self._seen) > 10_000:
            self._told = {key: at for key, at in self._told.items() if at > now - self._seconds}
            self._seen = {key: seen for key, seen in self._seen.items() if seen and seen[-1] > now - self._seconds}
        seen = self._seen.setdefault(person_id, deque(maxlen=self._limit + 1))
        seen.append(now)
        return len(seen) > self._limit and seen[0] > now - self._seconds


def _is_danger(event: TelegramObject) -> bool:
    if not isinstance(event, Update):
        return False
    if event.callback_query is not None:
        return event.callback_query.data == EMERGENCY
    message = event.message or event.edited_message
    return message is not None and danger_in(message.text or message.caption or "") is not None
