"""Workbooks are read as people see them, and hostile ones are refused before they cost anything."""

import random
import time
import tracemalloc
import zipfile
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import Any

import pytest
from xlsxwriter import Workbook

from bot.services.territory_files import TerritoryRefused, read_department, workbooks
from bot.services.territory_files.workbooks import shown
from tests.services.territory_files.village import VILLAGE, as_book, faults_of, lines_of, only_fault, write_book

LISTS = ("houses", "desks", "officers", "chats", "residents", "absences", "watches", "calendar", "week")


def test_workbooks_say_the_same_as_csv(village: Path) -> None:
    for name in LISTS:
        as_book(village, name)
    assert read_department(village) == read_department(VILLAGE)


def test_one_workbook_with_a_sheet_a_list(village: Path) -> None:
    for name in LISTS:
        (village / f"{name}.csv").unlink()
    names = ["Дома", "Desks", "Сотрудники", "Чаты", "Тұрғындар", "отсутствия", "Дежурства", "Күнтізбе", "week", "Лист1"]
    write_book(village / "department.xlsx", **dict(zip(names, [*map(lines_of, LISTS), []], strict=True)))
    assert read_department(village) == read_department(VILLAGE)


def test_cells_are_typed_by_excel(village: Path) -> None:
    as_book(village, "houses", [*lines_of("houses")[:2], [1, "Жаңа көше", "Новая улица", "", "", 35.0]])
    as_book(village, "week", [["weekday", "opens", "closes"], ["monday", clock(9), clock(18, 30)]])
    as_book(village, "calendar", [
        ["day", "is_working", "name_kk", "name_ru"], [date(2026, 5, 9), False, "Жеңіс күні", "День Победы"],
    ])  # fmt: skip
    as_book(village, "chats", [["telegram_id", "title", "precinct"], [-1001000000001.0, "Соседи", 2.0]])
    as_book(village, "watches", [
        ["desk", "badge", "starts_at", "ends_at"],
        ["duty", "A-3", datetime(2026, 6, 5, 18), datetime(2026, 6, 6)],
    ])  # fmt: skip
    files = read_department(village)
    assert (files.houses[1].precinct, files.houses[1].numbers) == ("1", "35")
    assert (files.week[0].opens, files.week[0].closes) == ("09:00", "18:30")
    assert (files.calendar[0].day, files.calendar[0].is_working) == (date(2026, 5, 9), False)
    assert (files.chats[0].telegram_id, files.chats[0].precinct) == (-1001000000001, "2")
    assert files.watches[0].starts_at.astimezone(UTC) == datetime(2026, 6, 5, 13, tzinfo=UTC)
    assert files.watches[0].ends_at.astimezone(UTC) == datetime(2026, 6, 5, 19, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (35.0, "35"), (49.81, "49.81"), (-1001000000001.0, "-1001000000001"), (True, "true"), (False, "false"),
        (" 12А ", "12А"), ("", ""), (date(2026, 5, 9), "2026-05-09"), (datetime(2026, 5, 9), "2026-05-09"),
        (datetime(2026, 5, 9, 17, 59, 59, 999000), "2026-05-09 18:00"), (clock(9, 29, 59, 999999), "09:30"),
        (timedelta(hours=24), "24:00"), (7, "7"), (datetime(9999, 12, 31, 23, 59, 59), "9999-12-31"),
        (float("inf"), "inf"), (1e15, "1000000000000000"),
    ],
)  # fmt: skip
def test_a_cell_as_people_see_it(value: Any, text: str) -> None:
    assert shown(value) == text


def test_a_house_that_excel_took_for_a_date(village: Path) -> None:
    as_book(village, "houses", [*lines_of("houses")[:1], ["1", "Бас көше", "Главная улица", "", "", date(2026, 1, 5)]])
    fault = only_fault(village)
    assert (fault.file, fault.sheet, fault.line) == ("houses.xlsx", "houses", 2)
    assert "Excel took the house number for a date" in fault.msgid


