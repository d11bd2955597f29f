"""A card is fetched before the turn, only where it is asked for, never beyond its size, and kept nowhere."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from aiogram.types import Update

from bot.channels.base import Fetched, FetchFailed, TooLarge
from bot.intake import ContactCards, contacts
from bot.services.media import MediaView
from bot.services.register import LARGEST_CARD, Card
from bot.services.talks import TalkView, talk_key
from bot.services.unit import Units
from bot.speech.forms import RegisterForm, TipForm
from bot.store.media import Media
from bot.terms import Messenger
from tests.services import cast

CARD = "BEGIN:VCARD\r\nFN:Ерлан\r\nTEL:+7 700 000 01 04\r\nEND:VCARD\r\n".encode()
ADDRESS = "+77015550101"


class Channel:
    messenger = Messenger.WHATSAPP

    def __init__(self, *chunks: bytes, error: Exception | None = None) -> None:
        self.chunks, self.error = chunks, error
        self.asked: list[MediaView] = []
        self.read = 0

    async def fetch(self, media: MediaView) -> Fetched:
        self.asked.append(media)
        if self.error:
            raise self.error
        return Fetched(self._stream(), media.mime)

    async def _stream(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            self.read += len(chunk)
            yield chunk


def update(mime: str = "text/vcard", size: int | None = None, chat: str = "private") -> Update:
    document = {"file_id": "https://api.twilio.com/card", "file_unique_id": "u", "mime_type": mime, "file_size": size}
    message = {
        "message_id": 1, "date": 0, "chat": {"id": 7, "type": chat, "title": "Аула"},
        "from": {"id": 7, "is_bot": False, "first_name": "Сана"}, "document": document,
    }  # fmt: skip
    return Update.model_validate({"update_id": 1, "message": message})


async def at_step(units: Units, state: str | None) -> None:
    async with units() as unit:
        await unit.talks.write(talk_key(Messenger.WHATSAPP, ADDRESS, ADDRESS), TalkView(state))


async def seen(units: Units, channel: Any, event: Update) -> dict[str, Any]:
    """What a handler behind finds; the unit is not open while the card is fetched."""
    data = {"channel": channel, "address": ADDRESS}
    found: dict[str, Any] = {}

    async def handler(_event: Any, given: dict[str, Any]) -> None:
        found.update(given)

    await ContactCards(units)(handler, event, data)
    return found


ASKING = RegisterForm.asking.state


@pytest.mark.parametrize("mime", ["text/vcard", "text/x-vcard"])
async def test_a_card_is_read_where_a_number_is_asked_for(units: Units, mime: str) -> None:
    await at_step(units, ASKING)
    channel = Channel(CARD[:9], CARD[9:])
    found = await seen(units, channel, update(mime))
    assert found["contact_card"] == Card(("+7 700 000 01 04",), "Ерлан")
    assert await cast.rows(units, Media) == []


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (None, update()), (TipForm.story.state, update()), (ASKING, update("application/pdf")),
        (ASKING, update(chat="supergroup")),
    ],
)  # fmt: skip
async def test_elsewhere_nothing_is_fetched(units: Units, state: str | None, event: Update) -> None:
    await at_step(units, state)
    channel = Channel(CARD)
    assert "contact_card" not in await seen(units, channel, event)
    assert channel.asked == []


@pytest.mark.parametrize(
    "channel",
    [
        Channel(error=FetchFailed("gone", is_final=True)), Channel(error=TooLarge()), Channel(error=OSError()),
        Channel(b"%PDF-1.4"), Channel(),
    ],
)  # fmt: skip
async def test_a_card_that_cannot_be_read_is_told_as_such(units: Units, channel: Channel) -> None:
    await at_step(units, ASKING)
    found = await seen(units, channel, update())
    assert (found["contact_card"], len(channel.asked)) == (None, 1)


async def test_no_more_is_read_than_a_card_may_have(units: Units) -> None:
    await at_step(units, ASKING)
    piece = CARD + b"X" * (64 * 1024 - len(CARD))
    channel = Channel(*([piece] * 16))  # a megabyte
    assert (await seen(units, channel, update()))["contact_card"] is None
    assert LARGEST_CARD < channel.read <= LARGEST_CARD + len(piece)
    announced = Channel(CARD)
    assert (await seen(units, announced, update(size=1024 * 1024)))["contact_card"] is None
    assert announced.asked == []


async def test_a_server_that_says_nothing_is_not_waited_for(units: Units, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contacts, "FETCH_SECONDS", 0.01)
    await at_step(units, ASKING)

    async def silent(_media: MediaView) -> Fetched:
        await asyncio.get_running_loop().create_future()
        raise AssertionError

    channel = SimpleNamespace(messenger=Messenger.WHATSAPP, fetch=silent)
    assert (await seen(units, channel, update()))["contact_card"] is None


async def test_no_unit_is_open_while_it_is_fetched(units: Units) -> None:
    """Another writer, and another reader, go on meanwhile."""
    await at_step(units, ASKING)

    async def fetch(media: MediaView) -> Fetched:
        async with units() as unit:
            await cast.newcomer(unit)
        return await Channel(CARD).fetch(media)

    channel = SimpleNamespace(messenger=Messenger.WHATSAPP, fetch=fetch)
    assert (await seen(units, channel, update()))["contact_card"] is not None
