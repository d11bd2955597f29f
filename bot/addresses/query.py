"""What an address may mean: every way to split it into a street and a house, the likeliest first."""

import re
from dataclasses import dataclass

from bot.addresses.numbers import HouseNumber, read_house
from bot.addresses.words import (
    BLOCK_WORDS,
    FLAT_WORDS,
    HOUSE_WORDS,
    KIND_OF,
    ORDINALS,
    PLACE_WORDS,
    join_marks,
    skeleton,
)

LONGEST = 200
FAR_FETCHED = 4
_TOKEN = re.compile(r"\d+|[^\W\d_]+(?:['’][^\W\d_]+)*|[/,-]")


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    is_glued: bool

    @property
    def is_number(self) -> bool:
        return self.text.isdecimal()


@dataclass(frozen=True, slots=True)
class StreetName:
    """A street's own words as skeletons, sorted, so that word order does not matter, and the kinds it was called."""

    words: tuple[str, ...]
    kinds: frozenset[str]

    @property
    def key(self) -> str:
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read an address. A far-fetched one counts only where the register has exactly that street."""

    street: StreetName
    house: HouseNumber | None
    is_far_fetched: bool = False


def _cut(text: str) -> list[_Token]:
    text = join_marks(text[:LONGEST])
    return [
        _Token(match[0], match.start() > 0 and not text[match.start() - 1].isspace()) for match in _TOKEN.finditer(text)
    ]


def street_name(text: str) -> StreetName:
    """The words of a street as a register or a person writes it: «Абай көшесі», «мкр Степной-3»."""
    return _name(_cut(text), frozenset())


def _name(tokens: list[_Token], ignored: frozenset[str]) -> StreetName:
    words, kinds = [], set()
    for before, token in zip([None, *tokens], tokens, strict=False):
        word = skeleton(token.text)
        if kind := KIND_OF.get(word):
            kinds.add(kind)
        elif token.is_number:
            words.append(word.lstrip("0") or "0")
        elif before and before.text == "-" and word in ORDINALS:
            continue
        elif len(word) > 1 and word not in HOUSE_WORDS | PLACE_WORDS | FLAT_WORDS | ignored:
            words.append(word)
    return StreetName(tuple(sorted(words)), frozenset(kinds))


def readings(text: str, ignored: frozenset[str] = frozenset()) -> list[Reading]:
    """All sensible readings. `ignored` are skeletons that only name the town."""
    tokens = _without_flat(_cut(text))
    numbers = [index for index, token in enumerate(tokens) if token.is_number]
    found: list[tuple[int, Reading]] = []
    for index in numbers:
        if _belongs_to_name(tokens, index, numbers):
            continue
        house, end = _house_at(tokens, index)
        rest = tokens[:index] + _without_loose_numbers(tokens[end:])
        street = _name(rest, ignored)
        if street.words and house:
            rank = _unlikeliness(tokens, index, numbers)
            found.append((rank, Reading(street, house, is_far_fetched=rank == FAR_FETCHED)))
    whole = _name(tokens, ignored)
    if whole.words:
        found.append((FAR_FETCHED + 1, Reading(whole, None, is_far_fetched=bool(found))))
    return [reading for _, reading in sorted(found, key=lambda pair: pair[0])]


def _without_loose_numbers(tokens: list[_Token]) -> list[_Token]:
    """What follows the house: a number that stands with a word names the street («17, 8 наурыз», «5, Степной-3»)."""
    kept = []
    for index, token in enumerate(tokens):
        after = tokens[index + 1].text if index + 1 < len(tokens) else ","
        is_joined = index > 1 and tokens[index - 1].text == "-" and tokens[index - 2].text.isalpha()
        if not token.is_number or is_joined or after == "-" or after.isalpha():
            kept.append(token)
    return kept


def _without_flat(tokens: list[_Token]) -> list[_Token]:
    """Drop «кв. 5», «5 пәтер» (only where the number does not follow the street) and «подъезд 2»."""
    kept: list[_Token] = []
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


def _belongs_to_name(tokens: list[_Token], index: int, numbers: list[int]) -> bool:
    """The 3 of «Степной-3, 12»: joined to a word by a hyphen while another number follows."""
    return (
        index >= 2
        and tokens[index - 1].text == "-"
        and not tokens[index - 2].is_number
        and tokens[index - 1].is_glued
        and index != numbers[-1]
    ) or (index > 0 and tokens[index - 1].text == "/")


def _unlikeliness(tokens: list[_Token], index: int, numbers: list[int]) -> int:
    before = tokens[index - 1] if index else None
    if index > 1 and tokens[index - 1].text == "-" and tokens[index - 2].is_number:
        return FAR_FETCHED  # «12-45» is a house and a flat, unless the street is «Степной 12»
    if before and skeleton(before.text) in HOUSE_WORDS:
        return 0
    if index + 1 < len(tokens) and skeleton(tokens[index + 1].text) in HOUSE_WORDS:
        return 0
    if before and before.text == ",":
        return 1
    return 2 if index == numbers[-1] else 3


def _house_at(tokens: list[_Token], index: int) -> tuple[HouseNumber | None, int]:
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