def test_titles_empty_lines_and_merged_cells(village: Path) -> None:
    (village / "houses.csv").unlink()
    with Workbook(village / "houses.xlsx") as book:
        sheet = book.add_worksheet("2026")
        sheet.merge_range("A1:D1", "Список домов")
        sheet.write_row("A3", ["Участок", "№ п/п", "Көше (қаз.)", "Улица на русском", "Номера домов"])
        sheet.merge_range("A4:E4", "Участок № 1")
        sheet.merge_range("A5:A6", 1)
        sheet.write_row("B5", [1, "Бас көше", "Главная улица", "1-9"])
        sheet.write_row("B6", [2, "Тар көше", "Узкая улица", "1-9"])
        sheet.write_row("A9", [2, 3, "Кең көше", "Широкая улица", "1-9"])
    houses = read_department(village).houses
    assert [(house.precinct, house.street_ru) for house in houses] == [
        ("1", "Главная улица"), ("1", "Узкая улица"), ("2", "Широкая улица"),
    ]  # fmt: skip


def test_a_line_is_numbered_as_excel_numbers_it(village: Path) -> None:
    as_book(village, "chats", [[], ["telegram_id", "title", "precinct"], [], ["-1001", "Көршілер", "9"]])
    fault = only_fault(village)
    assert (fault.file, fault.sheet, fault.line) == ("chats.xlsx", "chats", 4)
    assert "chats.xlsx" in fault.words()
    assert "4" in fault.words()


def test_the_last_value_of_a_formula_is_read(village: Path) -> None:
    (village / "chats.csv").unlink()
    with Workbook(village / "chats.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row("A1", ["telegram_id", "title", "precinct"])
        sheet.write_row("A2", [-1001, "Көршілер"])
        sheet.write_formula("C2", "=1+1", None, 2)
    assert read_department(village).chats[0].precinct == "2"


def test_a_cell_in_a_column_without_a_heading(village: Path) -> None:
    as_book(village, "chats", [["telegram_id", "title", "precinct"], ["-1001", "Көршілер", "1", "", "сонда"]])
    fault = only_fault(village)
    assert (fault.line, fault.facts) == (2, {"value": "сонда"})


# -- what nobody should open


def unpacked(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(file: Path, parts: dict[str, bytes]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


SHEET = "xl/worksheets/sheet1.xml"


def test_a_password_and_the_old_form_are_named(village: Path) -> None:
    as_book(village, "chats").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))
    assert "under a password" in only_fault(village).msgid
    (village / "chats.xlsx").rename(village / "chats.xls")
    fault = only_fault(village)
    assert (fault.file, "under a password" in fault.msgid) == ("chats.xls", True)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"telegram_id;title", b"PK\x05\x06" + bytes(18)])
def test_no_workbook_at_all(village: Path, content: bytes) -> None:
    as_book(village, "chats").write_bytes(content)
    assert "not a whole Excel workbook" in only_fault(village).msgid


def test_an_empty_workbook(village: Path) -> None:
    (village / "chats.csv").unlink()
    write_book(village / "chats.xlsx", Sheet=[])
    assert "The file is empty" in only_fault(village).msgid


