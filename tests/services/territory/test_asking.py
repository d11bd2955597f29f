"""Spots: whose is a point on a border, beside one, outside all; whose is a chat."""

from dataclasses import replace

from bot.services.territory import Spot
from bot.services.unit import Units
from bot.store.chats import Chat
from bot.terms import Messenger, PlaceSource
from tests.services import cast
from tests.services.territory import variants
from tests.services.territory.test_activating import border_point

METRE = 1 / 111_320.0


async def test_a_point_inside_has_one_holder(units: Units) -> None:
    async with units.reading() as unit:
        spot = await unit.territory.spot_at(*variants.middle("101"))
        assert spot == Spot(await cast.precinct_id(unit, "101"), PlaceSource.POINT)


async def test_a_point_on_a_border_has_the_lowest_code_and_a_neighbour(units: Units) -> None:
    async with units.reading() as unit:
        one, other = [await cast.precinct_id(unit, code) for code in ("101", "102")]
        spot = await unit.territory.spot_at(*border_point(variants.demo(), "101", "102"))
        assert (spot.precinct_id, spot.neighbour_id, spot.outside_metres) == (one, other, None)


async def test_within_fifteen_metres_the_neighbour_is_told_and_farther_it_is_not(units: Units) -> None:
    latitude, longitude = border_point(variants.demo(), "101", "102")
    async with units.reading() as unit:
        near = [await unit.territory.spot_at(latitude + metres * METRE, longitude) for metres in (10, -10, 60, -60)]
        holders = [await unit.territory.at_point(latitude + metres * METRE, longitude) for metres in (10, -10, 60, -60)]
    assert [spot.precinct_id for spot in near] == [place.id if place else None for place in holders]
    assert {near[0].neighbour_id, near[1].neighbour_id} == {near[0].precinct_id, near[1].precinct_id}
    assert (near[2].neighbour_id, near[3].neighbour_id) == (None, None)


async def test_outside_all_borders_the_metres_are_told(units: Units) -> None:
    west = min(
        (point[0], point[1]) for entry in variants.demo().precincts for part in entry.polygons for point in part[0]
    )
    async with units.reading() as unit:
        far = await unit.territory.spot_at(west[1], west[0] - 0.02)
        rim = await unit.territory.spot_at(west[1], west[0] - 5 * METRE)
    assert (far.precinct_id, far.neighbour_id) == (None, None)
    assert far.outside_metres is not None
    assert 900 < far.outside_metres < 1600
    assert rim.precinct_id is not None  # the trembling of a phone is no reason to send a tip to the duty queue
    assert rim.outside_metres is None


async def test_the_spot_of_a_chat(units: Units) -> None:
    async with units() as unit:
        bound = await unit.chats.at(Messenger.TELEGRAM, str(variants.demo().chats[0].telegram_id))
        loose = await unit.chats.added(Messenger.TELEGRAM, "-100555", "Бос")
        assert bound is not None
        row = await unit._session.get_one(Chat, bound.id)
        row.second_precinct_id = await cast.precinct_id(unit, "102")
        first = await cast.precinct_id(unit, variants.demo().chats[0].precinct)
        await unit.flush()
        assert await unit.territory.spot_of_chat(bound.id) == Spot(first, PlaceSource.CHAT, row.second_precinct_id)
        assert await unit.territory.spot_of_chat(loose.id) == Spot(None, PlaceSource.NONE)
        assert await unit.territory.spot_of_chat(404) == Spot(None, PlaceSource.NONE)


async def test_the_towns_name_in_front_of_a_street(units: Units) -> None:
    department = variants.demo().department
    assert department is not None
    named = replace(department, town_kk="Алтынарқа", town_ru="Алтынарка")
    await variants.load(units, replace(variants.borders_only(), department=named), activate=True)
    async with units.reading() as unit:
        (match, place), *_rest = await unit.territory.at_address("Алтынарка, Тугайная 5")
    assert (place.code, match.certain) == ("101", True)


async def test_a_house_of_a_village_is_found_by_its_name(units: Units) -> None:
    """The settlement comes through the table; «Абай көшесі» is in the town, too."""
    files = variants.demo()
    house = files.houses[0]
    village = replace(house, precinct="102", settlement_kk="Ақтас ауылы", settlement_ru="село Актас")
    await variants.load(units, replace(variants.borders_only(), houses=(*files.houses, village)), activate=True)
    number = house.numbers.split("-")[0].split(",")[0]
    async with units.reading() as unit:
        named = await unit.territory.at_address(f"Ақтас ауылы, {house.street_kk}, {number}")
        town = await unit.territory.at_address(f"г. Алтынарка, {house.street_ru}, {number}")
        either = await unit.territory.at_address(f"{house.street_kk}, {number}")
    match, place = named[0]
    assert (match.settlement_ru, place.code, match.certain) == ("село Актас", "102", True)
    assert (town[0][1].code, town[0][0].certain) == (house.precinct, True)
    assert {match.settlement_ru for match, _ in either} == {"село Актас", "Алтынарка"}
    assert not any(match.certain for match, _ in either)
