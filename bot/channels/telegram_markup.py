"""A reply's buttons as Telegram's keyboards, and what goes with its words."""

from typing import Any

from aiogram.types import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    LinkPreviewOptions,
    MessageEntity,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from bot.channels.base import Place
from bot.i18n import _
from bot.speech import Reply

CAPTION_LIMIT = 1024  # UTF-16 units (Bot API)
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)  # a preview of a fraudster's page helps the fraudster
Markup = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove | None


def beside_words(entities: list[MessageEntity], markup: Markup, place: Place) -> dict[str, Any] | None:
    """What goes with a message's words, as JSON values; None when that is nothing."""
    more: dict[str, Any] = {}
    if entities:
        more["entities"] = [entity.model_dump(mode="json", exclude_none=True) for entity in entities]
    if markup is not None:
        more["reply_markup"] = markup.model_dump(mode="json", exclude_none=True)
    if place.reply_to:
        more["reply_parameters"] = {"message_id": int(place.reply_to), "allow_sending_without_reply": True}
    return more or None


def inline(reply: Reply) -> InlineKeyboardMarkup | None:
    keyboard = [
        [
            InlineKeyboardButton(text=choice.label, url=choice.url)
            if choice.url
            else InlineKeyboardButton(text=choice.label, callback_data=choice.value)
            for choice in row
        ]
        for row in reply.choices
    ]
    return InlineKeyboardMarkup(inline_keyboard=keyboard) if keyboard else None


def markup_of(reply: Reply) -> Markup:
    if not reply.asks:
        return inline(reply) or (ReplyKeyboardRemove() if reply.frees_keys else None)
    first = (
        KeyboardButton(text="📍 " + _("It is here, where I am now"), request_location=True)
        if reply.asks == "location"
        else KeyboardButton(text="☎️ " + _("Send my number"), request_contact=True)
    )
    keyboard = [[first], *([KeyboardButton(text=choice.label) for choice in row] for row in reply.choices)]
    return ReplyKeyboardMarkup(keyboard=keyboard, resize_keyboard=True, one_time_keyboard=True)
