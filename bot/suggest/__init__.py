"""What a tip may be about, from its words: a suggestion, labelled as one. A person decides."""

from bot.suggest.weighing import SHOWN, Suggestion, discreet_danger, suggest, urgency_of

__all__ = ["SHOWN", "Suggestion", "discreet_danger", "suggest", "urgency_of"]
