"""One channel's courier: chooses, claims, says, records. At most a handful of calls are under way at once."""

import asyncio
from collections import deque
from dataclasses import replace
from datetime import datetime

import structlog

from bot.channels.base import Channel, Outcome, Receipt, Refused, Unknown, Unreachable
from bot.courier.breaker import OPEN_SECONDS, Breaker
from bot.courier.outcomes import Verdict, judge
from bot.courier.words import Words
from bot.i18n import set_language
from bot.metrics import NOTICES
from bot.services.deliveries import Delivery, Waiting
from bot.services.notices import Promise, Recipient
from bot.services.talks import talk_key
from bot.services.unit import Unit, Units
from bot.speech import Reply
from bot.terms import Lane, Language, Messenger, NoticeKind, Role

log = structlog.get_logger(__name__)

IN_FLIGHT = 8  # what a crash can leave in doubt
LEASE_EVERY = 3.0
ALARM_EVERY = 3600.0
IDLE_SECONDS = 1.0
AHEAD_SECONDS = 0.06  # of slots that bulk may be claimed for: what is more pressing finds room at any time
LOOK_EVERY = 0.02  # while there is something to carry, news is looked for this often
GATHERED, GATHER_SECONDS = 6, 0.006
BULK = (Lane.CAMPAIGN, Lane.EDIT)
MOST_ADDRESSES = 4_000


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
        self._words = Words(units.house.zone)
        self._done: list[tuple[Delivery, Verdict]] = []
        self._bell = asyncio.Event()
        self._is_stale = True
        self._looked_at = float("-inf")
        self._calls: set[asyncio.Task[None]] = set()
        self._leased_at = float("-inf")
        self._breaker = Breaker()
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
                await self._gather()

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

    # -- choosing

    async def _turn_over(self) -> list[Delivery]:
        """Records what has ended and claims what may go now, in one transaction."""
        if self._room() + len(self._done) > 0:
            await self._look_ahead()
        done, self._done = self._done, []
        chosen = self._choose(self._room())
        if not done and not chosen:
            return []
        async with self._units() as unit:
            await self._record(unit, done)
            ready = [item.ready for item in chosen if item.ready is not None]
            claimed = await unit.deliveries.claim_ready(ready) if ready else []
            taken = {delivery.id for delivery in claimed}
            rest = [item.id for item in chosen if item.id not in taken]
            return claimed + (await unit.deliveries.claim(rest) if rest else [])

    def _room(self) -> int:
        """How many more may be under way. What has ended, but is not written down yet, is in doubt too."""
        most = self._breaker.room(self._clock.monotonic(), IN_FLIGHT)
        return most - len(self._calls) - len(self._done)

    async def _look_ahead(self) -> None:
        now = self._clock.monotonic()
        # A queue of nothing but closed chats must not keep the others waiting until it has run empty, one a second.
        is_stuck = not any(item.talk not in self._busy and self._is_open(item) for item in self._queue)
        is_due = (self._is_stale or is_stuck) and now - self._looked_at >= LOOK_EVERY
        if self._queue and not is_due:
            return
        self._is_stale, self._looked_at = False, now
        closed = [item.talk for item in self._queue if not self._is_open(item)]
        async with self._units.reading() as unit:
            found = await unit.deliveries.waiting(self._channel.messenger, [*self._busy, *closed])
        self._queue = deque(found)

    def _choose(self, free: int) -> list[Waiting]:
        """The most pressing whose own chat is open now; a closed chat does not stop the others."""
        chosen: list[Waiting] = []
        later: list[Waiting] = []
        talks, bulk = set(self._busy), self._bulk_room()
        while self._queue and len(chosen) < free:
            item = self._queue[0]
            if item.lane in BULK and bulk <= 0:
                break
            self._queue.popleft()
            if item.talk in talks or not self._is_open(item):
                later.append(item)
                continue
            talks.add(item.talk)
            chosen.append(item)
            bulk -= item.lane in BULK
        self._queue.extendleft(reversed(later))
        return chosen

    def _bulk_room(self) -> int:
        pacer = self._channel.pacer
        return max(1, round(pacer.rate * AHEAD_SECONDS)) - sum(pacer.waiting(lane) for lane in BULK)

    def _is_open(self, item: Waiting) -> bool:
        return self._channel.ready_in(self._gate(item), item.lane, is_group=item.is_group) <= 0

    def _gate(self, item: Waiting) -> str:
        """The pacer knows chats by address; a talk never heard of has an open gate."""
        return item.ready.address if item.ready else self._addresses.get(item.talk, "")

    # -- results

    async def _record(self, unit: Unit, done: list[tuple[Delivery, Verdict]]) -> None:
        if not done:
            return
        if any(verdict.is_over_tier for _delivery, verdict in done):
            opens_at = await unit.deliveries.tier_opens_at()
            done = [(item, verdict.postponed(opens_at) if verdict.is_over_tier else verdict) for item, verdict in done]
        await unit.deliveries.settle([verdict.settlement for _delivery, verdict in done])
        closures = [verdict.closure for _delivery, verdict in done if verdict.closure]
        if closures:
            await unit.deliveries.close(closures)
        for delivery, verdict in done:
            NOTICES.labels(self._channel.messenger.value, verdict.settlement.state.value).inc()
            if verdict.refused and delivery.warning is not None and delivery.kind is NoticeKind.WARNING:
                await unit.warnings.refused(delivery.warning.id, verdict.refused)
            if verdict.pauses_template:
                language = delivery.language or Language.KK
                await unit.templates.pause(delivery.kind, language, self._clock.now())
            if verdict.alarm:
                await self._alarm(unit, verdict.alarm)
        if any(verdict.settlement.due_at for _delivery, verdict in done):
            self._is_stale = True

    async def _carry(self, delivery: Delivery) -> None:
        self._remember(delivery)
        try:
            outcome = await self._say(delivery)
        except Exception:  # a bug in the words of one notice must not stop the others
            log.exception("courier.notice_failed", notice=delivery.id, kind=delivery.kind)
            outcome = Refused("bug")
        verdict = self._watched(judge(delivery, outcome, self._clock.now()), outcome)
        if verdict.moved_to is not None:
            async with self._units() as unit:
                await unit.chats.moved(self._channel.messenger, delivery.address, verdict.moved_to)
        self._done.append((delivery, verdict))
        self._busy.pop(delivery.talk, None)
        self._bell.set()

    def _watched(self, verdict: Verdict, outcome: Outcome) -> Verdict:
        """Tells the breaker. While the channel is out nobody's attempts are used up."""
        if not isinstance(outcome, Unreachable | Unknown):
            if self._breaker.answered():
                log.info("courier.channel_is_back", messenger=self._channel.messenger)
            return verdict
        is_channel = isinstance(outcome, Unreachable) and outcome.is_channel
        if self._breaker.failed(self._clock.monotonic(), is_channel=is_channel):
            self._channel.pacer.hold(OPEN_SECONDS)
            log.warning("courier.channel_is_out", messenger=self._channel.messenger, reason=outcome.reason)
            verdict = replace(verdict, alarm=outcome.reason)
        return verdict.uncounted() if self._breaker.is_open and isinstance(outcome, Unreachable) else verdict

    def _remember(self, delivery: Delivery) -> None:
        if len(self._addresses) >= MOST_ADDRESSES:
            self._addresses.clear()
        self._addresses[delivery.talk] = delivery.address

    async def _say(self, delivery: Delivery) -> Outcome:
        set_language(delivery.language or Language.KK)
        reply = self._words.of(delivery)
        if delivery.is_retry_of_unknown and (found := await self._channel.find(delivery, reply)):
            return Receipt(found)
        first = 1
        if delivery.messenger is Messenger.WHATSAPP and not delivery.is_group:
            items = self._channel.menu_of(reply).items
            if items:
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
        """Until something is due, has ended, may be claimed, or the lease must be renewed."""
        if self._done:
            return
        wait = await self._until_due() if idle and not self._calls else LEASE_EVERY
        if self._queue and self._room() > 0:
            wait = min(wait, max(self._until_slot(), 0.001))
        try:
            async with asyncio.timeout(wait):
                await self._bell.wait()
        except TimeoutError:
            self._is_stale = self._is_stale or not self._queue

    async def _gather(self) -> None:
        """A transaction costs the same for one result as for eight: those that are about to come are waited for."""
        if not self._done or not self._calls:
            return
        try:
            async with asyncio.timeout(GATHER_SECONDS):
                while self._calls and len(self._done) < GATHERED:
                    self._bell.clear()
                    await self._bell.wait()
        except TimeoutError:
            return

    def _until_slot(self) -> float:
        """When the next of those in the queue may be claimed: a slot of the pacer, or its chat."""
        if self._bulk_room() <= 0 and self._queue[0].lane in BULK:
            return 1 / float(self._channel.pacer.rate)
        gates = (self._channel.ready_in(self._gate(item), item.lane, is_group=item.is_group) for item in self._queue)
        return min(min(gates), IDLE_SECONDS)

    async def _until_due(self) -> float:
        if self._breaker.is_open or self._queue:
            return IDLE_SECONDS
        async with self._units.reading() as unit:
            due: datetime | None = await unit.deliveries.next_due(self._channel.messenger)
        if due is None:
            return IDLE_SECONDS
        return min(max((due - self._clock.now()).total_seconds(), 0.01), IDLE_SECONDS)


def _opened(reply: Reply) -> Reply:
    """The person is asked for free words right now: this notice's choices are named, not numbered."""
    return replace(reply, open=True)
