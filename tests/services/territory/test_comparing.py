"""What a switch would change is told before it is made, and is what the switch then does."""

from dataclasses import replace

from bot.i18n import Bilingual
from bot.services.territory import Change, Comparison, Why, compare, edition_of_files
from bot.services.territory.comparing import _houses
from bot.services.territory_files import DepartmentFiles, HouseEntry
from bot.services.unit import Units
from bot.store.chats import Chat
from bot.store.territory import Border, Generation, Precinct
from bot.store.tips import Tip
from bot.terms import Messenger, PlaceSource
from tests.services import cast
from tests.services.territory import variants
from tests.services.territory.test_activating import POINT_CHAT, with_chats


async def compared(units: Units, files: DepartmentFiles) -> Comparison:
    async with units.reading() as unit:
        before = await unit.territory.edition(await unit.territory.active())
        return compare(before, edition_of_files(files, before, "next"), await unit.territory.live())


async def of_generation(units: Units, generation_id: int) -> Comparison:
    async with units.reading() as unit:
        before = await unit.territory.edition(await unit.territory.active())
        after = await unit.territory.edition(generation_id)
        return compare(before, after, await unit.territory.live())


async def test_the_same_files_change_nothing(units: Units) -> None:
    found = await compared(units, variants.demo())
    assert found.is_empty, found
    assert found.without_inspector == ()


async def test_borders_that_move(units: Units) -> None:
    found = await compared(units, variants.borders_only(variants.swapped("101", "102")))
    assert [(one.code, one.change) for one in found.precincts] == [("101", Change.REDRAWN), ("102", Change.REDRAWN)]
    first, second = found.precincts
    assert first.gained > 100_000
    assert abs(first.gained - second.lost) < 1
    assert found.houses == ()  # borders alone keep the lists


async def test_a_precinct_that_goes_and_one_that_comes(units: Units) -> None:
    files = variants.without("102", "101")
    new = replace(variants.precinct("102"), code="112", name_ru="Новый")
    found = await compared(units, replace(files, precincts=(*files.precincts[1:], new)))
    changes = {one.code: one.change for one in found.precincts}
    assert changes == {"101": Change.REMOVED, "102": Change.REMOVED, "112": Change.ADDED}
    assert "112" in found.without_inspector


async def test_another_name_or_district_is_a_change_too(units: Units) -> None:
    found = await compared(units, variants.renamed(variants.demo(), "101", "Жаңа", "Новое"))
    assert [(one.code, one.change, one.name.ru) for one in found.precincts] == [("101", Change.RENAMED, "Новое")]


async def test_houses_that_move_are_counted_one_by_one(units: Units) -> None:
    houses = tuple(
        replace(house, precinct="102") if house == variants.house_of("101") else house
        for house in variants.demo().houses
    )
    found = await compared(units, DepartmentFiles(None, (), (), houses))
    assert {(move.before, move.after) for move in found.houses} == {("101", "102")}
    assert found.houses_moved == 48  # «1-48» of one street
    assert found.precincts == ()


async def test_chats_move_as_the_comparison_said(units: Units) -> None:
    await with_chats(units)
    generation = await variants.load(units, variants.without("102", "101"))
    found = await of_generation(units, generation)
    said = {plan.id: (plan.precinct, plan.why) for plan in found.chats}
    assert {why for _code, why in said.values()} == {Why.POINT, Why.ADDRESS, Why.VANISHED}
    await variants.activate(units, generation)
    async with units.reading() as unit:
        for row in await cast.rows(units, Chat, Chat.id.in_(said)):
            expected = said[row.id][0]
            assert row.precinct_id == (await cast.precinct_id(unit, expected) if expected else None)


async def test_the_way_back_says_which_bindings_stay(units: Units) -> None:
    await with_chats(units)
    first = await variants.active(units)
    await variants.load(units, variants.swapped("101", "102"), activate=True)
    units.house.clock._elapsed += 60  # type: ignore[attr-defined]
    async with units() as unit:
        inspector = await cast.officer(unit, "A-1003")
        view = await unit.chats.at(Messenger.TELEGRAM, str(POINT_CHAT))
        assert view is not None
        row = await unit._session.get_one(Chat, view.id)
        row.precinct_id, row.bound_by, row.bound_at = inspector.precinct_ids[0], inspector.id, unit.clock.now()
    found = await of_generation(units, first)
    (kept,) = [plan for plan in found.chats if plan.id == view.id]
    assert (kept.why, kept.precinct, kept.is_moved) == (Why.HAND, "103", False)


async def test_open_tips_whose_place_would_lie_elsewhere_are_told_and_stay(units: Units) -> None:
    async with units() as unit:
        person = await cast.resident(unit)
        given = await cast.precinct_id(unit, "102")
        by_point = await cast.submit(unit, person, precinct_id=given, point=variants.middle("102"))
        elsewhere = await cast.submit(unit, person, precinct_id=await cast.precinct_id(unit, "103"))
        secret = await cast.submit(
            unit, person, "officer_complaint", precinct_id=given, point=variants.middle("102")
        )  # fmt: skip
    found = await compared(units, variants.swapped("101", "102"))
    numbers = {tip.number: (tip.before, tip.after) for tip in found.tips}
    rows = {row.id: row for row in await cast.rows(units, Tip)}
    assert numbers == {rows[by_point.id].number: ("102", "101")}
    assert rows[secret.id].is_restricted
    assert rows[elsewhere.id].number not in numbers


async def test_a_tip_found_by_its_house_is_looked_up_by_its_house(units: Units) -> None:
    street = variants.house_of("102")
    number = street.numbers.split("-")[0].split(",")[0]
    tip_id = await cast.sent_tip(units)
    async with units() as unit:
        tip = await unit._session.get_one(Tip, tip_id)
        tip.precinct_id, tip.place_source = await cast.precinct_id(unit, "102"), PlaceSource.HOUSE
        tip.place, tip.lat, tip.lon = f"{street.street_ru} {number}", None, None
    found = await compared(units, variants.swapped("101", "102"))
    assert [(one.before, one.after, one.point) for one in found.tips] == [("102", "101", None)]


async def test_posts_that_change(units: Units) -> None:
    moved = replace(variants.officer(cast.ASEL), precinct="103")
    found = await compared(units, DepartmentFiles(None, (), (), officers=(moved,)))
    (post,) = found.posts
    assert (post.badge, post.before, post.after) == (cast.ASEL, (("inspector", "102"),), (("inspector", "103"),))
    assert found.without_inspector == ("102",)


async def test_comparing_writes_nothing(units: Units) -> None:
    before = [len(await cast.rows(units, table)) for table in (Generation, Precinct, Border)]
    await compared(units, variants.without("102", "101"))
    assert [len(await cast.rows(units, table)) for table in (Generation, Precinct, Border)] == before


def test_houses_of_two_villages_are_told_apart() -> None:
    abai = HouseEntry("101", "Абай көшесі", "улица Абая", "", "", "1-3")
    village = replace(abai, settlement_kk="Ақтас ауылы", settlement_ru="село Актас")
    (move,) = _houses([abai, village], [abai, replace(village, precinct="102")])
    assert (move.street, move.houses) == (
        Bilingual("Ақтас ауылы, Абай көшесі", "село Актас, улица Абая"),
        ("1", "2", "3"),
    )
    assert (move.before, move.after) == ("101", "102")
