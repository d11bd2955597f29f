"""T12 and T13: a region in memory: 20,000 precincts by point, 100,000 houses by what people type; its size.

Each measurement is a process of its own (`python -m bench.addresses rows|runs|villages|points`), so that memory is
its own.
"""

import gc
import json
import math
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from bot.addresses import AddressBook
from bot.geo import PrecinctMap, Ring

STREETS, HOUSES_A_STREET, PRECINCTS, CORNERS = 5_000, 20, 20_000, 50
TOWN = ("Алтынарқа", "Алтынарка")
QUICK = 20
"""`--quick` divides by it."""


@dataclass(frozen=True, slots=True)
class Row:
    precinct: str
    street_kk: str
    street_ru: str
    old_name_kk: str
    old_name_ru: str
    numbers: str
    complex_kk: str = ""
    complex_ru: str = ""
    settlement_kk: str = ""
    settlement_ru: str = ""


_FIRST = (
    "Ба", "Бек", "Дау", "Ер", "Жан", "Қай", "Мұ", "Нұр", "Ора", "Са", "Тө", "Шә", "Сер", "Айт", "Әбд", "Бай", "Гүл",
    "Ис", "Кен", "Мақ",
)  # fmt: skip
_MIDDLE = ("лы", "ма", "рат", "сен", "ғали", "бола", "құл", "та", "жан", "рым", "дә", "ті", "хан", "мыр", "ке")
_LAST = ("баев", "мов", "ев", "беков", "ов", "ин", "ский", "қызы", "тегі", "дияров", "шин", "галиев")


def names(how_many: int) -> list[tuple[str, str]]:
    """Surnames as streets have them, in both languages."""
    chance = random.Random(7)
    pool = ["".join(parts) for parts in product(_FIRST, _MIDDLE, _MIDDLE, _LAST)]
    chosen = chance.sample(pool, how_many)
    dropped = str.maketrans("әіңғүұқөһ", "аингуукох")
    return [(f"{name} көшесі", f"улица {name.translate(dropped)}а") for name in chosen]


