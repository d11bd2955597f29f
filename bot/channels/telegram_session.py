"""aiogram's session, without what made it slow: answers' models built again and again, and forms for plain words."""

import json
from collections.abc import Mapping
from typing import Any

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import SendMessage, TelegramMethod
from aiogram.methods.base import Response
from aiohttp import ClientError

MOST_TEXTS = 64
NO_PREVIEW = {"link_preview_options": {"is_disabled": True}}
JSON = {"Content-Type": "application/json"}


class TelegramSession(AiohttpSession):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._answers: dict[Any, Any] = {}
        self._texts: dict[str, bytes] = {}

    def check_response(self, bot: Bot, method: TelegramMethod[Any], status_code: int, content: str) -> Response[Any]:
        """Keeps the answer's model alive: pydantic forgets `Response[Message]` with its last answer and needs 30 ms of
        the loop to build it anew for the next one."""
        if method.__returning__ not in self._answers:
            self._answers[method.__returning__] = Response[method.__returning__]  # type: ignore[name-defined]
        return super().check_response(bot, method, status_code, content)

    async def say(self, bot: Bot, chat_id: int, text: str, more: Mapping[str, Any] | None = None) -> int:
        """sendMessage without a preview; the number of the message. `more`: other fields of it as plain JSON values.

        aiogram builds two models and a form for each call, of whose answer only the number is wanted here. The JSON of
        the same words to thousands is made once. Raises what aiogram's own sending raises.
        """
        session = await self.create_session()
        url = self.api.api_url(token=bot.token, method="sendMessage")
        rest = self._rest_of(text) if more is None else _json({"text": text, **NO_PREVIEW, **more})
        body = b'{"chat_id":%d,%b' % (chat_id, rest)
        try:
            async with session.post(url, data=body, headers=JSON, timeout=self.timeout) as answer:  # type: ignore[arg-type]
                raw = await answer.read()
        except (TimeoutError, ClientError) as error:
            method = SendMessage(chat_id=chat_id, text=text)
            raise TelegramNetworkError(method=method, message=f"{type(error).__name__}: {error}") from error
        if answer.status == 200:
            try:
                return int(json.loads(raw)["result"]["message_id"])
            except (ValueError, KeyError, TypeError):
                pass  # what it is, the usual way tells
        method = SendMessage(chat_id=chat_id, text=text)
        told: Any = self.check_response(bot, method, answer.status, raw.decode(errors="replace")).result
        return int(told.message_id)

    def _rest_of(self, text: str) -> bytes:
        rest = self._texts.get(text)
        if rest is None:
            if len(self._texts) >= MOST_TEXTS:
                self._texts.clear()
            rest = self._texts[text] = _json({"text": text, **NO_PREVIEW})
        return rest


def _json(words: Mapping[str, Any]) -> bytes:
    return json.dumps(words, ensure_ascii=False).encode()[1:]
