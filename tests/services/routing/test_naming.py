"""Whether words name an officer: every case ending in both languages, and what only looks like it."""

import pytest

from bot.i18n import Bilingual
from bot.services.officers import OfficerView
from bot.services.routing import naming
from bot.services.routing.naming import Naming, naming_in
from tests.steps import work

NOTHING = Bilingual("", "")


def officer(kk: str, ru: str, badge: str = "A-1001", phone: str = "+7 700 000 01 01") -> OfficerView:
    return OfficerView(1, badge, NOTHING, Bilingual(kk, ru), phone, NOTHING, NOTHING, 1)


ASKAR = officer("Асқар Тоғайбаев", "Аскар Тогайбаев")
ASEL = officer("Әсел Арқабаева", "Асель Аркабаева", "A-1002", "")
ABAI = officer("Нұрлан Абаев", "Нурлан Абаев", "B-7", "")
ZHUKOV = officer("Пётр Жуковский", "Пётр Жуковский", "4417", "")
LEE = officer("Сергей Ли", "Сергей Ли", "77", "")
FULL = officer("Сәрсенов Асқар Маратұлы", "Сарсенов Аскар Маратович", "", "")
SHORT = officer("А. Сәрсенов", "А. Сарсенов", "", "")


def named(words: str, who: OfficerView = ASKAR) -> Naming | None:
    return naming_in(words, who)


# -- a surname in every case


@pytest.mark.parametrize("ending", ["", "а", "у", "ым", "е", "ы", "ых", "ыми"])
def test_russian_cases_of_a_man(ending: str) -> None:
    assert named(f"Тогайбаев{ending} берёт деньги") == Naming(f"Тогайбаев{ending}", False)


@pytest.mark.parametrize("ending", ["а", "ой", "у", "ою"])
def test_russian_cases_of_a_woman(ending: str) -> None:
    assert named(f"дали Аркабаев{ending} деньги", ASEL) is not None


@pytest.mark.parametrize("form", ["ий", "ого", "ому", "им", "ом"])
def test_russian_cases_of_an_adjective(form: str) -> None:
    assert named(f"у Жуковск{form} свои правила", ZHUKOV) is not None


@pytest.mark.parametrize("ending", ["", "тың", "қа", "ты", "та", "тан", "пен", "тар", "тарға", "тікі"])
def test_kazakh_cases_of_a_man(ending: str) -> None:
    assert named(f"Тоғайбаев{ending} айттым") is not None


@pytest.mark.parametrize("ending", ["", "ның", "ға", "ны", "да", "дан", "мен", "лар"])
def test_kazakh_cases_of_a_woman(ending: str) -> None:
    assert named(f"Арқабаева{ending} айттым", ASEL) is not None


@pytest.mark.parametrize(
    "words",
    [
        "тогайбаевка айттым",  # without Kazakh letters
        "ТОҒАЙБАЕВТЫҢ ІСІ",
        "togaibaev aqsha surady",
        "Togaybayev взял деньги",
        "Тоғайбаев, сіз неге келмедіңіз?",
        "«Тогайбаев»",
        "на улице Тогайбаев меня ударил",  # on the street, not of the street
        "Тогайбаев 15 тысяч взял",
        "Тоғайбаев 50 мың алды",
    ],
)
def test_however_it_is_written(words: str) -> None:
    assert named(words) is not None


# -- surely he


@pytest.mark.parametrize(
    "words",
    [
        "капитан Тогайбаев",
        "Тоғайбаев деген учаскелік",
        "участкового Тогайбаева не дозваться",
        "полиция майоры Тоғайбаев",
        "uchaskelik Togaibaev",
    ],
)
def test_with_a_rank_it_is_an_officer(words: str) -> None:
    found = named(words)
    assert found is not None
    assert (found.is_sure, found.is_him) == (True, False)  # a colleague may bear the same surname


@pytest.mark.parametrize(
    "words",
    [
        "Аскар Тогайбаев",
        "Тоғайбаев Асқар",
        "А. Тогайбаев",
        "жетон A-1001",
        "значок А1001",
        "төсбелгісі a 1001",
        "звонил с +7 700 000-01-01",
        "8 (700) 000 01 01 нөмірінен",
        "87000000101",
    ],
)
def test_a_given_name_a_badge_or_a_phone_is_him(words: str) -> None:
    found = named(words)
    assert found is not None
    assert (found.is_sure, found.is_him) == (True, True)


def test_the_surname_is_found_wherever_it_stands_in_the_name() -> None:
    assert named("Сарсенов грубит", FULL) == Naming("Сарсенов", False)
    assert named("Маратович грубит", FULL) is None
    assert named("Асқар грубит", FULL) is None
    assert named("Сәрсеновке айттым", SHORT) is not None


# -- it only looks like it


@pytest.mark.parametrize(
    "words",
    [
        "",
        "участковый берёт взятки",
        "учаскелік ақша сұрайды",
        "Ногайбаев",
        "Тогай көшесі",
        "Тугайная улица, 5",
        "сосед Е. Тогайбаев шумит",
        "Аскар берёт деньги",
        "улица Тогайбаева",
        "на улице Тогайбаева шумят",
        "ул. Тогайбаева 15",
        "ул Тогайбаев, 15",
        "Тогайбаева, 15",
        "улица Аскара Тогайбаева",
        "проспект Тогайбаева",
        "Тоғайбаев көшесі, 5",
        "Тоғайбаев көшесінде шу",
        "Тоғайбаев даңғылы",
        "школа имени Тогайбаева",
        "Тоғайбаев атындағы мектеп",
        "A-10011",
        "AA-1001",
        "+7 700 000 01 02",
        "170000001019",
    ],
)
def test_what_does_not_name_him(words: str) -> None:
    assert named(words) is None


@pytest.mark.parametrize("words", ["улица Абая, 40", "на Абая шумят", "Абай көшесі 40", "Абай даңғылында", "Абаю 5"])
def test_the_street_of_a_poet_is_not_an_officer(words: str) -> None:
    assert named(words, ABAI) is None


@pytest.mark.parametrize(
    ("words", "is_named"),
    [
        ("знаете ли вы, где это", False),
        ("Ли был пьян", False),  # so short a surname needs a rank or a given name
        ("Сергей Ли взял деньги", True),
        ("участковый Ли", True),
        ("квартира 77", False),
        ("жетон 77", True),
    ],
)
def test_a_short_surname_and_a_badge_of_digits(words: str, is_named: bool) -> None:
    assert (named(words, LEE) is not None) is is_named


@pytest.mark.parametrize(
    ("begin", "again", "end"),
    [("", "Тогайбаев ", ""), ("", "1 ", ""), ("+7", "-", "1"), ("", "А-", ""), ("", "\u0000ұ", ""), ("", "А'", "")],
)
def test_twice_the_words_are_twice_the_work(begin: str, again: str, end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in steps of the patterns and in words that are spelt anew: nobody can write a text that stops the bot."""
    spelt, skeleton = list[str](), naming.skeleton
    named("Тогайбаев")  # his cases are remembered from now on

    def counted(word: str) -> str:
        spelt.append(word)
        return skeleton(word)

    monkeypatch.setattr(naming, "skeleton", counted)
    costs = []
    for count in (100, 200):
        words = begin + again * count + end
        spelt.clear()
        named(words)
        costs.append((work((naming._WORD, naming._PHONE), words), len(spelt)))
    (steps, spellings), (more_steps, more_spellings) = costs
    assert more_steps < 2.2 * steps
    assert more_spellings <= 2 * spellings + 2
