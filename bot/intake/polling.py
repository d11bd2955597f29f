"""Our own getUpdates loop: one transaction of rows and offset, then the next call acknowledges them."""

import structlog
from aiogram.exceptions import AiogramError, TelegramConflictError
from aiogram.methods import GetUpdates

from bot.channels.telegram import TelegramChannel
from bot.intake.writer import InboxWriter
from bot.services.inbox import telegram_arrival
from bot.services.unit import Units

log = structlog.get_logger(__name__)

POLL_SECONDS = 25
ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")


class Poller:
    def __init__(self, channel: TelegramChannel, units: Units, writer: InboxWriter) -> None:
        self._channel, self._units, self._writer = channel, units, writer
        self._counter = f"offset:{channel.bot.id}"

    async def run(self) -> None:
        async with self._units.reading() as unit:
            offset = await unit.inbox.remembered(self._counter)
        pause = 1.0
        while True:
            try:
                updates = await self._channel.bot(
                    GetUpdates(offset=offset, timeout=POLL_SECONDS, limit=100, allowed_updates=list(ALLOWED)),
                    request_timeout=POLL_SECONDS + 10,
                )
            except TelegramConflictError:
                log.error("polling.conflict", hint="another process polls this token, or a webhook is set")
                await self._units.house.clock.sleep(5)
                continue
            except AiogramError as error:
                log.warning("polling.failed", error=type(error).__name__)
                await self._units.house.clock.sleep(pause)
                pause = min(pause * 2, 30)
                continue
            pause = 1.0
            if updates:
                offset = updates[-1].update_id + 1
                raw = (item.model_dump(mode="json", exclude_none=True, by_alias=True) for item in updates)
                arrivals = [telegram_arrival(payload) for payload in raw]
                await self._writer.store_batch(arrivals, (self._counter, offset))
