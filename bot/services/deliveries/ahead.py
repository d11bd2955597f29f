"""Warnings in numbers: what the next hundreds need is read in one go, and a claim is one small statement."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Integer, Table, and_, bindparam, case, exists, not_, or_, select, update

from bot.services.deliveries.choosing import BUSY, HELD, LOOK_AHEAD, WORDS, NoticesChosen
from bot.services.deliveries.views import CLAIM_LASTS, Delivery, Waiting
from bot.services.media import MediaView
from bot.services.notices import IN_DOUBT
from bot.services.warnings import WarningView
from bot.services.warnings.views import LIVE
from bot.store.base import open_sealed
from bot.store.endpoints import Endpoint
from bot.store.notices import DUE_WARNING, Notice, named
from bot.store.residents import Resident
from bot.store.warnings import Warning
from bot.terms import EndpointState, Lane, Language, Messenger, NoticeKind, NoticeState

_notices = cast(Table, Notice.__table__)

AHEAD = (
    select(
        Notice.id, Notice.fence, Notice.lane, Notice.talk, Notice.attempts, Notice.error, Notice.due_at,
        Notice.chat_id, Notice.seal_id, Notice.expires_at, Notice.message_sealed.is_(None).label("is_first"),
        Resident.id.label("resident_id"), Resident.language, Resident.stopped_at, Resident.quiet_from,
        Resident.quiet_until, Endpoint.id.label("endpoint_id"), Endpoint.messenger, Endpoint.state,
        Endpoint.address_sealed, Endpoint.window_until,
    )
    .select_from(Notice)
    .outerjoin(Resident, Resident.id == Notice.resident_id)
    .outerjoin(Endpoint, Endpoint.id == Resident.endpoint_id)
    .where(Notice.warning_id == bindparam("warning"), Notice.messenger == bindparam("messenger"))
    .where(named(DUE_WARNING))
    .where(Notice.due_at <= bindparam("now"), ~HELD, BUSY)
    .order_by(Notice.due_at, Notice.id)
    .limit(bindparam("limit"))
)  # fmt: skip

_minute = bindparam("minute", type_=Integer)
_IN_OWN_NIGHT = and_(
    Resident.quiet_from.is_not(None),
    case(
        (
            Resident.quiet_from <= Resident.quiet_until,
            and_(Resident.quiet_from <= _minute, _minute < Resident.quiet_until),
        ),
        else_=or_(Resident.quiet_from <= _minute, _minute < Resident.quiet_until),
    ),
)
_MAY_BE_TOLD = exists().where(
    Resident.id == _notices.c.resident_id,
    Resident.stopped_at.is_(None),
    Endpoint.id == Resident.endpoint_id,
    Endpoint.id.in_(bindparam("endpoints", expanding=True)),
    Endpoint.state == EndpointState.OPEN,
    Endpoint.messenger == _notices.c.messenger,
    or_(Endpoint.messenger != Messenger.WHATSAPP, Endpoint.window_until > bindparam("now")),
    or_(_notices.c.lane == Lane.URGENT, not_(_IN_OWN_NIGHT)),
)
CLAIM = (
    update(_notices)
    .where(
        _notices.c.id.in_(bindparam("ids", expanding=True)),
        _notices.c.state == NoticeState.DUE,
        or_(_notices.c.expires_at.is_(None), _notices.c.expires_at > bindparam("now")),
        _MAY_BE_TOLD,
        exists().where(
            Warning.id == _notices.c.warning_id,
            Warning.state.in_(LIVE),
            Warning.change == bindparam("change"),
        ),
    )
    .values(
        state=NoticeState.SENDING,
        lease_until=bindparam("lease"),
        fence=_notices.c.fence + 1,
        part_id=bindparam("change"),  # whose text leaves now: a later change goes to those who have an older one
    )
    .returning(_notices.c.id, _notices.c.fence)
)
"""Everything that may have changed since the look ahead is asked again here, in the statement that takes the lease."""


class NoticesAhead(NoticesChosen):
    async def waiting(self, messenger: Messenger, busy: Collection[int], limit: int = LOOK_AHEAD) -> list[Waiting]:
        """Due notices, most pressing first; those of a warning with all that saying them needs, where that is simple.

        The notices of a warning that is paused, stopped or over are not even looked at."""
        now = self._clock.now()
        asked = {"messenger": messenger, "now": now, "busy": list(busy), "limit": limit}
        rows = await self._session.execute(WORDS, asked)
        found = [Waiting(id_, Lane(lane), talk, chat is not None, due) for id_, lane, talk, chat, due in rows]
        for warning_id, _due, is_urgent in await self._live():
            if is_urgent or self._rules.quiet_ends(now) is None:
                found += await self._of_warning(warning_id, asked)
        return sorted(found, key=lambda item: (item.lane, item.due_at, item.id))[:limit]

    async def _of_warning(self, warning_id: int, asked: dict[str, Any]) -> list[Waiting]:
        rows = (await self._session.execute(AHEAD, asked | {"warning": warning_id})).all()
        if not rows:
            return []
        warning = await self._warnings.get(warning_id)
        media = await self._shelf.get(warning.media_id) if warning.media_id else None
        return [
            Waiting(
                row.id, Lane(row.lane), row.talk, row.chat_id is not None, row.due_at,
                self._ready(row, Messenger(asked["messenger"]), asked["now"], warning, media),
            )
            for row in rows
        ]  # fmt: skip

    def _ready(
        self, row: Any, messenger: Messenger, now: datetime, warning: WarningView, media: MediaView | None
    ) -> Delivery | None:
        """None when its claim is no simple matter: groups, closed endpoints, templates, nights, edits."""
        if row.resident_id is None or row.address_sealed is None or not row.is_first or row.stopped_at is not None:
            return None
        if row.state != EndpointState.OPEN or row.messenger != messenger:
            return None
        if messenger is Messenger.WHATSAPP and (row.window_until is None or row.window_until <= now):
            return None
        if row.lane != Lane.URGENT and self._rules.own_quiet_ends(now, row.quiet_from, row.quiet_until):
            return None
        return Delivery(
            id=row.id,
            fence=row.fence,
            kind=NoticeKind.WARNING,
            lane=Lane(row.lane),
            talk=row.talk,
            attempts=row.attempts,
            doubt=row.error if row.error in IN_DOUBT else "",
            messenger=messenger,
            address=open_sealed(Endpoint, "address", row.endpoint_id, row.address_sealed),
            is_group=False,
            language=Language(row.language) if row.language else None,
            endpoint_id=row.endpoint_id,
            resident_id=row.resident_id,
            seal_id=row.seal_id,
            media=media,
            warning=warning,
        )

    async def claim_ready(self, ready: Sequence[Delivery]) -> list[Delivery]:
        """Leases those for whom nothing has changed since the look ahead; the others are left for `claim`."""
        now = self._clock.now()
        claimed: dict[int, int] = {}
        for change in {item.warning.change for item in ready if item.warning}:
            some = [item for item in ready if item.warning and item.warning.change == change]
            asked = {
                "ids": [item.id for item in some],
                "endpoints": [item.endpoint_id for item in some],
                "now": now,
                "lease": now + CLAIM_LASTS,
                "minute": self._rules.minute(now),
                "change": change,
            }
            for id_, fence in await self._session.execute(CLAIM, asked):
                claimed[id_] = fence
        return [replace(item, fence=claimed[item.id]) for item in ready if item.id in claimed]
