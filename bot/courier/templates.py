"""Which WhatsApp templates may be used: asked from the provider every hour, and shown to staff as it says it."""

from collections.abc import Collection, Mapping
from typing import Protocol

import structlog

from bot.services.templates import APPROVED, TemplateWord
from bot.services.unit import Units

log = structlog.get_logger(__name__)

EVERY = 3600.0
SOONER = 300.0  # after a look that failed


class Approver(Protocol):
    async def approvals(self, sids: Collection[str]) -> Mapping[str, TemplateWord]:
        """Approval, category and words of each; what could not be asked is left out."""


class TemplateWatch:
    def __init__(self, channel: Approver, units: Units) -> None:
        self._channel, self._units = channel, units

    async def run(self) -> None:
        while True:
            is_done = await self.look()
            await self._units.house.clock.sleep(EVERY if is_done else SOONER)

    async def look(self) -> bool:
        """False when the provider did not answer for all: what is not known keeps its last word."""
        async with self._units.reading() as unit:
            sids = set((await unit.templates.table()).values())
        if not sids:
            return True
        found = await self._channel.approvals(sids)
        async with self._units() as unit:
            await unit.templates.checked(found, unit.clock.now())
        unusable = sorted(sid for sid, word in found.items() if word.approval != APPROVED)
        log.info(
            "templates.looked", asked=len(sids), found=len(found), unusable=unusable, unknown=sorted(sids - set(found))
        )
        return len(found) == len(sids)
