"""After a tip is closed: its sender is asked once whether it is solved, and two weeks later whether it came back."""

from datetime import datetime, time, timedelta
from functools import cache

from sqlalchemy import ColumnElement, or_, select

from bot.data import load
from bot.errors import NotFound
from bot.services.notices import ASKS, Promise, author_of
from bot.services.residents import Person
from bot.services.tips.records import TipRecords
from bot.services.tips.views import RATING, PartDraft, TipView
from bot.store.tips import Tip, TipState
from bot.terms import Identity, NoticeKind, StateType

ASKED_WITHIN = timedelta(days=7)  # of the day it was due: what was missed for longer is not asked at all
BACK_AFTER = timedelta(days=14)  # of the closing
UNASKED = ("joined", "false", "silent")  # types of outcomes.toml: nothing was solved there for the sender


class CaredTips(TipRecords):
    async def to_ask_solved(self) -> list[int]:
        """Closed on an earlier day, and their sender has not said yet how it is."""
        return await self._closed_ids(self._unasked_solved())

    def _unasked_solved(self) -> ColumnElement[bool]:
        now = self._clock.now()
        today = datetime.combine(now.astimezone(self._zone).date(), time(), self._zone)
        since = now - ASKED_WITHIN
        return (Tip.asked_solved_at.is_(None)) & Tip.closed_at.between(since, today) & (Tip.state != "confirmed")

    async def ask_solved(self, tip_id: int) -> bool:
        tip = await self._lock_closed(tip_id, self._unasked_solved())
        if tip is None:
            return False
        tip.asked_solved_at = self._clock.now()
        await self._ask_sender(tip, NoticeKind.TIP_SOLVED_ASK)
        return True

    async def to_ask_back(self) -> list[int]:
        """Closed two weeks ago, and not opened again since."""
        return await self._closed_ids(self._unasked_back())

    def _unasked_back(self) -> ColumnElement[bool]:
        until = self._clock.now() - BACK_AFTER
        return Tip.asked_again_at.is_(None) & Tip.closed_at.between(until - ASKED_WITHIN, until)

    async def ask_back(self, tip_id: int) -> bool:
        tip = await self._lock_closed(tip_id, self._unasked_back())
        if tip is None:
            return False
        tip.asked_again_at = self._clock.now()
        await self._ask_sender(tip, NoticeKind.TIP_BACK_ASK)
        return True

    async def _ask_sender(self, tip: Tip, kind: NoticeKind) -> None:
        """Instead of an earlier question that has not left yet: one at a time."""
        self._event(tip, kind)
        await self._notices.withdraw(tip.id, ASKS)
        expires = self._clock.now() + ASKED_WITHIN
        await self._notices.promise(Promise(kind, author_of(tip), tip_id=tip.id, expires_at=expires))

    async def _lock_closed(self, tip_id: int, unasked: ColumnElement[bool]) -> Tip | None:
        """None where another process has asked meanwhile, or the sender has spoken."""
        tip = await self._session.get(Tip, tip_id, with_for_update=True)
        return tip if tip is not None and await self._closed_ids(unasked, Tip.id == tip_id) else None

    async def _closed_ids(self, *where: ColumnElement[bool]) -> list[int]:
        """A sender who has cut the link is asked nothing."""
        asked = or_(Tip.outcome.is_(None), Tip.outcome.not_in(unasked_outcomes()))
        query = (
            select(Tip.id)
            .join(TipState, TipState.code == Tip.state)
            .where(TipState.type == StateType.CLOSED, Tip.identity != Identity.CUT, asked, *where)
        )
        return list(await self._session.scalars(query.order_by(Tip.closed_at, Tip.id)))

    # -- what the sender says to it

    async def confirm(self, person: Person, tip_id: int) -> TipView:
        """Solved, or not come back. Said twice it is true once. Raises StepNotLegal for a tip that is open again."""
        tip = await self._sent_tip(person, tip_id)
        if tip.state != "confirmed":
            await self._step(tip, "confirmed")
            self._event(tip, "confirmed")
        tip.is_solved = True
        await self._notices.withdraw(tip.id, ASKS)
        await self._session.flush()
        return await self._view(tip)

    async def comment(self, person: Person, tip_id: int, words: PartDraft) -> TipView:
        """A free word to the rating, for who holds the tip."""
        tip = await self._sent_tip(person, tip_id)
        if tip.rating is None:
            raise NotFound
        part = self._add_part(tip, words, RATING, person)
        self._event(tip, "commented")
        await self._session.flush()
        await self._tell_holders(tip, NoticeKind.CARD_RATED, part.id, rating=tip.rating)
        return await self._view(tip)


@cache
def unasked_outcomes() -> tuple[str, ...]:
    return tuple(item["code"] for item in load("outcomes")["outcome"] if item["type"] in UNASKED)
