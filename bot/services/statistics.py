"""How well the territory is drawn: what was sent to a wrong holder first, and where silence moved it on.

About categories, borders and rungs, never about people: no count is by officer, a border belongs to both its sides, and
what is too rare to say anything is put together. What lies at own security is not there, not even as a count."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.errors import NotAllowed
from bot.i18n import Bilingual
from bot.services.officers import OfficerView
from bot.services.tips.views import SILENCE
from bot.store.events import Event
from bot.store.territory import Precinct
from bot.store.tips import Category, HandoverReason, Tip
from bot.terms import Role, Rung

AT_LEAST = 5  # tips behind a share: fewer tell of a person, not of a rule


@dataclass(frozen=True, slots=True)
class Share:
    """`moved` of `tips`. `name` is empty for what is too rare to be named."""

    name: Bilingual | None
    tips: int
    moved: int

    @property
    def percent(self) -> float:
        return 100 * self.moved / self.tips if self.tips else 0.0


@dataclass(frozen=True, slots=True)
class RungShare:
    rung: Rung
    tips: int
    moved: int


@dataclass(frozen=True, slots=True)
class Routed:
    """Tips sent in a period: to how many staff had to give another holder, and how many silence moved."""

    since: datetime
    until: datetime
    tips: int
    misrouted: int
    categories: tuple[Share, ...]
    borders: tuple[Share, ...]
    rungs: tuple[RungShare, ...]


@dataclass(frozen=True, slots=True)
class _Sent:
    id: int
    category: str
    rung: str
    precinct_id: int | None


_SENT = select(Tip.id, Tip.category, Tip.rung, Tip.precinct_id)


@dataclass(frozen=True, slots=True)
class _Move:
    tip_id: int
    reason: str
    rung: str  # that it left
    precincts: tuple[int, int] | None  # where the place was thought to be, and where it is


class Statistics:
    def __init__(self, session: AsyncSession, clock: Clock) -> None:
        self._session, self._clock = session, clock

    async def routed(self, since: datetime, by: OfficerView | None = None) -> Routed:
        """`by` is empty for the command line. Raises NotAllowed for all but staff, heads and administrators."""
        if by is not None and not by.has(Role.STAFF, Role.HEAD, Role.ADMIN):
            raise NotAllowed
        until = self._clock.now()
        counted = (Tip.created_at >= since, Tip.created_at < until, Tip.is_restricted.is_(False))
        tips = [_Sent(*row) for row in await self._session.execute(_SENT.where(*counted))]
        moves = await self._moves(counted)
        wrong = set(await self._session.scalars(select(HandoverReason.code).where(HandoverReason.is_misroute)))
        misroutes = [move for move in moves if move.reason in wrong]
        misrouted = {move.tip_id for move in misroutes}
        return Routed(
            since,
            until,
            len(tips),
            len(misrouted),
            await self._by_category(tips, misrouted),
            await self._by_border(tips, moves, misroutes),
            _by_rung(tips, moves),
        )

    async def _moves(self, counted: Sequence[ColumnElement[bool]]) -> list[_Move]:
        query = select(Event).join(Tip, Tip.id == Event.tip_id).where(Event.kind == "moved", *counted)
        events = await self._session.scalars(query.order_by(Event.tip_id, Event.id))
        return [_move(event) for event in events]

    async def _by_category(self, tips: Sequence[_Sent], misrouted: set[int]) -> tuple[Share, ...]:
        rows = await self._session.scalars(select(Category))
        names = {row.code: Bilingual(row.name_kk, row.name_ru) for row in rows}
        all_of = Counter(tip.category for tip in tips)
        moved = Counter(tip.category for tip in tips if tip.id in misrouted)
        return _shares([(names[code], count, moved[code]) for code, count in all_of.items()])

    async def _by_border(
        self, tips: Sequence[_Sent], moves: Sequence[_Move], misroutes: Sequence[_Move]
    ) -> tuple[Share, ...]:
        """Pairs of precincts, whichever of them had the tip first."""
        rows = await self._session.scalars(select(Precinct))
        names = {row.id: Bilingual(row.name_kk, row.name_ru) for row in rows}
        first = {move.tip_id: move.precincts[0] for move in reversed(moves) if move.precincts}
        all_of = Counter(first.get(tip.id, tip.precinct_id) for tip in tips)
        crossed = {(move.tip_id, min(move.precincts), max(move.precincts)) for move in misroutes if move.precincts}
        moved = Counter((one, other) for _tip_id, one, other in crossed)
        return _shares(
            [
                (_both(names[one], names[other]), all_of[one] + all_of[other], count)
                for (one, other), count in moved.items()
                if one in names and other in names
            ]
        )


def _move(event: Event) -> _Move:
    facts = event.facts or {}
    precincts = facts.get("precincts")
    pair = None
    if isinstance(precincts, list) and None not in precincts:
        pair = (int(precincts[0]), int(precincts[1]))
    return _Move(event.tip_id, event.reason, str(facts.get("rung", "")), pair)


def _by_rung(tips: Sequence[_Sent], moves: Sequence[_Move]) -> tuple[RungShare, ...]:
    """Of the tips that have lain on a rung: how many left it because nobody took them in time."""
    lain = {(tip.id, tip.rung) for tip in tips} | {(move.tip_id, move.rung) for move in moves}
    left = {(move.tip_id, move.rung) for move in moves if move.reason == SILENCE}
    all_of, moved = Counter(rung for _tip_id, rung in lain), Counter(rung for _tip_id, rung in left)
    return tuple(RungShare(rung, all_of[rung], moved[rung]) for rung in Rung if all_of[rung])


def _shares(rows: Sequence[tuple[Bilingual, int, int]]) -> tuple[Share, ...]:
    """The largest share first; the rare ones together, without a name, at the end."""
    named = sorted((Share(*row) for row in rows if row[1] >= AT_LEAST), key=lambda share: -share.percent)
    rare = [row for row in rows if row[1] < AT_LEAST]
    if not rare:
        return tuple(named)
    return (*named, Share(None, sum(tips for _name, tips, _moved in rare), sum(moved for _n, _t, moved in rare)))


def _both(one: Bilingual, other: Bilingual) -> Bilingual:
    return Bilingual(f"{one.kk} – {other.kk}", f"{one.ru} – {other.ru}")
