"""What is told before the consent: nothing of it is kept, help is said at once, the words are asked for later."""

from aiogram.fsm.context import FSMContext
from aiogram.types import Message

from bot.danger import money_gone_in
from bot.i18n import _
from bot.speech import Reply, both
from bot.speech.money import BANK_FIRST
from bot.speech.presses import before

STORY_WORDS = 3  # fewer are a greeting


async def heard_early(message: Message, state: FSMContext, question: Reply, *, in_both: bool) -> Reply:
    """The missing question; where money has just gone under what must be done first."""
    words = message.text or message.caption or ""
    if len(words.split()) >= STORY_WORDS and not words.startswith("/"):
        await state.update_data(then="tip", was_told=True)
    if money_gone_in(words):
        return before(both(BANK_FIRST) if in_both else _(BANK_FIRST), question)
    return question
