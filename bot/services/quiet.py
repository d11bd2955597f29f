"""Quiet hours: nothing but urgent words and answers at night."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.config import QuietHours

CIVIL = time(10), time(20)  # when people may be asked something that can wait


def is_civil(at: datetime, quiet: QuietHours | None, zone: ZoneInfo) -> bool:
    """An hour of the day at which nobody is disturbed by a question."""
    return CIVIL[0] <= at.astimezone(zone).time() < CIVIL[1] and next_allowed(at, quiet, zone) == at


def next_allowed(at: datetime, quiet: QuietHours | None, zone: ZoneInfo) -> datetime:
    """`at` itself outside quiet hours, else their end on the department's wall clock."""
    if quiet is None:
        return at
    local = at.astimezone(zone)
    if not quiet.holds(local.time()):
        return at
    end = local.replace(hour=quiet.end.hour, minute=quiet.end.minute, second=0, microsecond=0)
    if end <= local:
        end += timedelta(days=1)
    return end.astimezone(at.tzinfo)
