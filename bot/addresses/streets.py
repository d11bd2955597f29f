"""A street's houses, packed: a region has a hundred thousand of them and they are held in memory."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.addresses.numbers import HouseNumber, read_numbers

EXACT, NEIGHBOUR, NOT_LISTED = 100.0, 90.0, 60.0
_BOTH = 2


class Codes:
    """Words that many rows repeat, as numbers."""

    __slots__ = ("_numbers", "words")

    def __init__(self) -> None:
        self.words: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, word: str) -> int:
        found = self._numbers.get(word)
        if found is None:
            found = self._numbers[word] = len(self.words)
            self.words.append(word)
        return found

    def known(self, word: str) -> int:
        """The word's number, or -1."""
        return self._numbers.get(word, -1)


class Register:
    """The codes that all streets share: precincts and what follows a house number."""

    __slots__ = ("precincts", "suffixes")

    def __init__(self) -> None:
        self.precincts, self.suffixes = Codes(), Codes()


@dataclass(slots=True, eq=False)
class Settlement:
    """A town or a village as the list has it, all spellings of its names, and the precincts its houses lie in.

    `districts` are what stands in brackets behind its name, to tell it from another of that name.
    """

    kk: str
    ru: str
    kind: str = ""
    spellings: set[str] = field(default_factory=set)
    districts: set[str] = field(default_factory=set)
    precincts: set[str] = field(default_factory=set)


class Street:
    """`kk` and `ru` as the list has them. Fill it, `close` it, then only read."""

    __slots__ = ("_houses", "_register", "_runs", "is_complex", "kk", "ru", "settlement")

    def __init__(
        self, register: Register, settlement: Settlement, title: tuple[str, str], *, is_complex: bool = False
    ) -> None:
        self.kk, self.ru = title
        self.settlement, self.is_complex = settlement, is_complex
        self._register = register
        self._houses = array("L")  # number, suffix, precinct
        self._runs = array("L")  # first, last, side, precinct

    def add(self, numbers: str, precinct: str) -> None:
        owner, listed = self._register.precincts.number(precinct), read_numbers(numbers)
        self.settlement.precincts.add(precinct)
        for house in listed.singles:
            self._houses.extend((house.number, self._register.suffixes.number(house.suffix), owner))
        for run in listed.runs:
            self._runs.extend((run.first, run.last, _BOTH if run.side is None else run.side, owner))

    def close(self) -> None:
        """Put the houses in order, so that one is found among thousands at once."""
        values = iter(self._houses)
        houses = sorted(set(zip(values, values, values, strict=True)))
        self._houses = array("L", [value for house in houses for value in house])

    def holders(self, house: HouseNumber) -> tuple[list[str], float]:
        """Precincts the house may belong to and how well the list says so. A house named by itself goes first."""
        suffix = self._register.suffixes.known(house.suffix)
        beside = list(self._numbered(house.number))
        if named := [owner for found, owner in beside if found == suffix]:
            return self._names(named), EXACT
        runs = self._each_run()
        if by_run := [
            o for first, last, side, o in runs if first <= house.number <= last and side in (2, house.number % 2)
        ]:
            return self._names(by_run), EXACT
        if beside:
            return self._names([owner for _, owner in beside]), NEIGHBOUR
        return self.precincts(house.number), NOT_LISTED

    def has(self, house: HouseNumber) -> bool:
        """Whether the list has this very house."""
        suffix = self._register.suffixes.known(house.suffix)
        return any(found == suffix for found, _ in self._numbered(house.number)) or any(
            first <= house.number <= last and side in (2, house.number % 2) for first, last, side, _ in self._each_run()
        )

    def precincts(self, near: int = 0) -> list[str]:
        """All precincts of the street, those with the numbers nearest to `near` first."""
        reach: dict[int, int] = {}
        for at in range(0, len(self._houses), 3):
            away, owner = abs(self._houses[at] - near), self._houses[at + 2]
            reach[owner] = min(reach.get(owner, away), away)
        for first, last, _side, owner in self._each_run():
            away = max(first - near, 0, near - last)
            reach[owner] = min(reach.get(owner, away), away)
        names = self._register.precincts.words
        return sorted(
            (names[owner] for owner in reach), key=lambda name: (reach[self._register.precincts.known(name)], name)
        )

    def _numbered(self, number: int) -> Iterator[tuple[int, int]]:
        """Suffix and precinct of each house with this number."""
        at = bisect_left(range(len(self._houses) // 3), number, key=lambda index: self._houses[3 * index]) * 3
        while at < len(self._houses) and self._houses[at] == number:
            yield self._houses[at + 1], self._houses[at + 2]
            at += 3

    def _each_run(self) -> Iterator[tuple[int, int, int, int]]:
        values = iter(self._runs)
        return zip(values, values, values, values, strict=True)

    def _names(self, owners: list[int]) -> list[str]:
        return sorted(self._register.precincts.words[owner] for owner in set(owners))
