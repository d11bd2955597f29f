"""Phrases looked for in what people write: patterns of the data files, one spelling for all scripts and slips.

Kazakh with or without its own letters, Russian, Latin transliteration and common slips are folded to one key, and so
are the patterns. How a pattern is written is said at the head of danger.toml.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Generic, TypeAlias, TypeVar

LONGEST = 4000  # characters read: a longer text says what it says at its beginning
NEAR = 6  # tokens that may lie between the parts of "a & b"
GAP = 3  # tokens that ".." may skip inside a sentence
SLIP_FROM = 6  # letters a word needs before one slip in it is forgiven
REMEMBERED_WORDS, REMEMBERED_TEXTS = 16_384, 4  # words come again; a text is looked at by several in one turn
KAZAKH = re.compile(r"[әғқңөұүһі]", re.IGNORECASE)  # letters that Russian has not

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

Places: TypeAlias = tuple[int, ...]
_Chain: TypeAlias = tuple[tuple[int, int], ...]  # slots in order, each with the tokens that may be skipped before it
T = TypeVar("T")


@lru_cache(maxsize=REMEMBERED_TEXTS)
def spell(text: str) -> tuple[list[str], list[str]]:
    """The words of a text without tricks of type, and the key each is found by."""
    words = _plain(text).split()
    return words, _key(" ".join(words)).split(" ")


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


def gap(some: Places, others: Places) -> int:
    """Tokens between two matches; a word cannot play both parts."""
    if set(some) & set(others):
        return NEAR + 1
    return max(others[0] - some[-1], some[0] - others[-1]) - 1


class Lexicon:
    """Which slots of the patterns a word may fill. Words of the patterns end with * when any ending may follow."""

    def __init__(self, name: str, sets: Mapping[str, list[str]] | None = None) -> None:
        self._name, self._sets = name, {key: "|".join(words) for key, words in (sets or {}).items()}
        self._whole: dict[str, set[int]] = {}
        self._stems: dict[str, set[int]] = {}
        self._slots: dict[str, int] = {}
        self._longest = 0
        self.slots_of = lru_cache(maxsize=REMEMBERED_WORDS)(self._slots_of)

    def slot(self, alternatives: str) -> int:
        if alternatives not in self._slots:
            number = self._slots[alternatives] = len(self._slots)
            for word in alternatives.split("|"):
                self._learn(word, number)
        return self._slots[alternatives]

    def _learn(self, word: str, slot: int) -> None:
        key = _key(_plain(word.removesuffix("*")))
        if not key.isalnum():
            raise ValueError(f"{self._name}: {word!r} is not one word")
        is_stem = word.endswith("*")
        for form in (key, *(_slips(key, is_stem) if len(key) >= SLIP_FROM else ())):
            (self._stems if is_stem else self._whole).setdefault(form, set()).add(slot)
        if is_stem:
            self._longest = max(self._longest, len(key))

    def _slots_of(self, key: str) -> tuple[int, ...]:
        slots = set(self._whole.get(key, ()))
        for length in range(2, min(len(key), self._longest) + 1):
            slots.update(self._stems.get(key[:length], ()))
        return tuple(slots)

    def read(self, line: str) -> "Pattern":
        """One line of a data file."""
        chains = []
        for part in line.split(" & "):
            chain, skip = [], 0
            for word in part.split():
                if word == "..":
                    skip = GAP
                    continue
                names = (self._sets[name[1:]] if name.startswith("@") else name for name in word.split("|"))
                chain.append((self.slot("|".join(names)), skip))
                skip = 0
            chains.append(tuple(chain))
        return Pattern(tuple(chains))

    def table(self, lines: Iterable[tuple[T, str]]) -> "Table[T]":
        return Table([(meaning, self.read(line)) for meaning, line in lines])

    def plain_table(self, lines: Iterable[str]) -> "Table[None]":
        return self.table((None, line) for line in lines)


def _slips(key: str, is_stem: bool) -> Iterator[str]:
    """The usual slips of a hurried hand: a letter left out, two exchanged, an unstressed vowel by ear."""
    for i in range(1, len(key)):
        if i < len(key) - 1:
            yield key[:i] + key[i + 1 :]
            yield key[:i] + key[i + 1] + key[i] + key[i + 2 :]
        if key[i] in _SWAPS and (is_stem or i < len(key) - 1):  # the last letter of a word is grammar, not a slip
            yield from (key[:i] + vowel + key[i + 1 :] for vowel in _SWAPS[key[i]])


class Pattern:
    """Chains of slots ("a b", "a .. b") that must lie near each other in any order ("a & b")."""

    __slots__ = ("chains", "slots")

    def __init__(self, chains: tuple[_Chain, ...]) -> None:
        self.chains = chains
        self.slots = frozenset(slot for chain in chains for slot, _ in chain)


class Table(Generic[T]):
    """Patterns with what each means, in their order. Only those that share their rarest word with a text are tried."""

    def __init__(self, entries: list[tuple[T, Pattern]]) -> None:
        self._entries = entries
        uses: dict[int, int] = {}
        for _, pattern in entries:
            for slot in pattern.slots:
                uses[slot] = uses.get(slot, 0) + 1
        self._by_slot: dict[int, list[int]] = {}
        for place, (_, pattern) in enumerate(entries):
            rarest = min(pattern.slots, key=lambda slot: uses[slot])
            self._by_slot.setdefault(rarest, []).append(place)

    def possible(self, filled: Mapping[int, list[int]]) -> Iterator[tuple[T, Pattern]]:
        keys = filled.keys()
        places = [place for slot in keys & self._by_slot.keys() for place in self._by_slot[slot]]
        for place in sorted(places):
            if self._entries[place][1].slots <= keys:
                yield self._entries[place]


class Said:
    """A text as the patterns of one lexicon see it: where each slot is filled."""

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        self.words, self.keys = spell(text)
        self.filled: dict[int, list[int]] = {}
        for place, key in enumerate(self.keys):
            for slot in lexicon.slots_of(key):
                self.filled.setdefault(slot, []).append(place)

    def forget(self, table: Table[None]) -> None:
        """Words inside these phrases mean nothing: no other pattern sees them."""
        gone = {place for _, pattern in table.possible(self.filled) for *_, places in self.hits(pattern)
                for place in places}  # fmt: skip
        if gone:
            kept = {slot: [p for p in places if p not in gone] for slot, places in self.filled.items()}
            self.filled = {slot: places for slot, places in kept.items() if places}

    def places(self, table: Table[None]) -> list[int]:
        return [first for _, pattern in table.possible(self.filled) for first, *_ in self.hits(pattern)]

    def hits(self, pattern: Pattern) -> Iterator[tuple[int, int, Places]]:
        """First place, last place and all places of every match."""
        if not pattern.slots <= self.filled.keys():
            return
        chains = [list(self._chain(chain)) for chain in pattern.chains]
        for places in chains[0]:
            for others in chains[1:]:
                other = next((o for o in others if gap(places, o) <= NEAR), None)
                if other is None:
                    break
                places = tuple(sorted(places + other))
            else:
                yield places[0], places[-1], places

    def has(self, pattern: Pattern) -> bool:
        return next(self.hits(pattern), None) is not None

    def _chain(self, chain: _Chain) -> Iterator[Places]:
        for start in self.filled[chain[0][0]]:
            places: Places = (start,)
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
