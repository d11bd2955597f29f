"""House numbers as lists and people write them: «12», «12А», «12/1», «12 к2», and runs such as «1-35 odd»."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_LOOK_ALIKES = str.maketrans("abcdefghkmoptx", "абсдефгнкмортх") | {ord("ё"): "е"}
_HOUSE = re.compile(
    r"(?P<number>\d{1,4})(?:\s?-?\s?(?P<letter>[а-йл-я]|к(?!\.?\s?\d)))?"
    r"(?:\s?/\s?(?:(?P<part>\d{1,3})(?P<part_letter>[а-я])?|(?P<slash_letter>[а-я])))?"
    r"(?:\s?-?\s?(?:к|корп|корпус|блок)\.?\s?(?P<block>\d{1,2}))?"
)
_RUN = re.compile(r"(?P<first>\d{1,4})\s*[-–—]\s*(?P<last>\d{1,4})(?:\s+(?P<side>[^\W\d]+))?")
_SIDES = {
    **dict.fromkeys(("odd", "тақ", "так", "нечет", "нечетные", "нечетная"), 1),
    **dict.fromkeys(("even", "жұп", "жуп", "чет", "четные", "четная"), 0),
}


@dataclass(frozen=True, slots=True, order=True)
class HouseNumber:
    """A number and what follows it, folded: «а», «/1», «а/2», «к2» or nothing."""

    number: int
    suffix: str = ""

    def __str__(self) -> str:
        letters = self.suffix.upper()
        return f"{self.number}{letters.replace('К', ' к') if _has_block(letters) else letters}"


def _has_block(suffix: str) -> bool:
    return bool(re.search(r"К\d", suffix))


@dataclass(frozen=True, slots=True)
class Run:
    """All houses from `first` to `last`, or those of one side: `side` 1 is odd, 0 even, None both."""

    first: int
    last: int
    side: int | None = None

    def __contains__(self, number: int) -> bool:
        return self.first <= number <= self.last and (self.side is None or number % 2 == self.side)

    def __iter__(self) -> Iterator[int]:
        return (number for number in range(self.first, self.last + 1) if number in self)


@dataclass(frozen=True, slots=True)
class Numbers:
    """One cell of a house list. A house named by itself goes before a run that covers its number."""

    singles: tuple[HouseNumber, ...]
    runs: tuple[Run, ...]

    def each(self) -> Iterable[HouseNumber]:
        yield from self.singles
        for run in self.runs:
            yield from map(HouseNumber, run)


def read_house(text: str) -> HouseNumber | None:
    """«12А», «12a», «12-А», «12/1», «12 к2», «12 корпус 2» → the number; None if it is something else."""
    match = _HOUSE.fullmatch(text.strip().casefold().translate(_LOOK_ALIKES))
    if match is None or not int(match["number"]):
        return None
    suffix = match["letter"] or match["slash_letter"] or ""
    suffix += f"/{match['part']}{match['part_letter'] or ''}" if match["part"] else ""
    suffix += f"к{match['block']}" if match["block"] else ""
    return HouseNumber(int(match["number"]), suffix)


def read_numbers(text: str) -> Numbers:
    """«1-35 odd, 2-40 even, 12А, 51/2» → numbers. Sides also as тақ/жұп, нечёт/чёт. ValueError names the bad part."""
    singles: list[HouseNumber] = []
    runs: list[Run] = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        if run := _RUN.fullmatch(part.casefold().translate({ord("ё"): "е"})):
            first, last = int(run["first"]), int(run["last"])
            side = _SIDES.get(run["side"] or "")
            if not 0 < first <= last or (run["side"] and side is None):
                raise ValueError(part)
            runs.append(Run(first, last, side))
        elif house := read_house(part):
            singles.append(house)
        else:
            raise ValueError(part)
    if not singles and not runs:
        raise ValueError(text)
    return Numbers(tuple(singles), tuple(runs))
