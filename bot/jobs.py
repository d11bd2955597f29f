"""The ticker: late tips, questions after closing, campaigns, fan-out, progress, healing. APScheduler keeps the beat."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.fanout import Changes, FanOut, Resends
from bot.services.quiet import is_civil
from bot.services.tips import Tips
from bot.services.unit import Units
from bot.services.warnings import COUNTED_AT_ONCE, Progress
from bot.terms import Messenger

log = structlog.get_logger(__name__)

CAMPAIGNS_EVERY = 5
LADDER_EVERY = 10
CLOCKS_EVERY = 30
AFTERCARE_EVERY = 60
PROGRESS_EVERY = 3
FORGET_EVERY = 3600
COUNT_RESTS = 20  # times as long as it took
HEAL_EVERY = 30
LEASE_LASTS = timedelta(seconds=20)


class Jobs:
    """Only the holder of the lease works; the others look on and take over when it falls silent."""

    def __init__(self, units: Units, holder: str, grace: timedelta) -> None:
        self._units, self._holder, self._grace = units, holder, grace
        self._scheduler = AsyncIOScheduler(timezone=units.house.zone)
        self._shown: dict[int, Progress] = {}
        self._count_at: dict[int, float] = {}  # monotonic: when it may be counted again
        self._writers = [kind(units, self._is_mine) for kind in (FanOut, Changes, Resends)]

    async def run(self) -> None:
        options = {"misfire_grace_time": 300, "coalesce": True, "max_instances": 1}
        self._scheduler.add_job(self.ladder, "interval", seconds=LADDER_EVERY, **options)
        self._scheduler.add_job(self.clocks, "interval", seconds=CLOCKS_EVERY, **options)
        self._scheduler.add_job(self.aftercare, "interval", seconds=AFTERCARE_EVERY, **options)
        self._scheduler.add_job(self.campaigns, "interval", seconds=CAMPAIGNS_EVERY, **options)
        self._scheduler.add_job(self.progress, "interval", seconds=PROGRESS_EVERY, **options)
        self._scheduler.add_job(self.heal, "interval", seconds=HEAL_EVERY, **options)
        self._scheduler.add_job(self.forget, "interval", seconds=FORGET_EVERY, **options)
        self._scheduler.start()
        try:
            async with asyncio.TaskGroup() as all_of_them:
                for writer in self._writers:
                    all_of_them.create_task(writer.run())
        finally:
            self._scheduler.shutdown(wait=False)

    async def _is_mine(self) -> bool:
        async with self._units() as unit:
            return await unit.leases.hold("jobs", self._holder, LEASE_LASTS) is not None

    async def ladder(self) -> None:
        """Each tip is its own transaction: one that cannot be moved must not stop the others."""
        if not await self._is_mine():
            return
        async with self._units.reading() as unit:
            silent = await unit.tips.silent()
        await self._each(silent, Tips.climb)

    async def forget(self) -> None:
        """Counts of senders that no limit looks back to."""
        if await self._is_mine():
            async with self._units() as unit:
                await unit.tips.forget_senders()

    async def _each(self, tips: Sequence[int], step: Callable[[Tips, int], Awaitable[bool]]) -> None:
        for tip_id in tips:
            try:
                async with self._units() as unit:
                    await step(unit.tips, tip_id)
            except Exception:
                log.exception("jobs.tip_failed", tip=tip_id, step=step.__name__)

    async def clocks(self) -> None:
        """What is late goes up first: its new holder is not warned of a time that has passed."""
        if not await self._is_mine():
            return
        async with self._units.reading() as unit:
            overdue = await unit.tips.overdue()
        await self._each(overdue, Tips.move_late)
        async with self._units.reading() as unit:
            running_out = await unit.tips.running_out()
        await self._each(running_out, Tips.warn_holder)
        async with self._units() as unit:
            await unit.quotes.expire()
            await unit.calls.expire()

    async def aftercare(self) -> None:
        """By day only: what was missed in a night or a standstill is asked when people are up."""
        house = self._units.house
        if not is_civil(house.clock.now(), house.quiet, house.zone) or not await self._is_mine():
            return
        async with self._units.reading() as unit:
            solved, back, unanswered = (
                await unit.tips.to_ask_solved(),
                await unit.tips.to_ask_back(),
                await unit.tips.unanswered(),
            )
        await self._each(solved, Tips.ask_solved)
        await self._each(back, Tips.ask_back)
        await self._each(unanswered, Tips.remind)

    async def campaigns(self) -> None:
        if not await self._is_mine():
            return
        async with self._units.reading() as unit:
            due = await unit.campaigns.due()
        for campaign_id in due:
            try:
                async with self._units() as unit:
                    await unit.campaigns.run(campaign_id, self._grace)
            except Exception:  # one broken campaign must not stop the others
                log.exception("jobs.campaign_failed", campaign=campaign_id)

    async def progress(self) -> None:
        """The authors' cards. A count that takes long is taken less often, and outside of any lock."""
        if not await self._is_mine():
            return
        clock, counted = self._units.house.clock, dict[int, Progress]()
        async with self._units.reading() as unit:
            to_count = await unit.warnings.to_count(self._shown)
        for warning_id, has_ended in to_count.items():
            began = clock.monotonic()
            if began < self._count_at.get(warning_id, began) and not has_ended:
                continue
            counted[warning_id] = await self._count(warning_id)
            self._count_at[warning_id] = clock.monotonic() + (clock.monotonic() - began) * COUNT_RESTS
        async with self._units() as unit:
            await unit.warnings.let_expire()
            await unit.warnings.expire_corrections()
            await unit.warnings.watch(self._shown, counted)
        self._count_at = {id_: at for id_, at in self._count_at.items() if id_ in to_count}

    async def _count(self, warning_id: int) -> Progress:
        async with self._units.reading() as unit:
            progress = await unit.warnings.count(warning_id)
            if progress.prepared <= COUNTED_AT_ONCE:
                return progress
            districts = await unit.warnings.count_districts(warning_id)
        async with self._units() as unit:
            await unit.warnings.keep_count(warning_id, progress, districts)
        return progress

    async def heal(self) -> None:
        """Claims whose lease ran out while their courier lives: a call that never came back."""
        if await self._is_mine():
            async with self._units() as unit:
                for messenger in Messenger:
                    await unit.deliveries.heal(messenger)
