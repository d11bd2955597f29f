"""Names of streets by their spelling: exactly, with a slip, a part of a longer name."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import islice, product

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.addresses.query import StreetName
from bot.addresses.slips import is_slip, short

SHOWN = 12
_WHOLE, _PART = 92.0, 80.0
_SHORTEST_PART = 4
_SHORT = 6


def _slips(length: int) -> int:
    """How many letters may be wrong in a name of this length: «абаи» is no misspelt «самал»."""
    return 0 if length < 4 else 1 if length < 6 else 2 if length < 12 else 3


class Spellings:
    """Texts by their length and by their rims, so that what was typed is compared with few of them."""

    __slots__ = ("_by_length", "_by_rim")

    def __init__(self) -> None:
        self._by_length: dict[int, list[str]] = defaultdict(list)
        self._by_rim: dict[tuple[int, str], list[str]] = defaultdict(list)

    def add(self, text: str) -> None:
        self._by_length[len(text)].append(text)
        for rim in _rims(text):
            self._by_rim[len(text), rim].append(text)

    def a_slip_away(self, text: str) -> list[tuple[str, int]]:
        """Texts at most two letters away that share three letters at the beginning or the end; short ones all."""
        if len(text) <= _SHORT:
            return [pair for pair in self._scanned(text) if pair[1] <= 2]
        found: dict[str, int] = {}
        for length, rim in product(range(len(text) - 2, len(text) + 3), _rims(text)):
            found.update(_alike(text, self._by_rim.get((length, rim), ()), 2))
        return sorted(found.items())

    def near(self, text: str) -> list[tuple[str, int]]:
        """Texts at most so many letters away as their length allows, and how many; all are looked at if need be."""
        allowed = _slips(len(text) + 1)
        close = [pair for pair in self.a_slip_away(text) if pair[1] <= allowed]
        return close if any(distance <= 1 for _, distance in close) else self._scanned(text)

    def _scanned(self, text: str) -> list[tuple[str, int]]:
        reach, found = _slips(len(text) + 2), []
        for length in range(max(1, len(text) - reach), len(text) + reach + 1):
            allowed = _slips(max(length, len(text)))
            if abs(length - len(text)) <= allowed and (choices := self._by_length.get(length)):
                found += _alike(text, choices, allowed)
        return found


def _rims(text: str) -> tuple[str, str]:
    return "^" + text[:3], text[-3:] + "$"


def _alike(text: str, choices: Sequence[str], allowed: int) -> list[tuple[str, int]]:
    found = process.extract(text, choices, scorer=OSA.distance, processor=None, score_cutoff=allowed, limit=SHOWN)
    return [(name, int(distance)) for name, distance, _ in found]


class NameIndex:
    """Keys are the sorted words of a name; a name is also known as it is spelt in one piece."""

    __slots__ = ("_by_spelling", "_by_word", "_spellings", "_words")

    def __init__(self) -> None:
        self._by_spelling: dict[str, list[str]] = {}
        self._by_word: dict[str, list[str]] = {}
        self._spellings, self._words = Spellings(), Spellings()

    def add(self, name: StreetName, *, is_new: bool) -> None:
        """`is_new`: the key was not met before, in whatever order its words stood."""
        spelling = short(name.spelt)
        keys = self._by_spelling.setdefault(spelling, [])
        if not keys:
            self._spellings.add(spelling)
        if name.key not in keys:
            keys.append(name.key)
        for word in set(name.words) if is_new else ():
            if word not in self._by_word:
                self._by_word[word] = []
                self._words.add(word)
            self._by_word[word].append(name.key)

    def _spelt_like(self, name: StreetName) -> Iterator[tuple[str, float, int]]:
        """Keys, likeness and letters apart of the whole spelling; «жибекжоли» is no letter away from two words."""
        typed = short(name.spelt)
        for key in self._by_spelling.get(typed, ()):
            yield key, _WHOLE, 0
        for spelling, distance in self._spellings.near(typed):
            score = _WHOLE * (1 - distance / max(len(typed), len(spelling))) + is_slip(typed, spelling)
            yield from ((key, score, distance) for key in self._by_spelling[spelling])

    def a_slip_away(self, name: StreetName) -> Iterator[str]:
        """Keys whose spelling one slip turns into this one."""
        numbers = _numbers_in(name.words)
        typed = short(name.spelt)
        for spelling, distance in self._spellings.a_slip_away(typed):
            if distance and is_slip(typed, spelling):
                yield from (key for key in self._by_spelling[spelling] if _numbers_in(key.split()) == numbers)

    def guesses(self, name: StreetName, among: Callable[[str], bool] | None = None) -> list[tuple[str, float]]:
        """Keys that may be meant and their likeness, 0 to 100, the likeliest first; only those `among` the wanted."""
        found: dict[str, float] = {}
        numbers = _numbers_in(name.words)
        is_slip_found = False
        for key, score, distance in self._spelt_like(name):
            if _numbers_in(key.split()) == numbers:
                is_slip_found |= distance <= 1
                found[key] = max(found.get(key, 0.0), score)
        for key, score in () if is_slip_found and len(name.words) > 1 else self._by_words(name):
            found[key] = max(found.get(key, 0.0), score)
        found.pop(name.key, None)
        likely = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
        return list(islice((pair for pair in likely if among is None or among(pair[0])), SHOWN))

    def _by_words(self, name: StreetName) -> Iterator[tuple[str, float]]:
        """A surname alone finds its street, «Әбдіров» that of «Нұркен Әбдіров»; more words than the name has, too."""
        letters = [word for word in name.words if not word.isdecimal()]
        away: dict[str, dict[str, int]] = {}  # by key, by the typed word: how many letters apart
        for word in letters:
            for known, distance in self._known(word, alone=len(letters) == 1):
                for key in self._by_word[known]:
                    nearest = away.setdefault(key, {})
                    nearest[word] = min(nearest.get(word, distance), distance)
        numbers = _numbers_in(name.words)
        for key, nearest in away.items():
            if len(nearest) < len(letters) and key.count(" ") >= len(nearest) + len(numbers):
                continue  # neither holds all words of the other
            words = key.split()
            named = [word for word in words if not word.isdecimal()]
            score = _PART - 6 * sum(nearest.values())
            if len(nearest) == len(letters) == len(named) and _numbers_in(words) == numbers:
                yield key, score + 5
            elif len(nearest) == len(letters) and set(numbers) <= set(words):
                yield key, score - len(named) + len(letters)
            elif len(nearest) == len(named) and _numbers_in(words) == numbers:
                yield key, score - len(letters) + len(named) - 4

    def _known(self, word: str, *, alone: bool) -> Iterator[tuple[str, int]]:
        if word in self._by_word:
            if not alone or len(word) >= _SHORTEST_PART:
                yield word, 0
        elif len(word) >= 3:
            yield from self._words.near(word)


def _numbers_in(words: tuple[str, ...] | list[str]) -> list[str]:
    return [word for word in words if word.isdecimal()]
