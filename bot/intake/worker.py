"""Feeds the dialogs from the inbox: strictly in order per person, a bounded number of persons at once."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence

import structlog
from aiogram import Dispatcher
from aiogram.types import Update

from bot.channels.base import Channel
from bot.services.inbox import TRIES, Item
from bot.services.notices import Promise, Recipient
from bot.services.unit import Unit, Units
from bot.terms import Lane, Messenger, NoticeKind, Role

log = structlog.get_logger(__name__)

PERSONS_AT_ONCE = 32
RETRY_SECONDS = 0.5
LEASE_EVERY = 3.0
SWEEP_EVERY = 2.0


class Worker:
    """After a crash what was left open is handled one by one, each try written down first: an update that kills the
    process is known by its own attempts and set aside, and the innocent beside it are not blamed."""

    def __init__(
        self, dispatcher: Dispatcher, channels: Mapping[Messenger, Channel], units: Units, holder: str
    ) -> None:
        self._dispatcher, self._channels, self._units, self._holder = dispatcher, channels, units, holder
        self._lines: dict[bytes, deque[Item]] = {}
        self._free = asyncio.Semaphore(PERSONS_AT_ONCE)
        self._is_ready = False
        self._nursery: asyncio.TaskGroup | None = None
        self._seen: set[int] = set()
        self._newer: list[Item] | None = None  # while older rows are looked for

    def take(self, items: Sequence[Item]) -> None:
        """New rows, in their order. Before recovery has ended, and in a process that does not own the dialogs, they
        stay in the table and are found there."""
        if self._newer is not None:
            self._newer.extend(items)
        elif self._is_ready:
            for item in items:
                self._add(item)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as nursery:
            self._nursery = nursery
            while not await self._own():
                await self._units.house.clock.sleep(LEASE_EVERY)
            await self._recover()
            swept = self._units.house.clock.monotonic()
            while True:
                await self._units.house.clock.sleep(SWEEP_EVERY)
                await self._find_new()
                if self._units.house.clock.monotonic() - swept > LEASE_EVERY:
                    swept = self._units.house.clock.monotonic()
                    self._is_ready = await self._own()

    async def idle(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                while self._lines:  # noqa: ASYNC110 - drained only at shutdown
                    await asyncio.sleep(0.02)
        except TimeoutError:
            log.warning("worker.left_behind", persons=len(self._lines))

    async def _own(self) -> bool:
        async with self._units() as unit:
            return await unit.leases.hold("dialogs", self._holder) is not None

    async def _recover(self) -> None:
        """Only what the last process left: new rows are no suspects, and need not go one by one."""
        async with self._units.reading() as unit:
            last = await unit.inbox.newest_open()
        after, clock = 0, self._units.house.clock
        owned_at = clock.monotonic()
        while after < last:
            async with self._units.reading() as unit:
                items = await unit.inbox.open_items(after)
            for item in items:
                if item.id <= last:
                    await self._retry(item)
                if clock.monotonic() - owned_at > LEASE_EVERY:
                    owned_at = clock.monotonic()
                    await self._own()
            after = items[-1].id if items else last
        self._is_ready = True
        await self._find_new()

    async def _retry(self, item: Item) -> None:
        if item.messenger not in self._channels:
            return  # this messenger is off: no try was made
        async with self._units() as unit:
            attempts = await unit.inbox.count_attempt(item.id)
            if attempts >= TRIES:
                await self._park(unit, item)
                return
        await self._handle(item)

    async def _find_new(self) -> None:
        """Rows another process stored, or that came while we were not ready."""
        if not self._is_ready:
            return
        newer = self._newer = []  # what is stored while we look must not overtake what we find
        async with self._units.reading() as unit:
            items = await unit.inbox.open_items()
        self._newer = None
        for item in [*items, *newer]:
            self._add(item)

    def _add(self, item: Item) -> None:
        if item.id in self._seen or self._nursery is None:
            return
        self._seen.add(item.id)
        line = self._lines.get(item.sender)
        if line is not None:
            line.append(item)
            return
        self._lines[item.sender] = deque([item])
        self._nursery.create_task(self._walk(item.sender))

    async def _walk(self, sender: bytes) -> None:
        line = self._lines[sender]
        async with self._free:
            while line:
                item = line.popleft()
                try:
                    await self._handle(item)
                finally:
                    self._seen.discard(item.id)
        if line:
            self._nursery.create_task(self._walk(sender))  # type: ignore[union-attr]
        else:
            del self._lines[sender]

    async def _handle(self, item: Item) -> None:
        """Up to three tries; then the row is parked, staff get an alarm, the person one apology."""
        channel = self._channels.get(item.messenger)
        if channel is None:
            return  # this messenger is off: its rows wait until it is on again
        for attempt in range(1, TRIES + 1):
            try:
                update = channel.update_of(item.payload)
                await self._feed(channel, item, update)
            except Exception:  # whatever a handler raises, the person's next message must be handled
                log.exception("worker.turn_failed", item=item.id, attempt=attempt)
                await self._units.house.clock.sleep(RETRY_SECONDS * attempt)
            else:
                return
        async with self._units() as unit:
            await self._park(unit, item)

    async def _feed(self, channel: Channel, item: Item, update: Update) -> None:
        address = _address(item)
        await self._dispatcher.feed_update(channel.bot, update, channel=channel, inbox_id=item.id, address=address)

    async def _park(self, unit: Unit, item: Item) -> None:
        """Set aside with its payload emptied: what it was is in the log by its id only."""
        if not await unit.inbox.handled(item.id, "parked"):
            return
        log.error("worker.parked", item=item.id, messenger=item.messenger)
        promises = []
        address = _address(item) or _private_sender(item)
        if address:
            person = await unit.residents.known(item.messenger, address)
            if person is not None:
                promises.append(Promise(NoticeKind.APOLOGY, Recipient(resident_id=person.id), Lane.ANSWER))
        for admin in await unit.officers.with_role(Role.ADMIN):
            if admin.resident_id:
                facts = {"alarm": "parked", "what": f"{item.messenger} {item.id}"}
                promises.append(
                    Promise(NoticeKind.ALARM, Recipient(resident_id=admin.resident_id), Lane.ANSWER, facts=facts)
                )
        await unit.notices.promise(*promises)


def _address(item: Item) -> str | None:
    """WhatsApp's senders are addresses; Telegram's are the ids aiogram reads itself."""
    form = item.payload.get("form")
    return str(form.get("From", "")).removeprefix("whatsapp:") if isinstance(form, dict) else None


def _private_sender(item: Item) -> str | None:
    for name in ("message", "edited_message", "callback_query"):
        inner = item.payload.get(name)
        if isinstance(inner, dict):
            sender = inner.get("from") or inner.get("from_user")
            if isinstance(sender, dict):
                return str(sender.get("id"))
    return None
