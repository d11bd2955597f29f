"""A line of a list, read cell by cell with a fault for each bad one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from enum import StrEnum
from itertools import zip_longest
from typing import Any, TypeVar

from bot.errors import N_
from bot.services.territory_files.faults import Faults
from bot.services.territory_files.headings import UNREAD, column_of, word_of, yes_and_no
from bot.services.territory_files.tables import LONGEST_CELL, Table

CODE = re.compile(r"[A-Za-z0-9_-]{1,32}")
"""Codes travel in deep links (`?start=p_…`), where nothing else is allowed."""
_SHORT_NUMBER = re.compile(r"\d{3,4}")
_DAY = re.compile(r"(?P<year>\d{4})-(?P<month>\d\d?)-(?P<day>\d\d?)|(?P<d>\d\d?)\.(?P<m>\d\d?)\.(?P<y>\d{4})")
_TIME = re.compile(r"(\d\d?):(\d\d)(?::00)?")
_YEARS = range(2000, 2101)

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
class Columns:
    """What the heading of a list must have, and what it may have."""

    needed: tuple[str, ...]
    possible: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        return self.needed + self.possible


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list. Each reading of a cell that fails leaves a fault and an empty value behind."""

    table: Table
    line: int
    cells: dict[str, str]
    titles: dict[str, str]
    faults: Faults

    def fault(self, msgid: str, **facts: Any) -> None:
        self.faults.add(self.table.file, msgid, line=self.line, sheet=self.table.sheet, **facts)

    def has(self, column: str) -> bool:
        return column in self.titles

    def text(self, column: str) -> str:
        return self.cells.get(column, "")

    def title(self, column: str) -> str:
        """The column as its heading calls it."""
        return self.titles.get(column, column)

    def filled(self, column: str) -> str:
        value = self.text(column)
        if not value:
            self.fault(N_("The column {column} is empty. Fill it in."), column=self.title(column))
        return value

    def code(self, column: str) -> str:
        value = self.filled(column)
        if value and not CODE.fullmatch(value):
            self.fault(N_("The code “{value}” is not usable: 1 to 32 Latin letters, digits, “-” and “_”."), value=value)
        return value

    def phone(self, column: str, *, is_mobile: bool = False) -> str:
        """An optional number; `is_mobile` refuses short numbers, which no messenger has."""
        value = self.text(column)
        number = phone_number(value) if value else ""
        if number is None or (is_mobile and not number.startswith("+")):
            self.fault(N_("“{value}” is not a phone number. Write it like this: +7 700 000 00 00."), value=value)
            return ""
        return number

    def word(self, column: str, words: type[Word]) -> Word | None:
        try:
            return words(word_of(words.__name__.casefold(), self.text(column)))
        except ValueError:
            self.not_allowed(column, *words)
            return None

    def not_allowed(self, column: str, *words: str) -> None:
        self.fault(N_("The column {column} says “{value}”; allowed: {words}."), column=self.title(column),
                   value=self.text(column), words=", ".join(words))  # fmt: skip

    def is_yes(self, column: str) -> bool:
        value = self.text(column).casefold()
        yes, no = yes_and_no()
        if value not in yes | no:
            self.not_allowed(column, "yes", "no")
        return value in yes

    def telegram_id(self, column: str, *, is_group: bool = False) -> int | None:
        """A number as Telegram gives it: negative for groups, positive for people."""
        value = self.text(column)
        if re.fullmatch(r"-\d{1,16}" if is_group else r"\d{1,16}", value) and int(value):
            return int(value)
        msgid = N_("“{value}” is not a Telegram group number: it begins with “-”.") if is_group else N_(
            "“{value}” is not a Telegram number: it has digits only.")  # fmt: skip
        self.fault(msgid, value=value)
        return None

    def known(self, column: str, codes: frozenset[str] | None, msgid: str) -> str:
        """A code that must be among `codes`; None where they could not be read: then all are taken."""
        value = self.filled(column)
        if value and codes is not None and value not in codes:
            self.fault(msgid, value=value)
        return value

    def known_precinct(self, column: str, codes: frozenset[str] | None) -> str:
        return self.known(
            column, codes, N_("There is no precinct “{value}” in the borders. Correct the code or add the precinct.")
        )

    def number(self, column: str) -> float | None:
        value = self.text(column)
        if re.fullmatch(r"-?\d{1,4}([.,]\d{1,12})?", value):
            return float(value.replace(",", "."))
        self.fault(N_("“{value}” is not a number. Write it like this: 49.8047."), value=value)
        return None

    def day(self, column: str) -> date | None:
        value = self.filled(column)
        day = _day(value) if value else None
        if value and day is None:
            self.fault(N_("“{value}” is not a date. Write it like this: 2026-05-09 or 09.05.2026."), value=value)
        return day

    def clock(self, column: str, *, is_end: bool = False) -> str | None:
        """A time of day, "09:00"; None where there is none or a fault. `is_end`: also 24:00, the end of the day."""
        value = self.text(column)
        if is_end and value == "24:00":
            return value
        at = _time(value) if value else None
        if value and at is None:
            self.fault(N_("“{value}” is not a time. Write it like this: 09:00."), value=value)
        return f"{at:%H:%M}" if at else None

    def moment(self, column: str, zone: tzinfo) -> datetime | None:
        """A date and a time at the department's place; a date alone begins at midnight."""
        value = self.filled(column)
        day, _space, clock = value.replace("T", " ").partition(" ")
        parts = _day(day), _time(clock.strip() or "00:00")
        if parts[0] and parts[1]:
            return datetime.combine(parts[0], parts[1], tzinfo=zone)
        if value:
            self.fault(N_("“{value}” is not a date with a time. Write it like this: 2026-05-09 18:00."), value=value)
        return None


