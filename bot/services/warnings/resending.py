"""What has left is sent again to those it did not reach, and on an officer's word where nobody knows."""

from sqlalchemy import ColumnElement, Select, func, null, or_, select, update

from bot.errors import WarningNotOut
from bot.services.notices import IN_DOUBT
from bot.services.officers import OfficerView
from bot.services.subscriptions import UNSUBSCRIBED
from bot.services.warnings.changing import WarningsChanged, told, told_of
from bot.services.warnings.counting import COUNTED_AT_ONCE
from bot.services.warnings.views import CHUNK, GOING, GONE, LASTS, LIVE, OPEN_STATES
from bot.store.chats import Chat
from bot.store.endpoints import Endpoint
from bot.store.notices import DOUBTED_WARNING, MISSED_WARNING, Notice, named
from bot.store.residents import Resident
from bot.store.subscriptions import Subscription
from bot.store.warnings import Warning
from bot.terms import EndpointState, NoticeState, WarningState

SAYS_IT = (*GONE, *OPEN_STATES)
AGAIN = (*LIVE, WarningState.DONE)
FIRST_AGAIN = 500  # tried again in the very transaction that asks for it: somebody is told at once


class WarningsResent(WarningsChanged):
    """`in_doubt` throughout: not those it did not reach, but those of whom nobody knows whether they have it."""

    async def missed(self, warning_id: int, *, in_doubt: bool = False) -> int:
        """How many a resend would try: reachable now. Of very many COUNTED_AT_ONCE and one."""
        row = await self._session.get_one(Warning, warning_id)
        some = _again(row, in_doubt=in_doubt).limit(COUNTED_AT_ONCE + 1).subquery()
        return await self._session.scalar(select(func.count()).select_from(some)) or 0

    async def resend(self, officer: OfficerView, warning_id: int, *, in_doubt: bool = False) -> int:
        """To those whose chat is open now; where it may have arrived only on the officer's word, for some of them get
        it twice. Says how many are in the queue already; of very many the rest follows in portions, each its own
        transaction. Raises NotFound, WarningNotOut."""
        row = await self._changeable(officer, warning_id)
        if row.state not in AGAIN:
            raise WarningNotOut
        setattr(row, _cursor(in_doubt=in_doubt), 0)
        count = await self._resend_some(row, FIRST_AGAIN, in_doubt=in_doubt)
        if count:
            if row.state == WarningState.DONE:
                row.state, row.done_at = WarningState.SENDING, None
            row.resent_at = self._clock.now()
            await self._audit.write("warning_resent", by=officer, subject=f"warning:{row.id}", in_doubt=in_doubt)
        return count

    async def resending(self) -> list[int]:
        """Warnings of which not all that are to be tried again are in the queue."""
        under_way = or_(Warning.resend_cursor.is_not(None), Warning.doubt_cursor.is_not(None))
        return list(await self._session.scalars(select(Warning.id).where(under_way).order_by(Warning.id)))

    async def resend_some(self, warning_id: int, chunk: int = CHUNK) -> bool:
        """The next of those a resend tries. True when none is left, or it is not to go on."""
        row = await self._session.get(Warning, warning_id, with_for_update=True, populate_existing=True)
        if row is None:
            return True
        if row.state not in GOING or row.recalled_at is not None:
            row.resend_cursor = row.doubt_cursor = None
        if row.resend_cursor is not None:
            await self._resend_some(row, chunk, in_doubt=False)
        elif row.doubt_cursor is not None:
            await self._resend_some(row, chunk, in_doubt=True)
        return row.resend_cursor is None and row.doubt_cursor is None

    async def _resend_some(self, row: Warning, chunk: int, *, in_doubt: bool) -> int:
        """Behind the cursor: what is refused once more is not tried a third time. A doubt stays one until it is
        answered: a recall of what waits then reaches whoever may have it."""
        cursor = _cursor(in_doubt=in_doubt)
        behind = Notice.id > (getattr(row, cursor) or 0)
        ids = _again(row, in_doubt=in_doubt).where(behind).order_by(Notice.id).limit(chunk).subquery()
        count, upto = (await self._session.execute(select(func.count(), func.max(ids.c.id)))).one()
        if count:
            due_at = self.goes_at(is_urgent=row.is_urgent)
            values = {
                "state": NoticeState.DUE,
                "due_at": due_at,
                "expires_at": due_at + LASTS,
                "attempts": 0,
                "error": IN_DOUBT[0] if in_doubt else "",
                "seal_id": null(),
                "message_sealed": null(),
                "ref": null(),
            }
            again = update(Notice).where(Notice.id.in_(select(ids.c.id))).values(values)
            await self._session.execute(again.execution_options(synchronize_session=False))
            self._after_commit("notices")
        setattr(row, cursor, upto if count == chunk else None)
        if count == chunk:
            self._after_commit("warnings")
        return int(count)


def _cursor(*, in_doubt: bool) -> str:
    return "doubt_cursor" if in_doubt else "resend_cursor"


def _has_come_back(row: Warning) -> ColumnElement[bool]:
    follows = select(Subscription.topic).where(Subscription.resident_id == Resident.id)
    return follows.where(Subscription.topic == row.topic).exists()


def _again(row: Warning, *, in_doubt: bool) -> Select[int]:
    """Notices to a person whose endpoint, or to a group that, can be reached now. Whoever has been told of the last
    correction has its text: of him there is no doubt any more."""
    people = (
        select(Resident.id)
        .join(Endpoint, Endpoint.id == Resident.endpoint_id)
        .where(Resident.id == Notice.resident_id)
        .where(Endpoint.state == EndpointState.OPEN, Resident.stopped_at.is_(None))
        .where(or_(Notice.error != UNSUBSCRIBED, _has_come_back(row)))
    )
    chats = select(Chat.id).where(Chat.id == Notice.chat_id, Chat.state == EndpointState.OPEN)
    can_be_reached = or_(people.exists(), chats.exists())
    asked = DOUBTED_WARNING if in_doubt else MISSED_WARNING
    found = select(Notice.id).where(Notice.warning_id == row.id, named(asked), can_be_reached)
    if in_doubt and row.change:
        found = found.where(~told_of(row).where(told.part_id == row.change, told.state.in_(SAYS_IT)).exists())
    return found
