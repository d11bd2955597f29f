"""The web application over ASGI, with a real inbox behind it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from bot.app import App
from bot.files import Files
from bot.intake import InboxWriter, ReportWriter
from bot.services.inbox import Item
from bot.services.unit import Units
from bot.store.inbox import InboxItem
from bot.web import WebParts, make_web
from tests.clocks import FakeClock
from tests.postgres import cleaning, clock, units
from tests.services import cast
from tests.stage import settings_for

__all__ = ["cleaning", "clock", "units"]

PUBLIC = "https://korshi.example.kz"


@pytest.fixture
def backend(cleaning: None) -> str:
    """The web asks the services; both databases were asked there."""
    return "sqlite"


@dataclass
class Site:
    app: FastAPI
    units: Units
    files: Files
    woken: list[Item]
    is_ready: bool = True

    def client(self, host: str = "127.0.0.1", **headers: str) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=self.app, client=(host, 40000))
        return httpx2.AsyncClient(transport=transport, base_url="http://gateway.internal:8080", headers=headers)

    async def inbox(self) -> list[Any]:
        return list(await cast.rows(self.units, InboxItem))


async def site_of(units: Units, folder: Path, **changes: Any) -> AsyncIterator[Site]:
    settings = settings_for(folder, "http://127.0.0.1:1", 1, **({"public_url": PUBLIC} | changes))
    files = Files(folder / "media", units, units.house.clock, settings.public_url)
    woken: list[Item] = []
    writer, reports = InboxWriter(units, woken.extend), ReportWriter(units)
    channels = App(settings, units.house.clock).channels
    app = make_web(WebParts(settings, units, files, channels, writer.store, reports.write))
    site = Site(app, units, files, woken)
    app.state.is_ready = lambda: site.is_ready
    works = [asyncio.ensure_future(work) for work in (writer.run(), reports.run())]
    yield site
    for work in works:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
    for channel in channels.values():
        await channel.close()


@pytest.fixture
async def site(units: Units, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Site]:
    async for site in site_of(units, tmp_path):
        yield site
