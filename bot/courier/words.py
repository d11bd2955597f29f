"""A warning's words are made once for each of its languages, not for each of thousands."""

from zoneinfo import ZoneInfo

from bot.services.deliveries import Delivery
from bot.speech import Reply
from bot.speech.notices import word
from bot.terms import Language, NoticeKind

MOST = 64


class Words:
    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._made: dict[tuple[int, int, Language | None], Reply] = {}

    def of(self, delivery: Delivery) -> Reply:
        """Made anew when the warning was corrected: its `change` is part of the key."""
        if delivery.warning is None or delivery.kind is not NoticeKind.WARNING:
            return word(delivery, self._zone)
        key = (delivery.warning.id, delivery.warning.change, delivery.language)
        if key not in self._made:
            if len(self._made) >= MOST:
                self._made.clear()
            self._made[key] = word(delivery, self._zone)
        return self._made[key]
