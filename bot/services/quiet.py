"""Quiet hours: nothing but urgent words and answers at night."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.config import QuietHours


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
