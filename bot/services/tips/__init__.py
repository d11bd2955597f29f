"""A tip from its submission to its rating. Every step is one event; every promise is one notice."""

from bot.services.tips.aftercare import CaredTips
from bot.services.tips.blocking import BlockedSender, BlockedTips
from bot.services.tips.clocks import ClockedTips
from bot.services.tips.evidence import Bundle
from bot.services.tips.explaining import Decision, ExplainedTips, Explanation
from bot.services.tips.history import Fate, History, Message, RememberedTips, Version
from bot.services.tips.joining import ClosedTogether, Closing, JoinedTips
from bot.services.tips.listing import ListedTips, Sort, TipPage
from bot.services.tips.pointing import PointedTips
from bot.services.tips.publishing import GroupOutcome, PublishedTips
from bot.services.tips.receipts import Continued
from bot.services.tips.sending import SentTips
from bot.services.tips.steps import StateView, Steps
from bot.services.tips.views import (
    ADDED,
    ANSWER,
    CONFLICT,
    LATE,
    NOTE,
    OUTCOME,
    PLACE,
    QUESTION,
    SILENCE,
    STORY,
    UNSOLVED,
    CategoryView,
    Destination,
    HandoverReasonView,
    Moved,
    PartDraft,
    PartView,
    PlaceDraft,
    Submitted,
    TipDraft,
    TipView,
    Told,
    is_discreet,
    visible_to,
)


class Tips(
    SentTips, BlockedTips, ListedTips, JoinedTips, ClockedTips, CaredTips, PointedTips, PublishedTips,
    ExplainedTips, RememberedTips,
):  # fmt: skip
    """Both sides of a tip and its way between holders, in one transaction."""


__all__ = [
    "ADDED",
    "ANSWER",
    "CONFLICT",
    "LATE",
    "NOTE",
    "OUTCOME",
    "PLACE",
    "QUESTION",
    "SILENCE",
    "STORY",
    "UNSOLVED",
    "BlockedSender",
    "Bundle",
    "CategoryView",
    "ClosedTogether",
    "Closing",
    "Continued",
    "Decision",
    "Destination",
    "Explanation",
    "Fate",
    "GroupOutcome",
    "HandoverReasonView",
    "History",
    "Message",
    "Moved",
    "PartDraft",
    "PartView",
    "PlaceDraft",
    "Sort",
    "StateView",
    "Steps",
    "Submitted",
    "TipDraft",
    "TipPage",
    "TipView",
    "Tips",
    "Told",
    "Version",
    "is_discreet",
    "visible_to",
]
