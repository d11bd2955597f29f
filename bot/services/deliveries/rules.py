"""What the department allows a courier: hours of the night, and how many people WhatsApp lets it open a talk with."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
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
        ends = next_allowed(now, QuietHours(_wall(quiet_from), _wall(quiet_until)), self.zone)
        return ends if ends > now else None

    def minute(self, now: datetime) -> int:
        """Of the local day."""
        local = now.astimezone(self.zone)
        return local.hour * 60 + local.minute

    def allowed(self, *, is_urgent: bool) -> int:
        """How many people a moving day may hold before this one waits."""
        return self.tier if is_urgent else int(self.tier * (1 - URGENT_SHARE))


def _wall(minute: int) -> time:
    hour, rest = divmod(minute % DAY_MINUTES, 60)
    return time(hour, rest)
