"""Neighbourhood groups: added, bound to a precinct by its inspector, moved, left."""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.errors import NotAllowed, NotFound
from bot.services.audit import Audit
from bot.services.officers import OfficerView
from bot.store import keys
from bot.store.base import new_id
from bot.store.chats import Chat
from bot.store.notices import Notice
from bot.terms import EndpointState, Messenger, NoticeKind, NoticeState, Role


@dataclass(frozen=True, slots=True)
class ChatView:
    id: int
    title: str
    precinct_id: int | None
    is_open: bool


def chat_fingerprint(messenger: Messenger, address: str) -> bytes:
    return keys.ring().fingerprint("chat", messenger, address)


class Chats:
    def __init__(self, session: AsyncSession, clock: Clock, audit: Audit) -> None:
        self._session, self._clock, self._audit = session, clock, audit

    async def at(self, messenger: Messenger, address: str) -> ChatView | None:
        row = await self._row(messenger, address)
        return None if row is None else _view(row)

    async def added(self, messenger: Messenger, address: str, title: str, *, is_admin: bool = False) -> ChatView:
        """The bot is (again) a member of this group."""
        row = await self._row(messenger, address)
        now = self._clock.now()
        if row is None:
            row = Chat(
                id=new_id(now),
                messenger=messenger,
                fingerprint=chat_fingerprint(messenger, address),
                title=title,
                state=EndpointState.OPEN,
                state_reason="",
                added_at=now,
                is_admin=is_admin,
            )
            row.address = address
            self._session.add(row)
        else:
            row.state, row.state_reason, row.title, row.is_admin = EndpointState.OPEN, "", title, is_admin
        await self._session.flush()
        return _view(row)

    async def removed(self, messenger: Messenger, address: str) -> None:
        """The bot left: the binding ends with it, the next inspector binds anew."""
        row = await self._row(messenger, address)
        if row is None:
            return
        row.state, row.state_reason = EndpointState.LEFT, "removed"
        row.precinct_id = row.bound_by = row.bound_at = None

    async def moved(self, messenger: Messenger, old: str, new: str) -> None:
        """A group became a supergroup: one row stays, under the new address, with its binding and its notices."""
        row = await self._row(messenger, old)
        twin = await self._row(messenger, new)
        if row is None:
            return
        if twin is not None and twin.id != row.id:
            row.precinct_id = row.precinct_id or twin.precinct_id
            row.bound_by, row.bound_at = row.bound_by or twin.bound_by, row.bound_at or twin.bound_at
            told = select(Notice.warning_id).where(Notice.chat_id == row.id, Notice.kind == NoticeKind.WARNING)
            mine = select(Notice.id).where(Notice.chat_id == twin.id, Notice.warning_id.in_(told))
            gone = update(Notice).where(Notice.id.in_(mine), Notice.state == NoticeState.DUE)
            await self._session.execute(gone.values(state=NoticeState.CANCELLED, error="merged"))
            rest = update(Notice).where(Notice.chat_id == twin.id, Notice.id.not_in(mine))
            await self._session.execute(rest.values(chat_id=row.id, talk=row.id))
            twin.fingerprint = chat_fingerprint(messenger, f"merged:{twin.id}")
            twin.state, twin.state_reason, twin.precinct_id = EndpointState.DEAD, "merged", None
            await self._session.flush()
        row.fingerprint = chat_fingerprint(messenger, new)
        row.address = new
        row.state, row.state_reason = EndpointState.OPEN, ""

    async def bind(self, chat_id: int, precinct_id: int, by: OfficerView) -> ChatView:
        """Only an inspector binds, and only to his own precinct."""
        if not by.has(Role.INSPECTOR) or precinct_id not in by.precinct_ids:
            raise NotAllowed
        row = await self._session.get(Chat, chat_id)
        if row is None or row.state != EndpointState.OPEN:
            raise NotFound
        row.precinct_id, row.bound_by, row.bound_at = precinct_id, by.id, self._clock.now()
        await self._audit.write("chat_bound", by=by, subject=f"chat:{chat_id}", precinct=precinct_id)
        await self._session.flush()
        return _view(row)

    async def _row(self, messenger: Messenger, address: str) -> Chat | None:
        return await self._session.scalar(select(Chat).where(Chat.fingerprint == chat_fingerprint(messenger, address)))


def _view(row: Chat) -> ChatView:
    return ChatView(row.id, row.title, row.precinct_id, row.state == EndpointState.OPEN)
