"""Which houses two lines of a list have in common: by spans, so that a long run costs as little as one house."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.addresses import HouseNumber, Numbers
from bot.i18n import _, number

SHOWN = 12
"""Houses named in one fault; of more it says how many."""

Track = tuple[int, str]
"""Odd or even numbers (1 or 0 and no suffix), or all that is called «12А»."""
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Houses:
    """The first of them and how many there are; as words in the language of whoever reads the fault."""

    first: tuple[HouseNumber, ...]
    count: int

    def __str__(self) -> str:
        named = ", ".join(map(str, self.first))
        left = self.count - len(self.first)
        return _("{houses} and {n} more", houses=named, n=number(left)) if left else named


def spans_of(numbers: Numbers) -> Iterator[tuple[Track, int, int]]:
    """First and last house of each side; a house with a letter is a track of its own."""
    for house in numbers.singles:
        track = (house.number, house.suffix) if house.suffix else (house.number % 2, "")
        place = 0 if house.suffix else house.number
        yield track, place, place
    for run in numbers.runs:
        for side in (0, 1) if run.side is None else (run.side,):
            first, last = run.first + (run.first % 2 != side), run.last - (run.last % 2 != side)
            if first <= last:
                yield (side, ""), first, last


def in_both(one: Numbers, other: Numbers) -> Houses:
    ours, theirs = _joined(one), _joined(other)
    count, first = 0, list[HouseNumber]()
    for track in ours.keys() & theirs.keys():
        for start, end in _common(ours[track], theirs[track]):
            size = (end - start) // 2 + 1
            shown = range(start, start + 2 * min(size, SHOWN), 2)
            first += [HouseNumber(*track) if track[1] else HouseNumber(place) for place in shown]
            count += size
    return Houses(tuple(sorted(first)[:SHOWN]), count)


def _joined(numbers: Numbers) -> dict[Track, list[Span]]:
    """In order, none touching another: a house that is named twice counts once."""
    found: dict[Track, list[Span]] = defaultdict(list)
    for track, first, last in sorted(spans_of(numbers)):
        spans = found[track]
        if spans and first <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(last, spans[-1][1])
        else:
            spans.append((first, last))
    return found


def _common(ours: Sequence[Span], theirs: Sequence[Span]) -> Iterator[Span]:
    mine = yours = 0
    while mine < len(ours) and yours < len(theirs):
        start, end = max(ours[mine][0], theirs[yours][0]), min(ours[mine][1], theirs[yours][1])
        if start <= end:
            yield start, end
        if ours[mine][1] < theirs[yours][1]:
            mine += 1
        else:
            yours += 1
