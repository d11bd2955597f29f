"""Every code of Twilio that we know, and what it means for the endpoint, the channel or the content."""

import pytest

from bot.channels.base import Blocked, Outcome, Refused, SlowDown, Unreachable
from bot.channels.twilio_codes import classify_code
from bot.terms import EndpointState

NOT_THERE = Blocked(EndpointState.DEAD, "not_on_whatsapp")
BLOCKED = Blocked(EndpointState.BLOCKED, "blocked")
CHANNEL = Unreachable("channel", is_channel=True)
SERVER = Unreachable("server")


@pytest.mark.parametrize(
    ("code", "status", "outcome"),
    [
        (63024, 400, NOT_THERE), (63003, 400, NOT_THERE), (63032, 400, NOT_THERE),
        (63014, 400, BLOCKED), (21610, 400, BLOCKED),
        (63007, 400, CHANNEL), (63001, 400, CHANNEL), (20003, 401, CHANNEL), (63020, 400, CHANNEL), (None, 401, CHANNEL),
        (20429, 429, SlowDown(2)), (None, 429, SlowDown(2)), (63017, 400, SlowDown(2)), (14107, 429, SlowDown(2)),
        (63018, 429, SlowDown(60, chat_only=True)), (21611, 400, SlowDown(300)),
        (63009, 400, SERVER), (63010, 400, SERVER), (63012, 400, SERVER), (None, 500, SERVER), (20500, 503, SERVER),
        # final for this content: shown to staff by the code
        *((code, 400, Refused(str(code))) for code in (
            63016, 63049, 63041, 63040, 63027, 63028, 21655, 21656, 63005, 63013, 63021, 63026, 21211, 21617,
        )),
        (None, 400, Refused("400")), (None, 0, Refused("twilio")),
    ],
)  # fmt: skip
def test_what_a_code_means(code: int | None, status: int, outcome: Outcome) -> None:
    assert classify_code(code, status) == outcome
