"""Who is away and who stands in, who is on watch, and when the department works."""

from bot.services.roster.asking import on_watch_of
from bot.services.roster.loading import RosterLoaded
from bot.services.roster.setting import ABOVE
from bot.services.roster.views import (
    REASONS,
    AbsenceView,
    NewAbsence,
    NewWatch,
    RosterEntries,
    WatchView,
    stand_in_of,
)


class Roster(RosterLoaded):
    """Asking, setting and loading, in one transaction."""


__all__ = [
    "ABOVE",
    "REASONS",
    "AbsenceView",
    "NewAbsence",
    "NewWatch",
    "Roster",
    "RosterEntries",
    "WatchView",
    "on_watch_of",
    "stand_in_of",
]
