"""Warnings: one object in two languages, an audience fixed at approval, a fan-out that survives a crash."""

from bot.services.warnings.spreading import WarningsSpread
from bot.services.warnings.views import (
    CAPTION_LIMIT,
    TEXT_LIMIT,
    Audience,
    Progress,
    Reach,
    SchemeView,
    WarningDraft,
    WarningView,
)
from bot.services.warnings.watching import WarningsWatched
from bot.services.warnings.writing import WarningsWritten


class Warnings(WarningsWritten, WarningsSpread, WarningsWatched):
    """A warning's whole life, in one transaction."""


__all__ = [
    "CAPTION_LIMIT",
    "TEXT_LIMIT",
    "Audience",
    "Progress",
    "Reach",
    "SchemeView",
    "WarningDraft",
    "WarningView",
    "Warnings",
]
