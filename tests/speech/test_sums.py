"""Sums are read as people write them."""

import pytest

from bot.speech.sums import tenge_in


@pytest.mark.parametrize(
    ("said", "sum_"),
    [
        ("250000", 250_000),
        ("250 000 тенге", 250_000),
        ("250\u00a0000 ₸", 250_000),
        ("250 мың", 250_000),
        ("250 тыс.", 250_000),
        ("90к", 90_000),
        ("1,5 млн", 1_500_000),
        ("1.200.000", 1_200_000),
        ("15000,50", 15_000),
        ("около 40 мын тенге", 40_000),
        ("0", 0),
    ],
)
def test_a_sum_is_read(said: str, sum_: int) -> None:
    assert tenge_in(said) == sum_


@pytest.mark.parametrize("said", ["", "не знаю", "много", "9" * 30, "1.2.3 млн"])
def test_what_is_no_sum_is_none(said: str) -> None:
    assert tenge_in(said) is None
