"""A made-up region as a department's folder: 20,000 precincts, 100,000 house rows, 2,000 chats, all of it sound.

`python -m bench.region FOLDER` writes it; `--fault crossing` and the like put one fault into it; `--csv` writes lists
as CSV instead of workbooks.
"""

import argparse
import csv
import json
import random
import resource
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path

from bot.services.territory_files import TerritoryRefused, read_department

WEST, SOUTH = 62.0, 48.0
CELL_LON, CELL_LAT = 0.04, 0.03
ALONG, UP = 12, 13
"""Points of a border from corner to corner: 50 around a precinct."""
BLOCK_COLUMNS, BLOCK_ROWS = 20, 50
FIRST_CHAT = -1002000000001
FIRST_OLD = 26_000
"""Names from here on are former ones: 20,000 precincts have 25,000 streets."""

FAULTS = ("crossing", "two_precincts", "unknown_precinct", "duplicate")

HOUSES = ["precinct", "street_kk", "street_ru", "old_name_kk", "old_name_ru", "complex_kk", "complex_ru", "numbers"]
CHATS = ["telegram_id", "title", "precinct", "second_precinct", "place", "lat", "lon"]
OFFICERS = ["badge", "rank", "name_kk", "name_ru", "phone", "role", "precinct", "desk"]
DESKS = ["code", "kind", "district", "name_kk", "name_ru", "phone"]

_BEGINNINGS = (
    "ақ", "қара", "көк", "сары", "қызыл", "жасыл", "алтын", "күміс", "темір", "ұлы", "кіші", "жаңа", "ескі", "терең",
    "биік", "кең", "тар", "жылы", "салқын", "мөлдір",
)  # fmt: skip
_MIDDLES = (
    "бұлақ", "өзен", "көл", "тау", "дала", "тоғай", "арал", "құдық", "сай", "төбе", "жол", "көпір", "бастау",
    "қоңыр", "шоқы", "бұйрат", "жота", "өткел",
)  # fmt: skip
_TAILS = (
    "самал", "арай", "наурыз", "ерке", "балауса", "жұлдыз", "шуақ", "таңшолпан", "қайың", "емен", "терек", "шырша",
    "мойыл", "итмұрын", "жусан", "изен", "боз", "киік", "бүркіт", "қаршыға", "дуадақ", "тырна", "аққу", "қаз",
    "үйрек", "шағала", "тұлпар", "сұңқар", "марал", "арқар", "құлан", "ақиық", "саржайлау", "көктем", "жайлау",
    "күзеу", "қыстау", "көкжиек", "ақжол", "бірлік", "достық", "мейірім", "береке", "шаттық", "ырыс", "сәуле",
    "нұрлы", "жарық", "ұмтылыс", "талпын", "өркен", "дәнекер", "мұрагер", "ағайын", "құрдас", "замандас", "жолдас",
    "бауырмал", "мейрам", "қуаныш", "шабыт", "арман", "тілек", "сенім", "үміт", "шежіре", "дастан", "күмбез",
    "шатыр", "керуен", "сарбаз", "батыр", "мерген", "аңшы", "балықшы", "ұста", "зергер", "тігінші", "диқан",
    "бағбан", "малшы", "құрылысшы", "мұғалім",
)  # fmt: skip
_DEPARTMENT = """\
demo = true
name_kk = "Өлшем өңірінің Полиция департаменті"
name_ru = "Департамент полиции измерительной области"
bin = "000000000000"
phone = "102"
address_kk = "Бас көше, 1"
address_ru = "Главная улица, 1"
term_kk = "3 жыл"
term_ru = "3 года"
hours_kk = "Тәулік бойы"
hours_ru = "Круглосуточно"
timezone = "Asia/Almaty"
"""

Point = tuple[float, float]
Rows = Iterable[list[object]]


@dataclass(frozen=True, slots=True)
class Size:
    """Precincts stand in columns and rows; every precinct has `house_rows` lines, every `chat_step`-th a chat."""

    columns: int = 200
    rows: int = 100
    house_rows: int = 5
    chat_step: int = 10
    has_officers: bool = False

    @property
    def precincts(self) -> int:
        return self.columns * self.rows


REGION = Size()


def build(folder: Path, size: Size = REGION, *, fault: str = "", is_csv: bool = False) -> Path:
    """Writes the region into a folder, made if it is not there, with one of FAULTS in it if asked."""
    folder.mkdir(parents=True, exist_ok=True)
    write = _write_csv if is_csv else _write_workbook
    (folder / "department.toml").write_text(_DEPARTMENT, encoding="utf-8")
    _write_borders(folder / "territory.geojson", size, is_crossing=fault == "crossing")
    write(folder / "houses", HOUSES, _with_fault(houses(size), size, fault))
    write(folder / "chats", CHATS, chats(size))
    if size.has_officers:
        write(folder / "desks", DESKS, _desks(size))
        write(folder / "officers", OFFICERS, _officers(size))
    return folder


