"""Campaigns: a warning's text and the rule of its times, on the department's wall clock."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.errors import CampaignOver, DateInPast, KorshiError, NotAllowed, NotFound
from bot.i18n import Bilingual
from bot.services.audit import Audit
from bot.services.notices import Notices, Promise, Recipient
from bot.services.officers import Officers, OfficerView
from bot.services.warnings import Audience, WarningDraft, Warnings
from bot.store.base import new_id
from bot.store.campaigns import Campaign, Occurrence
from bot.terms import CampaignState, Lane, NoticeKind, Role

WALL = "%Y-%m-%dT%H:%M"
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class Timing:
    """Once at `starts`, or every week on `days` (0 = Monday) until the day `until`. Wall time, naive by design."""

    starts: datetime
    days: tuple[int, ...] = ()
    until: date | None = None

    @property
    def rule(self) -> str:
        if not self.days:
            return ""
        rule = f"FREQ=WEEKLY;BYDAY={','.join(DAYS[day] for day in self.days)}"
        return rule + (f";UNTIL={self.until:%Y%m%d}T235959" if self.until else "")


@dataclass(frozen=True, slots=True)
class CampaignView:
    id: int
    scheme: str | None
    text: Bilingual
    state: CampaignState
    next_at: datetime | None
    days: tuple[int, ...]
    until: date | None
    author_id: int


def next_time(rule: str, starts: datetime, zone: ZoneInfo, after: datetime) -> datetime | None:
    """The first time strictly after `after`. The wall clock rules: 10:00 stays 10:00 when the zone's offset changes."""
    local_after = after.astimezone(zone).replace(tzinfo=None)
    if not rule:
        moment = starts if starts > local_after else None
    else:
        moment = rrulestr(rule, dtstart=starts).after(local_after)
    return None if moment is None else moment.replace(tzinfo=zone).astimezone(after.tzinfo)


def times(timing: Timing, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    """All its times after that moment, in order; without an end date they do not end."""
    at = next_time(timing.rule, timing.starts, zone, after)
    while at is not None:
        yield at
        at = next_time(timing.rule, timing.starts, zone, at)


class Campaigns:
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

    async def schedule(self, author: OfficerView, draft: WarningDraft, timing: Timing) -> CampaignView:
        """Raises NotAllowed, DateInPast, and what a warning's check raises."""
        if not self.may_plan(author):
            raise NotAllowed
        self._warnings.check(draft.text, with_media=draft.media_id is not None)
        now = self._clock.now()
        next_at = next_time(timing.rule, timing.starts, self._zone, now)
        if next_at is None:
            raise DateInPast
        row = Campaign(
            id=new_id(now),
            author_id=author.id,
            scheme=draft.scheme,
            text_kk=draft.text.kk,
            text_ru=draft.text.ru,
            media_id=draft.media_id,
            audience=draft.audience.as_json(),
            rule=timing.rule,
            starts_at=timing.starts.strftime(WALL),
            zone=self._zone.key,
            next_at=next_at,
            state=CampaignState.ACTIVE,
            created_at=now,
        )
        self._session.add(row)
        await self._session.flush()
        await self._audit.write("campaign_scheduled", by=author, subject=f"campaign:{row.id}")
        return _view(row)

    async def listed(self, officer: OfficerView) -> Sequence[CampaignView]:
        if not self.may_plan(officer):
            raise NotAllowed
        query = (
            select(Campaign)
            .where(Campaign.state.in_((CampaignState.ACTIVE, CampaignState.PAUSED)))
            .order_by(Campaign.next_at, Campaign.id)
            .limit(20)
        )
        return [_view(row) for row in await self._session.scalars(query)]

    async def get(self, officer: OfficerView, campaign_id: int) -> CampaignView:
        return _view(await self._row(officer, campaign_id))

    async def pause(self, officer: OfficerView, campaign_id: int, *, paused: bool = True) -> CampaignView:
        row = await self._row(officer, campaign_id)
        if paused and row.state == CampaignState.ACTIVE:
            row.state = CampaignState.PAUSED
        elif not paused and row.state == CampaignState.PAUSED:
            row.state = CampaignState.ACTIVE
            row.next_at = self._next(row, self._clock.now())
            if row.next_at is None:
                row.state = CampaignState.ENDED
        return _view(row)

    async def cancel(self, officer: OfficerView, campaign_id: int) -> CampaignView:
        row = await self._row(officer, campaign_id)
        row.state, row.next_at = CampaignState.CANCELLED, None
        await self._audit.write("campaign_cancelled", by=officer, subject=f"campaign:{row.id}")
        return _view(row)

    async def due(self) -> list[int]:
        query = select(Campaign.id).where(Campaign.state == CampaignState.ACTIVE, Campaign.next_at <= self._clock.now())
        return list(await self._session.scalars(query))

    async def run(self, campaign_id: int, grace: timedelta) -> None:
        """One due time: the occurrence and its warning in one transaction, so it goes out once. Too late: missed."""
        row = await self._session.get(Campaign, campaign_id, with_for_update=True)
        now = self._clock.now()
        if row is None or row.state != CampaignState.ACTIVE or row.next_at is None or row.next_at > now:
            return
        at, late = row.next_at, now - row.next_at > grace
        warning_id, problem = None, "missed" if late else ""
        if not late:
            try:
                author = await self._officers.get(row.author_id)
                text = Bilingual(row.text_kk, row.text_ru)
                draft = WarningDraft(text, Audience.from_json(row.audience), row.scheme, row.media_id)
                warning_id = (await self._warnings.publish(author, draft, campaign_id=row.id)).id
            except KorshiError as refusal:  # nobody to reach, or the author lost the right: said, not swallowed
                problem = type(refusal).__name__
        state = "gone" if warning_id else "missed"
        self._session.add(Occurrence(campaign_id=row.id, at=at, state=state, warning_id=warning_id))
        row.next_at = self._next(row, now)
        if row.next_at is None:
            row.state = CampaignState.ENDED
        await self._session.flush()
        await self._tell_author(row, at, problem)

    async def _tell_author(self, row: Campaign, at: datetime, problem: str) -> None:
        try:
            author = await self._officers.get(row.author_id)
        except NotFound:
            return
        if author.resident_id and problem:
            facts = {"at": at.isoformat(), "problem": problem, "title": row.text_ru.splitlines()[0][:60]}
            to = Recipient(resident_id=author.resident_id)
            await self._notices.promise(Promise(NoticeKind.CAMPAIGN_GONE, to, Lane.ANSWER, facts=facts))

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


def _view(row: Campaign) -> CampaignView:
    parts = dict(part.split("=", 1) for part in row.rule.split(";") if part)
    until = parts.get("UNTIL")
    return CampaignView(
        id=row.id,
        scheme=row.scheme,
        text=Bilingual(row.text_kk, row.text_ru),
        state=CampaignState(row.state),
        next_at=row.next_at,
        days=tuple(DAYS.index(day) for day in parts.get("BYDAY", "").split(",") if day),
        until=date.fromisoformat(until[:8]) if until else None,
        author_id=row.author_id,
    )
