"""Who is responsible: one rule order, always exactly one holder, and the reason."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound
from bot.services.officers import Officers, OfficerView
from bot.store.territory import Desk, Precinct
from bot.terms import DeskKind, Urgency

INSPECTOR = "inspector"
OWN_SECURITY = "own_security"
DUTY = "duty"
BOT = "bot"  # the program answers by itself; whoever is named next holds the tip


@dataclass(frozen=True, slots=True)
class Case:
    """What the decision looks at."""

    handlers: tuple[str, ...]  # of the category: desk codes or "inspector", the first decides
    urgency: Urgency
    precinct_id: int | None


@dataclass(frozen=True, slots=True)
class Holder:
    """An officer or a desk, never both, never neither. `reason` names the rule that won."""

    reason: str
    officer: OfficerView | None = None
    desk: Desk | None = None
    informed: tuple[OfficerView, ...] = ()
    is_restricted: bool = False


class Routing:
    def __init__(self, session: AsyncSession, officers: Officers) -> None:
        self._session, self._officers = session, officers

    async def decide(self, case: Case) -> Holder:
        """Conflict of interest, then danger, then the category's desk, then the precinct, then duty queues."""
        first = next((code for code in case.handlers if code != BOT), INSPECTOR)
        if first == OWN_SECURITY:
            return Holder("own_security", desk=await self._own_security(), is_restricted=True)
        inspector = await self._inspector(case.precinct_id)
        if case.urgency is Urgency.U0:
            informed = (inspector,) if inspector else ()
            return Holder("danger", desk=await self._duty(case.precinct_id), informed=informed)
        if first == DUTY:
            return Holder("category_desk", desk=await self._duty(case.precinct_id))
        if first != INSPECTOR:
            desk = await self._desk(first)
            if desk is not None:
                return Holder("category_desk", desk=desk)
        if inspector is not None:
            return Holder("precinct", officer=inspector)
        return Holder("duty_queue", desk=await self._duty(case.precinct_id))

    async def _inspector(self, precinct_id: int | None) -> OfficerView | None:
        """An inspector who never joined cannot hold anything: the duty queue does."""
        if precinct_id is None:
            return None
        inspector = await self._officers.inspector_of(precinct_id)
        return inspector if inspector and inspector.resident_id else None

    async def _desk(self, code: str) -> Desk | None:
        return await self._session.scalar(select(Desk).where(Desk.code == code, Desk.kind == DeskKind.DESK))

    async def _own_security(self) -> Desk:
        desk = await self._session.scalar(select(Desk).where(Desk.kind == DeskKind.OWN_SECURITY).limit(1))
        if desk is None:
            raise NotFound
        return desk

    async def _duty(self, precinct_id: int | None) -> Desk:
        district = None
        if precinct_id is not None:
            district = await self._session.scalar(select(Precinct.district_id).where(Precinct.id == precinct_id))
        return await self._officers.duty_desk(district)
