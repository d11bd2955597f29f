"""What follows a card: the words, and where the place lies when it is somebody else's."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from bot.i18n import speaking
from bot.services.tips import PartView
from bot.speech.added import card_added
from bot.terms import Language, NoticeKind, PartKind
from tests.speech.test_moves import NOW, delivery, tip

ZONE = ZoneInfo("Asia/Almaty")
ELSEWHERE = {"elsewhere": ["№ 2 учаске", "Участок № 2"]}


def words(language: Language, facts: dict[str, list[str]], *, is_brief: bool = False) -> str:
    part = PartView(5, PartKind.LOCATION, "added", "51.12500, 71.42000", None, False, NOW)
    about = delivery(NoticeKind.CARD_ADDED, facts, tip(is_brief=is_brief))
    with speaking(language):
        return card_added(replace(about, part=part), ZONE).rendered()[0]


@pytest.mark.parametrize(("language", "place"), [(Language.KK, "№ 2 учаске"), (Language.RU, "Участок № 2")])
def test_a_place_of_another_precinct_says_so(language: Language, place: str) -> None:
    said = words(language, ELSEWHERE)
    assert "51.12500, 71.42000" in said
    assert place in said
    assert place not in words(language, {})


def test_a_messenger_that_may_not_carry_it_carries_no_place() -> None:
    said = words(Language.RU, ELSEWHERE, is_brief=True)
    assert "Участок" not in said
    assert "51.125" not in said
