"""The register of houses: from an address as people type it to the precincts it may lie in."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from rapidfuzz import fuzz, process

from bot.addresses.numbers import HouseNumber, Run, read_numbers
from bot.addresses.query import Reading, StreetName, readings, street_name
from bot.addresses.words import skeleton

EXACT, NEIGHBOUR, PART, NOT_LISTED = 100.0, 90.0, 85.0, 60.0
NEAR_ENOUGH = 76.0
"""A street's spelling below this (0 to 100) is another street: «абаи» and «абаиа» are 89, «самал» and «саиал» 80."""
SHOWN = 6


class HouseRow(Protocol):
    """A row of a house list."""

    @property
    def precinct(self) -> str: ...
    @property
    def street_kk(self) -> str: ...
    @property
    def street_ru(self) -> str: ...
    @property
    def old_name_kk(self) -> str: ...
    @property
    def old_name_ru(self) -> str: ...
    @property
    def numbers(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Match:
    """One place an address may mean. `certain` is true only where nothing was guessed and nothing else fits."""

    precinct: str
    street_kk: str
    street_ru: str
    house: str
    score: float
    certain: bool


@dataclass(slots=True)
class _Street:
    kk: str
    ru: str
    singles: dict[HouseNumber, list[str]] = field(default_factory=dict)
    by_number: dict[int, list[str]] = field(default_factory=dict)
    runs: list[tuple[Run, str]] = field(default_factory=list)

    def add(self, row: HouseRow) -> None:
        numbers = read_numbers(row.numbers)
        for house in numbers.singles:
            self.singles.setdefault(house, []).append(row.precinct)
            self.by_number.setdefault(house.number, []).append(row.precinct)
        self.runs += [(run, row.precinct) for run in numbers.runs]

    def holders(self, house: HouseNumber) -> tuple[list[str], float]:
        """Precincts the house may belong to and how well the list says so."""
        if house in self.singles:
            return _once(self.singles[house]), EXACT
        if by_run := [precinct for run, precinct in self.runs if house.number in run]:
            return _once(by_run), EXACT
        if beside := self.by_number.get(house.number):
            return _once(beside), NEIGHBOUR
        return self.precincts(house.number), NOT_LISTED

    def precincts(self, near: int = 0) -> list[str]:
        """All precincts of the street, those with the numbers nearest to `near` first."""
        reach: dict[str, int] = {}
        for number, codes in self.by_number.items():
            for code in codes:
                reach[code] = min(reach.get(code, abs(number - near)), abs(number - near))
        for run, code in self.runs:
            away = max(run.first - near, 0, near - run.last)
            reach[code] = min(reach.get(code, away), away)
        return sorted(reach, key=lambda code: (reach[code], code))


def _once(codes: Iterable[str]) -> list[str]:
    return sorted(set(codes))


class AddressBook:
    """Finds streets by any of their names, new or old, in either language. Built once, then only read."""

    def __init__(self, rows: Iterable[HouseRow], ignored: Iterable[str] = ()) -> None:
        """`ignored` are names people put before the street: the town's. ValueError on a number nobody can read."""
        self._ignored = frozenset(skeleton(word) for name in ignored for word in name.casefold().split())
        self._streets: dict[tuple[str, str], _Street] = {}
        self._by_key: dict[str, list[tuple[_Street, frozenset[str]]]] = defaultdict(list)
        names: dict[tuple[str, str], set[str]] = defaultdict(set)
        for row in rows:
            pair = (row.street_kk, row.street_ru)
            street = self._streets.get(pair)
            if street is None:
                street = self._streets[pair] = _Street(*pair)
            street.add(row)
            names[pair] |= {row.street_kk, row.street_ru, row.old_name_kk, row.old_name_ru}
        self._by_word: dict[str, set[str]] = defaultdict(set)
        self._keys_by_rim: dict[str, list[str]] = defaultdict(list)
        self._words_by_rim: dict[str, list[str]] = defaultdict(list)
        for pair, spellings in names.items():
            self._index(self._streets[pair], spellings)

    def _index(self, street: _Street, spellings: set[str]) -> None:
        known: dict[str, set[str]] = defaultdict(set)
        for spelling in sorted(spellings):
            name = street_name(spelling)
            known[name.key] |= name.kinds
        for key in sorted(known.keys() - {""}):
            if key not in self._by_key:
                for word in key.split():
                    if word not in self._by_word:
                        _add_rims(word, self._words_by_rim)
                    self._by_word[word].add(key)
                _add_rims(key, self._keys_by_rim)
            self._by_key[key].append((street, frozenset(known[key])))

    def __len__(self) -> int:
        return len(self._streets)

    def find(self, text: str) -> list[Match]:
        """The likeliest places first, at most six; empty if no street resembles the text."""
        ways = readings(text, self._ignored)
        exact = [match for way in ways for match in self._places(way, way.street.key, EXACT)]
        best = max((match.score for match in exact), default=0.0)
        if best > NOT_LISTED:
            return _ranked(match for match in exact if match.score > NOT_LISTED)
        guesses = [match for way in ways if not way.is_far_fetched for match in self._guess(way)]
        return _ranked(iter(exact + guesses))

    def _guess(self, way: Reading) -> Iterator[Match]:
        for key in self._containing(way.street):
            yield from self._places(way, key, PART)
        for key, score in self._near(way.street):
            yield from self._places(way, key, score * 0.9)

    def _containing(self, street: StreetName) -> set[str]:
        """Streets with a word of the text in a longer name: «Әбдіров» of «Нұркен Әбдіров», and the other way round."""
        words = [word for word in street.words if len(word) >= 4]
        return {key for word in words for key in self._by_word.get(word, ()) if key != street.key}

    def _near(self, street: StreetName) -> list[tuple[str, float]]:
        """Keys spelt almost so, and their likeness up to 100. «Степной-4» is no misspelt «Степной-3»."""
        found = dict(_alike(street.key, self._keys_by_rim, self._by_key))
        if len(street.words) > 1:  # a slip in the first letter changes the order of the sorted words
            found = dict(self._near_by_words(street)) | found
        numbers = _numbers_in(street.key)
        near = [(key, score) for key, score in found.items() if _numbers_in(key) == numbers]
        return sorted(near, key=lambda pair: (-pair[1], pair[0]))[:SHOWN]

    def _near_by_words(self, street: StreetName) -> Iterator[tuple[str, float]]:
        alike = [dict(_alike(word, self._words_by_rim, ())) for word in street.words]
        keys = set.intersection(*({key for word in words for key in self._by_word[word]} for words in alike))
        for key in keys:
            if len(words := key.split()) == len(street.words):
                yield key, min(max(scores.get(word, 0.0) for word in words) for scores in alike)

    def _places(self, way: Reading, key: str, score: float) -> Iterator[Match]:
        for street, kinds in self._by_key.get(key, ()):
            is_other_kind = bool(way.street.kinds and kinds and not way.street.kinds & kinds)
            is_bare = key.replace(" ", "").isdecimal() and not way.street.kinds & kinds  # «12» may be anything
            if way.house is None:
                precincts, listed = street.precincts(), EXACT
            else:
                precincts, listed = street.holders(way.house)
            total = min(score, listed) - 10 * is_other_kind
            house = str(way.house) if way.house else ""
            for precinct in precincts:
                yield Match(precinct, street.kk, street.ru, house, total, total == EXACT and not is_bare)


def _add_rims(text: str, index: dict[str, list[str]]) -> None:
    index["^" + text[:2]].append(text)
    index[text[-2:] + "$"].append(text)


def _alike(text: str, by_rim: dict[str, list[str]], others: Iterable[str]) -> list[tuple[str, float]]:
    """One slip leaves the first or the last two letters whole: only texts that share them are compared, if any do."""
    rims = by_rim.get("^" + text[:2], []) + by_rim.get(text[-2:] + "$", [])
    choices = sorted(set(rims) or others)
    found = process.extract(
        text, choices, scorer=fuzz.ratio, processor=None, score_cutoff=NEAR_ENOUGH, limit=10 * SHOWN
    )
    return [(name, score) for name, score, _ in found]


def _numbers_in(key: str) -> list[str]:
    return [word for word in key.split() if word.isdecimal()]


def _ranked(matches: Iterator[Match]) -> list[Match]:
    """Best first, each place once; two places that fit equally well make neither of them certain."""
    best: dict[tuple[str, str, str], Match] = {}
    for match in matches:
        place = (match.precinct, match.street_kk, match.street_ru)
        if place not in best or match.score > best[place].score:
            best[place] = match
    ranked = sorted(best.values(), key=lambda match: -match.score)[:SHOWN]
    if sum(match.certain for match in ranked) > 1:
        return [Match(m.precinct, m.street_kk, m.street_ru, m.house, m.score, False) for m in ranked]
    return ranked
