"""Checking a draft, and sending what may go: text and audience are fixed here."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.errors import (
    ExpiryTooLate,
    ExpiryTooSoon,
    FileNotTaken,
    FileOnItsWay,
    NotAllowed,
    NotFound,
    NothingToSend,
    WarningIncomplete,
    WarningTooLong,
)
from bot.i18n import Bilingual
from bot.services.notices import Promise, Recipient
from bot.services.officers import OfficerView
from bot.services.quiet import next_allowed
from bot.services.subscriptions import topic
from bot.services.warnings.aiming import WarningsAimed
from bot.services.warnings.views import (
    CAPTION_LIMIT,
    CODE_LETTERS,
    LASTS,
    LASTS_AT_MOST,
    TEXT_LIMIT,
    Audience,
    SchemeView,
    WarningDraft,
    WarningView,
    scheme_view,
)
from bot.store.base import new_id
from bot.store.media import Media
from bot.store.warnings import Scheme, Warning
from bot.terms import Lane, NoticeKind, WarningState


class WarningsWritten(WarningsAimed):
    async def schemes(self) -> list[SchemeView]:
        return [scheme_view(row) for row in await self._session.scalars(select(Scheme).order_by(Scheme.position))]

    async def scheme(self, code: str) -> SchemeView:
        row = await self._session.get(Scheme, code)
        if row is None:
            raise NotFound
        return scheme_view(row)

    def check(self, text: Bilingual, *, with_media: bool = False) -> None:
        """Both languages, short enough for both messengers. Raises WarningIncomplete, WarningTooLong."""
        limit = CAPTION_LIMIT if with_media else TEXT_LIMIT
        for words in (text.kk, text.ru):
            if not words.strip():
                raise WarningIncomplete
            length = len(words.encode("utf-16-le")) // 2
            if length > limit:
                raise WarningTooLong(length=length, limit=limit)

    def goes_at(self, *, is_urgent: bool, at: datetime | None = None) -> datetime:
        """When it would leave if it were published now, or at `at`."""
        at = at or self._clock.now()
        return at if is_urgent else next_allowed(at, self._quiet, self._zone)

    async def check_draft(self, author: OfficerView, draft: WarningDraft) -> None:
        """All that must hold before anybody is asked to approve it. Urgent needs a written reason.

        Raises NotAllowed, WarningIncomplete, WarningTooLong, ExpiryTooSoon, ExpiryTooLate, FileNotTaken, FileOnItsWay,
        NothingToSend."""
        if not await self.may_reach(author, draft.audience):
            raise NotAllowed
        if draft.is_urgent and not draft.reason.strip():
            raise NotAllowed
        topic(draft.topic)
        self.check(draft.text, with_media=draft.media_id is not None)
        self.check_expiry(draft.expires_at, is_urgent=draft.is_urgent)
        await self.check_file(draft.media_id)
        await self._must_reach(draft.audience, draft.topic)

    def check_expiry(self, expires_at: datetime | None, *, is_urgent: bool) -> None:
        """Raises ExpiryTooSoon, ExpiryTooLate."""
        if expires_at is None:
            return
        if expires_at <= self.goes_at(is_urgent=is_urgent):
            raise ExpiryTooSoon
        if expires_at > self._clock.now() + LASTS_AT_MOST + timedelta(days=1):  # a day is meant to its end
            raise ExpiryTooLate

    async def check_file(self, media_id: int | None) -> None:
        """Nobody gets a file that was not fetched and looked at: by its id alone Telegram would pass anything on.

        Raises FileNotTaken, FileOnItsWay."""
        if media_id is None:
            return
        media = await self._session.get(Media, media_id)
        if media is None or media.state in ("refused", "lost"):
            raise FileNotTaken
        if media.state != "stored":
            raise FileOnItsWay

    async def _must_reach(self, audience: Audience, topic: str) -> None:
        reach = await self.reach(audience, topic)
        if not reach.chats and not reach.people:
            raise NothingToSend

    async def publish(
        self,
        author: OfficerView,
        draft: WarningDraft,
        campaign_id: int | None = None,
        approved_by: int | None = None,
    ) -> WarningView:
        """Straight out: for what a second officer has approved already, and for what needs none. Dialogs `submit`."""
        await self.check_draft(author, draft)
        row = self._new(author, draft)
        row.campaign_id = campaign_id
        self._session.add(row)
        await self._session.flush()
        await self._audit.write("warning_published", by=author, subject=f"warning:{row.id}", urgent=draft.is_urgent)
        return await self._send(row, author, approved_by or author.id)

    def _new(self, author: OfficerView, draft: WarningDraft) -> Warning:
        now = self._clock.now()
        row = Warning(
            id=new_id(now),
            code="".join(secrets.choice(CODE_LETTERS) for _ in range(6)),
            author_id=author.id,
            created_at=now,
            cursor_chat=0,
            cursor_resident=0,
            state=WarningState.DRAFT,
        )
        _fill(row, draft)
        return row

    async def _send(self, row: Warning, author: OfficerView, approved_by: int) -> WarningView:
        """Its audience is that of this moment."""
        now = self._clock.now()
        row.state = WarningState.SPREADING
        row.approved_by, row.approved_at, row.audience_at = approved_by, now, now
        row.due_at = self.goes_at(is_urgent=row.is_urgent)
        row.expires_at = row.expires_at or row.due_at + LASTS
        await self._session.flush()
        if author.resident_id:
            to = Recipient(resident_id=author.resident_id)
            await self._notices.promise(Promise(NoticeKind.WARNING_PROGRESS, to, Lane.ANSWER, warning_id=row.id))
        self._after_commit("warnings")
        return await self._view(row)


def _fill(row: Warning, draft: WarningDraft) -> None:
    row.scheme, row.media_id, row.topic = draft.scheme, draft.media_id, draft.topic
    row.text_kk, row.text_ru = draft.text.kk, draft.text.ru
    row.is_urgent, row.reason = draft.is_urgent, draft.reason
    row.audience = draft.audience.as_json()
    row.expires_at, row.repeats_doubt = draft.expires_at, draft.repeats_doubt
