"""Words people type instead of pressing a button."""

import pytest

from bot.data import load
from bot.i18n import _, speaking
from bot.speech.typed import LONGEST, everywhere, key_of, meaning_of
from bot.terms import Language

BUTTONS = {
    "cancel": "Cancel", "skip": "Skip", "back": "Back", "done": "Done", "send": "Send", "menu": "Menu",
    "calm": "There is no danger, go on", "go_on": "Yes, go on", "agree": "I agree", "disagree": "I do not agree",
}  # fmt: skip


@pytest.mark.parametrize(("meaning", "msgid"), BUTTONS.items())
@pytest.mark.parametrize("language", Language)
def test_every_meaning_has_the_words_of_its_button(meaning: str, msgid: str, language: Language) -> None:
    """Were the catalog's word changed, the others would find no button any more."""
    with speaking(language):
        assert meaning_of(key_of(_(msgid))) == meaning
    assert set(load("typed")["button"]) == set(BUTTONS)


def test_a_word_means_one_thing() -> None:
    lists = load("typed")["button"]
    keys = [key_of(word) for words in lists.values() for word in dict.fromkeys(words)]
    assert len(keys) == len(set(keys))
    assert all(len(word) <= LONGEST for words in lists.values() for word in words)


@pytest.mark.parametrize("meaning", load("typed")["everywhere"])
def test_what_is_understood_everywhere_means_the_button_too(meaning: str) -> None:
    known = {key_of(word) for word in everywhere(meaning)}
    assert {key for key in known if meaning_of(key) == meaning}
    for language in Language:
        with speaking(language):
            assert key_of(_(BUTTONS[meaning])) in known


@pytest.mark.parametrize("said", ["", "   ", "👍", "...", "я" * 5000])
def test_what_is_no_word_means_nothing(said: str) -> None:
    assert (key_of(said), meaning_of(key_of(said))) == ("", "")
