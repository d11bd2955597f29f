"""What a typed word or number of a menu means."""

import pytest

from bot.channels.base import Menu
from bot.services.talks import NEXT_MENU

ITEMS = [("📝 Хабарлау", "tip"), ("📝 Сообщить", "tip"), ("Мәзір", "menu"), ("Меню", "menu")]
TWO = [*ITEMS, NEXT_MENU, ("Мәзір", "menu"), ("Меню", "menu"), ("Бағалау", "rate"), ("Оценить", "rate")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", "tip"), ("2", "menu"), (" 2. ", "menu"), ("2)", "menu"), ("3", None), ("0", None), ("99999999", None),
        ("хабарлау", "tip"), ("СООБЩИТЬ", "tip"), ("📝 Сообщить", "tip"), ("меню!", "menu"), ("", None), ("  ", None),
        ("2 адам келді", None), ("привет", None), ("²", None), ("①", None),
    ],
)  # fmt: skip
def test_a_number_or_a_label_in_either_language(text: str, value: str | None) -> None:
    assert Menu(ITEMS).value_of(text) == value


@pytest.mark.parametrize(("text", "value"), [("1", None), ("2", None), ("Меню", "menu"), ("хабарлау", "tip")])
def test_where_free_words_are_expected_a_number_is_a_word(text: str, value: str | None) -> None:
    assert Menu(ITEMS, open=True).value_of(text) == value


@pytest.mark.parametrize(
    ("text", "value"), [("2", "menu"), ("3", "menu"), ("4", "rate"), ("5", None), ("оценить", "rate")]
)
def test_a_notice_goes_on_counting(text: str, value: str | None) -> None:
    assert Menu(TWO).value_of(text) == value


PLACE = [("Өткізіп жіберу", "skip"), ("Пропустить", "skip"), ("Қазір емес", "unsafe"), ("Не сейчас", "unsafe")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("откизип жиберу", "skip"), ("Otkizip zhiberu", "skip"), ("«Пропустить»", "skip"), ('"ПРОПУСТИТЬ."', "skip"),
        ("propustit", "skip"), ("пропускаю", "skip"), ("Білмеймін", "skip"), ("казир емес!", "unsafe"),
        ("не знаю, где это", None), ("Абай көшесі 12", None), ("отмена", None), ("потом", None), ("а" * 5000, None),
        ("1", "skip"), ("2.", "unsafe"), ("3", None), ("12", None),
    ],
)  # fmt: skip
def test_a_label_in_other_letters_and_another_word_for_it(text: str, value: str | None) -> None:
    assert Menu(PLACE, takes_words=True).value_of(text) == value
    if not value or not text.strip(".").isdecimal():
        assert Menu(PLACE, open=True).value_of(text) == value


@pytest.mark.parametrize(("text", "value"), [("тунги шу", "noise"), ("Бұл осыған ұқсайды", None), ("шу", None)])
def test_what_a_label_is_about_stands_for_it(text: str, value: str | None) -> None:
    assert Menu([("Бұл осыған ұқсайды: 🔊 Түнгі шу", "noise"), ("Мәзір", "menu")]).value_of(text) == value


def test_keys_that_were_taken_away_are_known_by_their_own_words_alone() -> None:
    """«Не знаю» is an answer by now."""
    menu = Menu([*PLACE, NEXT_MENU], open=True)
    assert [menu.value_of(text) for text in ("Пропустить", "Не знаю", "otkizip zhiberu")] == ["skip", None, None]


@pytest.mark.parametrize("is_open", [True, False])
def test_a_step_of_a_scale_is_called_by_its_own_number(is_open: bool) -> None:
    """Whatever stands before it in the menu."""
    scale = [("1 – өте нашар", "r1"), ("1 — очень плохо", "r1"), ("5 – өте жақсы", "r5"), ("5 — очень хорошо", "r5")]
    menu = Menu([*ITEMS, NEXT_MENU, *scale], open=is_open)
    assert [menu.value_of(text) for text in ("1", "5", "5 – өте жақсы", "очень хорошо")] == ["r1", "r5", "r5", None]
