"""What a dialog answers when a press or a message does not belong to the step it stands at."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from aiogram.fsm.context import FSMContext
from aiogram.types import Message, TelegramObject
from aiogram.utils.formatting import Text

from bot.i18n import _
from bot.services.officers import OfficerView
from bot.services.residents import Person
from bot.speech import Reply
from bot.speech.filters import InForm
from bot.speech.signs import Sign
from bot.terms import Messenger


class StrayIn(InForm):
    """Gate of a dialog's last handler: whatever no step took, but a command may be another dialog's."""

    async def __call__(self, event: TelegramObject, raw_state: str | None = None) -> bool:
        is_command = isinstance(event, Message) and (event.text or "").startswith("/")
        return not is_command and await super().__call__(event, raw_state)

    def foresees(self, sign: Sign) -> bool:
        return sign.said != "command" and super().foresees(sign)


def officer_of(person: Person) -> OfficerView:
    """Behind a gate that lets only officers through."""
    if person.officer is None:
        raise TypeError(person)
    return person.officer


def stale(person: Person, question: Reply | None = None) -> Reply:
    """An old button: a word to the presser alone; where there is no such thing, a message that asks again."""
    words = _("This button does not work any more. Press a button under the latest message.")
    if person.messenger is Messenger.TELEGRAM:
        return Reply(alert=words)
    return Reply(words) if question is None else before(words, question)


def before(words: str, question: Reply) -> Reply:
    """A sentence, and the question again under it."""
    return replace(question, text=Text(words, "\n\n", question.text), replaces=False)


async def was_answered(message: Message, state: FSMContext) -> bool:
    """An album is several messages: only the first of them is answered."""
    album = message.media_group_id
    if album is None:
        return False
    if (await state.get_data()).get("album") == album:
        return True
    await state.update_data(album=album)
    return False


async def refused(
    message: Message, state: FSMContext, words: str, question: Callable[[], Awaitable[Reply]]
) -> Reply | None:
    """The wrong kind of message: why, and the question again; once for an album."""
    if await was_answered(message, state):
        return None
    return before(words, await question())
