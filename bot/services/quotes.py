"""A neighbour's words that another asked to pass on: kept sealed until their author agrees, for a day at most."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.errors import NotFound
from bot.services.chats import ChatView
from bot.services.notices import Notices, Promise, Recipient
from bot.services.residents import Person
from bot.store.base import new_id
from bot.store.chats import Quote
from bot.terms import NoticeKind

LASTS = timedelta(days=1)
MOST_OPEN = 3  # of one person: who is asked more often is pestered


@dataclass(frozen=True, slots=True)
class QuoteView:
    """`chat_id` is where it was said; nothing tells who asked for it."""

    id: int
    chat_id: int
    words: str


class Quotes:
    def __init__(self, session: AsyncSession, clock: Clock, notices: Notices) -> None:
        self._session, self._clock, self._notices = session, clock, notices

    async def ask(self, chat: ChatView, author: Person | None, words: str) -> None:
        """Asks the author in his own talk with the bot, where he has one and wants to be written to; once."""
        if (
            author is None
            or not author.has_consent
            or author.language is None
            or author.is_blocked
            or author.is_stopped
        ):
            return
        now = self._clock.now()
        mine = (Quote.resident_id == author.id, Quote.expires_at > now)
        waiting = list(await self._session.scalars(select(Quote).where(*mine)))
        if len(waiting) >= MOST_OPEN or any(quote.words == words for quote in waiting):
            return
        quote = Quote(id=new_id(now), chat_id=chat.id, resident_id=author.id, expires_at=now + LASTS)
        quote.words = words
        self._session.add(quote)
        await self._session.flush()
        facts = {"quote": quote.id, "chat": chat.title}
        await self._notices.promise(
            Promise(NoticeKind.QUOTE_ASK, Recipient(author.id), facts=facts, expires_at=quote.expires_at)
        )

    async def take(self, author: Person, quote_id: int) -> QuoteView:
        """His words, which are his from now on: nothing is kept here. Raises NotFound after a day or a second press."""
        quote = await self._own(author, quote_id)
        view = QuoteView(quote.id, quote.chat_id, quote.words or "")
        await self._session.delete(quote)
        return view

    async def refuse(self, author: Person, quote_id: int) -> None:
        await self._session.delete(await self._own(author, quote_id))

    async def _own(self, author: Person, quote_id: int) -> Quote:
        quote = await self._session.get(Quote, quote_id, with_for_update=True)
        if quote is None or quote.resident_id != author.id or quote.expires_at <= self._clock.now():
            raise NotFound
        return quote

    async def expire(self) -> None:
        await self._session.execute(delete(Quote).where(Quote.expires_at <= self._clock.now()))
