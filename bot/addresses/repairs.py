"""Words that look like a misspelt «көшесі» or «проспект» and are no part of a street's name."""

from rapidfuzz.distance import OSA

from bot.addresses.query import StreetName, make_name
from bot.addresses.slips import is_slip
from bot.addresses.words import FLAT_WORDS, HOUSE_WORDS, KIND_OF, PLACE_WORDS

_SIDE_WORDS: dict[str, str] = {
    **{word: "" for word in PLACE_WORDS | HOUSE_WORDS | FLAT_WORDS if len(word) >= 4},
    **{word: kind for word, kind in KIND_OF.items() if len(word) >= 3},
}
"""Words that name no street, with the kind each of them tells."""


def repaired(street: StreetName) -> StreetName | None:
    """The name without words that look like misspelt «көшесі» or «проспект»; None if there are none."""
    kinds, words = set(street.kinds), []
    for word in street.words:
        kind = next((kind for known, kind in _SIDE_WORDS.items() if _is_misspelt(word, known)), None)
        if kind is None:
            words.append(word)
        elif kind:
            kinds.add(kind)
    return make_name(words, frozenset(kinds)) if words and len(words) < len(street.words) else None


def _is_misspelt(word: str, known: str) -> bool:
    if len(known) < 4:
        return is_slip(word, known)
    allowed = 1 if len(known) < 6 else 2
    return abs(len(word) - len(known)) <= allowed and OSA.distance(word, known, score_cutoff=allowed) <= allowed
