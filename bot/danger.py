"""Words of present danger and of money just gone, looked for before any dialog hears a message.

A hit shows numbers at once; a person decides the rest. The words are those of danger.toml.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from bot.data import load
from bot.patterns import REMEMBERED_TEXTS, Lexicon, Said, Table

NOW_WITHIN = 12  # tokens between a danger and "now"
GOING_WITHIN = 3  # tokens after a danger where "жатыр" still speaks about it
CALM_WITHIN = 10  # tokens between a danger and "yesterday", "in a film", "how to report"
LEVELS = ("always", "alone", "with_now")


@dataclass(frozen=True, slots=True)
class Danger:
    """What was found: the group of danger.toml and the words of the message that say so."""

    group: str
    words: tuple[str, ...]


@lru_cache(maxsize=REMEMBERED_TEXTS)
def danger_in(text: str) -> Danger | None:
    """The gravest present danger the text speaks of, if any: something going on now, or that never waits."""
    return next(dangers_in(text), None)


def dangers_in(text: str) -> Iterator[Danger]:
    """Every present danger, the gravest first; a group as often as its phrases are met."""
    book = _book()
    said = Said(text, book.lexicon)
    if next(book.dangers.possible(said.filled), None) is None:
        return  # what nearly everybody writes ends here
    said.forget(book.harmless)
    calm, now = said.places(book.calm), said.places(book.now)
    going, urge = said.places(book.going), said.places(book.urge)
    for (group, level), pattern in book.dangers.possible(said.filled):
        for first, last, places in said.hits(pattern):
            is_calm = _near(calm, first, last, CALM_WITHIN)
            is_now = _near(now, first, last, NOW_WITHIN) or any(first <= p <= last + GOING_WITHIN for p in going)
            is_urged = not is_calm and _near(urge, first, last, NOW_WITHIN)
            alarms = {"always": True, "alone": is_now or not is_calm, "with_now": is_now or is_urged}
            if alarms[level]:
                yield Danger(group, tuple(said.words[place] for place in places))


def money_gone_in(text: str) -> bool:
    """Whether the sender tells that money or a code has gone to a fraudster, not only that one asked for it."""
    book = _book()
    said = Said(text, book.lexicon)
    if next(book.money_gone.possible(said.filled), None) is None:
        return False
    said.forget(book.money_kept)
    long_ago = said.places(book.long_ago)
    return any(
        not _near(long_ago, first, last, CALM_WITHIN)
        for _, pattern in book.money_gone.possible(said.filled)
        for first, last, _places in said.hits(pattern)
    )


def is_now(text: str) -> bool:
    """Whether it says that something is going on at this moment."""
    book = _book()
    said = Said(text, book.lexicon)
    return bool(said.places(book.now))


def _near(places: list[int], first: int, last: int, within: int) -> bool:
    return any(first - within <= place <= last + within for place in places)


@dataclass(frozen=True, slots=True)
class _Book:
    """danger.toml, read once."""

    lexicon: Lexicon
    dangers: Table[tuple[str, str]]
    now: Table[None]
    going: Table[None]
    urge: Table[None]
    calm: Table[None]
    harmless: Table[None]
    money_gone: Table[None]
    money_kept: Table[None]
    long_ago: Table[None]


@cache
def _book() -> _Book:
    data = load("danger")
    lexicon = Lexicon("danger.toml", data["sets"])
    when, money = data["when"], data["money"]
    dangers = [
        ((group["code"], level), line) for group in data["group"] for level in LEVELS for line in group.get(level, [])
    ]
    return _Book(
        lexicon=lexicon,
        dangers=lexicon.table(dangers),
        now=lexicon.plain_table(when["now"]),
        going=lexicon.plain_table(when["going"]),
        urge=lexicon.plain_table(when["urge"]),
        calm=lexicon.plain_table(when["calm"]),
        harmless=lexicon.plain_table(data["harmless"]["phrases"]),
        money_gone=lexicon.plain_table(money["gone"]),
        money_kept=lexicon.plain_table(money["kept"]),
        long_ago=lexicon.plain_table(money["long_ago"]),
    )
