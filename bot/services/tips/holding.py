"""The holder's side of a tip: card, take, ask, answer, close, a step of the table."""

from dataclasses import replace

from sqlalchemy import select

from bot.errors import NoContact, NotFound, SenderMayAnswer, StepNotLegal, TipAlreadyTaken, TipClosed
from bot.i18n import Bilingual
from bot.services.answers import Filling, said
from bot.services.notices import Promise, author_of
from bot.services.officers import OfficerView
from bot.services.residents import Person
from bot.services.tips.records import TipRecords, is_in_work
from bot.services.tips.steps import OWN_DIALOGS
from bot.services.tips.views import ANSWER, NO_REPLY, NOTE, OUTCOME, QUESTION, PartDraft, TipView
from bot.store.tips import Outcome, Tip, TipState
from bot.terms import Identity, NoticeKind, StateType


class HeldTips(TipRecords):
    async def take(self, officer: OfficerView, tip_id: int, *, is_told: bool = True) -> TipView:
        """From a desk's queue into his own hands, or his own tip into work. One of two pressing at once wins.

        `is_told`: its sender hears of it now; not where he hears of the outcome in the same breath."""
        tip = await self._mine(officer, tip_id)
        if tip.officer_id == officer.id and is_in_work(tip):
            if tip.state != "taken" and await self._type(tip) is StateType.OPEN:  # back from a state staff added
                await self._step(tip, "taken")
                self._event(tip, "state", officer)
            return await self._shown(officer, tip)  # or the same button twice
        await self._step(tip, "taken")
        tip.officer_id, tip.desk_id, tip.taken_at = officer.id, None, self._clock.now()
        tip.accept_by = None
        self._event(tip, "taken", officer)
        if is_told:
            await self._tell_taken(officer, tip)
        return await self._shown(officer, tip)

    async def _tell_taken(self, officer: OfficerView, tip: Tip) -> None:
        words = await self._automatic_words(officer, tip, "taken")
        await self._notices.promise(
            Promise(NoticeKind.TIP_TAKEN, author_of(tip), tip_id=tip.id, facts={"words": words} if words else None)
        )

    async def _automatic_words(self, officer: OfficerView, tip: Tip, step: str) -> dict[str, str] | None:
        answer = await self._answers.automatic(tip.category, step)
        if answer is None:
            return None
        words = said(answer, Filling(tip.number, officer, tip.due_at, self._zone))
        return {"kk": words.kk, "ru": words.ru}

    async def _mine(self, officer: OfficerView, tip_id: int) -> Tip:
        """Locked. Who was a moment too late is told who has it: TipAlreadyTaken; all others NotFound."""
        tip = await self._session.get(Tip, tip_id, with_for_update=True)
        if tip is None:
            raise NotFound
        if tip.officer_id not in (None, officer.id) and not tip.is_restricted:
            if tip.taken_at is not None and await self._was_offered(officer, tip):
                holder = await self._officers.get(tip.officer_id or 0)
                raise TipAlreadyTaken(officer=holder.title)
            raise NotFound
        return await self._held_tip(officer, tip_id)

    async def _was_offered(self, officer: OfficerView, tip: Tip) -> bool:
        """He holds the desk the tip lay at before it was taken, and is not personally concerned."""
        if officer.id in await self._barred(tip.id):
            return False
        holder = await self._officers.get(tip.officer_id or 0)
        return bool(set(holder.desk_ids) & set(officer.desk_ids))

    async def ask(self, officer: OfficerView, tip_id: int, words: PartDraft, speaker: Person) -> TipView:
        tip = await self._in_contact(officer, tip_id)
        if tip.state != "need_details":
            await self._step(tip, "need_details")
        return await self._say(tip, officer, words, speaker, QUESTION, NoticeKind.TIP_QUESTION)

    async def answer(self, officer: OfficerView, tip_id: int, words: PartDraft, speaker: Person) -> TipView:
        tip = await self._in_contact(officer, tip_id)
        return await self._say(tip, officer, words, speaker, ANSWER, NoticeKind.TIP_ANSWER)

    async def note(self, officer: OfficerView, tip_id: int, words: PartDraft, speaker: Person) -> None:
        """For those who may see the tip; nothing about it goes to its sender. A closed tip may be noted on too."""
        tip = await self._mine(officer, tip_id)
        self._add_part(tip, words, NOTE, speaker, officer)
        self._event(tip, "noted", officer)
        await self._session.flush()

    async def change_state(self, officer: OfficerView, tip_id: int, state: str) -> TipView:
        """To a state staff added, when the table has it next. One that closes needs `close`. Raises StepNotLegal."""
        tip = await self._mine(officer, tip_id)
        row = await self._session.get(TipState, state)
        if row is None or state in OWN_DIALOGS or row.type == StateType.CLOSED:
            current = await self._session.get_one(TipState, tip.state)
            raise StepNotLegal(status=Bilingual(current.name_kk, current.name_ru))
        if tip.state != state:
            await self._step(tip, state)
            self._event(tip, "state", officer)
        await self._session.flush()
        return await self._shown(officer, tip)

    async def close(
        self, officer: OfficerView, tip_id: int, outcome: str, words: PartDraft, speaker: Person, state: str = "closed"
    ) -> TipView:
        """Closing needs an outcome and words. `state`: another closing one of the table."""
        tip = await self._in_work(officer, tip_id, is_told=False)
        if await self._session.get(Outcome, outcome) is None or not words.text.strip():
            raise NotFound
        row = await self._session.get(TipState, state)
        if row is None or row.type != StateType.CLOSED or state == "confirmed":
            raise NotFound
        if outcome == NO_REPLY and not self._is_given_up(tip):
            raise SenderMayAnswer
        await self._step(tip, state)
        tip.outcome, tip.closed_at = outcome, self._clock.now()
        return await self._say(tip, officer, words, speaker, OUTCOME, NoticeKind.TIP_CLOSED)

    async def outcomes(self, tip: TipView | None = None) -> list[tuple[str, Bilingual]]:
        """Of this tip only those it may be closed with now."""
        rows = await self._session.scalars(select(Outcome).order_by(Outcome.position))
        refused = (NO_REPLY,) if tip is not None and not tip.is_given_up else ()
        return [(row.code, Bilingual(row.name_kk, row.name_ru)) for row in rows if row.code not in refused]

    async def _in_work(self, officer: OfficerView, tip_id: int, *, is_told: bool = True) -> Tip:
        """His own tip, open; speaking to its sender takes it from the queue."""
        tip = await self._mine(officer, tip_id)
        if await self._type(tip) is StateType.CLOSED:
            raise TipClosed
        if tip.officer_id != officer.id or not is_in_work(tip):
            await self.take(officer, tip_id, is_told=is_told)
        return tip

    async def _in_contact(self, officer: OfficerView, tip_id: int) -> Tip:
        """Raises NoContact when the sender has cut the link."""
        tip = await self._in_work(officer, tip_id)
        if tip.identity == Identity.CUT:
            raise NoContact
        return tip

    async def _say(
        self, tip: Tip, officer: OfficerView, words: PartDraft, speaker: Person, purpose: str, kind: NoticeKind
    ) -> TipView:
        part = self._add_part(tip, words, purpose, speaker, officer)
        self._answered(tip)
        self._event(tip, purpose, officer)
        await self._session.flush()
        await self._notices.promise(Promise(kind, author_of(tip), tip_id=tip.id, part_id=part.id))
        return await self._shown(officer, tip)

    async def _shown(self, officer: OfficerView, tip: Tip) -> TipView:
        """As this officer may read it in his messenger."""
        return replace(await self._view(tip, parts=True), is_brief=officer.has_brief_pings)
