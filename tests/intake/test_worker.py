"""In order per person, side by side between persons, three tries and no more."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from bot.intake.worker import PERSONS_AT_ONCE, Worker
from bot.services.inbox import Arrival, Item
from bot.services.unit import Units
from bot.store.inbox import InboxItem
from bot.store.notices import Notice
from bot.terms import Messenger
from tests.services import cast


class Dialogs:
    """Stands where the dispatcher stands."""

    def __init__(self, units: Units) -> None:
        self.units = units
        self.order: dict[int, list[int]] = defaultdict(list)
        self.seen: list[int] = []
        self.now = self.most = 0
        self.fails: Callable[[int], Exception | None] = lambda number: None

    async def feed_update(self, bot: Any, update: Any, *, inbox_id: int, **data: Any) -> None:
        number, sender = update["update_id"], update["message"]["from"]["id"]
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await asyncio.sleep(0.002)
            async with self.units() as unit:
                if not await unit.inbox.handled(inbox_id):
                    return
                self.seen.append(number)
                if error := self.fails(number):
                    raise error
            self.order[sender].append(number)
        finally:
            self.now -= 1


CHANNELS: Any = {Messenger.TELEGRAM: SimpleNamespace(bot=None, update_of=lambda payload: payload)}


def arrival(number: int, sender: int = 1002, messenger: Messenger = Messenger.TELEGRAM) -> Arrival:
    payload = {"update_id": number, "message": {"from": {"id": sender}}}
    return Arrival(messenger, str(number), str(sender), payload)


async def store(units: Units, *arrivals: Arrival) -> list[Item]:
    async with units() as unit:
        return await unit.inbox.store(arrivals)


async def work(units: Units, dialogs: Dialogs, *later: Arrival, channels: Any = CHANNELS) -> None:
    """Until nothing is open any more."""
    worker = Worker(dialogs, channels, units, "me")  # type: ignore[arg-type]
    task = asyncio.ensure_future(worker.run())
    async with asyncio.timeout(20):
        while not worker._is_ready:
            await asyncio.sleep(0.005)
        worker.take(await store(units, *later))
        while worker._lines or await open_numbers(units, channels):
            await asyncio.sleep(0.005)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def open_numbers(units: Units, channels: Any = CHANNELS) -> list[int]:
    async with units.reading() as unit:
        return [
            int(str(item.payload["update_id"])) for item in await unit.inbox.open_items() if item.messenger in channels
        ]


async def outcomes(units: Units) -> dict[str, str]:
    return {row.external_id: row.outcome for row in await cast.rows(units, InboxItem)}


async def test_each_persons_updates_keep_their_order(units: Units) -> None:
    dialogs = Dialogs(units)
    await work(units, dialogs, *(arrival(n, sender=n % 7) for n in range(70)))
    assert dialogs.order == {sender: list(range(sender, 70, 7)) for sender in range(7)}
    assert dialogs.most > 1


async def test_not_more_persons_at_once_than_agreed(units: Units) -> None:
    dialogs = Dialogs(units)
    await work(units, dialogs, *(arrival(n, sender=n) for n in range(3 * PERSONS_AT_ONCE)))
    assert 1 < dialogs.most <= PERSONS_AT_ONCE
    assert len(dialogs.seen) == 3 * PERSONS_AT_ONCE


async def test_what_was_left_open_goes_first(units: Units) -> None:
    await store(units, *(arrival(n) for n in range(5)))
    dialogs = Dialogs(units)
    await work(units, dialogs, arrival(5), arrival(6))
    assert dialogs.order[1002] == list(range(7))


async def test_a_handler_that_always_raises_is_parked_after_three_tries_with_one_apology(units: Units) -> None:
    dialogs = Dialogs(units)
    dialogs.fails = lambda number: RuntimeError("bug") if number == 1 else None
    await work(units, dialogs, arrival(0), arrival(1), arrival(2), arrival(3, sender=1003))
    assert dialogs.seen.count(1) == 3
    assert dialogs.order[1002] == [0, 2]
    assert await outcomes(units) == {"0": "done", "1": "parked", "2": "done", "3": "done"}
    notices = await cast.rows(units, Notice)
    async with units() as unit:
        person, admin = await cast.resident(unit), await cast.officer(unit, cast.ADMIN)
    assert [(notice.kind, notice.resident_id) for notice in notices] == [
        ("apology", person.id), ("alarm", admin.resident_id),
    ]  # fmt: skip
    (row,) = [row for row in await cast.rows(units, InboxItem) if row.external_id == "1"]
    assert row.payload_sealed is None


async def test_a_passing_trouble_is_no_apology(units: Units) -> None:
    tries = iter([OSError("disk"), OSError("disk")])
    dialogs = Dialogs(units)
    dialogs.fails = lambda number: next(tries, None)
    await work(units, dialogs, arrival(1))
    assert dialogs.seen == [1, 1, 1]
    assert await outcomes(units) == {"1": "done"}
    assert await cast.rows(units, Notice) == []


class Killed(BaseException):
    """The process is gone; nothing after it runs."""


async def test_an_update_that_kills_the_process_is_parked_and_its_neighbours_are_not(units: Units) -> None:
    await store(units, arrival(1), arrival(2), arrival(3, sender=1003))

    def deadly(number: int) -> Exception | None:
        if number == 1:
            raise Killed
        return None

    for _start in range(2):
        dialogs = Dialogs(units)
        dialogs.fails = deadly
        worker = Worker(dialogs, CHANNELS, units, "me")  # type: ignore[arg-type]
        with pytest.raises(Killed):
            await worker._recover()
        assert await open_numbers(units) == [1, 2, 3]
    dialogs = Dialogs(units)
    dialogs.fails = deadly
    await work(units, dialogs)
    assert await outcomes(units) == {"1": "parked", "2": "done", "3": "done"}
    assert [kind for kind, _who in await cast.told(units)] == ["apology", "alarm"]


async def test_rows_of_a_messenger_that_is_off_wait_however_often_we_start(units: Units) -> None:
    await store(units, arrival(1, messenger=Messenger.WHATSAPP), arrival(2))
    for _start in range(4):
        await work(units, Dialogs(units))
    assert await outcomes(units) == {"1": "", "2": "done"}


async def test_only_one_of_two_processes_works(units: Units) -> None:
    async with units() as unit:
        await unit.leases.hold("dialogs", "another")
    await store(units, arrival(1))
    dialogs = Dialogs(units)
    worker = Worker(dialogs, CHANNELS, units, "me")  # type: ignore[arg-type]
    assert not await worker._own()
    worker.take(await store(units, arrival(2)))
    assert dialogs.seen == []
    await work(units, dialogs)  # the other one fell silent
    assert dialogs.order[1002] == [1, 2]
