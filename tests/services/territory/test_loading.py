"""Checked files become a generation; what is refused, or only tried, leaves nothing behind."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.services.territory import BordersMissing, CodesUnknown, StoredPhoto
from bot.services.territory_files import AbsenceEntry, CalendarEntry, DepartmentFiles, WeekEntry
from bot.services.unit import Units
from bot.store.base import Base
from bot.store.media import Media
from bot.store.officers import Officer
from bot.store.roster import Absence, CalendarDay, WorkingDay
from bot.store.territory import Border, Generation, House
from tests.services import cast
from tests.services.territory import variants


async def counts(units: Units) -> list[int]:
    async with units.house.database.reading() as session:
        from sqlalchemy import func, select

        return [
            await session.scalar(select(func.count()).select_from(table)) or 0 for table in Base.metadata.sorted_tables
        ]


STRAYS = {
    "a precinct": DepartmentFiles(None, (), (), chats=(variants.chat(-1001, "999"),)),
    "a second precinct": DepartmentFiles(None, (), (), chats=(variants.chat(-1001, "101", second_precinct="998"),)),
    "a house's precinct": DepartmentFiles(None, (), (), (replace(variants.house_of("101"), precinct="999"),)),
    "a desk": DepartmentFiles(None, (), (), officers=(replace(variants.officer(cast.CYBER), desk="nowhere"),)),
    "a badge": DepartmentFiles(
        None, (), (), absences=(AbsenceEntry("Z-1", None, date(2026, 9, 1), date(2026, 9, 2), "leave"),)
    ),
}


@pytest.mark.parametrize("what", STRAYS)
async def test_files_that_name_what_is_nowhere_write_nothing(units: Units, what: str) -> None:
    before = await counts(units)
    with pytest.raises(CodesUnknown):
        await variants.load(units, STRAYS[what], activate=True)
    assert await counts(units) == before


async def test_lists_before_any_borders_are_refused(units: Units) -> None:
    async with units() as unit:
        for table in (Border, House, Generation):
            await unit._session.execute(table.__table__.delete())
    with pytest.raises(BordersMissing):
        await variants.load(units, DepartmentFiles(None, (), (), chats=(variants.chat(-1001, "101"),)))


async def test_lists_alone_keep_borders_and_names(units: Units) -> None:
    waiting = await variants.load(units, DepartmentFiles(None, (), (), chats=(variants.chat(-1001, "101"),)))
    await variants.load(units, variants.renamed(variants.borders_only(), "101", "Жаңа", "Новое"), activate=True)
    await variants.activate(units, waiting)
    async with units.reading() as unit:
        place = await unit.territory.by_code("101")
    assert place is not None
    assert place.name.ru == variants.precinct("101").name_ru  # as it was when the list was loaded
    assert len(await cast.rows(units, Border, Border.generation_id == waiting)) == 12
    assert len(await cast.rows(units, House, House.generation_id == waiting)) == len(variants.demo().houses)


async def test_houses_of_a_precinct_that_is_gone_are_not_taken_over(units: Units) -> None:
    files = variants.borders_only(variants.without("102", "101"))
    generation = await variants.load(units, files, activate=True)
    kept = await cast.rows(units, House, House.generation_id == generation)
    assert len(kept) == sum(house.precinct != "102" for house in variants.demo().houses)


async def test_what_a_load_that_broke_off_left_is_cleared_away_later(units: Units) -> None:
    async with units() as unit:
        broken = await unit.territory.begin(variants.borders_only(), "broken")
    assert [view.is_whole for view in await _generations(units)] == [False, True]
    await variants.load(units, variants.borders_only())
    assert broken in {row.id for row in await cast.rows(units, Generation)}  # it may still be at work
    units.house.clock._elapsed += timedelta(hours=2).total_seconds()  # type: ignore[attr-defined]
    await variants.load(units, variants.borders_only())
    assert all(view.is_whole and view.source != "broken" for view in await _generations(units))


async def _generations(units: Units) -> list:  # type: ignore[type-arg]
    async with units.reading() as unit:
        return await unit.territory.generations()


async def test_a_photo_is_on_the_shelf_once_and_belongs_to_its_officer(units: Units) -> None:
    photo = StoredPhoto(b"d" * 32, 1234, "image/jpeg")
    files = replace(variants.borders_only(), officers=(variants.officer(cast.ASEL), variants.officer(cast.ASKAR)))
    for badge in (cast.ASEL, cast.ASKAR):
        async with units() as unit:
            await unit.territory.load(files, photos={badge: photo})
    (media,) = await cast.rows(units, Media)
    assert (media.digest, media.state, media.mime) == (b"d" * 32, "stored", "image/jpeg")
    officers = {row.badge: row.photo_id for row in await cast.rows(units, Officer)}
    assert (officers[cast.ASEL], officers[cast.ASKAR]) == (media.id, media.id)  # a list without it takes none away
    async with units.reading() as unit:
        assert await unit.shelf.get(media.id) is not None


async def test_leave_and_the_calendar_begin_with_their_generation(units: Units) -> None:
    away = AbsenceEntry(cast.ASEL, cast.ASKAR, date(2026, 9, 1), date(2026, 9, 20), "leave")
    files = DepartmentFiles(
        None, (), (), absences=(away,), week=(WeekEntry(0, "10:00", "16:00"),),
        calendar=(CalendarEntry(date(2026, 12, 16), False, "Тәуелсіздік күні", "День Независимости", None, None),),
    )  # fmt: skip
    before = [row.opens for row in await cast.rows(units, WorkingDay)]
    away_before = {row.first_day for row in await cast.rows(units, Absence)}
    generation = await variants.load(units, files)
    assert {row.first_day for row in await cast.rows(units, Absence)} == away_before
    assert away.first_day not in away_before
    assert [row.opens for row in await cast.rows(units, WorkingDay)] == before
    await variants.activate(units, generation)
    (row,) = await cast.rows(units, Absence)
    assert (row.first_day, row.last_day, row.reason) == (date(2026, 9, 1), date(2026, 9, 20), "leave")
    assert [(row.weekday, row.opens) for row in await cast.rows(units, WorkingDay)] == [(0, "10:00")]
    assert [row.day for row in await cast.rows(units, CalendarDay)] == [date(2026, 12, 16)]
