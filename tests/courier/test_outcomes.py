"""What each outcome means for its notice, its endpoint, its channel."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.channels.base import (
    Blocked,
    Moved,
    NeedsTemplate,
    Outcome,
    Receipt,
    Refused,
    SlowDown,
    TemplatePaused,
    Unknown,
    Unreachable,
    Withheld,
)
from bot.courier.outcomes import ATTEMPTS, judge
from bot.i18n import Bilingual
from bot.services.deliveries import Delivery
from bot.services.templates import TemplateView
from bot.services.warnings import WarningView
from bot.terms import EndpointState, Lane, Language, Messenger, NoticeKind, NoticeState, WarningState

NOW = datetime(2026, 9, 1, 4, tzinfo=UTC)
WARNING = WarningView(
    id=1, code="ABC234", author_id=1, text=Bilingual("а", "б"), scheme=None, media_id=None, is_urgent=False,
    state=WarningState.SENDING, due_at=NOW, created_at=NOW,
)  # fmt: skip
FRESH = Delivery(
    id=7, fence=3, kind=NoticeKind.APOLOGY, lane=Lane.ANSWER, talk=1, attempts=0, doubt="",
    messenger=Messenger.TELEGRAM, address="1002", is_group=False, language=Language.KK, endpoint_id=5, resident_id=1,
)  # fmt: skip
LOST = replace(FRESH, doubt="unknown", attempts=1)
LOST_TWICE = replace(FRESH, doubt="unknown_twice", attempts=2)
TEMPLATED = replace(FRESH, free_text=False, template=TemplateView("HX1", ()))
WARNED = replace(FRESH, kind=NoticeKind.WARNING, warning=WARNING)
LEFT = replace(WARNED, warning=replace(WARNING, repeats_doubt=False))
TIRED = replace(FRESH, attempts=ATTEMPTS - 1)


@pytest.mark.parametrize(
    ("delivery", "outcome", "state", "error", "wait", "counts"),
    [
        (FRESH, Receipt("9"), NoticeState.SENT, "", None, True),
        (FRESH, Receipt(""), NoticeState.SENT, "", None, True),
        (LOST, Receipt("9"), NoticeState.SENT, "", None, True),
        (FRESH, Blocked(EndpointState.BLOCKED, "blocked"), NoticeState.FAILED, "blocked", None, True),
        (FRESH, Blocked(EndpointState.DEAD, "not_on_whatsapp"), NoticeState.FAILED, "not_on_whatsapp", None, True),
        (FRESH, Moved("-100500"), NoticeState.DUE, "", 0, False),
        (FRESH, SlowDown(2282.0), NoticeState.DUE, "", 2282, False),
        (TIRED, SlowDown(5.0), NoticeState.DUE, "", 5, False),
        (FRESH, Refused("bad_request"), NoticeState.FAILED, "bad_request", None, True),
        (FRESH, Withheld("withheld"), NoticeState.SKIPPED, "withheld", None, True),
        (FRESH, Withheld("capped", 21600), NoticeState.DUE, "capped", 21600, True),
        (replace(FRESH, attempts=2), Withheld("capped", 21600), NoticeState.SKIPPED, "capped", None, True),
        (FRESH, NeedsTemplate(), NoticeState.DUE, "no_window", 0, False),
        (TEMPLATED, NeedsTemplate(), NoticeState.SKIPPED, "no_template", None, True),
        (TEMPLATED, TemplatePaused("63041"), NoticeState.DUE, "", 0, False),
        (FRESH, Blocked(EndpointState.BLOCKED, "topic_closed"), NoticeState.FAILED, "topic_closed", None, True),
        (FRESH, Blocked(EndpointState.DEAD, "deleted"), NoticeState.FAILED, "deleted", None, True),
        (FRESH, Unreachable("server"), NoticeState.DUE, "", 1, True),
        (replace(FRESH, attempts=3), Unreachable("server"), NoticeState.DUE, "", 8, True),
        (replace(FRESH, attempts=8), Unreachable("server"), NoticeState.DUE, "", 60, True),
        (TIRED, Unreachable("server"), NoticeState.FAILED, "unreachable", None, True),
        (TIRED, Unreachable("token", is_channel=True), NoticeState.DUE, "", 60, False),
        (FRESH, Unknown("lost_answer"), NoticeState.DUE, "unknown", 2, True),
        (LOST, Unknown("lost_answer"), NoticeState.UNKNOWN, "unknown", None, True),
        (LOST, Unreachable("server"), NoticeState.DUE, "unknown", 2, True),
        # a warning that nobody may get twice is left in doubt at once, where nobody can be asked what became of it
        (WARNED, Unknown("lost_answer"), NoticeState.DUE, "unknown", 2, True),
        (LEFT, Unknown("lost_answer"), NoticeState.UNKNOWN, "unknown", None, True),
        (replace(LEFT, messenger=Messenger.WHATSAPP), Unknown("lost_answer"), NoticeState.DUE, "unknown", 2, True),
        (replace(LEFT, kind=NoticeKind.WARNING_CHANGE), Unknown("x"), NoticeState.DUE, "unknown", 2, True),
        (LEFT, Unreachable("server"), NoticeState.DUE, "", 1, True),
        (LEFT, SlowDown(5.0), NoticeState.DUE, "", 5, False),
        (LEFT, Receipt("9"), NoticeState.SENT, "", None, True),
        (LOST, SlowDown(5.0), NoticeState.DUE, "unknown", 5, False),
        # how often it was in doubt is not forgotten: the third time is the last
        (LOST_TWICE, Unreachable("server"), NoticeState.DUE, "unknown_twice", 4, True),
        (LOST_TWICE, Unreachable("token", is_channel=True), NoticeState.DUE, "unknown_twice", 60, False),
        (LOST_TWICE, SlowDown(5.0), NoticeState.DUE, "unknown_twice", 5, False),
        (LOST_TWICE, Moved("-100500"), NoticeState.DUE, "unknown_twice", 0, False),
        (LOST_TWICE, Unknown("lost_answer"), NoticeState.UNKNOWN, "unknown", None, True),
        (LOST_TWICE, Receipt("9"), NoticeState.SENT, "", None, True),
    ],
)  # fmt: skip
def test_what_an_outcome_means(
    delivery: Delivery, outcome: Outcome, state: NoticeState, error: str, wait: float | None, counts: bool
) -> None:
    settled = judge(delivery, outcome, NOW).settlement
    assert (settled.id, settled.fence, settled.state, settled.error) == (7, 3, state, error)
    assert settled.due_at == (None if wait is None else NOW + timedelta(seconds=wait))
    if settled.state is NoticeState.DUE:
        assert settled.counts_attempt is counts


def test_a_blocked_endpoint_is_closed_and_a_moved_group_named() -> None:
    blocked: Any = judge(FRESH, Blocked(EndpointState.DEAD, "deactivated"), NOW)
    assert (blocked.closure.state, blocked.closure.reason, blocked.closure.delivery) == ("dead", "deactivated", FRESH)
    assert judge(FRESH, Moved("-100500"), NOW).moved_to == "-100500"
    assert judge(FRESH, Receipt("9"), NOW).settlement.message == "9"


def test_only_trouble_of_the_whole_channel_raises_an_alarm() -> None:
    assert judge(FRESH, Unreachable("token", is_channel=True), NOW).alarm == "token"
    for outcome in (
        Unreachable("server"),
        Refused("x"),
        Unknown("x"),
        SlowDown(9999),
        Blocked(EndpointState.DEAD, "x"),
    ):
        assert judge(FRESH, outcome, NOW).alarm == ""
    assert judge(FRESH, SlowDown(300.0, reason="21611"), NOW).alarm == "21611"  # our own pacing has failed
    assert judge(TEMPLATED, TemplatePaused("63041"), NOW).alarm == "63041"


def test_what_else_a_verdict_says() -> None:
    assert judge(FRESH, Refused("63021"), NOW).refused == "63021"
    assert judge(TEMPLATED, TemplatePaused("63041"), NOW).pauses_template
    over = SlowDown(60, chat_only=True, reason="63018")
    assert judge(TEMPLATED, over, NOW).is_over_tier
    assert not judge(FRESH, over, NOW).is_over_tier  # inside its window nobody counts in the tier
    later = judge(TEMPLATED, over, NOW).postponed(NOW + timedelta(hours=5)).settlement
    assert (later.state, later.due_at, later.error) == (NoticeState.DUE, NOW + timedelta(hours=5), "tier")


def test_an_outage_of_the_channel_uses_nobodys_attempts_up() -> None:
    for delivery in (FRESH, TIRED):
        settled = judge(delivery, Unreachable("server"), NOW).uncounted().settlement
        assert (settled.state, settled.counts_attempt) == (NoticeState.DUE, False)
        assert settled.due_at is not None
