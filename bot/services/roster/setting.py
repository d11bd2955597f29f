"""Leave and watches, as people of the department set and cancel them in a chat."""

from sqlalchemy import select

from bot.errors import (
    CircularSubstitute,
    DaysOverlap,
    DaysPast,
    NotAllowed,
    NotFound,
    SubstituteRefused,
    WatchRefused,
)
from bot.i18n import Bilingual
from bot.services.notices import Promise, Recipient
from bot.services.officers import OfficerView
from bot.services.roster.asking import RosterAsked
from bot.services.roster.views import REASONS, AbsenceView, NewAbsence, NewWatch, WatchView, stand_in_of
from bot.store.roster import Absence, Watch
from bot.store.territory import Desk, Precinct
from bot.terms import DeskKind, NoticeKind, Role

ABOVE = (Role.STAFF, Role.HEAD, Role.ADMIN)  # set anybody's days
ABSENCE_CANCELLED, WATCH_CANCELLED = "absence_cancelled", "watch_cancelled"  # in the log of actions
SUBSTITUTE, SUBSTITUTE_CANCELLED, AWAY, AWAY_CANCELLED = "substitute", "substitute_cancelled", "away", "away_cancelled"


class RosterSet(RosterAsked):
    # -- leave

    async def may_set_absence(self, officer: OfficerView, by: OfficerView) -> bool:
        """Oneself; staff for all; a duty unit for the inspectors of its district."""
        if by.id == officer.id or by.has(*ABOVE):
            return True
        queues = [duty.desk_id for duty in by.duties if duty.role is Role.DUTY and duty.desk_id is not None]
        if not queues or not officer.precinct_ids:
            return False
        desks = await self._session.scalars(select(Desk).where(Desk.id.in_(queues)))
        districts = {desk.district_id for desk in desks}
        if None in districts:  # the department's duty unit
            return True
        mine = select(Precinct.id).where(Precinct.id.in_(officer.precinct_ids), Precinct.district_id.in_(districts))
        return set(officer.precinct_ids) <= set(await self._session.scalars(mine))

    async def set_absence(self, new: NewAbsence, by: OfficerView) -> AbsenceView:
        """Raises NotAllowed, DaysPast, DaysOverlap, SubstituteRefused, CircularSubstitute."""
        officer = await self._officers.get(new.officer_id)
        if not await self.may_set_absence(officer, by):
            raise NotAllowed
        if new.last_day < new.first_day or new.last_day < self.day(self._clock.now()):
            raise DaysPast
        await self._refuse_overlap(officer, new)
        if new.substitute_id is not None:
            await self._refuse_substitute(officer, new.substitute_id)
            await self._refuse_circle(officer, new)
        row = Absence(
            officer_id=officer.id,
            substitute_id=new.substitute_id,
            first_day=new.first_day,
            last_day=new.last_day,
            reason=new.reason if new.reason in REASONS else REASONS[0],
            set_by=by.id,
            set_at=self._clock.now(),
        )
        self._session.add(row)
        await self._session.flush()
        view = (await self._absence_views([row]))[0]
        days = {"first_day": row.first_day.isoformat(), "last_day": row.last_day.isoformat()}
        await self._audit.write(
            "absence_set", by=by, subject=f"officer:{officer.id}", substitute=row.substitute_id, **days
        )
        await self._tell(view, by, AWAY, SUBSTITUTE)
        return view

    async def cancel_absence(self, absence_id: int, by: OfficerView) -> None:
        row = await self._session.get(Absence, absence_id)
        if row is None:
            raise NotFound
        view = (await self._absence_views([row]))[0]
        if not await self.may_set_absence(view.officer, by):
            raise NotAllowed
        await self._session.delete(row)
        await self._session.flush()
        days = {"first_day": row.first_day.isoformat(), "last_day": row.last_day.isoformat()}
        await self._audit.write(ABSENCE_CANCELLED, by=by, subject=f"officer:{view.officer.id}", **days)
        await self._tell(view, by, AWAY_CANCELLED, SUBSTITUTE_CANCELLED)

    async def _refuse_overlap(self, officer: OfficerView, new: NewAbsence) -> None:
        other = await self._session.scalar(
            select(Absence)
            .where(
                Absence.officer_id == officer.id, Absence.first_day <= new.last_day, Absence.last_day >= new.first_day
            )
            .limit(1)
        )
        if other is not None:
            raise DaysOverlap(officer=officer.title, first_day=other.first_day, last_day=other.last_day)

    async def _refuse_substitute(self, officer: OfficerView, substitute_id: int) -> None:
        substitute = (await self._officers.by_ids({substitute_id})).get(substitute_id)
        if substitute is None or substitute_id == officer.id:
            raise SubstituteRefused(officer=officer.title)
        if await self._reachable(substitute_id) is None or not substitute.has(*(duty.role for duty in officer.duties)):
            raise SubstituteRefused(officer=substitute.title)

    async def _refuse_circle(self, officer: OfficerView, new: NewAbsence) -> None:
        """Who is off changes on few days only: the first one, and where another absence begins."""
        rows = list(
            await self._session.scalars(
                select(Absence).where(Absence.first_day <= new.last_day, Absence.last_day >= new.first_day)
            )
        )
        for day in sorted({new.first_day} | {max(row.first_day, new.first_day) for row in rows}):
            away = {row.officer_id: row.substitute_id for row in rows if row.first_day <= day <= row.last_day}
            if _comes_back(officer.id, new.substitute_id, away):
                raise CircularSubstitute(officer=officer.title, day=day)

    async def _tell(self, absence: AbsenceView, by: OfficerView, to_away: str, to_substitute: str) -> None:
        """The one who is off and the one who stands in; not the one who pressed."""
        days = {"first_day": absence.first_day.isoformat(), "last_day": absence.last_day.isoformat()}
        told = [(absence.officer, to_away, absence.substitute), (absence.substitute, to_substitute, absence.officer)]
        await self._notices.promise(
            *(
                Promise(
                    NoticeKind.ROSTER,
                    Recipient(resident_id=reader.resident_id),
                    facts={"what": what, "officer": _names(other.title) if other else None, **days},
                )
                for reader, what, other in told
                if reader is not None and reader.resident_id and reader.id != by.id
            )
        )

    # -- watches

    async def may_set_watch(self, desk_id: int, by: OfficerView) -> bool:
        """Staff; the people of the queue itself; the department's duty unit for every queue."""
        if by.has(*ABOVE):
            return True
        queues = [duty.desk_id for duty in by.duties if duty.role is Role.DUTY and duty.desk_id is not None]
        if desk_id in queues:
            return True
        desk = await self._session.get(Desk, desk_id)
        if desk is None or desk.kind not in (DeskKind.DISTRICT_DUTY, DeskKind.DEPARTMENT_DUTY) or not queues:
            return False
        whole = select(Desk.id).where(Desk.id.in_(queues), Desk.kind == DeskKind.DEPARTMENT_DUTY)
        return await self._session.scalar(whole.limit(1)) is not None

    async def set_watch(self, new: NewWatch, by: OfficerView) -> WatchView:
        """Raises NotAllowed, WatchRefused: not of this desk, over already, or on watch there at that time."""
        if not await self.may_set_watch(new.desk_id, by):
            raise NotAllowed
        people = {officer.id: officer for officer in await self._officers.on_desk(new.desk_id)}
        clash = select(Watch.id).where(
            Watch.desk_id == new.desk_id,
            Watch.officer_id == new.officer_id,
            Watch.starts_at < new.ends_at,
            Watch.ends_at > new.starts_at,
        )
        if (
            new.officer_id not in people
            or new.ends_at <= max(new.starts_at, self._clock.now())
            or await self._session.scalar(clash.limit(1)) is not None
        ):
            raise WatchRefused
        row = Watch(
            desk_id=new.desk_id,
            officer_id=new.officer_id,
            starts_at=new.starts_at,
            ends_at=new.ends_at,
            set_by=by.id,
        )
        self._session.add(row)
        await self._session.flush()
        moments = {"starts_at": row.starts_at.isoformat(), "ends_at": row.ends_at.isoformat()}
        await self._audit.write("watch_set", by=by, subject=f"officer:{row.officer_id}", desk=row.desk_id, **moments)
        return WatchView(row.id, row.desk_id, people[row.officer_id], row.starts_at, row.ends_at)

    async def cancel_watch(self, watch_id: int, by: OfficerView) -> None:
        row = await self._session.get(Watch, watch_id)
        if row is None:
            raise NotFound
        if not await self.may_set_watch(row.desk_id, by):
            raise NotAllowed
        await self._session.delete(row)
        await self._session.flush()
        moments = {"starts_at": row.starts_at.isoformat(), "ends_at": row.ends_at.isoformat()}
        await self._audit.write(
            WATCH_CANCELLED, by=by, subject=f"officer:{row.officer_id}", desk=row.desk_id, **moments
        )


def _comes_back(officer_id: int, substitute_id: int | None, away: dict[int, int | None]) -> bool:
    """Whether following the substitutes from `substitute_id` leads to the officer himself."""
    without_me = {who: other for who, other in away.items() if who != officer_id}
    return substitute_id is not None and stand_in_of(substitute_id, without_me) == officer_id


def _names(name: Bilingual) -> dict[str, str]:
    return {"kk": name.kk, "ru": name.ru}
