"""Files people send: written down as wanted, fetched outside the unit, kept by content hash."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.services.notices import Notices, Promise, Recipient
from bot.store.base import new_id
from bot.store.media import Media
from bot.store.officers import Duty, Officer
from bot.store.tips import Tip, TipPart
from bot.store.warnings import Warning
from bot.terms import Lane, Messenger, NoticeKind, PartKind

TELEGRAM_FETCH_LIMIT = 20 * 1024 * 1024  # Bot API: getFile serves at most 20 MB
WHATSAPP_FETCH_LIMIT = 16 * 1024 * 1024  # Twilio: media of a message is at most 16 MB
TRIES = 5


@dataclass(frozen=True, slots=True)
class MediaDraft:
    """A file as the messenger announced it."""

    kind: PartKind
    file: str
    mime: str = ""
    size: int | None = None


@dataclass(frozen=True, slots=True)
class MediaView:
    id: int
    messenger: Messenger
    kind: PartKind
    file: str | None
    mime: str
    size: int | None
    state: str
    digest: bytes | None
    attempts: int


class MediaShelf:
    def __init__(
        self, session: AsyncSession, clock: Clock, notices: Notices, after_commit: Callable[[str], None]
    ) -> None:
        self._session, self._clock, self._notices, self._after_commit = session, clock, notices, after_commit

    def want(self, messenger: Messenger, draft: MediaDraft) -> int:
        now = self._clock.now()
        row = Media(
            id=new_id(now),
            messenger=messenger,
            kind=draft.kind,
            mime=draft.mime[:80],
            size=draft.size,
            state="wanted",
            reason="",
            attempts=0,
            due_at=now,
            created_at=now,
        )
        row.file = draft.file
        self._session.add(row)
        self._after_commit("media")
        return row.id

    async def get(self, media_id: int) -> MediaView | None:
        row = await self._session.get(Media, media_id)
        return None if row is None else _view(row)

    async def wanted(self, limit: int = 4, messengers: Collection[Messenger] = tuple(Messenger)) -> list[MediaView]:
        query = (
            select(Media)
            .where(Media.state == "wanted", Media.due_at <= self._clock.now(), Media.messenger.in_(messengers))
            .order_by(Media.due_at)
            .limit(limit)
        )
        return [_view(row) for row in await self._session.scalars(query)]

    async def stored(self, media_id: int, digest: bytes, size: int, mime: str) -> None:
        """The file is on the shelf: it follows the card to whoever holds the tip now."""
        row = await self._session.get_one(Media, media_id)
        if row.state == "stored":
            return
        row.state, row.digest, row.size, row.mime = "stored", digest, size, mime
        await self._tell_holder(media_id)

    async def refuse(self, media_id: int, reason: str) -> None:
        row = await self._session.get_one(Media, media_id)
        row.state, row.reason = "refused", reason[:40]
        await self._tell_holder(media_id)

    async def retry_later(self, media_id: int, reason: str) -> None:
        row = await self._session.get_one(Media, media_id)
        row.attempts += 1
        if row.attempts >= TRIES:
            row.state, row.reason = "lost", reason[:40]
            await self._tell_holder(media_id)
        else:
            row.due_at = self._clock.now() + timedelta(seconds=2**row.attempts)

    async def next_due(self) -> datetime | None:
        return await self._session.scalar(
            select(Media.due_at).where(Media.state == "wanted").order_by(Media.due_at).limit(1)
        )

    async def file_id(self, media_id: int, messenger: Messenger) -> str | None:
        """The messenger's own id of this file, when it came from there or was sent there before."""
        row = await self._session.get(Media, media_id)
        if row is None:
            return None
        return row.file if row.messenger == messenger else (row.sent_as or {}).get(messenger)

    async def remember_file_id(self, media_id: int, messenger: Messenger, file_id: str) -> None:
        row = await self._session.get(Media, media_id)
        if row is not None:
            row.sent_as = {**(row.sent_as or {}), messenger.value: file_id}

    async def is_used_by_warning(self, digest: bytes) -> bool:
        query = select(Warning.id).join(Media, Media.id == Warning.media_id).where(Media.digest == digest).limit(1)
        return await self._session.scalar(query) is not None

    async def _tell_holder(self, media_id: int) -> None:
        query = select(TipPart, Tip).join(Tip, Tip.id == TipPart.tip_id).where(TipPart.media_id == media_id)
        found = (await self._session.execute(query)).first()
        if found is None:
            return
        part, tip = found
        if part.officer_id is not None:  # an officer's file goes to the sender of the tip with its own notice
            return
        holders = select(Officer.resident_id).where(Officer.is_active, Officer.resident_id.is_not(None))
        if tip.officer_id is not None:
            holders = holders.where(Officer.id == tip.officer_id)
        else:
            holders = holders.join(Duty, Duty.officer_id == Officer.id).where(Duty.desk_id == tip.desk_id).distinct()
        promises = [
            Promise(NoticeKind.CARD_PART, Recipient(resident_id=resident), Lane.ANSWER, tip_id=tip.id, part_id=part.id)
            for resident in await self._session.scalars(holders)
        ]
        await self._notices.promise(*promises)


def _view(row: Media) -> MediaView:
    return MediaView(
        row.id,
        Messenger(row.messenger),
        PartKind(row.kind),
        row.file,
        row.mime,
        row.size,
        row.state,
        row.digest,
        row.attempts,
    )
