"""What Telegram lists as commands is what the dialogs answer, in both languages."""

from collections.abc import Iterator

from aiogram import Router
from aiogram.filters import Command

import handlers
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
    assert {name for name, _words in (*PRIVATE, *GROUP)} - answered == set()


def test_warnings_and_approvals_are_listed_and_each_has_words_in_both_languages() -> None:
    names = [name for name, _words in PRIVATE]
    assert {"subscriptions", "approvals", "proof"} <= set(names)
    assert len(names) == len(set(names))
    for _name, words in (*PRIVATE, *GROUP):
        said = []
        for language in Language:
            with speaking(language):
                said.append(_(words))
        assert words not in said
        assert all(3 <= len(text) <= 256 for text in said)  # Telegram's limit of a description
