"""The demo department as it might be drawn next year."""

from dataclasses import replace
from functools import cache
from pathlib import Path

from bot.services.territory_files import (
    ChatEntry,
    DepartmentFiles,
    HouseEntry,
    OfficerEntry,
    PrecinctEntry,
    read_department,
)
from bot.services.unit import Units
from bot.store.territory import Generation
from tests.services import cast


@cache
def demo() -> DepartmentFiles:
    return read_department(Path("demo"))


def borders_only(files: DepartmentFiles | None = None) -> DepartmentFiles:
    files = files or demo()
    return DepartmentFiles(None, files.districts, files.precincts)


def precinct(code: str) -> PrecinctEntry:
    return next(entry for entry in demo().precincts if entry.code == code)


def without(code: str, heir: str) -> DepartmentFiles:
    """Borders and houses where one precinct is gone and another has its land."""
    heirs = replace(precinct(heir), polygons=(*precinct(heir).polygons, *precinct(code).polygons))
    precincts = tuple(
        heirs if entry.code == heir else entry for entry in demo().precincts if entry.code != code
    )  # fmt: skip
    houses = tuple(replace(house, precinct=heir) if house.precinct == code else house for house in demo().houses)
    return DepartmentFiles(None, demo().districts, precincts, houses)


def swapped(one: str, other: str) -> DepartmentFiles:
    """Borders and houses where two precincts have changed their land."""
    lands = {one: precinct(other).polygons, other: precinct(one).polygons}
    precincts = tuple(replace(entry, polygons=lands.get(entry.code, entry.polygons)) for entry in demo().precincts)
    codes = {one: other, other: one}
    houses = tuple(replace(house, precinct=codes.get(house.precinct, house.precinct)) for house in demo().houses)
    return DepartmentFiles(None, demo().districts, precincts, houses)


def renamed(files: DepartmentFiles, code: str, kk: str, ru: str) -> DepartmentFiles:
    precincts = tuple(
        replace(entry, name_kk=kk, name_ru=ru) if entry.code == code else entry for entry in files.precincts
    )  # fmt: skip
    return replace(files, precincts=precincts)


def officer(badge: str) -> OfficerEntry:
    return next(entry for entry in demo().officers if entry.badge == badge)


def middle(code: str) -> tuple[float, float]:
    """Latitude and longitude of a point inside."""
    import shapely

    point = shapely.Polygon(precinct(code).polygons[0][0]).representative_point()
    return point.y, point.x


def house_of(code: str) -> HouseEntry:
    return next(house for house in demo().houses if house.precinct == code)


def chat(number: int, code: str, **more: object) -> ChatEntry:
    return replace(ChatEntry(number, f"Чат {-number}", code), **more)  # type: ignore[arg-type]


async def load(units: Units, files: DepartmentFiles, *, activate: bool = False) -> int:
    async with units() as unit:
        return (await unit.territory.load(files, is_activated=activate)).generation_id


async def activate(units: Units, generation_id: int) -> None:
    async with units() as unit:
        await unit.territory.activate(generation_id)


async def active(units: Units) -> int:
    (row,) = await cast.rows(units, Generation, Generation.is_active)
    return int(row.id)
