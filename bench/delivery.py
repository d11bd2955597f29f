"""The table of the delivery engine, from real runs: `python -m bench.delivery` (about 15 minutes; `--full` an hour).

It runs the cases of bench.broadcast, the fan-out, the callbacks and the kills one after another and prints a row as
soon as it is known. Everything is real time on one machine; only what a row calls extrapolated was not run whole.
"""

import argparse
import asyncio
import resource
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench import broadcast, callbacks, fanout, kills
from bench.table import HEAD, Row, at, show

KILLS, TIPS = 20, 200


async def spread(_full: bool) -> list[Row]:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    firsts: list[float] = []
    locks: list[float] = []
    found = await fanout.measure(locks=locks, firsts=firsts)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    ratios = f"{found.ratio:.2f} ({min(found.ratios):.2f} – {max(found.ratios):.2f})"
    told = f"median {at(locks, 0.5):.0f} ms, p95 {at(locks, 0.95):.0f} ms, longest {locks[-1]:.0f} ms"
    first = ", ".join(f"{moment * 1000:.0f}" for moment in firsts)
    return [
        Row(f"fan-out of {fanout.ROWS:,}, × one bare INSERT … SELECT", ratios, "≤ 1.15", found.ratio <= 1.15),
        Row("its locks on the database, commit included", told, "≤ 50 ms", locks[-1] <= 50),
        Row("first notices of it due after approval", f"{first} ms", "≤ 200 ms", max(firsts) <= 0.2),
        Row("memory grown by it, all rounds", f"{grown:.0f} MB", "flat"),
    ]


async def reports(_full: bool) -> list[Row]:
    return [await callbacks.measure(500, 60.0)]


async def killed(_full: bool) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="korshi-kills-") as folder:
        report = await kills.storm(Path(folder) / "town", kills.Plan(KILLS, TIPS, seed=4))
    ready = sorted(life.ready_after for life in report.lives if life.ready_after is not None)
    told = (
        f"{report.found.tips} tips, {report.plan.recipients} recipients: {len(report.found.faults)} faults;"
        f" {report.doubled} sends doubled of {kills.DOUBLED_A_KILL * KILLS}; ready {ready[0]:.1f} – {ready[-1]:.1f} s"
        f" after a kill; {'; '.join(report.faults) or 'nothing lost'}"
    )
    return [Row(f"kill -9 × {KILLS}", told, "nothing lost, ≤ 8 doubled a kill", not report.faults)]


CASES: dict[str, Callable[[bool], Awaitable[list[Row]]]] = {
    **broadcast.CASES,
    "fan-out": spread,
    "callbacks": reports,
    "kills": killed,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.delivery", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"{', '.join(CASES)}; default: all")
    parser.add_argument("--full", action="store_true", help=f"{broadcast.PEOPLE:,} people: 14 minutes at 30/s")
    options = parser.parse_args()
    unknown = set(options.cases) - set(CASES)
    if unknown:
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    print(HEAD)
    is_met = True
    for name in options.cases or CASES:
        rows = asyncio.run(_one(CASES[name], options.full))
        show(rows)
        is_met = is_met and all(row.is_met is not False for row in rows)
    return 0 if is_met else 1


async def _one(case: Callable[[bool], Awaitable[list[Row]]], full: bool) -> list[Row]:
    return await case(full)


if __name__ == "__main__":
    raise SystemExit(main())
