"""From hand to hand: up the ladder when nobody takes a tip in time, elsewhere when its holder gives a reason."""

from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import select

from bot.errors import N_, HandoverRefused, NotFound, SameHolder, TipClosed
from bot.i18n import Bilingual
from bot.services.deadlines import WorkingCalendar, accept_by, answer_due, outcome_due
from bot.services.notices import author_of
from bot.services.officers import OfficerView
from bot.services.routing import INSPECTOR, Case, Holder, Spot, Verdict
from bot.services.territory.views import DeskView, desk_view
from bot.services.tips.telling import Hop, ToldTips, readers
from bot.services.tips.views import CONFLICT, PLACE, SILENCE, Destination, HandoverReasonView, Moved, handlers_of
from bot.store.base import new_id
from bot.store.events import Event
from bot.store.territory import Desk, Precinct
from bot.store.tips import Category, HandoverReason, Tip, TipPart, TipState
from bot.terms import DeskKind, NoticeKind, PlaceSource, Rung, StateType, Urgency

TO_OWN_SECURITY = (CONFLICT, "wrong_category")  # reasons that may bring a tip there: it never comes back
DESK_RUNGS = {
    DeskKind.DESK: Rung.DESK,
    DeskKind.DISTRICT_DUTY: Rung.DISTRICT,
    DeskKind.DEPARTMENT_DUTY: Rung.DEPARTMENT,
    DeskKind.OWN_SECURITY: Rung.OWN_SECURITY,
}


