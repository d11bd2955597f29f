"""Who did what to a warning, and when: written, approved, corrected, sent again, recalled."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.i18n import Bilingual
from bot.services.officers import OfficerView
from bot.services.warnings.watching import WarningsWatched
from bot.store.warnings import Correction
from bot.terms import CorrectionState


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
        if row.resent_at is not None:
            found.append(Happening("resent", row.resent_at))
        if row.recalled_at is not None:
            found.append(Happening("recalled", row.recalled_at))
        return sorted(found, key=lambda one: one.at)
