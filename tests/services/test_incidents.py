"""What looks like one happening: place, time, words; and what never does."""

from datetime import timedelta
from typing import Any

import pytest

from bot.services.incidents import Account, are_like, is_one, metres
from bot.terms import Urgency
from tests.clocks import START

POINT = (49.80000, 73.10000)
HUNDRED = 100 / 111_320  # degrees of latitude


def account(**changes: Any) -> Account:
    base: dict[str, Any] = {
        "category": "noise_night", "urgency": Urgency.U2, "at": START, "point": POINT, "place": "",
        "words": "Музыка после полуночи во дворе",
    }  # fmt: skip
    return Account(**(base | changes))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"point": (POINT[0] + 1.4 * HUNDRED, POINT[1])}, True),
        ({"point": (POINT[0] + 1.6 * HUNDRED, POINT[1])}, False),
        ({"at": START + timedelta(hours=47)}, True),
        ({"at": START - timedelta(hours=49)}, False),
        ({"urgency": Urgency.U1, "at": START + timedelta(hours=5)}, True),
        ({"urgency": Urgency.U1, "at": START + timedelta(hours=7)}, False),
        ({"category": "hooliganism", "words": "во дворе музыка после полуночи опять"}, True),
        ({"category": "hooliganism", "words": "Сломали скамейку и урну у подъезда"}, False),
        ({"category": "noise_night", "words": "Сломали скамейку"}, True),
        ({"point": None}, False),
    ],
)
def test_place_time_and_words(changes: dict[str, Any], expected: bool) -> None:
    assert is_one(account(), account(**changes)) is expected
    assert is_one(account(**changes), account()) is expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Абай көшесі, 12", "абай көшесі 12", True),
        ("12, Абай көшесі", "Абай көшесі 12", True),
        ("Абай көшесі, 12", "Абай көшесі, 14", False),
        ("Абай көшесі", "Абай көшесі", False),  # a street is long
        ("", "", False),
    ],
)
def test_the_same_house_is_the_same_place(one: str, other: str, expected: bool) -> None:
    assert is_one(account(point=None, place=one), account(point=None, place=other)) is expected


def test_a_word_or_two_are_alike_by_chance() -> None:
    assert not are_like("Шум", "Шум во дворе всю ночь")
    assert are_like("Ночью во дворе шумит компания", "Компания шумит ночью во дворе")


def test_metres_are_right_to_a_thousandth() -> None:
    assert metres((50.0, 73.0), (50.001, 73.0)) == pytest.approx(111.32, rel=1e-3)
    assert metres((50.0, 73.0), (50.0, 73.001)) == pytest.approx(111.32 * 0.64279, rel=1e-3)
