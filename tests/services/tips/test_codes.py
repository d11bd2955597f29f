"""A code is hashed before it is needed, handed out once, and made on the spot where none is ready."""

import asyncio
from contextlib import suppress

import pytest

from bot.services.tips import codes
from bot.services.tips.codes import READY, Codes, digest_of
from bot.services.unit import Units
from bot.store.tips import Receipt
from tests.services.cast import resident, rows, submit


async def filled(stock: Codes) -> "asyncio.Task[None]":
    task = asyncio.create_task(stock.keep_ready())
    while stock.ready < READY:
        await asyncio.sleep(0.01)
    return task


async def ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_a_tip_waits_for_no_hash(units: Units, monkeypatch: pytest.MonkeyPatch) -> None:
    stock = units.house.codes
    await ended(await filled(stock))
    hashed: list[str] = []
    monkeypatch.setattr(codes, "digest_of", lambda code, salt: hashed.append(code) or b"")
    async with units() as unit:
        await submit(unit, await resident(unit))
    (receipt,) = await rows(units, Receipt)
    assert hashed == []
    assert len(receipt.digest) == 32
    assert stock.ready == READY - 1


async def test_each_is_handed_out_once_and_replaced(units: Units) -> None:
    stock = Codes()
    task = await filled(stock)
    taken = [stock.take() for _ in range(READY)]
    assert len({fresh.code for fresh in taken}) == len({fresh.salt for fresh in taken}) == READY
    assert all(fresh.digest == digest_of(fresh.code, fresh.salt) for fresh in taken[:2])
    while stock.ready < READY:
        await asyncio.sleep(0.01)
    assert stock.take().code not in {fresh.code for fresh in taken}
    await ended(task)


async def test_where_none_is_ready_one_is_made(units: Units) -> None:
    stock = Codes()
    fresh = stock.take()
    assert fresh.digest == digest_of(fresh.code, fresh.salt)
    assert stock.ready == 0
