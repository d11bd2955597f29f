"""The second pair of eyes: what one officer has written goes only when another has approved it.

What is approved is what goes: between handing in and leaving nothing of it can be changed."""

from sqlalchemy import select, update

from bot.errors import (
    ApprovedAlready,
    ChangedSince,
    NobodyApproves,
    NotAllowed,
    NotAwaiting,
    NotFound,
    OwnWork,
    ReturnedAlready,
)
from bot.i18n import Bilingual
from bot.services.notices import Promise, Recipient
from bot.services.officers import OfficerView
from bot.services.warnings.counting import word_of
from bot.services.warnings.views import APPROVERS, LASTS, Audience, WarningDraft, WarningView
from bot.services.warnings.writing import WarningsWritten, _fill
from bot.store.notices import Notice
from bot.store.officers import Officer
from bot.store.warnings import Warning
from bot.terms import Lane, NoticeKind, NoticeState, WarningState

REASON_LIMIT = 500
WITH_AUTHOR = (WarningState.DRAFT, WarningState.RETURNED)
IN_TIME = "in_time"  # stop_reason of what nobody approved in time


class WarningsApproved(WarningsWritten):
    async def approvers(self, author: OfficerView) -> list[OfficerView]:
        """Who can be asked: those with an account, never the author himself."""
        others = await self._officers.with_role(*APPROVERS)
        return [one for one in others if one.id != author.id and one.resident_id is not None]

    async def goes_alone(self, author: OfficerView, audience: Audience) -> bool:
        """Without a second officer: an inspector's own people, where the department has switched that on."""
        return not self._own_need_approval and bool(author.precinct_ids) and await self.is_own(author, audience)

    async def submit(self, author: OfficerView, draft: WarningDraft, again: int | None = None) -> WarningView:
        """Hands it in, or sends it where nobody needs to approve it. `again`: one of his that came back to him.

        Raises NobodyApproves, and what check_draft raises."""
        await self.check_draft(author, draft)
        alone = await self.goes_alone(author, draft.audience)
        others = [] if alone else await self.approvers(author)
        if not alone and not others:
            raise NobodyApproves
        row = await self._with_author(author, again) if again else None
        if row is None:
            row = self._new(author, draft)
            self._session.add(row)
        else:
            _fill(row, draft)
        row.returned_by, row.returned_reason, row.stop_reason = None, "", ""
        if alone:
            await self._session.flush()
            await self._audit.write("warning_published", by=author, subject=f"warning:{row.id}", urgent=row.is_urgent)
            return await self._send(row, author, author.id)
        row.state = WarningState.AWAITING
        row.expires_at = row.expires_at or self.goes_at(is_urgent=row.is_urgent) + LASTS
        await self._session.flush()
        await self._audit.write("warning_submitted", by=author, subject=f"warning:{row.id}", urgent=row.is_urgent)
        await self._ask(row, author, others)
        return await self._view(row)

    async def _ask(self, row: Warning, author: OfficerView, others: list[OfficerView]) -> None:
        facts = {"kk": author.title.kk, "ru": author.title.ru}
        lane = Lane.URGENT if row.is_urgent else Lane.ANSWER
        await self._notices.promise(
            *(
                Promise(
                    NoticeKind.WARNING_REVIEW,
                    Recipient(resident_id=one.resident_id),
                    lane,
                    warning_id=row.id,
                    facts=facts,
                    expires_at=row.expires_at,
                )
                for one in others
            )
        )

    async def awaiting(self, officer: OfficerView, limit: int = 8) -> list[WarningView]:
        """What waits for his decision, urgent first. Raises NotAllowed."""
        if not officer.has(*APPROVERS):
            raise NotAllowed
        query = (
            select(Warning)
            .where(Warning.state == WarningState.AWAITING, Warning.author_id != officer.id)
            .where(Warning.expires_at > self._clock.now())
            .order_by(Warning.is_urgent.desc(), Warning.id)
            .limit(limit)
        )
        return [await self._view(row) for row in await self._session.scalars(query)]

    async def reviewed(self, officer: OfficerView, warning_id: int) -> tuple[WarningView, Bilingual]:
        """What is to be decided on, and who wrote it. Raises what approve raises."""
        row = await self._awaiting(officer, warning_id)
        author = (await self._officers.by_ids([row.author_id]))[row.author_id]
        return await self._view(row), author.title

    async def approve(self, officer: OfficerView, warning_id: int, seen: str = "") -> WarningView:
        """The audience is fixed now, and it goes as it is. `seen`: the stamp of what the officer has looked at.

        Raises NotAllowed, NotFound, OwnWork, NotAwaiting, ApprovedAlready, ReturnedAlready, ChangedSince, FileNotTaken,
        FileOnItsWay, NothingToSend."""
        row = await self._awaiting(officer, warning_id)
        view = await self._view(row)
        if seen and seen != view.stamp:
            raise ChangedSince
        await self.check_file(view.media_id)
        await self._must_reach(view.audience, view.topic)
        await self._audit.write("warning_approved", by=officer, subject=f"warning:{row.id}", urgent=row.is_urgent)
        await self._drop_reviews(row.id)
        author = (await self._officers.by_ids([row.author_id]))[row.author_id]
        return await self._send(row, author, officer.id)

    async def give_back(self, officer: OfficerView, warning_id: int, reason: str) -> WarningView:
        """To its author, who is told why and keeps all he has written. Raises what approve raises."""
        row = await self._awaiting(officer, warning_id)
        row.state, row.returned_by, row.returned_reason = WarningState.RETURNED, officer.id, reason[:REASON_LIMIT]
        await self._audit.write("warning_returned", by=officer, subject=f"warning:{row.id}")
        await self._drop_reviews(row.id)
        await self._tell_author(row, {"kk": officer.title.kk, "ru": officer.title.ru})
        return await self._view(row)

    async def withdraw(self, author: OfficerView, warning_id: int) -> WarningView:
        """The author takes back what nobody has decided on yet. Raises NotFound, NotAwaiting."""
        row = await self._session.get(Warning, warning_id, with_for_update=True, populate_existing=True)
        if row is None or row.author_id != author.id:
            raise NotFound
        if row.state != WarningState.AWAITING:
            raise NotAwaiting
        row.state = WarningState.DRAFT
        await self._audit.write("warning_withdrawn", by=author, subject=f"warning:{row.id}")
        await self._drop_reviews(row.id)
        return await self._view(row)

    async def draft(self, author: OfficerView, warning_id: int) -> WarningDraft:
        """His own that came back to him, as he wrote it. Raises NotFound."""
        row = await self._with_author(author, warning_id)
        return WarningDraft(
            Bilingual(row.text_kk, row.text_ru),
            Audience.from_json(row.audience),
            row.scheme,
            row.media_id,
            row.is_urgent,
            row.reason,
            row.topic,
            row.expires_at,
            row.repeats_doubt,
        )

    async def let_expire(self) -> None:
        """What nobody approved in time goes back to its author: it must not go later by mistake."""
        now = self._clock.now()
        query = select(Warning).where(Warning.state == WarningState.AWAITING, Warning.expires_at <= now)
        for row in await self._session.scalars(query.with_for_update()):
            row.state, row.stop_reason = WarningState.RETURNED, IN_TIME
            await self._audit.write("warning_expired", subject=f"warning:{row.id}")
            await self._drop_reviews(row.id)
            await self._tell_author(row, {})

    async def _awaiting(self, officer: OfficerView, warning_id: int) -> Warning:
        """Locked: of two who decide at once the second is told who was first."""
        if not officer.has(*APPROVERS):
            raise NotAllowed
        row = await self._session.get(Warning, warning_id, with_for_update=True, populate_existing=True)
        if row is None:
            raise NotFound
        if row.author_id == officer.id:
            raise OwnWork
        if row.state == WarningState.RETURNED and row.returned_by is not None:
            raise ReturnedAlready(officer=await self._title(row.returned_by))
        if row.state != WarningState.AWAITING and row.approved_by is not None:
            raise ApprovedAlready(officer=await self._title(row.approved_by))
        if row.state != WarningState.AWAITING or (row.expires_at is not None and row.expires_at <= self._clock.now()):
            raise NotAwaiting
        return row

    async def _title(self, officer_id: int) -> Bilingual:
        return (await self._officers.by_ids([officer_id]))[officer_id].title

    async def _with_author(self, author: OfficerView, warning_id: int) -> Warning:
        row = await self._session.get(Warning, warning_id, with_for_update=True, populate_existing=True)
        if row is None or row.author_id != author.id or row.state not in WITH_AUTHOR:
            raise NotFound
        return row

    async def _drop_reviews(self, warning_id: int) -> None:
        """Who has not been asked yet needs not be asked."""
        unsent = update(Notice).where(
            *word_of(warning_id, NoticeKind.WARNING_REVIEW), Notice.state == NoticeState.DUE
        )  # fmt: skip
        await self._session.execute(unsent.values(state=NoticeState.CANCELLED, error="decided"))

    async def _tell_author(self, row: Warning, facts: dict[str, str]) -> None:
        account = await self._session.scalar(
            select(Officer.resident_id).where(Officer.id == row.author_id, Officer.is_active)
        )
        if account is None:
            return
        to = Recipient(resident_id=account)
        await self._notices.promise(
            Promise(NoticeKind.WARNING_RETURNED, to, Lane.ANSWER, warning_id=row.id, facts=facts or None)
        )
