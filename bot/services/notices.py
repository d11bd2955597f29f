"""Promises: whatever must not be lost is written here, in the commit that causes it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.util import identity_key

from bot.clock import Clock
from bot.store.base import new_id
from bot.store.chats import Chat
from bot.store.notices import Notice
from bot.store.residents import Resident
from bot.store.tips import Tip, Vault
from bot.terms import Lane, NoticeKind, NoticeState

CARDS = (
    NoticeKind.CARD, NoticeKind.CARD_PART, NoticeKind.CARD_ADDED, NoticeKind.CARD_RATED, NoticeKind.CARD_TIME,
)  # for who holds the tip  # fmt: skip
ASKS = (NoticeKind.TIP_SOLVED_ASK, NoticeKind.TIP_BACK_ASK)  # of the sender after closing: by day, and once


IN_DOUBT = ("unknown", "unknown_twice")  # errors of a due notice that may have left already


@dataclass(frozen=True, slots=True)
class Recipient:
    """Exactly one of: a resident (officers are residents too), a group, the hidden sender of a tip."""

    resident_id: int | None = None
    chat_id: int | None = None
    vault_id: int | None = None

    @property
    def talk(self) -> int:
        return self.resident_id or self.chat_id or self.vault_id or 0


def author_of(tip: Tip) -> Recipient:
    """Its sender: a hidden one by the vault alone."""
    return Recipient(resident_id=tip.resident_id) if tip.resident_id else Recipient(vault_id=tip.id)


@dataclass(frozen=True, slots=True)
class Promise:
    kind: NoticeKind
    to: Recipient
    lane: Lane = Lane.ANSWER
    tip_id: int | None = None
    part_id: int | None = None
    warning_id: int | None = None
    facts: dict[str, Any] | None = field(default=None)
    due_at: datetime | None = None
    expires_at: datetime | None = None


class Notices:
    def __init__(self, session: AsyncSession, clock: Clock, after_commit: Callable[[str], None]) -> None:
        self._session, self._clock, self._after_commit = session, clock, after_commit

    async def promise(self, *promises: Promise) -> None:
        """Write all of them in one statement. Someone without a messenger (never heard of) is left out."""
        if not promises:
            return
        now = self._clock.now()
        messengers = await self._messengers(promises)
        rows = [_row(item, messengers[item.to], now) for item in promises if messengers.get(item.to)]
        if rows:
            connection = await self._session.connection()  # past the ORM: nobody needs these rows here
            await connection.execute(insert(Notice), rows)
            self._after_commit("notices")

    async def withdraw(
        self, tip_id: int, kinds: Sequence[NoticeKind], residents: Collection[int] | None = None
    ) -> None:
        """What has not left yet and is not true any more; `residents` None: whoever it was promised to."""
        stale = update(Notice).where(Notice.tip_id == tip_id, Notice.kind.in_(kinds), Notice.state == NoticeState.DUE)
        if residents is not None:
            stale = stale.where(Notice.resident_id.in_(residents))
        await self._session.execute(stale.values(state=NoticeState.CANCELLED, error="moved"))

    async def _messengers(self, promises: Sequence[Promise]) -> dict[Recipient, str]:
        found: dict[Recipient, str] = {}
        residents = {item.to.resident_id: item.to for item in promises if item.to.resident_id}
        await self._session.flush()  # a vault row of this very unit is then found without asking the database
        for recipient in {item.to for item in promises if item.to.vault_id}:
            row = await self._session.get(Vault, recipient.vault_id)
            if row is not None and row.resident is not None:  # a cut link: nobody to tell
                residents[row.resident] = recipient
        by_resident: dict[int, list[Recipient]] = {}
        for resident_id, recipient in residents.items():
            by_resident.setdefault(resident_id or 0, []).append(recipient)
        for item in promises:  # the same person may be named both ways
            if item.to.resident_id and item.to not in by_resident.get(item.to.resident_id, []):
                by_resident.setdefault(item.to.resident_id, []).append(item.to)
        for resident_id, messenger in await self._accounts(by_resident):
            if messenger is not None:
                found.update(dict.fromkeys(by_resident[resident_id], messenger))
        chats = {item.to.chat_id: item.to for item in promises if item.to.chat_id}
        if chats:
            places = select(Chat.id, Chat.messenger).where(Chat.id.in_(chats))
            for chat_id, place in await self._session.execute(places):
                found[chats[chat_id]] = place
        return found

    async def _accounts(self, residents: Collection[int]) -> list[tuple[int, str | None]]:
        """Where each is written to. Whom this unit has seen already is not looked up again."""
        seen = self._session.identity_map
        rows = {resident_id: seen.get(identity_key(Resident, resident_id)) for resident_id in residents}
        found = [(resident_id, row.messenger) for resident_id, row in rows.items() if row is not None]
        missing = [resident_id for resident_id, row in rows.items() if row is None]
        if missing:
            query = select(Resident.id, Resident.messenger).where(Resident.id.in_(missing))
            found += [(resident_id, messenger) for resident_id, messenger in await self._session.execute(query)]
        return found


def _row(item: Promise, messenger: str, now: datetime) -> dict[str, Any]:
    row = Notice(seal_id=new_id(now) if item.facts else None)
    if item.facts:
        row.facts = item.facts
    return {
        "kind": item.kind,
        "messenger": messenger,
        "lane": int(item.lane),
        "talk": item.to.talk,
        "resident_id": item.to.resident_id,
        "chat_id": item.to.chat_id,
        "vault_id": item.to.vault_id,
        "warning_id": item.warning_id,
        "tip_id": item.tip_id,
        "part_id": item.part_id,
        "seal_id": row.seal_id,
        "facts_sealed": row.facts_sealed,
        "state": NoticeState.DUE,
        "due_at": item.due_at or now,
        "expires_at": item.expires_at,
        "attempts": 0,
        "fence": 0,
        "error": "",
    }
