"""A tip from its submission to its rating. Every step is one event; every promise is one notice."""

from bot.services.tips.holding import HeldTips
from bot.services.tips.sending import SentTips
from bot.services.tips.views import CategoryView, PartDraft, PartView, Submitted, TipDraft, TipView, visible_to


class Tips(SentTips, HeldTips):
    """Both sides of a tip, in one transaction."""


__all__ = ["CategoryView", "PartDraft", "PartView", "Submitted", "TipDraft", "TipView", "Tips", "visible_to"]
