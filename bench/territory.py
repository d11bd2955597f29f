"""T16: a whole region: loaded from files, held in memory, asked, and switched while it is being asked.

`python -m bench.territory memory DATABASE_URL` is a process of its own, so that the memory it tells is its own.
"""

import asyncio
import gc
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from bench import region
from bot.clock import SystemClock
from bot.services.territory import build, portions
from bot.services.territory_files import read_department
from bot.services.unit import House, Units
from bot.store import keys
from bot.store.database import Database
from bot.store.migrate import migrate
from bot.surveyor import Surveyor

LOAD_SECONDS, POINT_MS, ADDRESS_MS, MEMORY_MB, PAUSE_MS = 60.0, 1.0, 20.0, 150.0, 50.0
POINTS, ADDRESSES = 5_000, 1_000
SMALL = region.Size(columns=20, rows=20)
POSTGRES = os.environ.get("KORSHI_BENCH_POSTGRES_URL", "")
"""`postgresql+psycopg://…/name` of an empty database: measured too when it is named."""


@dataclass
class Figures:
    """Lines to print; `missed` are those above their limit."""

    lines: list[str] = field(default_factory=list)
    missed: int = 0

    def told(self, what: str, value: float, unit: str, limit: float | None = None) -> None:
        verdict = "" if limit is None else f"   wanted ≤ {limit:g} {unit}  {'met' if value <= limit else 'MISSED'}"
        self.missed += limit is not None and value > limit
        self.lines.append(f"      {what:<58} {value:>10.3g} {unit}{verdict}")


def _units(url: str) -> Units:
    keys.install(keys.KeyRing([b"k" * 32], b"p" * 32))
    return Units(House(Database(url), SystemClock(), ZoneInfo("Asia/Almaty"), None))


async def measure(*, quick: bool = False) -> list[str]:
    """The table's lines; a region takes minutes, `quick` only looks whether everything still runs."""
    size = SMALL if quick else region.REGION
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="korshi-bench-") as name:
        folder = region.build(Path(name) / "region", size)
        databases = [
            ("SQLite", f"sqlite+aiosqlite:///{name}/korshi.db"),
            *([("PostgreSQL", POSTGRES)] * bool(POSTGRES)),
        ]
        for database, url in databases:
            units = _units(url)
            await migrate(units.house.database)
            await _load(units, folder, database, figures)
            await units.house.database.close()
            _memory(url, database, figures)
            units = _units(url)
            await _lookups(units, size, database, figures)
            await _switch(units, url, folder, database, figures)
            await units.house.database.close()
    verdict = f"{figures.missed} MISSED" if figures.missed else "met"
    head = (
        f"T16  a region of {size.precincts:,} precincts and {size.precincts * size.house_rows:,} house rows: {verdict}"
    )
    return [head, *figures.lines]


async def _load(units: Units, folder: Path, database: str, figures: Figures) -> None:
    began = time.perf_counter()
    files = read_department(folder)
    read = time.perf_counter() - began
    longest = 0.0
    async with units() as unit:
        generation = await unit.territory.begin(files, "bench")
    for portion in portions(files):
        began_portion = time.perf_counter()
        async with units() as unit:
            await unit.territory.add(generation, portion)
        longest = max(longest, time.perf_counter() - began_portion)
    async with units() as unit:
        await unit.territory.finish(generation, files)
    began_switch = time.perf_counter()
    async with units() as unit:
        await unit.territory.activate(generation)
    ended = time.perf_counter()
    figures.told(f"{database}: files read, checked, loaded and active", ended - began, "s", LOAD_SECONDS)
    figures.told("of it reading and checking", read, "s")
    figures.told("of it the switch", ended - began_switch, "s")
    figures.told("longest transaction of the writing", longest * 1000, "ms")


def _memory(url: str, database: str, figures: Figures) -> None:
    words = [sys.executable, "-m", "bench.territory", "memory", url]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    kept, peak = map(float, done.stdout.split())
    figures.told(f"{database}: memory of the index", kept, "MB", MEMORY_MB)
    figures.told("highest while it is built", peak, "MB")


def _resident_mb(name: str = "VmRSS") -> float:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(name))


async def _remember(url: str) -> None:
    """What the process holds more once the index is there, and at most on the way."""
    units = _units(url)
    async with units.reading() as unit:
        active = await unit.territory.active()
    build(await _rows(units, None))  # whatever is imported or made at the first time
    gc.collect()
    before = _resident_mb()
    units.house.territory.survey = build(await _rows(units, active))
    gc.collect()
    print(_resident_mb() - before, _resident_mb("VmHWM") - before)
    await units.house.database.close()


