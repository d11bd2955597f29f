"""House lists: each line by itself, then every house against all the others, whatever its street is called."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from bot.addresses import Numbers, Settlement, Settlements, read_numbers, street_name
from bot.errors import N_
from bot.services.territory_files.cells import Columns, Row, is_day, rows
from bot.services.territory_files.entries import HouseEntry
from bot.services.territory_files.faults import Faults
from bot.services.territory_files.overlaps import Track, in_both, spans_of
from bot.services.territory_files.tables import Table

HOUSES = Columns(
    ("precinct", "street_kk", "street_ru", "numbers"),
    ("old_name_kk", "old_name_ru", "complex_kk", "complex_ru", "settlement_kk", "settlement_ru"),
)

Name = tuple[str, frozenset[str]]
Place = tuple[Settlement, str]
"""A street's name where it stands: every village has its «Абай көшесі»."""


def read_houses(
    table: Table | None, precincts: frozenset[str] | None, faults: Faults, own: tuple[str, ...] = ()
) -> tuple[HouseEntry, ...]:
    """House lists. Houses named in two precincts are a fault at the later line. `own` is the town that rows without
    a settlement lie in."""
    found: list[HouseEntry] = []
    register, lines = _Register(own), dict[int, Row]()
    named: dict[Settlement, int] = {}
    for row in rows(table, HOUSES, faults):
        entry = _read_house(row, precincts)
        found.append(entry)
        lines[row.line] = row
        _check_settlement(row, entry, register.settlements, named)
        if entry.precinct and entry.numbers and entry.street_kk and (numbers := _read_numbers(row, entry)):
            register.add(row, entry, numbers)
    pairs = {(clash.later.line, clash.earlier.line): clash for clash in register.clashes()}
    for (line, _earlier), clash in sorted(pairs.items(), key=lambda pair: pair[0]):
        _report(lines[line], clash)
    return tuple(found)


def _check_settlement(row: Row, entry: HouseEntry, settlements: Settlements, named: dict[Settlement, int]) -> None:
    kk, ru = entry.settlement_kk, entry.settlement_ru
    rival = settlements.rival(kk, ru) if kk and ru else None
    if rival is not None and rival in named:
        row.fault(
            N_("The settlement “{kk}” / “{ru}” is “{other_kk}” / “{other_ru}” in line {other}. Write it alike; two of "
               "one name are told apart in brackets."),
            kk=kk, ru=ru, other_kk=rival.kk, other_ru=rival.ru, other=named[rival],
        )  # fmt: skip
    if kk and ru:
        named.setdefault(settlements.of(kk, ru), row.line)


def _read_house(row: Row, precincts: frozenset[str] | None) -> HouseEntry:
    precinct = row.known_precinct("precinct", precincts)
    complex_kk, complex_ru = row.text("complex_kk"), row.text("complex_ru")
    settlement_kk, settlement_ru = row.text("settlement_kk"), row.text("settlement_ru")
    for name, kk, ru in (("complex", complex_kk, complex_ru), ("settlement", settlement_kk, settlement_ru)):
        if bool(kk) != bool(ru):
            row.filled(f"{name}_ru" if kk else f"{name}_kk")
    street_kk, street_ru = row.text("street_kk"), row.text("street_ru")
    if not (street_kk or street_ru) and (complex_kk or settlement_kk):  # houses that stand on no street
        street_kk, street_ru = (complex_kk, complex_ru) if complex_kk else (settlement_kk, settlement_ru)
    else:
        row.filled("street_kk")
        row.filled("street_ru")
    return HouseEntry(
        precinct,
        street_kk,
        street_ru,
        row.text("old_name_kk"),
        row.text("old_name_ru"),
        row.filled("numbers"),
        complex_kk,
        complex_ru,
        settlement_kk,
        settlement_ru,
    )


def _read_numbers(row: Row, entry: HouseEntry) -> Numbers | None:
    if is_day(entry.numbers):
        row.fault(N_("Excel took the house number for a date: {value}. Format the column as text, type it again."),
                  value=entry.numbers)  # fmt: skip
        return None
    try:
        return read_numbers(entry.numbers)
    except ValueError as error:
        row.fault(N_("“{value}” is not a house number or a run like “1-35 odd”."), value=str(error))
        return None


_TWICE = {  # one house, one name of its street
    (True, True): N_("House {house} of {street} is already in precinct {precinct}, line {other}. Leave one."),
    (True, False): N_(
        "House {house} of {street} is already in precinct {precinct}, line {other}, as “{name}”. Leave one."
    ),
    (False, True): N_(
        "Houses of {street} are already in precinct {precinct}, line {other}: {houses}. Leave each in one precinct."
    ),
    (False, False): N_(
        "Houses of {street} are already in precinct {precinct}, line {other}, as “{name}”: {houses}."
        " Leave each in one precinct."
    ),
}


