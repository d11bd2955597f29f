"""Excel workbooks: unpacked under a limit, looked through, and only then read, cell by cell as people see them."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import MAXYEAR, date, datetime, time, timedelta
from functools import cache
from typing import Any
from xml.parsers import expat

from bot.errors import N_
from bot.services.territory_files.faults import Faults
from bot.services.territory_files.tables import MOST_LINES, Table

MOST_UNPACKED = 256 * 2**20
"""A list of 100,000 houses unpacks to about 30 MB; a bomb of a few kilobytes to gigabytes."""
MOST_PARTS = 1_000
MOST_COLUMNS = 100
MOST_CELLS = 8_000_000
"""The reader holds the whole rectangle from A1 to the last value."""
_OLD_OR_SEALED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Both an old .xls and a workbook under a password begin like this (MS-CFB)."""
_CELL = re.compile(r"([A-Za-z]{1,9})(\d{1,9})")

BROKEN = N_("This is not a whole Excel workbook. Open it in Excel and save it again as .xlsx.")
SEALED = N_("The workbook is under a password or in the old .xls form. Save it as .xlsx without a password.")
TOO_LARGE = N_("The workbook is too large: more than {limit} MB unpacked. Keep only the list in it.")
TOO_WIDE = N_("The sheet has cells beyond line {lines} or column {columns}. Delete what stands so far away.")


class _Refused(Exception):
    """A workbook nobody should open; carries the message id and its facts."""

    def __init__(self, msgid: str, **facts: Any) -> None:
        self.msgid, self.facts = msgid, facts


def workbook_tables(file: str, content: bytes, faults: Faults) -> list[Table]:
    """The sheets that have something in them, in the workbook's order."""
    from python_calamine import CalamineError, load_workbook

    try:
        if content.startswith(_OLD_OR_SEALED):
            raise _Refused(SEALED)
        with load_workbook(io.BytesIO(_unpacked(content))) as workbook:
            tables = [_table(file, name, workbook.get_sheet_by_name(name)) for name in workbook.sheet_names]
    except _Refused as refused:
        faults.add(file, refused.msgid, **refused.facts)
        return []
    except (CalamineError, zipfile.BadZipFile, expat.ExpatError, zlib.error, EOFError, OSError, ValueError,
            LookupError, NotImplementedError):  # fmt: skip
        faults.add(file, BROKEN)
        return []
    return [table for table in tables if table is not None]


def _unpacked(content: bytes) -> bytes:
    """The XML of the workbook in a new archive without compression: what was looked through is what is read.

    Sizes written in a hostile archive may lie, and one cell far away would make the reader ask for all cells between.
    """
    left = MOST_UNPACKED
    safe = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(safe, "w") as copy:
        parts = [part for part in archive.infolist() if part.filename.casefold().endswith((".xml", ".rels"))]
        if len(parts) > MOST_PARTS or len({part.filename.casefold() for part in parts}) < len(parts):
            raise _Refused(BROKEN)
        for part in parts:
            if part.flag_bits & 1:
                raise _Refused(SEALED)
            with archive.open(part) as packed:
                xml = packed.read(left + 1)
            left -= len(xml)
            if left < 0:
                raise _Refused(TOO_LARGE, limit=MOST_UNPACKED // 2**20)
            _Look(xml)
            copy.writestr(part.filename, xml)
    return safe.getvalue()


class _Look:
    """One part of the workbook: XML that is whole, declares no entities, and has no value outside a sane sheet."""

    def __init__(self, xml: bytes) -> None:
        self._line = self._column = self._lines = self._columns = 0
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EntityDeclHandler = self._entity
        parser.Parse(xml, True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = name[name.index(":") + 1 :]
        if name == "c":
            at = _CELL.fullmatch(attributes.get("r", ""))
            self._column = _column(at[1]) if at else self._column + 1
            if at:
                self._line = int(at[2])
        elif name in {"v", "is"}:
            if self._column > self._columns or self._line > self._lines:
                self._grow()
        elif name == "row":
            at_row = attributes.get("r", "")
            self._line, self._column = int(at_row) if at_row.isdecimal() else self._line + 1, 0

    def _grow(self) -> None:
        self._lines, self._columns = max(self._lines, self._line), max(self._columns, self._column)
        if self._lines > MOST_LINES or self._columns > MOST_COLUMNS or self._lines * self._columns > MOST_CELLS:
            raise _Refused(TOO_WIDE, lines=MOST_LINES, columns=MOST_COLUMNS)

    def _entity(self, *_declared: object) -> None:
        raise _Refused(BROKEN)


@cache
def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _table(file: str, name: str, sheet: Any) -> Table | None:
    if sheet.end is None:
        return None
    grid = sheet.to_python(skip_empty_area=False)
    titles = _spread(grid, sheet.merged_cell_ranges or [])
    return Table(file, _lines(grid, titles), sheet=name)


def _spread(grid: list[list[Any]], merged: list[tuple[tuple[int, int], tuple[int, int]]]) -> set[tuple[int, int]]:
    """A cell merged downwards counts for every line it covers. Returns those merged across: titles, no lines."""
    across, left_to_fill = set(), 2 * MOST_LINES
    for (top, left), (bottom, right) in merged:
        if top >= len(grid) or left >= len(grid[top]):
            continue
        if right > left and top == bottom:
            across.add((top, left))
        for line in range(top + 1, min(bottom + 1, len(grid))):
            left_to_fill -= 1
            if left_to_fill < 0:
                raise _Refused(BROKEN)
            if grid[line][left] == "":
                grid[line][left] = grid[top][left]
    return across


def _lines(grid: list[list[Any]], titles: set[tuple[int, int]]) -> Iterator[tuple[int, list[str]]]:
    for index, values in enumerate(grid):
        cells = [shown(value) for value in values]
        filled = [place for place, cell in enumerate(cells) if cell] if titles else ()
        if len(filled) == 1 and (index, filled[0]) in titles:
            continue
        yield index + 1, cells


def shown(value: object) -> str:
    """A typed cell as text: 35.0 is «35», a date «2026-05-09», half past nine «09:30», true «true»."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime) and value.year < MAXYEAR:
        rounded = value + timedelta(seconds=30)  # Excel keeps times as parts of a day: 18:00 may be 17:59:59.9
        return f"{rounded:%Y-%m-%d}" if not (rounded.hour or rounded.minute) else f"{rounded:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, time):
        minutes = round(value.hour * 60 + value.minute + value.second / 60 + value.microsecond / 60_000_000)
        return f"{minutes // 60:02}:{minutes % 60:02}"
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60:02}:{minutes % 60:02}"
    return str(value)
