"""Chats and their places."""

from pathlib import Path

import pytest

from bot.services.territory_files import read_department
from tests.services.territory_files.village import VILLAGE, change, only_fault


def test_a_yard_on_the_border_of_two_precincts() -> None:
    first, second = read_department(VILLAGE).chats
    assert (first.precinct, first.second_precinct, first.place) == ("1", "2", "Бас көше, 1")
    assert first.point == (49.81, 73.02)  # latitude first, and a comma as people type it
    assert (second.second_precinct, second.place, second.point) == (None, "", None)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (";1;2;", ";1;1;", "first one again"),
        (";1;2;", ";1;9;", "no precinct “{value}”"),
        ("49.81;73,02", "49.81;", "column {column} is empty"),
        ("49.81;73,02", ";73.02", "column {column} is empty"),
        ("49.81;73,02", "73.02;49.81", "are swapped"),
        ("49.81;73,02", "49.81;13.4", "outside Kazakhstan"),
        ("49.81;73,02", "49°48′;73", "not a number"),
        ("49.81;73,02", "nan;73", "not a number"),
    ],
)
def test_a_wrong_place(village: Path, old: str, new: str, words: str) -> None:
    change(village / "chats.csv", old, new)
    fault = only_fault(village)
    assert (fault.file, fault.line) == ("chats.csv", 2)
    assert words in fault.msgid
