"""A recall or a correction of what has been sent: edited where Telegram allows it, else taken away."""

from collections.abc import Awaitable, Callable

from aiogram import Bot
from aiogram.types import Message

from bot.channels.base import Outcome, Receipt, Refused
from bot.channels.markup import units
from bot.channels.telegram_markup import CAPTION_LIMIT, NO_PREVIEW
from bot.services.deliveries import Delivery
from bot.speech import Reply

OTHER_KIND = (Refused("no_text"), Refused("no_caption"), Refused("too_long"))
Try = Callable[[Callable[[], Awaitable[Message | bool | int]]], Awaitable[Outcome]]


def is_change_of(delivery: Delivery) -> bool:
    """Somebody may have got the warning on WhatsApp and be on Telegram now: its ids are no numbers."""
    return bool(delivery.message and delivery.message.isdecimal())


async def change(bot: Bot, attempt: Try, delivery: Delivery, reply: Reply) -> Outcome:
    """Refused: nothing was changed, a new message has to say it."""
    chat, number = int(delivery.address), int(delivery.message or 0)
    text, entities = reply.rendered()

    async def words() -> Outcome:
        return await attempt(
            lambda: bot.edit_message_text(
                text=text,
                chat_id=chat,
                message_id=number,
                entities=entities or None,
                link_preview_options=NO_PREVIEW,
            ),
        )

    async def caption() -> Outcome:
        if units(text) > CAPTION_LIMIT:
            return Refused("too_long")
        return await attempt(
            lambda: bot.edit_message_caption(
                chat_id=chat, message_id=number, caption=text, caption_entities=entities or None
            ),
        )

    # The words of a picture that were too long for a caption are a message of their own: the answer tells which.
    first, second = (caption, words) if delivery.media is not None else (words, caption)
    outcome = await first()
    if outcome in OTHER_KIND:
        outcome = await second()
    if outcome == Refused("not_modified"):
        return Receipt(delivery.message or "")
    if isinstance(outcome, Refused) and delivery.warning is not None and delivery.warning.is_recalled:
        gone = await attempt(lambda: bot.delete_message(chat_id=chat, message_id=number))
        return Receipt(delivery.message or "") if isinstance(gone, Receipt) else outcome
    return Receipt(delivery.message or "") if isinstance(outcome, Receipt) else outcome
