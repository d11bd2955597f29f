"""What the department allows a courier: hours of the night, and how many people WhatsApp lets it open a talk with."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.config import QuietHours
from bot.services.quiet import next_allowed

TIER_WINDOW = timedelta(hours=24)  # Meta counts people, not messages, in a moving day
URGENT_SHARE = 0.2  # of the tier: kept for what cannot wait
DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Rules:
    zone: ZoneInfo
    quiet: QuietHours | None = None
    tier: int = 0  # people outside their window in a moving day; 0: as many as one likes

    def quiet_ends(self, now: datetime) -> datetime | None:
        """When the department's quiet hours end, None outside them."""
        ends = next_allowed(now, self.quiet, self.zone)
        return ends if ends > now else None

    def own_quiet_ends(self, now: datetime, quiet_from: int | None, quiet_until: int | None) -> datetime | None:
        """When this person's own quiet hours end, given in minutes of the local day; None outside them."""
        if quiet_from is None or quiet_until is None or quiet_from == quiet_until:
            return None
        if not is_quiet(self.minute(now), quiet_from, quiet_until):
            return None
        local = now.astimezone(self.zone)
        hour, minute = divmod(quiet_until % DAY_MINUTES, 60)
        ends = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
        if ends <= local:
            ends += timedelta(days=1)
        return ends.astimezone(now.tzinfo)

    def minute(self, now: datetime) -> int:
        """Of the local day."""
        local = now.astimezone(self.zone)
        return local.hour * 60 + local.minute

    def allowed(self, *, is_urgent: bool) -> int:
        """How many people a moving day may hold before this one waits."""
        return self.tier if is_urgent else int(self.tier * (1 - URGENT_SHARE))


def is_quiet(minute: int, quiet_from: int, quiet_until: int) -> bool:
    """Also over midnight."""
    if quiet_from <= quiet_until:
        return quiet_from <= minute < quiet_until
    return minute >= quiet_from or minute < quiet_until
