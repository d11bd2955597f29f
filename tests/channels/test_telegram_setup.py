"""What Telegram lists as commands is what the dialogs answer, in both languages."""

from collections.abc import Iterator

from aiogram import Router
from aiogram.filters import Command

import handlers
from bot.channels.telegram_menus import STAFF
from bot.channels.telegram_setup import GROUP, PRIVATE
from bot.i18n import _, speaking
from bot.terms import Language


def commands_of(routers: Iterator[Router]) -> set[str]:
    found = set[str]()
    for router in routers:
        for handler in router.message.handlers:
            for one in handler.filters or ():
                if isinstance(one.callback, Command):
                    found |= {str(name) for name in one.callback.commands}
        found |= commands_of(iter(router.sub_routers))
    return found


def test_every_listed_command_is_answered() -> None:
    answered = commands_of(iter(handlers.routers()))
    listed = {name for name, *_words in (*PRIVATE, *GROUP, *STAFF)}
    assert listed - answered == set()


def test_each_command_is_listed_once_with_words_in_both_languages() -> None:
    names = [name for name, *_words in (*PRIVATE, *STAFF)]
    assert {"subscriptions", "approvals", "proof"} <= set(names)
    assert len(names) == len(set(names))
    for words in (words for _name, words, *_roles in (*PRIVATE, *GROUP, *STAFF)):
        said = []
        for language in Language:
            with speaking(language):
                said.append(_(words))
        assert words not in said
        assert all(3 <= len(text) <= 256 for text in said)  # Telegram's limit of a description
