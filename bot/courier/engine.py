"""One channel's courier: chooses, claims, says, records. At most a handful of calls are under way at once."""

import asyncio
from dataclasses import replace
from operator import attrgetter

import structlog

from bot.channels.base import Channel, Outcome, Receipt, Refused, Unknown, Unreachable
from bot.courier.breaker import OPEN_SECONDS, Breaker
from bot.courier.outcomes import Verdict, handed_back, judge
from bot.courier.queue import BULK, IDLE_SECONDS, Queue
from bot.courier.results import Results
from bot.courier.words import Words
from bot.i18n import set_language
from bot.services.deliveries import Delivery, Waiting
from bot.services.talks import talk_key
from bot.services.unit import Unit, Units
from bot.speech import Reply
from bot.terms import Language, Messenger

log = structlog.get_logger(__name__)

IN_FLIGHT = 8  # calls under way or not written down yet: what a crash can double
CLAIMED = 24  # leased at once: those in hand have not left, so a crash doubles none of them
HAND_SECONDS = 1.0  # what could not leave by then is chosen anew: its words, or whether it may leave, may have changed
LEASE_EVERY = 3.0
GATHERED, GATHER_SECONDS = 7, 0.006


class Courier:
    """Carries due notices to people, no faster than the messenger allows.

    The lease makes it the only one of its channel; a claim is committed before the call and its result after it, so
    a crash doubles at most `IN_FLIGHT` notices. Results and the next claims share one transaction."""

    def __init__(self, channel: Channel, units: Units, holder: str) -> None:
        self._channel, self._units, self._holder = channel, units, holder
        self._clock = units.house.clock
        self._queue = Queue(channel, units)
        self._results = Results(channel.messenger, self._clock, self._queue.wake)
        self._busy: dict[int, int] = {}  # talk → notice in hand or under way
        self._hand: list[Delivery] = []  # claimed, not yet under way
        self._moved_at = 0.0  # when something last left the hand
        self._is_stuck = False
        self._words = Words(units.house.zone)
        self._done: list[tuple[Delivery, Verdict]] = []
        self._bell = asyncio.Event()
        self._is_gathering = False
        self._under_way = 0  # calls
        self._leased_at = float("-inf")
        self._breaker = Breaker()
        self._is_doubtful = False  # a warning was paused, cancelled, recalled or corrected: what is in hand may be too
        units.on("notices", self.wake)
        units.on("warnings", self._doubt)

    def wake(self) -> None:
        self._queue.wake()
        self._bell.set()

    def _doubt(self) -> None:
        self._is_doubtful = True
        self.wake()

    async def run(self) -> None:
        """Until cancelled. Calls under way end with it; their notices are healed at the next start."""
        async with asyncio.TaskGroup() as calls:
            while True:
                self._bell.clear()
                if not await self._is_owner():
                    await self._clock.sleep(LEASE_EVERY)
                    continue
                ended = bool(self._done)
                claimed = await self._turn_over()
                self._take(claimed)
                self._launch(calls)
                if not ended or claimed or self._queue:  # else what waited for these to end may be free by now
                    await self._rest(idle=not claimed)
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
                is_idle = not self._under_way and not self._hand
                healed = await unit.deliveries.heal(self._channel.messenger, all_claims=is_idle)
                log.info("courier.owns", messenger=self._channel.messenger, healed=healed)
        self._leased_at = now
        return True

    # -- choosing

    async def _turn_over(self) -> list[Delivery]:
        """Records what has ended and claims what may go now, in one transaction."""
        if self._room() + len(self._done) > 0:
            await self._queue.look_ahead(self._busy)
        done, self._done = self._done, []
        chosen = self._queue.choose(self._room(), self._busy, self._bulk_in_hand)
        if not done and not chosen:
            return []
        ready = [item.ready for item in chosen if item.ready is not None]
        if len(ready) < len(chosen) or not all(verdict.is_plain for _delivery, verdict in done):
            async with self._units() as unit:
                await self._results.write(unit, done)
                claimed = await unit.deliveries.claim_ready(ready) if ready else []
                return claimed + await self._claim_rest(unit, chosen, claimed)
        claimed = await self._units.turn_over([verdict.settlement for _delivery, verdict in done], ready)
        self._results.count(done)
        if len(claimed) < len(chosen):
            self._take(claimed)
            async with self._units() as unit:
                return await self._claim_rest(unit, chosen, claimed)
        return claimed

    async def _claim_rest(self, unit: Unit, chosen: list[Waiting], claimed: list[Delivery]) -> list[Delivery]:
        """What they are, or what has changed since the look ahead, is no simple matter."""
        taken = {delivery.id for delivery in claimed}
        rest = [item.id for item in chosen if item.id not in taken]
        return await unit.deliveries.claim(rest) if rest else []

    def _room(self) -> int:
        """How many more may be claimed."""
        most = IN_FLIGHT if self._is_stuck else CLAIMED
        return self._breaker.room(self._clock.monotonic(), most) - len(self._hand) - self._in_doubt

    @property
    def _bulk_in_hand(self) -> int:
        return sum(delivery.lane in BULK for delivery in self._hand)

    @property
    def _in_doubt(self) -> int:
        """What has ended, but is not written down yet, is in doubt too."""
        return self._under_way + len(self._done)

    def _take(self, claimed: list[Delivery]) -> None:
        self._busy |= {delivery.talk: delivery.id for delivery in claimed}
        self._hand += claimed
        self._hand.sort(key=attrgetter("lane"))

    def _launch(self, calls: asyncio.TaskGroup) -> None:
        """The most pressing of those in hand leave first."""
        now = self._clock.monotonic()
        if self._is_doubtful:
            self._is_doubtful = False
            self._hand_back(of_warnings_only=True)
        free = max(self._breaker.room(now, IN_FLIGHT) - self._in_doubt, 0)
        if free:
            self._is_stuck = False
        if free or not self._hand:
            self._moved_at = now
        elif now - self._moved_at > HAND_SECONDS:
            self._hand_back()
        going, self._hand = self._hand[:free], self._hand[free:]
        for delivery in going:
            calls.create_task(self._carry(delivery))
        self._under_way += len(going)

    # -- results

    async def _carry(self, delivery: Delivery) -> None:
        self._queue.remember(delivery)
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
        self._under_way -= 1
        if not self._is_gathering or self._is_gathered:
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
            self._hand_back()
            log.warning("courier.channel_is_out", messenger=self._channel.messenger, reason=outcome.reason)
            verdict = replace(verdict, alarm=outcome.reason)
        return verdict.uncounted() if self._breaker.is_open and isinstance(outcome, Unreachable) else verdict

    def _hand_back(self, *, of_warnings_only: bool = False) -> None:
        """What cannot leave soon, or not as it is, need not wait here, leased."""
        now = self._clock.now()
        back = [item for item in self._hand if item.warning is not None or not of_warnings_only]
        self._done += [(delivery, handed_back(delivery, now)) for delivery in back]
        for delivery in back:
            self._busy.pop(delivery.talk, None)
        self._hand = [item for item in self._hand if item not in back]
        self._is_stuck = self._is_stuck or not of_warnings_only

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

    async def _rest(self, *, idle: bool) -> None:
        """Until something is due, has ended, may be claimed, or the lease must be renewed."""
        if self._done:
            return
        wait = LEASE_EVERY
        if idle and not self._under_way and not self._hand:
            wait = IDLE_SECONDS if self._breaker.is_open else await self._queue.until_due()
        if self._queue and self._room() > 0:
            wait = min(wait, max(self._queue.until_slot(self._bulk_in_hand), 0.001))
        try:
            async with asyncio.timeout(wait):
                await self._bell.wait()
        except TimeoutError:
            if not self._queue:
                self._queue.wake()

    async def _gather(self) -> None:
        """A transaction costs the same for one result as for eight: those that are about to come are waited for."""
        if not self._done:
            return
        self._is_gathering = True
        try:
            async with asyncio.timeout(GATHER_SECONDS):
                while not self._is_gathered:
                    self._bell.clear()
                    await self._bell.wait()
        except TimeoutError:
            return
        finally:
            self._is_gathering = False

    @property
    def _is_gathered(self) -> bool:
        return len(self._done) >= GATHERED or not self._under_way


def _opened(reply: Reply) -> Reply:
    """The person is asked for free words right now: this notice's choices are named, not numbered."""
    return replace(reply, open=True, numbered=False)
