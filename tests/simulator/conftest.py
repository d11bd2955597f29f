"""A stand-in, a bot made of aiogram, a Twilio client and a web server that plays the bot's."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiohttp import web
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from simulator.app import Running, running
from simulator.settings import DEFAULT_AUTH_TOKEN, Settings
from simulator.world import World
from tests.simulator.actors import ACCOUNT, TOKEN, Ear, Hands, Sim


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
async def ear() -> AsyncIterator[Ear]:
    ear = Ear()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", ear.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    ear.url = "http://{}:{}".format(*runner.addresses[0][:2])
    yield ear
    await runner.cleanup()


@pytest.fixture
async def stand(ear: Ear, hands: Hands) -> AsyncIterator[Running]:
    settings = Settings(
        port=0,
        bot_url=ear.url,
        sent_after_seconds=0.0,
        delivered_after_seconds=0.0,
        read_after_seconds=0.0,
        webhook_retry_seconds=0.01,
    )
    async with running(world=World(settings, now=hands, monotonic=hands)) as stand:
        yield stand


@pytest.fixture
async def sim(stand: Running) -> AsyncIterator[Sim]:
    async with aiohttp.ClientSession(stand.url) as client:
        yield Sim(stand, client)


@pytest.fixture
async def bot(stand: Running) -> AsyncIterator[Bot]:
    bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(stand.url)))
    yield bot
    session = bot.session
    assert isinstance(session, AiohttpSession)
    if session._session is not None:
        await session._session.close()


@pytest.fixture
async def twilio(stand: Running) -> AsyncIterator[Client]:
    http = AsyncTwilioHttpClient()
    client = Client(ACCOUNT, DEFAULT_AUTH_TOKEN, http_client=http)
    client.api.base_url = stand.url
    client.content.base_url = stand.url
    yield client
    await http.close()
