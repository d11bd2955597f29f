"""What stands in for the session of a Telegram channel in tests that never leave the process."""

from collections.abc import Mapping
from typing import Any

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.methods import SendMessage

from bot.channels.telegram_markup import NO_PREVIEW


class SayingSession(BaseSession):
    """Words come as the SendMessage that aiogram would have made of them."""

    async def say(self, bot: Bot, chat_id: int, text: str, more: Mapping[str, Any] | None = None) -> int:
        method = SendMessage.model_validate(
            {"chat_id": chat_id, "text": text, "link_preview_options": NO_PREVIEW, **(more or {})}
        )
        return int((await self.make_request(bot, method)).message_id)
