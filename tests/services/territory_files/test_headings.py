"""Headings and words in Kazakh, in Russian and as in code."""

from pathlib import Path

import pytest

from bot.data import load
from bot.services.territory_files import read_department
from bot.services.territory_files.headings import LISTS, UNREAD, column_of, folded, list_of, word_of
from tests.services.territory_files.village import VILLAGE, as_book, change, only_fault

STREETS = frozenset({"street_kk", "street_ru", "name", "precinct", "second_precinct"})


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("street_kk", "street_kk"), ("STREET_KK", "street_kk"), ("Көше (қаз)", "street_kk"),
        ("Улица (каз.)", "street_kk"), ("Улица на казахском", "street_kk"), ("Улица, каз.", "street_kk"),
        ("Көше атауы (орысша)", "street_ru"), ("Улица (рус)*", "street_ru"), ("улица  RU", "street_ru"),
        ("Учаске", "precinct"), ("Участок:", "precinct"), ("Второй участок", "second_precinct"), ("ФИО", "name"),
        ("№ п/п", UNREAD), ("Примечание", UNREAD), ("Улица", None), ("Телефон", None), ("Улица (англ)", None),
    ],
)  # fmt: skip
def test_a_heading(heading: str, column: str | None) -> None:
    assert column_of(heading, STREETS) == column


def test_names_in_the_data_file_mean_one_thing_in_each_place() -> None:
    facts = load("headings")
    assert set(facts["lists"]) == set(LISTS)
    said = [folded(name) for names in facts["lists"].values() for name in names]
    assert len(said) == len(set(said))
    for words in facts["words"].values():
        flat = [folded(word) for word in words.get("said", [])]
        assert len(flat) == len(set(flat))
    assert all(list_of(name) == code for code, names in facts["lists"].items() for name in names)
    assert word_of("reason", "Командировка") == "trip"


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("houses", ["Участок", "Улица (каз)", "Улица (рус)", "Старое название (каз)", "Старое название (рус)", "Номера домов",
                    "Жилой комплекс (каз)", "Жилой комплекс (рус)"]),
        ("houses", ["Учаске", "Көше (қаз)", "Көше (орыс)", "Ескі атауы (қаз)", "Ескі атауы (орыс)", "Үй нөмірлері",
                    "Тұрғын үй кешені (қаз)", "Тұрғын үй кешені (орыс)"]),
        ("officers", ["Номер жетона", "Звание", "ФИО (каз)", "ФИО (рус)", "Телефон", "Место приёма (каз)", "Место приёма (рус)",
                      "Часы приёма (каз)", "Часы приёма (рус)", "Роль", "Место", "Номер Telegram", "Имя в Telegram", "Фото"]),
        ("officers", ["Төсбелгі", "Атағы", "Аты-жөні (қаз)", "Аты-жөні (орыс)", "Телефон нөмірі", "Кабинет (қаз)",
                      "Кабинет (орыс)", "Қабылдау уақыты (қаз)", "Қабылдау уақыты (орыс)", "Рөлі", "Орны", "Telegram нөмірі",
                      "Telegram", "Фотосы"]),
        ("desks", ["Код", "Вид", "Район", "Название (каз)", "Название (рус)", "Телефон", "Адрес (каз)", "Адрес (рус)"]),
        ("chats", ["Номер чата", "Название чата", "Участок", "Второй участок", "Адрес", "Широта", "Долгота"]),
        ("chats", ["Чат нөмірі", "Чат атауы", "Учаске", "Екінші учаске", "Мекенжай", "Ендік", "Бойлық"]),
        ("residents", ["Мессенджер", "Адрес", "Имя", "Язык", "Участок", "Подписка"]),
        ("absences", ["Сотрудник", "Замещает", "Первый день", "Последний день", "Причина"]),
        ("absences", ["Төсбелгі", "Орнында", "Бірінші күні", "Соңғы күні", "Себебі"]),
        ("watches", ["Дежурная часть", "Сотрудник", "Начало", "Конец"]),
        ("watches", ["Бөлімше", "Қызметкер", "Басталуы", "Аяқталуы"]),
        ("calendar", ["Дата", "Рабочий", "Название (каз)", "Название (рус)", "Начало", "Конец"]),
        ("calendar", ["Күні", "Жұмыс күні", "Атауы (қаз)", "Атауы (орыс)", "Басталуы", "Аяқталуы"]),
        ("week", ["День недели", "С", "До"]),
        ("week", ["Апта күні", "Басталуы", "Аяқталуы"]),
    ],
)  # fmt: skip
def test_every_list_in_both_languages(village: Path, name: str, heading: list[str]) -> None:
    lines = (village / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    (village / f"{name}.csv").write_text("\n".join([";".join(heading), *lines[1:]]) + "\n", encoding="utf-8")
    assert read_department(village) == read_department(VILLAGE)


def test_an_unknown_column_is_named(village: Path) -> None:
    change(village / "chats.csv", "place", "Где")
    fault = only_fault(village)
    assert (fault.file, fault.line, fault.facts["column"]) == ("chats.csv", 1, "Где")


def test_a_missing_column_is_named(village: Path) -> None:
    as_book(village, "chats", [["telegram_id", "Название"], ["-1001", "Соседи"]])
    fault = only_fault(village)
    assert (fault.line, fault.facts["columns"]) == (1, "precinct")


def test_two_columns_that_mean_the_same(village: Path) -> None:
    change(village / "chats.csv", "second_precinct", "Участок")
    fault = only_fault(village)
    assert fault.facts == {"column": "Участок", "other": "precinct"}


def test_a_fault_calls_the_column_as_its_heading_does(village: Path) -> None:
    change(village / "chats.csv", "title", "Чат атауы")
    change(village / "chats.csv", "Соседи", "")
    assert only_fault(village).facts == {"column": "Чат атауы"}


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("officers.csv", ";inspector;", ";участковый инспектор;"), ("officers.csv", ";inspector;", ";учаскелік инспектор;"),
        ("officers.csv", ";captain;", ";Капитан полиции;"), ("officers.csv", ";captain;", ";полиция капитаны;"),
        ("desks.csv", ";own_security;", ";собственная безопасность;"), ("residents.csv", ";kk;", ";қазақша;"),
        ("week.csv", "monday", "Дс"), ("absences.csv", "leave", "Отпуск"),
    ],
)  # fmt: skip
def test_words_as_people_say_them(village: Path, name: str, old: str, new: str) -> None:
    change(village / name, old, new)
    assert read_department(village) == read_department(VILLAGE)


@pytest.mark.parametrize("mark", [",", "\t"])
def test_other_delimiters(village: Path, mark: str) -> None:
    text = (village / "week.csv").read_text(encoding="utf-8")
    (village / "week.csv").write_text(text.replace(";", mark), encoding="utf-8")
    assert read_department(village) == read_department(VILLAGE)
