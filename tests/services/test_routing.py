"""Who is responsible: a table a department head can read, and what holds in every department."""

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.data import load
from bot.i18n import Bilingual
from bot.services.officers import DutyView, OfficerView
from bot.services.routing import NOWHERE, Case, DeskHold, Holder, Spot, rules
from bot.services.routing.scene import PrecinctHold, Scene
from bot.services.unit import Units
from bot.speech.explain import RULES, line_of
from bot.store.officers import Officer
from bot.terms import DeskKind, PlaceSource, Role, Rung, Urgency
from tests.clocks import START
from tests.postgres import ZONE
from tests.services import cast
from tests.services import routing_department as department

CASES = tomllib.loads(Path("tests/services/routing_cases.toml").read_text(encoding="utf-8"))["case"]
CATEGORIES = load("categories")["category"]
WHY = {
    "конфликт": "conflict",
    "опасность": "danger",
    "служба": "category_desk",
    "участок": "precinct",
    "замещение": "substitute",
    "дежурная района": "district_duty",
    "дежурная департамента": "department_duty",
}
PLACES = {
    "точка на участке": PlaceSource.POINT,
    "дом на участке": PlaceSource.HOUSE,
    "чат участка": PlaceSource.CHAT,
    "из списка: участок": PlaceSource.LIST,
    "свой участок": PlaceSource.HOME,
}


# -- the table


def moment(text: str) -> datetime:
    """«вт 20.10.2026 10:00»: the weekday is there to be read, and is checked."""
    weekday, _space, rest = text.partition(" ")
    at = datetime.strptime(rest, "%d.%m.%Y %H:%M").replace(tzinfo=ZONE)
    assert ("пн", "вт", "ср", "чт", "пт", "сб", "вс")[at.weekday()] == weekday
    return at


def spot(text: str) -> Spot:
    if text == "не указано":
        return NOWHERE
    if text.startswith("вне границ, "):
        return Spot(None, PlaceSource.POINT, None, float(text.removeprefix("вне границ, ").removesuffix(" м")))
    if text.startswith("точка на границе: "):
        here, across = text.removeprefix("точка на границе: ").split(", сосед ")
        return Spot(department.PRECINCTS[here].id, PlaceSource.POINT, department.PRECINCTS[across].id)
    how, _space, code = text.rpartition(" ")
    return Spot(department.PRECINCTS[code].id, PLACES[how])


def surname(officer: OfficerView) -> str:
    return officer.name.ru.split()[1]


@pytest.mark.parametrize("row", CASES, ids=lambda row: f"{row['Категория']}, {row['Место']}, {row['Кто держит']}")
def test_who_holds_it(row: dict[str, Any]) -> None:
    category = next(item for item in CATEGORIES if item["ru"] == row["Категория"])
    at = moment(row["Время"])
    scene = department.scene(at, row.get("Нет на работе", ()), row.get("Нет аккаунта", ()), row.get("Нет службы", ()))
    case = Case(
        tuple(category["handlers"]),
        Urgency(row.get("Срочность", category["urgency"])),
        spot(row["Место"]),
        at=at,
        words=row.get("Слова", ""),
        barred=frozenset(department.BY_NAME[name].id for name in row.get("Лично причастны", ())),
    )
    holder = rules.decide(case, scene)
    who, _colon, called = row["Кто держит"].partition(": ")
    assert (surname(holder.officer) if holder.officer else str(holder.desk and holder.desk.name)) == who
    if called:
        assert ", ".join(map(surname, holder.called)) == called
    assert holder.reason == WHY[row["Почему"]]
    assert [surname(officer) for officer in holder.informed] == row.get("Знают", [])
    assert holder.is_restricted == (row["Почему"] == "конфликт")
    if row.get("Принять до") == "никогда":
        assert holder.accept_by is None
    elif "Принять до" in row:
        assert holder.accept_by == moment(row["Принять до"])
    won = [verdict for verdict in holder.verdicts if verdict.won]
    assert [verdict.rule for verdict in won] == [holder.reason]
    assert holder.verdicts[-1] in won or won[0].rule == "conflict"


