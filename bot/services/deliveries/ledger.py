"""How many people WhatsApp lets us open a talk with in a moving day, and when there is room for one more."""

from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.deliveries.rules import TIER_WINDOW, Rules
from bot.store.endpoints import Endpoint
from bot.store.notices import Notice
from bot.store.residents import Resident
from bot.terms import Messenger, NoticeKind, NoticeState

OVER_TIER = "tier"  # error of a due notice that waits for room: shown as waiting, no attempt is counted
PARKED_AT_LEAST = timedelta(seconds=60)  # a burst leaves the window as it came: who waits is not moved for each of it
PARKED_AT_ONCE = 5_000


class Ledger:
    def __init__(self, session: AsyncSession, rules: Rules) -> None:
        self._session, self._rules = session, rules

    async def used(self, now: datetime) -> int:
        """People written to outside their window in the last moving day."""
        query = select(func.count()).select_from(Endpoint).where(Endpoint.templated_at > now - TIER_WINDOW)
        return await self._session.scalar(query) or 0

    async def fits(self, now: datetime) -> int | None:
        """None where there is no limit."""
        if not self._rules.tier:
            return None
        return max(0, self._rules.allowed(is_urgent=False) - await self.used(now))

    async def room_at(self, endpoint: Endpoint, now: datetime, *, is_urgent: bool) -> datetime | None:
        """None when this person may be written to now; else when the oldest entry leaves the moving day."""
        if not self._rules.tier:
            return None
        if endpoint.templated_at is not None and endpoint.templated_at > now - TIER_WINDOW:
            return None  # counted already
        over = await self.used(now) - self._rules.allowed(is_urgent=is_urgent)
        if over < 0:
            return None
        query = select(Endpoint.templated_at).where(Endpoint.templated_at > now - TIER_WINDOW)
        oldest = await self._session.scalar(query.order_by(Endpoint.templated_at).offset(over).limit(1))
        leaves = oldest + TIER_WINDOW if oldest is not None else now
        return max(leaves, now + PARKED_AT_LEAST)

    async def opens_at(self, now: datetime) -> datetime:
        query = select(func.min(Endpoint.templated_at)).where(Endpoint.templated_at > now - TIER_WINDOW)
        oldest = await self._session.scalar(query)
        return max(now + PARKED_AT_LEAST, oldest + TIER_WINDOW if oldest is not None else now)

    async def park(self, warning_id: int, until: datetime, now: datetime) -> None:
        """The rest of this warning that needs a template waits too, in one statement and not one by one."""
        closed = (
            select(Resident.id)
            .join(Endpoint, Endpoint.id == Resident.endpoint_id)
            .where(
                Resident.id == Notice.resident_id,
                Endpoint.messenger == Messenger.WHATSAPP,
                or_(Endpoint.window_until.is_(None), Endpoint.window_until <= now),
                or_(Endpoint.templated_at.is_(None), Endpoint.templated_at <= now - TIER_WINDOW),
            )
        )
        some = (
            select(Notice.id)
            .where(
                Notice.warning_id == warning_id,
                Notice.messenger == Messenger.WHATSAPP,
                Notice.kind == NoticeKind.WARNING,
                Notice.state == NoticeState.DUE,
                Notice.due_at <= now,
                Notice.error.in_(("", OVER_TIER)),
                closed.exists(),
            )
            .limit(PARKED_AT_ONCE)
        )
        parked = update(Notice).where(Notice.id.in_(some)).values(due_at=until, error=OVER_TIER)
        await self._session.execute(parked.execution_options(synchronize_session=False))
