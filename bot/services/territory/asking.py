"""Whose place is this: by point, address, code or list."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.addresses import AddressBook, Match
from bot.clock import Clock
from bot.errors import NotFound
from bot.geo import PrecinctMap
from bot.i18n import Bilingual
from bot.services.audit import Audit
from bot.services.chats import Chats
from bot.services.officers import Officers
from bot.services.territory.views import (
    DepartmentView,
    DeskView,
    DistrictView,
    PlaceView,
    TerritoryIndex,
    desk_view,
    place_view,
)
from bot.services.territory_files import HouseEntry
from bot.store.territory import Border, Department, Desk, District, Generation, House, Precinct


class TerritoryAsked:
    def __init__(
        self,
        session: AsyncSession,
        clock: Clock,
        index: TerritoryIndex,
        chats: Chats,
        officers: Officers,
        audit: Audit,
    ) -> None:
        self._session, self._clock, self._index = session, clock, index
        self._chats, self._officers, self._audit = chats, officers, audit

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
        rows = await self._session.scalars(select(District).order_by(District.code))
        return [DistrictView(row.id, row.code, Bilingual(row.name_kk, row.name_ru)) for row in rows]

    async def precincts(self, district_id: int | None = None) -> list[PlaceView]:
        query = select(Precinct).order_by(Precinct.code)
        if district_id is not None:
            query = query.where(Precinct.district_id == district_id)
        return [place_view(row) for row in await self._session.scalars(query)]

    async def precinct(self, precinct_id: int) -> PlaceView:
        row = await self._session.get(Precinct, precinct_id)
        if row is None:
            raise NotFound
        return place_view(row)

    async def by_code(self, code: str) -> PlaceView | None:
        row = await self._session.scalar(select(Precinct).where(Precinct.code == code))
        return None if row is None else place_view(row)

    async def at_point(self, latitude: float, longitude: float) -> PlaceView | None:
        """The precinct that holds this point; None outside all borders."""
        index = await self._current()
        code = index.borders.at(latitude, longitude) if index.borders else None
        return await self.by_code(code) if code else None

    async def at_address(self, text: str) -> list[tuple[Match, PlaceView]]:
        """Best first; the caller asks when there are several or when the first is not certain."""
        index = await self._current()
        matches = index.houses.find(text) if index.houses else []
        found = []
        for match in matches[:5]:
            place = await self.by_code(match.precinct)
            if place is not None:
                found.append((match, place))
        return found

    async def duty_desk(self, district_id: int | None) -> DeskView:
        return desk_view(await self._officers.duty_desk(district_id))

    async def desk(self, desk_id: int) -> DeskView:
        row = await self._session.get(Desk, desk_id)
        if row is None:
            raise NotFound
        return desk_view(row)

    async def _current(self) -> TerritoryIndex:
        generation = await self._session.scalar(select(Generation.id).where(Generation.is_active))
        if generation != self._index.generation_id:
            await self._build(generation)
        return self._index

    async def _build(self, generation: int | None) -> None:
        borders = select(Precinct.code, Border.polygons).join(Border, Border.precinct_id == Precinct.id)
        shapes = [
            (code, polygons)
            for code, polygons in await self._session.execute(borders.where(Border.generation_id == generation))
        ]
        houses = select(House, Precinct.code).join(Precinct, Precinct.id == House.precinct_id)
        rows = [
            HouseEntry(code, row.street_kk, row.street_ru, row.old_name_kk, row.old_name_ru, row.numbers)
            for row, code in await self._session.execute(houses.where(House.generation_id == generation))
        ]
        self._index.borders, self._index.houses = PrecinctMap(shapes), AddressBook(rows)
        self._index.generation_id = generation
