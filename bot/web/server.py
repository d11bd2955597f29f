"""The FastAPI application of one process."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.channels.base import Channel
from bot.config import Settings
from bot.files import Files
from bot.services.deliveries import Report
from bot.services.inbox import Arrival
from bot.services.unit import Units
from bot.terms import Messenger
from bot.web import health, media, telegram, twilio

TELEGRAM, INBOUND, STATUS = "/telegram/webhook", "/twilio/inbound", "/twilio/status"


@dataclass(frozen=True, slots=True)
class WebParts:
    settings: Settings
    units: Units
    files: Files
    channels: Mapping[Messenger, Channel]
    store: Callable[[Arrival], Awaitable[None]]
    report: Callable[[Report], Awaitable[None]]


class Web(FastAPI):
    """What providers call by the hundred a second goes straight to its handler."""

    def __init__(self, busy: Mapping[str, ASGIApp]) -> None:
        super().__init__(title="Korshi", docs_url=None, redoc_url=None, openapi_url=None)
        self._busy = busy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        handler = self._busy.get(scope["path"]) if scope["type"] == "http" else None
        await (super().__call__ if handler is None else handler)(scope, receive, send)


def make_web(parts: WebParts) -> FastAPI:
    app = Web(_telegram(parts) | _twilio(parts))
    app.state.parts = parts
    app.include_router(health.router)
    app.include_router(media.router)
    return app


def _telegram(parts: WebParts) -> dict[str, ASGIApp]:
    settings = parts.settings
    secret = settings.telegram_webhook_secret
    if not settings.has_telegram or not settings.public_url or secret is None:
        return {}
    return {TELEGRAM: telegram.TelegramHook(secret.get_secret_value(), parts.store)}


def _twilio(parts: WebParts) -> dict[str, ASGIApp]:
    settings = parts.settings
    if settings.twilio_auth_token is None:
        return {}
    token = settings.twilio_auth_token.get_secret_value()
    takes = {INBOUND: twilio.inbound(parts.units.house.clock, parts.store), STATUS: twilio.status(parts.report)}
    return {path: twilio.TwilioHook(token, f"{settings.public_url}{path}", take) for path, take in takes.items()}