def test_a_bomb_is_refused_before_it_unpacks(village: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MOST_UNPACKED", 8 * 2**20)
    file = as_book(village, "chats")
    parts = unpacked(file)
    packed(file, parts | {"xl/bomb.xml": b"<a>" + b" " * 64 * 2**20 + b"</a>"})
    assert file.stat().st_size < 200_000
    tracemalloc.start()
    fault = only_fault(village)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "too large" in fault.msgid
    assert peak < 48 * 2**20


def test_a_bomb_that_lies_about_its_size(village: Path) -> None:
    file = as_book(village, "chats")
    packed(file, unpacked(file) | {"xl/bomb.xml": b"<a>" + b" " * 2**20 + b"</a>"})
    content = file.read_bytes()
    size = (2**20 + 7).to_bytes(4, "little")
    assert content.count(size) == 2
    file.write_bytes(content.replace(size, (100).to_bytes(4, "little")))
    assert "not a whole Excel workbook" in only_fault(village).msgid


@pytest.mark.parametrize(
    "cell",
    [
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        b'<row r="999999"><c><v>1</v></c></row>',
        b'<row r="9"><c r="XFD9" t="inlineStr"><is><t>x</t></is></c></row>',
        b'<x:row xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:c r="A1048576"><x:v>1</x:v></x:c></x:row>',
        b"<row>" + b"<c><v>1</v></c>" * 101 + b"</row>",
    ],
)
def test_a_cell_at_the_end_of_the_world(village: Path, cell: bytes) -> None:
    file = as_book(village, "chats")
    parts = unpacked(file)
    packed(file, parts | {SHEET: parts[SHEET].replace(b"</sheetData>", cell + b"</sheetData>")})
    assert "so far away" in only_fault(village).msgid


def test_an_empty_line_at_the_end_of_the_world_is_nothing(village: Path) -> None:
    """LibreOffice writes one."""
    file = as_book(village, "chats")
    parts = unpacked(file)
    row = b'<row r="1048576" ht="12.8"><c r="A1048576" s="0"/></row></sheetData>'
    packed(file, parts | {SHEET: parts[SHEET].replace(b"</sheetData>", row)})
    assert len(read_department(village).chats) == 2


def test_entities_are_not_unfolded(village: Path) -> None:
    file = as_book(village, "chats")
    parts = unpacked(file)
    entities = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    packed(file, parts | {SHEET: parts[SHEET].replace(b"<worksheet", entities + b"<worksheet", 1)})
    assert "not a whole Excel workbook" in only_fault(village).msgid


def test_merged_cells_over_everything_cost_nothing(village: Path) -> None:
    file = as_book(village, "chats")
    parts = unpacked(file)
    merged = b'</sheetData><mergeCells count="9">' + b'<mergeCell ref="A1:XFD1048576"/>' * 9 + b"</mergeCells>"
    packed(file, parts | {SHEET: parts[SHEET].replace(b"</sheetData>", merged)})
    began = time.process_time()
    assert len(read_department(village).chats) == 2
    assert time.process_time() - began < 5


def test_no_bytes_can_do_more_than_be_refused(village: Path) -> None:
    chance = random.Random(2)
    file = as_book(village, "officers")
    whole, parts = file.read_bytes(), unpacked(file)
    refused = 0
    for turn in range(150):
        name = chance.choice(sorted(parts))
        spoilt = bytearray(parts[name] if turn % 2 else whole)
        for _ in range(chance.randint(1, 6)):
            spoilt[chance.randrange(len(spoilt))] = chance.choice(b'<>"/=0123456789\x00\xffACrvst')
        if turn % 2:
            packed(file, parts | {name: bytes(spoilt)})
        else:
            file.write_bytes(bytes(spoilt))
        try:
            read_department(village)
        except TerritoryRefused as error:
            refused += all(fault.words() for fault in error.faults)
    assert refused > 50


def test_a_list_longer_than_any_department_keeps(village: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.services.territory_files.tables.MOST_LINES", 4)
    assert {fault.file for fault in faults_of(village) if "more than {limit} lines" in fault.msgid} == {
        "houses.csv", "officers.csv", "desks.csv",
    }  # fmt: skip


def test_a_file_larger_than_any_list(village: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.services.territory_files.found.MOST_BYTES", 2_000)
    as_book(village, "chats")
    assert "larger than {limit} MB" in only_fault(village).msgid


def test_pictures_and_macros_in_a_workbook_are_left_alone(village: Path) -> None:
    file = as_book(village, "chats")
    packed(file, unpacked(file) | {"xl/media/image1.png": bytes(100), "xl/vbaProject.bin": b"\xd0\xcf"})
    assert len(read_department(village).chats) == 2