def test_the_table_is_long_and_looks_at_every_rule() -> None:
    assert len(CASES) >= 60
    assert {row["Почему"] for row in CASES} == set(WHY)
    assert set(WHY.values()) == set(rules.ORDER) <= set(RULES)


# -- in every department


DAYTIME = datetime(2026, 10, 20, 10, tzinfo=ZONE)
SURNAMES = ("Тогайбаев", "Аркабаев", "Шалкаров", "Самалов")
NUMBERS = (1, 2, 3)


@st.composite
def departments(draw: st.DrawFn) -> Scene:
    """People with any duties, desks that may be missing, substitutes in any tangle, watches of anybody."""
    precincts = {n: PrecinctHold(n, Bilingual(f"У{n}", f"У{n}"), draw(st.sampled_from((1, 2)))) for n in NUMBERS}
    kinds = [("duty", DeskKind.DEPARTMENT_DUTY, None)]
    kinds += draw(
        st.lists(
            st.sampled_from(
                [
                    ("duty-1", DeskKind.DISTRICT_DUTY, 1),
                    ("duty-2", DeskKind.DISTRICT_DUTY, 2),
                    ("cyberpol", DeskKind.DESK, None),
                    ("women", DeskKind.DESK, None),
                    ("own_security", DeskKind.OWN_SECURITY, None),
                ]
            ),
            unique=True,
        )
    )
    desks = tuple(
        DeskHold(50 + n, code, kind, district, Bilingual(code, code)) for n, (code, kind, district) in enumerate(kinds)
    )
    posts = [DutyView(Role.INSPECTOR, number, None) for number in NUMBERS]
    posts += [DutyView(Role.DUTY if "duty" in desk.code else Role.DESK, None, desk.id) for desk in desks]
    posts += [DutyView(Role.HEAD, None, None), DutyView(Role.STAFF, None, None)]
    people = {}
    for number in range(1, draw(st.integers(0, 8)) + 1):
        duties = draw(st.lists(st.sampled_from(posts), max_size=3, unique=True))
        name = f"Аскар {draw(st.sampled_from(SURNAMES))}"
        people[number] = department.person(number, name, name, *duties, account=draw(st.booleans()))
    who = st.integers(1, 8)
    away = draw(st.dictionaries(who, st.none() | who, max_size=6))
    watching = draw(st.dictionaries(st.sampled_from([desk.id for desk in desks]), st.frozensets(who), max_size=3))
    return Scene(department.CALENDAR, people, desks, precincts, away, watching)


SPOTS = st.builds(
    Spot,
    st.none() | st.sampled_from((*NUMBERS, 99)),
    st.sampled_from(PlaceSource),
    st.none() | st.sampled_from(NUMBERS),
    st.none() | st.floats(0, 1e6),
)
HANDLERS = st.lists(
    st.sampled_from(["inspector", "duty", "cyberpol", "women", "akimat", "bot", "own_security"]), max_size=3
).map(tuple)
WORDS = st.sampled_from(
    [
        "",
        "шум",
        *(f"капитан Аскар {name} берёт деньги" for name in SURNAMES),
        *(f"{name}у сказали" for name in SURNAMES),
    ]
)
CASES_OF_ANY_KIND = st.builds(
    Case,
    HANDLERS,
    st.sampled_from(Urgency),
    SPOTS,
    st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(ZONE)),
    WORDS,
    st.frozensets(st.integers(1, 8), max_size=3),
    st.none() | st.integers(1, 8),
)


