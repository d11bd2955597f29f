"""T3: a whole tip, from the dialog's last step to its commit, beside a bare session that writes the same rows."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Table, delete, insert, select

from bench.rounds import Comparison, spread
from bench.sending import Desk, desk
from bot.services.tips import PartDraft, TipDraft
from bot.services.tips.codes import READY
from bot.store.base import Base
from bot.terms import Identity, Messenger, PartKind

TIPS, ROUNDS = 100, 3
BURST = 24  # tips at once that the codes made in advance are enough for
Rows = list[tuple[Table, list[dict[str, Any]]]]


async def measure(tips: int = TIPS, rounds: int = ROUNDS) -> Comparison:
    result = Comparison(
        "T3", "a tip submitted: decided, limited, sealed, its receipt hashed beside, committed", "tips/s",
        "a bare SQLAlchemy session that inserts the same rows", "≥ 0.8", is_met=lambda ratio: ratio >= 0.8,
    )  # fmt: skip
    async with desk(300, 1_000) as here, _codes_ready(here) as until_ready:
        await _look_up(here)
        await _submit(here, 1)  # the counters that all tips share are there
        before = await _all_rows(here)
        await _submit(here, 0)
        rows = _new_rows(before, await _all_rows(here))
        bursts = []
        for _round in range(rounds):
            await until_ready()
            bursts.append(await _speed(here, min(BURST, tips)))
            result.ours.append(await _speed(here, tips))
            await _take_out(here, rows)
            result.baseline.append(await _bare(here, rows, tips))
        shares = [burst / bare for burst, bare in zip(bursts, result.baseline, strict=True)]
        result.notes.append(
            f"{BURST} after a pause, their codes ready: {spread(bursts, 'tips/s')}, {spread(shares, '×')}"
        )
    written = ", ".join(f"{len(some)} {table.name}" for table, some in rows)
    result.notes.append(f"rows of one tip: {written}")
    return result


@asynccontextmanager
async def _codes_ready(here: Desk) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """As in the product: codes are made beside, and what is not made yet when a tip comes is made for it."""
    codes = here.units.house.codes
    keeper = asyncio.create_task(codes.keep_ready())

    async def until_ready() -> None:
        while codes.ready < READY:  # noqa: ASYNC110 - the bench alone waits for it
            await asyncio.sleep(0.01)

    await until_ready()
    yield until_ready
    keeper.cancel()


async def _speed(here: Desk, tips: int) -> float:
    began = time.perf_counter()
    for number in range(tips):
        await _submit(here, number)
    return tips / (time.perf_counter() - began)


_precincts: dict[Desk, int] = {}  # as the dialog's form has it before its last step


async def _look_up(here: Desk) -> None:
    async with here.units.reading() as unit:
        precinct = await unit.territory.by_code("101")
    if precinct is None:
        raise RuntimeError("the demo department is not there")
    _precincts[here] = precinct.id


async def _submit(here: Desk, number: int) -> None:
    people = [one.id[1:] for one in here.town.inhabitants if one.id.startswith("t")]
    async with here.units() as unit:
        person = await unit.residents.known(Messenger.TELEGRAM, people[number % len(people)])
        if person is None:
            raise RuntimeError("the demo department is not there")
        parts = [PartDraft(PartKind.TEXT, "Музыка после полуночи")]
        await unit.tips.submit(person, TipDraft("noise_night", parts, Identity.NAMED, precinct_id=_precincts[here]))


async def _all_rows(here: Desk) -> dict[Table, dict[Any, dict[str, Any]]]:
    found: dict[Table, dict[Any, dict[str, Any]]] = {}
    async with here.database.reading() as session:
        for table in Base.metadata.sorted_tables:
            keys = [column.name for column in table.primary_key]
            rows = (await session.execute(select(table))).mappings()
            found[table] = {tuple(row[key] for key in keys): dict(row) for row in rows}
    return found


def _new_rows(before: dict[Table, dict[Any, Any]], after: dict[Table, dict[Any, Any]]) -> Rows:
    new = [(table, [row for key, row in after[table].items() if key not in before[table]]) for table in after]
    return [(table, rows) for table, rows in new if rows]


async def _take_out(here: Desk, rows: Rows) -> None:
    async with here.database.writing() as session:
        for table, some in reversed(rows):
            for row in some:
                mine = [column == row[column.name] for column in table.primary_key]
                await session.execute(delete(table).where(*mine))


async def _bare(here: Desk, rows: Rows, tips: int) -> float:
    """Only the inserts and their commit are timed; the rows go out again in between."""
    took = 0.0
    for _ in range(tips):
        began = time.perf_counter()
        async with here.database.writing() as session:
            for table, some in rows:
                await session.execute(insert(table), some)
        took += time.perf_counter() - began
        await _take_out(here, rows)
    async with here.database.writing() as session:
        for table, some in rows:
            await session.execute(insert(table), some)
    return tips / took
