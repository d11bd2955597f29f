"""The courier's side of notices: claim, look up what to say to whom, write down what became of it."""

from bot.services.deliveries.claiming import NoticesClaimed
from bot.services.deliveries.reporting import NoticesReported, Report
from bot.services.deliveries.rules import Rules
from bot.services.deliveries.turnover import Turnover
from bot.services.deliveries.views import NO_WINDOW, Closure, Delivery, Settlement, Waiting


class Deliveries(NoticesClaimed, NoticesReported):
    """Choosing, claiming and settling, in one transaction."""


__all__ = ["NO_WINDOW", "Closure", "Deliveries", "Delivery", "Report", "Rules", "Settlement", "Turnover", "Waiting"]
