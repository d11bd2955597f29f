"""Addresses as people type them, against the houses of the demo city."""

import io
import runpy
from pathlib import Path

import pytest
from PIL import Image

from bot.addresses import AddressBook, HouseNumber, Run, read_house, read_numbers
from bot.services.territory_files import HouseEntry, read_department

DEMO = Path(__file__).parent.parent / "demo"
HOUSES = read_department(DEMO).houses


@pytest.fixture(scope="module")
def book() -> AddressBook:
    return AddressBook(HOUSES, ignored=("Алтынарқа", "Алтынарка"))


def row(precinct: str, kk: str, ru: str, numbers: str, old: str = "") -> HouseEntry:
    return HouseEntry(precinct, kk, ru, old, old, numbers)


@pytest.mark.parametrize(
    ("text", "house"),
    [
        ("12", HouseNumber(12)),
        ("12А", HouseNumber(12, "а")),
        ("12a", HouseNumber(12, "а")),
        ("12-А", HouseNumber(12, "а")),
        ("12 б", HouseNumber(12, "б")),
        ("12/1", HouseNumber(12, "/1")),
        ("12а/2", HouseNumber(12, "а/2")),
        ("12/а", HouseNumber(12, "а")),
        ("12 к2", HouseNumber(12, "к2")),
        ("12к2", HouseNumber(12, "к2")),
        ("12 корпус 2", HouseNumber(12, "к2")),
        ("0", None),
        ("А12", None),
        ("", None),
        ("12345", None),
        ("12 абв", None),
    ],
)
def test_a_house_number(text: str, house: HouseNumber | None) -> None:
    assert read_house(text) == house


def test_a_house_number_is_written_one_way() -> None:
    assert [str(read_house(text)) for text in ("12a", "12 корпус 2", "12/1", "7")] == ["12А", "12 к2", "12/1", "7"]


def test_runs_and_singles() -> None:
    numbers = read_numbers("1-35 odd, 2–40 жұп, 51-60, 12А")
    assert numbers.runs == (Run(1, 35, 1), Run(2, 40, 0), Run(51, 60))
    assert numbers.singles == (HouseNumber(12, "а"),)
    assert list(Run(1, 6, 0)) == [2, 4, 6]


