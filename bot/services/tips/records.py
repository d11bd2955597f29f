"""What both sides of a tip share: looking up, stepping, writing down."""

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.errors import NotFound, StepNotLegal
from bot.i18n import Bilingual
from bot.services.media import MediaShelf
from bot.services.notices import Notices, Promise, Recipient
from bot.services.officers import Officers, OfficerView
from bot.services.residents import Person
from bot.services.routing import Holder, Routing
from bot.services.tips.views import PartDraft, TipView, category_view, part_view, sent_by, visible_to
from bot.store import keys
from bot.store.base import new_id
from bot.store.events import Event
from bot.store.tips import Category, Outcome, Tip, TipPart, TipState
from bot.terms import Identity, Lane, Language, NoticeKind, StateType, Urgency


class TipRecords:
    def __init__(
        self,
        session: AsyncSession,
        clock: Clock,
        zone: ZoneInfo,
        officers: Officers,
        routing: Routing,
        notices: Notices,
        shelf: MediaShelf,
    ) -> None:
        self._session, self._clock, self._zone = session, clock, zone
        self._officers, self._routing, self._notices, self._shelf = officers, routing, notices, shelf

    async def _sent_tip(self, person: Person, tip_id: int) -> Tip:
        tip = await self._session.scalar(select(Tip).where(Tip.id == tip_id, sent_by(person.id)))
        if tip is None:
            raise NotFound
        return tip

    async def _held_tip(self, officer: OfficerView, tip_id: int) -> Tip:
        tip = await self._session.scalar(select(Tip).where(visible_to(officer), Tip.id == tip_id))
        if tip is None:
            raise NotFound
        return tip

    async def _type(self, tip: Tip) -> StateType:
        return StateType((await self._session.get_one(TipState, tip.state)).type)

    async def _step(self, tip: Tip, state: str) -> None:
        """Only the legal next states of the table. Raises StepNotLegal."""
        current = await self._session.get_one(TipState, tip.state)
        if state != tip.state and state not in current.next.split(","):
            raise StepNotLegal(status=Bilingual(current.name_kk, current.name_ru))
        tip.state = state

    def _event(self, tip: Tip, kind: str, officer: OfficerView | None = None, **facts: Any) -> None:
        now = self._clock.now()
        event = Event(
            id=new_id(now),
            tip_id=tip.id,
            kind=kind,
            officer_id=officer.id if officer else None,
            state=tip.state,
            at=now,
        )
        event.facts = facts or None
        self._session.add(event)

    async def _author(self, tip: Tip) -> Recipient:
        return Recipient(resident_id=tip.resident_id) if tip.resident_id else Recipient(vault_id=tip.id)

    async def _who_sees(self, holder: Holder) -> list[OfficerView]:
        holders = (
            [holder.officer] if holder.officer else await self._officers.on_desk(holder.desk.id if holder.desk else 0)
        )
        return [officer for officer in holders if officer.resident_id]

    async def _holders(self, tip: Tip) -> list[OfficerView]:
        if tip.officer_id is not None:
            return [await self._officers.get(tip.officer_id)]
        return await self._officers.on_desk(tip.desk_id or 0)

    async def _tell_holders(self, tip: Tip, kind: NoticeKind) -> None:
        cards = [
            Promise(kind, Recipient(resident_id=officer.resident_id), tip_id=tip.id)
            for officer in await self._holders(tip)
            if officer.resident_id
        ]
        await self._notices.promise(*cards)

    def _card(self, tip: Tip, officer: OfficerView, lane: Lane, *, informed: bool = False) -> Promise:
        """`informed`: he does not hold it and reads no more than that it happened, and where."""
        facts = {"informed": True} if informed else None
        return Promise(NoticeKind.CARD, Recipient(resident_id=officer.resident_id), lane, tip_id=tip.id, facts=facts)

    async def for_notice(self, tip_id: int) -> TipView | None:
        """For the courier, which has decided by the notice who may read it."""
        tip = await self._session.get(Tip, tip_id)
        return None if tip is None else await self._view(tip, parts=True)

    async def _view(self, tip: Tip, *, parts: bool = False) -> TipView:
        category = await self._session.get_one(Category, tip.category)
        state = await self._session.get_one(TipState, tip.state)
        outcome = await self._session.get(Outcome, tip.outcome) if tip.outcome else None
        view = TipView(
            id=tip.id,
            number=tip.number,
            category=category_view(category),
            urgency=Urgency(tip.urgency),
            state=tip.state,
            state_name=Bilingual(state.name_kk, state.name_ru),
            state_type=StateType(state.type),
            identity=Identity(tip.identity),
            sender=(tip.name or tip.alias) if tip.identity == Identity.NAMED else tip.alias,
            language=Language(tip.language),
            place=tip.place or "",
            point=(tip.lat, tip.lon) if tip.lat is not None and tip.lon is not None else None,
            precinct_id=tip.precinct_id,
            officer_id=tip.officer_id,
            desk_id=tip.desk_id,
            created_at=tip.created_at,
            due_at=tip.due_at,
            closed_at=tip.closed_at,
            outcome=Bilingual(outcome.name_kk, outcome.name_ru) if outcome else None,
            rating=tip.rating,
        )
        if not parts:
            return view
        rows = list(await self._session.scalars(select(TipPart).where(TipPart.tip_id == tip.id).order_by(TipPart.id)))
        replaced = {row.replaces_id for row in rows}
        return replace(view, parts=tuple(part_view(row) for row in rows if row.id not in replaced))

    def _add_part(
        self, tip: Tip, draft: PartDraft, purpose: str, person: Person, officer: OfficerView | None = None
    ) -> TipPart:
        media_id = self._shelf.want(person.messenger, draft.media) if draft.media else None
        part = TipPart(
            id=new_id(self._clock.now()),
            tip_id=tip.id,
            officer_id=officer.id if officer else None,
            purpose=purpose,
            kind=draft.kind,
            media_id=media_id,
            source=keys.ring().fingerprint("source", draft.source) if draft.source else None,
            created_at=self._clock.now(),
        )
        part.text = draft.text or None
        self._session.add(part)
        return part
