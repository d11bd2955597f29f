"""What both sides of a tip share: looking up, stepping, writing down."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.errors import NotFound, StepNotLegal
from bot.i18n import Bilingual
from bot.services.answers import Answers
from bot.services.audit import Audit
from bot.services.deadlines import resumed
from bot.services.media import MediaShelf
from bot.services.notices import Notices, Promise, Recipient
from bot.services.officers import Officers, OfficerView
from bot.services.residents import Person
from bot.services.roster import Roster
from bot.services.routing import Holder, Routing
from bot.services.tips.codes import Codes
from bot.services.tips.steps import Steps, legal_steps, next_of
from bot.services.tips.views import (
    CONFLICT,
    GIVEN_UP_AFTER,
    PartDraft,
    TipView,
    Told,
    category_view,
    discreet_codes,
    part_view,
    sent_by,
    visible_to,
)
from bot.store import keys
from bot.store.base import new_id
from bot.store.events import Event
from bot.store.officers import Officer
from bot.store.territory import Desk, Precinct
from bot.store.tips import Category, Evidence, Outcome, Tip, TipPart, TipState
from bot.terms import URGENT, Identity, Lane, Language, NoticeKind, PlaceSource, StateType, Urgency

EVIDENCED = ("fraud_victim",)  # categories with questions about the money
CAME_BACK_WITHIN = timedelta(days=14)  # of its closing


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
        roster: Roster,
        answers: Answers,
        audit: Audit,
        codes: Codes,
    ) -> None:
        self._session, self._clock, self._zone = session, clock, zone
        self._officers, self._routing, self._notices, self._shelf = officers, routing, notices, shelf
        self._roster, self._answers, self._audit = roster, answers, audit
        self._codes = codes

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

    async def may_see(self, officer: OfficerView, tip_id: int) -> bool:
        return await self._session.scalar(select(Tip.id).where(visible_to(officer), Tip.id == tip_id)) is not None

    async def _type(self, tip: Tip) -> StateType:
        return StateType((await self._session.get_one(TipState, tip.state)).type)

    async def _step(self, tip: Tip, state: str) -> None:
        """Only the legal next states of the table. Raises StepNotLegal."""
        current = await self._session.get_one(TipState, tip.state)
        if state != tip.state and state not in next_of(current):
            raise StepNotLegal(status=Bilingual(current.name_kk, current.name_ru))
        await self._enter(tip, state)

    async def _enter(self, tip: Tip, state: str) -> None:
        """The clocks stand while the sender is asked, and go on where they stood."""
        waited = await self._type(tip) is StateType.WAITING
        tip.state = state
        waits = await self._type(tip) is StateType.WAITING
        if waits and not waited:
            tip.paused_at = self._clock.now()
        elif waited and not waits and tip.paused_at is not None:
            pause, calendar = (tip.paused_at, self._clock.now()), await self._roster.calendar()
            urgency, tip.paused_at = Urgency(tip.urgency), None
            if tip.due_at is not None and tip.first_answer_at is None:
                tip.due_at = resumed(urgency, "first_answer", tip.due_at, pause, calendar)
            if tip.outcome_due_at is not None:
                tip.outcome_due_at = resumed(urgency, "outcome", tip.outcome_due_at, pause, calendar)

    def _is_given_up(self, tip: Tip) -> bool:
        """Nobody will answer any more: the sender has been asked long enough, or has cut the link."""
        asked = tip.paused_at is not None and self._clock.now() - tip.paused_at >= GIVEN_UP_AFTER
        return asked or tip.identity == Identity.CUT

    def _answered(self, tip: Tip) -> None:
        """The holder's first word stops the first clock; of the outcome's he is warned anew."""
        if tip.first_answer_at is None:
            tip.first_answer_at, tip.warned_at = self._clock.now(), None

    def _may_reopen(self, tip: Tip, state: TipState) -> bool:
        """A closed tip, and for two weeks one that its sender has confirmed."""
        if "reopened" not in next_of(state):
            return False
        since = tip.asked_again_at or tip.closed_at  # who was asked whether it came back has as long to say yes
        return tip.state != "confirmed" or (since is not None and self._clock.now() - since <= CAME_BACK_WITHIN)

    def _event(self, tip: Tip, kind: str, officer: OfficerView | None = None, **facts: Any) -> None:
        now = self._clock.now()
        event = Event(
            id=new_id(now),
            tip_id=tip.id,
            kind=kind,
            officer_id=officer.id if officer else None,
            state=tip.state,
            reason="",
            at=now,
        )
        event.facts = facts or None
        self._session.add(event)

    async def _holders(self, tip: Tip) -> list[OfficerView]:
        if tip.officer_id is None:
            return await self._officers.on_desk(tip.desk_id or 0)
        try:
            return [await self._officers.get(tip.officer_id)]
        except NotFound:  # he has left the service: the ladder takes it from here
            return []

    async def _tell_holders(self, tip: Tip, kind: NoticeKind, part_id: int | None = None, **facts: Any) -> None:
        cards = [
            Promise(kind, Recipient(officer.resident_id), tip_id=tip.id, part_id=part_id, facts=facts or None)
            for officer in await self._holders(tip)
            if officer.resident_id
        ]
        await self._notices.promise(*cards)

    def _card(self, tip: Tip, officer: OfficerView, lane: Lane, *, informed: bool = False) -> Promise:
        """`informed`: he does not hold it and reads no more than that it happened, where, and who has it."""
        facts = {"informed": True} if informed else None
        return Promise(NoticeKind.CARD, Recipient(resident_id=officer.resident_id), lane, tip_id=tip.id, facts=facts)

    async def _holder_name(self, tip: Tip) -> Bilingual:
        """Officer or desk, as it may be told to the sender and to an earlier holder."""
        if tip.officer_id is not None:
            return (await self._officers.view(await self._session.get_one(Officer, tip.officer_id))).title
        desk = await self._session.get_one(Desk, tip.desk_id)
        return Bilingual(desk.name_kk, desk.name_ru)

    async def _barred(self, tip_id: int) -> set[int]:
        """Officers who have said that they are personally concerned."""
        query = select(Event.officer_id).where(
            Event.tip_id == tip_id, Event.kind == "moved", Event.reason == CONFLICT, Event.officer_id.is_not(None)
        )
        return {officer_id for officer_id in await self._session.scalars(query) if officer_id is not None}

    async def _note(self, tip: Tip) -> str:
        """What the last one who wrote something when he handed it over wrote for the next."""
        query = select(Event).where(Event.tip_id == tip.id, Event.kind == "moved").order_by(Event.id.desc())
        words = ((event.facts or {}).get("words") for event in await self._session.scalars(query))
        return str(next((word for word in words if word), ""))

    async def for_notice(self, tip_id: int) -> TipView | None:
        """For the courier, which has decided by the notice who may read it."""
        tip = await self._session.get(Tip, tip_id)
        return None if tip is None else await self._view(tip, parts=True)

    async def _view(self, tip: Tip, *, parts: bool = False, holder: bool = False) -> TipView:
        """`parts`: for the holder, with all that was said; `holder`: for the sender, with whom it is."""
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
            can_reopen=self._may_reopen(tip, state),
            accept_by=tip.accept_by,
            is_restricted=tip.is_restricted,
            outside_metres=tip.outside_metres,
            holder=await self._holder_name(tip) if parts or holder else None,
            taken_at=tip.taken_at,
            first_answer_at=tip.first_answer_at,
            outcome_due_at=tip.outcome_due_at,
            paused_at=tip.paused_at,
            is_given_up=self._is_given_up(tip),
            reopened=tip.reopened,
            may_tell_group=tip.chat_id is not None and not tip.is_restricted and tip.category not in discreet_codes(),
            seen_at=self._clock.now(),
        )
        if parts or holder:
            view = replace(view, own_area=await self._own_area(tip))
        if not parts:
            return view
        across = await self._session.get(Precinct, tip.neighbour_id) if tip.neighbour_id else None
        neighbour = Bilingual(across.name_kk, across.name_ru) if across else None
        rows = list(await self._session.scalars(select(TipPart).where(TipPart.tip_id == tip.id).order_by(TipPart.id)))
        replaced = {row.replaces_id for row in rows}
        shown = tuple(part_view(row) for row in rows if row.id not in replaced)
        suggested = await self._session.get(Category, tip.suggested) if tip.suggested else None
        return replace(
            view,
            parts=shown,
            neighbour=neighbour,
            note=await self._note(tip),
            suggested=category_view(suggested).label if suggested else None,
            told=_told(tip),
            evidence=await self._facts_of(tip) if tip.category in EVIDENCED else {},
            steps=await self._steps(tip),
        )

    async def _own_area(self, tip: Tip) -> Bilingual | None:
        if tip.place_source != PlaceSource.HOME or tip.place or tip.lat is not None or tip.precinct_id is None:
            return None
        precinct = await self._session.get_one(Precinct, tip.precinct_id)
        return Bilingual(precinct.name_kk, precinct.name_ru)

    async def _facts_of(self, tip: Tip) -> Mapping[str, str]:
        """What a victim of fraud answered."""
        row = await self._session.get(Evidence, tip.id)
        return dict(row.facts or {}) if row is not None else {}

    async def _steps(self, tip: Tip) -> Steps:
        states = {row.code: row for row in await self._session.scalars(select(TipState))}
        return legal_steps(states[tip.state], states, is_in_work=is_in_work(tip))

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


def is_in_work(tip: Tip) -> bool:
    """Somebody has taken it, and the sender has not opened it again since."""
    return tip.officer_id is not None and tip.taken_at is not None and tip.state != "reopened"


def _told(tip: Tip) -> Told:
    return Told(tip.event_when, tip.event_on, tip.day_part, tip.is_public_place, tip.has_camera, tip.damage)


def lane_of(urgency: str) -> Lane:
    return Lane.URGENT if urgency in URGENT else Lane.ANSWER


def who_sees(holder: Holder) -> list[OfficerView]:
    """Those who get the card: the holder, or who of the desk is called."""
    people = [holder.officer] if holder.officer else holder.called
    return [officer for officer in people if officer.resident_id]
