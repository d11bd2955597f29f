"""Is this warning ours? What the department published, by code or among the newest."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import select

from bot.services.warnings.records import WarningRecords
from bot.services.warnings.views import PUBLISHED, WarningView
from bot.store.warnings import Warning

REMEMBERED = timedelta(days=90)  # a changed copy is recognised without its code for so long
NEWEST = 200


class WarningsProved(WarningRecords):
    async def published(self, codes: Collection[str]) -> list[WarningView]:
        """Those that left the department under one of these codes, however long ago."""
        query = select(Warning).where(Warning.code.in_(codes), Warning.state.in_(PUBLISHED))
        return [await self._view(row) for row in await self._session.scalars(query.order_by(Warning.id))]

    async def recent(self) -> list[WarningView]:
        """The newest, for a text that carries no code."""
        since = self._clock.now() - REMEMBERED
        query = select(Warning).where(Warning.created_at > since, Warning.state.in_(PUBLISHED))
        rows = await self._session.scalars(query.order_by(Warning.id.desc()).limit(NEWEST))
        return [await self._view(row) for row in rows]
