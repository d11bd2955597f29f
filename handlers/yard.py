"""What else a group asks the bot: to pass on a neighbour's words, and to count who has called 102. It keeps neither."""

from typing import Any

from aiogram import Router
from aiogram.filters import Filter
from aiogram.types import CallbackQuery, Message

from bot.danger import danger_in
from bot.errors import NotAllowed
from bot.services.unit import Unit
from bot.speech import Reply, groups
from bot.speech.calls import Called
from bot.speech.filters import InGroup, Pressed, is_addressed
from bot.speech.groups import GROUP_COMMANDS
from bot.speech.links import Links
from bot.speech.parts import LONGEST
from bot.terms import Messenger


def router() -> Router:
    router = Router(name="yard")
    router.message.filter(InGroup())
    router.callback_query.filter(InGroup())
    router.message.register(quote, QuotesNeighbour())
    router.callback_query.register(called, Pressed("called"), Called.filter())
    return router


class QuotesNeighbour(Filter):
    """An answer to another neighbour's own words, said to the bot. Danger is shown its numbers first, elsewhere."""

    async def __call__(self, message: Message, channel: Links | None = None) -> bool | dict[str, Any]:
        answered = message.reply_to_message
        if channel is None or answered is None or answered.from_user is None or message.from_user is None:
            return False
        author = answered.from_user
        is_own = answered.sender_chat is None and answered.forward_origin is None
        if author.is_bot or author.id == message.from_user.id or not is_own:
            return False
        words = message.text or message.caption or ""
        quoted = answered.text or answered.caption or ""
        if not quoted.strip() or danger_in(words) is not None:
            return False
        if not (is_addressed(message, channel) or words.split("@")[0].split(" ")[0] in GROUP_COMMANDS):
            return False
        return {"quoted": quoted, "author": str(author.id)}


async def quote(message: Message, quoted: str, author: str, unit: Unit, channel: Links) -> Reply:
    """The answer is the same whether the author was asked or not: nobody learns who talks with the bot."""
    chat = await unit.chats.at(Messenger.TELEGRAM, str(message.chat.id))
    ticket = ""
    if chat is not None and chat.is_open:
        await unit.quotes.ask(chat, await unit.residents.known(Messenger.TELEGRAM, author), quoted[:LONGEST])
        ticket = unit.chats.ticket(chat.id) if chat.precinct_id is not None else ""
    return groups.quote_reply(channel, ticket, in_danger=danger_in(quoted) is not None)


async def called(query: CallbackQuery, unit: Unit) -> Reply:
    """Under the bot's own word of danger; the message says which one it is, the account's hash who pressed."""
    message = query.message
    chat = await unit.chats.at(Messenger.TELEGRAM, str(message.chat.id)) if message else None
    if message is None or chat is None:
        raise NotAllowed
    said_at = message.date if isinstance(message, Message) else None
    counted = None
    if said_at is not None:
        counted = await unit.calls.count(chat, str(message.message_id), said_at, str(query.from_user.id))
    if counted is None:
        return Reply(alert=groups.calls_over())
    total, is_new = counted
    return groups.danger_reply(total, replaces=True) if is_new else Reply(alert=groups.counted_already())
