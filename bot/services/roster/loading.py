"""The department's own lists of leave, watches and working days become rows."""

from sqlalchemy import delete, insert, select

from bot.services.roster.setting import RosterSet
from bot.services.roster.views import AbsenceListed, RosterEntries
from bot.store.officers import Officer
from bot.store.roster import Absence, CalendarDay, Watch, WorkingDay
from bot.store.territory import Desk


class RosterLoaded(RosterSet):
    async def load(self, entries: RosterEntries) -> None:
        """Takes the place of what an earlier list said; what people set in a chat stays, and goes before the list.

        An empty list says nothing. Badges and desk codes must be known: the files are checked before."""
        self._calendar = None
        if entries.week:
            await self._session.execute(delete(WorkingDay))
            week = [{"weekday": row.weekday, "opens": row.opens, "closes": row.closes} for row in entries.week]
            await self._session.execute(insert(WorkingDay), week)
        if entries.calendar:
            await self._load_days(entries)
        if entries.absences:
            await self._load_absences(entries)
        if entries.watches:
            await self._load_watches(entries)
        if entries.week or entries.calendar or entries.absences or entries.watches:
            await self._audit.write("roster_loaded", absences=len(entries.absences), watches=len(entries.watches))

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
        await self._session.execute(insert(CalendarDay), days)

    async def _load_absences(self, entries: RosterEntries) -> None:
        await self._session.execute(delete(Absence).where(Absence.set_by.is_(None)))
        ids = await self._officer_ids(entries)
        kept: dict[int, list[Absence]] = {}
        for row in await self._session.scalars(select(Absence)):
            kept.setdefault(row.officer_id, []).append(row)
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
            if not any(_overlap(item, row) for row in kept.get(ids[item.badge], ()))
        ]
        if rows:
            await self._session.execute(insert(Absence).execution_options(render_nulls=True), rows)

    async def _load_watches(self, entries: RosterEntries) -> None:
        await self._session.execute(delete(Watch).where(Watch.set_by.is_(None)))
        ids = await self._officer_ids(entries)
        desks = {code: desk_id for desk_id, code in await self._session.execute(select(Desk.id, Desk.code))}
        rows = [
            {
                "desk_id": desks[item.desk],
                "officer_id": ids[item.badge],
                "starts_at": item.starts_at,
                "ends_at": item.ends_at,
                "set_by": None,
            }
            for item in entries.watches
        ]
        await self._session.execute(insert(Watch).execution_options(render_nulls=True), rows)

    async def _officer_ids(self, entries: RosterEntries) -> dict[str, int]:
        badges = {item.badge for item in entries.absences} | {item.badge for item in entries.watches}
        badges |= {item.substitute for item in entries.absences if item.substitute}
        query = select(Officer.badge, Officer.id).where(Officer.badge.in_(badges))
        return {row.badge: row.id for row in await self._session.execute(query)}


def _overlap(item: AbsenceListed, row: Absence) -> bool:
    return item.first_day <= row.last_day and item.last_day >= row.first_day
