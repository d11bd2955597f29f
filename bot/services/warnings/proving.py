"""Is this warning ours? What the department published, by code or among the newest, with all its corrections."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Select, select

from bot.i18n import Bilingual
from bot.services.warnings.records import WarningRecords
from bot.services.warnings.views import PUBLISHED, WarningView
from bot.store.warnings import Correction, Warning
from bot.terms import CorrectionState

REMEMBERED = timedelta(days=90)  # a changed copy is recognised without its code for so long
NEWEST = 200


class WarningsProved(WarningRecords):
    async def published(self, codes: Collection[str]) -> list[WarningView]:
        """Those that left the department under one of these codes, however long ago."""
        query = select(Warning).where(Warning.code.in_(codes), Warning.state.in_(PUBLISHED))
        return await self._with_corrections(query.order_by(Warning.id))

    async def recent(self) -> list[WarningView]:
        """The newest, for a text that carries no code."""
        since = self._clock.now() - REMEMBERED
        query = select(Warning).where(Warning.created_at > since, Warning.state.in_(PUBLISHED))
        return await self._with_corrections(query.order_by(Warning.id.desc()).limit(NEWEST))

    async def _with_corrections(self, query: Select[Warning]) -> list[WarningView]:
        views = [await self._view(row) for row in await self._session.scalars(query)]
        corrected = [view.id for view in views if view.correction]
        if not corrected:
            return views
        went = select(Correction).where(
            Correction.warning_id.in_(corrected), Correction.state == CorrectionState.APPROVED
        )
        texts: dict[int, list[Correction]] = {}
        for row in await self._session.scalars(went.order_by(Correction.decided_at, Correction.id)):
            texts.setdefault(row.warning_id, []).append(row)
        return [_with_texts(view, texts.get(view.id, [])) for view in views]


def _with_texts(view: WarningView, texts: list[Correction]) -> WarningView:
    if not texts:
        return view
    earlier = tuple(Bilingual(row.text_kk, row.text_ru) for row in texts[:-1])
    return replace(view, earlier=earlier, corrected_at=texts[-1].decided_at)
