"""Is this really an inspector? Checked against the register, never guessed: nothing that is asked is stored."""

from bot.services.register.checking import Claim, Finding, Register, Verdict

__all__ = ["Claim", "Finding", "Register", "Verdict"]
