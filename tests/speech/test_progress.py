"""What the author's card says: nothing that is not known, and no button that leads nowhere."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.i18n import Bilingual, speaking
from bot.services.warnings import Progress, WarningView
from bot.speech.progress import progress_reply
from bot.speech.reasons import reason_words
from bot.terms import Language, WarningState

ZONE = ZoneInfo("Asia/Almaty")
NOW = datetime(2026, 9, 1, 4, tzinfo=UTC)
LONG = "Соседи, сегодня по домам ходят ложные проверяющие газа и воды, не открывайте дверь никому"
AGAIN = "Отправить ещё раз тем, кому не дошло"
IN_DOUBT = "Отправить ещё раз, где неизвестно"


def card(progress: Progress, language: Language = Language.RU, **more: Any) -> tuple[str, list[str]]:
    warning = WarningView(
        id=7, code="ABC234", author_id=1, text=Bilingual("Көршілер", LONG), scheme=None, media_id=None, is_urgent=False,
        state=WarningState.DONE, due_at=NOW, created_at=NOW, **more,
    )  # fmt: skip
    with speaking(language):
        reply = progress_reply(warning, progress, ZONE)
        return reply.rendered()[0], [choice.label for row in reply.choices for choice in row]


def test_what_may_have_arrived_is_not_said_to_be_lost() -> None:
    text, buttons = card(Progress(prepared=264, sent=260, failed={"unknown": 2, "unknown_twice": 1, "blocked": 1}))
    assert "Неизвестно, дошло ли: 3\nНе дошло: 1\n" in text
    assert text.count("•") == 1
    assert AGAIN in buttons
    assert IN_DOUBT in buttons


def test_where_nothing_is_known_to_be_lost_only_a_doubt_can_be_sent_again() -> None:
    text, buttons = card(Progress(prepared=264, sent=261, failed={"unknown": 3}))
    assert "Неизвестно, дошло ли: 3" in text
    assert "Не дошло" not in text
    assert AGAIN not in buttons
    assert IN_DOUBT in buttons
    assert IN_DOUBT not in card(Progress(prepared=264, sent=260, failed={"blocked": 1}))[1]


@pytest.mark.parametrize(("language", "words"), [(Language.KK, "Жіберу аяқталды"), (Language.RU, "Отправка завершена")])
def test_when_it_is_over_it_does_not_claim_that_everybody_has_it(language: Language, words: str) -> None:
    text, _buttons = card(Progress(prepared=3, sent=1, failed={"blocked": 2}), language)
    assert words in text


def test_a_long_first_line_is_cut_with_a_sign() -> None:
    first = card(Progress())[0].splitlines()[0]
    assert first.endswith("…")
    assert len(first) < 80


def test_a_doubt_has_the_same_words_however_often_it_came() -> None:
    with speaking(Language.RU):
        assert reason_words("unknown_twice") == reason_words("unknown")


@pytest.mark.parametrize("language", list(Language))
def test_a_recall_that_has_just_begun_does_not_say_nothing_of_nothing(language: Language) -> None:
    recalled = {"change": 1, "is_recalled": True}
    assert "0 / 0" not in (text := card(Progress(prepared=3, sent=3), language, **recalled)[0])
    assert "0 из 0" not in text
    assert "3" in card(Progress(prepared=3, sent=3, told=1, to_tell=2), language, **recalled)[0].splitlines()[2]
