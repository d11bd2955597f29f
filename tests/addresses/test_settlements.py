"""A region where every village has the same streets: which of them an address names."""

import pytest

from bench.addresses import TOWN, Row
from bot.addresses import AddressBook, Settlements
from tests.addresses.register import region_register
from tests.addresses.spellings import in_villages, spellings, told, tried

REGION = region_register()


@pytest.fixture(scope="module")
def region() -> AddressBook:
    return AddressBook(REGION, ignored=TOWN)


def found(book: AddressBook, text: str) -> list[tuple[str, str, str, str, bool]]:
    return [(one.precinct, one.settlement_ru, one.street_ru, one.house, one.certain) for one in book.find(text)]


def row(precinct: str, numbers: str, village: str = "", street: str = "Абай") -> Row:
    return Row(precinct, f"{street} көшесі", f"улица {street}", "", "", numbers, "", "", village, village)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_three_hundred_spellings_find_their_village(region: AddressBook, seed: int) -> None:
    outcome = tried(region, in_villages(REGION, seed))
    assert outcome.total == 300
    assert outcome.wrong == [], told(outcome)
    assert len(outcome.missed) <= 9, told(outcome)
    assert outcome.certain >= 110, "who asks always is never wrong"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_own_town_is_never_taken_for_certain_wrongly(region: AddressBook, seed: int) -> None:
    """Most of these name no town: what a village has too is asked."""
    own = [one for one in REGION if not one.settlement_kk]
    outcome = tried(region, spellings(own, seed))
    assert outcome.wrong == [], told(outcome)
    assert outcome.certain >= 120, "what only the town has needs no name"


@pytest.mark.parametrize(
    ("text", "village", "street"),
    [
        ("Жаңатұрмыс ауылы, Абай 5", "село Жанатурмыс", "улица Абая"),
        ("с. Жанатурмыс, ул. Абая, 5", "село Жанатурмыс", "улица Абая"),
        ("Абай 5, Жаңатұрмыс", "село Жанатурмыс", "улица Абая"),
        ("а. Жаңа-тұрмыс, Абай 5", "село Жанатурмыс", "улица Абая"),
        ("Zhanaturmys auyly, Abai 5", "село Жанатурмыс", "улица Абая"),
        ("Жаңатұрмыс, Абай көшесі, 5, 12 пәтер", "село Жанатурмыс", "улица Абая"),
        ("ул. Садовая, 5, пос. Ботакара", "посёлок Ботакара", "Садовая улица"),
        ("Ботақара кенті Достық 5", "посёлок Ботакара", "улица Достык"),
        ("Абай қаласы, Арай көшесі 5", "город Абай", "улица Арай"),
        ("г. Абай, ул. Абая, 5", "город Абай", "улица Абая"),
        ("с. Абай, ул. Абая, 5", "село Абай", "улица Абая"),
        ("Абай қала улица Арай 5", "город Абай", "улица Арай"),
        ("разъезд 25, Абай 5", "разъезд 25", "улица Абая"),
        ("Абай ауданы, Қызылту ауылы, Достық 5", "село Кызылту (Абайский район)", "улица Достык"),
        ("р-н Бухар жырау, с. Кызылту, Достык 5", "село Кызылту (район Бухар жырау)", "улица Достык"),
        ("Алтынарқа облысы, Тельман ауылы, Абай 5", "село Тельманское", "улица Абая"),
    ],
)
def test_a_named_village_has_the_house(region: AddressBook, text: str, village: str, street: str) -> None:
    matches = found(region, text)
    assert matches[0][1:] == (village, street, "5", True), matches
    assert not any(certain for *_place, certain in matches[1:])


def test_the_own_town_is_named_like_any_other(region: AddressBook) -> None:
    assert found(region, "Алтынарқа қ., Достық көшесі, 17")[0][1:] == ("", "улица Достык", "17", True)
    assert found(region, "Ерубаева 35")[0][1:] == ("", "улица Ерубаева", "35", True)  # no village has such a street


@pytest.mark.parametrize("text", ["Абай 5", "ул. Абая, 5", "Достық көшесі 7", "Қызылту, Абай 5", "Абай, Арай 5"])
def test_a_house_that_stands_in_several_settlements_is_asked(region: AddressBook, text: str) -> None:
    matches = found(region, text)
    assert len({(village, street) for _, village, street, *_ in matches}) > 1, matches
    assert not any(certain for *_place, certain in matches), matches
    assert all(village for _, village, *_ in matches), "each is shown with its name, the own town too"


@pytest.mark.parametrize(
    "text", ["село Басқа, Абай 5", "Жанатурмыз, Абай 5", "Жаңатұрмыс, Абйа 5", "с. Ботакара, Абай 5"]
)
def test_what_is_not_quite_named_is_asked(region: AddressBook, text: str) -> None:
    matches = found(region, text)
    assert matches
    assert not any(certain for *_place, certain in matches), matches


