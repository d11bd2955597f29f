"""A house belongs to one precinct, whatever its street is called; twice said is a fault."""

import random
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.addresses import read_numbers, street_name
from bot.i18n import speaking
from bot.services.territory_files import Fault, HouseEntry, TerritoryRefused, read_department
from bot.services.territory_files.houses import HOUSES, _Register
from bot.terms import Language
from tests.services.territory_files.village import VILLAGE, change, faults_of, only_fault, write_list

HEADING = HOUSES.all
ABAI = ("Абай көшесі", "улица Абая")


def house(
    precinct: str,
    numbers: str,
    street: tuple[str, str] = ABAI,
    old: tuple[str, str] = ("", ""),
    estate: tuple[str, str] = ("", ""),
    village: tuple[str, str] = ("", ""),
) -> tuple[str, ...]:
    return precinct, *street, numbers, *old, *estate, *village


def found(tmp_path: Path, *lines: tuple[str, ...]) -> list[Fault]:
    file = write_list(tmp_path, "houses", [HEADING, *lines])
    try:
        read_department(file)
    except TerritoryRefused as refused:
        return list(refused.faults)
    return []


def test_a_complex_without_a_street_is_its_own_street() -> None:
    houses = read_department(VILLAGE).houses
    assert (houses[3].street_kk, houses[3].complex_kk) == ("«Қайың» тұрғын үй кешені",) * 2
    assert (houses[4].street_ru, houses[4].complex_ru) == ("Родниковая улица", "ЖК «Самал»")


@pytest.mark.parametrize(
    ("first", "second", "number"),
    [
        (house("1", "1-35 odd"), house("2", "35"), "35"),
        (house("1", "1-35 нечёт"), house("2", "34-40 тақ"), "35"),
        (house("1", "1-9"), house("2", "9-20"), "9"),
        (house("1", "12А"), house("2", "12-а"), "12А"),
        (house("1", "12/1"), house("2", "11, 12/1"), "12/1"),
        (house("1", "4 к2"), house("2", "4 корпус 2"), "4 к2"),
        (house("1", "5"), house("2", "5", ("Абай к-сі", "ул. Абая")), "5"),  # spelling
        (house("1", "5", ("Жеңіс даңғылы", "проспект Победы")), house("2", "5", ("Женис даңғылы", "пр. Женис")), "5"),
        (house("1", "5"), house("2", "5", ("Абая көшесі", "улица Абая")), "5"),  # the Russian name alone
        (house("1", "5", old=("Октябрь көшесі", "Октябрьская улица")),
         house("2", "5", ("Октябрь көшесі", "Октябрьская улица")), "5"),  # the old name as a street
        (house("1", "5", ("Қазан көшесі", "Казанская улица")), house("2", "5", old=("", "Казанская улица")), "5"),
        (house("1", "5", estate=("«Самал» ТҮК", "ЖК «Самал»")), house("2", "1-9", ("", ""), estate=("Самал ТҮК", "ЖК Самал")),
         "5"),  # the complex as a street
    ],
)  # fmt: skip
def test_a_house_in_two_precincts(tmp_path: Path, first: tuple[str, ...], second: tuple[str, ...], number: str) -> None:
    for one, other in ((first, second), (second, first)):
        (fault,) = found(tmp_path, one, other)
        assert (fault.line, fault.facts["house"], fault.facts["other"]) == (3, number, 2)
        assert fault.facts["precinct"] == one[0]
        assert "already in precinct" in fault.msgid


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (house("1", "1-35 odd"), house("2", "2-40 even, 35А")),
        (house("1", "1-9"), house("2", "10-19")),
        (house("1", "1-20"), house("2", "12А")),  # a house named by itself goes before a run
        (house("1", "5"), house("2", "5", ("Абай даңғылы", "проспект Абая"))),  # an avenue is no street
        (house("1", "5"), house("1", "1-9")),  # one precinct may say it twice
        (house("1", "5", ("Жаңа көше", "Новая улица"), old=("Ленин көшесі", "улица Ленина")),
         house("2", "5", ("Кең көше", "Широкая улица"), old=("Ленин көшесі", "улица Ленина"))),  # a street divided in two
        (house("1", "5", ("Жаңа көше", "Новая улица"), estate=("Самал ТҮК", "ЖК Самал")),
         house("2", "5", ("Кең көше", "Широкая улица"), estate=("Самал ТҮК", "ЖК Самал"))),  # a complex on two streets
        (house("1", "1-9", ("Степной-1 шағын ауданы", "мкр Степной-1")),
         house("2", "1-9", ("Степной-2 шағын ауданы", "мкр Степной-2"))),
    ],
)  # fmt: skip
def test_houses_that_are_not_the_same(tmp_path: Path, first: tuple[str, ...], second: tuple[str, ...]) -> None:
    assert found(tmp_path, first, second) == []
    assert found(tmp_path, second, first) == []


