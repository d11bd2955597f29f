"""The ticker: due campaigns, fan-out, progress, healing. APScheduler keeps the beat; what is due lies in our tables."""

import asyncio
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.services.unit import Units
from bot.services.warnings import Progress
from bot.terms import Messenger

log = structlog.get_logger(__name__)

CAMPAIGNS_EVERY = 5
PROGRESS_EVERY = 3
HEAL_EVERY = 30
LEASE_LASTS = timedelta(seconds=20)


class Jobs:
    """Only the holder of the lease works; the others look on and take over when it falls silent."""

    def __init__(self, units: Units, holder: str, grace: timedelta) -> None:
        self._units, self._holder, self._grace = units, holder, grace
        self._scheduler = AsyncIOScheduler(timezone=units.house.zone)
        self._shown: dict[int, Progress] = {}
        self._bell = asyncio.Event()
        units.on("warnings", self._bell.set)

    async def run(self) -> None:
        options = {"misfire_grace_time": 300, "coalesce": True, "max_instances": 1}
        self._scheduler.add_job(self.campaigns, "interval", seconds=CAMPAIGNS_EVERY, **options)
        self._scheduler.add_job(self.progress, "interval", seconds=PROGRESS_EVERY, **options)
        self._scheduler.add_job(self.heal, "interval", seconds=HEAL_EVERY, **options)
        self._scheduler.start()
        try:
            await self._spread_all()
        finally:
            self._scheduler.shutdown(wait=False)

    async def _is_mine(self) -> bool:
        async with self._units() as unit:
            return await unit.leases.hold("jobs", self._holder, LEASE_LASTS) is not None

    async def _spread_all(self) -> None:
        """Fan-outs, chunk by chunk, each its own transaction: replies get the database in between."""
        while True:
            self._bell.clear()
            if await self._is_mine():
                async with self._units.reading() as unit:
                    ids = await unit.warnings.spreading()
                for warning_id in ids:
                    await self._spread(warning_id)
            try:
                async with asyncio.timeout(5):
                    await self._bell.wait()
            except TimeoutError:
                continue

    async def _spread(self, warning_id: int) -> None:
        is_done = False
        while not is_done:
            async with self._units() as unit:
                is_done = await unit.warnings.spread(warning_id)

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
        if await self._is_mine():
            async with self._units() as unit:
                await unit.warnings.watch(self._shown)

    async def heal(self) -> None:
        """Claims whose lease ran out while their courier lives: a call that never came back."""
        if await self._is_mine():
            async with self._units() as unit:
                for messenger in Messenger:
                    await unit.deliveries.heal(messenger)
