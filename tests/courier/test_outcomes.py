"""What each outcome means for its notice, its endpoint, its channel."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.channels.base import Blocked, Moved, Outcome, Receipt, Refused, SlowDown, Unknown, Unreachable
from bot.courier.outcomes import ATTEMPTS, judge
from bot.services.deliveries import Delivery
from bot.terms import EndpointState, Lane, Language, Messenger, NoticeKind, NoticeState

NOW = datetime(2026, 9, 1, 4, tzinfo=UTC)
FRESH = Delivery(
    id=7, fence=3, kind=NoticeKind.APOLOGY, lane=Lane.ANSWER, talk=1, attempts=0, is_retry_of_unknown=False,
    messenger=Messenger.TELEGRAM, address="1002", is_group=False, language=Language.KK, endpoint_id=5, resident_id=1,
)  # fmt: skip
LOST = replace(FRESH, is_retry_of_unknown=True, attempts=1)
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
        (FRESH, Unreachable("server"), NoticeState.DUE, "", 1, True),
        (replace(FRESH, attempts=3), Unreachable("server"), NoticeState.DUE, "", 8, True),
        (replace(FRESH, attempts=8), Unreachable("server"), NoticeState.DUE, "", 60, True),
        (TIRED, Unreachable("server"), NoticeState.FAILED, "unreachable", None, True),
        (TIRED, Unreachable("token", is_channel=True), NoticeState.DUE, "", 60, False),
        (FRESH, Unknown("lost_answer"), NoticeState.DUE, "unknown", 2, True),
        (LOST, Unknown("lost_answer"), NoticeState.UNKNOWN, "unknown", None, True),
        (LOST, Unreachable("server"), NoticeState.DUE, "unknown", 2, True),
        (LOST, SlowDown(5.0), NoticeState.DUE, "unknown", 5, False),
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
