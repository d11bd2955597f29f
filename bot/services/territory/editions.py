"""Two states of the territory side by side, each whole: what a generation has, or files that nobody has loaded yet."""

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.addresses import AddressBook
from bot.errors import NotFound
from bot.geo import PrecinctMap
from bot.i18n import Bilingual
from bot.services.territory.index import Survey, read_rows
from bot.services.territory.lists import Lists, content, lists_of
from bot.services.territory.loading import TerritoryLoaded
from bot.services.territory.placing import ChatNow, Listed, listed_chats
from bot.services.territory.standing import chats_now, posts_now, standing
from bot.services.territory_files import DepartmentFiles, HouseEntry
from bot.services.territory_files.entries import Polygons
from bot.store.officers import Officer
from bot.store.residents import Resident
from bot.store.territory import Generation, Precinct
from bot.store.tips import Tip, TipState
from bot.terms import PlaceSource, StateType


@dataclass(frozen=True)
class Edition:
    """`borders` are GeoJSON texts by code. `lists` are what its activation would apply; `left_at` as in `content`."""

    generation_id: int | None
    source: str
    at: datetime | None
    borders: dict[str, str]
    houses: tuple[HouseEntry, ...]
    names: dict[str, Bilingual]
    districts: dict[str, str]
    towns: tuple[str, ...]
    lists: Lists
    left_at: datetime | None = None

    @cached_property
    def survey(self) -> Survey:
        borders = PrecinctMap((code, json.loads(polygons)) for code, polygons in self.borders.items())
        return Survey(self.generation_id, borders, AddressBook(self.houses, self.towns), {})

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(self.borders)


@dataclass(frozen=True, slots=True)
class TipNow:
    """An open tip's place. Tips only own security sees are never among them."""

    number: int
    precinct: str | None
    point: tuple[float, float] | None
    address: str


@dataclass(frozen=True, slots=True)
class Live:
    """What people and tips there are, whichever generation answers."""

    chats: tuple[ChatNow, ...]
    posts: dict[str, list[list[str | None]]]
    officers: dict[str, Bilingual]
    tips: tuple[TipNow, ...]
    homes: dict[str, int]  # residents by the code of their own precinct
    arrived: tuple[str, ...] = ()  # badges the active generation's files brought
    former: dict[str, int] = field(default_factory=dict)  # residents without a precinct, by the code of the last one
    listed: Listed = field(default_factory=dict)  # chats of the active generation's files
    loosened: frozenset[int] = frozenset()  # chats people have unbound since the other generation was left


EMPTY = Edition(None, "", None, {}, (), {}, {}, (), {})


def _stored(polygons: Polygons) -> str:
    """As the column has it, so that borders that are the same are the same text."""
    return json.dumps(polygons, separators=(",", ":"))


class TerritoryCompared(TerritoryLoaded):
    async def edition(self, generation_id: int | None) -> Edition:
        """All of a generation, the active one as it is now; of none: an empty one. Raises NotFound."""
        if generation_id is None:
            return EMPTY
        if await self._session.get(Generation, generation_id) is None:
            raise NotFound
        return await _edition(self._session, generation_id)

    async def live(self, since: datetime | None = None) -> Live:
        """`since`: when the generation to compare with was left."""
        live = await _live(self._session)
        return live if since is None else replace(live, loosened=await self._loosened(since))


async def _edition(session: AsyncSession, generation_id: int) -> Edition:
    row = await session.get_one(Generation, generation_id)
    rows = await read_rows(session, generation_id)
    lists, left_at = content(row.lists)
    if row.is_active:
        lists, left_at = await standing(session, generation_id, ""), None
        del lists["chats"]  # they stand in `Live`
    fields = lists.get("precincts", {})
    department = lists.get("department") or {}
    towns = tuple(filter(None, (department.get("town_kk"), department.get("town_ru")))) or rows.towns
    return Edition(
        generation_id, row.source, row.loaded_at, dict(rows.taken_borders()), tuple(rows.taken_houses()),
        {code: Bilingual(kk, ru) for code, (kk, ru, _district) in fields.items()},
        {code: district for code, (_kk, _ru, district) in fields.items()},
        towns, lists, left_at,
    )  # fmt: skip


def edition_of_files(files: DepartmentFiles, active: Edition, source: str) -> Edition:
    """What these files would become beside what is taken over from the active generation. Nothing is written."""
    said = replace(active, generation_id=None, source=source, at=None, lists=lists_of(files, {}), left_at=None)
    if files.precincts:
        said = replace(
            said,
            borders={entry.code: _stored(entry.polygons) for entry in files.precincts},
            names={entry.code: Bilingual(entry.name_kk, entry.name_ru) for entry in files.precincts},
            districts={entry.code: entry.district for entry in files.precincts},
        )
    if files.houses or "houses" in files.lists:
        said = replace(said, houses=files.houses)
    else:
        said = replace(said, houses=tuple(house for house in said.houses if house.precinct in said.borders))
    if files.department is not None:
        said = replace(said, towns=tuple(filter(None, (files.department.town_kk, files.department.town_ru))))
    return said


async def _live(session: AsyncSession) -> Live:
    named = await session.execute(select(Officer.badge, Officer.name_kk, Officer.name_ru).order_by(Officer.badge))
    active = await session.scalar(select(Generation).where(Generation.is_active))
    files = ((active.lists if active else None) or {}).get("files", {})
    return Live(
        tuple(await chats_now(session)),
        dict(await posts_now(session)),
        {badge: Bilingual(kk, ru) for badge, kk, ru in named},
        await _tips(session),
        await _residents_by(session, Resident.precinct_id),
        tuple(files.get("officers", ())),
        await _residents_by(session, Resident.former_precinct_id, Resident.precinct_id.is_(None)),
        listed_chats(active.lists if active else None),
    )


async def _tips(session: AsyncSession) -> tuple[TipNow, ...]:
    query = select(Tip, Precinct.code).outerjoin(Precinct, Precinct.id == Tip.precinct_id)
    query = query.join(TipState, TipState.code == Tip.state)
    query = query.where(TipState.type != StateType.CLOSED, ~Tip.is_restricted).order_by(Tip.number)
    found = []
    for tip, code in await session.execute(query):
        point = None if tip.lat is None or tip.lon is None else (tip.lat, tip.lon)
        address = (tip.place or "") if tip.place_source == PlaceSource.HOUSE else ""
        found.append(TipNow(tip.number, code, point, address))
    return tuple(found)


async def _residents_by(session: AsyncSession, column: Any, *where: Any) -> dict[str, int]:
    query: Any = select(Precinct.code, func.count()).join(Resident, column == Precinct.id).where(*where)
    return dict((await session.execute(query.group_by(Precinct.code))).all())