def code(place: int) -> str:
    return f"{100_000 + place}"


# -- borders


def _write_borders(file: Path, size: Size, *, is_crossing: bool) -> None:
    columns, rows = range(size.columns), range(size.rows)
    with file.open("w", encoding="utf-8") as out:
        out.write('{"type": "FeatureCollection", "features": [\n')
        for at, (left, low) in enumerate(product(columns[::BLOCK_COLUMNS], rows[::BLOCK_ROWS])):
            right, high = min(left + BLOCK_COLUMNS, size.columns), min(low + BLOCK_ROWS, size.rows)
            names = {"name_kk": f"{at + 1}-аудан", "name_ru": f"Район {at + 1}"}
            out.write(_feature(_ring(left, low, right, high), kind="district", code=f"D{at + 1}", **names) + ",\n")
        for row, column in product(rows, columns):
            place = row * size.columns + column
            ring = _ring(column, row, column + 1, row + 1)
            if is_crossing and (column, row) == (size.columns // 2 + 1, size.rows // 2 + 1):
                ring[2] = (ring[2][0], ring[2][1] - CELL_LAT / 10)  # into the precinct below
            names = {"name_kk": f"№ {code(place)} учаске", "name_ru": f"Участок № {code(place)}"}
            text = _feature(ring, kind="precinct", code=code(place), district=district(size, place), **names)
            out.write(text + (",\n" if place < size.precincts - 1 else "\n"))
        out.write("]}\n")


def district(size: Size, place: int) -> str:
    across, up = place % size.columns // BLOCK_COLUMNS, place // size.columns // BLOCK_ROWS
    return f"D{across * -(-size.rows // BLOCK_ROWS) + up + 1}"


def _feature(ring: list[Point], **properties: str) -> str:
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return json.dumps({"type": "Feature", "properties": properties, "geometry": geometry}, ensure_ascii=False)


def _ring(left: int, low: int, right: int, high: int) -> list[Point]:
    """Counterclockwise around some cells; neighbours share every point."""
    points: list[Point] = []
    for column in range(left, right):
        points += _edge(column, low, is_up=False)
    for row in range(low, high):
        points += _edge(right, row, is_up=True)
    for column in range(right - 1, left - 1, -1):
        points += [_corner(column + 1, high), *_edge(column, high, is_up=False)[:0:-1]]
    for row in range(high - 1, low - 1, -1):
        points += [_corner(left, row + 1), *_edge(left, row, is_up=True)[:0:-1]]
    return [*points, points[0]]


def _corner(column: int, row: int) -> Point:
    return round(WEST + column * CELL_LON, 6), round(SOUTH + row * CELL_LAT, 6)


def _edge(column: int, row: int, *, is_up: bool) -> list[Point]:
    """From a corner to the next one right or up, without that one; it winds the same way for both neighbours."""
    chance = random.Random((column * 1000 + row) * 2 + is_up)
    lon, lat = _corner(column, row)
    points = [(lon, lat)]
    for step in range(1, UP if is_up else ALONG):
        sway = chance.uniform(-0.06, 0.06)
        east, north = (CELL_LON * sway, CELL_LAT * step / UP) if is_up else (CELL_LON * step / ALONG, CELL_LAT * sway)
        points.append((round(lon + east, 6), round(lat + north, 6)))
    return points


# -- lists


def street(number: int) -> tuple[str, str]:
    """The name of a street in both languages: some 30,000 different ones."""
    beginning = _BEGINNINGS[number % len(_BEGINNINGS)]
    number //= len(_BEGINNINGS)
    middle = _MIDDLES[number % len(_MIDDLES)]
    tail = _TAILS[number // len(_MIDDLES) % len(_TAILS)]
    words = f"{beginning.capitalize()}{middle} {tail.capitalize()}"
    return f"{words} көшесі", f"улица {russian(words)}"


def russian(text: str) -> str:
    """Kazakh words as Russian lists write them: without Kazakh letters."""
    return text.translate(str.maketrans("әіңғүұқөһӘІҢҒҮҰҚӨҺ", "аингуукохАИНГУУКОХ"))


def houses(size: Size) -> Iterator[list[object]]:
    """Each street has odd and even numbers in two neighbouring precincts; some have an old name or a complex."""
    return islice(_houses(size), size.precincts * size.house_rows)


def _houses(size: Size) -> Iterator[list[object]]:
    number = 0
    while True:
        kk, ru = street(number)
        old = street(FIRST_OLD + number // 10) if number % 10 == 0 else ("", "")
        estate = (f"«{number}-шаңырақ» ТҮК", f"ЖК «Шанырак-{number}»") if number % 30 == 1 else ("", "")
        here, beside = (code((number + step) % size.precincts) for step in (0, 1))
        names: list[object] = [kk, ru, *old, *estate]
        yield [here, *names, "1-39 odd, 41А, 43/2"]
        yield [here, *names, "2-40 even"]
        yield [beside, *names, "41-79 odd, 12Б"]
        yield [beside, *names, 42]  # a number as Excel types it
        number += 1


def chats(size: Size) -> Iterator[list[object]]:
    for place in range(0, size.precincts, size.chat_step):
        lon, lat = _corner(place % size.columns, place // size.columns)
        kk, _ru = street(place)
        second = code(place + 1) if place % 50 == 0 and place + 1 < size.precincts else ""
        yield [str(FIRST_CHAT - place), f"Көршілер · {kk}", code(place), second, f"{kk}, 5",
               round(lat + CELL_LAT / 2, 6), round(lon + CELL_LON / 2, 6)]  # fmt: skip


def _desks(size: Size) -> Iterator[list[object]]:
    yield ["duty", "department_duty", "", "Кезекші бөлім", "Дежурная часть", "102"]
    yield ["own", "own_security", "", "Өзіндік қауіпсіздік", "Собственная безопасность", ""]
    for one in sorted({district(size, place) for place in range(size.precincts)}):
        yield [f"duty-{one}", "district_duty", one, "Аудан кезекшісі", "Дежурный района", ""]


def _officers(size: Size) -> Iterator[list[object]]:
    for place in range(size.precincts):
        kk, _ru = street(place)
        name = kk.removesuffix(" көшесі")
        yield [f"R-{place}", "captain", name, russian(name), f"+7 701 {place // 10_000:03} {place // 100 % 100:02} "
               f"{place % 100:02}", "inspector", code(place), ""]  # fmt: skip


def _with_fault(rows: Rows, size: Size, fault: str) -> Iterator[list[object]]:
    """One line in the middle is spoilt, or one more put behind the last."""
    middle = size.precincts * size.house_rows // 8 * 4
    spoil: dict[str, Callable[[list[object]], list[object]]] = {
        "unknown_precinct": lambda row: ["999999", *row[1:]],
        "two_precincts": lambda row: [code(size.precincts - 1), *row[1:3], "", "", "", "", "7-9 odd"],
        "duplicate": list,
    }
    spoilt: list[object] | None = None
    for at, row in enumerate(rows):
        if at == middle and fault in spoil:
            spoilt = spoil[fault](row)
        yield spoilt if at == middle and fault == "unknown_precinct" and spoilt else row
    if spoilt is not None and fault != "unknown_precinct":
        yield spoilt


# -- files


def _write_csv(stem: Path, heading: list[str], rows: Rows) -> None:
    with stem.with_suffix(".csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";", lineterminator="\n").writerows([heading, *rows])


def _write_workbook(stem: Path, heading: list[str], rows: Rows) -> None:
    from xlsxwriter import Workbook

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(stem.with_suffix(".xlsx"), options) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate([heading, *rows]):
            for column, value in enumerate(row):
                if isinstance(value, int | float):
                    sheet.write_number(at, column, value)
                elif value:
                    sheet.write_string(at, column, str(value))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.region", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fault", choices=FAULTS, default="")
    parser.add_argument("--csv", action="store_true", help="lists as CSV instead of workbooks")
    parser.add_argument("--read", action="store_true", help="read it afterwards: seconds, memory and faults")
    options = parser.parse_args()
    folder = build(options.folder, fault=options.fault, is_csv=options.csv)
    print("\n".join(f"{file.name}: {file.stat().st_size / 2**20:.1f} MB" for file in sorted(folder.iterdir())))
    if options.read:
        print("\n".join(read(folder)))


def read(folder: Path) -> list[str]:
    """What the check of a whole region costs this process, and what it says."""
    began = time.process_time()
    try:
        files = read_department(folder)
    except TerritoryRefused as refused:
        said = [str(fault) for fault in refused.faults]
    else:
        said = [f"{len(files.precincts)} precincts, {len(files.houses)} house rows, {len(files.chats)} chats"]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [*said, f"read and checked in {time.process_time() - began:.1f} s of CPU; largest memory {memory:.0f} MB"]


if __name__ == "__main__":
    main()
