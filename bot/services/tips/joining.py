"""One happening, many tips: what looks alike, joining and leaving, one fix for all. A sender hears of his own only."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, select

from bot.errors import JoinRefused, NotFound, StepNotLegal, TipClosed
from bot.services.incidents import WITHIN, Account, Alike, IncidentView, is_near, is_one
from bot.services.notices import Promise, author_of
from bot.services.officers import OfficerView
from bot.services.residents import Person
from bot.services.tips.holding import HeldTips
from bot.services.tips.views import ADDED, OUTCOME, STORY, PartDraft, TipView, visible_to
from bot.store.base import new_id
from bot.store.events import Event
from bot.store.incidents import Incident
from bot.store.tips import Tip, TipPart, TipState
from bot.terms import NoticeKind, Role, StateType, Urgency

LOOKED_AT = 200  # of his newest tips
OFFERED = 3
CROSSES = (Role.DUTY, Role.HEAD)  # may join tips of different precincts


@dataclass(frozen=True, slots=True)
class Closing:
    """The same for all of an incident; `words` as they are said to the sender of each tip."""

    outcome: str
    words: Callable[[TipView], PartDraft]
    state: str = "closed"


@dataclass(frozen=True, slots=True)
class ClosedTogether:
    """`others` were closed with it; `left` of its incident stay open: they are with somebody else, or may not close."""

    tip: TipView
    others: int
    left: int


class JoinedTips(HeldTips):
    async def card(self, officer: OfficerView, tip_id: int) -> TipView:
        """With the incident it belongs to and what looks like the same."""
        tip = await self._held_tip(officer, tip_id)
        view = await self._shown(officer, tip)
        if tip.is_restricted:
            return view
        incident = await self._incident(officer, tip)
        alike = await self._alike(officer, tip) if view.state_type is not StateType.CLOSED else ()
        return replace(view, incident=incident, alike=alike)

    # -- looking

    async def _alike(self, officer: OfficerView, tip: Tip) -> tuple[Alike, ...]:
        near = [
            (row, account)
            for row in await self._around(officer, tip)
            if is_near(account := _account(row), _account(tip))
        ]
        if not near:
            return ()
        words = await self._words([tip.id, *(row.id for row, _account_of_it in near)])
        mine = replace(_account(tip), words=words.get(tip.id, ""))
        rows = [row for row, account in near if is_one(mine, replace(account, words=words.get(row.id, "")))]
        sizes = await self._sizes({row.incident_id for row in rows if row.incident_id is not None})
        found: dict[int, Alike] = {}  # one of an incident is enough
        for row in rows:
            found.setdefault(row.incident_id or row.id, Alike(row.id, row.number, sizes.get(row.incident_id or 0, 0)))
        return tuple(found.values())[:OFFERED]

    async def _around(self, officer: OfficerView, tip: Tip) -> Sequence[Tip]:
        query = (
            select(Tip)
            .join(TipState, TipState.code == Tip.state)
            .where(
                visible_to(officer),
                TipState.type != StateType.CLOSED,
                Tip.is_restricted.is_(False),
                Tip.id != tip.id,
                Tip.created_at.between(tip.created_at - WITHIN, tip.created_at + WITHIN),
            )
            .order_by(Tip.id.desc())
            .limit(LOOKED_AT)
        )
        if not officer.has(*CROSSES):
            query = query.where(Tip.precinct_id == tip.precinct_id)
        rows = await self._session.scalars(query)
        return [row for row in rows if row.incident_id is None or row.incident_id != tip.incident_id]

    async def _words(self, ids: Sequence[int]) -> dict[int, str]:
        query = select(TipPart).where(TipPart.tip_id.in_(ids), TipPart.purpose.in_((STORY, ADDED)))
        words: dict[int, list[str]] = {}
        for part in await self._session.scalars(query.order_by(TipPart.id)):
            words.setdefault(part.tip_id, []).append(part.text or "")
        return {tip_id: "\n".join(said) for tip_id, said in words.items()}

    async def _sizes(self, ids: set[int]) -> dict[int, int]:
        if not ids:
            return {}
        query = select(Tip.incident_id, func.count()).where(Tip.incident_id.in_(ids)).group_by(Tip.incident_id)
        return {incident_id: count for incident_id, count in await self._session.execute(query) if incident_id}

    async def _incident(self, officer: OfficerView, tip: Tip) -> IncidentView | None:
        if tip.incident_id is None:
            return None
        incident = await self._session.get_one(Incident, tip.incident_id)
        together = (Tip.incident_id == incident.id, Tip.is_restricted.is_(False))
        seen = await self._session.execute(
            select(Tip.id, Tip.number).where(*together, visible_to(officer)).order_by(Tip.id)
        )
        tips = tuple((tip_id, number) for tip_id, number in seen)
        total = await self._session.scalar(select(func.count()).select_from(Tip).where(*together))
        return IncidentView(incident.id, tips, (total or 0) - len(tips), incident.calls)

    # -- joining

    async def open_incident(self, officer: OfficerView, tip_id: int) -> TipView:
        """Of one tip, for others to join. Pressed twice, it is the same one."""
        tip = await self._joinable(officer, tip_id)
        if tip.incident_id is None:
            await self._open(officer, tip)
        await self._session.flush()
        return await self.card(officer, tip_id)

    async def join(self, officer: OfficerView, tip_id: int, other_id: int) -> TipView:
        """To the happening of another tip he may see. Both senders are told once, each of his own tip alone."""
        for one in sorted((tip_id, other_id)):  # two pressing at once wait for each other in one order
            await self._session.get(Tip, one, with_for_update=True)
        tip, other = await self._joinable(officer, tip_id), await self._joinable(officer, other_id)
        if tip.id == other.id:
            raise JoinRefused
        if tip.precinct_id != other.precinct_id and not officer.has(*CROSSES):
            raise JoinRefused
        if tip.incident_id is not None and tip.incident_id == other.incident_id:
            return await self.card(officer, tip_id)
        if tip.incident_id is not None:
            await self._part(officer, tip)
        if other.incident_id is None:
            await self._open(officer, other)
        tip.incident_id = other.incident_id
        self._event(tip, "joined", officer, incident=tip.incident_id)
        await self._session.flush()
        await self._tell_joined(tip, other)
        return await self.card(officer, tip_id)

    async def join_number(self, officer: OfficerView, tip_id: int, number: int) -> TipView:
        """As an officer writes it. Raises NotFound."""
        other = await self._session.scalar(select(Tip.id).where(visible_to(officer), Tip.number == number))
        if other is None:
            raise NotFound
        return await self.join(officer, tip_id, other)

    async def leave(self, officer: OfficerView, tip_id: int) -> TipView:
        tip = await self._mine(officer, tip_id)
        if tip.incident_id is not None:
            await self._part(officer, tip)
        return await self.card(officer, tip_id)

    async def _joinable(self, officer: OfficerView, tip_id: int) -> Tip:
        tip = await self._mine(officer, tip_id)
        if tip.is_restricted:
            raise JoinRefused
        if await self._type(tip) is StateType.CLOSED:
            raise TipClosed
        return tip

    async def _open(self, officer: OfficerView, tip: Tip) -> None:
        now = self._clock.now()
        incident = Incident(
            id=new_id(now),
            category=tip.category,
            precinct_id=tip.precinct_id,
            lat=tip.lat,
            lon=tip.lon,
            calls=0,
            opened_at=now,
        )
        self._session.add(incident)
        await self._session.flush()
        tip.incident_id = incident.id
        self._event(tip, "incident_opened", officer, incident=incident.id)

    async def _part(self, officer: OfficerView, tip: Tip) -> None:
        """The last one turns off the light."""
        incident_id, tip.incident_id = tip.incident_id, None
        self._event(tip, "left", officer, incident=incident_id)
        await self._session.flush()
        await self._settle(incident_id or 0)

    async def _tell_joined(self, *tips: Tip) -> None:
        for tip in tips:
            if tip.incident_id is None or await self._was_told(tip):
                continue
            self._event(tip, "told_joined", incident=tip.incident_id)
            await self._notices.promise(Promise(NoticeKind.TIP_JOINED, author_of(tip), tip_id=tip.id))
        await self._session.flush()

    async def _was_told(self, tip: Tip) -> bool:
        events = await self._session.scalars(select(Event).where(Event.tip_id == tip.id, Event.kind == "told_joined"))
        return any((event.facts or {}).get("incident") == tip.incident_id for event in events)

    # -- one fix for all

    async def together(self, officer: OfficerView, tip_id: int) -> list[TipView]:
        """The other open tips of its incident that this officer may close with it."""
        tip = await self._held_tip(officer, tip_id)
        return [await self._view(row) for row in await self._open_beside(officer, tip)]

    async def close_together(
        self, officer: OfficerView, tip_id: int, closing: Closing, speaker: Person
    ) -> ClosedTogether:
        """The same outcome for all of the incident that he may see, with one text to each sender."""
        words = closing.words(await self.card(officer, tip_id))
        view = await self.close(officer, tip_id, closing.outcome, words, speaker, closing.state)
        tip = await self._session.get_one(Tip, tip_id)
        others = 0
        for row in await self._open_beside(officer, tip):
            try:
                await self._step(row, closing.state)
            except StepNotLegal:
                continue
            now = self._clock.now()
            row.officer_id, row.desk_id, row.accept_by = officer.id, None, None
            row.taken_at = row.taken_at or now
            row.outcome, row.closed_at = closing.outcome, now
            self._event(row, "closed_with", officer, incident=row.incident_id)
            said = closing.words(await self._view(row))
            await self._say(row, officer, said, speaker, OUTCOME, NoticeKind.TIP_CLOSED)
            others += 1
        left = await self._settle(tip.incident_id) if tip.incident_id is not None else 0
        return ClosedTogether(view, others, left)

    async def _open_beside(self, officer: OfficerView, tip: Tip) -> list[Tip]:
        if tip.incident_id is None:
            return []
        query = (
            select(Tip)
            .join(TipState, TipState.code == Tip.state)
            .where(
                visible_to(officer),
                Tip.incident_id == tip.incident_id,
                Tip.id != tip.id,
                Tip.is_restricted.is_(False),
                TipState.type != StateType.CLOSED,
            )
            .order_by(Tip.id)
            .with_for_update(of=Tip)
        )
        return list(await self._session.scalars(query))

    async def _settle(self, incident_id: int) -> int:
        """An incident is over when none of its tips is open; how many still are."""
        await self._session.flush()
        query = (
            select(func.count())
            .select_from(Tip)
            .join(TipState, TipState.code == Tip.state)
            .where(Tip.incident_id == incident_id, TipState.type != StateType.CLOSED, Tip.is_restricted.is_(False))
        )
        still_open = await self._session.scalar(query) or 0
        incident = await self._session.get_one(Incident, incident_id)
        incident.closed_at = None if still_open else self._clock.now()
        return still_open


def _account(tip: Tip) -> Account:
    point = (tip.lat, tip.lon) if tip.lat is not None and tip.lon is not None else None
    return Account(tip.category, Urgency(tip.urgency), tip.created_at, point, tip.place or "")
