"""Words of present danger and of money just gone, looked for before any dialog hears a message.

One spelling for all: Kazakh with or without its own letters, Russian, Latin transliteration and common slips are
folded to one key, and so are the patterns of danger.toml. A hit shows numbers at once; a person decides the rest.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias

from bot.data import load

LONGEST = 4000  # characters read: a longer text says what it says at its beginning
NEAR = 6  # tokens that may lie between the parts of "a & b"
GAP = 3  # tokens that ".." may skip inside a sentence
NOW_WITHIN = 12  # tokens between a danger and "now"
GOING_WITHIN = 3  # tokens after a danger where "жатыр" still speaks about it
CALM_WITHIN = 10  # tokens between a danger and "yesterday", "in a film", "how to report"
SLIP_FROM = 6  # letters a word needs before one slip in it is forgiven

_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]")
_MARKED = str.maketrans({"ş": "sh", "ç": "ch", "ý": "u", "ı": "i", "ə": "ә"})
_SPACED_OUT = re.compile(r"(?<!\w)(?:[^\W\d_] ){3,}[^\W\d_](?!\w)")
_HOUSE_NUMBER = re.compile(r"(?<!\w)(?!4[a-z])(\d+)(?=[^\W\d_])")
_TWO_SCRIPTS = re.compile(r"\b(?=\w*[\u0400-\u04ff])(?=\w*[a-z0-9])\w+")
_LATIN = re.compile(r"[a-z]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_TO_CYRILLIC = str.maketrans("abcehikmoptxy01346", "авсенікмортхуоізчб")
_TO_LATIN = str.maketrans("авсенікмортху", "abcehikmoptxy")
_APOSTROPHE = re.compile(r"(?<=\w)['`’ʼ](?=\w)")
_STOP = re.compile(r"[.!?…\n]+")
_APART = re.compile(r"[^\w.]+|_")
_SOFT_SIGN = re.compile(r"[ьъ](?=[аеиоуюяэaeiouy])")
_DIGRAPHS = {"shch": "š", "sch": "š", "sh": "š", "ch": "č", "zh": "j", "kh": "h", "yo": "ie", "c": "s"}
_KEYS = str.maketrans(
    dict(zip("абвгдежзиклмнопрстуфхшщыэәғқңөұүһі", "abvgdejziklmnoprstufhššieagknouuhi", strict=True))
    | {"ц": "ts", "ч": "č", "ю": "iu", "я": "ia", "ь": "", "ъ": "", "4": "č"}
    | {"y": "i", "w": "u", "q": "k", "x": "h"}
)
_DOUBLED = re.compile(r"([^\W\d])\1+")
_SWAPS = {"a": "o", "o": "a", "e": "i", "i": "eu", "u": "i"}


@dataclass(frozen=True, slots=True)
class Danger:
    """What was found: the group of danger.toml and the words of the message that say so."""

    group: str
    words: tuple[str, ...]


def danger_in(text: str) -> Danger | None:
    """The gravest present danger the text speaks of, if any: something going on now, or that never waits."""
    book, said = _book(), _Said(text, _book().lexicon)
    said.forget(book.harmless)
    calm, now = said.places(book.calm), said.places(book.now)
    going, urge = said.places(book.going), said.places(book.urge)
    for group, level, pattern in book.dangers:
        if not pattern.slots <= said.filled.keys():
            continue
        for first, last, places in said.hits(pattern):
            is_calm = _near(calm, first, last, CALM_WITHIN)
            is_now = _near(now, first, last, NOW_WITHIN) or any(first <= p <= last + GOING_WITHIN for p in going)
            is_urged = not is_calm and _near(urge, first, last, NOW_WITHIN)
            alarms = {"always": True, "alone": is_now or not is_calm, "with_now": is_now or is_urged}
            if alarms[level]:
                return Danger(group, tuple(said.words[place] for place in places))
    return None


def money_gone_in(text: str) -> bool:
    """Whether the sender tells that money or a code has gone to a fraudster, not only that one asked for it."""
    book, said = _book(), _Said(text, _book().lexicon)
    said.forget(book.money_kept)
    long_ago = said.places(book.long_ago)
    return any(
        not _near(long_ago, first, last, CALM_WITHIN)
        for pattern in book.money_gone
        for first, last, _ in said.hits(pattern)
    )


def _near(places: list[int], first: int, last: int, within: int) -> bool:
    return any(first - within <= place <= last + within for place in places)


def _gap(some: tuple[int, ...], others: tuple[int, ...]) -> int:
    """Tokens between two matches; a word cannot play both parts."""
    if set(some) & set(others):
        return NEAR + 1
    return max(others[0] - some[-1], some[0] - others[-1]) - 1


def _plain(text: str) -> str:
    """The same words without tricks of type, capitals, marks over letters, look-alikes and punctuation."""
    text = _INVISIBLE.sub("", text[:LONGEST]).casefold().translate(_MARKED)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).casefold()
    text = _SPACED_OUT.sub(lambda found: found[0].replace(" ", ""), text)
    text = _HOUSE_NUMBER.sub(r"\1 ", text)
    text = _TWO_SCRIPTS.sub(_one_script, text)
    text = _APOSTROPHE.sub("ь", text)
    return _APART.sub(" ", _STOP.sub(" . ", text)).strip()


def _one_script(found: re.Match[str]) -> str:
    """`кaспи` and `прuвет` heal by the script most of the word is written in; clean words never come here."""
    word = found[0]
    is_latin = len(_LATIN.findall(word)) > len(_CYRILLIC.findall(word))
    return word.translate(_TO_LATIN if is_latin else _TO_CYRILLIC)


def _key(plain: str) -> str:
    """One Latin spelling of Cyrillic, Kazakh and transliterated words; as many words come out as went in."""
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    for pair, letter in _DIGRAPHS.items():
        plain = plain.replace(pair, letter)
    return _DOUBLED.sub(r"\1", _SOFT_SIGN.sub("i", plain).translate(_KEYS))


@dataclass(slots=True)
class _Lexicon:
    """Which slots of the patterns a word may fill. Words of the patterns end with * when any ending may follow."""

    whole: dict[str, set[int]] = field(default_factory=dict)
    stems: dict[str, set[int]] = field(default_factory=dict)
    slots: dict[str, int] = field(default_factory=dict)
    shortest: int = 2
    longest: int = 0

    def slot(self, alternatives: str) -> int:
        if alternatives not in self.slots:
            number = self.slots[alternatives] = len(self.slots)
            for word in alternatives.split("|"):
                self._learn(word, number)
        return self.slots[alternatives]

    def _learn(self, word: str, slot: int) -> None:
        key = _key(_plain(word.removesuffix("*")))
        if not key.isalnum():
            raise ValueError(f"danger.toml: {word!r} is not one word")
        is_stem = word.endswith("*")
        for form in (key, *(_slips(key, is_stem) if len(key) >= SLIP_FROM else ())):
            (self.stems if is_stem else self.whole).setdefault(form, set()).add(slot)
        if is_stem:
            self.longest = max(self.longest, len(key))

    def slots_of(self, key: str) -> set[int]:
        slots = set(self.whole.get(key, ()))
        for length in range(self.shortest, min(len(key), self.longest) + 1):
            slots.update(self.stems.get(key[:length], ()))
        return slots


def _slips(key: str, is_stem: bool) -> Iterator[str]:
    """The usual slips of a hurried hand: a letter left out, two exchanged, an unstressed vowel by ear."""
    for i in range(1, len(key)):
        if i < len(key) - 1:
            yield key[:i] + key[i + 1 :]
            yield key[:i] + key[i + 1] + key[i] + key[i + 2 :]
        if key[i] in _SWAPS and (is_stem or i < len(key) - 1):  # the last letter of a word is grammar, not a slip
            yield from (key[:i] + vowel + key[i + 1 :] for vowel in _SWAPS[key[i]])


_Chain: TypeAlias = tuple[tuple[int, int], ...]  # slots in order, each with the tokens that may be skipped before it


@dataclass(frozen=True, slots=True)
class _Pattern:
    """Chains of slots ("a b", "a .. b") that must lie near each other in any order ("a & b")."""

    chains: tuple[_Chain, ...]
    slots: frozenset[int]

    @classmethod
    def read(cls, line: str, sets: dict[str, str], lexicon: _Lexicon) -> "_Pattern":
        chains = []
        for part in line.split(" & "):
            chain, skip = [], 0
            for word in part.split():
                if word == "..":
                    skip = GAP
                    continue
                alternatives = "|".join(sets[a[1:]] if a.startswith("@") else a for a in word.split("|"))
                chain.append((lexicon.slot(alternatives), skip))
                skip = 0
            chains.append(tuple(chain))
        return cls(tuple(chains), frozenset(slot for chain in chains for slot, _ in chain))


@dataclass(frozen=True, slots=True)
class _Book:
    """danger.toml, read once."""

    lexicon: _Lexicon
    dangers: list[tuple[str, str, _Pattern]]
    now: list[_Pattern]
    going: list[_Pattern]
    urge: list[_Pattern]
    calm: list[_Pattern]
    harmless: list[_Pattern]
    money_gone: list[_Pattern]
    money_kept: list[_Pattern]
    long_ago: list[_Pattern]


@cache
def _book() -> _Book:
    data, lexicon = load("danger"), _Lexicon()
    sets = {name: "|".join(words) for name, words in data["sets"].items()}

    def read(lines: list[str]) -> list[_Pattern]:
        return [_Pattern.read(line, sets, lexicon) for line in lines]

    dangers = [
        (group["code"], level, pattern)
        for group in data["group"]
        for level in ("always", "alone", "with_now")
        for pattern in read(group.get(level, []))
    ]
    when, money = data["when"], data["money"]
    return _Book(
        lexicon=lexicon,
        dangers=dangers,
        now=read(when["now"]),
        going=read(when["going"]),
        urge=read(when["urge"]),
        calm=read(when["calm"]),
        harmless=read(data["harmless"]["phrases"]),
        money_gone=read(money["gone"]),
        money_kept=read(money["kept"]),
        long_ago=read(money["long_ago"]),
    )


class _Said:
    """A text as the patterns see it: where each slot is filled."""

    def __init__(self, text: str, lexicon: _Lexicon) -> None:
        self.words = _plain(text).split()
        self.keys = _key(" ".join(self.words)).split(" ")
        self.filled: dict[int, list[int]] = {}
        for place, key in enumerate(self.keys):
            for slot in lexicon.slots_of(key):
                self.filled.setdefault(slot, []).append(place)

    def forget(self, patterns: list[_Pattern]) -> None:
        """Words inside these phrases mean nothing dangerous: no other pattern sees them."""
        gone = {place for pattern in patterns for *_, places in self.hits(pattern) for place in places}
        if gone:
            kept = {slot: [p for p in places if p not in gone] for slot, places in self.filled.items()}
            self.filled = {slot: places for slot, places in kept.items() if places}

    def places(self, patterns: list[_Pattern]) -> list[int]:
        return [first for pattern in patterns for first, *_ in self.hits(pattern)]

    def hits(self, pattern: _Pattern) -> Iterator[tuple[int, int, tuple[int, ...]]]:
        """First place, last place and all places of every match."""
        if not pattern.slots <= self.filled.keys():
            return
        chains = [list(self._chain(chain)) for chain in pattern.chains]
        for places in chains[0]:
            for others in chains[1:]:
                other = next((o for o in others if _gap(places, o) <= NEAR), None)
                if other is None:
                    break
                places = tuple(sorted(places + other))
            else:
                yield places[0], places[-1], places

    def _chain(self, chain: _Chain) -> Iterator[tuple[int, ...]]:
        for start in self.filled[chain[0][0]]:
            places: tuple[int, ...] = (start,)
            for slot, skip in chain[1:]:
                after = places[-1] + 1
                reach = self.keys[after : after + skip + 1]
                end = after + (reach.index(".") if "." in reach else len(reach))
                following = next((p for p in self.filled[slot] if after <= p < end), None)
                if following is None:
                    break
                places = (*places, following)
            else:
                yield places
