"""Who is here at this moment, who stands in, who is on watch, and which hours the department works."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Boolean, Date, Integer, String, bindparam, cast, null, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.errors import NotFound
from bot.services.audit import Audit
from bot.services.deadlines import Hours, WorkingCalendar
from bot.services.notices import Notices
from bot.services.officers import Officers, OfficerView
from bot.services.roster.views import AbsenceView, WatchView, stand_in_of
from bot.store.roster import Absence, CalendarDay, Watch, WorkingDay

KNOWN_BACK = timedelta(days=31)  # days of the calendar that a running deadline may still ask for
_NOBODY = cast(null(), BigInteger), cast(null(), BigInteger), cast(null(), BigInteger)
_NO_DAY = (
    cast(null(), Integer), cast(null(), Date), cast(null(), Boolean), cast(null(), String), cast(null(), String),
)  # fmt: skip
_OFF = select(Absence.officer_id, Absence.substitute_id, cast(null(), BigInteger), *_NO_DAY).where(
    Absence.first_day <= bindparam("day"), Absence.last_day >= bindparam("day")
)
_ON = select(Watch.officer_id, cast(null(), BigInteger), Watch.desk_id, *_NO_DAY).where(
    Watch.starts_at <= bindparam("at"), Watch.ends_at > bindparam("at")
)
_WEEK = select(
    *_NOBODY, WorkingDay.weekday, cast(null(), Date), cast(null(), Boolean), WorkingDay.opens, WorkingDay.closes
)
_DAYS = select(
    *_NOBODY, cast(null(), Integer), CalendarDay.day, CalendarDay.is_working, CalendarDay.opens, CalendarDay.closes
).where(CalendarDay.day >= bindparam("since"))
_CALENDAR = _WEEK.union_all(_DAYS)
_HERE = _OFF.union_all(_ON, _WEEK, _DAYS)


class RosterAsked:
    def __init__(
        self, session: AsyncSession, clock: Clock, zone: ZoneInfo, officers: Officers, audit: Audit, notices: Notices
    ) -> None:
        self._session, self._clock, self._zone = session, clock, zone
        self._officers, self._audit, self._notices = officers, audit, notices
        self._calendar: WorkingCalendar | None = None

    async def present(self, officer: OfficerView, at: datetime) -> OfficerView | None:
        """Himself, or who stands in for him. None: nobody with an account does."""
        found = stand_in_of(officer.id, await self.away(at))
        if found == officer.id:
            return officer
        return None if found is None else await self._reachable(found)

    async def away(self, at: datetime) -> dict[int, int | None]:
        """Who is off on this day, and his substitute."""
        day = self.day(at)
        query = select(Absence.officer_id, Absence.substitute_id).where(
            Absence.first_day <= day, Absence.last_day >= day
        )
        return {row.officer_id: row.substitute_id for row in await self._session.execute(query)}

    async def absences(self, officer_ids: Sequence[int] | None, since: date) -> list[AbsenceView]:
        """Those that are not over on this day, the earliest first; `officer_ids` None: of everybody."""
        query = select(Absence).where(Absence.last_day >= since).order_by(Absence.first_day, Absence.id)
        if officer_ids is not None:
            query = query.where(Absence.officer_id.in_(officer_ids))
        return await self._absence_views(list(await self._session.scalars(query)))

    async def on_watch(self, desk_id: int, at: datetime) -> list[OfficerView]:
        """People of the desk whose watch it is; all of the desk where nobody's watch is written down."""
        people = await self._officers.on_desk(desk_id)
        query = select(Watch.officer_id).where(Watch.desk_id == desk_id, Watch.starts_at <= at, Watch.ends_at > at)
        return on_watch_of(people, set(await self._session.scalars(query)), await self.away(at))

    async def watches(self, desk_id: int, since: datetime) -> list[WatchView]:
        """Those that are not over, the earliest first."""
        query = select(Watch).where(Watch.desk_id == desk_id, Watch.ends_at > since)
        rows = list(await self._session.scalars(query.order_by(Watch.starts_at, Watch.id)))
        people = await self._officers.by_ids({row.officer_id for row in rows})
        return [WatchView(row.id, row.desk_id, people[row.officer_id], row.starts_at, row.ends_at) for row in rows]

    async def may_stand_in(self, officer: OfficerView) -> list[OfficerView]:
        """Colleagues of the same kind of work, with an account."""
        roles = {duty.role for duty in officer.duties}
        found = await self._officers.with_role(*roles) if roles else []
        return [other for other in found if other.id != officer.id and other.resident_id]

    async def calendar(self) -> WorkingCalendar:
        """The department's week and the dates that differ, from a month ago on. Read once a unit."""
        if self._calendar is None:
            self._calendar = await self._read_calendar()
        return self._calendar

    async def _read_calendar(self) -> WorkingCalendar:
        rows = await self._session.execute(_CALENDAR, {"since": self._since()})
        return _calendar_of(rows.all(), self._zone)

    def _since(self) -> date:
        return self.day(self._clock.now()) - KNOWN_BACK

    async def here(self, at: datetime) -> tuple[dict[int, int | None], dict[int, frozenset[int]]]:
        """Who is off and his substitute, and who is on watch at which desk; the calendar is read with it."""
        asked = {"at": at, "day": self.day(at), "since": self._since()}
        rows = (await self._session.execute(_HERE, asked)).all()
        self._calendar = _calendar_of([row for row in rows if row[0] is None], self._zone)
        away, watching = dict[int, int | None](), dict[int, frozenset[int]]()
        for officer_id, substitute_id, desk_id, *_day in rows:
            if officer_id is None:
                continue
            if desk_id is None:
                away[officer_id] = substitute_id
            else:
                watching[desk_id] = watching.get(desk_id, frozenset()) | {officer_id}
        return away, watching

    async def _absence_views(self, rows: Sequence[Absence]) -> list[AbsenceView]:
        named = {id_ for row in rows for id_ in (row.officer_id, row.substitute_id, row.set_by) if id_ is not None}
        people = await self._officers.by_ids(named)
        return [
            AbsenceView(
                row.id,
                people[row.officer_id],
                people[row.substitute_id] if row.substitute_id else None,
                row.first_day,
                row.last_day,
                row.reason,
                row.set_at,
                people[row.set_by] if row.set_by is not None else None,
            )
            for row in rows
        ]

    async def _reachable(self, officer_id: int) -> OfficerView | None:
        try:
            officer = await self._officers.get(officer_id)
        except NotFound:
            return None
        return officer if officer.resident_id else None

    def day(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()


def on_watch_of(people: Sequence[OfficerView], watching: set[int], away: dict[int, int | None]) -> list[OfficerView]:
    """Of a desk's people: those on watch and not off; else those not off; else all of them."""
    for chosen in (
        [officer for officer in people if officer.id in watching and officer.id not in away and officer.resident_id],
        [officer for officer in people if officer.id not in away and officer.resident_id],
    ):
        if chosen:
            return chosen
    return list(people)


def _calendar_of(rows: Sequence[Any], zone: ZoneInfo) -> WorkingCalendar:
    """Of rows of the week (without a date) and of the dates that differ from it."""
    hours: dict[int, Hours] = {row[3]: Hours(row[6], row[7]) for row in rows if row[4] is None}
    usual = hours[min(hours)] if hours else Hours("09:00", "18:00")
    differing: dict[date, Hours | None] = {
        row[4]: Hours(row[6] or usual.opens, row[7] or usual.closes) if row[5] else None
        for row in rows
        if row[4] is not None
    }
    return WorkingCalendar(zone, hours, differing)
