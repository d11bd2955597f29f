"""The register against spellings made by rules, in a town of traps and in the demo city."""

from pathlib import Path

import pytest

from bench.addresses import TOWN, Row
from bot.addresses import AddressBook, HouseRow
from bot.services.territory_files import read_department
from tests.addresses.register import trap_register
from tests.addresses.spellings import spellings, told, tried

DEMO = Path(__file__).parents[2] / "demo"
TRAPS = trap_register()
HOUSES: dict[str, list[HouseRow]] = {"traps": list(TRAPS), "demo": list(read_department(DEMO).houses)}


@pytest.fixture(scope="module")
def book() -> AddressBook:
    return AddressBook(TRAPS, ignored=TOWN)


def found(book: AddressBook, text: str) -> list[tuple[str, str, str, bool]]:
    return [(match.precinct, match.street_ru, match.house, match.certain) for match in book.find(text)]


def here(*rows: Row, ignored: tuple[str, ...] = ()) -> AddressBook:
    return AddressBook(rows, ignored)


def row(precinct: str, kk: str, ru: str, numbers: str, in_complex: str = "", old: str = "") -> Row:
    return Row(precinct, kk, ru, old, old, numbers, in_complex, in_complex)


def test_the_register_is_large_enough_to_trap() -> None:
    assert len({(row.street_kk, row.street_ru) for row in TRAPS}) >= 150


@pytest.mark.parametrize("town", HOUSES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_three_hundred_spellings_find_their_house(town: str, seed: int) -> None:
    here = [row for row in HOUSES[town] if not row.settlement_kk]  # the rules know no villages
    outcome = tried(AddressBook(HOUSES[town], ignored=TOWN), spellings(here, seed))
    assert outcome.total == 300
    assert outcome.wrong == [], told(outcome)
    assert len(outcome.missed) <= 9, told(outcome)
    assert outcome.certain >= 150, "who asks always is never wrong"


def test_spellings_are_the_same_every_time() -> None:
    assert spellings(TRAPS, 1) == spellings(TRAPS, 1)
    assert spellings(TRAPS, 1) != spellings(TRAPS, 2)


@pytest.mark.parametrize(
    ("text", "street", "house"),
    [
        ("Ерубаева 35", "улица Ерубаева", "35"),
        ("ерубаев көшесі 35, 12 пәтер", "улица Ерубаева", "35"),
        ("мкр Степной-3, 12", "микрорайон Степной-3", "12"),
        ("мкр Степной-13, 12", "микрорайон Степной-13", "12"),
        ("Степной-3 ш.а., 12а", "микрорайон Степной-3", "12А"),
        ("переулок Абая 7", "переулок Абая", "7"),
        ("Абай тұйығы, 7", "переулок Абая", "7"),
        ("8 наурыз көшесі, 17", "улица 8 Марта", "17"),
        ("Наурыз көшесі, 17", "улица Наурыз", "17"),
        ("17, 8 наурыз көшесі", "улица 8 Марта", "17"),
        ("12-ші шағын аудан, 5", "12-й микрорайон", "5"),
        ("5-й мкр, дом 12", "5-й микрорайон", "12"),
        ("12 мкр 5", "12-й микрорайон", "5"),
        ("12, 5-й мкр", "5-й микрорайон", "12"),
        ("Калинина 40", "улица Абылай хана", "40"),
        ("Ташкентская 9", "улица Райымбек батыра", "9"),
        ("проспект Ленина 52 к2", "проспект Тауелсиздик", "52 к2"),
        ("101700, Алтынарқа қ., Ерубаев к-сі, 35", "улица Ерубаева", "35"),
        ("ЖК Арман, 4", "ЖК «Арман»", "4"),
        ("«Арман» ТК, 6а", "ЖК «Арман»", "6А"),
        ("Арман тұрғын үй кешені 4", "ЖК «Арман»", "4"),
        ("zhk Arman 4", "ЖК «Арман»", "4"),
        ("ЖК Каинды", "ЖК «Каинды»", ""),
        ("Нұрлы жол ТҮК", "ЖК «Нурлы жол»", ""),
        ("Comfort City, 3", "ЖК «Комфорт Сити»", "3"),
        ("Самал-2, 5", "ЖК «Самал-2»", "5"),  # the list has it as the street, too
        ("Алтынарқа көшесі, 5", "улица Алтынарка", "5"),
        ("г. Алтынарка, ул. Алтынарка, 5", "улица Алтынарка", "5"),
    ],
)
def test_what_people_type_is_certain(book: AddressBook, text: str, street: str, house: str) -> None:
    matches = found(book, text)
    assert matches, text
    assert matches[0][1:] == (street, house, True), matches
    assert not any(certain for *_place, certain in matches[1:])


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Абая 7", "улица Абая"),  # a lane and an avenue have a 7, too
        ("Абай 7", "улица Абая"),
        ("Первомайская 7", "улица Первомайская"),  # Наурыз was called so before
        ("Самал 5", "улица Самал"),
        ("Степной, 13", "Степная улица"),  # or a house in Степной-13, as people leave the hyphen out
        ("Мир 5", "проспект Мира"),
        ("Арац көшесі 5", "улица Арай"),
        ("ЖК Арман, 50", "ЖК «Арман»"),
        ("пер. Абая 7", "переулок Абая"),  # one letter from «пр. Абая 7»
        ("Қарағанды облысы, Алтынарқа қ., Ерубаев к-сі, 35", "улица Ерубаева"),
        ("Жибекжолы 15", "улица Жибек жолы"),
        ("Абдирова 20", "улица Нуркена Абдирова"),
        ("Арайй 5", "улица Арай"),
        ("көшсі Ерубаев 5", "улица Ерубаева"),
    ],
)
def test_what_may_mean_two_things_is_asked(book: AddressBook, text: str, first: str) -> None:
    matches = found(book, text)
    assert matches[0][1] == first, matches
    assert not any(certain for *_place, certain in matches), matches


