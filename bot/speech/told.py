"""When it happened, in words."""

from bot.errors import N_
from bot.i18n import _, day
from bot.services.tips import Told


def when_words(told: Told) -> str:
    days = {"now": N_("now"), "today": N_("today"), "earlier": N_("earlier")}
    parts = {"night": N_("night"), "morning": N_("morning"), "day": N_("daytime"), "evening": N_("evening")}
    day_words = day(told.on) if told.on is not None else _(days[told.when]) if told.when in days else ""
    return ", ".join(word for word in (day_words, _(parts[told.day_part]) if told.day_part in parts else "") if word)
