"""How many neighbours of a group say that 102 is called already: each once, known by a keyed hash, for two hours."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.services.chats import ChatView
from bot.store import keys
from bot.store.base import insert_into, new_id
from bot.store.events import Event
from bot.store.incidents import Incident
from bot.store.tips import SenderCount, Tip, TipState
from bot.terms import StateType, Urgency

LASTS = timedelta(hours=2)
MARK = "c-"  # what a row of the counters stands for, beside tips and files


class Calls:
    def __init__(self, session: AsyncSession, clock: Clock) -> None:
        self._session, self._clock = session, clock

    async def count(self, chat: ChatView, message: str, said_at: datetime, account: str) -> tuple[int, bool] | None:
        """How many have pressed under this word of danger, and whether this is a new one. None: it is over."""
        now = self._clock.now()
        if not now - LASTS < said_at <= now + timedelta(minutes=5):
            return None
        caller = keys.ring().fingerprint("caller", chat.id, account)
        counted = MARK + keys.ring().fingerprint("calls", chat.id, message).hex()[:8]
        knew = select(SenderCount.sender).where(SenderCount.sender == caller, SenderCount.hour > now - LASTS)
        is_known = await self._session.scalar(knew.where(SenderCount.what.startswith(MARK)).limit(1)) is not None
        row = insert_into(self._session, SenderCount)
        row = row.values(sender=caller, what=counted, hour=said_at, count=1).on_conflict_do_nothing()
        is_new = await self._session.scalar(row.returning(SenderCount.count)) is not None
        total = await self._session.scalar(
            select(func.count()).select_from(SenderCount).where(SenderCount.what == counted)
        )
        if is_new and not is_known:
            await self._pass_on(chat, said_at, total or 1)
        return total or 0, is_new

    async def _pass_on(self, chat: ChatView, said_at: datetime, total: int) -> None:
        """To the happening of the newest open danger in this group's precinct, if there is one."""
        precincts = [id_ for id_ in (chat.precinct_id, chat.second_precinct_id) if id_ is not None]
        if not precincts:
            return
        query = (
            select(Tip)
            .join(TipState, TipState.code == Tip.state)
            .where(
                Tip.precinct_id.in_(precincts),
                Tip.urgency == Urgency.U0,
                Tip.is_restricted.is_(False),
                Tip.closed_at.is_(None),
                TipState.type != StateType.CLOSED,
                Tip.created_at > said_at - LASTS,
            )
            .order_by(Tip.id.desc())
            .limit(1)
            .with_for_update(of=Tip)
        )
        tip = await self._session.scalar(query)
        if tip is None:
            return
        if tip.incident_id is not None:
            mine = Incident.id == tip.incident_id
            await self._session.execute(update(Incident).where(mine).values(calls=Incident.calls + 1))
            return
        now = self._clock.now()
        incident = Incident(
            id=new_id(now), category=tip.category, precinct_id=tip.precinct_id, lat=tip.lat, lon=tip.lon, calls=total,
            opened_at=now,
        )  # fmt: skip
        self._session.add(incident)
        await self._session.flush()
        tip.incident_id = incident.id
        event = Event(id=new_id(now), tip_id=tip.id, kind="incident_opened", state=tip.state, reason="calls", at=now)
        self._session.add(event)
        await self._session.flush()

    async def expire(self) -> None:
        over = SenderCount.hour <= self._clock.now() - LASTS
        await self._session.execute(delete(SenderCount).where(SenderCount.what.startswith(MARK), over))
