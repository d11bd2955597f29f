"""A row of a house list, and every name its houses are found by."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Protocol

from bot.addresses.query import street_name
from bot.addresses.words import COMPLEX


class HouseRow(Protocol):
    """A row of a house list."""

    @property
    def precinct(self) -> str: ...
    @property
    def street_kk(self) -> str: ...
    @property
    def street_ru(self) -> str: ...
    @property
    def old_name_kk(self) -> str: ...
    @property
    def old_name_ru(self) -> str: ...
    @property
    def numbers(self) -> str: ...
    @property
    def complex_kk(self) -> str: ...
    @property
    def complex_ru(self) -> str: ...
    @property
    def settlement_kk(self) -> str: ...
    @property
    def settlement_ru(self) -> str: ...


def callings(row: HouseRow) -> Iterator[tuple[tuple[str, str, bool], tuple[str, ...]]]:
    """What houses of this row are found by: the street, and the complex where it is more than the street's name."""
    yield (row.street_kk, row.street_ru, False), (row.street_kk, row.street_ru, row.old_name_kk, row.old_name_ru)
    kk, ru = row.complex_kk or row.complex_ru, row.complex_ru or row.complex_kk
    if kk and not _is_same_name(kk, row.street_kk):
        yield (kk, ru, True), (kk, ru)


@lru_cache(maxsize=1024)
def _is_same_name(one: str, other: str) -> bool:
    return street_name(one).key == street_name(other).key


def complex_title(kk: str, ru: str) -> tuple[str, str]:
    return (
        kk if COMPLEX in street_name(kk).kinds else f"«{kk}» ТК",
        ru if COMPLEX in street_name(ru).kinds else f"ЖК «{ru}»",
    )
