"""A reply's buttons as Telegram's keyboards, and what goes with its words."""

from aiogram.types import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    LinkPreviewOptions,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)

from bot.channels.base import Place
from bot.i18n import _
from bot.speech import Reply

CAPTION_LIMIT = 1024  # UTF-16 units (Bot API)
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)  # a preview of a fraudster's page helps the fraudster
Markup = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove | None


def answering(place: Place) -> ReplyParameters | None:
    if not place.reply_to:
        return None
    return ReplyParameters(message_id=int(place.reply_to), allow_sending_without_reply=True)


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
