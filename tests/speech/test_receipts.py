"""Number and code, as people type them."""

import pytest

from bot.speech.receipts import number_and_code


@pytest.mark.parametrize(
    "said",
    [
        "1001 123456789012",
        "1001 123 456 789 012",
        "№1001, код 123-456-789-012",
        "1001\n123 456\n789 012",
        "1001123456789012",
    ],
)
def test_it_is_read(said: str) -> None:
    assert number_and_code(said) == (1001, "123456789012")


@pytest.mark.parametrize("said", ["", "1001", "123 456 789 012", "нет", "1001 123 456 789 01", "٣" * 16, "9" * 60])
def test_what_is_not_one_is_refused(said: str) -> None:
    found = number_and_code(said)
    assert found is None or found[0] != 1001