def is_day(text: str) -> bool:
    return _day(text) is not None


def _day(text: str) -> date | None:
    match = _DAY.fullmatch(text.removesuffix(" 00:00"))
    if match is None:
        return None
    try:
        day = date(*(int(match[long] or match[short]) for long, short in (("year", "y"), ("month", "m"), ("day", "d"))))
    except ValueError:
        return None
    return day if day.year in _YEARS else None


def _time(text: str) -> time | None:
    match = _TIME.fullmatch(text)
    hour, minute = (int(match[1]), int(match[2])) if match else (24, 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


class Once:
    """Remembers where a value stood first, to name that line when it comes again."""

    def __init__(self) -> None:
        self._lines: dict[object, int] = {}

    def check(self, row: Row, value: object, shown: str) -> None:
        if not shown:
            return  # an empty cell is a fault of its own
        before = self._lines.setdefault(value, row.line)
        if before != row.line:
            row.fault(N_("“{value}” is already in line {other}. Remove one of them."), value=shown, other=before)


def rows(table: Table | None, columns: Columns, faults: Faults) -> Iterator[Row]:
    """Every line below the heading. A missing column is one fault for the whole list, not one for each line."""
    if table is None:
        return
    heading: _Heading | None = None
    for line, cells in table.lines:
        if not any(cells):
            continue
        if heading is None:
            if table.is_workbook and sum(map(bool, cells)) == 1:
                continue  # a title over the table
            heading = _read_heading(table, line, cells, columns, faults)
            if not heading.is_sound:
                table.is_whole = False
                return
            continue
        row = Row(table, line, dict(heading.pairs(cells)), heading.titles, faults)
        if len(cells) != heading.width and not table.is_workbook:
            row.fault(N_("The line has {count} cells, the heading {expected}. Look for a missing or extra “;”."),
                      count=len(cells), expected=heading.width)  # fmt: skip
        elif stray := heading.stray(cells):
            row.fault(N_("“{value}” stands in a column without a heading. Name the column or clear the cell."),
                      value=stray[:40])  # fmt: skip
        elif any(len(cell) > LONGEST_CELL for cell in cells):
            row.fault(N_("A cell is longer than {limit} characters. Shorten it."), limit=LONGEST_CELL)
        else:
            yield row
    if heading is None and table.is_whole:
        faults.add(table.file, N_("The file is empty."), sheet=table.sheet)


@dataclass(slots=True)
class _Heading:
    """Which column stands where. Columns people keep for themselves have no code."""

    codes: list[str | None]
    titles: dict[str, str]
    is_sound: bool = True

    @property
    def width(self) -> int:
        return len(self.codes)

    def pairs(self, cells: list[str]) -> Iterator[tuple[str, str]]:
        return ((code, cell) for code, cell in zip(self.codes, cells, strict=False) if code is not None)

    def stray(self, cells: list[str]) -> str:
        """A filled cell in a column that nobody named."""
        return next((cell for cell, code in zip_longest(cells, self.codes) if cell and code is None), "")


def _read_heading(table: Table, line: int, cells: list[str], columns: Columns, faults: Faults) -> _Heading:
    heading = _Heading([None if not cell else UNREAD for cell in cells], {})
    every = frozenset(columns.all)

    def fault(msgid: str, **facts: Any) -> None:
        heading.is_sound = False
        faults.add(table.file, msgid, line=line, sheet=table.sheet, **facts)

    for place, cell in enumerate(cells):
        code = column_of(cell, every) if cell else UNREAD
        if code is None:
            fault(N_("The column “{column}” is not known here. Rename or remove it; possible: {columns}."),
                  column=cell[:40], columns=", ".join(columns.all))  # fmt: skip
        elif code in heading.titles:
            fault(N_("The columns “{column}” and “{other}” mean the same. Leave one of them."),
                  column=cell, other=heading.titles[code])  # fmt: skip
        elif code != UNREAD:
            heading.codes[place], heading.titles[code] = code, cell
    if missing := [column for column in columns.needed if column not in heading.titles]:
        fault(N_("Columns are missing: {columns}. The heading must have: {heading}."),
              columns=", ".join(missing), heading=";".join(columns.needed))  # fmt: skip
    return heading
