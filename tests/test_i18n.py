"""Dates, numbers and plurals as the two languages write them."""

from datetime import UTC, date, datetime

import pytest

from bot.i18n import Bilingual, _, clock, day, language, moment, ngettext, number, set_language, speaking
from bot.speech import both
from bot.terms import Language
from tests.postgres import ZONE

KK, RU = Language.KK, Language.RU


@pytest.mark.parametrize(
    ("value", "kk", "ru"),
    [
        (date(2025, 9, 1), "2025 жылғы 1 қыркүйек", "1 сентября 2025 года"),
        (date(2026, 1, 31), "2026 жылғы 31 қаңтар", "31 января 2026 года"),
        (date(2024, 2, 29), "2024 жылғы 29 ақпан", "29 февраля 2024 года"),
        (date(2026, 5, 9), "2026 жылғы 9 мамыр", "9 мая 2026 года"),
        (date(2026, 12, 16), "2026 жылғы 16 желтоқсан", "16 декабря 2026 года"),
    ],
)
def test_a_date(value: date, kk: str, ru: str) -> None:
    with speaking(KK):
        assert day(value) == kk
    with speaking(RU):
        assert day(value) == ru


def test_a_moment_is_told_by_the_departments_clock() -> None:
    with speaking(KK):
        assert moment(datetime(2026, 9, 1, 20, 5, tzinfo=UTC), ZONE) == "2026 жылғы 2 қыркүйек, 01:05"
    with speaking(RU):
        assert moment(datetime(2024, 2, 29, 17, 59, tzinfo=UTC), ZONE) == "29 февраля 2024 года, 23:59"
        assert moment(datetime(2024, 3, 1, 17, 59, tzinfo=UTC), ZONE) == "1 марта 2024 года, 22:59"
        assert clock(datetime(2026, 9, 1, 0, 0, tzinfo=UTC)) == "00:00"


@pytest.mark.parametrize("lang", [KK, RU])
def test_a_number_is_parted_by_a_space_that_does_not_break(lang: Language) -> None:
    with speaking(lang):
        assert number(1234567) == "1\xa0234\xa0567"
        assert number(0.5) == "0,5"


@pytest.mark.parametrize(
    ("n", "ru"),
    [
        (0, "0 жителей в Telegram"), (1, "1 житель в Telegram"), (2, "2 жителя в Telegram"), (5, "5 жителей в Telegram"),
        (11, "11 жителей в Telegram"), (14, "14 жителей в Telegram"), (21, "21 житель в Telegram"),
        (104, "104 жителя в Telegram"), (1111, "1\xa0111 жителей в Telegram"),
    ],
)  # fmt: skip
def test_plurals(n: int, ru: str) -> None:
    with speaking(RU):
        assert ngettext("{n} resident on Telegram", "{n} residents on Telegram", n) == ru
    with speaking(KK):
        said = ngettext("{n} resident on Telegram", "{n} residents on Telegram", n)
    assert said.replace("\xa0", "").endswith(f"{n} тұрғын")  # after a number Kazakh takes the singular


def test_facts_are_put_in_as_they_are() -> None:
    with speaking(RU):
        said = _("This tip is already with {officer}.", officer="{number} <b>%s</b> \\n")
    assert "{number} <b>%s</b> \\n" in said


def test_a_sentence_without_a_translation_is_said_in_its_source() -> None:
    assert _("A sentence nobody has translated, {name}.", name="x") == "A sentence nobody has translated, x."


def test_the_language_is_that_of_the_speaker_and_comes_back() -> None:
    set_language(KK)
    with speaking(RU):
        assert language() is RU
        with speaking(KK):
            assert _("Menu") == "Мәзір"
        assert _("Menu") == "Меню"
    assert language() is KK


def test_kazakh_stands_first_where_both_are_said() -> None:
    assert both("Choose a language").split("\n\n") == ["Тілді таңдаңыз", "Выберите язык"]
    set_language(KK)


def test_words_of_the_data_follow_the_language() -> None:
    name = Bilingual("Шу", "Шум")
    with speaking(RU):
        assert str(name) == "Шум"
    with speaking(KK):
        assert (str(name), name.of(RU)) == ("Шу", "Шум")
