"""Contact cards that come as files, read where a dialog asks whose number it is: before the turn, and kept nowhere."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiogram import BaseMiddleware
from aiogram.types import Document, TelegramObject, Update

from bot.channels.base import Channel, FetchFailed, TooLarge
from bot.files import gathered
from bot.services.media import MediaView
from bot.services.register import LARGEST_CARD, Card, is_card, read_card
from bot.services.talks import talk_key
from bot.services.unit import Units
from bot.speech.forms import RegisterForm
from bot.terms import PartKind
from bot.turn import place_of

log = structlog.get_logger(__name__)

FETCH_SECONDS = 8.0  # a person waits for the answer

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class ContactCards(BaseMiddleware):
    """A handler finds the card as `contact_card`, and None where it could not be read."""

    def __init__(self, units: Units) -> None:
        self._units = units

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        file = _card_of(event)
        if file is not None and await self._is_asked(event, data):
            data["contact_card"] = await _read(data["channel"], file)
        return await handler(event, data)

    async def _is_asked(self, event: TelegramObject, data: dict[str, Any]) -> bool:
        """A card in a story is a file like any other."""
        place, person = place_of(event, data.get("address"))
        if place.is_group:
            return False
        async with self._units.reading() as unit:
            talk = await unit.talks.read(talk_key(data["channel"].messenger, place.address, person))
        return talk.state == RegisterForm.asking.state


def _card_of(event: TelegramObject) -> Document | None:
    message = event.message if isinstance(event, Update) else None
    document = message.document if message is not None else None
    return document if document is not None and is_card(document.mime_type) else None


async def _read(channel: Channel, file: Document) -> Card | None:
    if (file.file_size or 0) > LARGEST_CARD:
        return None
    mime = file.mime_type or ""
    media = MediaView(
        0, channel.messenger, PartKind.DOCUMENT, file.file_id, mime, file.file_size, "wanted", None, 0
    )  # fmt: skip
    try:
        async with asyncio.timeout(FETCH_SECONDS):
            fetched = await channel.fetch(media)
            content = await gathered(fetched.chunks, LARGEST_CARD)
    except (TooLarge, FetchFailed, TimeoutError):
        return None
    except Exception as error:  # noqa: BLE001 - a dropped connection: the person is asked for the number instead
        log.warning("contacts.not_fetched", error=type(error).__name__)
        return None
    return await asyncio.to_thread(read_card, content)
