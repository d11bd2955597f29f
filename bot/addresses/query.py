"""What an address may mean: every way to split it into a street and a house, the likeliest first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from bot.addresses.numbers import HouseNumber, read_house
from bot.addresses.streets import Settlement
from bot.addresses.tokens import Token, cut
from bot.addresses.words import (
    AREA,
    BLOCK_WORDS,
    FLAT_WORDS,
    HOUSE_WORDS,
    KIND_OF,
    ORDINALS,
    PLACE_WORDS,
    SLIPS_OF,
    skeleton,
)

FAR_FETCHED = 6

Towns = Collection[tuple[str, ...]]
"""Names of towns as skeletons, a word each: «Алтынарқа» is («алтинарка»,)."""


@dataclass(frozen=True, slots=True)
class StreetName:
    """A street's own words as skeletons, sorted, so that word order does not matter, and the kinds it was called.

    `spelt` are the same words as they followed each other, in one piece; `slips` the kinds it may have been called
    if a finger slipped in a short word: «пр.» for «пер.».
    """

    words: tuple[str, ...]
    kinds: frozenset[str]
    spelt: str = field(default="", compare=False)
    slips: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def key(self) -> str:
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read an address. A far-fetched one counts only where the register has exactly that street.

    `is_plain`: the house stands by itself or is called one, so that its number can be no part of the street's name.
    `is_doubtful`: the town's name was taken for the street's, or the other way round. `where`: only there.
    """

    street: StreetName
    house: HouseNumber | None
    is_far_fetched: bool = False
    is_plain: bool = False
    is_doubtful: bool = False
    where: frozenset[Settlement] | None = None


def street_name(text: str) -> StreetName:
    """The words of a street as a register or a person writes it: «Абай көшесі», «мкр Степной-3»."""
    return _name(cut(text))


def town_words(text: str) -> tuple[str, ...]:
    """A town's name as `readings` wants it."""
    words = (skeleton(token.text) for token in cut(text) if token.text.isalpha())
    return tuple(word for word in words if word not in PLACE_WORDS)


def _name(tokens: list[Token]) -> StreetName:
    words, aside = list[str](), list[str]()
    kinds, slips = set[str](), set[str]()
    for before, token in zip([None, *tokens], tokens, strict=False):
        word = skeleton(token.text)
        if kind := KIND_OF.get(word):
            kinds.add(kind)
            slips |= SLIPS_OF.get(word, frozenset())
        elif token.is_number:
            words.append(word.lstrip("0") or "0")
        elif before and before.text == "-" and word in ORDINALS:
            continue
        elif len(word) > 1:
            (aside if word in _NO_NAMES else words).append(word)
    words = words or [word for word in aside if word not in FLAT_WORDS]  # «Қала көшесі» is named after the town
    return make_name(words, frozenset(kinds), frozenset(slips))


_NO_NAMES = HOUSE_WORDS | PLACE_WORDS | FLAT_WORDS


def make_name(words: Sequence[str], kinds: frozenset[str], slips: frozenset[str] = frozenset()) -> StreetName:
    return StreetName(tuple(sorted(words)), kinds, "".join(words), slips)


def readings(text: str, towns: Towns = ()) -> list[Reading]:
    """All sensible readings, the likeliest first. `towns` are what people put before the street."""
    tokens = without_flat(cut(text))
    found = ranked_readings(_without_town(tokens, towns))
    if towns:
        known = {(reading.street, reading.house) for _, reading in found}
        found += [  # a street may be called like the town
            (rank + FAR_FETCHED, Reading(reading.street, reading.house, is_far_fetched=True, is_doubtful=bool(found)))
            for rank, reading in ranked_readings(tokens)
            if (reading.street, reading.house) not in known
        ]
    return [reading for _, reading in sorted(found, key=lambda pair: pair[0])]


def ranked_readings(tokens: list[Token]) -> list[tuple[int, Reading]]:
    numbers = [index for index, token in enumerate(tokens) if token.is_number]
    found: list[tuple[int, Reading]] = []
    for index in numbers:
        if _belongs_to_name(tokens, index, numbers):
            continue
        house, end = _house_at(tokens, index)
        street = _name(tokens[:index] + _without_loose_numbers(tokens[end:]))
        if street.words and house:
            rank = _unlikeliness(tokens, index, end, numbers)
            found.append((rank, Reading(street, house, rank == FAR_FETCHED, rank <= _LONE)))
    whole = _name(tokens)
    if whole.words:
        found.append((FAR_FETCHED + 1, Reading(whole, None, is_far_fetched=bool(found))))
    return found


def may_name(tokens: list[Token]) -> bool:
    """Whether a street is left: a word of its own, or a number beside «мкр» or the house's."""
    words = {skeleton(token.text) for token in tokens if len(token.text) > 1 and token.text[0].isalpha()}
    numbers = sum(token.is_number for token in tokens)
    kinds = {KIND_OF.get(word) for word in words}
    return bool(words - KIND_OF.keys() - _NO_NAMES) or numbers > 1 or (numbers == 1 and AREA in kinds)


