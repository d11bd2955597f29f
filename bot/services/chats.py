"""Neighbourhood groups: added, bound to a precinct by its inspector and the chat's administrator, moved, left."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.clock import Clock
from bot.errors import BindingNotAsked, NotAllowed, NotFound
from bot.services.audit import Audit
from bot.services.notices import Notices, Promise, Recipient
from bot.services.officers import OfficerView
from bot.store import keys
from bot.store.base import new_id
from bot.store.chats import Chat
from bot.store.notices import Notice
from bot.store.officers import Duty, Officer
from bot.terms import EndpointState, Messenger, NoticeKind, NoticeState, Role

ASKING_LASTS = timedelta(days=7)  # an administrator who has not looked by then is asked again
SIGNATURE = 16  # hex digits of a ticket's proof; with the id and the underscores it fits Telegram's 64 of a start link

DELETED = "deleted"  # the messenger's reason, as the courier writes it down
REMOVED, UNBOUND = "chat_removed", "chat_unbound"


@dataclass(frozen=True, slots=True)
class Binding:
    """A yard's precinct, and the second one where the yard lies in two."""

    precinct_id: int
    second_id: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A binding that waits for the chat's administrator."""

    binding: Binding
    officer_id: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ChatView:
    id: int
    title: str
    precinct_id: int | None
    is_open: bool
    second_precinct_id: int | None = None
    place: str = ""
    asked: Asked | None = None

    def belongs_to(self, officer: OfficerView) -> bool:
        return bool({self.precinct_id, self.second_precinct_id} & set(officer.precinct_ids))


def chat_fingerprint(messenger: Messenger, address: str) -> bytes:
    return keys.ring().fingerprint("chat", messenger, address)