def rows(streets: int, *, are_runs: bool) -> Iterator[Row]:
    """100,000 rows: houses one by one, or runs of a street through twenty precincts."""
    old = names(streets + streets // 5)[streets:]
    for index, (kk, ru) in enumerate(names(streets)):
        was = old[index // 5] if index % 5 == 0 else ("", "")
        for turn in range(HOUSES_A_STREET):
            precinct = str((index * 3 + (turn if are_runs else turn // 10)) % PRECINCTS)
            numbers = f"{20 * turn + 1}-{20 * turn + 20}" if are_runs else f"{turn + 1}{'А' * (turn % 7 == 6)}"
            yield Row(precinct, kk, ru, *was, numbers, f"Арман {index}" if index % 50 == 0 else "", "")


_SHARED = 40
"""Names that the streets of every village share."""
_VILLAGE_HOUSES = 5


def village_rows(villages: int) -> Iterator[Row]:
    """100,000 rows: each village has the same forty streets, and its own precinct."""
    known = names(villages + _SHARED)
    places = [(kk.replace("көшесі", "ауылы"), ru.replace("улица", "село")) for kk, ru in known[:villages]]
    for index, (place_kk, place_ru) in enumerate(places):
        for kk, ru in known[villages:]:
            for turn in range(_VILLAGE_HOUSES):
                numbers = f"{4 * turn + 1}-{4 * turn + 4}"
                yield Row(str(index), kk, ru, "", "", numbers, "", "", place_kk, place_ru)


def typed_in_villages(villages: int, how_many: int) -> list[str]:
    """A third names no village; every second has a slip, in the street's name or the village's."""
    chance = random.Random(13)
    texts, known = [], names(villages + _SHARED)
    for turn in range(how_many):
        street, place = chance.choice(known[villages:]), chance.choice(known[:villages])
        name, village = chance.choice(street), chance.choice(place).replace("көшесі", "ауылы").replace("улица", "с.")
        if turn % 2:
            at = chance.randrange(3, len(name) - 1)
            name = name[:at] + chance.choice("аоенрт") + name[at + 1 :]
        if turn % 4 == 3:
            at = chance.randrange(3, len(village) - 6)
            village = village[:at] + village[at + 1 :]
        house = chance.randrange(1, 4 * _VILLAGE_HOUSES)
        ways = [f"{village}, {name}, {house}", f"{name} {house}, {village}", f"{name}, {house}"]
        texts.append(chance.choice(ways))
    return texts


def typed(streets: int, how_many: int) -> list[str]:
    """Half of them with a slip."""
    chance = random.Random(11)
    texts, known = [], names(streets)
    for turn in range(how_many):
        kk, ru = chance.choice(known)
        name = chance.choice([kk, ru, ru.removeprefix("улица "), ru.replace("улица", "ул.")])
        if turn % 2:
            at = chance.randrange(3, len(name) - 1)
            name = chance.choice([name[:at] + name[at + 1 :], name[:at] + chance.choice("аоенрт") + name[at + 1 :]])
        house = chance.randrange(1, HOUSES_A_STREET)
        texts.append(chance.choice([f"{name}, {house}", f"{TOWN[0]} қ., {name} {house}", f"{name} {house}, 12 пәтер"]))
    return texts


def shapes(how_many: int) -> Iterator[tuple[str, list[list[Ring]]]]:
    """Precincts side by side, each with a waving border of fifty corners."""
    side = math.ceil(math.sqrt(how_many))
    for index in range(how_many):
        west, south = 65 + index % side * 0.01, 45 + index // side * 0.01
        ring = []
        for corner in range(CORNERS - 1):
            angle = 2 * math.pi * corner / (CORNERS - 1)
            reach = 0.005 + 0.0002 * math.sin(7 * angle)
            ring.append((west + 0.005 + reach * math.cos(angle), south + 0.005 + reach * math.sin(angle)))
        yield str(index), [[[*ring, ring[0]]]]


def _resident() -> float:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _timed(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return (time.perf_counter() - began) * 1000


def _p(shares: list[float], share: float) -> float:
    return sorted(shares)[min(len(shares) - 1, int(len(shares) * share))]


def _longest_pause(work: Callable[[], object]) -> float:
    """Milliseconds a thread beside `work` once had to wait for its turn."""
    pauses, is_over = [0.0], threading.Event()

    def look() -> None:
        while not is_over.is_set():
            began = time.perf_counter()
            time.sleep(0.001)
            pauses.append((time.perf_counter() - began) * 1000 - 1)

    beside = threading.Thread(target=look)
    beside.start()
    work()
    is_over.set()
    beside.join()
    return max(pauses)


def look(what: str, divided_by: int) -> dict[str, float]:
    """One process's figures: seconds to build, MB, milliseconds a lookup."""
    streets, precincts = STREETS // divided_by, PRECINCTS // divided_by
    villages = STREETS * HOUSES_A_STREET // (_SHARED * _VILLAGE_HOUSES) // divided_by
    empty, made = _resident(), list[AddressBook | PrecinctMap]()

    def build() -> None:
        if what == "points":
            made.append(PrecinctMap(shapes(precincts)))
        elif what == "villages":
            made.append(AddressBook(village_rows(villages), TOWN))
        else:
            made.append(AddressBook(rows(streets, are_runs=what == "runs"), TOWN))

    began = time.perf_counter()
    pause = _longest_pause(build)
    figures = {"build s": time.perf_counter() - began, "longest pause beside ms": pause}
    figures["memory MB"] = _resident() - empty
    (index,) = made
    if isinstance(index, PrecinctMap):
        side, chance = math.ceil(math.sqrt(precincts)) * 0.01, random.Random(3)
        points = [(45 + chance.random() * side, 65 + chance.random() * side) for _each in range(20_000 // divided_by)]
        asked = [_timed(lambda point=point: index.at(*point)) for point in points]  # type: ignore[misc]
        close = [_timed(lambda point=point: index.within(*point, 15)) for point in points]  # type: ignore[misc]
        figures |= {"p50 ms": _p(asked, 0.5), "p95 ms": _p(asked, 0.95), "within 15 m p95 ms": _p(close, 0.95)}
    else:
        is_region = what == "villages"
        how_many = 2_000 // divided_by
        texts = typed_in_villages(villages, how_many) if is_region else typed(streets, how_many)
        asked = [_timed(lambda text=text: index.find(text)) for text in texts]  # type: ignore[misc]
        figures |= {"p50 ms": _p(asked, 0.5), "p95 ms": _p(asked, 0.95), "p99 ms": _p(asked, 0.99)}
        figures["exact p95 ms"], figures["slip p95 ms"] = _p(asked[0::2], 0.95), _p(asked[1::2], 0.95)
        figures["found share"] = sum(bool(index.find(text)) for text in texts) / len(texts)
    return figures


def measure(quick: bool) -> list[str]:
    divided_by = QUICK if quick else 1
    found: dict[str, dict[str, float]] = {}
    for what in ("points", "rows", "runs", "villages"):
        command = [sys.executable, "-m", "bench.addresses", what, str(divided_by)]
        found[what] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    lines = []
    for what, title, wanted in (
        ("points", "T12  point → precinct", 1.0),
        ("rows", "T13  typed address, 100,000 rows of one house", 20.0),
        ("runs", "T13  typed address, 5,000 streets in twenty precincts each", 20.0),
        ("villages", "T13  typed address, 500 villages with the same forty streets", 20.0),
    ):
        verdict = "met" if found[what]["p95 ms"] <= wanted else "MISSED"
        lines.append(f"{title}: p95 {found[what]['p95 ms']:.3g} ms, wanted ≤ {wanted:g} ms  {verdict}")
        lines.append("      " + ", ".join(f"{name} {value:.3g}" for name, value in found[what].items()))
    together = found["points"]["memory MB"] + max(found[what]["memory MB"] for what in ("rows", "runs", "villages"))
    lines.append(
        f"      memory of map and book {together:.0f} MB, wanted ≤ 150 MB  {'met' if together <= 150 else 'MISSED'}"
    )
    return lines


if __name__ == "__main__":
    print(json.dumps(look(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1)))