def _report(row: Row, clash: "_Clash") -> None:
    if clash.is_repeated:
        row.fault(N_("The line repeats line {other}. Remove one of them."), other=clash.earlier.line)
        return
    houses = in_both(clash.later.numbers, clash.earlier.numbers)
    street, name = clash.later.entry.street_kk, clash.earlier.entry.street_kk
    facts = {"street": street, "precinct": clash.earlier.entry.precinct, "other": clash.earlier.line}
    facts |= {"house": str(houses)} if houses.count == 1 else {"houses": houses}
    facts |= {"name": name} if name != street else {}
    row.fault(_TWICE[houses.count == 1, name == street], **facts)


@dataclass(frozen=True, slots=True, eq=False)
class _Claim:
    """A line's word that its precinct has these houses."""

    line: int
    entry: HouseEntry
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class _Clash:
    later: _Claim
    earlier: _Claim
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class _Named:
    """A claim under one of its street's names. A name that is only former or a complex's proves nothing by itself."""

    claim: _Claim
    kinds: frozenset[str]
    is_proof: bool


@dataclass(frozen=True, slots=True)
class _Span:
    """Houses of one side, or one house with a letter (0 to 0)."""

    first: int
    last: int
    named: _Named

    @property
    def precinct(self) -> str:
        return self.named.claim.entry.precinct


class _Register:
    """All claims by each of their streets' names."""

    def __init__(self, own: tuple[str, ...] = ()) -> None:
        self.settlements = Settlements(own)
        self._named: dict[Place, list[_Named]] = defaultdict(list)
        self._precincts: dict[Place, set[str]] = defaultdict(set)
        self._whole: dict[object, _Claim] = {}
        self._repeated: list[_Clash] = []
        self._names: dict[str, Name] = {}

    def add(self, row: Row, entry: HouseEntry, numbers: Numbers) -> None:
        claim = _Claim(row.line, entry, numbers)
        settlement = self.settlements.of(entry.settlement_kk, entry.settlement_ru)
        said = (entry.precinct, settlement, self._name(entry.street_kk), self._name(entry.street_ru), entry.complex_kk,
                frozenset(numbers.singles), frozenset(numbers.runs))  # fmt: skip
        if (before := self._whole.setdefault(said, claim)) is not claim:
            self._repeated.append(_Clash(claim, before, is_repeated=True))
            return
        names: dict[Name, bool] = {}
        for text in (entry.old_name_kk, entry.old_name_ru, entry.complex_kk, entry.complex_ru):
            if text:
                names[self._name(text)] = False
        for text in (entry.street_kk, entry.street_ru):
            if text:
                names[self._name(text)] = True
        for (key, kinds), is_proof in names.items():
            self._named[settlement, key].append(_Named(claim, kinds, is_proof))
            self._precincts[settlement, key].add(entry.precinct)

    def _name(self, text: str) -> Name:
        if text not in self._names:
            name = street_name(text)
            self._names[text] = name.key, name.kinds
        return self._names[text]

    def clashes(self) -> Iterator[_Clash]:
        """Pairs of lines with a house in two precincts, at least one for each later line that names such a house."""
        yield from self._repeated
        for place, precincts in self._precincts.items():
            if place[1] and len(precincts) > 1:
                for alike in _of_one_kind(self._named[place]):
                    yield from _overlaps(alike)


def _of_one_kind(named: list[_Named]) -> Iterator[list[_Named]]:
    """«Абай көшесі» and «Абай даңғылы» are two streets; «Абай» alone may be either."""
    kinds = frozenset().union(*(one.kinds for one in named))
    if len(kinds) < 2:
        yield named
        return
    for kind in sorted(kinds):
        yield [one for one in named if kind in one.kinds or not one.kinds]


def _overlaps(named: list[_Named]) -> Iterator[_Clash]:
    """Spans sorted by their first house: only the one that reaches farthest, of another precinct, must be looked at."""
    tracks: dict[Track, list[_Span]] = defaultdict(list)
    for one in named:
        for track, first, last in spans_of(one.claim.numbers):
            tracks[track].append(_Span(first, last, one))
    for spans in tracks.values():
        spans.sort(key=lambda span: (span.first, span.last))
        everyone, proofs = _Reach(), _Reach()
        for span in spans:
            other = (everyone if span.named.is_proof else proofs).beyond(span)
            if other is not None:
                later, earlier = sorted((span.named.claim, other.named.claim), key=lambda claim: -claim.line)
                yield _Clash(later, earlier)
            everyone.add(span)
            if span.named.is_proof:
                proofs.add(span)


class _Reach:
    """The span that reaches farthest, and the farthest one of any other precinct."""

    def __init__(self) -> None:
        self._farthest: _Span | None = None
        self._next: _Span | None = None

    def beyond(self, span: _Span) -> _Span | None:
        """A span of another precinct that reaches the beginning of this one."""
        far = self._farthest
        if far is not None and far.precinct == span.precinct:
            far = self._next
        return far if far is not None and far.last >= span.first else None

    def add(self, span: _Span) -> None:
        far = self._farthest
        if far is None or far.precinct == span.precinct:
            if far is None or span.last > far.last:
                self._farthest = span
        elif span.last > far.last:
            self._farthest, self._next = span, far
        elif self._next is None or span.last > self._next.last:
            self._next = span
