"""By when a person answers, as bot/data/urgency.toml has it."""

from datetime import UTC, datetime

import pytest

from bot.services.deadlines import answer_due
from bot.terms import Urgency
from tests.postgres import ZONE


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("urgency", "since", "due"),
    [
        (Urgency.U0, "2026-09-01T20:00", "2026-09-01T20:30"),
        (Urgency.U1, "2026-09-01T20:00", "2026-09-01T20:30"),
        (Urgency.U2, "2026-09-01T20:00", "2026-09-02T20:00"),
        (Urgency.U3, "2026-09-01T04:00", "2026-09-04T13:00"),  # Tuesday → Friday, 18:00
        (Urgency.U3, "2026-09-03T04:00", "2026-09-08T13:00"),  # Thursday → Tuesday
        (Urgency.U3, "2026-09-04T20:00", "2026-09-09T13:00"),  # Saturday by Almaty's clock → Wednesday
        (Urgency.U4, "2026-09-01T04:00", None),
    ],
)
def test_when_an_answer_is_due(urgency: Urgency, since: str, due: str | None) -> None:
    assert answer_due(urgency, utc(since), ZONE) == (utc(due) if due else None)
