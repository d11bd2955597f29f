"""Which lists a folder or a file holds: by the names of files and sheets, in Kazakh, in Russian or as in code."""

from pathlib import Path

from bot.errors import N_
from bot.services.territory_files.faults import Faults
from bot.services.territory_files.headings import LISTS, list_of
from bot.services.territory_files.tables import MOST_BYTES, Table, bounded, csv_table, decoded
from bot.services.territory_files.workbooks import SEALED, workbook_tables

BOOK = "department"
"""department.xlsx: one workbook, a sheet a list."""
OTHER_SHEETS = {".xls", ".xlsm", ".xlsb", ".ods"}

MISSING = N_("The file is missing or cannot be read. Put it into the folder.")


def text_of(path: Path, faults: Faults) -> str | None:
    try:
        content = path.read_bytes()
    except OSError:
        faults.add(path.name, MISSING)
        return None
    return decoded(path.name, content, faults)


def found_in_folder(folder: Path, faults: Faults) -> dict[str, Table]:
    """The lists of a folder. A table that is no list is a fault: a misspelt name must not pass unread."""
    lists: dict[str, Table] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.casefold() in {".csv", ".xlsx", *OTHER_SHEETS} and not path.name.startswith((".", "~$")):
            _add(path, lists, faults, is_alone=False)
    return {name: lists[name] for name in LISTS if name in lists}


def found_in_file(path: Path, faults: Faults) -> dict[str, Table]:
    lists: dict[str, Table] = {}
    _add(path, lists, faults, is_alone=True)
    return {name: lists[name] for name in LISTS if name in lists}


def _add(path: Path, lists: dict[str, Table], faults: Faults, *, is_alone: bool) -> None:
    """`is_alone`: a workbook of any name may hold lists as its sheets."""
    kind, name = path.suffix.casefold(), list_of(path.stem)
    is_book = kind == ".xlsx" and name is None and (is_alone or path.stem.casefold() == BOOK)
    if kind in OTHER_SHEETS:
        faults.add(path.name, SEALED)
        return
    if name is None and not is_book:
        faults.add(path.name, N_("There is no list “{name}”. Rename or remove the file; lists: {lists}."),
                   name=path.stem, lists=", ".join(LISTS))  # fmt: skip
        return
    tables = _tables(path, faults)
    if name is not None and not tables:  # it is there, but nobody knows what is in it
        tables = [Table(path.name, (), is_whole=False)]
    for table in tables if is_book else tables[:1]:
        listed = list_of(table.sheet) if is_book else name
        if listed is None:
            faults.add(path.name, N_("There is no list “{name}”. Rename or remove the sheet; lists: {lists}."),
                       sheet=table.sheet, name=table.sheet, lists=", ".join(LISTS))  # fmt: skip
        elif listed in lists:
            faults.add(path.name, N_("The list {name} is also in {other}. Leave one of them."),
                       sheet=table.sheet, name=listed, other=lists[listed].file)  # fmt: skip
        else:
            lists[listed] = table


def _tables(path: Path, faults: Faults) -> list[Table]:
    content, before = _content(path, faults), len(faults)
    if content is None:
        return []
    if path.suffix.casefold() == ".csv":
        table = csv_table(path.name, content, faults)
        return [table] if table else []
    tables = workbook_tables(path.name, content, faults)
    if not tables and len(faults) == before:
        faults.add(path.name, N_("The file is empty."))
    return tables


def _content(path: Path, faults: Faults) -> bytes | None:
    try:
        content = bounded(path, MOST_BYTES)
    except OSError:
        faults.add(path.name, MISSING)
        return None
    if content is None:
        faults.add(path.name, N_("The file is larger than {limit} MB. Keep only the list in it."),
                   limit=MOST_BYTES // 2**20)  # fmt: skip
    return content
