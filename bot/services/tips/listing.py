"""What an officer has in work, by the time that is left: one page of it, and how many of each sort there are."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, func, select, true

from bot.services.officers import OfficerView
from bot.services.tips.records import TipRecords
from bot.services.tips.views import TipView, visible_to
from bot.store.tips import Category, Tip, TipState
from bot.terms import URGENT, StateType

PAGE = 8

# What runs out next, as TipView.until has it; the clock of a tip that waits for its sender stands.
_until = case(
    (Tip.accept_by.is_not(None), Tip.accept_by),
    (and_(Tip.first_answer_at.is_not(None), Tip.outcome_due_at.is_not(None)), Tip.outcome_due_at),
    else_=Tip.due_at,
)
_waits = TipState.type == StateType.WAITING


class Sort(StrEnum):
    """Which of his tips an officer looks at."""

    ALL = "all"
    URGENT = "urgent"
    MINE = "mine"
    RESIDENT = "resident"
    DESK = "desk"


@dataclass(frozen=True, slots=True)
class TipPage:
    """`counts` of every sort and of what is overdue; `page` counts from 0 and is one that exists."""

    tips: tuple[TipView, ...]
    sort: Sort
    page: int
    counts: dict[Sort, int]
    overdue: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.counts[self.sort] // PAGE))


class ListedTips(TipRecords):
    async def page_of(self, officer: OfficerView, sort: Sort = Sort.ALL, page: int = 0) -> TipPage:
        """Two statements, however many tips he has."""
        counts, overdue = await self._counts(officer)
        page = min(max(page, 0), max(0, -(-counts[sort] // PAGE) - 1))
        tips = await self._listed(officer, sort, page * PAGE, PAGE) if counts[sort] else []
        return TipPage(tuple(tips), sort, page, counts, overdue)

    async def next_after(self, officer: OfficerView, tip_id: int, sort: Sort = Sort.ALL) -> int | None:
        """The tip after this one in the list, from its end the first again; None: there is no other."""
        query = select(Tip.id).join(TipState, TipState.code == Tip.state).where(*_conditions(officer, sort))
        ids = list(await self._session.scalars(query.order_by(*_order())))
        if tip_id not in ids:
            return ids[0] if ids else None
        following = ids[(ids.index(tip_id) + 1) % len(ids)]
        return None if following == tip_id else following

    async def _counts(self, officer: OfficerView) -> tuple[dict[Sort, int], int]:
        sorts = [sort for sort in Sort if sort is not Sort.ALL]
        late = and_(_until <= self._clock.now(), ~_waits)
        columns = [func.sum(case((condition, 1), else_=0)) for condition in (late, *(_is(officer, s) for s in sorts))]
        query = (
            select(func.count(), *columns)
            .select_from(Tip)
            .join(TipState, TipState.code == Tip.state)
            .where(*_conditions(officer, Sort.ALL))
        )
        total, overdue, *found = (int(value or 0) for value in (await self._session.execute(query)).one())
        return {Sort.ALL: total, **dict(zip(sorts, found, strict=True))}, overdue

    async def _listed(self, officer: OfficerView, sort: Sort, offset: int, limit: int) -> list[TipView]:
        query = (
            select(Tip, Category, TipState)  # the others for what is written about each: they are then at hand
            .join(TipState, TipState.code == Tip.state)
            .join(Category, Category.code == Tip.category)
            .where(*_conditions(officer, sort))
            .order_by(*_order())
            .offset(offset)
            .limit(limit)
        )
        return [await self._view(tip) for tip, _category, _state in (await self._session.execute(query)).all()]


def _conditions(officer: OfficerView, sort: Sort) -> list[ColumnElement[bool]]:
    found = [visible_to(officer), TipState.type != StateType.CLOSED]
    return found if sort is Sort.ALL else [*found, _is(officer, sort)]


def _is(officer: OfficerView, sort: Sort) -> ColumnElement[bool]:
    match sort:
        case Sort.URGENT:
            return Tip.urgency.in_(URGENT)
        case Sort.MINE:
            return and_(Tip.officer_id == officer.id, ~_waits)
        case Sort.RESIDENT:
            return _waits
        case Sort.DESK:
            return Tip.desk_id.in_(officer.desk_ids)
    return true()


def _order() -> tuple[ColumnElement[bool], ...]:
    return (_waits, _until.is_(None), _until, Tip.id)  # type: ignore[return-value]
