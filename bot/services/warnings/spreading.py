"""The fan-out: notices in chunks, behind a cursor that survives a crash."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, insert, literal, null, select, update

from bot.services.homes import told_codes
from bot.services.warnings.records import WarningRecords
from bot.services.warnings.views import CHUNK, Audience, Bound, Plan, chats_in, residents_in
from bot.store.base import insert_into
from bot.store.chats import Chat
from bot.store.notices import Notice
from bot.store.residents import Resident
from bot.store.subscriptions import Subscription
from bot.store.warnings import Warning
from bot.terms import Lane, NoticeKind, NoticeState, WarningState


class WarningsSpread(WarningRecords):
    async def spreading(self) -> list[int]:
        query = select(Warning.id).where(Warning.state == WarningState.SPREADING).order_by(Warning.id)
        return list(await self._session.scalars(query))

    async def plan(self, warning_id: int) -> Plan | None:
        """What its fan-out needs to know, once for all chunks. None when nothing is to be written."""
        row = await self._session.get(Warning, warning_id)
        if row is None or row.state != WarningState.SPREADING:
            return None
        audience = Audience.from_json(row.audience)
        return Plan(
            warning_id=row.id,
            audience=audience,
            topic=row.topic,
            lane=Lane.URGENT if row.is_urgent else Lane.CAMPAIGN,
            audience_at=row.audience_at or row.created_at,
            due_at=row.due_at or row.created_at,
            expires_at=row.expires_at,
            was_tried=row.canary is not None,
            cursor_chat=row.cursor_chat,
            cursor_resident=row.cursor_resident,
            codes=await told_codes(self._session, audience.houses),
        )

    async def bound(self, plan: Plan, after: Bound | None, chunk: int) -> Bound:
        """Where the next chunk ends: a look along an index, outside any lock.

        The last entry of a chunk is asked for by its place, so the audience itself is read only once, by the INSERT."""
        part = after.part if after else "chats"
        if part == "chats":
            start = max(plan.cursor_chat, (after.upto if after else None) or 0)
            where = [*chats_in(plan.audience), Chat.added_at <= plan.audience_at, Chat.id > start]
            upto = await self._upto(Chat.id, where, chunk)
            if upto is not None:
                return Bound("chats", start, upto)
            after = None
        start = max(plan.cursor_resident, (after.upto if after else None) or 0)
        if plan.audience.only == "chats":
            return Bound("people", start, None)
        where = [Subscription.topic == plan.topic, Subscription.resident_id > start]
        return Bound("people", start, await self._upto(Subscription.resident_id, where, chunk))

    async def _upto(self, column: Any, where: Sequence[ColumnElement[bool]], chunk: int) -> int | None:
        entries = select(column).where(*where).order_by(column)
        last: int | None = await self._session.scalar(entries.offset(chunk - 1).limit(1))
        if last is None:  # fewer than a chunk are left
            last = await self._session.scalar(select(func.max(column)).where(*where))
        return last

    async def spread(self, warning_id: int, chunk: int = CHUNK) -> bool:
        """Writes the next chunk of notices: groups first, then people. True when all are written."""
        row = await self._session.get(Warning, warning_id, with_for_update=True, populate_existing=True)
        plan = await self.plan(warning_id)
        if row is None or plan is None:
            return True
        bound = await self.bound(plan, None, chunk)
        await self.write(plan, bound)
        await self._session.refresh(row)
        return bound.upto is None

    async def write(self, plan: Plan, bound: Bound) -> bool:
        """Moves the cursor and writes what lies before it. False when somebody else moved it, or it is not to go on."""
        cursor = Warning.cursor_chat if bound.part == "chats" else Warning.cursor_resident
        mine = (Warning.id == plan.warning_id, Warning.state == WarningState.SPREADING, cursor == bound.start)
        values = {"state": WarningState.SENDING} if bound.upto is None else {cursor.key: bound.upto}
        moved = update(Warning).where(*mine).values(values).execution_options(synchronize_session=False)
        if not (await self._session.execute(moved)).rowcount:  # type: ignore[attr-defined]
            return False
        if bound.upto is not None:
            ids = chats_of(plan) if bound.part == "chats" else people_of(plan)
            column = Chat.id if bound.part == "chats" else Subscription.resident_id
            await self._insert(plan, ids.where(column > bound.start, column <= bound.upto))
        self._after_commit("notices")
        return True

    async def _insert(self, plan: Plan, source: Select[Any]) -> None:
        """Whoever has a notice of this warning already (one of the first few) keeps that one."""
        if not plan.was_tried:
            await self._session.execute(insert(Notice).from_select(COLUMNS, source))
            return
        kept = insert_into(self._session, Notice).from_select(COLUMNS, source)
        await self._session.execute(kept.on_conflict_do_nothing())


def chats_of(plan: Plan) -> Select[Any]:
    """The notices of the audience's groups."""
    source = select(*_columns_of(plan, Chat.messenger, Chat.id, null(), Chat.id))
    return source.where(*chats_in(plan.audience), Chat.added_at <= plan.audience_at)


def people_of(plan: Plan) -> Select[Any]:
    """The notices of the audience's subscribers."""
    columns = _columns_of(plan, Resident.messenger, Resident.id, Resident.id, null())
    source = select(*columns).select_from(Subscription).join(Resident, Resident.id == Subscription.resident_id)
    inside = residents_in(plan.audience, plan.codes)
    return source.where(Subscription.topic == plan.topic, Subscription.since <= plan.audience_at, *inside)


COLUMNS = [
    "kind", "messenger", "lane", "talk", "resident_id", "chat_id", "warning_id", "state", "due_at", "expires_at",
    "attempts", "fence", "error",
]  # fmt: skip


def _columns_of(plan: Plan, messenger: Any, talk: Any, resident: Any, chat: Any) -> list[Any]:
    return [
        literal(NoticeKind.WARNING.value),
        messenger,
        literal(int(plan.lane)),
        talk,
        resident,
        chat,
        literal(plan.warning_id, Notice.warning_id.type),
        literal(NoticeState.DUE.value),
        literal(plan.due_at, Notice.due_at.type),
        literal(plan.expires_at, Notice.expires_at.type),
        literal(0),
        literal(0),
        literal(""),
    ]
