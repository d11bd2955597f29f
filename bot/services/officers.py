"""The department's people: what they may do, where, and how they join."""

import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.errors import InvitationRefused, NotAllowed, NotFound
from bot.i18n import Bilingual
from bot.services.audit import Audit
from bot.store import keys
from bot.store.officers import Duty, Invitation, Officer
from bot.store.territory import Desk
from bot.terms import DeskKind, Role

SETS_PINGS = (Role.STAFF, Role.HEAD, Role.ADMIN)  # of others
INVITATION_LASTS = timedelta(minutes=10)  # long enough to be read aloud, too short to be found


@dataclass(frozen=True, slots=True)
class DutyView:
    role: Role
    precinct_id: int | None
    desk_id: int | None


@dataclass(frozen=True, slots=True)
class OfficerView:
    id: int
    badge: str
    rank: Bilingual
    name: Bilingual
    phone: str
    office: Bilingual
    hours: Bilingual
    resident_id: int | None
    duties: tuple[DutyView, ...] = field(default=())
    username: str = ""
    photo_id: int | None = None
    has_brief_pings: bool = False  # number and category only in his messenger

    def has(self, *roles: Role) -> bool:
        return any(duty.role in roles for duty in self.duties)

    @property
    def precinct_ids(self) -> list[int]:
        return [d.precinct_id for d in self.duties if d.role is Role.INSPECTOR and d.precinct_id is not None]

    @property
    def desk_ids(self) -> list[int]:
        return [duty.desk_id for duty in self.duties if duty.desk_id is not None]

    @property
    def title(self) -> Bilingual:
        """Rank and name as they are said: «полиция майоры А. Сәрсенов» / «майор полиции А. Сарсенов»."""
        return Bilingual(f"{self.rank.kk} {self.name.kk}".strip(), f"{self.rank.ru} {self.name.ru}".strip())


@dataclass(frozen=True, slots=True)
class JoinedView:
    """`invited_by` is None for an invitation of the command line."""

    at: datetime
    invited_by: OfficerView | None


@dataclass(frozen=True, slots=True)
class NewOfficer:
    badge: str
    name: Bilingual
    role: Role
    rank: Bilingual = field(default_factory=lambda: Bilingual("", ""))
    phone: str = ""
    precinct_id: int | None = None
    desk_id: int | None = None


