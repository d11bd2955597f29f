"""A campaign as others see it, and its times on the department's wall clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from bot.i18n import Bilingual
from bot.services.warnings import Audience, WarningDraft, stamp_of
from bot.store.campaigns import Campaign
from bot.terms import CampaignState

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
    audience: Audience
    topic: str
    media_id: int | None
    starts: datetime  # wall time, naive like the rule
    approved_by: int | None = None
    approved_at: datetime | None = None

    @property
    def timing(self) -> Timing:
        return Timing(self.starts, self.days, self.until)

    @property
    def stamp(self) -> str:
        """See WarningView.stamp."""
        return stamp_of(self.text, self.media_id, self.audience, self.topic, self.timing)

    @property
    def draft(self) -> WarningDraft:
        return WarningDraft(self.text, self.audience, self.scheme, self.media_id, topic=self.topic)


@dataclass(frozen=True, slots=True)
class OccurrenceView:
    """One time of a campaign that has come. `warning_id` None: it did not go."""

    at: datetime
    warning_id: int | None


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


def campaign_view(row: Campaign) -> CampaignView:
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
        audience=Audience.from_json(row.audience),
        topic=row.topic,
        media_id=row.media_id,
        starts=datetime.strptime(row.starts_at, WALL),  # noqa: DTZ007 - wall time
        approved_by=row.approved_by,
        approved_at=row.approved_at,
    )
