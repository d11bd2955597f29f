"""What is added to a sent tip: more words and files, answers, edits kept as versions."""

from datetime import timedelta

from sqlalchemy import or_, select

from bot.errors import TipClosed
from bot.services.notices import Promise, Recipient
from bot.services.residents import Person
from bot.services.tips.limits import SenderLimits
from bot.services.tips.records import TipRecords
from bot.services.tips.views import (
    ADDED,
    ANSWER,
    OUTCOME,
    QUESTION,
    PartDraft,
    PartView,
    TipView,
    part_view,
    sent_by,
)
from bot.store import keys
from bot.store.tips import Tip, TipPart, TipState
from bot.terms import NoticeKind, PartKind, StateType, Urgency

SAID_SHOWN = 5


class AddedTips(TipRecords):
    async def open_of(self, person: Person) -> TipView | None:
        """The open tip a free word belongs to: one that waits for details, else the newest of the last week."""
        since = self._clock.now() - timedelta(days=7)
        query = (
            select(Tip)
            .join(TipState, TipState.code == Tip.state)
            .where(
                sent_by(person.id),
                TipState.type != StateType.CLOSED,
                or_(Tip.created_at > since, TipState.type == StateType.WAITING),  # who is asked may answer late
            )
            .order_by((TipState.type == StateType.WAITING).desc(), Tip.id.desc())
            .limit(1)
        )
        tip = await self._session.scalar(query)
        return None if tip is None else await self._view(tip)

    async def said_to(self, person: Person, tip_id: int) -> tuple[PartView, ...]:
        """What officers have said to the sender, the oldest first; never what they noted for each other."""
        tip = await self._sent_tip(person, tip_id)
        spoken = TipPart.purpose.in_((QUESTION, ANSWER, OUTCOME))
        query = select(TipPart).where(TipPart.tip_id == tip.id, TipPart.officer_id.is_not(None), spoken)
        rows = await self._session.scalars(query.order_by(TipPart.id.desc()).limit(SAID_SHOWN))
        return tuple(part_view(row) for row in reversed(list(rows)))

    async def add(self, person: Person, tip_id: int, *drafts: PartDraft) -> TipView:
        """More words or files of the sender; an answer when he was asked."""
        tip = await self._sent_tip(person, tip_id)
        kind = await self._type(tip)
        if kind is StateType.CLOSED:
            raise TipClosed
        purpose = ADDED
        if kind is StateType.WAITING:
            await self._enter(tip, "taken")
            purpose = ANSWER
        files = sum(1 for draft in drafts if draft.media is not None)
        if purpose == ADDED and tip.urgency != Urgency.U0:  # who was asked for files may send them
            await SenderLimits(self._session, self._clock, self._zone).files(person.id, files)
        parts = [self._add_part(tip, draft, purpose, person) for draft in drafts]
        self._event(tip, "answered" if purpose == ANSWER else "added")
        await self._session.flush()
        officers = await self._holders(tip)
        await self._notices.promise(
            *(
                Promise(
                    NoticeKind.CARD_ADDED, Recipient(resident_id=officer.resident_id), tip_id=tip.id, part_id=part.id
                )
                for officer in officers
                if officer.resident_id
                for part in parts
                if part.media_id is None  # a file follows when it is fetched
            )
        )
        return await self._view(tip)

    async def edited(self, person: Person, source: str, text: str) -> TipView | None:
        """The sender edited a message of a sent tip: a new version beside the old one. None: not a tip's message."""
        found = await self._session.scalar(
            select(TipPart)
            .where(TipPart.source == keys.ring().fingerprint("source", source))
            .order_by(TipPart.id.desc())
            .limit(1)
        )
        if found is None or (found.text or "") == text:
            return None
        tip = await self._session.scalar(select(Tip).where(Tip.id == found.tip_id, sent_by(person.id)))
        if tip is None:  # it is continued from another account
            return None
        part = self._add_part(tip, PartDraft(PartKind(found.kind), text, source=source), found.purpose, person)
        part.replaces_id = found.id
        self._event(tip, "edited")
        await self._session.flush()
        await self._tell_holders(tip, NoticeKind.CARD_ADDED, part.id, changed=True)
        return await self._view(tip)
