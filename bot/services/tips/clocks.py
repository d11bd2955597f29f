"""What is watched while a tip is open: the holder is warned, late goes a rung up, who was asked is reminded once."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from bot.errors import N_
from bot.services.deadlines import warn_until
from bot.services.notices import Promise, Recipient, author_of
from bot.services.officers import OfficerView
from bot.services.routing import Verdict
from bot.services.tips.moving import MovedTips, is_with
from bot.services.tips.records import lane_of
from bot.services.tips.steps import next_of
from bot.services.tips.telling import Hop, readers
from bot.services.tips.views import GIVEN_UP_AFTER, LATE, QUESTION
from bot.store.events import Event
from bot.store.tips import Tip, TipPart, TipState
from bot.terms import Identity, NoticeKind, Rung, StateType, Urgency

REMINDED_AFTER = timedelta(days=7)  # of waiting for the sender
REMINDED, GIVEN_UP = "reminded", "given_up"  # events: each once while the sender is asked

_open = and_(Tip.closed_at.is_(None), TipState.type == StateType.OPEN)
_first = and_(Tip.first_answer_at.is_(None), Tip.due_at.is_not(None))


class ClockedTips(MovedTips):
    # -- before the time runs out

    async def running_out(self) -> list[int]:
        """Tips whose holder is to be told: once for the answer, once for the outcome. What is late goes up instead."""
        return await self._ids(await self._runs_out())

    async def _runs_out(self) -> ColumnElement[bool]:
        now, calendar = self._clock.now(), await self._roster.calendar()
        soon: list[ColumnElement[bool]] = []
        for urgency in Urgency:
            answer, outcome = (warn_until(urgency, name, now, calendar) for name in ("warn", "warn_outcome"))
            if answer is not None:
                soon.append(and_(Tip.urgency == urgency, _first, Tip.due_at.between(now, answer)))
            if outcome is not None:
                soon.append(and_(Tip.urgency == urgency, Tip.outcome_due_at.between(now, outcome)))
        return and_(_open, Tip.warned_at.is_(None), or_(*soon))

    async def warn_holder(self, tip_id: int) -> bool:
        tip = await self._session.get(Tip, tip_id, with_for_update=True)
        if tip is None or not await self._ids(await self._runs_out(), Tip.id == tip_id):
            return False
        tip.warned_at = self._clock.now()
        self._event(tip, "warned")
        is_first = tip.first_answer_at is None and tip.due_at is not None
        await self._tell_time(tip, "answer" if is_first else "outcome")
        return True

    async def _tell_time(self, tip: Tip, what: str) -> None:
        lane = lane_of(tip.urgency)
        await self._notices.promise(
            *(
                Promise(NoticeKind.CARD_TIME, Recipient(officer.resident_id), lane, tip.id, facts={"what": what})
                for officer in await self._on_call(tip)
            )
        )

    async def _on_call(self, tip: Tip) -> Sequence[OfficerView]:
        """The holder, or those of the desk whose watch it is."""
        barred = await self._barred(tip.id)
        if tip.officer_id is not None:
            return readers(await self._holders(tip), barred)
        return readers(await self._roster.on_watch(tip.desk_id or 0, self._clock.now()), barred)

    # -- after it

    async def overdue(self) -> list[int]:
        """Tips whose promised answer or outcome has not come, the most urgent first."""
        return await self._ids(self._is_overdue())

    def _is_overdue(self) -> ColumnElement[bool]:
        now = self._clock.now()
        return and_(_open, or_(and_(_first, Tip.due_at <= now), Tip.outcome_due_at <= now))

    async def move_late(self, tip_id: int) -> bool:
        """One rung up, and its sender is told. At the top it stays: the heads are told and the sender gets a new time.

        Whoever comes second, of two processes, finds it with a new time and does nothing."""
        tip = await self._session.get(Tip, tip_id, with_for_update=True)
        if tip is None or not await self._ids(self._is_overdue(), Tip.id == tip_id):
            return False
        holder = None if tip.is_restricted else await self._routing.above(await self._case(tip), await self._rung(tip))
        if holder is None or is_with(tip, holder) or tip.rung == holder.rung == Rung.DEPARTMENT:
            await self._keep_late(tip)
            return False
        state = await self._session.get_one(TipState, tip.state)
        if "handed_over" in next_of(state):
            await self._enter(tip, "handed_over")
        verdict = Verdict(LATE, True, N_("The promised time passed: it moved one rung up."))
        await self._pass_on(tip, holder, Hop(LATE, verdict))
        return True

    async def _keep_late(self, tip: Tip) -> None:
        """There is nobody above. Each time that passes is told anew."""
        self._renew(tip, await self._roster.calendar())
        self._event(tip, "overdue")
        await self._notices.withdraw(tip.id, [NoticeKind.TIP_MOVED])
        await self._tell(tip, NoticeKind.TIP_MOVED, [author_of(tip)], {"how": "late_here"})
        await self._alarm(tip, "overdue")

    # -- while the sender is asked

    async def unanswered(self) -> list[int]:
        """Their sender has not answered for a week and was not reminded, or for two and the holder does not know."""
        return await self._ids(self._is_unanswered())

    def _is_unanswered(self) -> ColumnElement[bool]:
        now = self._clock.now()
        steps = ((REMINDED, REMINDED_AFTER), (GIVEN_UP, GIVEN_UP_AFTER))
        late = [and_(Tip.paused_at <= now - after, ~_said(kind)) for kind, after in steps]
        waits = (Tip.closed_at.is_(None), TipState.type == StateType.WAITING, Tip.identity != Identity.CUT)
        return and_(*waits, or_(*late))

    async def remind(self, tip_id: int) -> bool:
        """The question once more; after two weeks the holder hears that he may close it. It never closes by itself."""
        tip = await self._session.get(Tip, tip_id, with_for_update=True)
        if tip is None or tip.paused_at is None or not await self._ids(self._is_unanswered(), Tip.id == tip_id):
            return False
        if self._clock.now() - tip.paused_at >= GIVEN_UP_AFTER and not await self._was(tip, GIVEN_UP):
            self._event(tip, GIVEN_UP)
            await self._tell_time(tip, "no_reply")
        if self._clock.now() - tip.paused_at >= REMINDED_AFTER and not await self._was(tip, REMINDED):
            self._event(tip, REMINDED)
            query = select(func.max(TipPart.id)).where(TipPart.tip_id == tip.id, TipPart.purpose == QUESTION)
            part_id = await self._session.scalar(query)
            await self._tell(tip, NoticeKind.TIP_QUESTION, [author_of(tip)], {"again": True}, part_id)
        await self._session.flush()
        return True

    async def _was(self, tip: Tip, kind: str) -> bool:
        query = select(Event.id).where(Event.tip_id == tip.id, Event.kind == kind, Event.at >= tip.paused_at)
        return await self._session.scalar(query.limit(1)) is not None

    async def _ids(self, *where: ColumnElement[bool]) -> list[int]:
        query = select(Tip.id).join(TipState, TipState.code == Tip.state).where(*where)
        return list(await self._session.scalars(query.order_by(Tip.urgency, Tip.due_at, Tip.id)))


def _said(kind: str) -> ColumnElement[bool]:
    return exists().where(Event.tip_id == Tip.id, Event.kind == kind, Event.at >= Tip.paused_at)
