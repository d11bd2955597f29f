"""The log of actions: each entry is chained to the one before it, so that a change shows."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.store import keys
from bot.store.audit import AuditEntry

PAGE = 2000


class Actor(Protocol):
    """Whoever acted: an officer's view."""

    @property
    def id(self) -> int: ...


@dataclass(frozen=True, slots=True)
class ActionView:
    action: str
    at: datetime
    subject: str
    facts: dict[str, Any]


class Audit:
    def __init__(self, session: AsyncSession, clock: Clock) -> None:
        self._session, self._clock = session, clock

    async def write(self, action: str, by: Actor | None = None, subject: str = "", **facts: Any) -> None:
        """No names, no texts: ids and codes only."""
        last = await self._session.scalar(
            select(AuditEntry.chain).order_by(AuditEntry.id.desc()).limit(1).with_for_update()
        )
        entry = AuditEntry(
            at=self._clock.now(), action=action, officer_id=by.id if by else None, subject=subject, facts=facts
        )
        entry.chain = _link(last or b"", entry)
        self._session.add(entry)
        await self._session.flush()

    async def since(self, moment: datetime, *actions: str) -> list[ActionView]:
        """What has been done of these actions after this moment, the earliest first."""
        query = select(AuditEntry).where(AuditEntry.action.in_(actions), AuditEntry.at > moment)
        rows = await self._session.scalars(query.order_by(AuditEntry.id))
        return [ActionView(row.action, row.at, row.subject, row.facts) for row in rows]

    async def first_broken(self) -> int | None:
        """The id of the first entry that was changed, or whose predecessor was removed."""
        return (await self.verify())[1]

    async def verify(self) -> tuple[int, int | None]:
        """How many entries were looked at, and the first broken one. Page by page: the log is as long as it is old."""
        last, after, count = b"", 0, 0
        while True:
            query = select(AuditEntry).where(AuditEntry.id > after).order_by(AuditEntry.id).limit(PAGE)
            entries = list(await self._session.scalars(query))
            for entry in entries:
                count += 1
                if entry.chain != _link(last, entry):
                    return count, entry.id
                last, after = entry.chain, entry.id
            if len(entries) < PAGE:
                return count, None
            self._session.expunge_all()


def _link(last: bytes, entry: AuditEntry) -> bytes:
    words = [entry.at.isoformat(), entry.action, entry.officer_id, entry.subject, entry.facts]
    return keys.ring().fingerprint("audit", last.hex(), json.dumps(words, ensure_ascii=False, sort_keys=True))
