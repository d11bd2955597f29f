"""Checking and publishing: text and audience are fixed here."""

import secrets
from datetime import datetime

from sqlalchemy import func, select

from bot.errors import NotAllowed, NotFound, NothingToSend, WarningIncomplete, WarningTooLong
from bot.i18n import Bilingual
from bot.services.notices import Promise, Recipient
from bot.services.officers import OfficerView
from bot.services.quiet import next_allowed
from bot.services.warnings.records import WarningRecords
from bot.services.warnings.views import (
    CAPTION_LIMIT,
    CODE_LETTERS,
    LASTS,
    TEXT_LIMIT,
    Audience,
    Reach,
    SchemeView,
    WarningDraft,
    WarningView,
    chats_in,
    residents_in,
    scheme_view,
)
from bot.store.base import new_id
from bot.store.chats import Chat
from bot.store.endpoints import Endpoint
from bot.store.residents import Resident
from bot.store.subscriptions import Subscription
from bot.store.warnings import Scheme, Warning
from bot.terms import EndpointState, Lane, Messenger, NoticeKind, Role, WarningState


class WarningsWritten(WarningRecords):
    async def schemes(self) -> list[SchemeView]:
        return [scheme_view(row) for row in await self._session.scalars(select(Scheme).order_by(Scheme.position))]

    async def scheme(self, code: str) -> SchemeView:
        row = await self._session.get(Scheme, code)
        if row is None:
            raise NotFound
        return scheme_view(row)

    def audience_of(self, officer: OfficerView) -> Audience:
        """An inspector warns his precincts, staff the department. Raises NotAllowed."""
        if officer.has(Role.STAFF, Role.HEAD, Role.ADMIN):
            return Audience(everyone=True)
        if officer.has(Role.INSPECTOR) and officer.precinct_ids:
            return Audience(tuple(officer.precinct_ids))
        raise NotAllowed

    def check(self, text: Bilingual, *, with_media: bool = False) -> None:
        """Both languages, short enough for both messengers. Raises WarningIncomplete, WarningTooLong."""
        limit = CAPTION_LIMIT if with_media else TEXT_LIMIT
        for words in (text.kk, text.ru):
            if not words.strip():
                raise WarningIncomplete
            length = len(words.encode("utf-16-le")) // 2
            if length > limit:
                raise WarningTooLong(length=length, limit=limit)

    async def reach(self, audience: Audience) -> Reach:
        chats = await self._session.scalar(select(func.count()).select_from(Chat).where(*chats_in(audience)))
        by = (
            select(Resident.messenger, Endpoint.state, func.count())
            .join(Subscription, Subscription.resident_id == Resident.id)
            .join(Endpoint, Endpoint.id == Resident.endpoint_id)
            .where(*residents_in(audience))
            .group_by(Resident.messenger, Endpoint.state)
        )
        counts = {(messenger, state): n for messenger, state, n in await self._session.execute(by)}
        return Reach(
            chats=chats or 0,
            telegram=counts.get((Messenger.TELEGRAM, EndpointState.OPEN), 0),
            whatsapp=counts.get((Messenger.WHATSAPP, EndpointState.OPEN), 0),
            unreachable=sum(n for (_, state), n in counts.items() if state != EndpointState.OPEN),
        )

    def goes_at(self, *, is_urgent: bool, at: datetime | None = None) -> datetime:
        """When it would leave if it were published now, or at `at`."""
        at = at or self._clock.now()
        return at if is_urgent else next_allowed(at, self._quiet, self._zone)

    async def publish(self, author: OfficerView, draft: WarningDraft, campaign_id: int | None = None) -> WarningView:
        """Fixes text and audience and starts the fan-out. Urgent needs a written reason."""
        allowed = self.audience_of(author)
        if not allowed.everyone and (
            draft.audience.everyone or not set(draft.audience.precinct_ids) <= set(allowed.precinct_ids)
        ):
            raise NotAllowed
        if draft.is_urgent and not draft.reason.strip():
            raise NotAllowed
        self.check(draft.text, with_media=draft.media_id is not None)
        reach = await self.reach(draft.audience)
        if not reach.chats and not reach.people:
            raise NothingToSend
        now = self._clock.now()
        row = Warning(
            id=new_id(now),
            code="".join(secrets.choice(CODE_LETTERS) for _ in range(6)),
            author_id=author.id,
            approved_by=author.id,
            scheme=draft.scheme,
            text_kk=draft.text.kk,
            text_ru=draft.text.ru,
            media_id=draft.media_id,
            is_urgent=draft.is_urgent,
            reason=draft.reason,
            audience=draft.audience.as_json(),
            state=WarningState.SPREADING,
            campaign_id=campaign_id,
            created_at=now,
            audience_at=now,
            due_at=self.goes_at(is_urgent=draft.is_urgent),
            cursor_chat=0,
            cursor_resident=0,
        )
        row.expires_at = (row.due_at or now) + LASTS
        self._session.add(row)
        await self._session.flush()
        await self._audit.write("warning_published", by=author, subject=f"warning:{row.id}", urgent=draft.is_urgent)
        if author.resident_id:
            to = Recipient(resident_id=author.resident_id)
            await self._notices.promise(Promise(NoticeKind.WARNING_PROGRESS, to, Lane.ANSWER, warning_id=row.id))
        self._after_commit("warnings")
        return await self._view(row)
