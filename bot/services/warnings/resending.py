"""What has left is sent again to those it did not reach."""

from sqlalchemy import ColumnElement, Select, func, null, or_, select, update

from bot.errors import WarningNotOut
from bot.services.officers import OfficerView
from bot.services.subscriptions import UNSUBSCRIBED
from bot.services.warnings.changing import WarningsChanged
from bot.services.warnings.counting import COUNTED_AT_ONCE
from bot.services.warnings.views import CHUNK, GOING, LASTS, LIVE
from bot.store.chats import Chat
from bot.store.endpoints import Endpoint
from bot.store.notices import MISSED_WARNING, Notice, named
from bot.store.residents import Resident
from bot.store.subscriptions import Subscription
from bot.store.warnings import Warning
from bot.terms import EndpointState, NoticeState, WarningState

AGAIN = (*LIVE, WarningState.DONE)
FIRST_AGAIN = 500  # tried again in the very transaction that asks for it: somebody is told at once


class WarningsResent(WarningsChanged):
    async def missed(self, warning_id: int) -> int:
        """How many a resend would try: not reached, and reachable now. Of very many COUNTED_AT_ONCE and one."""
        some = _missed_now(warning_id).limit(COUNTED_AT_ONCE + 1).subquery()
        return await self._session.scalar(select(func.count()).select_from(some)) or 0

    async def resend(self, officer: OfficerView, warning_id: int) -> int:
        """Only to those it did not reach and whose chat is open now. Says how many are in the queue already; of very
        many the rest follows in portions, each its own transaction."""
        row = await self._changeable(officer, warning_id)
        if row.state not in AGAIN:
            raise WarningNotOut
        row.resend_cursor = 0
        count = await self._resend_some(row, FIRST_AGAIN)
        if count:
            if row.state == WarningState.DONE:
                row.state, row.done_at = WarningState.SENDING, None
            row.resent_at = self._clock.now()
            await self._audit.write("warning_resent", by=officer, subject=f"warning:{row.id}")
        return count

    async def resending(self) -> list[int]:
        """Warnings of which not all that are to be tried again are in the queue."""
        query = select(Warning.id).where(Warning.resend_cursor.is_not(None)).order_by(Warning.id)
        return list(await self._session.scalars(query))

    async def resend_some(self, warning_id: int, chunk: int = CHUNK) -> bool:
        """The next of those a resend tries. True when none is left, or it is not to go on."""
        row = await self._session.get(Warning, warning_id, with_for_update=True, populate_existing=True)
        if row is None or row.resend_cursor is None:
            return True
        if row.state not in GOING or row.recalled_at is not None:
            row.resend_cursor = None
            return True
        await self._resend_some(row, chunk)
        return row.resend_cursor is None

    async def _resend_some(self, row: Warning, chunk: int) -> int:
        """Behind the cursor: what is refused once more is not tried a third time."""
        where = _missed_now(row.id).where(Notice.id > (row.resend_cursor or 0)).order_by(Notice.id).limit(chunk)
        ids = where.subquery()
        count, upto = (await self._session.execute(select(func.count(), func.max(ids.c.id)))).one()
        if count:
            due_at = self.goes_at(is_urgent=row.is_urgent)
            values = {
                "state": NoticeState.DUE,
                "due_at": due_at,
                "expires_at": due_at + LASTS,
                "attempts": 0,
                "error": "",
                "seal_id": null(),
                "message_sealed": null(),
                "ref": null(),
            }
            again = update(Notice).where(Notice.id.in_(select(ids.c.id))).values(values)
            await self._session.execute(again.execution_options(synchronize_session=False))
            self._after_commit("notices")
        row.resend_cursor = upto if count == chunk else None
        if row.resend_cursor is not None:
            self._after_commit("warnings")
        return int(count)


def _has_come_back(warning_id: int) -> ColumnElement[bool]:
    topic = select(Warning.topic).where(Warning.id == warning_id).scalar_subquery()
    follows = select(Subscription.topic).where(Subscription.resident_id == Resident.id)
    return follows.where(Subscription.topic == topic).exists()


def _missed_now(warning_id: int) -> Select[int]:
    """Notices that did not reach a person whose endpoint, or a group that, can be reached now."""
    people = (
        select(Resident.id)
        .join(Endpoint, Endpoint.id == Resident.endpoint_id)
        .where(Resident.id == Notice.resident_id)
        .where(Endpoint.state == EndpointState.OPEN, Resident.stopped_at.is_(None))
        .where(or_(Notice.error != UNSUBSCRIBED, _has_come_back(warning_id)))
    )
    chats = select(Chat.id).where(Chat.id == Notice.chat_id, Chat.state == EndpointState.OPEN)
    return select(Notice.id).where(
        Notice.warning_id == warning_id, named(MISSED_WARNING), or_(people.exists(), chats.exists())
    )
