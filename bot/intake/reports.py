"""Group commit of providers' status reports: they come by the hundred, and each waits for its answer."""

import asyncio

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.services.deliveries import Report
from bot.services.unit import Units

log = structlog.get_logger(__name__)

BATCH = 200
GATHER_SECONDS = 0.01  # the second callback of a message follows the first closely, and a commit costs the same for ten


class ReportWriter:
    """`write` returns when the report is committed, or raises: the provider then tells it again."""

    def __init__(self, units: Units) -> None:
        self._units = units
        self._waiting: asyncio.Queue[tuple[Report, asyncio.Future[None]]] = asyncio.Queue()

    async def write(self, report: Report) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((report, done))
        await done

    async def run(self) -> None:
        while True:
            batch = [await self._waiting.get()]
            await asyncio.sleep(GATHER_SECONDS)
            while len(batch) < BATCH and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            try:
                await self._commit(batch)
            finally:
                for _report, done in batch:
                    if not done.done():
                        done.set_exception(ConnectionError("the report could not be written"))

    async def _commit(self, batch: list[tuple[Report, asyncio.Future[None]]]) -> None:
        try:
            async with self._units() as unit:
                failed = await unit.deliveries.report([report for report, _done in batch])
        except SQLAlchemyError:
            log.exception("reports.batch_failed", size=len(batch))
            if len(batch) > 1:
                for item in batch:  # one bad report must not cost the others
                    await self._commit([item])
            return
        for report in failed:
            if report.error:
                log.info("reports.failed", notice=report.notice_id, code=report.error)
        for _report, done in batch:
            if not done.done():
                done.set_result(None)
