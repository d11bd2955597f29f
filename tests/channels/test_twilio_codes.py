"""Every code of Twilio that we know, what is done about it, whom it concerns, and its words in both languages."""

from dataclasses import replace

import pytest

from bot.channels.base import Blocked, NeedsTemplate, Outcome, Refused, SlowDown, TemplatePaused, Unreachable, Withheld
from bot.channels.twilio_codes import CAP_SECONDS, OUTCOMES, classify_code, report_of
from bot.i18n import speaking
from bot.services.deliveries import Report
from bot.services.warnings import CONTENT_ERRORS
from bot.speech.reasons import CODES, reason_words
from bot.terms import EndpointState, Language, NoticeState

NOT_THERE = Blocked(EndpointState.DEAD, "not_on_whatsapp")
BLOCKED = Blocked(EndpointState.BLOCKED, "blocked")
STOPPED = Blocked(EndpointState.STOPPED, "stopped")
CHANNEL = Unreachable("channel", is_channel=True)
SERVER = Unreachable("server")
CONTENT = (63027, 63028, 21655, 21656, 63005, 63013, 63021, 63026)


@pytest.mark.parametrize(
    ("code", "status", "outcome"),
    [
        (63024, 400, NOT_THERE), (63003, 400, NOT_THERE),
        (63014, 400, BLOCKED), (21610, 400, STOPPED),
        (63032, 400, Withheld("withheld")),
        (63049, 400, Withheld("capped", CAP_SECONDS)),
        (63016, 400, NeedsTemplate()),
        (63041, 400, TemplatePaused("63041")), (63040, 400, TemplatePaused("63040")),
        *((code, 400, Refused(str(code))) for code in CONTENT),
        (63018, 429, SlowDown(60, chat_only=True, reason="63018")),
        (63017, 400, SlowDown(2)), (20429, 429, SlowDown(2)),
        (14107, 429, SlowDown(2)), (21611, 400, SlowDown(300, reason="21611")),
        (30001, 400, SlowDown(300, reason="30001")),
        (63007, 400, CHANNEL), (63001, 400, CHANNEL),
        (20003, 401, CHANNEL), (63020, 400, CHANNEL),
        (63009, 400, SERVER), (63010, 400, SERVER), (63012, 400, SERVER),
    ],
)  # fmt: skip
def test_what_a_code_means(code: int, status: int, outcome: Outcome) -> None:
    assert classify_code(code, status) == outcome


@pytest.mark.parametrize(
    ("code", "status", "outcome"),
    [
        (None, 401, CHANNEL), (None, 429, SlowDown(2)), (None, 500, SERVER), (20500, 503, SERVER),
        (21211, 400, Refused("21211")), (None, 400, Refused("400")), (None, 0, Refused("twilio")),
    ],
)  # fmt: skip
def test_what_no_code_of_ours_means(code: int | None, status: int, outcome: Outcome) -> None:
    assert classify_code(code, status) == outcome


@pytest.mark.parametrize("code", sorted(OUTCOMES))
def test_every_code_has_words_in_both_languages(code: int) -> None:
    assert str(code) in CODES
    words = []
    for language in Language:
        with speaking(language):
            words.append(reason_words(str(code)))
    assert all(words)
    assert words[0] != words[1]
    assert not any(str(code) in said for said in words)


def test_only_the_contents_own_faults_may_stop_a_warning() -> None:
    for code, outcome in OUTCOMES.items():
        assert (str(code) in CONTENT_ERRORS) is isinstance(outcome, Refused), code


FAILED = Report(7, "SM1", NoticeState.FAILED, "")


@pytest.mark.parametrize(
    ("code", "report"),
    [
        ("63024", replace(FAILED, error="63024", closes=EndpointState.DEAD, is_miss=True)),
        ("63014", replace(FAILED, error="63014", closes=EndpointState.BLOCKED)),
        ("21610", replace(FAILED, error="21610", closes=EndpointState.STOPPED)),
        ("63016", replace(FAILED, error="63016", by_template=True)),
        ("63049", replace(FAILED, error="capped", again_in=CAP_SECONDS, is_withheld=True)),
        ("63032", replace(FAILED, error="withheld", is_withheld=True)),
        ("63018", replace(FAILED, error="63018", again_in=60.0)),
        ("63021", replace(FAILED, error="63021", refused="63021")),
        ("20003", replace(FAILED, error="20003")),
        ("", replace(FAILED, refused="twilio")),
        ("-1", replace(FAILED, error="-1", refused="twilio")),
        ("63024 ", replace(FAILED, error="63024 ", refused="twilio")),
        ("no", replace(FAILED, error="no", refused="twilio")),
    ],
)
def test_what_a_failure_by_callback_means(code: str, report: Report) -> None:
    assert report_of(7, "SM1", NoticeState.FAILED, code) == report


def test_a_report_of_success_has_no_code() -> None:
    assert report_of(7, "SM1", NoticeState.READ, "63024") == Report(7, "SM1", NoticeState.READ)
