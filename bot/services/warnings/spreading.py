"""The fan-out: notices in chunks, behind a cursor that survives a crash."""

from typing import Any

from sqlalchemy import ColumnElement, func, insert, literal, null, select

from bot.services.subscriptions import WARNINGS
from bot.services.warnings.records import WarningRecords
from bot.services.warnings.views import CHUNK, Audience, chats_in, residents_in
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

    async def spread(self, warning_id: int, chunk: int = CHUNK) -> bool:
        """Writes the next chunk of notices: groups first, then people. True when all are written."""
        row = await self._session.get(Warning, warning_id, with_for_update=True)
        if row is None or row.state != WarningState.SPREADING:
            return True
        audience = Audience.from_json(row.audience)
        upto = await self._upper(
            Chat.id, [*chats_in(audience), Chat.added_at <= row.audience_at], row.cursor_chat, chunk
        )
        if upto is not None:
            await self._insert_chats(row, audience, upto)
            row.cursor_chat = upto
        else:
            upto = await self._upper(
                Subscription.resident_id, [Subscription.topic == WARNINGS], row.cursor_resident, chunk
            )
            if upto is None:
                row.state = WarningState.SENDING
                return True
            await self._insert_residents(row, audience, upto)
            row.cursor_resident = upto
        self._after_commit("notices")
        return False

    async def _upper(self, column: Any, where: list[ColumnElement[bool]], cursor: int, chunk: int) -> int | None:
        rows = select(column.label("id")).where(*where, column > cursor).order_by(column).limit(chunk).subquery()
        upper: int | None = await self._session.scalar(select(func.max(rows.c.id)))
        return upper

    async def _insert_chats(self, row: Warning, audience: Audience, upto: int) -> None:
        source = select(*_notice_columns(row, Chat.messenger, Chat.id, null(), Chat.id)).where(
            *chats_in(audience), Chat.id > row.cursor_chat, Chat.id <= upto, Chat.added_at <= row.audience_at
        )
        await self._session.execute(insert(Notice).from_select(_NOTICE_COLUMNS, source))

    async def _insert_residents(self, row: Warning, audience: Audience, upto: int) -> None:
        columns = _notice_columns(row, Resident.messenger, Resident.id, Resident.id, null())
        source = (
            select(*columns)
            .select_from(Subscription)
            .join(Resident, Resident.id == Subscription.resident_id)
            .where(
                Subscription.topic == WARNINGS,
                Subscription.resident_id > row.cursor_resident,
                Subscription.resident_id <= upto,
                Subscription.since <= row.audience_at,
                *residents_in(audience),
            )
        )
        await self._session.execute(insert(Notice).from_select(_NOTICE_COLUMNS, source))


_NOTICE_COLUMNS = [
    "kind", "messenger", "lane", "talk", "resident_id", "chat_id", "warning_id", "state", "due_at", "expires_at",
    "attempts", "fence", "error",
]  # fmt: skip


def _notice_columns(row: Warning, messenger: Any, talk: Any, resident: Any, chat: Any) -> list[Any]:
    lane = Lane.URGENT if row.is_urgent else Lane.CAMPAIGN
    return [
        literal(NoticeKind.WARNING.value),
        messenger,
        literal(int(lane)),
        talk,
        resident,
        chat,
        literal(row.id, Notice.warning_id.type),
        literal(NoticeState.DUE.value),
        literal(row.due_at, Notice.due_at.type),
        literal(row.expires_at, Notice.expires_at.type),
        literal(0),
        literal(0),
        literal(""),
    ]
