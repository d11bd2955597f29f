"""Campaigns: a warning's text and the rule of its times, on the department's wall clock."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select

from bot.errors import DateInPast, KorshiError, NobodyApproves, NotAllowed, NotFound
from bot.i18n import Bilingual
from bot.services.campaigns.approving import CampaignsApproved
from bot.services.campaigns.records import title_fact
from bot.services.campaigns.views import (
    WALL,
    CampaignView,
    OccurrenceView,
    Timing,
    campaign_view,
    next_time,
    times,
)
from bot.services.notices import Promise, Recipient
from bot.services.officers import OfficerView
from bot.services.subscriptions import topic
from bot.services.warnings import APPROVERS, Audience, WarningDraft
from bot.store.base import new_id
from bot.store.campaigns import Campaign, Occurrence
from bot.terms import CampaignState, Lane, NoticeKind

__all__ = ["CampaignView", "Campaigns", "OccurrenceView", "Timing", "next_time", "times"]

OVER = (CampaignState.ENDED, CampaignState.CANCELLED)


class Campaigns(CampaignsApproved):
    async def schedule(
        self, author: OfficerView, draft: WarningDraft, timing: Timing, again: int | None = None
    ) -> CampaignView:
        """Hands a plan in: a second officer approves it once, then each of its times goes by itself.

        `again`: a plan that is changed stops going until it is approved anew; who changes it is its author now.
        Raises NotAllowed, DateInPast, NobodyApproves, and what a warning's check raises."""
        if not self.may_plan(author):
            raise NotAllowed
        topic(draft.topic)
        self._warnings.check(draft.text, with_media=draft.media_id is not None)
        await self._warnings.check_file(draft.media_id)
        now = self._clock.now()
        next_at = next_time(timing.rule, timing.starts, self._zone, now)
        if next_at is None:
            raise DateInPast
        others = await self._warnings.approvers(author)
        if not others:
            raise NobodyApproves
        row = await self._session.get(Campaign, again, with_for_update=True) if again else None
        if row is None:
            row = Campaign(id=new_id(now), created_at=now)
            self._session.add(row)
        row.author_id, row.approved_by, row.approved_at = author.id, None, None
        row.scheme, row.media_id, row.topic = draft.scheme, draft.media_id, draft.topic
        row.text_kk, row.text_ru = draft.text.kk, draft.text.ru
        row.audience, row.rule = draft.audience.as_json(), timing.rule
        row.starts_at, row.zone = timing.starts.strftime(WALL), self._zone.key
        row.next_at, row.state = next_at, CampaignState.AWAITING
        await self._session.flush()
        await self._audit.write("campaign_submitted", by=author, subject=f"campaign:{row.id}")
        facts = {"campaign": row.id, "title": title_fact(row), "kk": author.title.kk, "ru": author.title.ru}
        await self._notices.promise(
            *(
                Promise(NoticeKind.WARNING_REVIEW, Recipient(resident_id=one.resident_id), Lane.ANSWER, facts=facts)
                for one in others
            )
        )
        return campaign_view(row)

    async def planned(self, officer: OfficerView, campaign_id: int) -> CampaignView:
        """Also one that was given back or is over."""
        row = await self._session.get(Campaign, campaign_id)
        if not self.may_plan(officer) or row is None:
            raise NotFound
        return campaign_view(row)

    async def listed(self, officer: OfficerView) -> Sequence[CampaignView]:
        if not self.may_plan(officer):
            raise NotAllowed
        query = (
            select(Campaign)
            .where(Campaign.state.in_((CampaignState.ACTIVE, CampaignState.PAUSED, CampaignState.AWAITING)))
            .order_by(Campaign.next_at, Campaign.id)
            .limit(20)
        )
        return [campaign_view(row) for row in await self._session.scalars(query)]

    async def over(self, officer: OfficerView, limit: int = 8) -> Sequence[CampaignView]:
        """What has gone or was given up, the latest first."""
        if not self.may_plan(officer):
            raise NotAllowed
        query = select(Campaign).where(Campaign.state.in_(OVER)).order_by(Campaign.id.desc()).limit(limit)
        return [campaign_view(row) for row in await self._session.scalars(query)]

    async def occurrences(self, campaign_id: int, limit: int = 5) -> tuple[int, list[OccurrenceView]]:
        """How often it has gone, and the last of its times that have come, the latest first."""
        mine = Occurrence.campaign_id == campaign_id
        went = select(func.count()).where(mine, Occurrence.warning_id.is_not(None))
        query = select(Occurrence.at, Occurrence.warning_id).where(mine).order_by(Occurrence.at.desc()).limit(limit)
        found = [OccurrenceView(at, warning_id) for at, warning_id in await self._session.execute(query)]
        return await self._session.scalar(went) or 0, found

    async def get(self, officer: OfficerView, campaign_id: int) -> CampaignView:
        return campaign_view(await self._row(officer, campaign_id))

    async def pause(self, officer: OfficerView, campaign_id: int, *, paused: bool = True) -> CampaignView:
        row = await self._row(officer, campaign_id)
        if paused and row.state == CampaignState.ACTIVE:
            row.state = CampaignState.PAUSED
        elif not paused and row.state == CampaignState.PAUSED:
            row.state = CampaignState.ACTIVE
            row.next_at = self._next(row, self._clock.now())
            if row.next_at is None:
                row.state = CampaignState.ENDED
        return campaign_view(row)

    async def cancel(self, officer: OfficerView, campaign_id: int) -> CampaignView:
        row = await self._row(officer, campaign_id)
        row.state, row.next_at = CampaignState.CANCELLED, None
        await self._audit.write("campaign_cancelled", by=officer, subject=f"campaign:{row.id}")
        return campaign_view(row)

    async def due(self) -> list[int]:
        query = select(Campaign.id).where(Campaign.state == CampaignState.ACTIVE, Campaign.next_at <= self._clock.now())
        return list(await self._session.scalars(query))

    async def run(self, campaign_id: int, grace: timedelta) -> None:
        """What is due: the occurrence and its warning in one transaction, so it goes out once. Times that passed more
        than `grace` ago are missed, all of them told in one word; the last of several may still be in time."""
        row = await self._session.get(Campaign, campaign_id, with_for_update=True)
        now = self._clock.now()
        if row is None or row.state != CampaignState.ACTIVE or row.next_at is None or row.next_at > now:
            return
        at: datetime | None = row.next_at
        missed: list[datetime] = []
        while at is not None and now - at > grace:
            missed.append(at)
            at = self._next(row, at)
        self._session.add_all(Occurrence(campaign_id=row.id, at=late, state="missed") for late in missed)
        if missed:
            await self._tell_missed(row, missed[0], "missed", len(missed))
        if at is not None and at <= now:
            await self._go(row, at)
            at = self._next(row, now)
        row.next_at = at
        if row.next_at is None:
            row.state = CampaignState.ENDED
        await self._session.flush()

    async def _go(self, row: Campaign, at: datetime) -> None:
        warning_id, problem = None, ""
        try:
            author = await self._officers.get(row.author_id)
            text = Bilingual(row.text_kk, row.text_ru)
            audience = Audience.from_json(row.audience)
            draft = WarningDraft(text, audience, row.scheme, row.media_id, topic=row.topic)
            warning_id = (await self._warnings.publish(author, draft, row.id, row.approved_by)).id
        except KorshiError as refusal:  # nobody to reach, or the author lost the right: said, not swallowed
            problem = type(refusal).__name__
        state = "gone" if warning_id else "missed"
        self._session.add(Occurrence(campaign_id=row.id, at=at, state=state, warning_id=warning_id))
        await self._session.flush()
        if problem:
            await self._tell_missed(row, at, problem)

    async def _tell_missed(self, row: Campaign, at: datetime, problem: str, times: int = 1) -> None:
        """Its author; where he has left, everybody who may plan: a plan that stays silent must be seen by somebody."""
        try:
            told = [await self._officers.get(row.author_id)]
        except NotFound:
            told = await self._officers.with_role(*APPROVERS)
        facts = {"at": at.isoformat(), "problem": problem, "title": title_fact(row), "times": times}
        await self._notices.promise(
            *(
                Promise(NoticeKind.CAMPAIGN_GONE, Recipient(resident_id=one.resident_id), Lane.ANSWER, facts=facts)
                for one in told
                if one.resident_id
            )
        )