class MovedTips(ToldTips):
    # -- silence

    async def silent(self) -> list[int]:
        """Tips nobody took in time, the most urgent first."""
        query = (
            select(Tip.id)
            .join(TipState, TipState.code == Tip.state)
            .where(Tip.accept_by <= self._clock.now(), TipState.type != StateType.CLOSED)
            .order_by(Tip.urgency, Tip.accept_by, Tip.id)
        )
        return list(await self._session.scalars(query))

    async def climb(self, tip_id: int) -> bool:
        """One rung up, unless it was taken or has moved meanwhile. At the top it stays and the heads are told, once."""
        tip = await self._session.get(Tip, tip_id, with_for_update=True)
        now = self._clock.now()
        if tip is None or tip.accept_by is None or tip.accept_by > now or await self._type(tip) is StateType.CLOSED:
            return False
        if tip.is_restricted:
            await self._stay(tip)
            return False
        holder = await self._routing.above(await self._case(tip), await self._rung(tip))
        if is_with(tip, holder) or tip.rung == holder.rung == Rung.DEPARTMENT:
            await self._stay(tip)
            return False
        verdict = Verdict(SILENCE, True, N_("Nobody took it in time: it moved one rung up."))
        await self._pass_on(tip, holder, Hop(SILENCE, verdict))
        return True

    async def _stay(self, tip: Tip) -> None:
        """There is nobody above: those who answer for the department hear of it. Of a restricted tip own security."""
        tip.accept_by = None
        self._event(tip, "alarm")
        await self._alarm(tip, "silent")

    # -- by hand

    async def handover_reasons(self) -> list[HandoverReasonView]:
        rows = await self._session.scalars(select(HandoverReason).order_by(HandoverReason.position))
        return [HandoverReasonView(row.code, Bilingual(row.name_kk, row.name_ru), row.is_misroute) for row in rows]

    async def handover_desks(self, kind: DeskKind, reason: str = "") -> list[DeskView]:
        """Own security only for the reasons that may bring a tip there."""
        if kind is DeskKind.OWN_SECURITY and reason not in TO_OWN_SECURITY:
            return []
        return [
            desk_view(row)
            for row in await self._session.scalars(select(Desk).where(Desk.kind == kind).order_by(Desk.code))
        ]

    async def hand_over(
        self, officer: OfficerView, tip_id: int, reason: str, to: Destination, words: str = ""
    ) -> Moved:
        """By its holder or one of its desk. Raises TipClosed, SameHolder, HandoverRefused, NotFound.

        Whoever gives a conflict of interest as the reason never sees this tip again."""
        await self._session.get(Tip, tip_id, with_for_update=True)
        tip = await self._held_tip(officer, tip_id)
        why = await self._session.get(HandoverReason, reason)
        if why is None:
            raise NotFound
        if await self._type(tip) is StateType.CLOSED:
            raise TipClosed
        if tip.is_restricted:
            raise HandoverRefused
        holder = await self._at(tip, to, officer, reason)
        if is_with(tip, holder) or _officer_id(holder) == officer.id:
            raise SameHolder
        await self._step(tip, "handed_over")
        facts: dict[str, Any] = {"words": words.strip()} if words.strip() else {}
        if to.precinct_id is not None and to.precinct_id != tip.precinct_id:
            facts["precincts"] = [tip.precinct_id, to.precinct_id]
            tip.precinct_id, tip.place_source = to.precinct_id, PlaceSource.LIST  # its ladder is the new one's
            tip.neighbour_id = tip.outside_metres = None
        said = {"reason": {"kk": why.name_kk, "ru": why.name_ru}}
        verdict = Verdict("handed_over", True, N_("Its holder gave the reason: {reason}."), said)
        await self._pass_on(tip, holder, Hop(reason, verdict, officer, facts))
        is_told = not tip.is_restricted or to.desk_id == tip.desk_id
        return Moved(tip.id, tip.number, await self._holder_name(tip) if is_told else None)

    async def _at(self, tip: Tip, to: Destination, officer: OfficerView, reason: str) -> Holder:
        """Who holds it there, at this hour, and may."""
        barred = await self._barred(tip.id)
        if reason == CONFLICT:
            barred |= {officer.id}
        case = await self._case(tip, barred)
        if to.precinct_id is not None:
            if await self._session.get(Precinct, to.precinct_id) is None:
                raise NotFound
            urgency = max(case.urgency, Urgency.U1)  # the duty unit may give danger too to a precinct
            spot = Spot(to.precinct_id, PlaceSource.LIST)
            return await self._routing.decide(replace(case, handlers=(INSPECTOR,), urgency=urgency, spot=spot))
        if to.desk_id is None:
            return await self._routing.above(case, await self._rung(tip))
        desk = await self._session.get(Desk, to.desk_id)
        if desk is None or (desk.kind == DeskKind.OWN_SECURITY and reason not in TO_OWN_SECURITY):
            raise NotFound
        return await self._at_desk(desk, case)

    async def _at_desk(self, desk: Desk, case: Case) -> Holder:
        """A desk where nobody could read it is no holder: then whoever is above."""
        kind = DeskKind(desk.kind)
        watch = await self._roster.on_watch(desk.id, case.at)
        called = readers(watch, case.barred) or readers(await self._officers.on_desk(desk.id), case.barred)
        if not called and kind is not DeskKind.OWN_SECURITY:
            return await self._routing.above(case, DESK_RUNGS[kind])
        return Holder(
            reason="handed_over",
            rung=DESK_RUNGS[kind],
            desk=desk_view(desk),
            called=tuple(called),
            is_restricted=kind is DeskKind.OWN_SECURITY,
        )

    # -- both

    async def _pass_on(self, tip: Tip, holder: Holder, hop: Hop) -> None:
        now = self._clock.now()
        before = await self._holders(tip)
        await self._notices.withdraw(tip.id, [NoticeKind.TIP_MOVED])
        self._session.add(self._hop_event(tip, holder, hop, await self._rung(tip)))
        tip.officer_id, tip.desk_id, tip.rung = _officer_id(holder), _desk_id(holder), holder.rung
        tip.is_restricted = holder.is_restricted
        if tip.is_restricted:  # what lies at own security is one of many nowhere
            tip.incident_id = None
        calendar = await self._roster.calendar()
        urgency = Urgency(tip.urgency)
        tip.taken_at, tip.accept_by = None, accept_by(urgency, now, calendar)
        is_late = self._renew(tip, calendar)
        await self._session.flush()
        how = "late" if is_late else hop.reason if hop.reason in (SILENCE, PLACE) else "handed_over"
        await self._tell(tip, NoticeKind.TIP_MOVED, [author_of(tip)], {"how": how})
        await self._call(tip, holder, before, hop)

    def _renew(self, tip: Tip, calendar: WorkingCalendar) -> bool:
        """A promise that was not kept gets a new time. Whether one was not."""
        now, urgency = self._clock.now(), Urgency(tip.urgency)
        tip.warned_at = None
        is_late = tip.first_answer_at is None and tip.due_at is not None and tip.due_at <= now
        if is_late:
            tip.due_at = answer_due(urgency, now, calendar)
        if tip.outcome_due_at is not None and tip.outcome_due_at <= now:
            tip.outcome_due_at, is_late = outcome_due(urgency, now, calendar), True
        return is_late

    def _hop_event(self, tip: Tip, holder: Holder, hop: Hop, rung: Rung) -> Event:
        now = self._clock.now()
        event = Event(
            id=new_id(now),
            tip_id=tip.id,
            kind="moved",
            officer_id=hop.by.id if hop.by else None,
            state=tip.state,
            reason=hop.reason,
            from_officer_id=tip.officer_id,
            from_desk_id=tip.desk_id,
            to_officer_id=_officer_id(holder),
            to_desk_id=_desk_id(holder),
            at=now,
        )
        event.facts = {
            "rung": rung,
            "verdicts": [asdict(verdict) for verdict in (hop.verdict, *holder.verdicts)],
            **hop.facts,
        }
        return event

    async def _case(self, tip: Tip, barred: set[int] | None = None) -> Case:
        """The tip as the rules of routing look at it, now."""
        category = await self._session.get_one(Category, tip.category)
        parts = await self._session.scalars(
            select(TipPart).where(TipPart.tip_id == tip.id, TipPart.officer_id.is_(None)).order_by(TipPart.id)
        )
        return Case(
            handlers_of(category),
            Urgency(tip.urgency),
            Spot(tip.precinct_id, PlaceSource(tip.place_source), tip.neighbour_id, tip.outside_metres),
            words="\n".join(part.text for part in parts if part.text),
            at=self._clock.now(),
            barred=frozenset(await self._barred(tip.id) if barred is None else barred),
            holder_id=tip.officer_id,
        )

    async def _rung(self, tip: Tip) -> Rung:
        if tip.rung:
            return Rung(tip.rung)
        desk = await self._session.get(Desk, tip.desk_id) if tip.desk_id else None  # a tip from before the ladder
        return DESK_RUNGS[DeskKind(desk.kind)] if desk else Rung.PRECINCT


def _officer_id(holder: Holder) -> int | None:
    return holder.officer.id if holder.officer else None


def _desk_id(holder: Holder) -> int | None:
    return holder.desk.id if holder.desk else None


def is_with(tip: Tip, holder: Holder) -> bool:
    return (_officer_id(holder), _desk_id(holder)) == (tip.officer_id, tip.desk_id)
