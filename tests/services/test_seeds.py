"""What a department starts with; what staff changed stays."""

from sqlalchemy import delete

from bot.services.unit import Units
from bot.store.tips import Category, Outcome, TipState
from bot.store.warnings import Scheme
from bot.terms import StateType
from tests.services import cast


async def test_sowing_again_changes_nothing_that_staff_changed(units: Units) -> None:
    async with units.house.database.writing() as session:
        (await session.get_one(Category, "noise_night")).name_ru = "Шум по ночам"
        await session.execute(delete(Scheme).where(Scheme.position == 0))
    before = len(await cast.rows(units, Category))
    async with units() as unit:
        await unit.seeds.sow()
        assert (await unit.tips.category("noise_night")).name.ru == "Шум по ночам"
    assert len(await cast.rows(units, Category)) == before
    assert len(await cast.rows(units, Scheme)) == 16


async def test_every_state_leads_only_to_states_that_exist(units: Units) -> None:
    states = {state.code: state for state in await cast.rows(units, TipState)}
    for state in states.values():
        assert StateType(state.type)
        assert set(filter(None, state.next.split(","))) <= set(states)
    assert len(await cast.rows(units, Outcome)) == 6


async def test_eight_tiles_with_something_behind_each(units: Units) -> None:
    async with units() as unit:
        offered = await unit.tips.categories()
        tiles = {category.tile for category in offered}
        for tile in tiles:
            assert await unit.tips.categories(tile)
    assert len(tiles) == 8
    assert all(category.name.kk and category.name.ru for category in offered)