def test_one_side_of_a_street_is_one_precinct(book: AddressBook) -> None:
    odd, even = (found(book, f"Достық көшесі, {house}")[0] for house in (17, 18))
    assert odd[3]
    assert even[3]
    assert odd[0] != even[0]


def test_a_street_one_slip_away_makes_nothing_certain() -> None:
    rows = row("1", "Лобода көшесі", "улица Лободы", "1-20"), row("2", "Лабода көшесі", "улица Лабоды", "1-10")
    assert [certain for *_, certain in found(here(*rows), "Лобода көшесі 5")] == [True]  # «о» and «а» are far apart
    rows = row("1", "Мира көшесі", "улица Мира", "1-20"), row("2", "Мирас көшесі", "улица Мирас", "1-10")
    assert found(here(*rows), "ул. Мира 5") == [("1", "улица Мира", "5", False), ("2", "улица Мирас", "5", False)]
    assert found(here(*rows), "ул. Мира 15") == [("1", "улица Мира", "15", True)]  # the other has no 15


def test_a_short_word_one_slip_from_another_kind_decides_nothing() -> None:
    rows = row("1", "Абай даңғылы", "проспект Абая", "1-20"), row("2", "Абай тұйығы", "переулок Абая", "1-9")
    assert not any(certain for *_, certain in found(here(*rows), "пр. Абая 5"))
    assert found(here(*rows), "проспект Абая 5")[0] == ("1", "проспект Абая", "5", True)
    assert found(here(*rows), "пр. Абая 15")[0] == ("1", "проспект Абая", "15", True)


def test_a_complex_in_two_precincts_is_asked_even_by_number() -> None:
    both = here(
        row("1", "Арай көшесі", "улица Арай", "1-5", "Нұр"), row("2", "Самал көшесі", "улица Самал", "2-8 even", "Нұр")
    )
    assert {(precinct, certain) for precinct, *_, certain in found(both, "ЖК Нұр")} == {("1", False), ("2", False)}
    assert found(both, "ЖК Нұр, 3")[0] == ("1", "ЖК «Нұр»", "3", False)


def test_a_complex_that_is_the_street_itself_is_found_once() -> None:
    one = here(row("1", "«Нұр» ТК", "«Нұр» ТК", "1-9", "«Нұр» ТК"))
    assert found(one, "ЖК Нұр, 3") == [("1", "«Нұр» ТК", "3", True)]


def test_another_town_is_not_this_one(book: AddressBook) -> None:
    assert not any(certain for *_, certain in found(book, "Теміртау қ., Ерубаев көшесі 35"))
    assert found(book, "Алтынарқа қ., Абай, 7")[0][3] is False  # «қ.» is the town's, no street's


def test_a_town_of_several_words() -> None:
    there = here(row("1", "Абай көшесі", "улица Абая", "1-9"), row("2", "Орда көшесі", "улица Орда", "1-9"),
                 ignored=("Қызыл Орда",))  # fmt: skip
    assert found(there, "Қызыл Орда қаласы, Абай 5") == [("1", "улица Абая", "5", True)]
    assert found(there, "Абай 5, Кызыл-Орда") == [("1", "улица Абая", "5", True)]
    assert found(there, "Орда 5")[0] == ("2", "улица Орда", "5", True)


def test_a_name_made_of_side_words_is_still_a_name() -> None:
    there = here(row("1", "Қала көшесі", "улица Городская", "1-9"))
    assert found(there, "Қала көшесі 5") == [("1", "улица Городская", "5", True)]


@pytest.mark.parametrize(
    "text", ["«»", "/" * 200, "12/", "-12-", "кв кв кв", "үй 5", "ЖК", "1 2 3 4 5", "\u0301" * 50, "ı" * 200]
)
def test_bad_input_finds_nothing_certain(book: AddressBook, text: str) -> None:
    assert not any(certain for *_, certain in found(book, text))
