"""Who is responsible: one rule order, always exactly one holder, and the reason."""

from bot.services.routing.deciding import Routing
from bot.services.routing.views import (
    BOT,
    DUTY,
    INSPECTOR,
    NOWHERE,
    OWN_SECURITY,
    Case,
    DeskHold,
    Holder,
    NamedDesk,
    Spot,
    Verdict,
)

__all__ = [
    "BOT",
    "DUTY",
    "INSPECTOR",
    "NOWHERE",
    "OWN_SECURITY",
    "Case",
    "DeskHold",
    "Holder",
    "NamedDesk",
    "Routing",
    "Spot",
    "Verdict",
]
