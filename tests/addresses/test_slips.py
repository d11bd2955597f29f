"""What a finger does to a word."""

import pytest

from bot.addresses.slips import is_slip


@pytest.mark.parametrize(
    ("one", "other"),
    [("абаи", "баи"), ("абаи", "аббаи"), ("абаи", "баaи".replace("a", "а")), ("арман", "армаг"), ("абаиа", "абах"[:3] + "ч"),
     ("пр", "пер"), ("шу", "су"), ("мира", "мира")],
)  # fmt: skip
def test_one_slip(one: str, other: str) -> None:
    assert is_slip(one, other)
    assert is_slip(other, one)


@pytest.mark.parametrize(
    ("one", "other"), [("абаи", "араи"), ("абаи", "абилаи"), ("мира", "рима"), ("", "аб"), ("1", "3")]
)
def test_no_slip(one: str, other: str) -> None:
    assert not is_slip(one, other)
    assert not is_slip(other, one)
