"""The department as one decision needs it: read in a few statements, then only looked at."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.i18n import Bilingual
from bot.services.deadlines import WorkingCalendar
from bot.services.officers import OfficerView, officers_of
from bot.services.roster import Roster, on_watch_of, stand_in_of
from bot.services.routing.views import Case, DeskHold, Spot
from bot.store.officers import Duty, Officer
from bot.store.residents import Resident
from bot.store.territory import Desk, Precinct
from bot.store.tips import Category
from bot.terms import DeskKind, Role


@dataclass(frozen=True, slots=True)
class PrecinctHold:
    id: int
    name: Bilingual
    district_id: int


@dataclass(frozen=True, slots=True)
class Ground:
    """All desks, and the precincts of one place."""

    desks: tuple[DeskHold, ...] = ()
    precincts: Mapping[int, PrecinctHold] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scene:
    """Active officers who come into question, by id; who is off and his substitute; who is on watch at which desk."""

    calendar: WorkingCalendar
    people: Mapping[int, OfficerView]
    desks: tuple[DeskHold, ...] = ()
    precincts: Mapping[int, PrecinctHold] = field(default_factory=dict)
    away: Mapping[int, int | None] = field(default_factory=dict)
    watching: Mapping[int, frozenset[int]] = field(default_factory=dict)

    def precinct(self, precinct_id: int | None) -> PrecinctHold | None:
        return None if precinct_id is None else self.precincts.get(precinct_id)

    def inspectors(self, precinct_id: int | None) -> list[OfficerView]:
        """One or two of a precinct; the one who is first in the register comes first."""
        return [officer for _id, officer in sorted(self.people.items()) if precinct_id in officer.precinct_ids]

    def stand_in(self, officer: OfficerView) -> OfficerView | None:
        """Who does an inspector's work while he is off; himself when he is not."""
        found = stand_in_of(officer.id, self.away)
        other = None if found is None else self.people.get(found)
        return other if other is not None and other.has(Role.INSPECTOR) else None

    def desk(self, kind: DeskKind, *, code: str | None = None, district_id: int | None = None) -> DeskHold | None:
        for desk in self.desks:
            if desk.kind is kind and code in (None, desk.code) and district_id in (None, desk.district_id):
                return desk
        return None

    def members(self, desk: DeskHold) -> list[OfficerView]:
        return [officer for _id, officer in sorted(self.people.items()) if desk.id in officer.desk_ids]

    def called(self, desk: DeskHold) -> list[OfficerView]:
        """Who of the desk gets a card now."""
        chosen = on_watch_of(self.members(desk), set(self.watching.get(desk.id, ())), dict(self.away))
        return [officer for officer in chosen if officer.resident_id]

    def heads(self) -> list[OfficerView]:
        return [officer for _id, officer in sorted(self.people.items()) if officer.has(Role.HEAD)]


# Said once: building a statement costs SQLAlchemy as much as running it.
_GROUND = (
    select(Desk, Precinct, Category)
    .select_from(Desk)
    .outerjoin(Precinct, Precinct.id.in_(bindparam("precincts", expanding=True)))
    .outerjoin(Category, Category.code == bindparam("category"))
    .order_by(Desk.id)
)
_CONCERNED = (  # who has one of these duties
    (Duty.role == Role.INSPECTOR) & Duty.precinct_id.in_(bindparam("precincts", expanding=True)),
    Duty.desk_id.in_(bindparam("desks", expanding=True)),
    Duty.role == Role.HEAD,
)
_PEOPLE = (
    select(Officer, Duty, Resident)  # their accounts for whoever promises them something: they are then at hand
    .outerjoin(Duty, Duty.officer_id == Officer.id)
    .outerjoin(Resident, Resident.id == Officer.resident_id)
    .where(
        Officer.is_active,
        or_(
            Officer.id.in_(select(Duty.officer_id).where(or_(*_CONCERNED))),
            Officer.id.in_(bindparam("substitutes", expanding=True)),
        ),
    )
    .order_by(Officer.id, Duty.id)
)


async def ground_of(spot: Spot, session: AsyncSession, category: str = "") -> Ground:
    """`category`: its row is read along and is then at hand."""
    rows = await session.execute(_GROUND, {"precincts": _precincts_of(spot), "category": category})
    desks, precincts = dict[int, DeskHold](), dict[int, PrecinctHold]()
    for desk, precinct, _category in rows:
        name = Bilingual(desk.name_kk, desk.name_ru)
        desks[desk.id] = DeskHold(desk.id, desk.code, DeskKind(desk.kind), desk.district_id, name)
        if precinct is not None:
            name = Bilingual(precinct.name_kk, precinct.name_ru)
            precincts[precinct.id] = PrecinctHold(precinct.id, name, precinct.district_id)
    return Ground(tuple(desks.values()), precincts)


async def scene_for(case: Case, ground: Ground, session: AsyncSession, roster: Roster) -> Scene:
    """`ground` is that of the case's own place."""
    wanted, desks, precincts = _precincts_of(case.spot), ground.desks, ground.precincts
    away, watching = await roster.here(case.at)
    here = precincts.get(case.spot.precinct_id or 0)
    queues = [
        desk.id
        for desk in desks
        if desk.kind in (DeskKind.OWN_SECURITY, DeskKind.DEPARTMENT_DUTY)
        or (desk.kind is DeskKind.DISTRICT_DUTY and here is not None and desk.district_id == here.district_id)
        or (desk.kind is DeskKind.DESK and desk.code == case.first)
    ]
    substitutes = {who for who in away.values() if who is not None}
    people = await _people(session, wanted, queues, sorted(substitutes))
    return Scene(await roster.calendar(), people, desks, precincts, away, watching)


def _precincts_of(spot: Spot) -> list[int]:
    return [precinct for precinct in (spot.precinct_id, spot.neighbour_id) if precinct is not None]


async def _people(
    session: AsyncSession, precincts: list[int], desks: list[int], substitutes: list[int]
) -> dict[int, OfficerView]:
    """All duties of everybody who has one of these, and of today's substitutes."""
    asked = {"precincts": precincts, "desks": desks, "substitutes": substitutes}
    rows = await session.execute(_PEOPLE, asked)
    return {officer.id: officer for officer in officers_of([row[:2] for row in rows])}
