"""Telegram's keys of a step that is over go with the next message that can take them away."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from aiogram.types import InlineKeyboardMarkup, ReplyKeyboardRemove
from aiogram.utils.formatting import Text

from bot.channels.telegram_markup import markup_of
from bot.i18n import _, speaking
from bot.services.talks import NEXT_MENU, TalkView
from bot.speech import Choice, Reply
from bot.terms import Language, Messenger
from bot.turn import _without_keys
from tests.conversations import in_both_languages
from tests.conversations.journeys import resident, state_of, tells
from tests.stage import Person, Stage

CHOICES = [[Choice("Иә", "yes")]]
BEFORE = TalkView("TipForm:place", {}, [("Skip", "rep:skip")], True)


def freed(reply: Reply, messenger: Messenger = Messenger.TELEGRAM, **talk: Any) -> tuple[Reply, TalkView]:
    after = replace(BEFORE, **({"state": "TipForm:identity", "menu": list(BEFORE.menu)} | talk))
    channel: Any = SimpleNamespace(messenger=messenger)
    return _without_keys(reply, after, BEFORE, channel), after


TELEGRAM: Any = SimpleNamespace(messenger=Messenger.TELEGRAM)


def test_words_alone_take_the_keys_away() -> None:
    reply, talk = freed(Reply("Сақталды."))
    assert isinstance(markup_of(reply), ReplyKeyboardRemove)
    assert talk.menu == [*BEFORE.menu, NEXT_MENU]
    again = _without_keys(reply, replace(talk, state=None), talk, TELEGRAM)
    assert again is reply  # once is enough


def test_the_first_paragraph_goes_before_the_buttons() -> None:
    first, _after = freed(Reply("Сақталды.\n\nЕскерту жіберейік пе?\n\nАптасына бірнешеуі.", CHOICES, open=True))
    assert (first.text, isinstance(markup_of(first), ReplyKeyboardRemove)) == ("Сақталды.", True)
    second = first.then
    assert second is not None
    assert (second.text, second.open) == ("Ескерту жіберейік пе?\n\nАптасына бірнешеуі.", True)
    assert isinstance(markup_of(second), InlineKeyboardMarkup)


@pytest.mark.parametrize(
    "reply",
    [
        Reply("Бір сөйлем.", CHOICES), Reply("Сурет\n\nастында", CHOICES, media_id=7), Reply("А\n\nБ", CHOICES, tag="danger"),
        Reply("Қайда?\n\nЖазыңыз.", CHOICES, asks="location"), Reply(Text("А\n\nБ"), CHOICES), Reply(alert="Ескі түйме"),
    ],
)  # fmt: skip
def test_what_cannot_leaves_them(reply: Reply) -> None:
    same, talk = freed(reply)
    assert same == reply
    assert talk.menu == BEFORE.menu


def test_nothing_is_taken_where_no_keys_are() -> None:
    reply = Reply("А\n\nБ", CHOICES)
    assert freed(reply, Messenger.WHATSAPP)[0] == reply
    assert freed(reply, state=BEFORE.state)[0] == reply
    talk = replace(BEFORE, state=None)
    assert _without_keys(reply, talk, replace(BEFORE, menu=[]), TELEGRAM) == reply


def keys_of(person: Person) -> Any:
    return person.stage.stand.world.chat(person.id).keyboard


@pytest.mark.asyncio(loop_scope="session")
@in_both_languages
async def test_after_the_place_the_keys_are_gone(stage: Stage, language: str) -> None:
    someone = await resident(stage, "telegram", language)
    await tells(someone)
    assert keys_of(someone)["keyboard"]
    await someone.says("Абай көшесі, 12")
    assert keys_of(someone) is None
    assert await state_of(someone) == "TipForm:identity"
    with speaking(Language(language)):
        place, asked = _("Place of the event"), _("How shall we send the tip: with your name or without it?")
    first, second = (message["text"] for message in someone.fresh)
    assert first == f"{place}: Абай көшесі, 12"
    assert second.startswith(f"{asked}\n\n"), "the question is whole, and its buttons are under it"
    await someone.picks("Send without my name")
    assert await state_of(someone) == "TipForm:check"
