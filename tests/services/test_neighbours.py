"""Precincts side by side."""

from bot.services.unit import Units
from tests.services import cast


async def test_neighbours_are_mutual_and_never_oneself(units: Units) -> None:
    async with units() as unit:
        places = await unit.territory.precincts()
        beside = {place.id: {other.id for other in await unit.neighbours.of(place.id)} for place in places}
    assert all(beside.values())
    for place_id, others in beside.items():
        assert place_id not in others
        assert all(place_id in beside[other] for other in others)
    assert any(len(others) < len(places) - 1 for others in beside.values())


async def test_a_precinct_without_a_border_has_none(units: Units) -> None:
    async with units() as unit:
        assert await unit.neighbours.of(404) == []
        (first, *_rest) = await unit.neighbours.of(await cast.precinct_id(unit))
    assert first.code
