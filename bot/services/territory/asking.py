"""Whose place is this: by point, address, code or list."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.addresses import Match
from bot.clock import Clock
from bot.errors import NotFound
from bot.i18n import Bilingual
from bot.services.audit import Audit
from bot.services.chats import Chats
from bot.services.notices import Notices
from bot.services.officers import Officers
from bot.services.roster import Roster
from bot.services.territory.index import Rows, Survey, TerritoryIndex, build, read_rows
from bot.services.territory.views import (
    DepartmentView,
    DeskView,
    DistrictView,
    PlaceView,
    Spot,
    desk_view,
    place_view,
)
from bot.store.chats import Chat
from bot.store.territory import Border, Department, Desk, District, Generation, Precinct
from bot.terms import PlaceSource

SHOWN = 5


class TerritoryAsked:
    def __init__(
        self,
        session: AsyncSession,
        clock: Clock,
        index: TerritoryIndex,
        chats: Chats,
        officers: Officers,
        audit: Audit,
        notices: Notices,
        roster: Roster,
        ring: Callable[[str], None],
    ) -> None:
        self._session, self._clock, self._index = session, clock, index
        self._chats, self._officers, self._audit = chats, officers, audit
        self._notices, self._roster, self._ring = notices, roster, ring

    async def active(self) -> int | None:
        """The generation that answers; None before the first load."""
        return await self._session.scalar(select(Generation.id).where(Generation.is_active))

    async def rows(self, generation_id: int | None) -> Rows:
        """What the index of a generation is built from."""
        return await read_rows(self._session, generation_id)

    async def department(self) -> DepartmentView | None:
        row = await self._session.scalar(select(Department).limit(1))
        if row is None:
            return None
        return DepartmentView(
            Bilingual(row.name_kk, row.name_ru),
            row.phone,
            Bilingual(row.address_kk, row.address_ru),
            row.bin,
            Bilingual(row.term_kk, row.term_ru),
            row.is_demo,
        )

    async def districts(self) -> list[DistrictView]:
        """Those of the active generation."""
        now = select(Precinct.district_id).where(Precinct.id.in_(self._precincts_now()))
        rows = await self._session.scalars(select(District).where(District.id.in_(now)).order_by(District.code))
        return [DistrictView(row.id, row.code, Bilingual(row.name_kk, row.name_ru)) for row in rows]

    async def precincts(self, district_id: int | None = None) -> list[PlaceView]:
        """Those of the active generation."""
        query = select(Precinct).where(Precinct.id.in_(self._precincts_now())).order_by(Precinct.code)
        if district_id is not None:
            query = query.where(Precinct.district_id == district_id)
        return [place_view(row) for row in await self._session.scalars(query)]

    async def precinct(self, precinct_id: int) -> PlaceView:
        """Of any generation: an old tip keeps the precinct it was given."""
        row = await self._session.get(Precinct, precinct_id)
        if row is None:
            raise NotFound
        return place_view(row)

    async def by_code(self, code: str) -> PlaceView | None:
        """Of the active generation: a poster of a precinct that is gone leads nowhere."""
        query = select(Precinct).where(Precinct.code == code, Precinct.id.in_(self._precincts_now()))
        row = await self._session.scalar(query)
        return None if row is None else place_view(row)

    def _precincts_now(self) -> Select[Any]:
        query = select(Border.precinct_id).join(Generation, Generation.id == Border.generation_id)
        return query.where(Generation.is_active)

    async def at_point(self, latitude: float, longitude: float) -> PlaceView | None:
        """The precinct that holds this point; None outside all borders."""
        survey = await self._survey()
        code = survey.borders.at(latitude, longitude)
        return survey.places[code] if code else None

    async def spot_at(self, latitude: float, longitude: float) -> Spot:
        """Within 15 m of a border the nearest precinct answers, on it the lowest code, and the neighbour is told."""
        survey = await self._survey()
        near = survey.near(latitude, longitude)
        primary = survey.places[near.precinct].id if near.precinct else None
        neighbour = survey.places[near.neighbour].id if near.neighbour else None
        return Spot(primary, PlaceSource.POINT, neighbour, near.outside_metres)

    async def spot_of_chat(self, chat_id: int) -> Spot:
        """The place a group is bound to; a yard on a border has a second one."""
        row = await self._session.get(Chat, chat_id)
        if row is None or row.precinct_id is None:
            return Spot(None, PlaceSource.NONE)
        return Spot(row.precinct_id, PlaceSource.CHAT, row.second_precinct_id)

    async def at_address(self, text: str) -> list[tuple[Match, PlaceView]]:
        """Best first; the caller asks when there are several or when the first is not certain."""
        survey = await self._survey()
        found = [(match, survey.places.get(match.precinct)) for match in survey.houses.find(text)[:SHOWN]]
        return [(match, place) for match, place in found if place is not None]

    async def duty_desk(self, district_id: int | None) -> DeskView:
        return desk_view(await self._officers.duty_desk(district_id))

    async def desk(self, desk_id: int) -> DeskView:
        row = await self._session.get(Desk, desk_id)
        if row is None:
            raise NotFound
        return desk_view(row)

    async def _survey(self) -> Survey:
        """As somebody keeps it fresh; where nobody does (tests, the command line) it is built here when it is stale."""
        survey = self._index.survey
        if survey is not None and self._index.is_watched:
            return survey
        active = await self.active()
        if survey is None or survey.generation_id != active:
            self._index.survey = survey = build(await self.rows(active))
        return survey
