"""Which lists are there: by the names of files and sheets, each once, none unread."""

from pathlib import Path

import pytest

from bot.services.territory_files import Known, read_department
from bot.terms import DeskKind
from tests.services.territory_files.village import (
    VILLAGE,
    as_book,
    faults_of,
    lines_of,
    only_fault,
    write_book,
    write_list,
)

KNOWN = Known(
    frozenset({"1", "2"}), frozenset({"D"}), {"duty": DeskKind.DEPARTMENT_DUTY}, frozenset({"A-1", "A-2", "A-3"})
)


def test_files_may_have_russian_and_kazakh_names(village: Path) -> None:
    (village / "houses.csv").rename(village / "Список домов.csv")
    (village / "watches.csv").rename(village / "КЕЗЕКШІЛІК.CSV")
    files = read_department(village)
    assert files == read_department(VILLAGE)
    assert files.lists == {
        "houses", "desks", "officers", "chats", "residents", "absences", "watches", "calendar", "week",
    }  # fmt: skip


def test_a_misspelt_name_does_not_pass_unread(village: Path) -> None:
    (village / "chats.csv").rename(village / "cahts.csv")
    fault = only_fault(village)
    assert (fault.file, fault.facts["name"]) == ("cahts.csv", "cahts")
    assert "chats" in str(fault)


def test_a_sheet_that_is_no_list(village: Path) -> None:
    (village / "chats.csv").unlink()
    write_book(village / "department.xlsx", chats=lines_of("chats"), Черновик=[["x"]])
    fault = only_fault(village)
    assert (fault.file, fault.sheet) == ("department.xlsx", "Черновик")


def test_a_list_that_is_there_twice(village: Path) -> None:
    write_book(village / "chats.xlsx", Sheet=lines_of("chats"))
    fault = only_fault(village)
    assert (fault.file, fault.facts["other"]) == ("chats.xlsx", "chats.csv")


def test_files_that_programs_leave_behind(village: Path) -> None:
    (village / "~$houses.xlsx").write_bytes(b"lock")
    (village / ".chats.csv").write_bytes(b"lock")
    (village / "notes.txt").write_bytes(b"call Oleg")
    assert read_department(village) == read_department(VILLAGE)


def test_a_broken_list_does_not_make_others_wrong(village: Path) -> None:
    as_book(village, "desks").write_bytes(b"broken")
    assert only_fault(village).file == "desks.xlsx"
    (village / "officers.csv").write_bytes(b"\xff")
    assert [fault.file for fault in faults_of(village)] == ["desks.xlsx", "officers.csv"]


# -- one list by itself


def test_a_list_alone_is_checked_against_what_is_known() -> None:
    files = read_department(VILLAGE / "absences.csv", KNOWN)
    assert (len(files.absences), files.lists, files.department) == (2, {"absences"}, None)
    few = Known(badges=frozenset({"A-1"}))
    assert [fault.line for fault in faults_of(VILLAGE / "absences.csv", few)] == [2, 3]


def test_a_list_alone_with_nothing_known_is_taken_as_it_is() -> None:
    assert len(read_department(VILLAGE / "watches.csv").watches) == 2
    assert len(read_department(VILLAGE / "houses.csv").houses) == 5


def test_a_workbook_alone_may_have_any_name(tmp_path: Path) -> None:
    file = write_book(tmp_path / "Июнь 2026.xlsx", Отпуска=lines_of("absences"), Дежурства=lines_of("watches"))
    known = Known(desks={"duty": DeskKind.DEPARTMENT_DUTY, "duty-d": DeskKind.DISTRICT_DUTY}, badges=KNOWN.badges)
    files = read_department(file, known)
    assert (len(files.absences), len(files.watches), files.lists) == (2, 2, {"absences", "watches"})


def test_an_empty_list_is_told_from_a_list_that_is_not_there(tmp_path: Path) -> None:
    file = write_list(tmp_path, "absences", lines_of("absences")[:1])
    files = read_department(file)
    assert (files.absences, files.lists) == ((), {"absences"})


@pytest.mark.parametrize("name", ["none.csv", "none.xlsx", "houses.xlsx"])
def test_a_file_that_is_not_there(tmp_path: Path, name: str) -> None:
    fault = only_fault(tmp_path / name)
    assert fault.file == name


def test_residents_alone_are_for_demos_only() -> None:
    assert "Only a demo department" in only_fault(VILLAGE / "residents.csv", KNOWN).msgid
    assert len(read_department(VILLAGE / "residents.csv", Known(is_demo=True)).residents) == 2
