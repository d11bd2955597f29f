"""Whose place is this: by point, address, code; loading again keeps what people have."""

from pathlib import Path

import pytest

from bot.errors import NotFound
from bot.services.territory_files import read_department
from bot.services.unit import Units
from bot.store.chats import Chat
from bot.store.officers import Officer
from bot.store.residents import Resident
from bot.store.territory import Desk, Generation, House, Precinct
from bot.terms import Language, Messenger
from tests.services import cast


async def test_a_point_inside_and_one_on_another_continent(units: Units) -> None:
    async with units.reading() as unit:
        found = set()
        borders = read_department(Path("demo")).precincts
        for entry in borders:
            ring = entry.polygons[0][0]
            latitude = sum(point[1] for point in ring[:-1]) / (len(ring) - 1)
            longitude = sum(point[0] for point in ring[:-1]) / (len(ring) - 1)
            place = await unit.territory.at_point(latitude, longitude)
            found.add(place.code if place else None)
        assert await unit.territory.at_point(-33.86, 151.2) is None
    assert len(found - {None}) >= 10


async def test_an_address_typed_in_either_language(units: Units) -> None:
    async with units.reading() as unit:
        for typed in ("Тугайная 5", "тоғай көшесі, 5", "Тугайная улица, дом 5"):
            (match, place) = (await unit.territory.at_address(typed))[0]
            assert (place.code, match.certain) == ("101", True), typed
        assert await unit.territory.at_address("Елисейские поля, 8") == []


async def test_what_does_not_exist(units: Units) -> None:
    async with units.reading() as unit:
        assert await unit.territory.by_code("999") is None
        with pytest.raises(NotFound):
            await unit.territory.precinct(404)
        with pytest.raises(NotFound):
            await unit.territory.desk(404)


async def test_the_department_is_marked_as_demo(units: Units) -> None:
    async with units.reading() as unit:
        department = await unit.territory.department()
    assert department is not None
    assert department.is_demo
    assert department.name.of(Language.KK)


async def test_loading_again_keeps_ids_accounts_and_bindings(units: Units) -> None:
    async def ids() -> dict[str, list[int]]:
        return {
            table.__tablename__: [row.id for row in await cast.rows(units, table)]
            for table in (Precinct, Desk, Officer, Chat, Resident)
        }

    before = await ids()
    async with units() as unit:
        person = await cast.newcomer(unit)
        token = await unit.officers.invite((await cast.officer(unit, cast.STAFF)).id, None)
        await unit.officers.revoke((await cast.officer(unit, cast.STAFF)).id, await cast.officer(unit, cast.ADMIN))
        await unit.officers.join(token, person.id)
    async with units() as unit:
        await unit.territory.load(read_department(Path("demo")))
        assert (await cast.officer(unit, cast.STAFF)).resident_id == person.id
    after = await ids()
    assert {name: set(before[name]) <= set(after[name]) for name in before} == dict.fromkeys(before, True)
    assert len(after["residents"]) == len(before["residents"]) + 1
    generations = await cast.rows(units, Generation)
    assert [generation.is_active for generation in generations] == [False, True]


async def test_a_borders_file_alone_keeps_the_house_lists(units: Units) -> None:
    houses = len(await cast.rows(units, House))
    async with units() as unit:
        await unit.territory.load(read_department(Path("demo/territory.geojson")))
    async with units.reading() as unit:
        assert await unit.territory.at_address("Тугайная 5")
    assert len(await cast.rows(units, House)) == 2 * houses


async def test_demo_residents_are_found_by_either_form_of_their_number(units: Units) -> None:
    async with units.reading() as unit:
        person = await unit.residents.known(Messenger.WHATSAPP, "+77000000001")
    assert person is not None
    assert person.has_consent
