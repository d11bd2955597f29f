"""Towns and villages by their names: which of them an address names, rightly or nearly."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from rapidfuzz.distance import OSA

from bot.addresses.likeness import Spellings
from bot.addresses.naming import Named, around, pieces, skeletons, without_districts
from bot.addresses.query import FAR_FETCHED, Reading, ranked_readings, without_flat
from bot.addresses.slips import is_slip, short
from bot.addresses.streets import Settlement
from bot.addresses.tokens import Token, cut
from bot.addresses.words import DISTRICT_WORDS
from bot.addresses.words import VILLAGE_KIND_OF as VILLAGE

_BRACKETS = re.compile(r"\([^)]*\)")
_LONGEST = 8
"""Tokens of a settlement's name."""
_TRIED = 8
"""Pieces of an address that may be a misspelt settlement."""


class Settlements:
    """All settlements of a region. `own` is the one whose houses are listed without a name."""

    def __init__(self, own: Iterable[str] = ()) -> None:
        names = tuple(own)
        self.own = Settlement(names[0], names[-1]) if names else Settlement("", "")
        self._known: dict[tuple[str, str], Settlement] = {("", ""): self.own}
        self._kk: dict[str, list[Settlement]] = {}
        self._ru: dict[str, list[Settlement]] = {}
        self._by_spelling: dict[str, frozenset[Settlement]] = {}
        self._spellings = Spellings()
        for name in names:
            self._learn(self.own, name, name)

    def of(self, kk: str, ru: str) -> Settlement:
        """The settlement of these names: «Ақтас ауылы» and «Ақтас» are one, «Абай қаласы» and «Абай ауылы» two."""
        found = self._known.get((kk, ru))
        if found is None:
            found = next((one for one in self._namesakes(kk, ru) if self._is_same(one, kk, ru)), None)
            found = found or Settlement(kk, ru, _kind(kk) or _kind(ru))
            found.kind = found.kind or _kind(kk) or _kind(ru)
            self._known[kk, ru] = found
            self._learn(found, kk, ru)
        return found

    def rival(self, kk: str, ru: str) -> Settlement | None:
        """One that has the same name in one language and quite another in the other."""
        if (kk, ru) in self._known:
            return None
        namesakes = list(self._namesakes(kk, ru))
        is_known = any(self._is_same(one, kk, ru) for one in namesakes)
        return None if is_known or not namesakes else namesakes[0]

    def _namesakes(self, kk: str, ru: str) -> Iterator[Settlement]:
        kind = _kind(kk) or _kind(ru)
        for one in (*self._kk.get(_spelling(kk), ()), *self._ru.get(_spelling(ru), ())):
            if not kind or not one.kind or kind == one.kind:
                yield one

    def _is_same(self, one: Settlement, kk: str, ru: str) -> bool:
        return _is_alike(_spelling(one.kk), _spelling(kk)) and _is_alike(_spelling(one.ru), _spelling(ru))

    def _learn(self, settlement: Settlement, kk: str, ru: str) -> None:
        for name, names in ((kk, self._kk), (ru, self._ru)):
            same = names.setdefault(_spelling(name), [])
            if settlement not in same:
                same.append(settlement)
            settlement.districts |= {_spelling(inside) for inside in _BRACKETS.findall(name)}
            for spelling in {_spelling(name), _spelling(_BRACKETS.sub(" ", name))} - {"", *VILLAGE}:
                settlement.spellings.add(spelling)
                before = self._by_spelling.get(spelling)
                if before is None:
                    self._spellings.add(spelling)
                self._by_spelling[spelling] = (before or frozenset()) | {settlement}

    def a_slip_away(self, where: frozenset[Settlement]) -> frozenset[Settlement]:
        """Others whose name one slip of a finger makes of these."""
        typed = {spelling for one in where for spelling in one.spellings}
        near = {
            other
            for name in typed
            for other, _ in self._spellings.a_slip_away(name)
            if is_slip(name, other) and _digits(name) == _digits(other)
        }
        return frozenset(one for name in near - typed for one in self._by_spelling[name]) - where

    # -- what an address names

    def readings(self, text: str) -> tuple[list[Reading], list[Named]]:
        """All sensible readings, the likeliest first, and the settlements that are named alone."""
        tokens = without_flat(cut(text))
        named = list(self._named_in(tokens))
        is_called = any(one.is_called for one in named)
        named = [replace(one, is_doubtful=one.is_doubtful or (is_called and not one.is_called)) for one in named]
        found = [pair for one in named for pair in _read(one, tokens)]
        is_alone = any(one.is_alone for one in named)
        known = {(reading.street, reading.house) for _, reading in found if not reading.where}
        is_told = any(one.is_alone and one.is_called for one in named)
        for rank, reading in () if is_told else ranked_readings(without_districts(tokens)):
            if (reading.street, reading.house) not in known:
                far = reading.is_far_fetched or bool(found)
                whole = replace(reading, is_far_fetched=far, is_doubtful=is_alone)
                found.append((rank + FAR_FETCHED * bool(found), whole))
        ways = [reading for _, reading in sorted(found, key=lambda pair: pair[0])]
        return ways, named

    def misspelt(self, text: str) -> tuple[list[Reading], list[Named]]:
        """The same for settlements whose names are spelt a little wrong. Nothing of it is certain."""
        tokens = without_flat(cut(text))
        named = list(self._nearly_named_in(tokens))
        found = [pair for one in named for pair in _read(one, tokens)]
        return [reading for _, reading in sorted(found, key=lambda pair: pair[0])], named

    def _named_in(self, tokens: list[Token]) -> Iterator[Named]:
        words = skeletons(tokens)
        start = 0
        while start < len(words):
            end, where = self._longest(words, start)
            if where:
                for one in around(tokens, start, end, where):
                    if not one.is_alone:
                        yield one
                    elif villages := one.where - {self.own}:  # the own town alone says nothing
                        yield replace(one, where=villages)
            start = max(end, start + 1)

    def _longest(self, words: list[str], start: int) -> tuple[int, frozenset[Settlement]]:
        joined, found = "", (start, frozenset[Settlement]())
        for end in range(start, min(len(words), start + _LONGEST)):
            if words[end] in (",", "/") or (words[end] == "-" and not joined):
                break
            joined += words[end].replace("-", "")
            if where := self._by_spelling.get(short(joined)):
                found = end + 1, where
        return found

    def _nearly_named_in(self, tokens: list[Token]) -> Iterator[Named]:
        """Pieces between commas first, then the words at the rims of each and beside «ауылы» and «село»."""
        words = skeletons(tokens)
        for start, end in list(dict.fromkeys(pieces(words)))[:_TRIED]:
            joined = short("".join(words[start:end]).replace("-", ""))
            if len(joined) < 3 or joined in self._by_spelling:
                continue
            near = [pair for pair in self._spellings.near(joined) if _digits(pair[0]) == _digits(joined)]
            best = min((distance for _, distance in near), default=0)
            where = frozenset(
                one for name, distance in near if distance == best for one in self._by_spelling[name]
            )  # fmt: skip
            if where:
                for one in around(tokens, start, end, where):
                    yield replace(one, is_doubtful=True)


def _read(named: Named, tokens: list[Token]) -> Iterator[tuple[int, Reading]]:
    """A village without streets may have them listed under its own name."""
    if not named.rest and not named.is_alone:
        return
    for rank, reading in ranked_readings(named.rest or tokens):
        if named.is_alone and reading.house is None:
            continue
        yield rank + 3 * named.is_doubtful, replace(reading, where=named.where, is_doubtful=named.is_doubtful)


@lru_cache(maxsize=4096)
def _spelling(name: str) -> str:
    """A settlement's own words in one piece."""
    words = [token.skeleton for token in cut(name) if token.text not in ",/-"]
    own = [word for word in words if word not in VILLAGE and word not in DISTRICT_WORDS]
    return short("".join(own or words))


@lru_cache(maxsize=4096)
def _kind(name: str) -> str:
    return next((VILLAGE[word] for token in cut(name) if (word := token.skeleton) in VILLAGE), "")


def _digits(text: str) -> str:
    return "".join(filter(str.isdecimal, text))


def _is_alike(one: str, other: str) -> bool:
    allowed = 1 if min(len(one), len(other)) < 6 else 2
    return is_slip(one, other) or OSA.distance(one, other, score_cutoff=allowed) <= allowed
