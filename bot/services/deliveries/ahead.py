"""Warnings in numbers: what the next hundreds need is read in one go, and a claim is one small statement."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Integer, Table, and_, bindparam, case, exists, literal, not_, or_, select, update

from bot.services.deliveries.choosing import BUSY, HELD, LOOK_AHEAD, WORDS, NoticesChosen
from bot.services.deliveries.rules import Rules
from bot.services.deliveries.views import CLAIM_LASTS, Delivery, Waiting
from bot.services.media import MediaView
from bot.services.notices import IN_DOUBT
from bot.services.warnings import WarningView
from bot.services.warnings.views import LIVE
from bot.store.base import open_sealed
from bot.store.endpoints import Endpoint
from bot.store.keys import KeyWrong
from bot.store.notices import DUE_WARNING, Notice, named
from bot.store.prepared import Prepared, among
from bot.store.residents import Resident
from bot.store.warnings import Warning
from bot.terms import EndpointState, Lane, Language, Messenger, NoticeKind, NoticeState

_notices = cast(Table, Notice.__table__).c
_residents = cast(Table, Resident.__table__).c
_endpoints = cast(Table, Endpoint.__table__).c
_minute = bindparam("minute", type_=Integer)
_IN_OWN_NIGHT = and_(
    _residents.quiet_from.is_not(None),
    case(
        (
            _residents.quiet_from <= _residents.quiet_until,
            and_(_residents.quiet_from <= _minute, _minute < _residents.quiet_until),
        ),
        else_=or_(_residents.quiet_from <= _minute, _minute < _residents.quiet_until),
    ),
)
_MAY_BE_TOLD = and_(
    _residents.stopped_at.is_(None),
    _endpoints.state == EndpointState.OPEN,
    _endpoints.messenger == _notices.messenger,
    or_(_endpoints.messenger != Messenger.WHATSAPP, _endpoints.window_until > bindparam("now")),
    or_(_notices.lane == Lane.URGENT, not_(_IN_OWN_NIGHT)),
)
AHEAD = (
    select(
        _notices.id, _notices.fence, _notices.lane, _notices.talk, _notices.attempts, _notices.error, _notices.due_at,
        _notices.chat_id, _notices.seal_id, _residents.id, _residents.language, _endpoints.id,
        _endpoints.address_sealed, and_(_notices.message_sealed.is_(None), _MAY_BE_TOLD),
    )
    .select_from(
        cast(Table, Notice.__table__)
        .outerjoin(cast(Table, Resident.__table__), _residents.id == _notices.resident_id)
        .outerjoin(cast(Table, Endpoint.__table__), _endpoints.id == _residents.endpoint_id)
    )
    .where(_notices.warning_id == bindparam("warning"), _notices.messenger == bindparam("messenger"))
    .where(named(DUE_WARNING))
    .where(_notices.due_at <= bindparam("now"), ~HELD, BUSY)
    .order_by(_notices.due_at, _notices.id)
    .limit(bindparam("limit"))
)  # fmt: skip
CLAIM = Prepared(
    update(cast(Table, Notice.__table__))
    .where(
        among(_notices.id, "ids"),
        _notices.state == NoticeState.DUE,
        or_(_notices.expires_at.is_(None), _notices.expires_at > bindparam("now")),
        exists().where(
            _residents.id == _notices.resident_id,
            _endpoints.id == _residents.endpoint_id,
            among(_endpoints.id, "endpoints"),
            _MAY_BE_TOLD,
        ),
        exists().where(
            Warning.id == _notices.warning_id,
            Warning.state.in_([literal(state.value) for state in LIVE]),
            Warning.change == bindparam("change"),
        ),
    )
    .values(
        state=NoticeState.SENDING,
        lease_until=bindparam("lease"),
        fence=_notices.fence + 1,
        part_id=bindparam("change"),  # whose text leaves now: a later change goes to those who have an older one
    )
    .returning(_notices.id, _notices.fence)
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
        asked = asked | {"warning": warning_id, "minute": self._rules.minute(asked["now"])}
        rows = (await self._session.execute(AHEAD, asked)).all()
        if not rows:
            return []
        warning = await self._warnings.get(warning_id)
        media = await self._shelf.get(warning.media_id) if warning.media_id else None
        return [_waiting(row, Messenger(asked["messenger"]), warning, media) for row in rows]

    async def claim_ready(self, ready: Sequence[Delivery]) -> list[Delivery]:
        """Leases those for whom nothing has changed since the look ahead; the others are left for `claim`."""
        claimed: dict[int, int] = {}
        for _claim, asked in claims_of(ready, self._clock.now(), self._rules):
            claimed |= dict((await self._session.execute(CLAIM.statement, asked)).all())
        return leased(ready, claimed)


def claims_of(ready: Sequence[Delivery], now: datetime, rules: Rules) -> list[tuple[Prepared, dict[str, Any]]]:
    """One small statement each for the warnings whose text has changed as often."""
    by_change: dict[int, list[Delivery]] = {}
    for item in ready:
        if item.warning is not None:
            by_change.setdefault(item.warning.change, []).append(item)
    return [
        (
            CLAIM,
            {
                "ids": [item.id for item in some],
                "endpoints": [item.endpoint_id for item in some],
                "now": now,
                "lease": now + CLAIM_LASTS,
                "minute": rules.minute(now),
                "change": change,
            },
        )
        for change, some in by_change.items()
    ]


def leased(ready: Sequence[Delivery], claimed: Mapping[int, int]) -> list[Delivery]:
    """Those of them that were claimed, each with the fence of its claim."""
    return [
        item if item.fence == claimed[item.id] else replace(item, fence=claimed[item.id])
        for item in ready
        if item.id in claimed
    ]


def _waiting(row: Sequence[Any], messenger: Messenger, warning: WarningView, media: MediaView | None) -> Waiting:
    """Not `ready` where its claim is no simple matter: groups, closed endpoints, templates, nights, edits, damage."""
    (
        id_, fence, in_lane, talk, attempts, error, due_at, chat_id, seal_id, resident_id, language, endpoint_id,
        address, may_be_told,
    ) = row  # fmt: skip
    lane = Lane(in_lane)
    simple = Waiting(id_, lane, talk, chat_id is not None, due_at)
    if not may_be_told:
        return simple
    try:
        opened = open_sealed(Endpoint, "address", endpoint_id, address)
    except KeyWrong:
        return simple
    delivery = Delivery(
        id=id_,
        fence=fence + 1,  # of the claim it is made for
        kind=NoticeKind.WARNING,
        lane=lane,
        talk=talk,
        attempts=attempts,
        doubt=error if error in IN_DOUBT else "",
        messenger=messenger,
        address=opened,
        is_group=False,
        language=Language(language) if language else None,
        endpoint_id=endpoint_id,
        resident_id=resident_id,
        seal_id=seal_id,
        media=media,
        warning=warning,
    )
    return replace(simple, ready=delivery)
