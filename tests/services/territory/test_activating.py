"""A generation waits unseen, takes effect at one moment, and the way back restores what it replaced."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from bot.errors import NotFound
from bot.i18n import Bilingual
from bot.services.roster import NewAbsence
from bot.services.territory import GenerationActive, GenerationBroken, NoWayBack, compare
from bot.services.territory_files import (
    AbsenceEntry,
    CalendarEntry,
    DepartmentFiles,
    DeskEntry,
    WatchEntry,
    WeekEntry,
)
from bot.services.unit import Unit, Units
from bot.store.audit import AuditEntry
from bot.store.chats import Chat
from bot.store.notices import Notice
from bot.store.officers import Officer
from bot.store.residents import Resident
from bot.store.roster import Absence, CalendarDay, Watch, WorkingDay
from bot.store.territory import Border, Desk, Generation, House
from bot.store.tips import Tip
from bot.terms import DeskKind, Messenger, NoticeKind, Role
from tests.clocks import START
from tests.services import cast
from tests.services.territory import variants

POINT_CHAT, ADDRESS_CHAT, PLAIN_CHAT = -1009000000001, -1009000000002, -1009000000003


async def chat(unit: Unit, number: int) -> Any:
    return await unit.chats.at(Messenger.TELEGRAM, str(number))


async def code_of(units: Units, number: int) -> str | None:
    async with units.reading() as unit:
        found = await chat(unit, number)
        return None if found.precinct_id is None else (await unit.territory.precinct(found.precinct_id)).code


async def with_chats(units: Units) -> None:
    """Three chats of precinct 102: by a point, by an address, by nothing but its code."""
    street = variants.house_of("102")
    number = street.numbers.split("-")[0].split(",")[0]
    chats = (
        variants.chat(POINT_CHAT, "102", point=variants.middle("102")),
        variants.chat(ADDRESS_CHAT, "102", place=f"{street.street_kk}, {number}"),
        variants.chat(PLAIN_CHAT, "102"),
    )
    await variants.load(units, DepartmentFiles(None, (), (), chats=chats), activate=True)


# -- before and at the switch


async def test_a_generation_that_waits_changes_nothing(units: Units) -> None:
    before = await variants.active(units)
    files = variants.renamed(variants.without("102", "101"), "101", "Жаңа атау", "Новое имя")
    await variants.load(units, replace(files, officers=(replace(variants.officer(cast.ASKAR), precinct="103"),)))
    assert await variants.active(units) == before
    async with units.reading() as unit:
        place = await unit.territory.by_code("101")
        assert place is not None
        assert place.name == Bilingual(variants.precinct("101").name_kk, variants.precinct("101").name_ru)
        assert await unit.territory.by_code("102") is not None
        assert (await cast.officer(unit, cast.ASKAR)).precinct_ids == [place.id]
        at = await unit.territory.at_point(*variants.middle("102"))
        assert at is not None
        assert at.code == "102"


async def test_everything_of_a_generation_takes_effect_at_once(units: Units) -> None:
    files = variants.renamed(variants.without("102", "101"), "101", "Жаңа атау", "Новое имя")
    desk = DeskEntry("horses", DeskKind.DESK, None, "Мал ұрлығы", "Кража скота", "+77000000299", "", "")
    files = replace(files, officers=(replace(variants.officer(cast.ASEL), precinct="103"),), desks=(desk,))
    generation = await variants.load(units, files)
    assert await cast.rows(units, Desk, Desk.code == "horses") == []
    async with units() as unit:
        done = await unit.territory.activate(generation)
    assert (done.generation_id, done.left_id is not None) == (generation, True)
    async with units.reading() as unit:
        codes = [place.code for place in await unit.territory.precincts()]
        assert "102" not in codes
        assert len(codes) == 11
        assert await unit.territory.by_code("102") is None
        place = await unit.territory.by_code("101")
        assert place is not None
        assert place.name == Bilingual("Жаңа атау", "Новое имя")
        third = await unit.territory.by_code("103")
        assert third is not None
        assert (await cast.officer(unit, cast.ASEL)).precinct_ids == [third.id]
        at = await unit.territory.at_point(*variants.middle("102"))
        assert at is not None
        assert at.code == "101"
    assert len(await cast.rows(units, Desk, Desk.code == "horses")) == 1
    (entry,) = await cast.rows(
        units, AuditEntry, AuditEntry.action == "territory_activated", AuditEntry.subject == f"generation:{generation}"
    )
    assert entry.facts["left"] == done.left_id


async def test_a_district_without_a_precinct_is_not_offered(units: Units) -> None:
    left = tuple(entry for entry in variants.demo().precincts if entry.district != "D3")
    districts = tuple(entry for entry in variants.demo().districts if entry.code != "D3")
    houses = tuple(house for house in variants.demo().houses if house.precinct in {entry.code for entry in left})
    await variants.load(units, DepartmentFiles(None, districts, left, houses), activate=True)
    async with units.reading() as unit:
        assert [district.code for district in await unit.territory.districts()] == ["D1", "D2"]


@pytest.mark.parametrize("what", ["active", "nothing", "broken"])
async def test_what_cannot_be_activated(units: Units, what: str) -> None:
    active = await variants.active(units)
    async with units() as unit:
        broken = await unit.territory.begin(variants.borders_only())
    number, refusal = {
        "active": (active, GenerationActive), "nothing": (4040, NotFound), "broken": (broken, GenerationBroken),
    }[what]  # fmt: skip
    with pytest.raises(refusal):
        await variants.activate(units, number)
    assert await variants.active(units) == active


async def test_there_is_no_way_back_from_the_first_generation(units: Units) -> None:
    async with units.reading() as unit:
        with pytest.raises(NoWayBack):
            await unit.territory.former_generation()


# -- chats


async def test_chats_with_a_place_move_with_the_borders(units: Units) -> None:
    await with_chats(units)
    assert [await code_of(units, n) for n in (POINT_CHAT, ADDRESS_CHAT, PLAIN_CHAT)] == ["102"] * 3
    await variants.load(units, variants.swapped("101", "102"), activate=True)
    assert await code_of(units, POINT_CHAT) == "101"
    assert await code_of(units, ADDRESS_CHAT) == "101"
    assert await code_of(units, PLAIN_CHAT) == "102"


async def test_a_chat_whose_precinct_is_gone_is_unbound_and_told(units: Units) -> None:
    await with_chats(units)
    generation = await variants.load(units, variants.without("102", "101"))
    async with units() as unit:
        done = await unit.territory.activate(generation)
    assert await code_of(units, POINT_CHAT) == "101"
    assert await code_of(units, PLAIN_CHAT) is None
    assert done.chats_unbound >= 1
    alarms = await cast.rows(units, Notice, Notice.kind == NoticeKind.ALARM)
    async with units.reading() as unit:
        told = {row.resident_id for row in alarms}
        duty, staff = await cast.officer(unit, cast.DUTY_D1), await cast.officer(unit, cast.STAFF)
        own_security = await cast.officer(unit, cast.OWN_SECURITY)
    assert {duty.resident_id, staff.resident_id} <= told
    assert own_security.resident_id not in told
    assert all("Чат 1009000000003" in row.facts["what"] for row in alarms)
    assert all(row.facts["alarm"] == "unbound" for row in alarms)


async def test_a_chat_on_the_border_of_its_precinct_is_not_moved(units: Units) -> None:
    """An inspector bound it to one of two neighbours: both are right, his word holds."""
    async with units() as unit:
        inspector = await cast.officer(unit, cast.ASKAR)
        view = await unit.chats.added(Messenger.TELEGRAM, "-100777", "Шекара")
        row = await unit._session.get_one(Chat, view.id)
        row.precinct_id, row.bound_by, row.bound_at = inspector.precinct_ids[0], inspector.id, unit.clock.now()
        row.lat, row.lon = border_point(variants.demo(), "101", "102")
    await variants.load(units, variants.renamed(variants.without("104", "103"), "101", "А", "Б"), activate=True)
    assert await code_of(units, -100777) == "101"


def border_point(files: DepartmentFiles, one: str, other: str) -> tuple[float, float]:
    """On a common edge."""
    ours = set(variants.precinct(one).polygons[0][0])
    shared = [point for point in variants.precinct(other).polygons[0][0] if point in ours]
    lon, lat = shared[len(shared) // 2]
    return lat, lon


# -- people and tips


async def test_residents_of_a_precinct_that_is_gone_are_asked_again(units: Units) -> None:
    async with units.reading() as unit:
        gone, kept = await cast.precinct_id(unit, "102"), await cast.precinct_id(unit, "101")
    before = len(await cast.rows(units, Resident, Resident.precinct_id == gone))
    assert before
    generation = await variants.load(units, variants.without("102", "101"))
    async with units() as unit:
        done = await unit.territory.activate(generation)
    assert done.residents_asked == before
    assert await cast.rows(units, Resident, Resident.precinct_id == gone) == []
    assert await cast.rows(units, Resident, Resident.precinct_id == kept) != []


async def test_an_old_tip_keeps_the_precinct_it_was_given(units: Units) -> None:
    async with units() as unit:
        given = await cast.precinct_id(unit, "102")
        sent = await cast.submit(unit, await cast.resident(unit), precinct_id=given)
    await variants.load(units, variants.without("102", "101"), activate=True)
    (tip,) = await cast.rows(units, Tip, Tip.id == sent.id)
    assert tip.precinct_id == given
    async with units.reading() as unit:
        assert (await unit.territory.precinct(given)).code == "102"


# -- the way back


async def state(units: Units) -> dict[str, Any]:
    async with units.reading() as unit:
        people = {view.badge: (view.phone, sorted(map(str, view.duties))) for view in await unit.officers.everyone()}
        return {
            "precincts": [(place.code, place.name, place.district_id) for place in await unit.territory.precincts()],
            "districts": [(one.code, one.name) for one in await unit.territory.districts()],
            "people": people,
            "desks": sorted((row.code, row.name_ru, row.phone) for row in await cast.rows(units, Desk)),
            "chats": {row.id: row.precinct_id for row in await cast.rows(units, Chat)},
        }


async def test_the_way_back_restores_names_posts_desks_and_bindings(units: Units) -> None:
    await with_chats(units)
    before, first = await state(units), await variants.active(units)
    files = variants.renamed(variants.without("102", "101"), "101", "Жаңа атау", "Новое имя")
    newcomer = replace(variants.officer(cast.ASKAR), badge="A-9999", telegram_id=None, precinct="103")
    duty = next(desk for desk in variants.demo().desks if desk.kind == DeskKind.DEPARTMENT_DUTY)
    files = replace(
        files,
        officers=(replace(variants.officer(cast.ASEL), precinct="103", phone="+77000009999"), newcomer),
        desks=(replace(duty, code="duty-new", name_ru="Новая дежурная часть"),),
    )
    await variants.load(units, files, activate=True)
    changed = await state(units)
    assert all(changed[name] != before[name] for name in ("precincts", "people", "desks", "chats"))
    assert len(changed["desks"]) == len(before["desks"])  # a queue under a new code is the same queue
    async with units() as unit:
        assert await unit.territory.former_generation() == first
        await unit.territory.activate(first)
    after = await state(units)
    assert after["people"].pop("A-9999") == ("+77000000101", [])
    assert after == before


async def test_there_and_back_again(units: Units) -> None:
    first = await variants.active(units)
    second = await variants.load(units, variants.without("102", "101"), activate=True)
    there = await state(units)
    await variants.activate(units, first)
    await variants.activate(units, second)
    assert await state(units) == there
    async with units.reading() as unit:
        assert await unit.territory.former_generation() == first


async def test_a_binding_by_hand_in_the_meantime_outlives_the_way_back(units: Units) -> None:
    first = await variants.active(units)
    (row, other, *_rest) = await cast.rows(units, Chat)
    await variants.load(units, variants.swapped("101", "102"), activate=True)
    later(units)
    async with units() as unit:
        inspector = await cast.officer(unit, cast.ASEL)
        bound = {"precinct_id": inspector.precinct_ids[0], "bound_by": inspector.id, "bound_at": unit.clock.now()}
        await unit._session.execute(update(Chat).where(Chat.id == row.id).values(**bound))
    await variants.activate(units, first)
    (now, same, *_rest) = await cast.rows(units, Chat)
    assert (now.precinct_id, now.bound_by) == (inspector.precinct_ids[0], inspector.id)
    assert same.precinct_id == other.precinct_id


async def test_a_post_given_by_hand_outlives_the_way_back(units: Units) -> None:
    first = await variants.active(units)
    await variants.load(units, variants.without("102", "101"), activate=True)
    from bot.services.officers import NewOfficer

    async with units() as unit:
        await unit.officers.add(NewOfficer("H-1", Bilingual("Қол", "Рука"), Role.STAFF))
    await variants.activate(units, first)
    async with units.reading() as unit:
        assert (await cast.officer(unit, "H-1")).has(Role.STAFF)
    assert len(await cast.rows(units, Officer, Officer.badge == "H-1")) == 1


# -- the way back, and what people have changed in between


def later(units: Units, seconds: int = 3600) -> None:
    units.house.clock._elapsed += seconds  # type: ignore[attr-defined]


NEXT_ROSTER = DepartmentFiles(
    None, (), (),
    absences=(AbsenceEntry(cast.ASKAR, cast.ASEL, date(2026, 12, 1), date(2026, 12, 20), "leave"),),
    watches=(WatchEntry("duty-d1", cast.DUTY_D1, START + timedelta(days=3), START + timedelta(days=4)),),
    calendar=(CalendarEntry(date(2026, 12, 31), False, "Қысқа жыл", "Короткий год", None, None),),
    week=(WeekEntry(0, "10:00", "17:00"),),
)  # fmt: skip


async def roster(units: Units) -> dict[str, Any]:
    people = {row.id: row.badge for row in await cast.rows(units, Officer)}
    desks = {row.id: row.code for row in await cast.rows(units, Desk)}
    return {
        "absences": sorted(
            (people[row.officer_id], people.get(row.substitute_id), row.first_day, row.last_day, row.reason)
            for row in await cast.rows(units, Absence)
        ),
        "watches": sorted(
            (desks[row.desk_id], people[row.officer_id], row.starts_at, row.ends_at)
            for row in await cast.rows(units, Watch)
        ),
        "days": [(row.day, row.is_working, row.name_ru) for row in await cast.rows(units, CalendarDay)],
        "week": [(row.weekday, row.opens, row.closes) for row in await cast.rows(units, WorkingDay)],
    }


async def test_the_way_back_restores_leave_watches_and_working_time(units: Units) -> None:
    before, first = await roster(units), await variants.active(units)
    assert all(before.values())
    await variants.load(units, NEXT_ROSTER, activate=True)
    between = await roster(units)
    assert all(between[name] != before[name] for name in before)
    await variants.activate(units, first)
    assert await roster(units) == before


async def test_working_time_that_a_generation_brought_first_goes_with_it(units: Units) -> None:
    async with units.house.database.writing() as session:
        for table in (Absence, Watch, CalendarDay, WorkingDay):
            await session.execute(delete(table))
    first = await variants.active(units)
    await variants.load(units, NEXT_ROSTER, activate=True)
    assert all((await roster(units)).values())
    await variants.activate(units, first)
    assert not any((await roster(units)).values())


async def test_leave_and_watches_set_or_cancelled_by_hand_outlive_the_way_back(units: Units) -> None:
    before, first = await roster(units), await variants.active(units)
    (old, *_rest) = before["absences"]
    again = AbsenceEntry(*old[:2], old[2] + timedelta(days=1), old[3], old[4])
    watch = before["watches"][0]
    rows = replace(NEXT_ROSTER, absences=(again,), watches=(WatchEntry(*watch),))
    await variants.load(units, rows, activate=True)
    later(units)
    async with units() as unit:
        staff, askar = await cast.officer(unit, cast.STAFF), await cast.officer(unit, cast.ASKAR)
        days = date(2026, 12, 3), date(2026, 12, 4)
        await unit.roster.set_absence(NewAbsence(askar.id, None, *days), staff)
        (listed,) = [one for one in await unit.roster.absences(None, days[0]) if one.officer.badge == old[0]]
        await unit.roster.cancel_absence(listed.id, staff)
        desk = (await unit.officers.duty_desk(None)).id
        (taken,) = await unit.roster.watches(desk, unit.clock.now())
        await unit.roster.cancel_watch(taken.id, staff)
    await variants.activate(units, first)
    now = await roster(units)
    mine = (cast.ASKAR, None, *days, "leave")
    assert now["absences"] == sorted([mine, *(row for row in before["absences"] if row != old)])
    assert now["watches"] == [row for row in before["watches"] if row != watch]
    assert (now["days"], now["week"]) == (before["days"], before["week"])


async def test_residents_have_their_own_precinct_again_unless_they_told_another(units: Units) -> None:
    first = await variants.active(units)
    homes = {row.id: row.precinct_id for row in await cast.rows(units, Resident)}
    async with units.reading() as unit:
        gone, chosen = await cast.precinct_id(unit, "102"), await cast.precinct_id(unit, "103")
    await variants.load(units, variants.without("102", "101"), activate=True)
    async with units() as unit:
        person = await cast.resident(unit, 1003)
        assert (homes[person.id], person.precinct_id) == (gone, None)
        await unit.residents.settle(person, chosen)
        asked = [id_ for id_, home in homes.items() if home == gone and id_ != person.id]
        done = await unit.territory.activate(first)
    assert done.residents_settled == len(asked) > 0
    people = await cast.rows(units, Resident)
    assert {row.id: row.precinct_id for row in people} == homes | {person.id: chosen}
    assert not any(row.former_precinct_id for row in people)  # what is not needed is not kept


async def test_a_later_generation_does_not_assume_where_people_live(units: Units) -> None:
    """Only the way back does: the same number on other borders may be another place."""
    await variants.load(units, variants.without("102", "101"), activate=True)
    async with units() as unit:
        done = await unit.territory.load(variants.borders_only())
        assert (await cast.resident(unit, 1003)).precinct_id is None
    assert done.is_active


async def chats_of(units: Units) -> dict[int, tuple[Any, ...]]:
    names = ("precinct_id", "second_precinct_id", "title", "place", "lat", "lon", "bound_by", "bound_at")
    return {row.id: tuple(getattr(row, name) for name in names) for row in await cast.rows(units, Chat)}


async def test_the_way_back_restores_all_that_a_list_of_chats_changed(units: Units) -> None:
    async with units() as unit:
        inspector = await cast.officer(unit, cast.ASEL)
        view = await unit.chats.added(Messenger.TELEGRAM, "-100778", "Аула")
        bound = {"precinct_id": inspector.precinct_ids[0], "bound_by": inspector.id, "bound_at": unit.clock.now()}
        await unit._session.execute(update(Chat).where(Chat.id == view.id).values(**bound, place="Абай 3"))
    before, first = await chats_of(units), await variants.active(units)
    later(units)
    files = DepartmentFiles(
        None, (), (),
        chats=(
            variants.chat(-100778, "103", place="Гүлдер 5", point=variants.middle("103"), title="Басқа"),
            variants.chat(-100779, "103", place="Гүлдер 7"),
        ),
    )  # fmt: skip
    await variants.load(units, files, activate=True)
    between = await chats_of(units)
    assert between[view.id][2:4] == ("Басқа", "Гүлдер 5")
    (added,) = between.keys() - before.keys()
    await variants.activate(units, first)
    after = await chats_of(units)
    assert after.pop(added)[0] is None  # nobody had bound it before
    assert {id_: row for id_, row in after.items() if row != before[id_]} == {}


async def test_a_title_the_group_has_given_itself_since_stays(units: Units) -> None:
    (row, *_rest) = await cast.rows(units, Chat)
    first, number = await variants.active(units), int(row.address)
    files = DepartmentFiles(None, (), (), chats=(variants.chat(number, "103", title="Тізімдегі"),))
    await variants.load(units, files, activate=True)
    async with units() as unit:
        await unit.chats.added(Messenger.TELEGRAM, str(number), "Өз аты")
    await variants.activate(units, first)
    (now, *_rest) = await cast.rows(units, Chat)
    assert (now.title, now.precinct_id, now.place) == ("Өз аты", row.precinct_id, row.place)


@pytest.mark.parametrize("how", ["unbound", "removed"])
async def test_a_chat_that_people_have_unbound_since_stays_unbound(units: Units, how: str) -> None:
    (row, *_rest) = await cast.rows(units, Chat)
    first = await variants.active(units)
    await variants.load(units, variants.swapped("101", "102"), activate=True)
    later(units)
    async with units() as unit:
        if how == "unbound":
            await unit.chats.unbind(row.id, None)
        else:
            await unit.chats.removed(Messenger.TELEGRAM, row.address)
            await unit.chats.added(Messenger.TELEGRAM, row.address, row.title)
    async with units.reading() as unit:
        after = await unit.territory.edition(first)
        before = await unit.territory.edition(await unit.territory.active())
        found = compare(before, after, await unit.territory.live(after.left_at))
    assert row.id not in {plan.id for plan in found.chats}
    await variants.activate(units, first)
    (now, *_rest) = await cast.rows(units, Chat)
    assert now.precinct_id is None


async def test_what_an_older_program_left_is_restored_as_far_as_it_goes(units: Units) -> None:
    first = await variants.active(units)
    await variants.load(units, NEXT_ROSTER, activate=True)
    between = await roster(units)
    async with units() as unit:
        row = await unit._session.get_one(Generation, first)
        lists = row.lists or {}
        left = {
            name: lists["left"][name] for name in ("at", "department", "precincts", "districts", "desks", "officers")
        }
        chats = {
            id_: {"precinct": one["precinct"], "second": one["second"]} for id_, one in lists["left"]["chats"].items()
        }
        row.lists = lists | {"left": left | {"chats": chats}}
    before = await chats_of(units)
    await variants.activate(units, first)
    assert await roster(units) == between
    assert await chats_of(units) == before


async def test_lists_lie_sealed(units: Units) -> None:
    files = replace(variants.borders_only(), officers=(replace(variants.officer(cast.ASEL), name_ru="Тайна"),))
    await variants.load(units, files)
    rows = await cast.rows(units, Generation)
    assert rows[-1].lists["files"]["officers"][cast.ASEL]["card"]["name_ru"] == "Тайна"
    assert all("Тайна".encode() not in (row.lists_sealed or b"") for row in rows)
    assert len(await cast.rows(units, Border)) == 24
    assert await cast.rows(units, House)
