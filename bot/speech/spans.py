"""How long something lasts, in words short enough for a button."""

from datetime import timedelta

from bot.i18n import _


def span(length: timedelta) -> str:
    """«2 ч 10 мин»: two units at most, whole minutes, never less than one."""
    minutes = max(1, int(length.total_seconds() // 60))
    days, hours = divmod(minutes // 60, 24)
    if days:
        return _("{d} d {h} h", d=days, h=hours) if hours else _("{d} d", d=days)
    if hours:
        return _("{h} h {m} min", h=hours, m=minutes % 60) if minutes % 60 else _("{h} h", h=hours)
    return _("{m} min", m=minutes)
