"""The talk about a tip as staff read it: every message with its versions, notes apart, and what became of each."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.i18n import Bilingual
from bot.services.officers import OfficerView
from bot.services.tips.records import TipRecords
from bot.store.notices import Notice
from bot.store.tips import TipPart
from bot.terms import NoticeKind, NoticeState, PartKind

SAID = (NoticeKind.TIP_QUESTION, NoticeKind.TIP_ANSWER, NoticeKind.TIP_CLOSED)
PAGE = 6


@dataclass(frozen=True, slots=True)
class Version:
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of words on their way to the sender; `reason` where they did not arrive."""

    state: NoticeState
    reason: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """`officer` is empty where the sender wrote. `versions`: the words as they were before, the oldest first."""

    purpose: str
    kind: PartKind
    text: str
    at: datetime
    officer: Bilingual | None = None
    versions: tuple[Version, ...] = ()
    fate: Fate | None = None


@dataclass(frozen=True, slots=True)
class History:
    tip_id: int
    number: int
    sender: str
    messages: tuple[Message, ...]
    page: int
    pages: int


class RememberedTips(TipRecords):
    async def history(self, officer: OfficerView, tip_id: int, page: int | None = None) -> History:
        """`page` counts from 0, the oldest; None is the newest. Raises NotFound for who may not see the tip."""
        tip = await self._held_tip(officer, tip_id)
        query = select(TipPart).where(TipPart.tip_id == tip.id).order_by(TipPart.id)
        rows = list(await self._session.scalars(query))
        replaced = {row.replaces_id for row in rows}
        last = [row for row in rows if row.id not in replaced]
        pages = max(1, -(-len(last) // PAGE))
        page = pages - 1 if page is None else min(max(page, 0), pages - 1)
        shown = last[page * PAGE : (page + 1) * PAGE]
        by_id = {row.id: row for row in rows}
        fates = await self._fates(tip.id, [row.id for row in shown])
        names = await self._officers.by_ids({row.officer_id for row in shown if row.officer_id is not None})
        messages = []
        for row in shown:
            author = names.get(row.officer_id) if row.officer_id is not None else None
            first, *_later = chain = _versions(row, by_id)
            messages.append(
                Message(
                    row.purpose,
                    PartKind(row.kind),
                    row.text or "",
                    first.created_at,
                    author.title if author else None,
                    tuple(Version(version.text or "", version.created_at) for version in chain[:-1]),
                    fates.get(row.id),
                )
            )
        view = await self._view(tip)
        return History(tip.id, tip.number, view.sender, tuple(messages), page, pages)

    async def _fates(self, tip_id: int, parts: list[int]) -> dict[int, Fate]:
        query = select(Notice.part_id, Notice.state, Notice.error, Notice.sent_at, Notice.delivered_at).where(
            Notice.tip_id == tip_id, Notice.part_id.in_(parts), Notice.kind.in_(SAID)
        )
        return {
            part_id: Fate(NoticeState(state), error, delivered_at or sent_at)
            for part_id, state, error, sent_at, delivered_at in await self._session.execute(query.order_by(Notice.id))
            if part_id is not None
        }


def _versions(row: TipPart, by_id: dict[int, TipPart]) -> list[TipPart]:
    """The oldest first; what it was changed from may be gone by its term."""
    chain = [row]
    while chain[0].replaces_id in by_id:
        chain.insert(0, by_id[chain[0].replaces_id])
    return chain
