"""What in a text tells who wrote it: names, phones, @names, e-mails, addresses, flats. Pure; it only points at them."""

import re
from dataclasses import dataclass
from functools import cache

from bot.data import load
from bot.errors import N_

KINDS = {
    "phone": N_("Phone"),
    "email": N_("E-mail"),
    "handle": N_("Account"),
    "iin": N_("Identity number"),
    "address": N_("Address"),
    "flat": N_("Flat"),
    "name": N_("Name of a person"),
}
MOST = 12
_PHONE = re.compile(r"(?<![\d])\+?\d(?:[\s\-–().]{0,2}\d){9,10}(?!\d)")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,5}")
_HANDLE = re.compile(r"(?<![\w@.])@[A-Za-z]\w{3,31}|(?:t\.me|wa\.me|instagram\.com|vk\.com)/[\w.+-]+", re.IGNORECASE)
_IIN = re.compile(r"(?<!\d)\d{12}(?!\d)")
_CAPITAL = r"[А-ЯЁӘҒҚҢӨҰҮҺІA-Z]"
_WORD = rf"(?<!\w){_CAPITAL}[^\W\d_]{{1,30}}(?:-{_CAPITAL}[^\W\d_]{{1,30}})?"  # bounded: no text may take long
_HOUSE = r"\d{1,4}(?:\s?[/-]\s?\d{1,4})?\s?[а-яa-z]?(?!\w)"


@dataclass(frozen=True, slots=True)
class Revealed:
    kind: str
    words: str


def revealed(text: str) -> list[Revealed]:
    """In the order they stand; each only once."""
    found: dict[tuple[str, str], int] = {}
    taken: list[tuple[int, int]] = []
    for kind, pattern in _patterns():
        for match in pattern.finditer(text):
            start, end = match.span("it") if "it" in pattern.groupindex else match.span()
            if any(start < last and first < end for first, last in taken):
                continue
            taken.append((start, end))
            found.setdefault((kind, " ".join(text[start:end].split()).strip(" .,;")), start)
    ordered = sorted(found.items(), key=lambda item: item[1])
    return [Revealed(kind, words) for (kind, words), _place in ordered][:MOST]


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    words = load("reveal")
    after, behind = _any(words["name_after"]), _any(words["name_before"])
    surname, patronymic = _any(words["surname_ends"]), _any(words["patronymic_ends"])
    street, flat = _any(words["street_words"]), _any(words["flat_words"])
    flags = re.IGNORECASE
    plain = rf"(?-i:{_WORD})"
    return (
        ("email", _EMAIL),
        ("handle", _HANDLE),
        ("iin", _IIN),
        ("phone", _PHONE),
        ("flat", re.compile(rf"(?<!\w)(?:{flat})[.\s№:-]{{0,3}}\d{{1,4}}(?!\w)"
                            rf"|(?<!\w)\d{{1,4}}\s?-?\s?(?:{flat})\w{{0,20}}", flags)),
        ("address", re.compile(rf"{plain}(?:\s{plain})?\s(?:{street})\w*,?\s*{_HOUSE}", flags)),
        ("address", re.compile(rf"(?<!\w)(?:{street})\.?\s+(?:{plain}\s*){{0,2}},?\s*{_HOUSE}", flags)),
        ("address", re.compile(rf"(?<![.!?]\s)(?<!^){plain},?\s{_HOUSE}", flags)),
        ("name", re.compile(rf"(?<!\w)(?:{after})[\s,:–—-]{{1,3}}(?P<it>{plain}(?:\s{plain}){{0,2}})", flags)),
        ("name", re.compile(rf"(?P<it>{plain}(?:\s{plain})?)\s(?:{behind})(?!\w)", flags)),
        ("name", re.compile(rf"(?P<it>(?:{plain}\s)?{plain}\s"
                            rf"(?-i:{_CAPITAL})[^\W\d_]{{1,30}}(?:{patronymic})(?!\w))", flags)),
        ("name", re.compile(rf"(?P<it>{plain}\s(?-i:{_CAPITAL})[^\W\d_]{{1,30}}(?:{surname})|"
                            rf"(?<!\w)(?-i:{_CAPITAL})[^\W\d_]{{1,30}}(?:{surname})\s{plain})(?!\w)", flags)),
    )  # fmt: skip


def _any(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
