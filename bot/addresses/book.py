"""The register of houses: from an address as people type it to the precincts it may lie in."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from bot.addresses.likeness import NameIndex
from bot.addresses.naming import Named
from bot.addresses.query import Reading, StreetName, readings, street_name, town_words
from bot.addresses.repairs import repaired
from bot.addresses.rows import HouseRow, callings, complex_title
from bot.addresses.settlements import Settlements
from bot.addresses.streets import EXACT, NEIGHBOUR, NOT_LISTED, Register, Settlement, Street
from bot.addresses.words import COMPLEX, STREET

SHOWN = 6
_OTHER_KIND = 10
_KIND_REPAIRED = 95.0
_UNLISTED = NOT_LISTED / EXACT
_ENOUGH = 2 * SHOWN
"""Streets of one name that are looked at: every village has its «Абай көшесі»."""
_WRONG_LETTER = 4.0
_NO_STREET, _ALONE, _MAYBE = 78.0, 75.0, 55.0
"""A settlement whose street is not in the list; one misspelt; both."""


@dataclass(frozen=True, slots=True)
class Match:
    """One place an address may mean. `certain` is true only where nothing was guessed and nothing else fits.

    A settlement found as a whole has no street; where all that is shown lies in the own town, none has a settlement.
    """

    precinct: str
    street_kk: str
    street_ru: str
    house: str
    score: float
    certain: bool
    settlement_kk: str = ""
    settlement_ru: str = ""

    @property
    def street(self) -> tuple[str, str, str, str]:
        return self.settlement_kk, self.settlement_ru, self.street_kk, self.street_ru


_Called = tuple[Street, frozenset[str], bool]
"""A street, the kinds it is called under one of its names, and whether that is what it was called before."""
_Pair = tuple[Settlement, str, str, bool]


class AddressBook:
    """Finds streets and complexes by any of their names, new or old, in either language. Built once, then only read."""

    __slots__ = ("_by_key", "_is_one_town", "_names", "_settlements", "_streets", "_towns")

    def __init__(self, rows: Iterable[HouseRow], ignored: Iterable[str] = ()) -> None:
        """`ignored` are the own town's names, kk and ru. ValueError on a number nobody can read."""
        towns = tuple(ignored)
        register, self._settlements = Register(), Settlements(towns)
        self._streets: dict[_Pair, Street] = {}
        names: dict[_Pair, set[str]] = {}
        for row in rows:
            settlement = self._settlements.of(row.settlement_kk, row.settlement_ru)
            for (kk, ru, is_complex), spellings in callings(row):
                pair = settlement, kk, ru, is_complex
                street = self._streets.get(pair)
                if street is None:
                    title = complex_title(kk, ru) if is_complex else (kk, ru)
                    street = self._streets[pair] = Street(register, settlement, title, is_complex=is_complex)
                    names[pair] = set()
                street.add(row.numbers, row.precinct)
                names[pair].update(spellings)
        settlements = {street.settlement for street in self._streets.values()}
        self._is_one_town = len(settlements) < 2
        towns += tuple(name for one in settlements if self._is_one_town for name in (one.kk, one.ru))
        self._towns = frozenset(map(town_words, towns)) - {()}
        self._by_key: dict[str, tuple[_Called, ...]] = {}
        self._names = NameIndex()
        kinds: dict[frozenset[str], frozenset[str]] = {}
        for pair, street in self._streets.items():
            street.close()
            self._index(street, pair[1:3], names.pop(pair), kinds)
        for key, called in self._by_key.items():
            if len(called) > 1:  # of equals a street goes before a lane, today's name before yesterday's
                self._by_key[key] = tuple(sorted(called, key=lambda one: (one[2], STREET not in one[1])))

    def _index(
        self,
        street: Street,
        today: tuple[str, ...],
        spellings: set[str],
        shared: dict[frozenset[str], frozenset[str]],
    ) -> None:
        known: dict[str, frozenset[str]] = {}
        current = {street_name(spelling).key for spelling in today}
        always = frozenset([COMPLEX] if street.is_complex else [])
        for spelling in sorted(spellings - {""}):
            name = street_name(spelling)
            if not name.key:
                continue
            self._names.add(name, is_new=name.key not in self._by_key and name.key not in known)
            known[name.key] = known.get(name.key, always) | name.kinds
        for key, kinds in known.items():
            self._by_key[key] = (
                *self._by_key.get(key, ()),
                (street, shared.setdefault(kinds, kinds), key not in current),
            )

    def __len__(self) -> int:
        return len(self._streets)

    def find(self, text: str) -> list[Match]:
        """The likeliest places first, at most six; empty if no street resembles the text."""
        if self._is_one_town:
            found = self._found(readings(text, self._towns))
        else:
            ways, named = self._settlements.readings(text)
            found = self._found(ways, named, text)
            if any(match.settlement_kk != self._settlements.own.kk for match in found):
                return found
        return [replace(match, settlement_kk="", settlement_ru="") for match in found]

    def _found(self, ways: list[Reading], named: Iterable[Named] = (), text: str = "") -> list[Match]:
        there = dict.fromkeys(way.where for way in ways)
        exact = [match for where in there for match in self._exactly([way for way in ways if way.where == where])]
        for one in named:
            if one.is_alone:
                exact += _whole(one, NEIGHBOUR if one.has_number else EXACT)
        if max((match.score for match in exact), default=0.0) > NOT_LISTED:
            exact = [match for match in exact if match.score > NOT_LISTED]
            return self._unless_slipped(ways, named, self._ranked(exact))
        if not self._is_one_town:
            ways, exact = self._misspelt(ways, exact, text)
        near = [match for way in ways if not way.is_far_fetched for match in self._guess(way)]
        near = near or [match for way in ways if way.is_far_fetched for match in self._guess(way)]
        heard = {match.street[:2] for match in exact + near}
        for one in named:
            is_all = not one.is_doubtful and not any((place.kk, place.ru) in heard for place in one.where)
            exact = exact + list(_whole(one, _NO_STREET if is_all else _MAYBE))
        return self._ranked(exact + near)

    def _exactly(self, ways: list[Reading]) -> list[Match]:
        plain = [match for way in ways if way.is_plain for match in self._places(way, way.street.key, EXACT)]
        if any(match.score == EXACT for match in plain):
            return plain
        return [match for way in ways for match in self._places(way, way.street.key, EXACT)]

    def _misspelt(self, ways: list[Reading], exact: list[Match], text: str) -> tuple[list[Reading], list[Match]]:
        """With what the address may mean if it is the settlement's name that is misspelt."""
        more, named = self._settlements.misspelt(text)
        for way in more:
            exact = exact + list(self._places(way, way.street.key, EXACT - _WRONG_LETTER))
        for one in named:
            exact = exact + list(_whole(one, _ALONE if one.is_alone else _MAYBE))
        return ways + more, exact

    def _guess(self, way: Reading) -> Iterator[Match]:
        again = repaired(way.street)
        if again is not None:
            meant = list(self._places(replace(way, street=again), again.key, _KIND_REPAIRED))
            yield from meant
            if any(match.score >= NEIGHBOUR for match in meant):
                return
            for key, score in self._guesses(replace(way, street=again)):
                yield from self._places(replace(way, street=again), key, score - 1)
        for key, score in self._guesses(way):
            yield from self._places(way, key, score)

    def _guesses(self, way: Reading) -> list[tuple[str, float]]:
        where = way.where
        if where is None:
            return self._names.guesses(way.street)
        return self._names.guesses(
            way.street, lambda key: any(street.settlement in where for street, *_ in self._by_key[key])
        )

    def _called(self, way: Reading, key: str) -> Iterable[_Called]:
        """Streets of this name where they are looked for; of very many those that have the house."""
        called = self._by_key.get(key, ())
        if way.where is not None:
            called = tuple(one for one in called if one[0].settlement in way.where)
        if len(called) <= _ENOUGH:
            return called
        likely = sorted(called, key=lambda one: _is_other_kind(way.street, one[1]))
        house = way.house
        having = [] if house is None else list(islice((one for one in likely if one[0].has(house)), _ENOUGH))
        return having or likely[:_ENOUGH]

    def _places(self, way: Reading, key: str, score: float) -> Iterator[Match]:
        for street, kinds, _is_old in self._called(way, key):
            house = str(way.house) if way.house else ""
            precincts, listed = street.holders(way.house) if way.house else (street.precincts(), EXACT)
            if street.is_complex and listed == NOT_LISTED:
                house, listed = "", NEIGHBOUR  # people count a complex's blocks anew, the list has them by the street
            total = score * _UNLISTED if listed == NOT_LISTED else min(score, listed)
            total -= _OTHER_KIND * _is_other_kind(way.street, kinds)
            is_vague = (
                way.is_doubtful
                or (key.replace(" ", "").isdecimal() and not way.street.kinds & kinds)  # «12» may be anything
                or (street.is_complex and way.house and len(street.precincts()) > 1)
            )  # fmt: skip
            settlement = street.settlement
            for precinct in precincts:
                yield Match(
                    precinct, street.kk, street.ru, house, total, total == EXACT and not is_vague,
                    settlement.kk, settlement.ru,
                )  # fmt: skip

    def _unless_slipped(self, ways: list[Reading], named: Iterable[Named], found: list[Match]) -> list[Match]:
        """Nothing is certain where one slip of a finger makes the name of another street that has such a house."""
        if not any(match.certain for match in found):
            return found
        sure = {match.street for match in found if match.certain}
        rivals = [
            match
            for way in ways
            if not (way.is_far_fetched or way.is_doubtful)
            for match in self._rivals(way)
            if match.street not in sure
        ]
        for one in named:
            if one.is_alone and (beside := self._settlements.a_slip_away(one.where)):
                rivals += _whole(replace(one, where=beside), NEIGHBOUR)
        return self._ranked([*(replace(match, certain=False) for match in found), *rivals]) if rivals else found

    def _rivals(self, way: Reading) -> Iterator[Match]:
        typed = way.street
        near = set(self._names.a_slip_away(typed)) - {typed.key}
        for key in sorted(near):
            yield from self._as_good(way, key)
        for _street, kinds, _is_old in self._called(way, typed.key):
            if _is_other_kind(typed, kinds) and typed.slips & kinds:
                yield from self._as_good(replace(way, street=replace(typed, kinds=typed.slips)), typed.key)
        if way.where and (beside := self._settlements.a_slip_away(way.where)):
            yield from self._as_good(replace(way, where=beside), typed.key)

    def _as_good(self, way: Reading, key: str) -> Iterator[Match]:
        return (match for match in self._places(way, key, NEIGHBOUR) if match.score == NEIGHBOUR)

    def _ranked(self, matches: Iterable[Match]) -> list[Match]:
        """Best first, each place once, of equals the own town's; two that fit equally well make neither certain."""
        best: dict[tuple[str, ...], Match] = {}
        for match in matches:
            place = (match.precinct, *match.street)
            if place not in best or match.score > best[place].score:
                best[place] = match
        own = self._settlements.own
        ranked = sorted(
            best.values(), key=lambda match: (-match.score, not match.certain, match.street[:2] != (own.kk, own.ru))
        )[:SHOWN]
        if sum(match.certain for match in ranked) > 1:
            return [replace(match, certain=False) for match in ranked]
        return ranked


def _whole(named: Named, score: float) -> Iterator[Match]:
    """Settlements by themselves, where so few precincts share one that it says something."""
    for one in sorted(named.where, key=lambda settlement: settlement.ru):
        if len(one.precincts) <= SHOWN:
            is_certain = score == EXACT and len(one.precincts) == 1 and not named.is_doubtful
            for precinct in sorted(one.precincts):
                yield Match(precinct, "", "", "", score, is_certain, one.kk, one.ru)


def _is_other_kind(typed: StreetName, kinds: frozenset[str]) -> bool:
    return bool(typed.kinds and kinds and not typed.kinds & kinds)