def test_a_misspelt_village_is_offered_first(region: AddressBook) -> None:
    for text in ("Жанатурмыз, Абай 5", "село Жантурмыс, Абая 5", "Абай 5 Жанатурмиз ауылы"):
        assert found(region, text)[0] == ("200", "село Жанатурмыс", "улица Абая", "5", False), text


def test_a_village_one_slip_away_makes_nothing_certain() -> None:
    book = AddressBook([row("1", "1-9", "Мойын"), row("2", "1-5", "Мойыр"), row("3", "1-9", "Сай")])
    assert not any(certain for *_, certain in found(book, "Мойын, Абай 5"))
    assert found(book, "Мойын, Абай 7")[0] == ("1", "Мойын", "улица Абай", "7", True)  # the other has no 7
    assert not any(certain for *_, certain in found(book, "Мойын"))
    assert found(book, "Сай, Абай 5") == [("3", "Сай", "улица Абай", "5", True)]


def test_a_village_alone_is_its_precinct(region: AddressBook) -> None:
    assert found(region, "Тельман ауылы") == [("238", "село Тельманское", "", "", True)]
    assert {place[:2] + place[4:] for place in found(region, "Жаңатұрмыс")} == {
        ("200", "село Жанатурмыс", False), ("201", "село Жанатурмыс", False)}  # fmt: skip
    assert found(region, "Тельмон")[0] == ("238", "село Тельманское", "", "", False)
    assert not any(certain for *_, certain in found(region, "Абай"))  # a street, a town and a village
    assert found(region, "Абай ауылы") == [("210", "село Абай", "", "", True)]


def test_a_street_that_a_village_does_not_have_leads_to_the_village(region: AddressBook) -> None:
    assert found(region, "Тельман ауылы, Тоқтаров 5")[0] == ("238", "село Тельманское", "", "", False)


def test_a_village_without_streets() -> None:
    aul = Row("7", "Сай ауылы", "село Сай", "", "", "1-30", "", "", "Сай ауылы", "село Сай")
    book = AddressBook([aul, row("8", "1-30", "Тау")])
    assert found(book, "Сай ауылы, 5")[0] == ("7", "село Сай", "село Сай", "5", True)
    assert found(book, "с. Сай, д. 5")[0][4] is True


def test_one_town_under_its_name_needs_no_name() -> None:
    book = AddressBook([row("1", "1-9", "Сай ауылы"), row("1", "10-19", "Сай")])
    for text in ("Абай 5", "Сай ауылы, Абай 5", "Абай 5, Сай"):
        assert found(book, text) == [("1", "", "улица Абай", "5", True)], text


def test_the_own_town_may_be_written_in_some_rows() -> None:
    book = AddressBook([row("1", "1-9"), row("2", "10-19", "Алтынарка"), row("3", "1-30", "Сай")], ignored=TOWN)
    assert found(book, "Алтынарқа, Абай 15") == [("2", "", "улица Абай", "15", True)]
    assert found(book, "Алтынарқа, Абай 5") == [("1", "", "улица Абай", "5", True)]


def test_very_many_villages_of_one_street() -> None:
    villages = [row(str(n), "1-9" if n != 777 else "1-99", f"Ауылдық {n}") for n in range(1000)]
    book = AddressBook(villages)
    assert len(book.find("Абай 5")) == 6
    assert not any(match.certain for match in book.find("Абай 5"))
    assert [match.precinct for match in book.find("Абай 77")] == ["777"]  # among a thousand the only one with it
    assert [match.precinct for match in book.find("Ауылдық 512, Абай 5") if match.certain] == ["512"]


def test_spellings_of_one_settlement_are_one() -> None:
    known = Settlements(TOWN)
    here = known.of("Жаңатұрмыс ауылы", "село Жанатурмыс")
    for kk, ru in [("Жаңатұрмыс", "Жанатурмыс"), ("Жаңа тұрмыс а.", "с. Жана-Турмыс"), ("Жаңатұрмыс", "Жанатурмысс")]:
        assert known.rival(kk, ru) is None
        assert known.of(kk, ru) is here
    assert known.of("Алтынарқа қаласы", "г. Алтынарка") is known.own
    assert known.of("Абай қаласы", "город Абай") is not known.of("Абай ауылы", "село Абай")
    assert known.rival("Жаңатұрмыс", "Новый Быт") is here
    assert known.rival("Басқа ауыл", "Жанатурмыс") is here
    assert known.rival("Жаңатұрмыс (Абай ауданы)", "Новый Быт (Абайский район)") is None


@pytest.mark.parametrize(
    "text",
    ["ауылы", "с.", "а а а а", "кент, кент", ",,,", "Абай ауданы", "(", "()", "Қарағанды облысы", "а" * 300, "5 а"],
)
def test_bad_input_finds_nothing_certain(region: AddressBook, text: str) -> None:
    assert not any(certain for *_, certain in found(region, text))
