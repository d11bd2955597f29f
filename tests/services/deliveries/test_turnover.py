"""The courier's round in one transaction: the same as `settle` and `claim_ready` of a unit, told at once."""

import asyncio
from contextlib import suppress
from typing import Any

import aiosqlite
import pytest

from bot.services.deliveries import Delivery, Settlement
from bot.services.unit import Units
from bot.store.notices import Notice
from bot.terms import NoticeState
from tests.services import cast
from tests.services.deliveries.test_ahead import publish, ready, statements


def said(items: list[Delivery]) -> list[Settlement]:
    return [
        Settlement(item.id, item.fence, NoticeState.SENT, message=f"m{item.id}", messenger=item.messenger)
        for item in items
    ]


async def states(units: Units, ids: list[int]) -> dict[int, tuple[Any, ...]]:
    found = await cast.rows(units, Notice, Notice.id.in_(ids))
    return {
        row.id: (row.state, row.message, row.fence, row.attempts, row.error, row.lease_until, row.due_at, row.part_id)
        for row in found
    }


async def test_results_and_the_next_claims(units: Units) -> None:
    await publish(units)
    found = await ready(units)
    first = await units.turn_over([], found[:8])
    second = await units.turn_over(said(first), found[8:16])
    assert [item.id for item in first + second] == [item.id for item in found[:16]]
    now = units.house.clock.now()
    kept = await states(units, [item.id for item in found[:16]])
    for item in first:
        assert kept[item.id] == ("sent", f"m{item.id}", 1, 0, "", None, now, 0)
    assert {kept[item.id][:4] for item in second} == {("sending", None, 1, 0)}
    assert all(kept[item.id][5] > now for item in second)


async def test_it_leaves_what_a_unit_leaves(units: Units) -> None:
    """Every kind of result, written both ways."""
    await publish(units)
    found = await ready(units)
    one, other = await units.turn_over([], found[:5]), await units.turn_over([], found[5:10])
    now = units.house.clock.now()

    def results(items: list[Delivery]) -> list[Settlement]:
        a, b, c, d, e = items
        return [
            *said([a]),
            Settlement(b.id, b.fence, NoticeState.FAILED, error="blocked" * 9),
            Settlement(c.id, c.fence, NoticeState.DUE, error="unknown", due_at=now),
            Settlement(d.id, d.fence, NoticeState.DUE, counts_attempt=False),
            Settlement(e.id, e.fence + 1, NoticeState.SENT, message="of another claim", messenger=e.messenger),
        ]

    assert await units.turn_over(results(one), []) == []
    async with units() as unit:
        await unit.deliveries.settle(results(other))
    kept = [await states(units, [item.id for item in items]) for items in (one, other)]
    plain = [[(row[0], *row[2:]) for _id, row in sorted(rows.items())] for rows in kept]
    assert plain[0] == plain[1]
    assert [row[0] for row in plain[0]] == ["sent", "failed", "due", "due", "sending"]


async def test_somebody_elses_claim_is_not_taken_over(units: Units) -> None:
    await publish(units)
    found = (await ready(units))[:3]
    async with units() as unit:
        await unit.deliveries.claim([found[1].id])
    assert [item.id for item in await units.turn_over([], found)] == [found[0].id, found[2].id]


async def test_a_claim_after_an_earlier_one_has_its_own_fence(units: Units) -> None:
    """Between the look ahead and the claim it was tried and put back: an answer to that try must not count for this."""
    await publish(units)
    found = (await ready(units))[:1]
    (early,) = await units.turn_over([], found)
    await units.turn_over([Settlement(early.id, early.fence, NoticeState.DUE)], [])
    (late,) = await units.turn_over([], found)
    assert (early.fence, late.fence) == (1, 2)
    await units.turn_over(said([early]), [])
    assert (await states(units, [early.id]))[early.id][:2] == ("sending", None)


async def test_a_message_of_nobody_knows_which_messenger_is_refused(units: Units) -> None:
    with pytest.raises(ValueError, match="known here"):
        await units.turn_over([Settlement(1, 1, NoticeState.SENT, message="5")], [])


async def test_it_is_one_trip_to_sqlite(units: Units, monkeypatch: pytest.MonkeyPatch) -> None:
    if not units.house.database.is_sqlite:
        return  # PostgreSQL's driver has no thread to go to
    await publish(units)
    found = await ready(units)
    first = await units.turn_over([], found[:8])
    trips: list[object] = []
    go = aiosqlite.Connection._execute
    async with units.house.database.writer.connect() as connection:  # beside it the stage of other tests may be awake
        own = (await connection.get_raw_connection()).driver_connection

    async def counted(self: aiosqlite.Connection, *arguments: object, **options: object) -> object:
        if self is own:
            trips.append(arguments[0])
        return await go(self, *arguments, **options)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(aiosqlite.Connection, "_execute", counted)
    asked = statements(units)
    assert len(await units.turn_over(said(first), found[8:16])) == 8
    assert (len(trips), asked) == (1, [])


async def test_whoever_is_cut_off_leaves_all_of_it_or_nothing(units: Units) -> None:
    await publish(units)
    found = await ready(units)
    for steps in range(6):
        some = found[steps * 8 : steps * 8 + 8]
        turning = asyncio.ensure_future(units.turn_over([], some))
        for _ in range(steps):
            await asyncio.sleep(0)
        turning.cancel()
        with suppress(asyncio.CancelledError):
            await turning
        await units.turn_over([], found[80 + steps : 81 + steps])  # the connection is as good as before
        kept = {row[0] for row in (await states(units, [item.id for item in some])).values()}
        assert len(kept) == 1
