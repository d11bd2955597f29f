"""Files people send: written down as wanted, fetched outside the unit, kept by content hash."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.services.notices import Notices, Promise, Recipient, author_of
from bot.store.base import new_id
from bot.store.media import Media
from bot.store.notices import Notice
from bot.store.officers import Duty, Officer
from bot.store.tips import Tip, TipPart
from bot.terms import Identity, Lane, Messenger, NoticeKind, NoticeState, PartKind

MEGABYTE = 1024 * 1024
TELEGRAM_FETCH_LIMIT = 20 * MEGABYTE  # Bot API: getFile serves at most 20 MB
WHATSAPP_FETCH_LIMIT = 16 * MEGABYTE  # Twilio: media of a message is at most 16 MB
TRIES = 5
NAMELESS = (PartKind.PHOTO, PartKind.VOICE, PartKind.VIDEO_NOTE)  # Telegram passes the name of every other file on


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

    def make(self, messenger: Messenger, mime: str) -> int:
        """A file that we make ourselves, outside the unit."""
        now = self._clock.now()
        row = Media(id=new_id(now), messenger=messenger, kind=PartKind.DOCUMENT, mime=mime, state="making", reason="",
                    attempts=0, due_at=now, created_at=now)  # fmt: skip
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

    async def stored(
        self,
        media_id: int,
        digest: bytes,
        size: int,
        mime: str,
        original: bytes | None = None,
        point: tuple[float, float] | None = None,
    ) -> None:
        """The file is on the shelf: it follows the card to whoever holds the tip now.

        Of a picture `digest` is its working copy and `original` what was sent; `point`: where it says it was taken,
        which its sender alone is told."""
        row = await self._session.get_one(Media, media_id)
        if row.state == "stored":
            return
        row.state, row.digest, row.size, row.mime, row.original = "stored", digest, size, mime[:80], original
        await self._tell_holder(media_id)
        if point is not None:
            await self._offer_point(row, point)

    async def refuse(self, media_id: int, reason: str) -> None:
        row = await self._session.get_one(Media, media_id)
        row.state, row.reason = "refused", reason[:40]
        await self._tell_holder(media_id)
        await self._tell_sender(media_id, row.reason)

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
        if row is None or row.state == "refused":
            return None
        if row.messenger == messenger and not _is_told_too_much(row) and not await self._has_a_hidden_name(row):
            return row.file
        return (row.sent_as or {}).get(messenger)

    async def remember_file_id(self, media_id: int, messenger: Messenger, file_id: str) -> None:
        row = await self._session.get(Media, media_id)
        if row is not None:
            row.sent_as = {**(row.sent_as or {}), messenger.value: file_id}

    async def _has_a_hidden_name(self, row: Media) -> bool:
        """What its sender called a file may tell who he is: of a hidden tip it goes on under a name of ours."""
        if row.kind in NAMELESS:
            return False
        found = await self._part_of(row.id)
        return found is not None and found[0].officer_id is None and found[1].identity != Identity.NAMED

    async def _part_of(self, media_id: int) -> tuple[TipPart, Tip] | None:
        query = select(TipPart, Tip).join(Tip, Tip.id == TipPart.tip_id).where(TipPart.media_id == media_id)
        found = (await self._session.execute(query)).first()
        return None if found is None else (found[0], found[1])

    async def _release(self, part: TipPart) -> None:
        """What waited for this file waits no longer."""
        now = self._clock.now()
        waits = (Notice.tip_id == part.tip_id, Notice.part_id == part.id, Notice.state == NoticeState.DUE)
        held = update(Notice).where(*waits, Notice.due_at > now, Notice.attempts == 0)
        await self._session.execute(held.values(due_at=now).execution_options(synchronize_session=False))
        self._after_commit("notices")

    async def _offer_point(self, row: Media, point: tuple[float, float]) -> None:
        """Kept only where it may become the place of the event: a tip whose place is not known to the metre."""
        found = await self._part_of(row.id)
        if found is None:
            return
        part, tip = found
        if part.officer_id is not None or tip.lat is not None or tip.closed_at is not None or tip.identity == "cut":
            return
        row.point = list(point)
        await self._notices.promise(
            Promise(NoticeKind.TIP_POINT_ASK, author_of(tip), Lane.ANSWER, tip_id=tip.id, part_id=part.id)
        )

    async def _tell_sender(self, media_id: int, reason: str) -> None:
        """Whoever sent it, resident or officer, must know that it is not there."""
        found = await self._part_of(media_id)
        if found is None:
            return
        part, tip = found
        to = author_of(tip)
        if part.officer_id is not None:
            account = await self._session.scalar(select(Officer.resident_id).where(Officer.id == part.officer_id))
            if account is None:
                return
            to = Recipient(resident_id=account)
        facts = {"reason": reason, "number": tip.number}
        await self._notices.promise(Promise(NoticeKind.FILE_REFUSED, to, Lane.ANSWER, facts=facts))

    async def _tell_holder(self, media_id: int) -> None:
        found = await self._part_of(media_id)
        if found is None:
            return
        part, tip = found
        await self._release(part)
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


def _is_told_too_much(row: Media) -> bool:
    """A picture sent as a file still carries its maker and its place: the messenger's own copy is never passed on."""
    return row.original is not None and row.kind != PartKind.PHOTO


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
