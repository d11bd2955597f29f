"""What stands around a settlement's name: «ауылы», its district, and what is left for the street."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bot.addresses.query import may_name
from bot.addresses.slips import short
from bot.addresses.streets import Settlement
from bot.addresses.tokens import Token
from bot.addresses.words import AREA, DISTRICT_WORDS, KIND_OF, STREET_WORDS_AFTER, VILLAGE_AFTER, VILLAGE_BEFORE
from bot.addresses.words import VILLAGE_KIND_OF as VILLAGE


@dataclass(frozen=True, slots=True)
class Named:
    """Settlements an address may name, and the rest of it. `is_called`: with «ауылы» or «село»; `is_alone`: no street
    is named, `has_number`: but perhaps a house."""

    where: frozenset[Settlement]
    rest: list[Token] = field(default_factory=list)
    is_doubtful: bool = False
    is_called: bool = False
    is_alone: bool = False
    has_number: bool = False


def pieces(words: list[str]) -> Iterator[tuple[int, int]]:
    segments = list(_segments(words))
    for start, end in segments:
        bare = [at for at in range(start, end) if words[at] not in VILLAGE]
        if bare and bare == list(range(bare[0], bare[-1] + 1)):
            yield bare[0], bare[-1] + 1
    for start, end in segments:
        for at in range(start, end):
            if (words[at] in VILLAGE and len(words[at]) > 1) or (words[at] in VILLAGE_BEFORE and at + 1 < end):
                if words[at] not in VILLAGE_BEFORE and at > start:
                    yield from ((max(start, at - n), at) for n in (1, 2))
                if words[at] not in VILLAGE_AFTER and at + 1 < end:
                    yield from ((at + 1, min(end, at + 1 + n)) for n in (1, 2))
    for start, end in segments:
        for first, last in ((start, start + 1), (end - 1, end), (start, start + 2), (end - 2, end)):
            if start <= first < last <= end and all(
                word.isalpha() and word not in KIND_OF and word not in VILLAGE for word in words[first:last]
            ):
                yield first, last


def _segments(words: list[str]) -> Iterator[tuple[int, int]]:
    start = 0
    for at, word in enumerate([*words, ","]):
        if word == ",":
            if at > start:
                yield start, at
            start = at + 1


def around(tokens: list[Token], start: int, end: int, where: frozenset[Settlement]) -> Iterator[Named]:
    """The name at `start` to `end` with the word that says what it is: «ауылы», «село», «г.»."""
    words = skeletons(tokens)
    where = _in_district(where, words)
    after = words[end] if end < len(words) else ","
    before = words[start - 1] if start else ","
    if after in DISTRICT_WORDS:
        if not all(one.districts for one in where):
            return  # «Қарағанды облысы», «Абай ауданы» are no settlements
        end, after = end + 1, words[end + 1] if end + 1 < len(words) else ","
    if after in VILLAGE and after not in VILLAGE_BEFORE:
        yield replace(_left(tokens, start, end + 1, _of_kind(where, VILLAGE[after])), is_called=True)
    elif before in VILLAGE and before not in VILLAGE_AFTER and not _is_houses(tokens, start - 1):
        yield replace(_left(tokens, start - 1, end, _of_kind(where, VILLAGE[before])), is_called=True)
        if len(before) == 1 and start > 1 and tokens[start - 2].is_number:
            yield _left(tokens, start, end, (where, False))  # «5 а Ақтас» may be house 5А
    else:
        is_streets = (
            after in STREET_WORDS_AFTER
            or (KIND_OF.get(after) == AREA and (end + 1 == len(words) or not words[end + 1].isalpha()))
            or (before in KIND_OF and before not in STREET_WORDS_AFTER)
        )
        yield _left(tokens, start, end, (where, is_streets))


def _in_district(where: frozenset[Settlement], words: list[str]) -> frozenset[Settlement]:
    """Of two villages of one name the one whose district is told: «Абай ауданы, Қызылту»."""
    if len(where) < 2:
        return where
    told = set[str]()
    for at, word in enumerate(words):
        if word in DISTRICT_WORDS:
            for n in range(1, 4):
                told |= {short("".join(words[max(0, at - n) : at])), short("".join(words[at + 1 : at + 1 + n]))}
    return frozenset(one for one in where if told & one.districts) or where


def _is_houses(tokens: list[Token], at: int) -> bool:
    """The «а» of «5а»."""
    return at > 0 and tokens[at].is_glued and tokens[at - 1].is_number and len(tokens[at].text) == 1


def _of_kind(where: frozenset[Settlement], kind: str) -> tuple[frozenset[Settlement], bool]:
    """Those of this kind; of another kind only where there is none, and in doubt: people call a посёлок a село."""
    for wanted in (kind, ""):
        if some := frozenset(one for one in where if one.kind == wanted):
            return some, False
    return where, True


def _left(tokens: list[Token], start: int, end: int, said: tuple[frozenset[Settlement], bool]) -> Named:
    where, is_doubtful = said
    while start and tokens[start - 1].text == "," and end == len(tokens):
        start -= 1
    while end < len(tokens) and tokens[end].text == ",":
        end += 1
    comma = [Token(",", is_glued=True)] if start and end < len(tokens) else []
    rest = without_districts(tokens[:start] + comma + tokens[end:])
    if may_name(rest):
        return Named(where, rest, is_doubtful)
    words = skeletons(rest)
    is_alone = not any(word in KIND_OF for word in words)
    return Named(where, [], is_doubtful, is_alone=is_alone, has_number=any(word.isdecimal() for word in words))


def without_districts(tokens: list[Token]) -> list[Token]:
    """Without «Қарағанды облысы» and «Абайский район» between commas, unless nothing would be left."""
    words = skeletons(tokens)
    kept: list[Token] = []
    for start, end in _segments(words):
        piece = words[start:end]
        if not DISTRICT_WORDS.intersection(piece) or any(word.isdecimal() for word in piece):
            kept += [*([Token(",", is_glued=True)] if kept else []), *tokens[start:end]]
    return kept if may_name(kept) else tokens


def skeletons(tokens: list[Token]) -> list[str]:
    return [token.skeleton for token in tokens]
