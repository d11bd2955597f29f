"""A recall or a correction: edited where Telegram allows it, else taken away or answered."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from aiogram.methods import DeleteMessage, EditMessageCaption, EditMessageText, SendMessage

from bot.channels.base import Blocked, Outcome, Receipt, SlowDown
from bot.channels.telegram import TelegramChannel
from bot.i18n import Bilingual
from bot.services.deliveries import Delivery
from bot.services.media import MediaView
from bot.services.warnings import WarningView
from bot.speech import Reply
from bot.terms import EndpointState, Lane, Language, Messenger, NoticeKind, PartKind, WarningState
from tests.channels.test_telegram import CHAT, bad, calls, channel, refuse

__all__ = ["channel"]

WARNING = WarningView(
    id=1, code="K7MXQ2", author_id=1, text=Bilingual("Есікті ашпаңыз", "Не открывайте дверь"), scheme=None,
    media_id=None, is_urgent=False, state=WarningState.DONE, due_at=None, change=1,
    created_at=datetime(2026, 9, 1, tzinfo=UTC),
)  # fmt: skip
RECALLED = replace(WARNING, is_recalled=True)
PICTURE = MediaView(5, Messenger.TELEGRAM, PartKind.PHOTO, "f", "image/jpeg", 10, "stored", None, 0)
GONE = "Bad Request: message to edit not found"
OLD = "Bad Request: message can't be edited"
WORDS = Reply("Исправлено: держите дверь закрытой")


def notice(**more: Any) -> Delivery:
    base: dict[str, Any] = {
        "id": 7, "fence": 1, "kind": NoticeKind.WARNING_CHANGE, "lane": Lane.CAMPAIGN, "talk": 1, "attempts": 0,
        "doubt": "", "messenger": Messenger.TELEGRAM, "address": CHAT, "is_group": False, "language": Language.RU,
        "endpoint_id": 1, "resident_id": 1, "message": "77", "warning": WARNING,
    }  # fmt: skip
    return Delivery(**(base | more))


@pytest.mark.parametrize(
    ("more", "refusals", "said", "outcome"),
    [
        ({}, [], [EditMessageText], Receipt("77")),
        ({}, ["Bad Request: message is not modified"], [EditMessageText], Receipt("77")),
        ({}, [OLD], [EditMessageText, SendMessage], Receipt("502")),
        ({}, [GONE], [EditMessageText, SendMessage], Receipt("502")),
        ({"warning": RECALLED}, [OLD], [EditMessageText, DeleteMessage], Receipt("77")),
        (
            {"warning": RECALLED},
            [OLD, "Bad Request: message can't be deleted for everyone"],
            [EditMessageText, DeleteMessage, SendMessage],
            Receipt("503"),
        ),
        ({"media": PICTURE}, [], [EditMessageCaption], Receipt("77")),
        (
            {"media": PICTURE},
            ["Bad Request: there is no caption in the message to edit"],
            [EditMessageCaption, EditMessageText],
            Receipt("77"),
        ),
        (
            {},
            ["Bad Request: there is no text in the message to edit"],
            [EditMessageText, EditMessageCaption],
            Receipt("77"),
        ),
        ({"message": None}, [], [SendMessage], Receipt("501")),
        ({"message": "SM0123"}, [], [SendMessage], Receipt("501")),  # got it on WhatsApp, is on Telegram now
    ],
)
async def test_how_a_change_is_told(
    channel: TelegramChannel,
    more: dict[str, Any],
    refusals: list[str],
    said: list[type],
    outcome: Outcome,
) -> None:
    refuse(channel, *(bad(text) for text in refusals))
    assert await channel.send(notice(**more), WORDS) == outcome
    assert [type(call) for call in calls(channel)] == said
    assert all(WORDS.text in (getattr(call, "text", None) or call.caption) for call in calls(channel)
               if not isinstance(call, DeleteMessage))  # fmt: skip


async def test_a_new_message_answers_the_one_that_could_not_be_edited(channel: TelegramChannel) -> None:
    refuse(channel, bad(OLD))
    await channel.send(notice(), WORDS)
    (answer,) = calls(channel)[1:]
    assert answer.reply_parameters.message_id == 77
    assert answer.reply_parameters.allow_sending_without_reply


async def test_a_correction_too_long_for_a_caption_is_said_anew(channel: TelegramChannel) -> None:
    refuse(channel, bad("Bad Request: there is no text in the message to edit"))
    await channel.send(notice(media=PICTURE), Reply("ә" * 1025))
    assert [type(call) for call in calls(channel)] == [EditMessageText, SendMessage]


async def test_who_cannot_be_reached_is_not_written_to(channel: TelegramChannel) -> None:
    from aiogram.exceptions import TelegramForbiddenError, TelegramRetryAfter

    method = SendMessage(chat_id=1, text="x")
    refuse(channel, TelegramForbiddenError(method=method, message="Forbidden: bot was blocked by the user"))
    assert await channel.send(notice(), WORDS) == Blocked(EndpointState.BLOCKED, "blocked")
    refuse(channel, TelegramRetryAfter(method=method, message="Flood", retry_after=3))
    assert await channel.send(notice(warning=RECALLED), WORDS) == SlowDown(3.0)
    assert [type(call) for call in calls(channel)] == [EditMessageText, EditMessageText]
