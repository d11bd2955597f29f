"""A campaign is named to each officer in his own language."""

from typing import Any

import pytest

from bot.i18n import speaking
from bot.services.deliveries import Delivery
from bot.speech.reviews import campaign_title
from bot.terms import Lane, Language, Messenger, NoticeKind

BOTH = {"kk": "Абай болыңыз", "ru": "Будьте осторожны"}


def about(title: Any) -> Delivery:
    return Delivery(
        id=1,
        fence=1,
        kind=NoticeKind.WARNING_REVIEW,
        lane=Lane.ANSWER,
        talk=1,
        attempts=0,
        doubt="",
        messenger=Messenger.TELEGRAM,
        address="1",
        is_group=False,
        language=None,
        endpoint_id=1,
        resident_id=1,
        facts={"campaign": 1, "title": title},
    )


@pytest.mark.parametrize("language", list(Language))
def test_a_campaign_is_named_in_the_language_of_who_reads(language: Language) -> None:
    with speaking(language):
        assert campaign_title(about(BOTH)) == BOTH[language]


def test_what_was_promised_with_one_title_keeps_it() -> None:
    with speaking(Language.KK):
        assert campaign_title(about("Будьте осторожны")) == "Будьте осторожны"
