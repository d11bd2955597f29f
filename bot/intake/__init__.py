"""Incoming: stored before it is acknowledged, then fed to the dialogs in order per person; files fetched apart."""

from bot.intake.contacts import ContactCards
from bot.intake.fetcher import Fetcher
from bot.intake.polling import Poller
from bot.intake.reports import ReportWriter
from bot.intake.worker import Worker
from bot.intake.writer import InboxWriter

__all__ = ["ContactCards", "Fetcher", "InboxWriter", "Poller", "ReportWriter", "Worker"]
