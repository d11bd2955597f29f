"""A house is kept as a code that finds it again under every name of its street, and in no list of numbers."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import delete, select, update

from bot.i18n import Bilingual
from bot.services import homes
from bot.services.homes import _split, told_codes
from bot.services.houses import Houses
from bot.services.residents import Person
from bot.services.unit import Unit, Units
from bot.services.warnings import Audience, WarningDraft
from bot.store.chats import Chat
from bot.store.notices import Notice
from bot.store.residents import Resident
from bot.store.subscriptions import Subscription
from bot.store.territory import House
from bot.terms import NoticeKind
from tests.clocks import FakeClock
from tests.services import cast
from tests.services.test_warnings import spread

TEXT = Bilingual("Су жоқ, есікті ашпаңыз", "Воды нет, не открывайте дверь")


async def lives(unit: Unit, telegram_id: int, address: str) -> Person:
    """A demo resident of precinct 101, who has told this address and let us remember the house."""
    person = await cast.resident(unit, telegram_id)
    (match, place), *_more = await unit.territory.at_address(address)
    await unit.residents.settle(person, place.id)
    await unit.subscriptions.subscribe(person.id)
    assert await unit.homes.remember(person.id, await unit.homes.code_of(match))
    return person


async def aimed(unit: Unit, text: str) -> tuple[Houses, ...]:
    return tuple(found.houses for found in await unit.homes.read(text) if found.houses)


async def reached(unit: Unit, text: str) -> set[int]:
    from bot.services.warnings.views import residents_in

    houses = await aimed(unit, text)
    assert houses, text
    query = select(Resident.id).where(*residents_in(Audience(houses=houses), await told_codes(unit._session, houses)))
    return set(await unit._session.scalars(query))


@pytest.mark.parametrize(
    ("aim", "is_reached"),
    [
        ("Рыбаков 33А", True),
        ("улица Рыбаков, 33а", True),
        ("Балықшылар көшесі 33А", True),
        ("Рыбаков 33", False),
        ("Рыбаков, 31, 33", False),
        ("Рыбаков, 31, 33А", True),
        ("Рыбаков 30-34", True),  # a run holds what stands behind its numbers
        ("Рыбаков, 31-35 тақ", True),
        ("Рыбаков 2-30 even", False),
        ("Лодочная 1-26", False),
    ],
)
async def test_a_house_is_reached_by_itself_and_by_its_run(units: Units, aim: str, is_reached: bool) -> None:
    async with units() as unit:
        person = await lives(unit, 1002, "Балықшылар көшесі, 33А")
        assert (await reached(unit, aim) == {person.id}) is is_reached


async def test_nothing_of_the_address_is_kept_and_two_houses_differ(units: Units) -> None:
    async with units() as unit:
        one, other = await lives(unit, 1002, "Рыбаков 31"), await lives(unit, 1003, "Рыбаков 33")
        alike = await lives(unit, 1004, "Балықшылар 31")
    rows = {row.id: row for row in await cast.rows(units, Resident, Resident.home.is_not(None))}
    assert set(rows) == {one.id, other.id, alike.id}
    assert rows[one.id].home == rows[alike.id].home != rows[other.id].home
    assert {len(row.home) for row in rows.values()} == {12}
    assert not any(b"31" in row.home for row in rows.values())


async def test_it_survives_a_new_name_of_the_street(units: Units) -> None:
    async with units() as unit:
        person = await lives(unit, 1002, "Рыбаков 31")
    async with units.house.database.writing() as session:  # as a list of the next year has it
        renamed = update(House).where(House.street_ru == "улица Рыбаков")
        await session.execute(
            renamed.values(
                street_kk="Құлагер көшесі", street_ru="ул. Кулагер", old_name_kk="Балықшылар көшесі",
                old_name_ru="Рыбаков улица",
            )
        )  # fmt: skip
    units.house.territory.survey = None
    async with units() as unit:
        assert await reached(unit, "Кулагер 31") == {person.id}
        assert await reached(unit, "Рыбаков 31") == {person.id}
        assert await reached(unit, "Кулагер 33") == set()


async def test_another_precinct_stop_and_the_last_topic_erase_it(units: Units) -> None:
    async with units() as unit:
        people = [await lives(unit, number, "Рыбаков 31") for number in (1002, 1003, 1004, 1005)]
        await unit.residents.settle(people[0], await cast.precinct_id(unit, "204"))
        await unit.residents.stop(people[1])
        await unit.subscriptions.unsubscribe_all(people[2].id)
        await unit.residents.settle(people[3], await cast.precinct_id(unit))  # the same again
        await unit.subscriptions.subscribe(people[3].id, "theft")
        await unit.subscriptions.unsubscribe(people[3].id)
        assert [await unit.homes.is_known(one.id) for one in people] == [False, False, False, True]
        await unit.subscriptions.unsubscribe(people[3].id, "theft")
        assert not await unit.homes.is_known(people[3].id)
    assert await cast.rows(units, Resident, Resident.home_number.is_not(None)) == []


async def test_it_goes_with_its_resident(units: Units) -> None:
    async with units() as unit:
        person = await lives(unit, 1002, "Рыбаков 31")
        await unit.homes.forget(person.id)
        assert not await unit.homes.is_known(person.id)


@pytest.mark.parametrize("code", ["", "x", "AAAA", "A" * 33, "ә" * 32, "=" * 32])
async def test_what_is_no_code_is_not_kept(units: Units, code: str) -> None:
    async with units() as unit:
        person = await cast.resident(unit)
        assert not await unit.homes.remember(person.id, code)
        assert not await unit.homes.is_known(person.id)


async def test_a_code_fits_a_button(units: Units) -> None:
    async with units() as unit:
        (match, _place), *_more = await unit.territory.at_address("Рыбаков 33А")
        assert len(await unit.homes.code_of(match)) == 32
        street = (await unit.territory.at_address("улица Рыбаков"))[0][0]
        assert await unit.homes.code_of(street) == ""


async def test_lines_that_mean_no_house_are_given_back(units: Units) -> None:
    async with units() as unit:
        found = await unit.homes.read("Рыбаков 31\n\nЛуна, 1; улица Рыбаков\nЛодочная 1-26")
    assert [(one.line, one.houses is not None, bool(one.maybe)) for one in found] == [
        ("Рыбаков 31", True, False),
        ("Луна, 1", False, False),
        ("улица Рыбаков", False, True),
        ("Лодочная 1-26", True, False),
    ]
    street = found[3].houses
    assert street is not None
    assert (street.street.ru, street.numbers, street.runs) == ("Лодочная улица", (), ((1, 26, None),))


@pytest.mark.parametrize(
    ("line", "street"),
    [
        ("Абай 1-35 тақ", "Абай"),
        ("Абай, 12, 14А, 20-30 чёт", "Абай"),
        ("8 марта 1-20", "8 марта"),
        ("Абай 12", None),
        ("Абай, 12 кв 5", None),
        ("Абай 1-9999", None),  # a district, not houses
        ("12-20", None),
    ],
)
def test_a_line_with_several_houses_is_a_street_and_its_numbers(line: str, street: str | None) -> None:
    found, numbers = _split(line)
    assert (found if numbers else None) == street


async def test_a_warning_for_houses_reaches_those_who_told_them_and_their_groups(
    units: Units, clock: FakeClock
) -> None:
    async with units() as unit:
        inside = [await lives(unit, 1002, "Рыбаков 31"), await lives(unit, 1003, "Балықшылар 33А")]
        outside = await lives(unit, 1004, "Рыбаков 2")
        houses = await aimed(unit, "Рыбаков 31-35")
        place = await cast.precinct_id(unit)
        audience = Audience(houses=houses)
        reach = await unit.warnings.reach(audience)
        whole = await unit.warnings.reach(Audience((place,)))
        both = await unit.warnings.reach(Audience((place,), houses=houses))
        groups = await unit.warnings.reach(Audience(houses=houses, only="chats"))
    assert (reach.by_house, reach.people, reach.chats) == (2, 2, whole.chats)
    assert reach.beside_houses == whole.people - 2
    assert (both.people, both.by_house, both.beside_houses) == (whole.people, 2, 0)
    assert (groups.people, groups.by_house, groups.beside_houses) == (0, 0, 0)
    assert Audience.from_json(audience.as_json()) == audience
    async with units() as unit:
        author = await cast.officer(unit, cast.ASKAR)
        assert await unit.warnings.is_own(author, audience)
        assert not await unit.warnings.is_own(await cast.officer(unit, cast.ASEL), audience)
        warning = await unit.warnings.publish(author, WarningDraft(TEXT, audience))
    await spread(units, warning.id)
    told: Sequence[Notice] = await cast.rows(units, Notice, Notice.kind == NoticeKind.WARNING)
    assert {notice.resident_id for notice in told if notice.resident_id} == {one.id for one in inside}
    assert len([notice for notice in told if notice.chat_id]) == whole.chats
    assert outside.id not in {notice.resident_id for notice in told}


async def yard(units: Units, title_of: str, place: str) -> int:
    """A group of this precinct lies at this address."""
    async with units() as unit:
        precinct = await cast.precinct_id(unit, title_of)
    (chat, *_others) = await cast.rows(units, Chat, Chat.precinct_id == precinct)
    async with units.house.database.writing() as session:
        await session.execute(update(Chat).where(Chat.id == chat.id).values(place=place))
    return int(chat.id)


async def test_the_houses_own_group_is_told_and_no_other_of_the_precinct(units: Units) -> None:
    chat_id = await yard(units, "101", "Балықшылар көшесі, 33")  # the street's name in the other language
    async with units() as unit:
        author = await cast.officer(unit, cast.ASKAR)
        houses = await aimed(unit, "Рыбаков 31-35")
        beside = await aimed(unit, "Рыбаков 2-8 even")
        assert [one.chat_ids for one in (*houses, *beside)] == [(chat_id,), ()]
        reach = await unit.warnings.reach(Audience(houses=houses))
        whole = await unit.warnings.reach(Audience((await cast.precinct_id(unit),)))
        both = await unit.warnings.reach(Audience(houses=(*houses, *beside)))
        people = await unit.warnings.reach(Audience(houses=houses, only="people"))
        assert (reach.chats, both.chats, people.chats) == (1, whole.chats, 0)
        (title,) = await unit.warnings.chat_titles([chat_id])
        assert (reach.house_chats, both.house_chats, people.house_chats) == ((title,), (title,), ())
        audience = Audience(houses=houses)
        assert Audience.from_json(audience.as_json()) == audience
        assert await unit.warnings.is_own(author, audience)
        warning = await unit.warnings.publish(author, WarningDraft(TEXT, audience))
    await spread(units, warning.id)
    told = await cast.rows(units, Notice, Notice.kind == NoticeKind.WARNING, Notice.chat_id.is_not(None))
    assert [notice.chat_id for notice in told] == [chat_id]


async def test_a_group_that_is_bound_no_more_is_not_told_for_its_houses(units: Units) -> None:
    chat_id = await yard(units, "101", "Рыбаков 33")
    async with units() as unit:
        audience = Audience(houses=await aimed(unit, "Рыбаков 33"))
        assert (await unit.warnings.reach(audience)).chats == 1
    async with units.house.database.writing() as session:
        await session.execute(update(Chat).where(Chat.id == chat_id).values(precinct_id=None))
    async with units() as unit:
        assert (await unit.warnings.reach(audience)).chats == 0


async def test_a_groups_place_that_is_no_house_binds_it_to_none(units: Units) -> None:
    await yard(units, "101", "Көршілер ауласы")
    async with units() as unit:
        (houses,) = await aimed(unit, "Рыбаков 33")
        assert houses.chat_ids == ()


async def test_the_codes_of_very_many_houses_are_made_once_for_a_whole_fan_out(
    units: Units, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty streets of 300 houses: making their codes for each chunk, or looking them all up, would be its lock."""
    async with units() as unit:
        told = [await lives(unit, number, "Рыбаков 31") for number in (1002, 1003)]
        (street,) = await aimed(unit, "Рыбаков 31-35")
        streets = [
            replace(street, names=(*street.names, f"|{number}|") if number else street.names, runs=((1, 300, None),))
            for number in range(20)
        ]
        author = await cast.officer(unit, cast.ASKAR)
        warning = await unit.warnings.publish(author, WarningDraft(TEXT, Audience(houses=tuple(streets))))
    made: list[str] = []
    fingerprint = homes._fingerprint
    monkeypatch.setattr(homes, "_fingerprint", lambda *parts: made.append(parts[1]) or fingerprint(*parts))
    async with units.reading() as unit:
        plan = await unit.warnings.plan(warning.id)
        assert plan is not None
        assert len(made) == 300 * sum(len(one.names) for one in streets)
        assert len(plan.codes.loose) == 1  # one house is told of, by two people
    made.clear()
    bound, chunks = None, 0
    while bound is None or bound.upto is not None:
        async with units.reading() as unit:
            bound = await unit.warnings.bound(plan, bound, 2)
        async with units() as unit:
            assert await unit.warnings.write(plan, bound)
        chunks += 1
    assert chunks > 5
    assert made == []
    notices = await cast.rows(units, Notice, Notice.kind == NoticeKind.WARNING, Notice.resident_id.is_not(None))
    assert {notice.resident_id for notice in notices} == {one.id for one in told}


async def test_without_a_subscription_a_house_brings_nothing(units: Units) -> None:
    async with units() as unit:
        person = await lives(unit, 1002, "Рыбаков 31")
        await unit._session.execute(delete(Subscription).where(Subscription.resident_id == person.id))
        assert (await unit.warnings.reach(Audience(houses=await aimed(unit, "Рыбаков 31")))).by_house == 0