def is_one_holder(holder: Holder, case: Case, scene: Scene) -> None:
    """Exactly one; never somebody barred, complained about, without an account or without the role."""
    assert (holder.officer is None) != (holder.desk is None)
    complained = {who.id for who in scene.people.values() if case.words == f"капитан {who.name.ru} берёт деньги"}
    seeing = [holder.officer] if holder.officer else list(holder.called)
    for officer in seeing:
        assert officer.resident_id is not None
        assert officer.id not in case.barred
    if holder.officer is not None:
        roles = {
            Rung.PRECINCT: case.spot.precinct_id in holder.officer.precinct_ids,
            Rung.SUBSTITUTE: holder.officer.has(Role.INSPECTOR),
        }
        desks = [desk for desk in scene.desks if desk.id in holder.officer.desk_ids]
        assert roles.get(holder.rung, bool(desks) or holder.officer.has(Role.HEAD))
        if holder.rung in roles:
            assert scene.stand_in(holder.officer) == holder.officer, "who is off holds nothing new"
    elif holder.desk is not None and not holder.is_restricted:  # all of a desk see what lies there
        assert not case.barred & {who.id for who in scene.people.values() if holder.desk.id in who.desk_ids}
    holding = {officer.id for officer in seeing}
    informed = {officer.id for officer in holder.informed}
    assert not informed & (case.barred | holding | complained)
    assert not (holder.is_restricted and informed)
    assert not holding & complained, "never the one who is complained about"
    assert holder.verdicts[0].rule == "conflict" or holder.is_restricted
    for verdict in holder.verdicts:
        line_of(verdict)


@settings(max_examples=600, deadline=None)
@given(CASES_OF_ANY_KIND, departments())
def test_there_is_always_exactly_one_holder(case: Case, scene: Scene) -> None:
    is_one_holder(rules.decide(case, scene), case, scene)


@settings(max_examples=300, deadline=None)
@given(CASES_OF_ANY_KIND, departments())
def test_the_ladder_goes_up_and_ends(case: Case, scene: Scene) -> None:
    """Never a circle: every rung is above the one before, and the top is reached."""
    order = [Rung.PRECINCT, Rung.SUBSTITUTE, Rung.DESK, Rung.DISTRICT, Rung.DEPARTMENT, Rung.OWN_SECURITY]
    holder = rules.decide(case, scene)
    for _step in range(len(order)):
        up = rules.above(case, scene, holder.rung)
        is_one_holder(up, case, scene)
        if holder.rung in (Rung.DEPARTMENT, Rung.OWN_SECURITY):
            assert up.rung in (holder.rung, Rung.OWN_SECURITY)
        else:
            assert order.index(up.rung) > order.index(holder.rung)
        holder = up
    assert holder.rung in (Rung.DEPARTMENT, Rung.OWN_SECURITY)


# -- one rung up


@pytest.mark.parametrize(
    ("rung", "place", "off", "holder"),
    [
        (Rung.PRECINCT, "точка на участке 101", ["Тогайбаев → Шалкаров"], "Шалкаров"),
        (Rung.PRECINCT, "точка на участке 101", [], "Дежурная Севера"),
        (Rung.PRECINCT, "точка на участке 102", [], "Абаев"),  # the precinct's other inspector
        (Rung.SUBSTITUTE, "точка на участке 101", [], "Дежурная Севера"),
        (Rung.DESK, "точка на участке 201", [], "Дежурная Юга"),
        (Rung.DESK, "не указано", [], "Дежурная департамента"),
        (Rung.DISTRICT, "точка на участке 101", [], "Дежурная департамента"),
        (Rung.DEPARTMENT, "точка на участке 101", [], "Дежурная департамента"),
        (Rung.OWN_SECURITY, "точка на участке 101", [], "Собственная безопасность"),
    ],
)
def test_one_rung_up(rung: Rung, place: str, off: list[str], holder: str) -> None:
    case = Case(("inspector",), Urgency.U2, spot(place), at=DAYTIME)
    up = rules.above(case, department.scene(DAYTIME, off), rung)
    assert (surname(up.officer) if up.officer else str(up.desk and up.desk.name)) == holder


def test_whoever_let_it_lie_does_not_get_it_again() -> None:
    scene = department.scene(DAYTIME, ["Тогайбаев → Шалкаров"])
    case = Case(("inspector",), Urgency.U2, spot("точка на участке 101"), at=DAYTIME, holder_id=4)
    assert rules.above(case, scene, Rung.PRECINCT).rung is Rung.DISTRICT


def test_a_desk_whose_member_is_concerned_gives_it_to_another_by_himself() -> None:
    case = Case(("duty",), Urgency.U1, spot("точка на участке 101"), at=DAYTIME, barred=frozenset({21}))
    holder = rules.decide(case, department.scene(DAYTIME))
    assert (holder.officer and surname(holder.officer), holder.rung) == ("Жазыкбаев", Rung.DISTRICT)


