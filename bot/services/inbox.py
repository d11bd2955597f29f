"""Updates as they came: stored once, handled once, given up after three tries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.store import keys
from bot.store.base import new_id, seal
from bot.store.inbox import InboxItem
from bot.store.leases import Counter
from bot.terms import Messenger

log = structlog.get_logger(__name__)

TRIES = 3


@dataclass(frozen=True, slots=True)
class Arrival:
    """One update or webhook form, before it is stored. `sender` names whose order it must keep."""

    messenger: Messenger
    external_id: str
    sender: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    id: int
    messenger: Messenger
    sender: bytes
    payload: dict[str, Any]
    attempts: int = 0


class Inbox:
    def __init__(self, session: AsyncSession, clock: Clock) -> None:
        self._session, self._clock = session, clock

    async def store(self, arrivals: Sequence[Arrival], offset: tuple[str, int] | None = None) -> list[Item]:
        """Those that were new, in their order. A redelivered update is skipped, never an error."""
        now = self._clock.now()
        rows = [_row(arrival, now) for arrival in arrivals]
        stored = await self._insert(rows) if rows else set()
        if offset is not None:
            await self.remember(*offset)
        pairs = zip(rows, arrivals, strict=True)
        return [
            Item(row["id"], arrival.messenger, row["sender"], arrival.payload)
            for row, arrival in pairs
            if row["id"] in stored
        ]

    async def _insert(self, rows: Sequence[dict[str, Any]]) -> set[int]:
        """Ids of those that were new. Past the ORM: every update of a busy minute comes through here."""
        connection = await self._session.connection()
        done = await connection.execute(_INSERT[connection.dialect.name], rows)
        ids = {row["id"] for row in rows}
        if done.rowcount == len(rows):
            return ids
        found = await connection.execute(select(InboxItem.id).where(InboxItem.id.in_(ids)))
        return set(found.scalars())

    async def remember(self, name: str, value: int) -> None:
        done = await self._session.execute(update(Counter).where(Counter.name == name).values(value=value))
        if not done.rowcount:  # type: ignore[attr-defined]
            await self._session.execute(insert(Counter).values(name=name, value=value))

    async def remembered(self, name: str) -> int:
        return await self._session.scalar(select(Counter.value).where(Counter.name == name)) or 0

    async def open_items(self, after: int = 0, limit: int = 500) -> list[Item]:
        """Unhandled rows, oldest first."""
        query = (
            select(InboxItem)
            .where(InboxItem.handled_at.is_(None), InboxItem.id > after)
            .order_by(InboxItem.id)
            .limit(limit)
        )
        rows = await self._session.scalars(query)
        return [Item(row.id, Messenger(row.messenger), row.sender, _payload(row), row.attempts) for row in rows]

    async def newest_open(self) -> int:
        """Id of the last unhandled row, 0 if there is none."""
        return await self._session.scalar(select(func.max(InboxItem.id)).where(InboxItem.handled_at.is_(None))) or 0

    async def count_attempt(self, item_id: int) -> int:
        query = (
            update(InboxItem)
            .where(InboxItem.id == item_id)
            .values(attempts=InboxItem.attempts + 1)
            .returning(InboxItem.attempts)
        )
        return await self._session.scalar(query) or 0

    async def handled(self, item_id: int, outcome: str = "done") -> bool:
        """Marks and empties the row. False when it was handled already: the turn must not act again."""
        query = (
            update(InboxItem)
            .where(InboxItem.id == item_id, InboxItem.handled_at.is_(None))
            .values(handled_at=self._clock.now(), payload_sealed=None, outcome=outcome)
        )
        done = await self._session.execute(query)
        return bool(done.rowcount)  # type: ignore[attr-defined]


def _row(arrival: Arrival, now: datetime) -> dict[str, Any]:
    identity = new_id(now)
    return {
        "id": identity,
        "messenger": arrival.messenger,
        "external_id": arrival.external_id,
        "sender": keys.ring().fingerprint("sender", arrival.messenger, arrival.sender),
        "payload_sealed": seal(InboxItem, "payload", identity, arrival.payload),
        "received_at": now,
        "attempts": 0,
        "outcome": "",
    }


def _payload(row: InboxItem) -> dict[str, Any]:
    """Empty for what cannot be opened any more: it is parked like a message nobody understands, and stops nobody."""
    try:
        return dict(row.payload or {})
    except keys.KeyWrong:
        log.exception("inbox.unreadable", item=row.id)
        return {}


_INSERT = {
    "sqlite": sqlite.insert(InboxItem).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(InboxItem).on_conflict_do_nothing(),
}


def telegram_arrival(payload: dict[str, object]) -> Arrival:
    """The sender is the person; what has none (a channel's post) keeps the order of its chat."""
    return Arrival(Messenger.TELEGRAM, str(payload.get("update_id", "")), _sender(payload), payload)


def _sender(payload: dict[str, object]) -> str:
    for key, inner in payload.items():
        if key == "update_id" or not isinstance(inner, dict):
            continue
        for who in ("from", "from_user", "user", "chat"):
            found = inner.get(who)
            if isinstance(found, dict) and "id" in found:
                return str(found["id"])
    return "nobody"
