"""HTTP: webhooks, media for Twilio, health and metrics. Every webhook is proved before it is read."""

from bot.web.server import WebParts, make_web

__all__ = ["WebParts", "make_web"]