class Chats:
    def __init__(self, session: AsyncSession, clock: Clock, audit: Audit, notices: Notices) -> None:
        self._session, self._clock, self._audit, self._notices = session, clock, audit, notices

    async def at(self, messenger: Messenger, address: str) -> ChatView | None:
        row = await self._row(messenger, address)
        return None if row is None else _view(row)

    async def get(self, chat_id: int) -> ChatView | None:
        row = await self._session.get(Chat, chat_id)
        return None if row is None else _view(row)

    # -- a member, or not any more

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
        """The bot left: the binding ends with it and its inspectors are told; the next inspector binds anew."""
        row = await self._row(messenger, address)
        if row is None:
            return
        if row.state == EndpointState.OPEN:
            await self._tell(row, REMOVED)
            await self._audit.write(REMOVED, subject=f"chat:{row.id}", precinct=row.precinct_id)
        row.state, row.state_reason = EndpointState.LEFT, "removed"
        _loosen(row)

    async def moved(self, messenger: Messenger, old: str, new: str) -> None:
        """A group became a supergroup: one row stays, under the new address, with its binding and its notices."""
        row = await self._row(messenger, old)
        twin = await self._row(messenger, new)
        if row is None:
            return
        await self._say_again(row, twin)
        if twin is not None and twin.id != row.id:
            await self._merge(row, twin)
        row.fingerprint = chat_fingerprint(messenger, new)
        row.address = new
        row.state, row.state_reason = EndpointState.OPEN, ""

    async def _say_again(self, row: Chat, twin: Chat | None) -> None:
        """Telegram may call a group deleted before it tells of its move: what failed for that is due once more."""
        now, told = self._clock.now(), aliased(Notice)
        told_there = exists().where(
            told.chat_id == (twin.id if twin is not None else 0),
            told.warning_id == Notice.warning_id,
            told.state.in_((NoticeState.SENDING, NoticeState.SENT, NoticeState.DELIVERED, NoticeState.READ)),
        )
        failed = update(Notice).where(
            Notice.chat_id == row.id,
            Notice.kind == NoticeKind.WARNING,
            Notice.state == NoticeState.FAILED,
            Notice.error == DELETED,
            or_(Notice.expires_at.is_(None), Notice.expires_at > now),
            ~told_there,
        )
        again = failed.values(state=NoticeState.DUE, error="", due_at=now)
        await self._session.execute(again.execution_options(synchronize_session="fetch"))

    async def _merge(self, row: Chat, twin: Chat) -> None:
        """The supergroup was met before the move was told: what it has and the old row lacks is taken over."""
        for names in (BOUND, ASKED, PLACE):
            if not getattr(row, names[0]):
                for name in names:
                    setattr(row, name, getattr(twin, name))
        told = select(Notice.warning_id).where(Notice.chat_id == row.id, Notice.kind == NoticeKind.WARNING)
        mine = select(Notice.id).where(Notice.chat_id == twin.id, Notice.warning_id.in_(told))
        gone = update(Notice).where(Notice.id.in_(mine), Notice.state == NoticeState.DUE)
        await self._session.execute(gone.values(state=NoticeState.CANCELLED, error="merged"))
        rest = update(Notice).where(Notice.chat_id == twin.id, Notice.id.not_in(mine))
        await self._session.execute(rest.values(chat_id=row.id, talk=row.id))
        twin.fingerprint = chat_fingerprint(Messenger(twin.messenger), f"merged:{twin.id}")
        twin.state, twin.state_reason = EndpointState.DEAD, "merged"
        _loosen(twin)
        await self._session.flush()

    # -- whose yard it is

    async def ask(self, chat_id: int, binding: Binding, by: OfficerView) -> ChatView:
        """The inspector's half of a binding; the newest request counts. Raises NotAllowed, NotFound."""
        row = await self._bindable(chat_id, binding, by)
        row.asked_precinct_id, row.asked_second_id = binding.precinct_id, binding.second_id
        row.asked_by, row.asked_at = by.id, self._clock.now()
        await self._audit.write("chat_asked", by=by, subject=f"chat:{chat_id}", precinct=binding.precinct_id)
        await self._session.flush()
        return _view(row)

    async def confirm(self, chat_id: int, binding: Binding) -> tuple[ChatView, int]:
        """The administrator's half: exactly what was asked, while it is fresh. The chat, and who asked.

        Raises BindingNotAsked. That it is an administrator's hand, the caller has seen."""
        row = await self._session.get(Chat, chat_id)
        view = None if row is None else _view(row)
        if row is None or view is None or view.asked is None or not view.is_open or view.asked.binding != binding:
            raise BindingNotAsked
        officer = await self._session.get(Officer, view.asked.officer_id)
        serves = select(Duty.id).where(
            Duty.officer_id == view.asked.officer_id,
            Duty.role == Role.INSPECTOR,
            Duty.precinct_id == binding.precinct_id,
        )
        is_over = view.asked.expires_at <= self._clock.now()
        if is_over or officer is None or not officer.is_active or await self._session.scalar(serves) is None:
            raise BindingNotAsked
        await self._bind(row, binding, view.asked.officer_id)
        await self._audit.write("chat_bound", by=None, subject=f"chat:{chat_id}", precinct=binding.precinct_id)
        return _view(row), view.asked.officer_id

    async def refuse(self, chat_id: int, by: OfficerView | None) -> None:
        """An administrator of the chat says no (`by` is empty), or the inspector takes his request back."""
        row = await self._session.get(Chat, chat_id)
        if row is None or (by is not None and row.asked_by != by.id):
            raise NotAllowed
        for name in ASKED:
            setattr(row, name, None)
        await self._audit.write("chat_refused", by=by, subject=f"chat:{chat_id}")

    async def bind(self, chat_id: int, binding: Binding, by: OfficerView) -> ChatView:
        """By an inspector who administers the chat himself: both halves at once. Raises NotAllowed, NotFound."""
        row = await self._bindable(chat_id, binding, by)
        await self._bind(row, binding, by.id)
        await self._audit.write("chat_bound", by=by, subject=f"chat:{chat_id}", precinct=binding.precinct_id)
        return _view(row)

    async def unbind(self, chat_id: int, by: OfficerView | None) -> None:
        """By its inspector, or by an administrator of the chat (`by` is empty). Raises NotAllowed."""
        row = await self._session.get(Chat, chat_id)
        if row is None or row.precinct_id is None or (by is not None and not _view(row).belongs_to(by)):
            raise NotAllowed
        await self._audit.write(UNBOUND, by=by, subject=f"chat:{chat_id}", precinct=row.precinct_id)
        await self._tell(row, UNBOUND, but=by)
        _loosen(row)
        await self._session.flush()

    async def _bindable(self, chat_id: int, binding: Binding, by: OfficerView) -> Chat:
        """Only an inspector binds, only to his own precinct, and never a group that a colleague has bound."""
        if not by.has(Role.INSPECTOR) or binding.precinct_id not in by.precinct_ids:
            raise NotAllowed
        if binding.second_id == binding.precinct_id:
            raise NotAllowed
        row = await self._session.get(Chat, chat_id)
        if row is None or row.state != EndpointState.OPEN:
            raise NotFound
        if row.precinct_id is not None and not _view(row).belongs_to(by):
            raise NotAllowed
        return row

    async def _bind(self, row: Chat, binding: Binding, officer_id: int) -> None:
        _loosen(row)
        row.precinct_id, row.second_precinct_id = binding.precinct_id, binding.second_id
        row.bound_by, row.bound_at = officer_id, self._clock.now()
        await self._session.flush()

    async def _tell(self, row: Chat, what: str, but: OfficerView | None = None) -> None:
        """Whoever warned this yard must know that his warnings reach it no more."""
        if row.precinct_id is None:
            return
        scope = (row.precinct_id, row.second_precinct_id or row.precinct_id)
        duty = select(Duty.officer_id).where(Duty.role == Role.INSPECTOR, Duty.precinct_id.in_(scope))
        query = select(Officer.id, Officer.resident_id).where(
            Officer.is_active, Officer.resident_id.is_not(None), Officer.id.in_(duty) | (Officer.id == row.bound_by)
        )
        facts = {"alarm": what, "what": row.title}
        promises = [
            Promise(NoticeKind.ALARM, Recipient(resident_id=resident_id), facts=facts)
            for officer_id, resident_id in await self._session.execute(query)
            if but is None or officer_id != but.id
        ]
        await self._notices.promise(*promises)

    # -- tips that begin in a yard

    def ticket(self, chat_id: int) -> str:
        """What a group's private link says of the group: signed, so that nobody names a group he has not seen."""
        return f"{chat_id}_{_signature(chat_id)}"

    async def of_ticket(self, ticket: str) -> ChatView | None:
        """The bound group of this link; None for a forged or old one."""
        number, _mark, signature = ticket.partition("_")
        if not (number.isascii() and number.isdecimal()) or len(number) > 19:
            return None
        if not hmac.compare_digest(_signature(int(number)).encode(), signature.encode()):
            return None
        row = await self._session.get(Chat, int(number))
        return _view(row) if row is not None and row.state == EndpointState.OPEN else None

    async def _row(self, messenger: Messenger, address: str) -> Chat | None:
        return await self._session.scalar(select(Chat).where(Chat.fingerprint == chat_fingerprint(messenger, address)))


# What is taken over together; the first of each says whether there is anything.
BOUND = ("precinct_id", "second_precinct_id", "bound_by", "bound_at")
ASKED = ("asked_precinct_id", "asked_second_id", "asked_by", "asked_at")
PLACE = ("place", "lat", "lon")


def _loosen(row: Chat) -> None:
    for name in (*BOUND, *ASKED):
        setattr(row, name, None)


def _signature(chat_id: int) -> str:
    return keys.ring().fingerprint("chat ticket", chat_id).hex()[:SIGNATURE]


def _view(row: Chat) -> ChatView:
    asked = None
    if row.asked_precinct_id is not None and row.asked_by is not None and row.asked_at is not None:
        binding = Binding(row.asked_precinct_id, row.asked_second_id)
        asked = Asked(binding, row.asked_by, row.asked_at + ASKING_LASTS)
    return ChatView(
        row.id, row.title, row.precinct_id, row.state == EndpointState.OPEN, row.second_precinct_id, row.place, asked
    )
