"""Ready answers of the department: a text in both languages for a category and a step, kept and changed by staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound
from bot.i18n import Bilingual, moment, speaking
from bot.services.answers.checking import STEPS, VARIABLES, Entry, check, fill
from bot.services.audit import Audit
from bot.services.officers import OfficerView
from bot.store.tips import AnswerTemplate, Category
from bot.terms import Language

EMERGENCY = "102"  # where an officer has no telephone of his own


@dataclass(frozen=True, slots=True)
class AnswerView:
    code: str
    category: str  # empty: any
    step: str
    is_automatic: bool
    title: Bilingual
    text: Bilingual


@dataclass(frozen=True, slots=True)
class Filling:
    """What the variables of a ready answer stand for. `due_at`: what the sender was promised, no clock of our own."""

    number: int
    officer: OfficerView
    due_at: datetime | None
    zone: ZoneInfo

    def facts(self, language: Language) -> dict[str, str]:
        with speaking(language):
            return {
                "number": str(self.number),
                "officer": self.officer.title.of(language),
                "phone": self.officer.phone or EMERGENCY,
                "due": moment(self.due_at, self.zone) if self.due_at else "–",
            }


class Answers:
    def __init__(self, session: AsyncSession, audit: Audit) -> None:
        self._session, self._audit = session, audit

    async def ready(self, category: str, step: str) -> list[AnswerView]:
        """Those of the category before those of any."""
        query = (
            select(AnswerTemplate)
            .where(AnswerTemplate.step == step, AnswerTemplate.category.in_((category, "")))
            .order_by(AnswerTemplate.category == "", AnswerTemplate.position, AnswerTemplate.code)
        )
        return [_view(row) for row in await self._session.scalars(query)]

    async def get(self, code: str) -> AnswerView:
        row = await self._session.get(AnswerTemplate, code)
        if row is None:
            raise NotFound
        return _view(row)

    async def automatic(self, category: str, step: str) -> AnswerView | None:
        """What is sent by itself at this step."""
        return next((answer for answer in await self.ready(category, step) if answer.is_automatic), None)

    async def everything(self) -> list[AnswerView]:
        rows = await self._session.scalars(select(AnswerTemplate).order_by(AnswerTemplate.position))
        return [_view(row) for row in rows]

    async def faults(self, entries: Sequence[object]) -> list[str]:
        """All that is wrong with the entries of a file; nothing is written."""
        return check(entries, set(await self._session.scalars(select(Category.code))))

    async def replace_all(self, entries: Sequence[Entry], by: OfficerView | None = None) -> int:
        """These and no others; the entries were checked. How many there are now."""
        await self._session.execute(delete(AnswerTemplate))
        self._session.add_all(AnswerTemplate(**row) for row in rows_of(entries))
        await self._session.flush()
        await self._audit.write("answers_loaded", by=by, count=len(entries))
        return len(entries)


def said(answer: AnswerView, filling: Filling) -> Bilingual:
    """With its variables filled, each language in its own words."""
    kk, ru = (fill(answer.text.of(one), filling.facts(one)) for one in (Language.KK, Language.RU))
    return Bilingual(kk, ru)


def rows_of(entries: Sequence[Entry]) -> list[dict[str, object]]:
    """As the table keeps them, in the order of the file."""
    return [
        {
            "code": entry["code"],
            "category": entry.get("category", ""),
            "step": entry["step"],
            "is_automatic": entry.get("automatic", False),
            "title_kk": entry["title_kk"],
            "title_ru": entry["title_ru"],
            "text_kk": entry["kk"],
            "text_ru": entry["ru"],
            "position": position,
        }
        for position, entry in enumerate(entries)
    ]


def _view(row: AnswerTemplate) -> AnswerView:
    title, text = Bilingual(row.title_kk, row.title_ru), Bilingual(row.text_kk, row.text_ru)
    return AnswerView(row.code, row.category, row.step, row.is_automatic, title, text)


__all__ = ["STEPS", "VARIABLES", "AnswerView", "Answers", "Entry", "Filling", "check", "fill", "rows_of", "said"]
