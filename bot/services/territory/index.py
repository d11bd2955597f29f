"""One generation in memory: rows are read in small portions, built apart from them, swapped in at once."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from sys import intern
from typing import Any, NamedTuple

from sqlalchemy import Text, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from bot.addresses import AddressBook, Match
from bot.geo import PrecinctMap
from bot.i18n import Bilingual
from bot.services.territory.views import PlaceView
from bot.services.territory_files import HouseEntry
from bot.store.territory import Border, Department, House, Precinct

PORTION = 500
"""Rows of one step of reading: the loop is free again after a few milliseconds."""
NEAR_BORDER = 15.0
"""Metres: how far a phone's point may be off in a yard."""


@dataclass(slots=True)
class Rows:
    """What a generation is built from, packed by portions: a few large texts leave no holes in memory behind."""

    generation_id: int | None
    places: dict[str, PlaceView] = field(default_factory=dict)
    borders: list[str] = field(default_factory=list)  # lines of code, tab, polygons as they lie in the table
    houses: list[str] = field(default_factory=list)  # JSON of the fields of house rows
    towns: tuple[str, ...] = ()

    def taken_borders(self) -> Iterator[tuple[str, str]]:
        """Code and GeoJSON text of each; what was taken is let go."""
        while self.borders:
            for line in self.borders.pop(0).split("\n"):
                code, _tab, polygons = line.partition("\t")
                yield intern(code), polygons

    def taken_houses(self) -> Iterator[HouseEntry]:
        while self.houses:
            for code, *words in json.loads(self.houses.pop(0)):
                yield HouseEntry(intern(code), *words)


class Near(NamedTuple):
    """Codes: who answers for a place, who is only told, and outside all borders the metres to the nearest."""

    precinct: str | None
    neighbour: str | None = None
    outside_metres: float | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    """The borders and houses of one generation. Built once, then only read."""

    generation_id: int | None
    borders: PrecinctMap
    houses: AddressBook
    places: dict[str, PlaceView]

    def near(self, latitude: float, longitude: float) -> Near:
        """On a border, and in the hair's breadth between two, the nearest and then the lowest code answers."""
        found = self.borders.within(latitude, longitude, NEAR_BORDER)
        if found:
            return Near(found[0][0], found[1][0] if len(found) > 1 else None)
        metres = self.borders.nearest(latitude, longitude)[1] if len(self.borders) else None
        return Near(None, outside_metres=metres)

    def of_address(self, text: str) -> Match | None:
        """The one place an address certainly means."""
        matches = self.houses.find(text)
        return matches[0] if matches and matches[0].certain else None


@dataclass(slots=True)
class TerritoryIndex:
    """One per process. While somebody keeps it fresh (`is_watched`), lookups ask the database nothing."""

    survey: Survey | None = None
    is_watched: bool = False

    @property
    def generation_id(self) -> int | None:
        return self.survey.generation_id if self.survey else None


async def read_rows(session: AsyncSession, generation_id: int | None) -> Rows:
    """A generation's rows, which never change once they are whole."""
    rows = Rows(generation_id)
    department = (await session.execute(select(Department.town_kk, Department.town_ru).limit(1))).first()
    rows.towns = tuple(filter(None, department)) if department else ()
    borders = select(
        Precinct.code, type_coerce(Border.polygons, Text), Precinct.id, Precinct.name_kk, Precinct.name_ru,
        Precinct.district_id,
    )  # fmt: skip
    borders = borders.join(Border, Border.precinct_id == Precinct.id).where(Border.generation_id == generation_id)
    async for portion in _portions(session, borders.order_by(Border.id)):
        rows.borders.append("\n".join(f"{row[0]}\t{row[1]}" for row in portion))
        for code, _polygons, id_, kk, ru, district in portion:
            rows.places[intern(code)] = PlaceView(id_, intern(code), Bilingual(kk, ru), district)
    houses = select(
        Precinct.code, House.street_kk, House.street_ru, House.old_name_kk, House.old_name_ru, House.numbers,
        House.complex_kk, House.complex_ru, House.settlement_kk, House.settlement_ru,
    )  # fmt: skip
    houses = houses.join(Precinct, Precinct.id == House.precinct_id).where(House.generation_id == generation_id)
    async for portion in _portions(session, houses.order_by(House.id)):
        rows.houses.append(json.dumps([tuple(row) for row in portion], ensure_ascii=False))
    return rows


async def _portions(session: AsyncSession, query: Any) -> AsyncIterator[Any]:
    stream = await session.stream(query.execution_options(yield_per=PORTION))
    async for portion in stream.partitions():
        yield portion


def build(rows: Rows) -> Survey:
    """Pure; empties `rows` on its way, so that a region does not lie in memory twice. Seconds for a whole region."""
    borders = PrecinctMap((code, json.loads(polygons)) for code, polygons in rows.taken_borders())
    return Survey(rows.generation_id, borders, AddressBook(rows.taken_houses(), rows.towns), rows.places)


def discard(survey: Survey) -> None:
    """Lets a survey nobody reads any more go piece by piece: freed at once it would hold every thread up."""
    _take_apart(survey, 4)


def _take_apart(thing: object, depth: int) -> None:
    if isinstance(thing, list):
        while thing:
            thing.pop()
    elif isinstance(thing, dict):
        while thing:
            thing.popitem()
    elif depth:
        slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
        for name in {*slots, *getattr(thing, "__dict__", ())}:
            _take_apart(getattr(thing, name, None), depth - 1)
