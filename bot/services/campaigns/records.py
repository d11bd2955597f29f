"""What planning and approving campaigns share."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.errors import CampaignOver, NotAllowed, NotFound
from bot.services.audit import Audit
from bot.services.campaigns.views import WALL, next_time
from bot.services.notices import Notices
from bot.services.officers import Officers, OfficerView
from bot.services.warnings import Warnings
from bot.store.campaigns import Campaign
from bot.terms import CampaignState, Role


def title_fact(row: Campaign) -> dict[str, str]:
    """For whoever is told of it, in the language he has then."""
    return {"kk": row.text_kk.splitlines()[0][:60], "ru": row.text_ru.splitlines()[0][:60]}


class CampaignRecords:
    def __init__(
        self,
        session: AsyncSession,
        clock: Clock,
        zone: ZoneInfo,
        officers: Officers,
        warnings: Warnings,
        notices: Notices,
        audit: Audit,
    ) -> None:
        self._session, self._clock, self._zone = session, clock, zone
        self._officers, self._warnings, self._notices, self._audit = officers, warnings, notices, audit

    def may_plan(self, officer: OfficerView) -> bool:
        return officer.has(Role.STAFF, Role.HEAD, Role.ADMIN)

    def _next(self, row: Campaign, after: datetime) -> datetime | None:
        return next_time(row.rule, datetime.strptime(row.starts_at, WALL), ZoneInfo(row.zone), after)  # noqa: DTZ007

    async def _row(self, officer: OfficerView, campaign_id: int) -> Campaign:
        if not self.may_plan(officer):
            raise NotAllowed
        row = await self._session.get(Campaign, campaign_id, with_for_update=True)
        if row is None:
            raise NotFound
        if row.state in (CampaignState.CANCELLED, CampaignState.ENDED):
            raise CampaignOver
        return row
