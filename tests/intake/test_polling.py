"""Our own getUpdates: rows and offset in one transaction, then the next call acknowledges them."""

import asyncio
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

from aiogram.exceptions import TelegramConflictError, TelegramServerError
from aiogram.methods import GetUpdates
from aiogram.types import Update

from bot.intake import InboxWriter, Poller
from bot.services.unit import Units
from bot.store.inbox import InboxItem
from tests.services import cast


def update(number: int) -> Update:
    chat = {"id": 1002, "type": "private"}
    who = {"id": 1002, "is_bot": False, "first_name": "З"}
    message = {"message_id": 1, "date": 0, "chat": chat, "from": who, "text": "Сәлем"}
    return Update.model_validate({"update_id": number, "message": message})


class Bot:
    id = 4

    def __init__(self, *answers: Any) -> None:
        self.answers, self.asked, self.done = list(answers), list[GetUpdates](), asyncio.Event()

    async def __call__(self, method: GetUpdates, request_timeout: int) -> list[Update]:
        self.asked.append(method)
        if not self.answers:
            self.done.set()
            await asyncio.Event().wait()
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return list(answer)


async def poll(units: Units, *answers: Any) -> list[int | None]:
    """The offsets that were asked with."""
    bot = Bot(*answers)
    work = asyncio.ensure_future(Poller(SimpleNamespace(bot=bot), units, InboxWriter(units, lambda _: None)).run())  # type: ignore[arg-type]
    async with asyncio.timeout(10):
        await bot.done.wait()
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work
    return [method.offset for method in bot.asked]


async def numbers(units: Units) -> list[str]:
    return [row.external_id for row in await cast.rows(units, InboxItem)]


async def test_the_offset_follows_what_is_stored_and_outlives_a_restart(units: Units) -> None:
    assert await poll(units, [update(7), update(8)], [], [update(9)]) == [0, 9, 9, 10]
    assert await numbers(units) == ["7", "8", "9"]
    assert await poll(units, [update(9), update(10)]) == [10, 11]
    assert await numbers(units) == ["7", "8", "9", "10"]


async def test_what_is_stored_is_what_telegram_sent(units: Units) -> None:
    await poll(units, [update(7)])
    (row,) = await cast.rows(units, InboxItem)
    assert row.payload["message"]["from"]["id"] == 1002
    assert row.payload["message"]["text"] == "Сәлем"


async def test_trouble_and_a_second_poller_only_delay(units: Units) -> None:
    call = GetUpdates()
    server = TelegramServerError(method=call, message="Bad Gateway")
    conflict = TelegramConflictError(method=call, message="Conflict")
    before = units.house.clock.monotonic()
    assert await poll(units, server, server, server, conflict, [update(7)]) == [0] * 5 + [8]
    assert units.house.clock.monotonic() - before == 1 + 2 + 4 + 5
    assert await numbers(units) == ["7"]
