"""Filters of the dialogs: async, so that aiogram asks them in place (a plain function costs a thread hop)."""

from typing import Any

from aiogram.enums import ChatType
from aiogram.filters import Filter
from aiogram.types import CallbackQuery, Message, TelegramObject

from bot.services.residents import Person
from bot.speech.links import Links
from bot.speech.parts import FILES
from bot.speech.signs import Sign
from bot.speech.typed import key_of
from bot.terms import Role

GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)


class InGroup(Filter):
    async def __call__(self, event: TelegramObject) -> bool:
        chat = event.chat if isinstance(event, Message) else None
        if isinstance(event, CallbackQuery) and event.message is not None:
            chat = event.message.chat
        return chat is not None and chat.type in GROUPS

    def foresees(self, sign: Sign) -> bool:
        return sign.is_in_group


def is_addressed(message: Message, channel: Links) -> bool:
    """A mention of the bot or a reply to it; what neighbours say to each other passes by."""
    answered = message.reply_to_message
    if answered is not None and answered.from_user is not None and answered.from_user.is_bot:
        return answered.from_user.username == channel.username
    words = message.text or message.caption or ""
    return bool(channel.username) and f"@{channel.username}".casefold() in words.casefold()


class HasText(Filter):
    """Words that are not a command; the handler gets them as `text`."""

    async def __call__(self, message: Message) -> bool | dict[str, Any]:
        text = (message.text or "").strip()
        return {"text": text} if text and not text.startswith("/") else False

    def foresees(self, sign: Sign) -> bool | None:
        return None if sign.said == "words" else False


class NoCommand(Filter):
    """A message of any kind that does not ask for another dialog."""

    async def __call__(self, message: Message) -> bool:
        return not (message.text or "").startswith("/")

    def foresees(self, sign: Sign) -> bool:
        return sign.said != "command"


class HasWords(Filter):
    """A text of any kind, commands too."""

    async def __call__(self, message: Message) -> bool:
        return bool(message.text)

    def foresees(self, sign: Sign) -> bool:
        return bool(sign.said)


class HasLocation(Filter):
    async def __call__(self, message: Message) -> bool | dict[str, Any]:
        if message.location is None:
            return False
        return {"point": (message.location.latitude, message.location.longitude)}

    def foresees(self, sign: Sign) -> bool | None:
        return None if sign.has_point else False


class HasFile(Filter):
    async def __call__(self, message: Message) -> bool:
        return any(getattr(message, kind.value) for kind in FILES)


class IsOfficer(Filter):
    """By the account's id alone: names, forwards and sender_chat give no rights."""

    def __init__(self, *roles: Role) -> None:
        self.roles = roles

    async def __call__(self, event: TelegramObject, person: Person | None = None) -> bool:
        if person is None or person.officer is None:
            return False
        return not self.roles or person.officer.has(*self.roles)

    def foresees(self, sign: Sign) -> bool | None:
        return None if sign.is_officer and self.roles else sign.is_officer


class Says(Filter):
    """A word typed instead of a command, in whatever letters: "Мәзір", "мазир", «Меню»."""

    def __init__(self, *words: str) -> None:
        self.words = {key_of(word) for word in words}

    async def __call__(self, message: Message) -> bool:
        return key_of(message.text or "") in self.words

    def foresees(self, sign: Sign) -> bool:
        return bool(sign.word) and sign.word in self.words


class Pressed(Filter):
    """Gate of a router: callback data with one of these prefixes."""

    def __init__(self, *prefixes: str) -> None:
        self.prefixes = tuple(f"{prefix}:" for prefix in prefixes)

    async def __call__(self, query: CallbackQuery) -> bool:
        return (query.data or "").startswith(self.prefixes)

    def foresees(self, sign: Sign) -> bool | None:
        return None if f"{sign.word}:".startswith(self.prefixes) else False


class InForm(Filter):
    """Gate of a router: the dialog stands in one of these forms."""

    def __init__(self, *forms: Any) -> None:
        self.states = {state.state for form in forms for state in form.__all_states__}

    async def __call__(self, _event: TelegramObject, raw_state: str | None = None) -> bool:
        return raw_state in self.states

    def foresees(self, sign: Sign) -> bool:
        return sign.state in self.states