def test_a_complaint_about_all_of_own_security_is_the_heads() -> None:
    case = Case(("own_security",), Urgency.U3, NOWHERE, at=DAYTIME, barred=frozenset({31, 32}))
    holder = rules.decide(case, department.scene(DAYTIME))
    assert (holder.officer and surname(holder.officer), holder.is_restricted) == ("Аккулов", True)


# -- on a database


async def decide(
    units: Units, handlers: str = "inspector", urgency: Urgency = Urgency.U2, precinct: str | None = "101", **more: Any
) -> Holder:
    async with units() as unit:
        place = await cast.precinct_id(unit, precinct) if precinct else None
        where = Spot(place, PlaceSource.POINT) if place else NOWHERE
        return await unit.routing.decide(Case(tuple(handlers.split(",")), urgency, where, at=START, **more))


def holder_of(holder: Holder) -> str:
    if holder.officer is not None:
        return holder.officer.badge
    assert holder.desk is not None
    return holder.desk.code


@pytest.mark.parametrize(
    ("handlers", "urgency", "precinct", "holder", "reason"),
    [
        ("inspector", Urgency.U2, "101", cast.ASKAR, "precinct"),
        ("inspector", Urgency.U2, "102", cast.ASEL, "precinct"),
        ("inspector", Urgency.U2, None, "duty", "department_duty"),
        ("cyberpol", Urgency.U1, "101", "cyberpol", "category_desk"),
        ("cyberpol", Urgency.U1, None, "cyberpol", "category_desk"),
        ("bot,cyberpol", Urgency.U3, "101", "cyberpol", "category_desk"),
        ("women,inspector", Urgency.U1, "101", cast.ASKAR, "precinct"),  # this department has no such desk
        ("duty", Urgency.U1, "101", "duty-d1", "category_desk"),
        ("duty,inspector", Urgency.U1, "301", "duty-d3", "category_desk"),
        ("cyberpol", Urgency.U0, "101", "duty-d1", "danger"),
        ("inspector", Urgency.U0, None, "duty", "danger"),
        ("own_security", Urgency.U0, "101", "own_security", "conflict"),
        ("own_security", Urgency.U3, None, "own_security", "conflict"),
    ],
)
async def test_who_holds_it_in_the_demo_department(
    units: Units, handlers: str, urgency: Urgency, precinct: str | None, holder: str, reason: str
) -> None:
    decided = await decide(units, handlers, urgency, precinct)
    assert (holder_of(decided), decided.reason) == (holder, reason)


async def test_the_inspector_is_informed_of_a_danger_in_his_precinct(units: Units) -> None:
    decided = await decide(units, "duty", Urgency.U0)
    assert [officer.badge for officer in decided.informed] == [cast.ASKAR]
    assert (await decide(units, "own_security", Urgency.U0)).informed == ()


async def test_an_inspector_who_never_joined_or_left_holds_nothing(units: Units) -> None:
    async with units.house.database.writing() as session:
        table = Officer.__table__
        await session.execute(table.update().where(table.c.badge == cast.ASKAR).values(resident_id=None))
        await session.execute(table.update().where(table.c.badge == cast.ASEL).values(is_active=False))
    for precinct in ("101", "102"):
        assert holder_of(await decide(units, precinct=precinct)) == "duty-d1"
        assert (await decide(units, "duty", Urgency.U0, precinct)).informed == ()


async def test_words_that_name_the_inspector_take_it_from_him(units: Units) -> None:
    decided = await decide(units, words="Тоғайбаев ақша сұрайды")
    assert (holder_of(decided), decided.is_restricted, decided.informed) == ("own_security", True, ())


async def test_every_category_of_the_data_file_has_a_holder(units: Units) -> None:
    async with units() as unit:
        for number, category in enumerate(await unit.tips.categories()):
            tip = await cast.submit(unit, await cast.newcomer(unit, str(990_000 + number)), category.code)
            held = await unit.tips.for_notice(tip.id)
            assert held is not None
            assert (held.officer_id is None) != (held.desk_id is None), category.code
            if category.code == "officer_complaint":
                assert held.desk_id is not None
                desk = await unit.territory.desk(held.desk_id)
                assert desk.code == DeskKind.OWN_SECURITY
