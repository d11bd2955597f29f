"""Which notices are due, and what the windows of the messengers hold already."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, exists, or_, select, text, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.clock import Clock
from bot.services.deliveries.rules import Rules
from bot.services.media import MediaShelf
from bot.services.officers import Officers
from bot.services.templates import Templates
from bot.services.tips import Tips
from bot.services.warnings import Warnings
from bot.services.warnings.views import LIVE
from bot.store.chats import Chat
from bot.store.keys import KeyWrong
from bot.store.notices import DUE_WARNING, DUE_WORD, Notice
from bot.store.prepared import among
from bot.store.warnings import Warning
from bot.terms import Lane, Messenger, NoticeState

LOOK_AHEAD = 300

_earlier = aliased(Notice, name="earlier")
HELD = exists().where(
    text("earlier.state IN ('due', 'sending') AND earlier.kind <> 'warning'"),
    _earlier.talk == Notice.talk,
    _earlier.id < Notice.id,
    or_(
        _earlier.state == NoticeState.SENDING,
        and_(_earlier.state == NoticeState.DUE, _earlier.attempts > 0, _earlier.lane <= Lane.ANSWER),
    ),
)
"""A talk with a notice under way or in back-off waits for it."""

BUSY = ~among(Notice.talk, "busy")
WORDS = (
    select(Notice.id, Notice.lane, Notice.talk, Notice.chat_id, Notice.due_at)
    .where(Notice.messenger == bindparam("messenger"), text(DUE_WORD), Notice.due_at <= bindparam("now"), ~HELD, BUSY)
    .order_by(Notice.lane, Notice.due_at, Notice.id)
    .limit(bindparam("limit"))
)
LIVE_WARNINGS = select(Warning.id, Warning.due_at, Warning.is_urgent).where(Warning.state.in_(LIVE))


class NoticesChosen:
    def __init__(
        self,
        session: AsyncSession,
        clock: Clock,
        tips: Tips,
        warnings: Warnings,
        officers: Officers,
        shelf: MediaShelf,
        templates: Templates,
        rules: Rules,
    ) -> None:
        self._session, self._clock = session, clock
        self._tips, self._warnings, self._officers = tips, warnings, officers
        self._shelf, self._templates, self._rules = shelf, templates, rules

    async def _live(self) -> list[tuple[int, datetime | None, bool]]:
        return [(id_, due, urgent) for id_, due, urgent in await self._session.execute(LIVE_WARNINGS)]

    async def sent_to_groups(self, messenger: Messenger, since: datetime) -> dict[str, list[datetime]]:
        """What the last minute's window of each group already holds: a restart must not forget it."""
        query = (
            select(Chat, Notice.sent_at)
            .join(Notice, Notice.chat_id == Chat.id)
            .where(Notice.messenger == messenger, Notice.sent_at > since)
        )
        moments: dict[str, list[datetime]] = {}
        for chat, sent_at in await self._session.execute(query):
            try:
                address = chat.address
            except KeyWrong:  # nothing can go there any more
                continue
            if address is not None and sent_at is not None:
                moments.setdefault(address, []).append(sent_at)
        return moments

    async def next_due(self, messenger: Messenger) -> datetime | None:
        """When the next notice is due that is not due yet. One look into the index for each lane and live warning."""
        now = self._clock.now()
        firsts = [_first(messenger, now, DUE_WORD, Notice.lane == lane) for lane in Lane]
        opens: list[datetime] = []
        for warning_id, _due, is_urgent in await self._live():
            firsts.append(_first(messenger, now, DUE_WARNING, Notice.warning_id == warning_id))
            ends = None if is_urgent else self._rules.quiet_ends(now)
            opens += [ends] if ends is not None else []
        queries = [select(first.c.due_at) for first in firsts]
        opens += [at for at in await self._session.scalars(union_all(*queries)) if at is not None]
        return min(opens, default=None)


def _first(messenger: Messenger, now: datetime, condition: str, where: ColumnElement[bool]):  # type: ignore[no-untyped-def]
    query = select(Notice.due_at).where(Notice.messenger == messenger, text(condition), where, Notice.due_at > now)
    return query.order_by(Notice.due_at).limit(1).subquery()
