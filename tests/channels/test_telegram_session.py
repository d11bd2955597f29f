"""The quick way says the same as the usual one, and its refusals are aiogram's own."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramForbiddenError, TelegramNetworkError, TelegramRetryAfter
from aiogram.methods import SendMessage
from aiogram.methods.base import Response
from aiogram.types import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    LinkPreviewOptions,
    Message,
    MessageEntity,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)
from aiohttp import web

from bot.channels.base import Place
from bot.channels.telegram_markup import Markup, beside_words
from bot.channels.telegram_session import MOST_TEXTS, TelegramSession

MESSAGE = {"message_id": 77, "date": 1, "chat": {"id": 1002, "type": "private"}, "text": "Сәлем"}
TOKEN = "4000000000:" + "S" * 35


class Server:
    """Notes what it is given; answers what it is told to."""

    def __init__(self) -> None:
        self.given: list[dict[str, Any]] = []
        self.answer: tuple[int, dict[str, Any]] = 200, {"ok": True, "result": MESSAGE}
        self.hangs_up = False

    async def serve(self, request: web.Request) -> web.Response:
        if self.hangs_up and request.transport is not None:
            request.transport.abort()
        is_json = request.content_type == "application/json"
        self.given.append(await request.json() if is_json else dict(await request.post()))
        return web.json_response(self.answer[1], status=self.answer[0])


@pytest.fixture
async def server() -> AsyncIterator[tuple[Server, Bot, TelegramSession]]:
    server = Server()
    app = web.Application()
    app.router.add_post("/bot{token}/sendMessage", server.serve)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
    session = TelegramSession(api=TelegramAPIServer.from_base(f"http://127.0.0.1:{port}"), timeout=5)
    bot = Bot(TOKEN, session=session)
    yield server, bot, session
    await session.close()
    await runner.cleanup()


async def test_it_says_what_aiogram_says(server: tuple[Server, Bot, TelegramSession]) -> None:
    there, bot, session = server
    words = 'Ескерту «кодты» \\ "айтпаңыз"\n\n☎️ 102'
    assert await session.say(bot, 1002, words) == 77
    message = await bot.send_message(1002, words, link_preview_options=LinkPreviewOptions(is_disabled=True))
    assert message.message_id == 77
    ours, theirs = there.given
    assert ours == {"chat_id": 1002, "text": words, "link_preview_options": {"is_disabled": True}}
    preview = json.loads(theirs["link_preview_options"])
    assert theirs | {"chat_id": 1002, "link_preview_options": preview} == ours


KEYS = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Иә", callback_data="y")]])
PLACE = ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="📍", request_location=True)]], resize_keyboard=True)
MARKS = [
    MessageEntity(type="bold", offset=0, length=2),
    MessageEntity(type="text_link", offset=3, length=1, url="https://a.kz"),
]


@pytest.mark.parametrize("markup", [KEYS, PLACE, ReplyKeyboardRemove(), None])
@pytest.mark.parametrize("marks", [MARKS, []])
@pytest.mark.parametrize("reply_to", [None, "12"])
async def test_keys_marks_and_what_is_answered_are_said_as_aiogram_says_them(
    server: tuple[Server, Bot, TelegramSession], markup: Markup, marks: list[MessageEntity], reply_to: str | None
) -> None:
    there, bot, session = server
    await session.say(bot, 1002, "Иә, 🙂", beside_words(marks, markup, Place("1002", reply_to=reply_to or "")))
    answered = ReplyParameters(message_id=12, allow_sending_without_reply=True) if reply_to else None
    await bot.send_message(
        1002,
        "Иә, 🙂",
        entities=marks or None,
        reply_markup=markup,
        reply_parameters=answered,
        link_preview_options=LinkPreviewOptions(is_disabled=True),
    )
    ours, theirs = there.given
    assert ours == {
        name: json.loads(value) if name not in ("chat_id", "text") else value for name, value in theirs.items()
    } | {"chat_id": 1002}


async def test_its_refusals_are_aiograms(server: tuple[Server, Bot, TelegramSession]) -> None:
    there, bot, session = server
    there.answer = 403, {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}
    with pytest.raises(TelegramForbiddenError):
        await session.say(bot, 1002, "Сәлем")
    parameters = {"retry_after": 17}
    there.answer = 429, {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": parameters}
    with pytest.raises(TelegramRetryAfter) as refused:
        await session.say(bot, 1002, "Сәлем")
    assert refused.value.retry_after == 17
    there.hangs_up = True
    with pytest.raises(TelegramNetworkError):
        await session.say(bot, 1002, "Сәлем")


async def test_an_answers_model_is_built_once(server: tuple[Server, Bot, TelegramSession]) -> None:
    _there, bot, session = server
    await bot.send_message(1002, "Сәлем")
    kept = session._answers[Message]
    await bot.send_message(1002, "Сәлем")
    assert session._answers[SendMessage.__returning__] is kept is Response[Message]


async def test_texts_are_not_kept_for_ever(server: tuple[Server, Bot, TelegramSession]) -> None:
    _there, bot, session = server
    await asyncio.gather(*(session.say(bot, 1002, f"Сәлем {number}") for number in range(MOST_TEXTS + 5)))
    assert len(session._texts) <= MOST_TEXTS
