"""Lists as departments keep them: CSV in UTF-8 with semicolons, read cell by cell with a fault for each bad one."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from bot.errors import N_
from bot.services.territory_files.faults import Faults

CODE = re.compile(r"[A-Za-z0-9_-]{1,32}")
"""Codes travel in deep links (`?start=p_…`), where nothing else is allowed."""
_SHORT_NUMBER = re.compile(r"\d{3,4}")
_YES = frozenset({"yes", "1", "true", "иә", "да"})
_NO = frozenset({"no", "0", "false", "жоқ", "нет", ""})
LONGEST_CELL = 500

Word = TypeVar("Word", bound=StrEnum)


def phone_number(text: str) -> str | None:
    """E.164 of a number as people write it, a short number (102) as it is, None for anything else."""
    import phonenumbers

    if _SHORT_NUMBER.fullmatch(text):
        return text
    try:
        number = phonenumbers.parse(text, "KZ")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list. Each reading of a cell that fails leaves a fault and an empty value behind."""

    file: str
    line: int
    cells: dict[str, str]
    faults: Faults

    def fault(self, msgid: str, **facts: Any) -> None:
        self.faults.add(self.file, msgid, line=self.line, **facts)

    def text(self, column: str) -> str:
        return self.cells[column]

    def filled(self, column: str) -> str:
        if not self.cells[column]:
            self.fault(N_("The column {column} is empty. Fill it in."), column=column)
        return self.cells[column]

    def code(self, column: str) -> str:
        value = self.filled(column)
        if value and not CODE.fullmatch(value):
            self.fault(N_("The code “{value}” is not usable: 1 to 32 Latin letters, digits, “-” and “_”."), value=value)
        return value

    def phone(self, column: str, *, is_mobile: bool = False) -> str:
        """An optional number; `is_mobile` refuses short numbers, which no messenger has."""
        value = self.cells[column]
        number = phone_number(value) if value else ""
        if number is None or (is_mobile and not number.startswith("+")):
            self.fault(N_("“{value}” is not a phone number. Write it like this: +7 700 000 00 00."), value=value)
            return ""
        return number

    def word(self, column: str, words: type[Word]) -> Word | None:
        try:
            return words(self.cells[column])
        except ValueError:
            self.fault(N_("The column {column} says “{value}”; allowed: {words}."), column=column,
                       value=self.cells[column], words=", ".join(words))  # fmt: skip
            return None

    def is_yes(self, column: str) -> bool:
        value = self.cells[column].casefold()
        if value not in _YES | _NO:
            self.fault(N_("The column {column} says “{value}”; allowed: {words}."), column=column,
                       value=self.cells[column], words="yes, no")  # fmt: skip
        return value in _YES

    def telegram_id(self, column: str, *, is_group: bool = False) -> int | None:
        """A number as Telegram gives it: negative for groups, positive for people."""
        value = self.cells[column]
        if re.fullmatch(r"-\d{1,16}" if is_group else r"\d{1,16}", value) and int(value):
            return int(value)
        msgid = N_("“{value}” is not a Telegram group number: it begins with “-”.") if is_group else N_(
            "“{value}” is not a Telegram number: it has digits only.")  # fmt: skip
        self.fault(msgid, value=value)
        return None

    def known_precinct(self, column: str, codes: frozenset[str] | None) -> str:
        """A code that the borders have; `codes` is None where the borders could not be read: then all are taken."""
        value = self.filled(column)
        if value and codes is not None and value not in codes:
            self.fault(N_("There is no precinct “{value}” in the borders. Correct the code or add the precinct."),
                       value=value)  # fmt: skip
        return value


class Once:
    """Remembers where a value stood first, to name that line when it comes again."""

    def __init__(self) -> None:
        self._lines: dict[object, int] = {}

    def check(self, row: Row, value: object, shown: str) -> None:
        before = self._lines.setdefault(value, row.line)
        if before != row.line:
            row.fault(N_("“{value}” is already in line {other}. Remove one of them."), value=shown, other=before)


def decoded(file: str, content: bytes, faults: Faults) -> str | None:
    """The text of a file, or a fault that names the line with the first byte that is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        faults.add(file, N_("The file is not in UTF-8. Save it again as “CSV UTF-8”."), line=line)
        return None


def rows(file: str, text: str | None, columns: Sequence[str], faults: Faults) -> Iterator[Row]:
    """Every line below the heading. A missing column is one fault for the whole list, not one for each line."""
    if text is None:
        return
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)
    heading: list[str] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if heading is None:
                heading = [cell.strip().casefold() for cell in cells]
                if missing := [column for column in columns if column not in heading]:
                    faults.add(file, N_("Columns are missing: {columns}. The heading must have: {heading}."), line=1,
                               columns=", ".join(missing), heading=";".join(columns))  # fmt: skip
                    return
                continue
            row = Row(file, reader.line_num, dict(zip(heading, map(str.strip, cells), strict=False)), faults)
            if len(cells) != len(heading):
                row.fault(N_("The line has {count} cells, the heading {expected}. Look for a missing or extra “;”."),
                          count=len(cells), expected=len(heading))  # fmt: skip
            elif any(len(cell) > LONGEST_CELL for cell in cells):
                row.fault(N_("A cell is longer than {limit} characters. Shorten it."), limit=LONGEST_CELL)
            else:
                yield row
    except csv.Error as error:
        faults.add(file, N_("The list cannot be read here: {reason}. Look for a stray quotation mark."),
                   line=reader.line_num, reason=str(error))  # fmt: skip
    if heading is None:
        faults.add(file, N_("The file is empty."))
