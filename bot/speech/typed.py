"""Words typed instead of a button: which choice they mean, and which are understood in every dialog (typed.toml)."""

from functools import cache

from bot.data import load
from bot.patterns import spell

LONGEST = 60  # characters: no button is longer, and a story is no button


def key_of(words: str) -> str:
    """One spelling for capitals, quotes, Kazakh without its letters and Latin letters; empty for what is no word."""
    return " ".join(key for key in spell(words)[1] if key != ".") if len(words) <= LONGEST else ""


def meaning_of(key: str) -> str:
    """Of the word with this key on a button, whichever word for it somebody has typed. Empty: it has no other."""
    return _buttons().get(key, "")


def everywhere(meaning: str) -> tuple[str, ...]:
    """Words that mean this whatever is asked."""
    return tuple(load("typed")["everywhere"][meaning])


def words_for(meaning: str) -> tuple[str, ...]:
    """Of a button with this meaning: its own in both languages, and the others for it."""
    return tuple(load("typed")["button"][meaning])


@cache
def _buttons() -> dict[str, str]:
    return {key_of(word): meaning for meaning, words in load("typed")["button"].items() for word in words}
