"""Quiet hours end by the department's wall clock."""

from datetime import UTC, datetime, time

import pytest

from bot.config import QuietHours
from bot.services.quiet import next_allowed
from tests.postgres import ZONE

NIGHT = QuietHours(time(22), time(8))
NOON = QuietHours(time(13), time(14, 30))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "quiet", "allowed"),
    [
        ("2026-09-01T04:00", NIGHT, "2026-09-01T04:00"),  # 09:00
        ("2026-09-01T16:59:59", NIGHT, "2026-09-01T16:59:59"),  # 21:59:59
        ("2026-09-01T17:00", NIGHT, "2026-09-02T03:00"),  # 22:00 sharp is night
        ("2026-09-01T18:59", NIGHT, "2026-09-02T03:00"),  # 23:59
        ("2026-09-01T19:00", NIGHT, "2026-09-02T03:00"),  # midnight
        ("2026-09-01T22:15", NIGHT, "2026-09-02T03:00"),  # 03:15
        ("2026-09-02T02:59:59", NIGHT, "2026-09-02T03:00"),
        ("2026-09-02T03:00", NIGHT, "2026-09-02T03:00"),  # 08:00 sharp is day
        ("2026-12-31T18:30", NIGHT, "2027-01-01T03:00"),
        ("2026-09-01T08:00", NOON, "2026-09-01T09:30"),  # 13:00
        ("2026-09-01T09:30", NOON, "2026-09-01T09:30"),
        ("2026-09-01T22:15", None, "2026-09-01T22:15"),
        # The night of 2024-03-01 Almaty went from UTC+6 to UTC+5: 08:00 came an hour later.
        ("2024-02-28T17:00", NIGHT, "2024-02-29T02:00"),
        ("2024-02-29T16:30", NIGHT, "2024-03-01T03:00"),  # 22:30, before the change
        ("2024-02-29T18:30", NIGHT, "2024-03-01T03:00"),  # 23:30 for the second time
        ("2024-03-01T02:30", NIGHT, "2024-03-01T03:00"),  # 07:30: by the old offset the night were over
    ],
)
def test_when_a_warning_may_leave(at: str, quiet: QuietHours | None, allowed: str) -> None:
    assert next_allowed(utc(at), quiet, ZONE) == utc(allowed)
