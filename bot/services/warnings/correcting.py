"""Recalled at once, corrected when a second officer has looked at it: stopping what is wrong must not wait, saying
something new must."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.errors import (
    ApprovedAlready,
    ChangedSince,
    CorrectionWaits,
    NobodyApproves,
    NotAllowed,
    NotAwaiting,
    NotFound,
    OwnWork,
    ReturnedAlready,
    WarningNotOut,
)
from bot.i18n import Bilingual
from bot.services.notices import Promise, Recipient
from bot.services.officers import OfficerView
from bot.services.warnings.approving import REASON_LIMIT, WarningsApproved
from bot.services.warnings.changing import WarningsChanged
from bot.services.warnings.views import APPROVERS, GOING, LASTS, PUBLISHED, Audience, WarningView, stamp_of
from bot.store.base import new_id
from bot.store.officers import Officer
from bot.store.warnings import Correction, Warning
from bot.terms import CorrectionState, Lane, NoticeKind, WarningState


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """Both versions, as a second officer compares them."""

    id: int
    warning: WarningView
    author: Bilingual
    text: Bilingual
    created_at: datetime

    @property
    def stamp(self) -> str:
        """Of what was looked at: see WarningView.stamp."""
        return stamp_of(self.warning.published, self.warning.change, self.text)


class WarningsCorrected(WarningsApproved, WarningsChanged):
    async def recall(self, officer: OfficerView, warning_id: int) -> WarningView:
        """What has not left will not leave; what has is edited (Telegram) or followed by a message (WhatsApp).

        For its author and for everybody who may approve; both are told. Raises NotFound, WarningNotOut."""
        row = self._still_out(await self._mine_or_approver(officer, warning_id))
        if row.state in (*GOING, WarningState.STOPPED):
            row.state, row.done_at = WarningState.CANCELLED, None
        await self.drop(row.id)
        row.recalled_at = self._clock.now()
        told = [row.author_id, row.approved_by]
        if row.proposal_id is not None:
            proposal = await self._session.get_one(Correction, row.proposal_id)
            told.append(proposal.author_id)
            await self._set_aside(row, proposal, CorrectionState.WITHDRAWN)
        await self._alarm(row, "recalled", officer, *told)
        return await self._announce(officer, row, "warning_recalled")

    async def to_recall(self, officer: OfficerView, warning_id: int) -> WarningView:
        """What a recall would begin from. Raises NotFound, WarningNotOut."""
        return await self._view(self._still_out(await self._mine_or_approver(officer, warning_id)))

    async def correct(
        self, officer: OfficerView, warning_id: int, words: Bilingual, seen: int | None = None
    ) -> WarningView:
        """Hands a correction in, or sends it where nobody needs to approve it. `seen`: the number of the change the
        officer has looked at.

        Raises WarningIncomplete, WarningTooLong, ChangedSince, CorrectionWaits, NobodyApproves."""
        row = await self._changeable(officer, warning_id)
        if seen is not None and seen != row.change:
            raise ChangedSince
        if row.proposal_id is not None:
            raise CorrectionWaits
        self.check(words, with_media=row.media_id is not None)
        alone = await self.goes_alone(officer, Audience.from_json(row.audience))
        others = [] if alone else await self.approvers(officer)
        if not alone and not others:
            raise NobodyApproves
        now = self._clock.now()
        proposal = Correction(
            id=new_id(now),
            warning_id=row.id,
            author_id=officer.id,
            text_kk=words.kk,
            text_ru=words.ru,
            state=CorrectionState.AWAITING,
            created_at=now,
            reason="",
        )
        self._session.add(proposal)
        await self._session.flush()
        if alone:
            return await self._let_go(row, proposal, officer)
        row.proposal_id = proposal.id
        await self._audit.write("correction_submitted", by=officer, subject=f"warning:{row.id}", correction=proposal.id)
        await self._ask_about(row, proposal, officer, others)
        return await self._view(row)

    async def corrections_awaiting(self, officer: OfficerView, limit: int = 8) -> list[CorrectionView]:
        """What waits for his decision. Raises NotAllowed."""
        if not officer.has(*APPROVERS):
            raise NotAllowed
        query = (
            select(Correction, Warning)
            .join(Warning, Warning.proposal_id == Correction.id)
            .where(Correction.author_id != officer.id)
            .order_by(Correction.id)
            .limit(limit)
        )
        found = [(proposal, row) for proposal, row in await self._session.execute(query)]
        return [await self._compared(row, proposal) for proposal, row in found]

    async def reviewed_correction(self, officer: OfficerView, correction_id: int) -> CorrectionView:
        """What is to be decided on. Raises what approve_correction raises."""
        return await self._compared(*await self._proposed(officer, correction_id))

    async def approve_correction(self, officer: OfficerView, correction_id: int, seen: str = "") -> WarningView:
        """It goes as it is, and at once. `seen`: the stamp of what the officer has looked at.

        Raises NotAllowed, NotFound, OwnWork, NotAwaiting, ApprovedAlready, ReturnedAlready, ChangedSince,
        WarningNotOut."""
        row, proposal = await self._proposed(officer, correction_id)
        if seen and seen != (await self._compared(row, proposal)).stamp:
            raise ChangedSince
        self._still_out(row)
        await self._drop_reviews(row.id)
        await self._alarm(row, "corrected", officer, proposal.author_id)
        return await self._let_go(row, proposal, officer)

    async def return_correction(self, officer: OfficerView, correction_id: int, reason: str) -> WarningView:
        """To its author, who is told why; the warning stays as it is. Raises what approve_correction raises."""
        row, proposal = await self._proposed(officer, correction_id)
        proposal.reason = reason[:REASON_LIMIT]
        await self._set_aside(row, proposal, CorrectionState.RETURNED, officer)
        await self._audit.write("correction_returned", by=officer, subject=f"warning:{row.id}", correction=proposal.id)
        facts = {"kk": officer.title.kk, "ru": officer.title.ru, "reason": proposal.reason}
        await self._tell_returned(row, proposal, facts)
        return await self._view(row)

    async def withdraw_correction(self, officer: OfficerView, warning_id: int) -> WarningView:
        """Taken back by whoever may correct the warning, while nobody has decided. Raises NotFound, NotAwaiting."""
        row = await self._own(officer, warning_id)
        if row.proposal_id is None:
            raise NotAwaiting
        proposal = await self._session.get_one(Correction, row.proposal_id)
        await self._set_aside(row, proposal, CorrectionState.WITHDRAWN)
        await self._audit.write("correction_withdrawn", by=officer, subject=f"warning:{row.id}", correction=proposal.id)
        return await self._view(row)

    async def expire_corrections(self) -> None:
        """What nobody approved in time does not go later by mistake: its author is told."""
        query = select(Warning).join(Correction, Correction.id == Warning.proposal_id)
        late = query.where(Correction.created_at <= self._clock.now() - LASTS).with_for_update(of=Warning)
        for row in await self._session.scalars(late):
            proposal = await self._session.get_one(Correction, row.proposal_id)
            await self._set_aside(row, proposal, CorrectionState.EXPIRED)
            await self._audit.write("correction_expired", subject=f"warning:{row.id}", correction=proposal.id)
            await self._tell_returned(row, proposal, {})

    # -- what these share

    def _still_out(self, row: Warning) -> Warning:
        if row.state not in PUBLISHED or row.recalled_at is not None:
            raise WarningNotOut
        return row

    async def _proposed(self, officer: OfficerView, correction_id: int) -> tuple[Warning, Correction]:
        """The warning is locked: of two who decide at once the second is told who was first."""
        if not officer.has(*APPROVERS):
            raise NotAllowed
        proposal = await self._session.get(Correction, correction_id)
        if proposal is None:
            raise NotFound
        row = await self._session.get_one(
            Warning, proposal.warning_id, with_for_update=True, populate_existing=True
        )  # fmt: skip
        await self._session.refresh(proposal)
        if proposal.author_id == officer.id:
            raise OwnWork
        if proposal.state == CorrectionState.RETURNED and proposal.decided_by is not None:
            raise ReturnedAlready(officer=await self._title(proposal.decided_by))
        if proposal.state == CorrectionState.APPROVED and proposal.decided_by is not None:
            raise ApprovedAlready(officer=await self._title(proposal.decided_by))
        if proposal.state != CorrectionState.AWAITING:
            raise NotAwaiting
        return row, proposal

    async def _compared(self, row: Warning, proposal: Correction) -> CorrectionView:
        text = Bilingual(proposal.text_kk, proposal.text_ru)
        author = await self._title(proposal.author_id)
        return CorrectionView(proposal.id, await self._view(row), author, text, proposal.created_at)

    async def _let_go(self, row: Warning, proposal: Correction, officer: OfficerView) -> WarningView:
        row.proposal_id = None
        row.correction_kk, row.correction_ru = proposal.text_kk, proposal.text_ru
        proposal.state, proposal.decided_by = CorrectionState.APPROVED, officer.id
        proposal.decided_at = self._clock.now()
        return await self._announce(officer, row, "warning_corrected")

    async def _set_aside(
        self, row: Warning, proposal: Correction, state: CorrectionState, officer: OfficerView | None = None
    ) -> None:
        row.proposal_id = None
        proposal.state, proposal.decided_at = state, self._clock.now()
        proposal.decided_by = officer.id if officer else None
        await self._drop_reviews(row.id)

    async def _ask_about(
        self, row: Warning, proposal: Correction, author: OfficerView, others: list[OfficerView]
    ) -> None:
        facts = {"kk": author.title.kk, "ru": author.title.ru, "correction": proposal.id}
        ends = self._clock.now() + LASTS
        await self._notices.promise(
            *(
                Promise(
                    NoticeKind.WARNING_REVIEW,
                    Recipient(resident_id=one.resident_id),
                    Lane.URGENT,
                    warning_id=row.id,
                    facts=facts,
                    expires_at=ends,
                )
                for one in others
            )
        )

    async def _tell_returned(self, row: Warning, proposal: Correction, facts: dict[str, str]) -> None:
        for account in await self._accounts([proposal.author_id]):
            to, told = Recipient(resident_id=account), {**facts, "correction": proposal.id}
            await self._notices.promise(
                Promise(NoticeKind.WARNING_RETURNED, to, Lane.ANSWER, warning_id=row.id, facts=told)
            )

    async def _alarm(self, row: Warning, what: str, officer: OfficerView, *told: int | None) -> None:
        """To these officers, but for the one who has done it."""
        others = {one for one in told if one is not None} - {officer.id}
        facts = {"alarm": what, "what": row.code, "kk": officer.title.kk, "ru": officer.title.ru}
        await self._notices.promise(
            *(
                Promise(NoticeKind.ALARM, Recipient(resident_id=account), Lane.URGENT, facts=facts)
                for account in await self._accounts(sorted(others))
            )
        )

    async def _accounts(self, officer_ids: list[int]) -> list[int]:
        query = select(Officer.resident_id).where(
            Officer.id.in_(officer_ids), Officer.is_active, Officer.resident_id.is_not(None)
        )
        return [account for account in await self._session.scalars(query) if account is not None]
