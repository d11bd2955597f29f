"""The FastAPI application of one process."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from fastapi import FastAPI

from bot.channels.base import Channel
from bot.config import Settings
from bot.files import Files
from bot.services.inbox import Arrival
from bot.services.unit import Units
from bot.terms import Messenger
from bot.web import health, media, telegram, twilio


@dataclass(frozen=True, slots=True)
class WebParts:
    settings: Settings
    units: Units
    files: Files
    channels: Mapping[Messenger, Channel]
    store: Callable[[Arrival], Awaitable[None]]


def make_web(parts: WebParts) -> FastAPI:
    app = FastAPI(title="Korshi", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.parts = parts
    app.include_router(health.router)
    app.include_router(media.router)
    if parts.settings.has_telegram and parts.settings.public_url:
        app.include_router(telegram.router)
    if parts.settings.has_whatsapp:
        app.include_router(twilio.router)
    return app
