"""Lists as lines of cells, from CSV and from workbooks: what people see in them, line numbers as they see them."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.errors import N_
from bot.services.territory_files.faults import Faults

LONGEST_CELL = 500
MOST_LINES = 300_000
"""Three times the longest list a region is planned for."""
MOST_BYTES = 64 * 2**20
_DELIMITERS = ";\t,"


@dataclass(slots=True)
class Table:
    """A list before its heading is understood. `lines` may be walked once; `is_whole` turns false if it breaks off."""

    file: str
    lines: Iterable[tuple[int, list[str]]]
    sheet: str = ""
    is_whole: bool = field(default=True)

    @property
    def is_workbook(self) -> bool:
        return bool(self.sheet)


def decoded(file: str, content: bytes, faults: Faults) -> str | None:
    """The text of a file, or a fault that names the line with the first byte that is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        faults.add(file, N_("The file is not in UTF-8. Save it again as “CSV UTF-8”."), line=line)
        return None


def bounded(path: Path, most: int) -> bytes | None:
    """The content of a regular file, None if it has more bytes. OSError where it cannot be read."""
    if not path.is_file():
        raise FileNotFoundError(path)
    return path.read_bytes() if path.stat().st_size <= most else None


def csv_table(file: str, content: bytes, faults: Faults) -> Table | None:
    text = decoded(file, content, faults)
    if text is None:
        return None
    table = Table(file, ())
    table.lines = _csv_lines(table, text, faults)
    return table


def _csv_lines(table: Table, text: str, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    line = 1
    try:
        for cells in reader:
            if reader.line_num > MOST_LINES:
                _too_long(table, faults)
                return
            yield line, [cell.strip() for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        table.is_whole = False
        faults.add(table.file, N_("The list cannot be read here: {reason}. Look for a stray quotation mark."),
                   line=line, reason=str(error))  # fmt: skip


def _delimiter(text: str) -> str:
    """Semicolons as Excel writes in Kazakhstan; tabs or commas where the heading has no semicolon."""
    heading = next((line for line in text.splitlines() if line.strip()), "")
    return next((mark for mark in _DELIMITERS if mark in heading), ";")


def _too_long(table: Table, faults: Faults) -> None:
    table.is_whole = False
    faults.add(table.file, N_("The list has more than {limit} lines. Divide or shorten it."),
               sheet=table.sheet, limit=MOST_LINES)  # fmt: skip