AKTAS, AKTAM = ("Ақтас ауылы", "село Актас"), ("Бөген ауылы", "село Боген")


def test_every_village_has_the_same_streets(tmp_path: Path) -> None:
    lines = house("1", "1-9"), house("2", "1-9", village=AKTAS), house("3", "1-9", village=AKTAM)
    assert found(tmp_path, *lines) == []
    assert found(tmp_path, house("1", "1-9", village=AKTAS), house("1", "1-9", village=AKTAM)) == []  # no repetition


@pytest.mark.parametrize("other", [AKTAS, ("Ақтас", "Актас"), ("ақтас а.", "с. Ак-Тас")])
def test_a_house_in_two_precincts_of_one_village(tmp_path: Path, other: tuple[str, str]) -> None:
    (fault,) = found(tmp_path, house("1", "1-9", village=AKTAS), house("2", "5", village=other))
    assert (fault.line, fault.facts["house"], fault.facts["precinct"]) == (3, "5", "1")
    (fault,) = found(tmp_path, house("1", "1-9", village=AKTAS), house("1", "1-9", village=other))
    assert "repeats line" in fault.msgid


def test_a_settlement_of_two_names_is_told(tmp_path: Path) -> None:
    lines = [house("1", "1-9", village=AKTAS), house("1", "11", village=("Ақтас", "Белый Камень"))]
    (fault,) = found(tmp_path, *lines, house("1", "13", village=("Ақтас", "Белый Камень")))
    assert (fault.line, fault.facts["other"], fault.facts["other_ru"]) == (3, 2, "село Актас")
    districts = [
        ("Ақтас (Абай ауданы)", "Актас (Абайский район)"),
        ("Ақтас (Нұра ауданы)", "Белый Камень (Нуринский район)"),
    ]
    assert found(tmp_path, *(house(str(n), "1-9", village=one) for n, one in enumerate(districts, 1))) == []
    assert found(tmp_path, house("1", "5", village=("Абай қаласы", "город Абай")),
                 house("2", "5", village=("Абай ауылы", "село Абай"))) == []  # fmt: skip


def test_half_a_settlement(tmp_path: Path) -> None:
    (fault,) = found(tmp_path, house("1", "5", village=("Ақтас", "")))
    assert fault.facts == {"column": "settlement_ru"}


def test_a_village_without_streets_is_its_own_street(tmp_path: Path) -> None:
    file = write_list(tmp_path, "houses", [HEADING, house("1", "1-30", ("", ""), village=AKTAS)])
    (entry,) = read_department(file).houses
    assert (entry.street_kk, entry.street_ru) == AKTAS
    assert (entry.settlement_kk, entry.settlement_ru) == AKTAS


def test_the_own_town_may_be_written_or_not(village: Path) -> None:
    change(village / "department.toml", 'town_kk = "Ауыл"', 'town_kk = "Қаратау"')
    change(village / "department.toml", 'town_ru = "Село"', 'town_ru = "Каратау"')
    heading, *lines = (village / "houses.csv").read_text(encoding="utf-8").splitlines()
    said = [f"{heading};Елді мекен (қаз);Населённый пункт (рус)", *(f"{line};;" for line in lines)]
    said.append("2;Бас көше;Главная улица;;;1;;;Қаратау қаласы;г. Каратау")
    (village / "houses.csv").write_text("\n".join(said), encoding="utf-8")
    fault = only_fault(village)
    assert (fault.facts["house"], fault.facts["precinct"]) == ("1", "1")


def test_a_repeated_line(tmp_path: Path) -> None:
    (fault,) = found(tmp_path, house("1", "1-9, 12"), house("1", "11"), house("1", "12, 1-9"))
    assert (fault.line, fault.facts) == (4, {"other": 2})
    assert "repeats line" in fault.msgid


