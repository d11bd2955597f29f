"""`make bench`: the ratios of docs/performance.md, each beside its baseline in the same run.

`python -m bench T1 T10` measures only these; `--quick` is for looking whether everything still runs. CLAIMS (T11 with
a million notices in the table) and DAY, DIALOGS and ACKS, which count what becomes of people's tips, take long and run
only when they are named.
"""

import argparse
import asyncio
import importlib
import os
import platform
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from bench import addresses, claims, fanout, outbound, pacing, routing, sending, starting, territory, tip, webhook
from bench.rounds import Comparison

Measure = Callable[[bool], Awaitable[Comparison]]

MEASURES: dict[str, Measure] = {
    "T1": lambda quick: routing.measure(3, 500) if quick else routing.measure(),
    "T2": lambda quick: webhook.measure(2, 500) if quick else webhook.measure(),
    "T3": lambda quick: tip.measure(10, 1) if quick else tip.measure(),
    "T8": lambda quick: sending.measure(400, 1) if quick else sending.measure(),
    "T10": lambda quick: fanout.measure(50_000, 1) if quick else fanout.measure(),
    "T15": lambda quick: starting.measure(1) if quick else starting.measure(),
}


async def pace(quick: bool) -> list[str]:
    """T9: its own table, because it is counted and not compared."""
    print(pacing.HEAD)
    runs = await pacing.measure((30,) if quick else pacing.RATES, 5.0 if quick else 20.0)
    ours = [run for run in runs if not run.case.startswith("baseline")]
    good = all(run.violations == 0 and round(run.share, 3) >= 0.99 for run in ours)
    return [f"T9   pacing: {'met' if good else 'MISSED'}, wanted ≥ 0.99 of the rate and no violation"]


async def steady(quick: bool) -> list[str]:
    """T5: an open loop, beside the same on a server that stores nothing."""
    return await webhook.measure_steady(500, 3.0 if quick else 20.0)


async def calls(quick: bool) -> list[str]:
    """T7: two comparisons, one a messenger."""
    return await (outbound.measure(200, 1) if quick else outbound.measure())


async def rounds_of_the_courier(quick: bool) -> list[str]:
    """T11: on each database, at the target's batches and at the courier's own."""
    return await (claims.measure(600, 1) if quick else claims.measure())


async def region(quick: bool) -> list[str]:
    """T12 and T13: a region held in memory, with its size and its lookups; nothing to compare with but the wish."""
    return addresses.measure(quick)


async def switching(quick: bool) -> list[str]:
    """T16: the region as files, loaded, remembered, asked, and switched while it is asked."""
    return await territory.measure(quick=quick)


async def counted(module: str, size: float) -> list[str]:
    """They import the whole of Korshi: the others are measured in a process without it."""
    lines: list[str] = await importlib.import_module(f"bench.{module}").measure(size)
    return lines


Table = Callable[[bool], Awaitable[list[str]]]
TABLES: dict[str, Table] = {
    "T5": steady,
    "T7": calls,
    "T9": pace,
    "T11": rounds_of_the_courier,
    "T12": region,
    "T16": switching,
}
NAMED: dict[str, Table] = {
    "CLAIMS": lambda quick: claims.measure(600 if quick else 3_000, 1, 20_000 if quick else 1_000_000),
    "DAY": lambda quick: counted("day", 60 if quick else 1_000),
    "DIALOGS": lambda quick: counted("dialogs", 50 if quick else 500),
    "ACKS": lambda quick: counted("acks", 3.0 if quick else 20.0),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    usual = ", ".join([*MEASURES, *TABLES])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"{usual} (default: all), or {', '.join(NAMED)}")
    parser.add_argument("--quick", action="store_true", help="few and short rounds: the figures mean nothing")
    options = parser.parse_args()
    wanted = [name.upper() for name in options.targets] or [*MEASURES, *TABLES]
    wanted = ["T12" if name == "T13" else name for name in wanted]
    tables = TABLES | NAMED
    unknown = set(wanted) - {*MEASURES, *tables}
    if unknown:
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    print(f"{today}, {os.cpu_count()} CPUs, Python {platform.python_version()}; medians (least – most) over rounds\n")
    for name in wanted:
        if name in tables:
            lines = asyncio.run(_table(tables[name], options.quick))
        else:
            lines = asyncio.run(_one(MEASURES[name], options.quick)).lines()
        print("\n".join(lines) + "\n", flush=True)
    return 0


async def _one(measure: Measure, quick: bool) -> Comparison:
    return await measure(quick)


async def _table(measure: Table, quick: bool) -> list[str]:
    return await measure(quick)


if __name__ == "__main__":
    raise SystemExit(main())
