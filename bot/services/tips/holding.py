"""The holder's side of a tip: card, take, ask, answer, close."""

from sqlalchemy import select

from bot.errors import NotFound, TipAlreadyTaken, TipClosed
from bot.i18n import Bilingual
from bot.services.notices import Promise
from bot.services.officers import OfficerView
from bot.services.residents import Person
from bot.services.tips.records import TipRecords
from bot.services.tips.views import ANSWER, OUTCOME, QUESTION, PartDraft, TipView, visible_to
from bot.store.tips import Outcome, Tip, TipState
from bot.terms import NoticeKind, StateType


class HeldTips(TipRecords):
    async def card(self, officer: OfficerView, tip_id: int) -> TipView:
        return await self._view(await self._held_tip(officer, tip_id), parts=True)

    async def held_by(self, officer: OfficerView, limit: int = 30) -> list[TipView]:
        query = (
            select(Tip)
            .join(TipState, TipState.code == Tip.state)
            .where(visible_to(officer), TipState.type != StateType.CLOSED)
            .order_by(Tip.due_at, Tip.id)
            .limit(limit)
        )
        return [await self._view(tip) for tip in await self._session.scalars(query)]

    async def take(self, officer: OfficerView, tip_id: int) -> TipView:
        """From a desk's queue into his own hands, or his own tip into work. One of two pressing at once wins."""
        tip = await self._session.get(Tip, tip_id, with_for_update=True)
        if tip is None:
            raise NotFound
        if tip.officer_id not in (None, officer.id) and not tip.is_restricted:
            if tip.taken_at is not None and await self._was_offered(officer, tip):
                holder = await self._officers.get(tip.officer_id or 0)
                raise TipAlreadyTaken(officer=holder.title)
            raise NotFound
        tip = await self._held_tip(officer, tip_id)
        if tip.taken_at is not None and tip.officer_id == officer.id and tip.state != "reopened":
            return await self._view(tip, parts=True)  # the same button twice
        await self._step(tip, "taken")
        tip.officer_id, tip.desk_id, tip.taken_at = officer.id, None, self._clock.now()
        self._event(tip, "taken", officer)
        await self._notices.promise(Promise(NoticeKind.TIP_TAKEN, await self._author(tip), tip_id=tip.id))
        return await self._view(tip, parts=True)

    async def _was_offered(self, officer: OfficerView, tip: Tip) -> bool:
        """He holds the desk the tip lay at before it was taken."""
        holder = await self._officers.get(tip.officer_id or 0)
        return bool(set(holder.desk_ids) & set(officer.desk_ids))

    async def ask(self, officer: OfficerView, tip_id: int, words: PartDraft, speaker: Person) -> TipView:
        tip = await self._in_work(officer, tip_id)
        if tip.state != "need_details":
            await self._step(tip, "need_details")
        return await self._say(tip, officer, words, speaker, QUESTION, NoticeKind.TIP_QUESTION)

    async def answer(self, officer: OfficerView, tip_id: int, words: PartDraft, speaker: Person) -> TipView:
        tip = await self._in_work(officer, tip_id)
        return await self._say(tip, officer, words, speaker, ANSWER, NoticeKind.TIP_ANSWER)

    async def close(
        self, officer: OfficerView, tip_id: int, outcome: str, words: PartDraft, speaker: Person
    ) -> TipView:
        """Closing needs an outcome and words."""
        tip = await self._in_work(officer, tip_id)
        if await self._session.get(Outcome, outcome) is None or not words.text.strip():
            raise NotFound
        await self._step(tip, "closed")
        tip.outcome, tip.closed_at = outcome, self._clock.now()
        return await self._say(tip, officer, words, speaker, OUTCOME, NoticeKind.TIP_CLOSED)

    async def outcomes(self) -> list[tuple[str, Bilingual]]:
        rows = await self._session.scalars(select(Outcome).order_by(Outcome.position))
        return [(row.code, Bilingual(row.name_kk, row.name_ru)) for row in rows]

    async def _in_work(self, officer: OfficerView, tip_id: int) -> Tip:
        """His own tip, open; speaking to its sender takes it from the queue."""
        tip = await self._held_tip(officer, tip_id)
        if await self._type(tip) is StateType.CLOSED:
            raise TipClosed
        if tip.officer_id != officer.id or tip.taken_at is None or tip.state == "reopened":
            await self.take(officer, tip_id)
        return tip

    async def _say(
        self, tip: Tip, officer: OfficerView, words: PartDraft, speaker: Person, purpose: str, kind: NoticeKind
    ) -> TipView:
        part = self._add_part(tip, words, purpose, speaker, officer)
        self._event(tip, purpose, officer)
        await self._session.flush()
        await self._notices.promise(Promise(kind, await self._author(tip), tip_id=tip.id, part_id=part.id))
        return await self._view(tip, parts=True)