@pytest.mark.parametrize(
    ("first", "second", "houses"),
    [
        ("1-9", "1-9, 2А", "1, 2, 3, 4, 5, 6, 7, 8, 9"),
        ("1-35 odd, 12А", "30-40 тақ, 12-а", "12А, 31, 33, 35"),
        ("1-40", "2-40 even", "2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24 и ещё 8"),
        ("5, 7", "1-5, 5-7", "5, 7"),
    ],
)
def test_all_houses_of_two_lines_are_named(tmp_path: Path, first: str, second: str, houses: str) -> None:
    with speaking(Language.RU):
        (fault,) = found(tmp_path, house("1", first), house("2", second))
        assert f", {houses} — участок 1, строка 2. " in str(fault)
        (fault,) = found(tmp_path, house("1", first, old=ABAI, street=("Сай көшесі", "улица Сай")), house("2", second))
        assert f", {houses} — участок 1, строка 2, под именем «Сай көшесі». " in str(fault)
    with speaking(Language.KK):
        assert houses.partition(" и")[0] in str(fault)


def test_a_line_that_contradicts_two_others_names_both(tmp_path: Path) -> None:
    faults = found(tmp_path, house("1", "1-9 odd"), house("3", "11-19 odd"), house("2", "5-13 odd"))
    assert [(fault.line, fault.facts["other"]) for fault in faults] == [(4, 2), (4, 3)]
    assert [str(fault.facts["houses"]) for fault in faults] == ["5, 7, 9", "11, 13"]


def test_every_line_that_is_wrong_is_named_once(tmp_path: Path) -> None:
    lines = [house("1", "1-99"), house("2", "5"), house("2", "7-9"), house("3", "1-99"), house("2", "100")]
    assert [fault.line for fault in found(tmp_path, *lines)] == [3, 4, 5]


def test_half_a_name(village: Path) -> None:
    change(village / "houses.csv", "жилой комплекс «Кайын»", "")
    assert only_fault(village).facts == {"column": "complex_ru"}


def test_no_name_at_all(tmp_path: Path) -> None:
    assert [fault.facts["column"] for fault in found(tmp_path, house("1", "5", ("", "")))] == ["street_kk", "street_ru"]


def test_the_order_of_lines_changes_nothing(tmp_path: Path) -> None:
    """Against each house compared with each other house."""
    chance = random.Random(5)
    names = [ABAI, ("Абай даңғылы", "проспект Абая"), ("Сай көшесі", "улица Сай"), ("Абай", "Абай")]
    for _ in range(60):
        lines = []
        for _line in range(12):
            first = chance.randint(1, 30)
            run = f"{first}-{first + chance.randint(0, 9)}{chance.choice(['', ' odd', ' even'])}"
            numbers = chance.choice([run, f"{first}", f"{first}А, {first + 2}", f"{first}А"])
            lines.append(house(chance.choice("12"), numbers, chance.choice(names)))
        said = {fault.line for fault in found(tmp_path, *lines)}
        assert said == slowly(lines)


def slowly(lines: list[tuple[str, ...]]) -> set[int]:
    """Lines that contradict or repeat one above: contradictions are told where one of them stands last."""
    wrong = set()
    for later, one in enumerate(lines):
        for other in lines[:later]:
            names = street_name(one[1]), street_name(other[1])
            is_alike = names[0].key == names[1].key and (
                names[0].kinds & names[1].kinds or not names[0].kinds or not names[1].kinds
            )
            numbers = [set(read_numbers(line[3]).each()) for line in (one, other)]
            if one[:4] == other[:4] or (one[0] != other[0] and is_alike and numbers[0] & numbers[1]):
                wrong.add(later + 2)
    return wrong


def test_many_long_runs_are_no_square_of_work() -> None:
    register = _Register()
    numbers = read_numbers("1-9999, 1А, 2А")
    began = time.process_time()
    for line in range(20_000):
        entry = HouseEntry(f"{line}", *ABAI, "", "", "1-9999")
        register.add(SimpleNamespace(line=line), entry, numbers)  # type: ignore[arg-type]
    clashes = list(register.clashes())
    assert time.process_time() - began < 10
    assert {clash.later.line for clash in clashes} == set(range(1, 20_000))


def test_faults_of_a_line_do_not_hide_the_others(village: Path) -> None:
    change(village / "houses.csv", "2-40 even, 35А", "2-40 even, 35")
    change(village / "houses.csv", "1-6, 7А", "7-6")
    assert [fault.line for fault in faults_of(village)] == [3, 5]