def _without_town(tokens: list[Token], towns: Towns) -> list[Token]:
    """Drop a town's whole name wherever it stands, unless nothing would be left to look for."""
    words = [skeleton(token.text) for token in tokens]
    for town in sorted(towns, key=len, reverse=True):
        for start, token in enumerate(words):
            span = [i for i in range(start, min(len(words), start + 2 * len(town))) if words[i] != "-"][: len(town)]
            if town and token == town[0] and tuple(words[i] for i in span) == town:
                first, end = start, span[-1] + 1
                while first and (words[first - 1] in PLACE_WORDS or (words[first - 1] == "," and end == len(tokens))):
                    first -= 1
                while end < len(tokens) and (words[end] in PLACE_WORDS or words[end] == ","):
                    end += 1
                comma = [Token(",", is_glued=True)] if first and end < len(tokens) else []
                kept = tokens[:first] + comma + tokens[end:]
                return kept if may_name(kept) else tokens
    return tokens


def _without_loose_numbers(tokens: list[Token]) -> list[Token]:
    """What follows the house: a number that stands with a word names the street («17, 8 наурыз», «5, Степной-3»)."""
    kept = []
    for index, token in enumerate(tokens):
        after = tokens[index + 1].text if index + 1 < len(tokens) else ","
        is_joined = index > 1 and tokens[index - 1].text == "-" and tokens[index - 2].text.isalpha()
        if not token.is_number or is_joined or after == "-" or after.isalpha():
            kept.append(token)
    return kept


def without_flat(tokens: list[Token]) -> list[Token]:
    """Drop «кв. 5», «5 пәтер» (only where the number does not follow the street) and «подъезд 2»."""
    kept: list[Token] = []
    index = 0
    while index < len(tokens):
        if not tokens[index].is_number and skeleton(tokens[index].text) in FLAT_WORDS and kept:
            if index + 1 < len(tokens) and tokens[index + 1].is_number:
                index += 1
            elif sum(token.is_number for token in kept) > 1:
                if kept[-1].text == "-":
                    kept.pop()
                if kept[-1].is_number:
                    kept.pop()
        else:
            kept.append(tokens[index])
        index += 1
    return kept


def _belongs_to_name(tokens: list[Token], index: int, numbers: list[int]) -> bool:
    """The 3 of «Степной-3, 12»: joined to a word by a hyphen while another number follows. The 12 of «12-й»."""
    return (
        (
            index >= 2
            and tokens[index - 1].text == "-"
            and not tokens[index - 2].is_number
            and tokens[index - 1].is_glued
            and index != numbers[-1]
        )
        or (index > 0 and tokens[index - 1].text == "/")
        or (index + 2 < len(tokens) and tokens[index + 1].text == "-" and skeleton(tokens[index + 2].text) in ORDINALS)
    )


_CALLED, _LONE = 0, 1


def _unlikeliness(tokens: list[Token], index: int, end: int, numbers: list[int]) -> int:
    """How far the number at `index` is from being the house. `end` is where what belongs to it ends."""
    before = tokens[index - 1] if index else None
    after = skeleton(tokens[end].text) if end < len(tokens) else ","
    if index > 1 and tokens[index - 1].text == "-" and tokens[index - 2].is_number:
        return FAR_FETCHED  # «12-45» is a house and a flat, unless the street is «Степной 12»
    if (before and skeleton(before.text) in HOUSE_WORDS) or after in HOUSE_WORDS:
        return _CALLED
    if (before is None or before.text == ",") and after == ",":
        return _LONE
    if len(numbers) > 1 and KIND_OF.get(after) == AREA:
        return 5  # «5 12 мкр», «12 мкр 5»
    if before and before.text == "," and not (after.isalpha() and index != numbers[-1]):
        return 2
    return 3 if index == numbers[-1] else 4


def _house_at(tokens: list[Token], index: int) -> tuple[HouseNumber | None, int]:
    """The longest house number that begins here, and the index behind it."""
    text, end = tokens[index].text, index + 1

    def peek(offset: int) -> str:
        return tokens[end + offset].text if end + offset < len(tokens) else ""

    if len(peek(0)) == 1 and peek(0).isalpha() and (tokens[end].is_glued or peek(0) in "абвгaвb"):
        if not (skeleton(peek(0)) in BLOCK_WORDS and peek(1).isdecimal()):
            text, end = text + peek(0), end + 1
    elif peek(0) == "-" and len(peek(1)) == 1 and peek(1).isalpha() and tokens[end + 1].is_glued:
        text, end = text + peek(1), end + 2
    if peek(0) == "/" and (peek(1).isdecimal() or len(peek(1)) == 1):
        text, end = f"{text}/{peek(1)}", end + 2
        if len(peek(0)) == 1 and peek(0).isalpha() and tokens[end].is_glued:
            text, end = text + peek(0), end + 1
    if skeleton(peek(0)) in BLOCK_WORDS and peek(1).isdecimal():
        text, end = f"{text}к{peek(1)}", end + 2
    house = read_house(text)
    return (house, end) if house else (read_house(tokens[index].text), index + 1)
