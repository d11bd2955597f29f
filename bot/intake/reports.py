"""Group commit of providers' status reports: they come by the hundred, and each waits for its answer."""

from collections.abc import Sequence

import structlog

from bot.intake.gathering import GroupCommit
from bot.services.deliveries import Report
from bot.services.unit import Units

log = structlog.get_logger(__name__)

GATHER_SECONDS = 0.01  # the second callback of a message follows the first closely, and a commit costs the same for ten


class ReportWriter:
    """`write` returns when the report is committed, or raises: the provider then tells it again."""

    def __init__(self, units: Units) -> None:
        self._units = units
        self._group = GroupCommit("reports", self._commit, GATHER_SECONDS)
        self.write, self.run = self._group.add, self._group.run

    async def _commit(self, reports: Sequence[Report]) -> None:
        async with self._units() as unit:
            failed = await unit.deliveries.report(reports)
        for report in failed:
            if report.error:
                log.info("reports.failed", notice=report.notice_id, code=report.error)
