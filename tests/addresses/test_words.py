"""Every spelling of a word has one skeleton."""

import pytest

from bot.addresses.words import AVENUE, LANE, SLIPS_OF, skeleton


@pytest.mark.parametrize(
    "spellings",
    [
        ("жеңіс", "женис", "zhenis", "jenis", "jeñıs", "zhengis"),
        ("степная", "stepnaya", "stepnaia"),
        ("новые", "novye"),
        ("молодёжная", "молодежная", "molodyozhnaya", "molodezhnaya"),
        ("южная", "yuzhnaya", "iujnaia"),
        ("центральная", "tsentralnaya", "centralnaya"),
        ("тәуелсіздік", "тауелсиздик", "täuelsızdık", "tauelsizdik"),
        ("шұғыла", "шугыла", "shugyla", "şūğyla", "shughyla"),
    ],
)
def test_one_skeleton(spellings: tuple[str, ...]) -> None:
    assert len({skeleton(word) for word in spellings}) == 1, [skeleton(word) for word in spellings]


def test_short_kinds_are_a_slip_apart() -> None:
    assert LANE in SLIPS_OF["пр"]
    assert AVENUE in SLIPS_OF["пер"]
    assert "проспект" not in SLIPS_OF
