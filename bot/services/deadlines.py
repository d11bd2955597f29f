"""By when a person answers. Periods: bot/data/urgency.toml."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.data import load
from bot.terms import Urgency


def answer_due(urgency: Urgency, since: datetime, zone: ZoneInfo) -> datetime | None:
    """None where nothing was promised (information)."""
    for item in load("urgency")["urgency"]:
        if item["code"] == urgency:
            period = item.get("first_answer")
            if period is None:
                return None
            if item.get("working_days"):
                return _working_days(since, int(period.removeprefix("P").removesuffix("D")), zone)
            return since + _duration(period)
    raise KeyError(urgency)


def _duration(text: str) -> timedelta:
    amount = int(text[2:-1])  # "PT30M", "PT24H"
    return timedelta(minutes=amount) if text.endswith("M") else timedelta(hours=amount)


def _working_days(since: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The end of the n-th working day after today, Monday to Friday."""
    local = since.astimezone(zone)
    while days:
        local += timedelta(days=1)
        if local.weekday() < 5:
            days -= 1
    return local.replace(hour=18, minute=0, second=0, microsecond=0).astimezone(since.tzinfo)
