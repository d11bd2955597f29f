"""What staff are told because nobody else would notice it, in each language, and as one line for a template."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from bot.speech.notices import template_facts, word
from bot.terms import Language, NoticeKind
from tests.speech.test_reviews import about

ZONE = ZoneInfo("Asia/Almaty")
ALARMS = (
    "parked", "unheld", "overdue", "silent", "channel", "stopped", "recalled", "corrected", "unbound", "chat_removed",
    "chat_unbound",
)  # fmt: skip


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("alarm", ALARMS)
def test_the_template_says_what_the_message_says(alarm: str, language: Language) -> None:
    facts = {"alarm": alarm, "what": "K7M2QX\nEXTRA", "reason": "content", "kk": "А. Сейіт", "ru": "А. Сеит"}
    delivery = replace(about({}), kind=NoticeKind.ALARM, language=language, facts=facts)
    said = word(delivery, ZONE).rendered()[0]
    (text,) = template_facts(delivery, ZONE).values()
    assert "\n" not in text
    assert text.replace(" • ", "\n") == said.partition(" ")[2]
    assert "K7M2QX" in text


@pytest.mark.parametrize(("language", "name"), [(Language.KK, "А. Сейіт"), (Language.RU, "А. Сеит")])
def test_who_did_it_is_named_in_the_readers_language(language: Language, name: str) -> None:
    facts = {"alarm": "recalled", "what": "K7M2QX", "kk": "А. Сейіт", "ru": "А. Сеит"}
    delivery = replace(about({}), kind=NoticeKind.ALARM, language=language, facts=facts)
    assert name in template_facts(delivery, ZONE)["text"]
