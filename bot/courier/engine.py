"""One channel's courier: chooses, claims, says, records. At most a handful of calls are under way at once."""

import asyncio
from collections import deque
from datetime import datetime

import structlog

from bot.channels.base import Channel, Outcome, Receipt, Refused
from bot.courier.outcomes import Verdict, judge
from bot.i18n import set_language
from bot.metrics import NOTICES
from bot.services.deliveries import Delivery, Waiting
from bot.services.notices import Promise, Recipient
from bot.services.talks import talk_key
from bot.services.unit import Unit, Units
from bot.speech import Reply
from bot.speech.notices import word
from bot.terms import Lane, Language, Messenger, NoticeKind, Role

log = structlog.get_logger(__name__)

IN_FLIGHT = 8  # what a crash can leave in doubt
LEASE_EVERY = 3.0
ALARM_EVERY = 3600.0
IDLE_SECONDS = 1.0


class Courier:
    """Carries due notices to people, no faster than the messenger allows.

    The lease makes it the only one of its channel; a claim is committed before the call and its result after it, so
    a crash leaves at most `IN_FLIGHT` notices in doubt. Results and the next claims share one transaction."""

    def __init__(self, channel: Channel, units: Units, holder: str) -> None:
        self._channel, self._units, self._holder = channel, units, holder
        self._clock = units.house.clock
        self._queue: deque[Waiting] = deque()
        self._busy: dict[int, int] = {}  # talk → notice under way
        self._addresses: dict[int, str] = {}
        self._done: list[Verdict] = []
        self._bell = asyncio.Event()
        self._is_stale = True
        self._calls: set[asyncio.Task[None]] = set()
        self._leased_at = float("-inf")
        self._alarmed_at: dict[str, float] = {}
        units.on("notices", self.wake)

    def wake(self) -> None:
        self._is_stale = True
        self._bell.set()

    async def run(self) -> None:
        """Until cancelled. Calls under way end with it; their notices are healed at the next start."""
        async with asyncio.TaskGroup() as calls:
            while True:
                self._bell.clear()
                if not await self._is_owner():
                    await self._clock.sleep(LEASE_EVERY)
                    continue
                deliveries = await self._turn_over()
                for delivery in deliveries:
                    self._busy[delivery.talk] = delivery.id
                    task = calls.create_task(self._carry(delivery))
                    self._calls.add(task)
                    task.add_done_callback(self._calls.discard)
                await self._rest(idle=not deliveries)

    async def _is_owner(self) -> bool:
        now = self._clock.monotonic()
        if now - self._leased_at < LEASE_EVERY:
            return True
        async with self._units() as unit:
            name = f"courier:{self._channel.messenger}:{self._channel.bot.id}"
            fence = await unit.leases.hold(name, self._holder)
            if fence is None:
                self._leased_at = float("-inf")
                return False
            if self._leased_at == float("-inf"):
                healed = await unit.deliveries.heal(self._channel.messenger, all_claims=not self._calls)
                log.info("courier.owns", messenger=self._channel.messenger, healed=healed)
        self._leased_at = now
        return True

    async def _turn_over(self) -> list[Delivery]:
        """Records what has ended and claims what may go now, in one transaction."""
        done, self._done = self._done, []
        async with self._units() as unit:
            await self._record(unit, done)
            free = IN_FLIGHT - len(self._calls) - len(self._done)  # ended, but not written down yet: in doubt too
            if free <= 0:
                return []
            if self._is_stale or not self._queue:
                self._is_stale = False
                self._queue = deque(await unit.deliveries.waiting(self._channel.messenger, list(self._busy)))
            chosen = self._choose(free)
            if not chosen:
                return []
            return await unit.deliveries.claim([item.id for item in chosen])

    async def _record(self, unit: Unit, done: list[Verdict]) -> None:
        if not done:
            return
        await unit.deliveries.settle([verdict.settlement for verdict in done])
        for verdict in done:
            NOTICES.labels(self._channel.messenger.value, verdict.settlement.state.value).inc()
        await unit.deliveries.close([verdict.closure for verdict in done if verdict.closure])
        for verdict in done:
            if verdict.alarm:
                await self._alarm(unit, verdict.alarm)
        if any(verdict.settlement.due_at for verdict in done):
            self._is_stale = True

    def _choose(self, free: int) -> list[Waiting]:
        """The most pressing whose own chat is open now; a closed chat does not stop the others."""
        chosen: list[Waiting] = []
        later: list[Waiting] = []
        talks = set(self._busy)
        while self._queue and len(chosen) < free:
            item = self._queue.popleft()
            if item.talk in talks or not self._is_open(item):
                later.append(item)
            else:
                talks.add(item.talk)
                chosen.append(item)
        self._queue.extendleft(reversed(later))
        return chosen

    def _is_open(self, item: Waiting) -> bool:
        return self._channel.ready_in(self._gate(item), item.lane, is_group=item.is_group) <= 0

    def _gate(self, item: Waiting) -> str:
        """The pacer knows chats by address; a talk never heard of has an open gate."""
        return self._addresses.get(item.talk, "")

    async def _carry(self, delivery: Delivery) -> None:
        self._addresses[delivery.talk] = delivery.address
        try:
            outcome = await self._say(delivery)
        except Exception:  # a bug in the words of one notice must not stop the others
            log.exception("courier.notice_failed", notice=delivery.id, kind=delivery.kind)
            outcome = Refused("bug")
        verdict = judge(delivery, outcome, self._clock.now())
        if verdict.moved_to is not None:
            async with self._units() as unit:
                await unit.chats.moved(self._channel.messenger, delivery.address, verdict.moved_to)
        self._done.append(verdict)
        self._busy.pop(delivery.talk, None)
        self._bell.set()

    async def _say(self, delivery: Delivery) -> Outcome:
        set_language(delivery.language or Language.KK)
        reply = word(delivery, self._units.house.zone)
        if delivery.is_retry_of_unknown and (found := await self._channel.find(delivery, reply)):
            return Receipt(found)
        first = 1
        items = self._channel.menu_of(reply).items
        if items and not delivery.is_group and delivery.messenger is Messenger.WHATSAPP:
            first, is_open = await self._number(delivery, items)
            reply = _opened(reply) if is_open else reply
        return await self._channel.send(delivery, reply, first)

    async def _number(self, delivery: Delivery, items: list[tuple[str, str]]) -> tuple[int, bool]:
        async with self._units() as unit:
            key = talk_key(delivery.messenger, delivery.address, delivery.address)
            return await unit.talks.add_menu(key, items)

    async def _alarm(self, unit: Unit, what: str) -> None:
        """To every administrator, once an hour for each cause."""
        now = self._clock.monotonic()
        if now - self._alarmed_at.get(what, float("-inf")) < ALARM_EVERY:
            return
        self._alarmed_at[what] = now
        log.error("courier.channel_refuses", messenger=self._channel.messenger, reason=what)
        facts = {"alarm": "channel", "what": f"{self._channel.messenger}: {what}"}
        admins = await unit.officers.with_role(Role.ADMIN)
        await unit.notices.promise(
            *(
                Promise(NoticeKind.ALARM, Recipient(resident_id=admin.resident_id), Lane.URGENT, facts=facts)
                for admin in admins
                if admin.resident_id
            )
        )

    async def _rest(self, *, idle: bool) -> None:
        """Until something is due, has ended, or the lease must be renewed."""
        if self._done or (not idle and len(self._calls) < IN_FLIGHT and self._queue):
            await asyncio.sleep(0)
            return
        is_full = len(self._calls) >= IN_FLIGHT
        wait = await self._until_due() if idle and not is_full else LEASE_EVERY
        try:
            async with asyncio.timeout(wait):
                await self._bell.wait()
        except TimeoutError:
            self._is_stale = True

    async def _until_due(self) -> float:
        if self._queue:  # chats that are not open yet
            gates = (
                self._channel.ready_in(self._gate(item), item.lane, is_group=item.is_group) for item in self._queue
            )
            return min(max(min(gates), 0.01), IDLE_SECONDS)
        async with self._units.reading() as unit:
            due: datetime | None = await unit.deliveries.next_due(self._channel.messenger)
        if due is None:
            return IDLE_SECONDS
        return min(max((due - self._clock.now()).total_seconds(), 0.01), IDLE_SECONDS)


def _opened(reply: Reply) -> Reply:
    """The person is asked for free words right now: this notice's choices are named, not numbered."""
    return Reply(reply.text, reply.choices, open=True, media_id=reply.media_id)
