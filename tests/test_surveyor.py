"""Every process follows the active generation by itself, and lookups go on while it does."""

import asyncio
import threading
from typing import Any

import pytest

from bot import surveyor as module
from bot.services.territory import build
from bot.services.unit import House, Units
from bot.surveyor import Surveyor
from tests.postgres import backend, bare, cleaning, clock, units
from tests.services.territory import variants

__all__ = ["backend", "bare", "cleaning", "clock", "units"]


@pytest.fixture
def twin(units: Units) -> Units:
    """Another process on the same database, as far as memory goes."""
    house = units.house
    return Units(House(house.database, house.clock, house.zone, house.quiet))


async def holder(units: Units, code: str) -> str | None:
    """Whose the land of this precinct is now."""
    async with units.reading() as unit:
        place = await unit.territory.at_point(*variants.middle(code))
        return place.code if place else None


async def test_two_processes_see_the_switch(units: Units, twin: Units) -> None:
    surveyors = [Surveyor(units), Surveyor(twin)]
    for surveyor in surveyors:
        assert await surveyor.look()
        assert not await surveyor.look()
    await variants.load(units, variants.swapped("101", "102"), activate=True)
    assert [await holder(one, "101") for one in (units, twin)] == ["101", "101"]  # nobody has looked yet
    for surveyor in surveyors:
        assert await surveyor.look()
    assert [await holder(one, "101") for one in (units, twin)] == ["102", "102"]


async def test_a_switch_in_this_process_rings_at_once_and_elsewhere_is_seen_in_seconds(
    units: Units, twin: Units, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK_EVERY", 0.2)
    async with asyncio.TaskGroup() as nursery:
        tasks = [nursery.create_task(Surveyor(one).run()) for one in (units, twin)]
        while twin.house.territory.survey is None or units.house.territory.survey is None:
            await asyncio.sleep(0.01)
        await variants.load(units, variants.swapped("101", "102"), activate=True)
        async with asyncio.timeout(10):
            while {await holder(one, "101") for one in (units, twin)} != {"102"}:
                await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
    assert not units.house.territory.is_watched  # nobody looks any more: the next lookup asks the database again


async def test_a_watched_index_asks_the_database_nothing(units: Units, monkeypatch: pytest.MonkeyPatch) -> None:
    await Surveyor(units).look()
    async with units.reading() as unit:

        async def fail(*_arguments: Any, **_named: Any) -> None:
            raise AssertionError("asked")

        monkeypatch.setattr(unit._session, "scalar", fail)
        monkeypatch.setattr(unit._session, "execute", fail)
        assert (await unit.territory.spot_at(*variants.middle("101"))).precinct_id is not None
        assert await unit.territory.at_address("Тугайная 5")


async def test_lookups_go_on_while_the_next_generation_is_drawn(units: Units, monkeypatch: pytest.MonkeyPatch) -> None:
    surveyor = Surveyor(units)
    await surveyor.look()
    await variants.load(units, variants.swapped("101", "102"), activate=True)
    is_building, may_end = threading.Event(), threading.Event()

    def slowly(rows: Any) -> Any:
        is_building.set()
        assert may_end.wait(10)
        return build(rows)

    monkeypatch.setattr(module, "build", slowly)
    async with asyncio.TaskGroup() as nursery:
        drawing = nursery.create_task(surveyor.look())
        while not is_building.is_set():
            await asyncio.sleep(0.005)
        assert [await holder(units, "101") for _time in range(20)] == ["101"] * 20
        may_end.set()
        assert await drawing
    assert await holder(units, "101") == "102"
