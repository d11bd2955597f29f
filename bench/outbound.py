"""T7: thirty calls at once through our channels, beside what their libraries do alone."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from bench.rounds import Comparison
from bench.sending import Desk, desk
from bot.channels.base import Channel, Place, Receipt
from bot.channels.pacing import Limits, Pacer
from bot.channels.telegram_markup import NO_PREVIEW
from bot.speech import Reply

CALLS, ROUNDS, AT_ONCE = 1_500, 3, 30
WORDS = "Ескерту: полиция сізден ақша сұрамайды"


async def measure(calls: int = CALLS, rounds: int = ROUNDS) -> list[str]:
    telegram = Comparison(
        "T7", f"Telegram, {AT_ONCE} calls at once", "calls/s", "aiogram's Bot.send_message", "≥ 0.95",
        is_met=lambda ratio: ratio >= 0.95,
    )  # fmt: skip
    whatsapp = Comparison(
        "T7", f"Twilio, {AT_ONCE} calls at once", "calls/s", "its client in as many threads", "≥ 2.5",
        is_met=lambda ratio: ratio >= 2.5,
    )  # fmt: skip
    async with desk(1_000, 100_000, on_whatsapp=400) as here:
        people = [one.id[1:] for one in here.town.inhabitants if one.id.startswith("t")]
        phones = ["+" + one.id[1:] for one in here.town.inhabitants if one.id.startswith("w")]
        for channel in (here.channel, here.whatsapp):
            channel.pacer = Pacer(_no_limits(), here.units.house.clock)
        session = AiohttpSession(api=TelegramAPIServer.from_base(here.settings.telegram_api_url), limit=AT_ONCE)
        bot = Bot(here.channel.bot.token, session=session)
        client = _client(here)
        sender = f"whatsapp:{here.settings.twilio_whatsapp_from}"
        async with asyncio.TaskGroup() as pacing:
            running = [pacing.create_task(channel.pacer.run()) for channel in (here.channel, here.whatsapp)]
            for _round in range(rounds):
                telegram.ours.append(await _rate(calls, people, _through(here.channel)))
                telegram.baseline.append(await _rate(calls, people, lambda to: _bare(bot, to)))
                whatsapp.ours.append(await _rate(calls, phones, _through(here.whatsapp)))
                whatsapp.baseline.append(
                    await asyncio.to_thread(
                        _threads,
                        calls,
                        phones,
                        lambda to: client.messages.create(from_=sender, to=f"whatsapp:{to}", body=WORDS),
                    )
                )
            for task in running:
                task.cancel()
        await session.close()
    return [*telegram.lines(), "", *whatsapp.lines()]


def _no_limits() -> Limits:
    return Limits(rate_per_second=100_000, chat_gap_seconds=0.0)


def _through(channel: Channel) -> Callable[[str], Awaitable[None]]:
    async def say(to: str) -> None:
        outcome = await channel.deliver(Place(to), Reply(WORDS))
        if not isinstance(outcome, Receipt):
            raise RuntimeError(repr(outcome))

    return say


async def _bare(bot: Bot, to: str) -> None:
    await bot.send_message(int(to), WORDS, link_preview_options=NO_PREVIEW)


def _client(here: Desk) -> Client:
    """Twilio's own, its host turned to the stand-in."""
    settings = here.settings
    assert settings.twilio_auth_token is not None

    class Turned(TwilioHttpClient):
        def request(self, method: str, url: str, *arguments: object, **more: object):  # type: ignore[no-untyped-def]
            there = url.replace("https://api.twilio.com", settings.twilio_api_url)
            return super().request(method, there, *arguments, **more)  # type: ignore[arg-type]

    token = settings.twilio_auth_token.get_secret_value()
    return Client(settings.twilio_account_sid, token, http_client=Turned(pool_connections=True))


async def _rate(calls: int, addresses: list[str], say: Callable[[str], Awaitable[None]]) -> float:
    waiting = iter([addresses[number % len(addresses)] for number in range(calls)])

    async def caller() -> None:
        for to in waiting:
            await say(to)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as nursery:
        for _ in range(AT_ONCE):
            nursery.create_task(caller())
    return calls / (time.perf_counter() - began)


def _threads(calls: int, addresses: list[str], say: Callable[[str], object]) -> float:
    began = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(say, [addresses[number % len(addresses)] for number in range(calls)]))
    return calls / (time.perf_counter() - began)
