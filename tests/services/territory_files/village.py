"""The village of the fixtures, changed for a test, and the faults found in it."""

import csv
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from xlsxwriter import Workbook

from bot.services.territory_files import Fault, Known, TerritoryRefused, read_department

VILLAGE = Path(__file__).parents[2] / "fixtures" / "territory" / "village"


def copied(folder: Path) -> Path:
    return Path(shutil.copytree(VILLAGE, folder / "village"))


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def faults_of(path: Path, known: Known | None = None) -> list[Fault]:
    with pytest.raises(TerritoryRefused) as refused:
        read_department(path, known)
    assert refused.value.facts == {"count": len(refused.value.faults)}
    return list(refused.value.faults)


def only_fault(path: Path, known: Known | None = None) -> Fault:
    (fault,) = faults_of(path, known)
    return fault


def lines_of(name: str) -> list[list[str]]:
    """A list of the village as it is, heading first."""
    with (VILLAGE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter=";"))


def write_list(folder: Path, name: str, lines: Iterable[Sequence[object]]) -> Path:
    file = folder / f"{name}.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, delimiter=";").writerows(lines)
    return file


def write_book(file: Path, **sheets: Iterable[Sequence[Any]]) -> Path:
    """A workbook with typed cells: numbers, dates and truths as Excel keeps them."""
    formats = {"default_date_format": "dd.mm.yyyy hh:mm", "strings_to_formulas": False}
    with Workbook(file, formats) as book:
        for name, lines in sheets.items():
            sheet = book.add_worksheet(name)
            for at, line in enumerate(lines):
                sheet.write_row(at, 0, line)
    return file


def as_book(village: Path, name: str, lines: Iterable[Sequence[Any]] | None = None) -> Path:
    """The list as a workbook instead of its CSV."""
    (village / f"{name}.csv").unlink()
    return write_book(village / f"{name}.xlsx", **{name: lines or lines_of(name)})
