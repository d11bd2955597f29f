"""Phrases in a story that may be an address."""

import pytest

from bot.speech.place import MOST_LOOKED, phrases_with_house


@pytest.mark.parametrize(
    ("said", "phrase"),
    [
        ("Шумят ночью, улица Абая 12, третий подъезд", "улица Абая 12"),
        ("Абай көшесі 40 пен 52-нің арасы", "Абай көшесі 40"),
        ("Во дворе Ерубаева 35 третий день", "Ерубаева 35"),
        ("Ғарышкерлер 14", "Ғарышкерлер 14"),
        ("дом Бухар-жырау 60/1", "Бухар-жырау 60/1"),
    ],
)
def test_a_number_with_the_words_before_it(said: str, phrase: str) -> None:
    assert phrase in phrases_with_house(said)


@pytest.mark.parametrize("said", ["", "40", "Шумят ночью", "..."])
def test_nothing_there(said: str) -> None:
    assert phrases_with_house(said) == []


def test_not_without_end() -> None:
    assert len(phrases_with_house("дом 1 " * 500)) <= MOST_LOOKED * 3
