"""Why a campaign did not go is said as it was."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from bot.i18n import _, speaking
from bot.speech.notices import word
from bot.terms import Language, NoticeKind
from tests.speech.test_reviews import BOTH, about

REASONS = {
    "missed": "The campaign “{title}” did not go at {at}: the program was down too long.",
    "NotAllowed": "The campaign “{title}” did not go at {at}: its author has no right to it any more.",
    "NothingToSend": "The campaign “{title}” did not go at {at}: there was nobody to send it to.",
}


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("problem", list(REASONS))
def test_the_author_hears_why_his_campaign_did_not_go(problem: str, language: Language) -> None:
    facts = {"at": "2026-12-01T05:00:00+00:00", "problem": problem, "title": BOTH}
    delivery = replace(about(BOTH), kind=NoticeKind.CAMPAIGN_GONE, language=language, facts=facts)
    said = word(delivery, ZoneInfo("Asia/Almaty")).rendered()[0]
    with speaking(language):
        ending = _(REASONS[problem]).rpartition("}")[2]
    assert said.endswith(ending)
    assert BOTH[language] in said


@pytest.mark.parametrize("language", list(Language))
def test_the_author_hears_that_his_campaign_is_approved_by_whom_and_when_it_goes(language: Language) -> None:
    by = {Language.KK: "Бөлім бастығы", Language.RU: "Начальник отдела"}
    facts = {"at": "2026-12-01T05:00:00+00:00", "approved": by, "title": BOTH}
    delivery = replace(about(BOTH), kind=NoticeKind.CAMPAIGN_GONE, language=language, facts=facts)
    said = word(delivery, ZoneInfo("Asia/Almaty")).rendered()[0]
    assert BOTH[language] in said
    assert by[language] in said
    assert "10:00" in said


@pytest.mark.parametrize("language", list(Language))
def test_several_times_that_did_not_go_are_one_sentence(language: Language) -> None:
    facts = {"at": "2026-12-01T05:00:00+00:00", "problem": "missed", "title": BOTH, "times": 3}
    delivery = replace(about(BOTH), kind=NoticeKind.CAMPAIGN_GONE, language=language, facts=facts)
    said = word(delivery, ZoneInfo("Asia/Almaty")).rendered()[0]
    assert " 3 " in said
    assert "10:00" in said
