"""Who hears of a move: the sender, the new holders with all the files, those who hold it no more, and the heads."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from bot.services.notices import CARDS, Promise, Recipient
from bot.services.officers import OfficerView
from bot.services.routing import Holder, Verdict
from bot.services.tips.records import TipRecords, lane_of
from bot.services.tips.views import CONFLICT
from bot.store.media import Media
from bot.store.notices import Notice
from bot.store.tips import Tip, TipPart
from bot.terms import Lane, NoticeKind, NoticeState, Role


@dataclass(frozen=True, slots=True)
class Hop:
    """Why a tip moves. `facts` are for the event alone, sealed."""

    reason: str
    verdict: Verdict
    by: OfficerView | None = None
    facts: dict[str, Any] = field(default_factory=dict)


class ToldTips(TipRecords):
    async def _call(self, tip: Tip, holder: Holder, before: list[OfficerView], hop: Hop) -> None:
        """The card and all the files to the new holders; a word to those who had the card."""
        people = [holder.officer] if holder.officer else holder.called
        called = [Recipient(officer.resident_id) for officer in readers(people, await self._barred(tip.id))]
        parts = await self._files(tip)
        lost = [
            reader
            for reader in await self._lose(tip, readers(before, ()))
            if reader not in called and (hop.by is None or reader.resident_id != hop.by.resident_id)
        ]
        await self._tell(tip, NoticeKind.CARD, called)
        for part_id in parts:
            await self._tell(tip, NoticeKind.CARD_PART, called, part_id=part_id)
        facts = await self._left(tip, hop)
        # No tip on it: however late it leaves, it says no more than what was true and theirs to know.
        await self._notices.promise(
            *(Promise(NoticeKind.CARD_LEFT, to, lane_of(tip.urgency), facts=facts) for to in lost)
        )
        if not called:
            await self._alarm(tip, "unheld")

    async def _tell(
        self,
        tip: Tip,
        kind: NoticeKind,
        people: list[Recipient],
        facts: dict[str, Any] | None = None,
        part_id: int | None = None,
    ) -> None:
        await self._notices.promise(
            *(Promise(kind, to, lane_of(tip.urgency), tip_id=tip.id, part_id=part_id, facts=facts) for to in people)
        )

    async def _lose(self, tip: Tip, before: list[OfficerView]) -> list[Recipient]:
        """Takes back what has not left yet; those who have read the card."""
        accounts = [officer.resident_id for officer in before if officer.resident_id]
        await self._notices.withdraw(tip.id, CARDS, accounts)
        had = select(Notice.resident_id).where(
            Notice.tip_id == tip.id,
            Notice.kind == NoticeKind.CARD,
            Notice.state != NoticeState.CANCELLED,
            Notice.resident_id.in_(accounts),
        )
        return [Recipient(resident_id) for resident_id in await self._session.scalars(had.distinct())]

    async def _left(self, tip: Tip, hop: Hop) -> dict[str, Any]:
        facts: dict[str, Any] = {"number": tip.number, "reason": hop.reason}
        if not tip.is_restricted and hop.reason != CONFLICT:
            name = await self._holder_name(tip)
            facts["to"] = [name.kk, name.ru]
        return facts

    async def _files(self, tip: Tip) -> list[int]:
        """Parts whose files are on the shelf or lost; one still wanted follows by itself when it is there."""
        query = (
            select(TipPart.id)
            .join(Media, Media.id == TipPart.media_id)
            .where(TipPart.tip_id == tip.id, TipPart.officer_id.is_(None), Media.state != "wanted")
            .order_by(TipPart.id)
        )
        return list(await self._session.scalars(query))

    async def _alarm(self, tip: Tip, alarm: str) -> None:
        roles = (Role.OWN_SECURITY,) if tip.is_restricted else (Role.HEAD, Role.ADMIN)
        facts = {"alarm": alarm, "what": tip.number}
        await self._notices.promise(
            *(
                Promise(NoticeKind.ALARM, Recipient(resident_id=officer.resident_id), Lane.URGENT, facts=facts)
                for officer in await self._officers.with_role(*roles)
                if officer.resident_id
            )
        )


def readers(officers: Iterable[OfficerView], barred: Container[int]) -> list[OfficerView]:
    return [officer for officer in officers if officer.resident_id and officer.id not in barred]
