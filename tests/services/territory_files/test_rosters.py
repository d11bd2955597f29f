"""Absences, watches and the calendar: in order, of people who exist, without circles."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.services.territory_files import Fault, TerritoryRefused, read_department
from tests.services.territory_files.village import VILLAGE, change, only_fault, write_list

ABSENCE = ("badge", "substitute", "first_day", "last_day")


def test_who_is_away_and_who_is_on_watch() -> None:
    files = read_department(VILLAGE)
    first, second = files.absences
    assert (first.badge, first.substitute, first.reason) == ("A-1", "A-2", "leave")
    assert (first.first_day, first.last_day) == (date(2026, 6, 1), date(2026, 6, 14))
    assert (second.substitute, second.reason, second.first_day) == (None, "trip", date(2026, 6, 15))
    watch = files.watches[1]
    assert (watch.desk, watch.badge) == ("duty", "A-3")
    assert watch.starts_at == datetime(2026, 6, 5, 13, tzinfo=UTC)
    assert watch.ends_at == datetime(2026, 6, 8, 4, tzinfo=UTC)
    holiday, bridge, saturday = files.calendar
    assert (holiday.day, holiday.is_working, holiday.name_ru) == (date(2026, 5, 9), False, "День Победы")
    assert (bridge.is_working, bridge.name_kk) == (False, "")
    assert (saturday.is_working, saturday.opens, saturday.closes) == (True, "09:00", "13:00")
    assert [(day.weekday, day.opens, day.closes) for day in files.week] == [
        (0, "09:00", "18:00"),
        (4, "09:00", "17:00"),
    ]


@pytest.mark.parametrize(
    ("name", "old", "new", "line", "words"),
    [
        ("absences.csv", "A-1;A-2", "A-9;A-2", 2, "no officer with badge"),
        ("absences.csv", "A-1;A-2", "A-1;A-9", 2, "no officer with badge"),
        ("absences.csv", "A-1;A-2", ";A-2", 2, "column {column} is empty"),
        ("absences.csv", "A-1;A-2", "A-1;A-1", 2, "stands in for himself"),
        ("absences.csv", "2026-06-14", "2026-05-31", 2, "before the first day"),
        ("absences.csv", "2026-06-14", "14 июня", 2, "not a date"),
        ("absences.csv", "2026-06-14", "31.06.2026", 2, "not a date"),
        ("absences.csv", "2026-06-14", "14.06.26", 2, "not a date"),
        ("absences.csv", "A-2;;15", "A-1;;14", 3, "overlap with those of line"),
        ("absences.csv", "leave", "holiday", 2, "allowed: {words}"),
        ("watches.csv", "duty-d;", "duty-x;", 2, "no desk “{value}”"),
        ("watches.csv", "duty-d;", "cyberpol;", 2, "no duty queue"),
        ("watches.csv", "duty-d;A-3", "duty-d;A-9", 2, "no officer with badge"),
        ("watches.csv", "2026-06-02 09:00", "2026-06-01 09:00", 2, "must end after it starts"),
        ("watches.csv", "2026-06-02 09:00", "2026-08-02 09:00", 2, "must end after it starts"),
        ("watches.csv", "2026-06-02 09:00", "2026-06-02 25:00", 2, "not a date with a time"),
        ("watches.csv", "2026-06-02 09:00", "завтра", 2, "not a date with a time"),
        ("calendar.csv", "2026-05-11", "2026-05-09", 3, "already in line"),
        ("calendar.csv", "2026-05-11", "2126-05-09", 3, "not a date"),
        ("calendar.csv", "День Победы", "", 2, "column {column} is empty"),
        ("calendar.csv", "09:00;13:00", "13:00;09:00", 4, "before it opens"),
        ("calendar.csv", "09:00;13:00", "9;13", 4, "not a time"),
        ("calendar.csv", "09:00;13:00", "09:00;", 4, "column {column} is empty"),
        ("calendar.csv", "Победы;;", "Победы;09:00;10:00", 2, "A day off has no hours"),
        ("calendar.csv", "нет", "возможно", 3, "allowed: {words}"),
        ("week.csv", "жұма", "monday", 3, "already in line"),
        ("week.csv", "жұма", "5", 3, "allowed: {words}"),
        ("week.csv", "9:00;17:00", "17:00;9:00", 3, "before it opens"),
        ("week.csv", "9:00;17:00", ";", 3, "column {column} is empty"),
        ("week.csv", "9:00;17:00", "09:60;17:00", 3, "not a time"),
    ],
)
def test_a_wrong_cell(village: Path, name: str, old: str, new: str, line: int, words: str) -> None:
    change(village / name, old, new)
    found = [fault for fault in faults(village) if words in fault.msgid]
    assert [(fault.file, fault.line) for fault in found][:1] == [(name, line)]


def faults(path: Path) -> list[Fault]:
    try:
        read_department(path)
    except TerritoryRefused as refused:
        return list(refused.faults)
    return []


def away(tmp_path: Path, *lines: tuple[str, str, str, str]) -> list[Fault]:
    return faults(write_list(tmp_path, "absences", [ABSENCE, *lines]))


def test_two_who_stand_in_for_each_other(tmp_path: Path) -> None:
    (fault,) = away(tmp_path, ("A", "B", "2026-06-01", "2026-06-10"), ("B", "A", "2026-06-10", "2026-06-20"))
    assert (fault.line, fault.facts) == (3, {"badges": "B → A → B"})


def test_a_circle_of_three(tmp_path: Path) -> None:
    (fault,) = away(
        tmp_path,
        ("A", "B", "2026-06-01", "2026-06-10"),
        ("B", "C", "2026-06-05", "2026-06-20"),
        ("C", "A", "2026-06-08", "2026-06-09"),
    )
    assert (fault.line, fault.facts) == (4, {"badges": "C → A → B → C"})


def test_a_chain_and_a_change_of_turns_are_no_circle(tmp_path: Path) -> None:
    chain = [("A", "B", "2026-06-01", "2026-06-10"), ("B", "C", "2026-06-01", "2026-06-10")]
    assert away(tmp_path, *chain) == []
    turns = [("A", "B", "2026-06-01", "2026-06-10"), ("B", "A", "2026-06-11", "2026-06-20")]
    assert away(tmp_path, *turns) == []
    never_all_at_once = [
        ("A", "B", "2026-06-01", "2026-06-10"),
        ("B", "C", "2026-06-05", "2026-06-20"),
        ("C", "A", "2026-06-11", "2026-06-20"),
    ]
    assert away(tmp_path, *never_all_at_once) == []


def test_a_week_without_a_working_day(village: Path) -> None:
    (village / "week.csv").write_text("weekday;opens;closes\n", encoding="utf-8")
    assert "no working day" in only_fault(village).msgid


def test_a_day_round_the_clock(village: Path) -> None:
    change(village / "week.csv", "monday;09:00;18:00", "monday;00:00;24:00")
    assert read_department(village).week[0].closes == "24:00"


def test_two_may_be_on_watch_at_once_but_not_one_twice(village: Path) -> None:
    lines = (village / "watches.csv").read_text(encoding="utf-8")
    (village / "watches.csv").write_text(lines + lines.splitlines()[1].replace("A-3", "A-2") + "\n", encoding="utf-8")
    assert len(read_department(village).watches) == 3
    (village / "watches.csv").write_text(lines + lines.splitlines()[1] + "\n", encoding="utf-8")
    assert only_fault(village).line == 4
