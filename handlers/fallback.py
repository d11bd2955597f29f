"""Whatever nobody understood: a clear sentence, and the dialog stays where it was. Asked last."""

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.errors import N_
from bot.i18n import _
from bot.services.residents import Person
from bot.services.talks import TalkView
from bot.speech import Choice, Reply, both, choose, column
from bot.speech.calls import Open
from bot.speech.filters import Pressed
from bot.speech.presses import stale


def router() -> Router:
    router = Router(name="fallback")
    router.message.register(not_understood)
    router.callback_query.register(stale_button)
    return router


def wrong_numbers() -> Router:
    """A number that the menu does not have: asked before any dialog takes it for a word."""
    router = Router(name="wrong_numbers")
    router.callback_query.register(wrong_number, Pressed("number"))
    return router


async def wrong_number(_query: CallbackQuery, person: Person, talk: TalkView) -> Reply:
    """The menu again, with the numbers it has."""
    msgid = N_("There is no such number in the list. Write a number from the list.")
    labels: dict[str, list[str]] = {}
    for label, value in filter(all, talk.menu):
        labels.setdefault(value, []).append(label)
    choices = [Choice(names[0], value, also=names[-1]) for value, names in labels.items()]
    if person.language is None:
        return Reply(both(msgid), column(*choices), is_bilingual=True)
    return Reply(_(msgid), column(*choices))


async def not_understood(message: Message) -> Reply | None:
    if message.pinned_message or message.new_chat_members or message.left_chat_member:
        return None
    if message.text:
        text = _("Sorry, we could not understand you. Write it another way or write “Menu”.")
    else:
        text = _(
            "This kind of message cannot be accepted. Send text, a photo, video, a voice message, a document or a"
            " location."
        )
    return Reply(text, [[choose("Menu", Open(what="menu"))]], open=True)


async def stale_button(_query: CallbackQuery, person: Person) -> Reply:
    return stale(person)
