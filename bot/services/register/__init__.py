"""Is this really an inspector? Checked against the register, never guessed: nothing that is asked is stored."""

from bot.services.register.cards import LARGEST_CARD, Card, is_card, read_card
from bot.services.register.checking import Claim, Finding, Register, Verdict

__all__ = ["LARGEST_CARD", "Card", "Claim", "Finding", "Register", "Verdict", "is_card", "read_card"]
