"""Warnings: one object in two languages, an audience fixed at approval, a fan-out that survives a crash."""

from bot.services.warnings.approving import IN_TIME, REASON_LIMIT
from bot.services.warnings.correcting import CorrectionView, WarningsCorrected
from bot.services.warnings.counting import COUNTED_AT_ONCE, DistrictCount, Progress
from bot.services.warnings.proving import WarningsProved
from bot.services.warnings.remembering import Happening, WarningsRemembered
from bot.services.warnings.resending import WarningsResent
from bot.services.warnings.tracing import Step, Trace, WarningsTraced
from bot.services.warnings.trying import CONTENT_ERRORS, WarningsTried
from bot.services.warnings.views import (
    APPROVERS,
    CAPTION_LIMIT,
    GOING,
    LASTS,
    PUBLISHED,
    TEXT_LIMIT,
    WEEKLY_MOST,
    Audience,
    Bound,
    ChatChoice,
    FirstFew,
    Plan,
    Reach,
    SchemeView,
    WarningDraft,
    WarningView,
    Weekly,
    stamp_of,
)


class Warnings(WarningsCorrected, WarningsResent, WarningsRemembered, WarningsTried, WarningsTraced, WarningsProved):
    """A warning's whole life, in one transaction."""


__all__ = [
    "APPROVERS",
    "CAPTION_LIMIT",
    "CONTENT_ERRORS",
    "COUNTED_AT_ONCE",
    "GOING",
    "IN_TIME",
    "LASTS",
    "PUBLISHED",
    "REASON_LIMIT",
    "TEXT_LIMIT",
    "WEEKLY_MOST",
    "Audience",
    "Bound",
    "ChatChoice",
    "CorrectionView",
    "DistrictCount",
    "FirstFew",
    "Happening",
    "Plan",
    "Progress",
    "Reach",
    "SchemeView",
    "Step",
    "Trace",
    "WarningDraft",
    "WarningView",
    "Warnings",
    "Weekly",
    "stamp_of",
]
