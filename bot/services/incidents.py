"""When several tips are about one happening: near in place, in time, and by what they say. A person decides.

Nothing here reads who sent a tip: what neighbours tell about the same night is compared, never the neighbours."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, hypot, radians

from rapidfuzz import fuzz

from bot.geo import METRES_PER_DEGREE
from bot.terms import URGENT, Urgency

NEAR_METRES = 150.0
WITHIN, URGENT_WITHIN = timedelta(hours=48), timedelta(hours=6)
LIKE_WORDS = 70.0  # of 100: the same words in whatever order
FEWEST_WORDS = 3  # fewer of them are alike by chance
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Account:
    """What one tip tells about a happening."""

    category: str
    urgency: Urgency
    at: datetime
    point: tuple[float, float] | None = None  # latitude, longitude
    place: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Alike:
    """Another tip that looks like the same happening, as it may be told to who holds both."""

    tip_id: int
    number: int
    joined: int = 0  # tips of its incident, itself included


@dataclass(frozen=True, slots=True)
class IncidentView:
    """`tips` are those this officer may see; `others` are with somebody else."""

    id: int
    tips: tuple[tuple[int, int], ...] = ()  # id and number
    others: int = 0
    calls: int = 0


def window(urgency: Urgency) -> timedelta:
    """What is urgent is over in hours; what is not is told for two days."""
    return URGENT_WITHIN if urgency in URGENT else WITHIN


def is_one(one: Account, other: Account) -> bool:
    """Whether two accounts may be of one happening: place, time, and the category or the words."""
    return is_near(one, other) and (one.category == other.category or are_like(one.words, other.words))


def is_near(one: Account, other: Account) -> bool:
    """In place and time; two tips without a place are never near."""
    return _is_same_time(one, other) and _is_same_place(one, other)


def _is_same_time(one: Account, other: Account) -> bool:
    return abs(one.at - other.at) <= min(window(one.urgency), window(other.urgency))


def _is_same_place(one: Account, other: Account) -> bool:
    if one.point is not None and other.point is not None and metres(one.point, other.point) <= NEAR_METRES:
        return True
    house = _house(one.place)
    return bool(house) and house == _house(other.place)


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Right to 0.1 % within a region, see bot.geo."""
    shrink = cos(radians(one[0]))
    return hypot(one[0] - other[0], (one[1] - other[1]) * shrink) * METRES_PER_DEGREE


def _house(place: str) -> frozenset[str]:
    """The words of an address that names a house, in any order; empty for a place without a number."""
    words = frozenset(_WORD.findall(place.casefold()))
    return words if any(word[0].isdigit() for word in words) else frozenset()


def are_like(one: str, other: str) -> bool:
    mine, theirs = _said(one), _said(other)
    if min(len(mine), len(theirs)) < FEWEST_WORDS:
        return False
    return bool(fuzz.token_set_ratio(" ".join(mine), " ".join(theirs)) >= LIKE_WORDS)


def _said(words: str) -> list[str]:
    return [word for word in _WORD.findall(words.casefold()) if len(word) > 2]
