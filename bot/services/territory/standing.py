"""The state of things, by codes: read before a switch, compared with what would be, kept for the way back."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.territory.lists import CALENDAR_DAY, DEPARTMENT, DESK, Lists, card_of
from bot.services.territory.placing import ChatNow
from bot.store.chats import Chat
from bot.store.officers import Duty, Officer
from bot.store.roster import Absence, CalendarDay, Watch, WorkingDay
from bot.store.territory import Border, Department, Desk, District, Precinct
from bot.terms import EndpointState

Item = TypeVar("Item")
AT_ONCE = 500
"""Ids in one statement: SQLite refuses more than 32,766 variables."""


def slices(items: Sequence[Item], size: int = AT_ONCE) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


async def pairs(session: AsyncSession, first: Any, second: Any, *where: Any) -> dict[Any, Any]:
    """One column by another."""
    return dict((await session.execute(select(first, second).where(*where))).all())


async def codes_of(session: AsyncSession, generation_id: int | None) -> dict[str, int]:
    """Precinct ids by code in one generation."""
    query = select(Precinct.code, Precinct.id).join(Border, Border.precinct_id == Precinct.id)
    return dict((await session.execute(query.where(Border.generation_id == generation_id))).all())


async def chats_now(session: AsyncSession) -> list[ChatNow]:
    codes: dict[int | None, str] = await pairs(session, Precinct.id, Precinct.code)
    query = select(
        Chat.id, Chat.fingerprint, Chat.title, Chat.state, Chat.precinct_id, Chat.second_precinct_id, Chat.place,
        Chat.lat, Chat.lon, Chat.bound_by, Chat.bound_at,
    )  # fmt: skip
    return [
        ChatNow(
            row.id,
            row.fingerprint,
            row.title,
            row.state == EndpointState.OPEN,
            codes.get(row.precinct_id),
            codes.get(row.second_precinct_id),
            row.place,
            None if row.lat is None or row.lon is None else (row.lat, row.lon),
            row.bound_at if row.bound_by is not None else None,
            row.bound_by,
        )
        for row in await session.execute(query.order_by(Chat.id))
    ]


async def posts_now(session: AsyncSession) -> dict[str, list[list[str | None]]]:
    """Role, precinct code, desk code of every officer by badge; an officer without a post has an empty list."""
    query = (
        select(Officer.badge, Duty.role, Precinct.code, Desk.code)
        .select_from(Officer)
        .outerjoin(Duty, Duty.officer_id == Officer.id)
        .outerjoin(Precinct, Precinct.id == Duty.precinct_id)
        .outerjoin(Desk, Desk.id == Duty.desk_id)
        .order_by(Officer.badge, Duty.id)
    )
    posts: dict[str, list[list[str | None]]] = defaultdict(list)
    for badge, role, precinct, desk in await session.execute(query):
        posts[badge] += [[role, precinct, desk]] if role else []
    return posts


async def standing(session: AsyncSession, generation_id: int, at: str) -> Lists:
    """What is left behind when this generation stops answering."""
    posts = await posts_now(session)
    officers = {row.badge: row for row in await session.scalars(select(Officer))}
    return {
        "at": at,
        "department": await _department(session),
        **await _names(session, generation_id),
        "desks": await _desks(session),
        "officers": {badge: {"card": card_of(row), "posts": posts[badge]} for badge, row in officers.items()},
        "chats": {str(chat.id): _chat(chat) for chat in await chats_now(session)},
    }


def _chat(chat: ChatNow) -> dict[str, Any]:
    at = chat.bound_by_hand_at
    return {
        "precinct": chat.precinct,
        "second": chat.second,
        "title": chat.title,
        "place": chat.place,
        "point": list(chat.point) if chat.point else None,
        "by": chat.bound_by,
        "at": at.isoformat() if at else None,
    }


async def roster_standing(session: AsyncSession) -> Lists:
    """Leave and watches of loaded lists, the week and the days unlike it; what people set in a chat is theirs."""
    badges: dict[int | None, str] = await pairs(session, Officer.id, Officer.badge)
    desks = await pairs(session, Desk.id, Desk.code)
    absences = await session.scalars(select(Absence).where(Absence.set_by.is_(None)).order_by(Absence.id))
    watches = await session.scalars(select(Watch).where(Watch.set_by.is_(None)).order_by(Watch.id))
    days = await session.scalars(select(CalendarDay).order_by(CalendarDay.day))
    week = await session.scalars(select(WorkingDay).order_by(WorkingDay.weekday))
    return {
        "absences": [
            {
                "badge": badges[row.officer_id], "substitute": badges.get(row.substitute_id),
                "first_day": row.first_day.isoformat(), "last_day": row.last_day.isoformat(), "reason": row.reason,
            }
            for row in absences
        ],
        "watches": [
            {
                "desk": desks[row.desk_id], "badge": badges[row.officer_id],
                "starts_at": row.starts_at.isoformat(), "ends_at": row.ends_at.isoformat(),
            }
            for row in watches
        ],
        "calendar": [
            {name: getattr(row, name) for name in CALENDAR_DAY} | {"day": row.day.isoformat()} for row in days
        ],
        "week": [{"weekday": row.weekday, "opens": row.opens, "closes": row.closes} for row in week],
    }  # fmt: skip


async def _department(session: AsyncSession) -> dict[str, Any] | None:
    row = await session.scalar(select(Department).limit(1))
    return None if row is None else {name: getattr(row, name) for name in DEPARTMENT}


async def _names(session: AsyncSession, generation_id: int) -> Lists:
    query = select(Precinct.code, Precinct.name_kk, Precinct.name_ru, District.code)
    query = query.join(District, District.id == Precinct.district_id).join(Border, Border.precinct_id == Precinct.id)
    rows = await session.execute(query.where(Border.generation_id == generation_id))
    names = {code: [kk, ru, district] for code, kk, ru, district in rows}
    districts = await session.execute(select(District.code, District.name_kk, District.name_ru))
    wanted = {district for _kk, _ru, district in names.values()}
    return {"precincts": names, "districts": {code: [kk, ru] for code, kk, ru in districts if code in wanted}}


async def _desks(session: AsyncSession) -> list[dict[str, Any]]:
    rows = await session.execute(select(Desk, District.code).outerjoin(District, District.id == Desk.district_id))
    return [
        {name: district if name == "district" else getattr(desk, name) for name in DESK} for desk, district in rows
    ]  # fmt: skip
