"""Why a tip went where it went: the decision as it was made then, not as it would be made today."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from bot.errors import NotFound
from bot.i18n import Bilingual
from bot.services.officers import OfficerView
from bot.services.routing import Verdict
from bot.services.tips.records import TipRecords
from bot.store.events import Event
from bot.store.officers import Officer
from bot.store.territory import Desk
from bot.store.tips import Tip
from bot.terms import Role

EXPLAINED = (Role.STAFF, Role.ADMIN)  # beside the holder


@dataclass(frozen=True, slots=True)
class Decision:
    """`verdicts` is empty where a tip is older than the record of rules; `before`: who had it when it moved."""

    at: datetime
    reason: str
    holder: Bilingual
    verdicts: tuple[Verdict, ...]
    before: Bilingual | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The first decision and, where it was not the last, those after it."""

    number: int
    decisions: tuple[Decision, ...]


class ExplainedTips(TipRecords):
    async def explain(self, officer: OfficerView | None, tip_id: int) -> Explanation:
        """For its holder, staff and administrators; `officer` is empty for the command line.

        A restricted tip is explained to own security alone. Raises NotFound for everybody else."""
        tip = await self._session.get(Tip, tip_id)
        if tip is None or not await self._may_ask(officer, tip):
            raise NotFound
        query = select(Event).where(Event.tip_id == tip.id, Event.kind.in_(("routed", "moved"))).order_by(Event.id)
        decisions = [await self._decision(event) for event in await self._session.scalars(query)]
        return Explanation(tip.number, tuple(decisions))

    async def id_of(self, number: int) -> int:
        """Raises NotFound."""
        tip_id = await self._session.scalar(select(Tip.id).where(Tip.number == number))
        if tip_id is None:
            raise NotFound
        return tip_id

    async def _may_ask(self, officer: OfficerView | None, tip: Tip) -> bool:
        if officer is None:
            return not tip.is_restricted
        if officer.has(*EXPLAINED) and not tip.is_restricted:
            return True
        return await self.may_see(officer, tip.id)

    async def _decision(self, event: Event) -> Decision:
        facts: Mapping[str, Any] = event.facts or {}
        verdicts = tuple(Verdict(**verdict) for verdict in facts.get("verdicts", ()))
        holder = await self._name_of(event.to_officer_id, event.to_desk_id)
        is_known = event.from_officer_id is not None or event.from_desk_id is not None
        before = await self._name_of(event.from_officer_id, event.from_desk_id) if is_known else None
        return Decision(event.at, event.reason, holder, verdicts, before)

    async def _name_of(self, officer_id: int | None, desk_id: int | None) -> Bilingual:
        if officer_id is not None:
            return (await self._officers.view(await self._session.get_one(Officer, officer_id))).title
        desk = await self._session.get_one(Desk, desk_id)
        return Bilingual(desk.name_kk, desk.name_ru)
