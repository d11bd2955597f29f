"""A long list, one screen at a time."""

import pytest

from bot.i18n import speaking
from bot.speech import Choice
from bot.speech.calls import Rota
from bot.speech.pages import paged, pages_of
from bot.terms import Language


def shown(count: int, page: int) -> list[list[str]]:
    with speaking(Language.RU):
        choices = [Choice(str(n), str(n)) for n in range(count)]
        return [[choice.value for choice in row] for row in paged(choices, page, 2, lambda n: Rota(do="who", id=n))]


def turn(page: int) -> str:
    return Rota(do="who", id=page).pack()


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 1), (2, 1), (3, 2), (5, 3)])
def test_pages_are_counted(count: int, pages: int) -> None:
    assert pages_of(count, 2) == pages


def test_a_list_of_one_page_has_no_way_to_others() -> None:
    assert shown(2, 0) == [["0"], ["1"]]
    assert shown(0, 0) == []


def test_every_page_leads_to_those_beside_it() -> None:
    assert shown(5, 0) == [["0"], ["1"], [turn(1)]]
    assert shown(5, 1) == [["2"], ["3"], [turn(0), turn(2)]]
    assert shown(5, 2) == [["4"], [turn(1)]]


@pytest.mark.parametrize(("asked", "nearest"), [(-7, 0), (3, 2), (10**6, 2)])
def test_a_page_that_is_not_there_is_the_nearest_one(asked: int, nearest: int) -> None:
    assert shown(5, asked) == shown(5, nearest)
