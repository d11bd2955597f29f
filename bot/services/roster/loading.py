"""The department's own lists of leave, watches and working days become rows."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import delete, insert, select

from bot.services.roster.setting import ABSENCE_CANCELLED, WATCH_CANCELLED, RosterSet
from bot.services.roster.views import RosterEntries
from bot.store.officers import Officer
from bot.store.roster import Absence, CalendarDay, Watch, WorkingDay
from bot.store.territory import Desk

Leave = tuple[int, date, date]
"""Of an officer, both days included."""
Shift = tuple[tuple[int, int], datetime, datetime]
"""Of a desk and an officer."""


class RosterLoaded(RosterSet):
    async def load(self, entries: RosterEntries) -> None:
        """Takes the place of what an earlier list said; what people set in a chat stays, and goes before the list.

        An empty list says nothing. Badges and desk codes must be known: the files are checked before."""
        self._calendar = None
        if entries.week:
            await self._load_week(entries)
        if entries.calendar:
            await self._load_days(entries)
        if entries.absences:
            await self._load_absences(entries)
        if entries.watches:
            await self._load_watches(entries)
        if entries.week or entries.calendar or entries.absences or entries.watches:
            await self._audit.write("roster_loaded", absences=len(entries.absences), watches=len(entries.watches))

    async def restore(self, entries: RosterEntries, left_at: datetime) -> None:
        """The lists as they stood at `left_at`, the empty ones too; what people have set or cancelled since stays."""
        self._calendar = None
        await self._load_week(entries)
        await self._load_days(entries)
        await self._load_absences(entries, await self._cancelled_leave(left_at))
        await self._load_watches(entries, await self._cancelled_watches(left_at))

    async def _load_week(self, entries: RosterEntries) -> None:
        await self._session.execute(delete(WorkingDay))
        week = [{"weekday": row.weekday, "opens": row.opens, "closes": row.closes} for row in entries.week]
        if week:
            await self._session.execute(insert(WorkingDay), week)

    async def _load_days(self, entries: RosterEntries) -> None:
        await self._session.execute(delete(CalendarDay))
        days = [
            {
                "day": row.day,
                "is_working": row.is_working,
                "name_kk": row.name_kk,
                "name_ru": row.name_ru,
                "opens": row.opens,
                "closes": row.closes,
            }
            for row in entries.calendar
        ]
        if days:
            await self._session.execute(insert(CalendarDay), days)

    async def _load_absences(self, entries: RosterEntries, cancelled: Iterable[Leave] = ()) -> None:
        await self._session.execute(delete(Absence).where(Absence.set_by.is_(None)))
        ids = await self._officer_ids(entries)
        taken: dict[int, list[tuple[date, date]]] = defaultdict(list)
        by_hand = select(Absence.officer_id, Absence.first_day, Absence.last_day)
        for officer_id, first, last in (*await self._session.execute(by_hand), *cancelled):
            taken[officer_id].append((first, last))
        rows = [
            {
                "officer_id": ids[item.badge],
                "substitute_id": ids[item.substitute] if item.substitute else None,
                "first_day": item.first_day,
                "last_day": item.last_day,
                "reason": item.reason,
                "set_by": None,
                "set_at": self._clock.now(),
            }
            for item in entries.absences
            if not any(item.first_day <= last and item.last_day >= first for first, last in taken[ids[item.badge]])
        ]
        if rows:
            await self._session.execute(insert(Absence).execution_options(render_nulls=True), rows)

    async def _load_watches(self, entries: RosterEntries, cancelled: Iterable[Shift] = ()) -> None:
        await self._session.execute(delete(Watch).where(Watch.set_by.is_(None)))
        ids = await self._officer_ids(entries)
        desks = {code: desk_id for desk_id, code in await self._session.execute(select(Desk.id, Desk.code))}
        taken: dict[tuple[int, int], list[tuple[datetime, datetime]]] = defaultdict(list)
        by_hand = select(Watch.desk_id, Watch.officer_id, Watch.starts_at, Watch.ends_at)
        for desk_id, officer_id, starts, ends in await self._session.execute(by_hand):
            taken[desk_id, officer_id].append((starts, ends))
        for place, starts, ends in cancelled:
            taken[place].append((starts, ends))
        rows = [
            {
                "desk_id": desks[item.desk],
                "officer_id": ids[item.badge],
                "starts_at": item.starts_at,
                "ends_at": item.ends_at,
                "set_by": None,
            }
            for item in entries.watches
            if not any(
                item.starts_at < ends and item.ends_at > starts
                for starts, ends in taken[desks[item.desk], ids[item.badge]]
            )
        ]
        if rows:
            await self._session.execute(insert(Watch).execution_options(render_nulls=True), rows)

    async def _cancelled_leave(self, since: datetime) -> list[Leave]:
        return [
            (
                _officer(one.subject),
                date.fromisoformat(one.facts["first_day"]),
                date.fromisoformat(one.facts["last_day"]),
            )
            for one in await self._audit.since(since, ABSENCE_CANCELLED)
            if "first_day" in one.facts  # entries of an older program do not say it
        ]

    async def _cancelled_watches(self, since: datetime) -> list[Shift]:
        return [
            (
                (one.facts["desk"], _officer(one.subject)),
                datetime.fromisoformat(one.facts["starts_at"]),
                datetime.fromisoformat(one.facts["ends_at"]),
            )
            for one in await self._audit.since(since, WATCH_CANCELLED)
            if "starts_at" in one.facts
        ]

    async def _officer_ids(self, entries: RosterEntries) -> dict[str, int]:
        badges = {item.badge for item in entries.absences} | {item.badge for item in entries.watches}
        badges |= {item.substitute for item in entries.absences if item.substitute}
        query = select(Officer.badge, Officer.id).where(Officer.badge.in_(badges))
        return {row.badge: row.id for row in await self._session.execute(query)}


def _officer(subject: str) -> int:
    return int(subject.removeprefix("officer:"))
