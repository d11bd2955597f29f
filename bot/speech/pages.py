"""A long list, one screen at a time."""

from collections.abc import Callable, Sequence

from aiogram.filters.callback_data import CallbackData

from bot.speech import Choice, choose, column

Turn = Callable[[int], CallbackData]
"""What a button that opens this page carries; pages count from 0."""


def pages_of(count: int, size: int) -> int:
    """At least one: an empty list has a page too."""
    return max(1, -(-count // size))


def paged(choices: Sequence[Choice], page: int, size: int, turn: Turn) -> list[list[Choice]]:
    """A page that is not there is the nearest one that is."""
    pages = pages_of(len(choices), size)
    page = min(max(page, 0), pages - 1)
    return [*column(*choices[page * size : (page + 1) * size]), *turns(page, pages, turn)]


def turns(page: int, pages: int, turn: Turn) -> list[list[Choice]]:
    """The row that leads to the others, or nothing."""
    row = []
    if page > 0:
        row.append(choose("Previous page", turn(page - 1)))
    if page < pages - 1:
        row.append(choose("Next page", turn(page + 1)))
    return [row] if row else []
