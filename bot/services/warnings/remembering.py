"""Who did what to a warning, and when: written, approved, corrected, sent again, recalled."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from bot.i18n import Bilingual
from bot.services.officers import OfficerView
from bot.services.warnings.views import APPROVERS
from bot.services.warnings.watching import WarningsWatched
from bot.store.audit import AuditEntry
from bot.store.officers import Duty
from bot.store.warnings import Correction, Warning
from bot.terms import CorrectionState

STEERED = {
    "warning_withdrawn": "withdrawn", "warning_returned": "returned", "warning_paused": "paused",
    "warning_resumed": "resumed", "warning_cancelled": "cancelled", "warning_resent": "resent",
    "warning_recalled": "recalled",
}  # fmt: skip
SHOWN = 20  # of what was steered, the latest


@dataclass(frozen=True, slots=True)
class Happening:
    """`what` is worded by bot.speech. `text`: the words that were written then."""

    what: str
    at: datetime
    who: Bilingual | None = None
    text: Bilingual | None = None


class WarningsRemembered(WarningsWatched):
    async def happenings(self, officer: OfficerView, warning_id: int) -> list[Happening]:
        """In the order of time. Raises what watched raises."""
        row = await self._mine_or_approver(officer, warning_id)
        query = select(Correction).where(Correction.warning_id == warning_id).order_by(Correction.id)
        corrections = list(await self._session.scalars(query))
        ids = {row.author_id, row.approved_by, row.returned_by}
        ids |= {one.author_id for one in corrections} | {one.decided_by for one in corrections}
        known = await self._officers.by_ids(sorted(id_ for id_ in ids if id_ is not None))
        names = {id_: one.title for id_, one in known.items()}
        found = [Happening("written", row.created_at, names.get(row.author_id), Bilingual(row.text_kk, row.text_ru))]
        if row.approved_at is not None:
            what = "approved" if row.approved_by != row.author_id else "gone_alone"
            found.append(Happening(what, row.approved_at, names.get(row.approved_by or 0)))
        for one in corrections:
            words = Bilingual(one.text_kk, one.text_ru)
            found.append(Happening("correction_written", one.created_at, names.get(one.author_id), words))
            if one.decided_at is not None and one.decided_by != one.author_id:
                found.append(Happening(f"correction_{one.state}", one.decided_at, names.get(one.decided_by or 0)))
            elif one.state == CorrectionState.APPROVED and one.decided_at is not None:
                found.append(Happening("correction_alone", one.decided_at, names.get(one.author_id)))
        found += await self._steered(row)
        return sorted(found, key=lambda one: one.at)

    async def _steered(self, row: Warning) -> list[Happening]:
        """What the log says of it. It is looked up by those who may steer a warning: there is no index by subject."""
        steerers = select(Duty.officer_id).where(Duty.role.in_(APPROVERS))
        query = select(AuditEntry.action, AuditEntry.at, AuditEntry.officer_id).where(
            or_(AuditEntry.officer_id == row.author_id, AuditEntry.officer_id.in_(steerers)),
            AuditEntry.subject == f"warning:{row.id}",
            AuditEntry.action.in_(STEERED),
        )
        entries = (await self._session.execute(query.order_by(AuditEntry.id.desc()).limit(SHOWN))).all()
        known = await self._officers.by_ids(sorted({officer_id for _action, _at, officer_id in entries if officer_id}))
        found = [Happening(STEERED[action], at, known[officer_id or 0].title) for action, at, officer_id in entries]
        done = {one.what for one in found}
        for what, at in (("resent", row.resent_at), ("recalled", row.recalled_at)):
            if at is not None and what not in done:  # by somebody who may steer nothing any more
                found.append(Happening(what, at))
        return found
