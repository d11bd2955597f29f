"""T8: what one message of a broadcast costs: claim, pace, send, record, against the stand-in in another process."""

import asyncio
import gc
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench.fanout import warning_row
from bench.rounds import Comparison
from bench.town import Town
from bot.channels.base import Channel
from bot.channels.pacing import Limits
from bot.channels.telegram import TelegramChannel
from bot.channels.whatsapp import WhatsAppChannel
from bot.clock import SystemClock
from bot.config import Settings
from bot.courier import Courier
from bot.fanout import FanOut
from bot.files import Files
from bot.services.unit import House, Units
from bot.setup import key_ring
from bot.store import keys
from bot.store.database import Database
from bot.terms import WarningState

MESSAGES, ROUNDS, BUDGET_MICROSECONDS = 3_000, 3, 500
OPEN_WORK = "SELECT count(*) FROM notices WHERE state IN ('due', 'sending')"


class Desk:
    """A courier, its channel and its database in this process; the stand-in is another."""

    def __init__(self, town: Town, rate: float) -> None:
        self.town = town
        self.settings = Settings(_env_file=None, **town.settings)  # type: ignore[arg-type]
        keys.install(key_ring(self.settings))
        clock = SystemClock()
        self.database = Database(self.settings.database_url)
        self.units = Units(House(self.database, clock, self.settings.zone, None))
        files = Files(self.settings.media_dir, self.units, clock, None)
        assert self.settings.telegram_token is not None
        self.channel = TelegramChannel(
            self.settings.telegram_token.get_secret_value(),
            self.settings.telegram_api_url,
            clock,
            files,
            Limits.telegram(rate_per_second=rate),
        )
        assert self.settings.twilio_auth_token is not None
        self.whatsapp = WhatsAppChannel(
            (self.settings.twilio_account_sid or "", self.settings.twilio_auth_token.get_secret_value()),
            self.settings.twilio_whatsapp_from or "",
            (self.settings.twilio_api_url, self.settings.callback_url),
            clock,
            self.settings.zone,
            files,
            Limits.whatsapp(),
        )
        self.fan_out = FanOut(self.units, self.always)

    @staticmethod
    async def always() -> bool:
        return True

    async def publish(self, number: int, **changes: Any) -> float:
        """A warning to everybody, urgent so that it is not tried first. The moment of its approval."""
        async with self.database.writing() as session:
            author = await session.scalar(text("SELECT min(id) FROM officers"))
            row = warning_row(number, author, self.units.house.clock.now(), WarningState.SPREADING)
            for name, value in changes.items():
                setattr(row, name, value)
            session.add(row)
        return time.perf_counter()

    async def open_notices(self) -> int:
        async with self.database.reading() as session:
            return int(await session.scalar(text(OPEN_WORK)) or 0)

    def ring(self) -> None:
        """As a commit does that changed what is due."""
        for call in self.units._bells.get("notices", ()):
            call()

    async def until_sent(self) -> None:
        while await self.open_notices():  # noqa: ASYNC110 - the database tells, nobody rings
            await asyncio.sleep(0.2)

    @asynccontextmanager
    async def at_work(self, *channels: Channel) -> AsyncIterator[None]:
        """A courier for each of these channels; for Telegram alone when none is named."""
        async with asyncio.TaskGroup() as nursery:
            tasks = []
            for channel in channels or (self.channel,):
                courier = Courier(channel, self.units, f"bench:{id(self)}")
                tasks += [nursery.create_task(channel.pacer.run()), nursery.create_task(courier.run())]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()

    async def close(self) -> None:
        await self.channel.close()
        await self.whatsapp.close()
        await self.database.close()


@asynccontextmanager
async def desk(
    recipients: int, rate: float, limits: dict[str, Any] | None = None, *, on_whatsapp: int = 0, groups: int = 0
) -> AsyncIterator[Desk]:
    with tempfile.TemporaryDirectory(prefix="korshi-bench-") as folder:
        town = Town(Path(folder) / "town", recipients, on_whatsapp=on_whatsapp, groups=groups)
        await town.build()
        await town.open()
        await town.call("/sim/limits", limits or {"enforce": False})
        here = Desk(town, rate)
        await here.channel.open()
        await here.whatsapp.open()
        gc.collect()
        gc.freeze()  # as the product does when it is ready
        try:
            yield here
        finally:
            await here.close()
            await town.close()


async def measure(messages: int = MESSAGES, rounds: int = ROUNDS) -> Comparison:
    result = Comparison(
        "T8", f"a broadcast's message, {messages:,} of them", "µs CPU", "aiogram's bare bot.send_message, 8 at once",
        f"≤ {BUDGET_MICROSECONDS} µs of ours",
    )  # fmt: skip
    async with desk(messages, 10_000) as here:
        chats = [int(one.id[1:]) for one in here.town.inhabitants if one.id.startswith("t")][:messages]
        for number in range(1, rounds + 1):
            result.ours.append(await _ours(here, number, len(chats)))
            result.baseline.append(await _bare(here, chats))
    met = sorted(result.ours)[len(result.ours) // 2] <= BUDGET_MICROSECONDS
    result.notes.append("met" if met else "MISSED")
    return result


async def _ours(here: Desk, number: int, count: int) -> float:
    await here.publish(number, audience={"all": True, "messengers": ["telegram"], "only": "people"}, is_urgent=True)
    await here.fan_out.spread(number)
    due = await here.open_notices()
    began = time.process_time()
    async with here.at_work():
        await here.until_sent()
    return (time.process_time() - began) / due * 1e6


async def _bare(here: Desk, chats: list[int]) -> float:
    waiting = iter(chats)

    async def sender() -> None:
        for chat in waiting:
            await here.channel.bot.send_message(chat, "Ескерту\n\nПолиция ескертуі B1")

    began = time.process_time()
    async with asyncio.TaskGroup() as nursery:
        for _ in range(8):
            nursery.create_task(sender())
    return (time.process_time() - began) / len(chats) * 1e6
