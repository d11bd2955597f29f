"""What writing, spreading and watching a warning share."""

from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.config import QuietHours
from bot.errors import NotFound
from bot.i18n import Bilingual
from bot.services.audit import Audit
from bot.services.notices import Notices
from bot.services.officers import Officers
from bot.services.warnings.views import Audience, WarningView
from bot.store.warnings import Warning
from bot.terms import WarningState


class WarningRecords:
    def __init__(
        self,
        session: AsyncSession,
        clock: Clock,
        zone: ZoneInfo,
        quiet: QuietHours | None,
        officers: Officers,
        notices: Notices,
        audit: Audit,
        after_commit: Callable[[str], None],
        *,
        own_need_approval: bool = True,
        rates: Mapping[str, float] | None = None,
    ) -> None:
        self._session, self._clock, self._zone, self._quiet = session, clock, zone, quiet
        self._officers, self._notices, self._audit, self._after_commit = officers, notices, audit, after_commit
        self._own_need_approval = own_need_approval  # an inspector's warning to his own precincts, too
        self._rates = rates or {}  # messages a second of each messenger, for what has no pace of its own yet

    async def get(self, warning_id: int) -> WarningView:
        row = await self._session.get(Warning, warning_id)
        if row is None:
            raise NotFound
        return await self._view(row)

    async def _view(self, row: Warning) -> WarningView:
        return WarningView(
            id=row.id,
            code=row.code,
            author_id=row.author_id,
            text=Bilingual(row.text_kk, row.text_ru),
            scheme=row.scheme,
            media_id=row.media_id,
            is_urgent=row.is_urgent,
            state=WarningState(row.state),
            due_at=row.due_at,
            created_at=row.created_at,
            approved_by=row.approved_by,
            topic=row.topic,
            reason=row.reason,
            returned_reason=row.returned_reason,
            stop_reason=row.stop_reason,
            change=row.change,
            correction=Bilingual(row.correction_kk, row.correction_ru) if row.correction_kk else None,
            is_recalled=row.recalled_at is not None,
            audience=Audience.from_json(row.audience),
            expires_at=row.expires_at,
            is_being_corrected=row.proposal_id is not None,
            repeats_doubt=row.repeats_doubt,
        )
