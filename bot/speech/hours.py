"""Hours of the day as people write them, and in words."""

import re

from bot.errors import N_, KorshiError
from bot.i18n import _

_SPAN = re.compile(r"\D*(\d{1,2})(?:[:.](\d{2}))?\D+(\d{1,2})(?:[:.](\d{2}))?\D*")


class HoursNotUnderstood(KorshiError):
    msgid = N_("The hours were not understood. Write them like this: {example}")


def parse_hours(text: str) -> tuple[int, int]:
    """Minutes of the day, from and until: "22:00-07:00", "22 – 7". Raises HoursNotUnderstood."""
    found = _SPAN.fullmatch(text.strip())
    if found is not None:
        h1, m1, h2, m2 = (int(part or 0) for part in found.groups())
        start, end = h1 % 24 * 60 + m1, h2 % 24 * 60 + m2
        if max(h1, h2) <= 24 and max(m1, m2) < 60 and start != end:
            return start, end
    raise HoursNotUnderstood(example="22:00-07:00")


def hours_words(hours: tuple[int, int] | None) -> str:
    if hours is None:
        return _("At night only what is urgent comes.")
    (h1, m1), (h2, m2) = divmod(hours[0], 60), divmod(hours[1], 60)
    return _("Your quiet hours: {hours}. Only what is urgent comes then.", hours=f"{h1:02}:{m1:02}–{h2:02}:{m2:02}")
