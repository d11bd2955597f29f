"""Slips of a finger: may one word have been typed for another?"""

from itertools import combinations, product

_KEYBOARDS = (
    ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"),
    ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
)
_FOLDED = str.maketrans(
    dict(zip("йыэщqwrtyuiopasdfghjklzxcvbnm", "ииешкуртиуиопасдфгхжклзхквбнм", strict=True))
    | {"е": "е", "ъ": "", "ь": ""}
)
_DIGRAPHS = (("иа", "я"), ("иу", "ю"), ("тс", "ц"))
_HALF_TYPED = ("шс", "шх", "кх", "жз", "жх", "гх", "яи", "яа", "юи", "юу", "цт", "цс")
"""Letters that Latin writes with two: «sh» with one of them missing."""


def _neighbours() -> frozenset[tuple[str, str]]:
    near = {(pair[0], pair[1]) for pair in _HALF_TYPED}
    for rows in _KEYBOARDS:
        keys = [(row, column, letter) for row, letters in enumerate(rows) for column, letter in enumerate(letters)]
        for (row, column, one), (other_row, other_column, other) in combinations(keys, 2):
            if abs(row - other_row) <= 1 and abs(column - other_column) <= 1:
                near.add((one.translate(_FOLDED), other.translate(_FOLDED)))
    return frozenset(near | {(other, one) for one, other in near})


_NEAR = _neighbours()


def is_slip(one: str, other: str) -> bool:
    """Whether two skeletons differ by a letter left out, put in, swapped with the next or hit beside its key."""
    return any(_is_slip(a, b) for a, b in product({one, short(one)}, {other, short(other)}))


def short(word: str) -> str:
    """The skeleton with a letter for each key that is hit: «я» is two letters of a skeleton and one slip."""
    for two, one in _DIGRAPHS:
        word = word.replace(two, one)
    return word


def _is_slip(one: str, other: str) -> bool:
    if len(one) > len(other):
        one, other = other, one
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    if at == len(one):
        return True
    if one[at + 1 :] == other[at + 1 :]:
        return (one[at], other[at]) in _NEAR
    return one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