class Officers:
    def __init__(self, session: AsyncSession, clock: Clock, audit: Audit, after_commit: Callable[[str], None]) -> None:
        self._session, self._clock, self._audit, self._after_commit = session, clock, audit, after_commit

    async def view(self, officer: Officer) -> OfficerView:
        return (await self._views([officer]))[0]

    async def _views(self, officers: Sequence[Officer]) -> list[OfficerView]:
        ids = [officer.id for officer in officers]
        rows = await self._session.scalars(select(Duty).where(Duty.officer_id.in_(ids)).order_by(Duty.id))
        duties: dict[int, list[DutyView]] = {}
        for row in rows:
            duties.setdefault(row.officer_id, []).append(DutyView(Role(row.role), row.precinct_id, row.desk_id))
        return [_view(officer, tuple(duties.get(officer.id, ()))) for officer in officers]

    async def get(self, officer_id: int) -> OfficerView:
        officer = await self._session.get(Officer, officer_id)
        if officer is None or not officer.is_active:
            raise NotFound
        return await self.view(officer)

    async def by_badge(self, badge: str) -> OfficerView:
        officer = await self._session.scalar(select(Officer).where(Officer.badge == badge, Officer.is_active))
        if officer is None:
            raise NotFound
        return await self.view(officer)

    async def by_ids(self, ids: Collection[int]) -> dict[int, OfficerView]:
        """Those who have left the service included: they stand in lists of the past."""
        if not ids:
            return {}
        rows = list(await self._session.scalars(select(Officer).where(Officer.id.in_(ids))))
        return {view.id: view for view in await self._views(rows)}

    async def everyone(self) -> list[OfficerView]:
        rows = await self._session.scalars(select(Officer).where(Officer.is_active).order_by(Officer.name_kk))
        return await self._views(list(rows))

    async def with_role(self, *roles: Role) -> list[OfficerView]:
        """Everybody who holds one of these roles, those without a messenger account included."""
        query = (
            select(Officer)
            .join(Duty, Duty.officer_id == Officer.id)
            .where(Officer.is_active, Duty.role.in_(roles))
            .distinct()
            .order_by(Officer.id)
        )
        return await self._views(list(await self._session.scalars(query)))

    async def inspector_of(self, precinct_id: int) -> OfficerView | None:
        query = (
            select(Officer)
            .join(Duty, Duty.officer_id == Officer.id)
            .where(Duty.precinct_id == precinct_id, Duty.role == Role.INSPECTOR, Officer.is_active)
            .order_by(Officer.id)
            .limit(1)
        )
        officer = await self._session.scalar(query)
        return None if officer is None else await self.view(officer)

    async def on_desk(self, desk_id: int) -> list[OfficerView]:
        query = (
            select(Officer)
            .join(Duty, Duty.officer_id == Officer.id)
            .where(Duty.desk_id == desk_id, Officer.is_active)
            .distinct()
            .order_by(Officer.id)
        )
        return await self._views(list(await self._session.scalars(query)))

    async def add(self, new: NewOfficer, by: OfficerView | None = None) -> OfficerView:
        officer = Officer(
            badge=new.badge,
            rank_kk=new.rank.kk,
            rank_ru=new.rank.ru,
            name_kk=new.name.kk,
            name_ru=new.name.ru,
            phone=new.phone,
            office_kk="",
            office_ru="",
            hours_kk="",
            hours_ru="",
            is_active=True,
        )
        self._session.add(officer)
        await self._session.flush()
        self._session.add(Duty(officer_id=officer.id, role=new.role, precinct_id=new.precinct_id, desk_id=new.desk_id))
        await self._session.flush()
        await self._audit.write("officer_added", by=by, subject=f"officer:{officer.id}", role=new.role)
        return await self.view(officer)

    async def add_owner(self, badge: str, resident_id: int) -> OfficerView:
        """A first administrator, named in the settings: the only way to a role without an invitation."""
        former = update(Officer).where(Officer.resident_id == resident_id, Officer.badge != badge)
        await self._session.execute(former.values(resident_id=None))  # an officer who left keeps no account
        found = await self._session.scalar(select(Officer).where(Officer.badge == badge))
        if found is not None:
            found.is_active = True
            if found.resident_id != resident_id:
                found.resident_id = resident_id
                await self._session.flush()
            return await self.view(found)
        new = NewOfficer(badge=badge, name=Bilingual("Әкімші", "Администратор"), role=Role.ADMIN)
        added = await self.add(new)
        row = await self._session.get_one(Officer, added.id)
        row.resident_id = resident_id
        await self._session.flush()
        return await self.view(row)

    async def invite(self, officer_id: int, by: OfficerView | None, lasts: timedelta = INVITATION_LASTS) -> str:
        """A one-time word for a start link. `by` is empty for the command line, else an administrator."""
        if by is not None and not by.has(Role.ADMIN):
            raise NotAllowed
        officer = await self._session.get(Officer, officer_id)
        if officer is None or not officer.is_active:
            raise NotFound
        token = secrets.token_urlsafe(16)
        self._session.add(
            Invitation(
                officer_id=officer_id,
                fingerprint=keys.ring().fingerprint("invitation", token),
                invited_by=by.id if by else None,
                expires_at=self._clock.now() + lasts,
            )
        )
        await self._audit.write("officer_invited", by=by, subject=f"officer:{officer_id}")
        return token

    async def join(self, token: str, resident_id: int) -> OfficerView:
        """Binds the officer of this invitation to the account that used it. Raises InvitationRefused."""
        query = select(Invitation).where(Invitation.fingerprint == keys.ring().fingerprint("invitation", token))
        invitation = await self._session.scalar(query.with_for_update())
        now = self._clock.now()
        if invitation is None or invitation.used_at is not None or invitation.expires_at <= now:
            raise InvitationRefused
        taken = await self._session.scalar(select(Officer.id).where(Officer.resident_id == resident_id))
        if taken is not None and taken != invitation.officer_id:
            raise InvitationRefused
        officer = await self._session.get_one(Officer, invitation.officer_id)
        invitation.used_at = now
        officer.resident_id = resident_id
        await self._session.flush()
        view = await self.view(officer)
        self._after_commit("staff")
        await self._audit.write("officer_joined", by=view, subject=f"officer:{officer.id}")
        return view

    async def joined(self, officer_id: int) -> JoinedView | None:
        """By which invitation the officer has the account; None: by none that is known."""
        query = select(Invitation).where(Invitation.officer_id == officer_id, Invitation.used_at.is_not(None))
        row = await self._session.scalar(query.order_by(Invitation.used_at.desc()).limit(1))
        if row is None or row.used_at is None:
            return None
        return JoinedView(row.used_at, await self.get(row.invited_by) if row.invited_by is not None else None)

    async def revoke(self, officer_id: int, by: OfficerView) -> None:
        """The account loses every right at its next press."""
        if not by.has(Role.ADMIN):
            raise NotAllowed
        officer = await self._session.get(Officer, officer_id)
        if officer is None:
            raise NotFound
        officer.resident_id = None
        self._after_commit("staff")
        await self._audit.write("officer_revoked", by=by, subject=f"officer:{officer_id}")

    async def set_pings(self, officer_id: int, by: OfficerView, *, brief: bool) -> OfficerView:
        """What his messenger may carry: his own choice, or that of the department's staff. Raises NotAllowed."""
        if by.id != officer_id and not by.has(*SETS_PINGS):
            raise NotAllowed
        officer = await self._session.get(Officer, officer_id)
        if officer is None or not officer.is_active:
            raise NotFound
        if officer.has_brief_pings != brief:
            officer.has_brief_pings = brief
            await self._session.flush()
            await self._audit.write("pings_set", by=by, subject=f"officer:{officer_id}", brief=brief)
        return await self.view(officer)

    async def duty_desk(self, district_id: int | None) -> Desk:
        """The duty queue of a district, or the department's. Raises NotFound only when no territory is loaded."""
        wanted = Desk.kind == DeskKind.DEPARTMENT_DUTY
        if district_id is not None:
            wanted = or_(wanted, (Desk.kind == DeskKind.DISTRICT_DUTY) & (Desk.district_id == district_id))
        desks = list(await self._session.scalars(select(Desk).where(wanted)))
        desks.sort(key=lambda desk: desk.kind != DeskKind.DISTRICT_DUTY)
        if not desks:
            raise NotFound
        return desks[0]


def _view(officer: Officer, duties: tuple[DutyView, ...]) -> OfficerView:
    return OfficerView(
        id=officer.id,
        badge=officer.badge,
        rank=Bilingual(officer.rank_kk, officer.rank_ru),
        name=Bilingual(officer.name_kk, officer.name_ru),
        phone=officer.phone,
        office=Bilingual(officer.office_kk, officer.office_ru),
        hours=Bilingual(officer.hours_kk, officer.hours_ru),
        resident_id=officer.resident_id,
        duties=duties,
        username=officer.username,
        photo_id=officer.photo_id,
        has_brief_pings=officer.has_brief_pings,
    )


def officers_of(rows: Iterable[Sequence[Any]]) -> list[OfficerView]:
    """Of rows (officer, one of his duties or None), an officer's rows together."""
    duties: dict[int, list[DutyView]] = {}
    found: dict[int, Officer] = {}
    for officer, duty in rows:
        found[officer.id] = officer
        mine = duties.setdefault(officer.id, [])
        if duty is not None:
            mine.append(DutyView(Role(duty.role), duty.precinct_id, duty.desk_id))
    return [_view(officer, tuple(duties[officer.id])) for officer in found.values()]