@pytest.mark.parametrize("text", ["", "x", "9-1", "1-5 левая", "0-4", "1-", "12;14", ","])
def test_numbers_nobody_can_read(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_numbers(text)


@pytest.mark.parametrize(
    ("text", "precinct", "house"),
    [
        ("Абай көшесі, 12", "102", "12"),
        ("абай көшесі 40", "201", "40"),
        ("улица Абая, 12", "102", "12"),
        ("ул. Абая, д. 75, кв. 3", "203", "75"),
        ("ул Абая д.75/1", "203", "75/1"),
        ("Абай көш. 75", "203", "75"),
        ("Абай к-сі, 12", "102", "12"),
        ("12 Абай көшесі", "102", "12"),
        ("Абая 75-12", "203", "75"),
        ("Абай көшесі 75 үй, 2-кіреберіс, 45 пәтер", "203", "75"),
        ("г. Алтынарка, ул. Абая 75", "203", "75"),
        ("Алтынарқа қ., Абай көшесі 75", "203", "75"),
        ("Abai koshesi 12", "102", "12"),
        ("abaya 12", "102", "12"),
        ("Октябрьская 12", "102", "12"),
        ("достык 7", "201", "7"),
        ("Достық 8", "202", "8"),
        ("Dostyq 8", "202", "8"),
        ("мкр Степной-3, 12", "303", "12"),
        ("мкр Степной-3, 12а", "303", "12А"),
        ("степной 3 12", "303", "12"),
        ("Степной-3 ш.а. 12", "303", "12"),
        ("Stepnoi-3, 12", "303", "12"),
        ("Степной-3 шағын ауданы, 12 үй", "303", "12"),
        ("Степной-1", "101", ""),
        ("12 мкр 5", "302", "5"),
        ("12-й микрорайон, дом 5", "302", "5"),
        ("12-ші шағын аудан, 5", "302", "5"),
        ("8 Марта 7", "102", "7"),
        ("8 марта, 8", "103", "8"),
        ("ЖК Каинды 4 к2", "103", "4 к2"),
        ("Қайыңды тұрғын үй кешені 4 корпус 2", "103", "4 к2"),
        ("пр. Тәуелсіздік 52", "204", "52"),
        ("Советский проспект 10", "203", "10"),
        ("Жибек жолы 5", "104", "5"),
        ("жолы жібек 5", "104", "5"),
        ("Молодежная 5", "205", "5"),
        ("молодёжная 5", "205", "5"),
        ("zhengis 5", "205", "5"),
    ],
)
def test_an_address_is_found_for_certain(book: AddressBook, text: str, precinct: str, house: str) -> None:
    first, *others = book.find(text)
    assert (first.precinct, first.house, first.certain) == (precinct, house, True)
    assert not any(match.certain for match in others)


@pytest.mark.parametrize(
    ("text", "precinct"),
    [
        ("Абый көшесі 12", "102"),
        ("дастык 8", "202"),
        ("Набережнная 5", "101"),
        ("Саммал 5", "301"),
        ("Бейбитшлик 30", "203"),
        ("Горнеков 3", "301"),
        ("дан 12", "303"),
    ],
)
def test_a_near_miss_is_offered_but_never_certain(book: AddressBook, text: str, precinct: str) -> None:
    matches = book.find(text)
    if text != "дан 12":  # too short a word to guess by
        assert matches[0].precinct == precinct
    assert not any(match.certain for match in matches)


def test_a_house_that_is_not_listed_is_a_question(book: AddressBook) -> None:
    matches = book.find("Абая 900")
    assert {match.precinct for match in matches} == {"102", "201", "203"}
    assert matches[0].precinct == "203"  # its numbers come nearest
    assert not any(match.certain for match in matches)


def test_a_street_of_two_precincts_without_a_house_is_a_question(book: AddressBook) -> None:
    matches = book.find("улица Достык")
    assert {match.precinct for match in matches} == {"201", "202"}
    assert not any(match.certain for match in matches)


@pytest.mark.parametrize("text", ["", " ", "👍", "?!.,", "жоқ", "Кунаева 5", "-" * 300, "1" * 300, "/start", "а 1"])
def test_what_is_no_address_here(book: AddressBook, text: str) -> None:
    assert not any(match.certain for match in book.find(text))


def test_only_numbers_are_never_certain(book: AddressBook) -> None:
    assert not any(match.certain for match in book.find("12"))


def test_another_kind_of_street_is_not_certain() -> None:
    here = AddressBook(
        [row("1", "Самал көшесі", "улица Самал", "1-20"), row("2", "Самал шағын ауданы", "мкр Самал", "1-40")]
    )
    assert [(m.precinct, m.certain) for m in here.find("ул. Самал 5")] == [("1", True), ("2", False)]
    assert [(m.precinct, m.certain) for m in here.find("мкр Самал 5")] == [("2", True), ("1", False)]
    assert [m.certain for m in here.find("Самал 5")] == [False, False]
    assert not any(m.certain for m in here.find("пр. Самал 5"))


def test_a_named_house_goes_before_the_run_that_covers_it() -> None:
    here = AddressBook([row("1", "Арай көшесі", "улица Арай", "1-20"), row("2", "Арай көшесі", "улица Арай", "12А")])
    assert [(m.precinct, m.certain) for m in here.find("Арай 12а")] == [("2", True)]
    assert [(m.precinct, m.certain) for m in here.find("Арай 12б")] == [("1", True)]
    assert [(m.precinct, m.certain) for m in here.find("Арай 12")] == [("1", True)]


def test_a_letter_beside_a_listed_house_is_not_certain() -> None:
    here = AddressBook([row("1", "Арай көшесі", "улица Арай", "12")])
    assert [(m.precinct, m.certain) for m in here.find("Арай 12А")] == [("1", False)]


def test_a_surname_finds_the_street_with_a_first_name() -> None:
    here = AddressBook([row("1", "Арай Самалов көшесі", "улица Арая Самалова", "1-20")])
    assert [(m.precinct, m.certain) for m in here.find("Самалова 5")] == [("1", False)]
    assert [(m.precinct, m.certain) for m in here.find("Самалова Арая 5")] == [("1", True)]


def test_the_demo_files_are_what_the_script_makes() -> None:
    for name, content in runpy.run_path(str(DEMO / "make.py"))["build"]().items():
        if isinstance(content, str):
            assert (DEMO / name).read_text(encoding="utf-8") == content, name
        else:  # another zlib packs the same picture into other bytes
            pictures = [Image.open(file).convert("RGB").tobytes() for file in (DEMO / name, io.BytesIO(content))]
            assert pictures[0] == pictures[1], name


def test_the_demos_village_shares_a_street_with_the_city(book: AddressBook) -> None:
    city, village = book.find("Еңбек 5")
    assert (city.settlement_ru, city.precinct, village.settlement_ru, village.precinct) == (
        "Алтынарка", "204", "село Жусанды", "104",
    )  # fmt: skip
    assert not city.certain
    assert not village.certain
    for text, precinct in (
        ("Жусанды ауылы, Еңбек 5", "104"), ("с. Жусанды, Трудовая 5", "104"), ("г. Алтынарка, ул. Трудовая 5", "204"),
        ("Бастау көшесі 5", "104"), ("Чабанов 7а", "104"), ("Трудовая 30", "205"),
    ):  # fmt: skip
        first = book.find(text)[0]
        assert (first.precinct, first.certain) == (precinct, True), text
