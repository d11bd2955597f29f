"""A plan is approved once, by a second officer; then each of its times goes by itself."""

from sqlalchemy import select

from bot.errors import ApprovedAlready, ChangedSince, DateInPast, NotAllowed, OwnWork
from bot.i18n import Bilingual
from bot.services.campaigns.records import CampaignRecords, title_fact
from bot.services.campaigns.views import CampaignView, campaign_view
from bot.services.notices import Promise, Recipient
from bot.services.officers import OfficerView
from bot.store.campaigns import Campaign
from bot.terms import CampaignState, Lane, NoticeKind


class CampaignsApproved(CampaignRecords):
    async def awaiting(self, officer: OfficerView) -> list[CampaignView]:
        """What waits for his decision."""
        if not self.may_plan(officer):
            raise NotAllowed
        query = select(Campaign).where(Campaign.state == CampaignState.AWAITING, Campaign.author_id != officer.id)
        return [campaign_view(row) for row in await self._session.scalars(query.order_by(Campaign.next_at).limit(8))]

    async def reviewed(self, officer: OfficerView, campaign_id: int) -> tuple[CampaignView, Bilingual]:
        """What is to be decided on, and who planned it. Raises what approve raises."""
        row = await self._awaiting(officer, campaign_id)
        return campaign_view(row), (await self._officers.by_ids([row.author_id]))[row.author_id].title

    async def approve(self, officer: OfficerView, campaign_id: int, seen: str = "") -> CampaignView:
        """Its author is told when it goes first.

        Raises NotAllowed, NotFound, OwnWork, ApprovedAlready, ChangedSince, CampaignOver, DateInPast."""
        row = await self._awaiting(officer, campaign_id)
        if seen and seen != campaign_view(row).stamp:
            raise ChangedSince
        row.next_at = self._next(row, self._clock.now())
        if row.next_at is None:
            raise DateInPast
        row.state, row.approved_by, row.approved_at = CampaignState.ACTIVE, officer.id, self._clock.now()
        await self._audit.write("campaign_approved", by=officer, subject=f"campaign:{row.id}")
        author = (await self._officers.by_ids([row.author_id]))[row.author_id]
        if author.resident_id:
            by = {"kk": officer.title.kk, "ru": officer.title.ru}
            facts = {"title": title_fact(row), "at": row.next_at.isoformat(), "approved": by}
            to = Recipient(resident_id=author.resident_id)
            await self._notices.promise(Promise(NoticeKind.CAMPAIGN_GONE, to, Lane.ANSWER, facts=facts))
        return campaign_view(row)

    async def give_back(self, officer: OfficerView, campaign_id: int, reason: str) -> CampaignView:
        """To its author, who is told why; it does not go. Raises what approve raises."""
        row = await self._awaiting(officer, campaign_id)
        row.state, row.next_at = CampaignState.CANCELLED, None
        await self._audit.write("campaign_returned", by=officer, subject=f"campaign:{row.id}")
        author = (await self._officers.by_ids([row.author_id]))[row.author_id]
        if author.resident_id:
            facts = {"campaign": row.id, "title": title_fact(row), "reason": reason}
            facts |= {"kk": officer.title.kk, "ru": officer.title.ru}
            to = Recipient(resident_id=author.resident_id)
            await self._notices.promise(Promise(NoticeKind.WARNING_RETURNED, to, Lane.ANSWER, facts=facts))
        return campaign_view(row)

    async def _awaiting(self, officer: OfficerView, campaign_id: int) -> Campaign:
        row = await self._row(officer, campaign_id)
        if row.author_id == officer.id:
            raise OwnWork
        if row.state != CampaignState.AWAITING:
            known = await self._officers.by_ids([row.approved_by] if row.approved_by else [])
            raise ApprovedAlready(officer=next((one.title for one in known.values()), "–"))
        return row