async def _rows(units: Units, generation: int | None):  # type: ignore[no-untyped-def]
    async with units.reading() as unit:
        return await unit.territory.rows(generation)


async def _lookups(units: Units, size: region.Size, database: str, figures: Figures) -> None:
    await Surveyor(units).look()
    chance = random.Random(16)
    width, height = size.columns * region.CELL_LON, size.rows * region.CELL_LAT
    points = [
        (region.SOUTH + chance.random() * height, region.WEST + chance.random() * width) for _point in range(POINTS)
    ]
    streets = [region.street(number) for number in range(size.precincts)]
    names = [chance.choice(chance.choice(streets)) for _address in range(ADDRESSES)]
    typed = [f"{name} {chance.randint(1, 40)}" for name in names]
    async with units.reading() as unit:
        by_point = [await _timed(lambda point=point: unit.territory.spot_at(*point)) for point in points]
        by_address = [await _timed(lambda text=text: unit.territory.at_address(text)) for text in typed]
        with_slip = [await _timed(lambda text=text: unit.territory.at_address(_slip(text, chance))) for text in typed]
    figures.told(f"{database}: a point's spot, p95", _p95(by_point), "ms", POINT_MS)
    figures.told("an address as it is written, p95", _p95(by_address), "ms", ADDRESS_MS)
    figures.told("an address with a slip, p95", _p95(with_slip), "ms", ADDRESS_MS)


async def _timed(call: Callable) -> float:  # type: ignore[type-arg]
    began = time.perf_counter()
    await call()
    return (time.perf_counter() - began) * 1000


def _slip(text: str, chance: random.Random) -> str:
    at = chance.randrange(1, max(2, len(text) - 4))
    return text[:at] + text[at + 1 :]


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


async def _switch(units: Units, url: str, folder: Path, database: str, figures: Figures) -> None:
    """Another process switches; this one is asked for spots all the while and follows."""
    calm = await _longest_pause(units, asyncio.sleep(3))
    files = read_department(folder)
    async with units() as unit:
        generation = await unit.territory.begin(files, "again")
    for portion in portions(files):
        async with units() as unit:
            await unit.territory.add(generation, portion)
    async with units() as unit:
        await unit.territory.finish(generation, files)
    del files
    gc.collect()
    gc.freeze()  # as a running Korshi has done
    async with _following(units):
        pause = await _longest_pause(units, _switched(units, url, generation))
    figures.told(f"{database}: longest pause of lookups while nothing happens", calm[0] * 1000, "ms")
    figures.told("longest pause of lookups while another generation is activated", pause[0] * 1000, "ms")
    figures.told("most work of this process in such a pause, its other threads included", pause[1] * 1000, "ms")
    figures.told("longest own work of the event loop between two lookups", pause[2] * 1000, "ms", PAUSE_MS)


@asynccontextmanager
async def _following(units: Units) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as nursery:
        surveyor = nursery.create_task(Surveyor(units).run())
        await asyncio.sleep(0.1)
        yield
        surveyor.cancel()


async def _switched(units: Units, url: str, generation: int) -> None:
    words = (sys.executable, "-m", "bench.territory", "activate", url, str(generation))
    other = await asyncio.create_subprocess_exec(*words)
    while units.house.territory.generation_id != generation:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    await other.wait()
    await asyncio.sleep(1)  # the former one is taken apart


async def _longest_pause(units: Units, meanwhile) -> tuple[float, float, float]:  # type: ignore[no-untyped-def]
    """Seconds between the ends of two lookups that follow each other at once; and, for a machine that has other work
    too, the most work of this process and of the event loop's own thread in such a pause. What SQLite reads in a thread
    of its own meanwhile is work of the process, and holds nothing up."""
    longest, is_over = [0.0, 0.0, 0.0], False

    async def ask() -> None:
        async with units.reading() as unit:
            last = time.perf_counter(), time.process_time(), time.thread_time()
            while not is_over:
                await unit.territory.spot_at(region.SOUTH + 0.21, region.WEST + 0.21)
                await asyncio.sleep(0)
                now = time.perf_counter(), time.process_time(), time.thread_time()
                longest[:] = [max(most, new - old) for most, new, old in zip(longest, now, last, strict=True)]
                last = now

    async with asyncio.TaskGroup() as nursery:
        nursery.create_task(ask())
        await meanwhile
        is_over = True
    return longest[0], longest[1], longest[2]


async def _activate(url: str, generation: int) -> None:
    units = _units(url)
    async with units() as unit:
        await unit.territory.activate(generation)
    await units.house.database.close()


if __name__ == "__main__":
    what, address, *rest = sys.argv[1:]
    asyncio.run(_remember(address) if what == "memory" else _activate(address, int(rest[0])))
