"""Which approved WhatsApp template says a kind of notice in a language."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.templates import Template
from bot.terms import Language, NoticeKind

APPROVED = "approved"  # Meta's word


_PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


class TemplateWord(NamedTuple):
    """What the messenger says of a template."""

    approval: str
    category: str = ""
    body: str = ""  # empty: not told this time


@dataclass(frozen=True, slots=True)
class TemplateView:
    """`approval` is the messenger's word, `is_checked` whether it was ever asked. `body` is empty until it was read."""

    content_sid: str
    variables: tuple[str, ...]
    body: str = ""
    approval: str = APPROVED
    is_checked: bool = True

    @property
    def is_usable(self) -> bool:
        return self.approval == APPROVED

    def values(self, facts: Mapping[str, str]) -> dict[str, str]:
        """By the numbers of its variables; what is not known is a dash, which Meta takes and an empty word it does
        not."""
        return {str(n): facts.get(name) or "–" for n, name in enumerate(self.variables, 1)}

    def filled(self, facts: Mapping[str, str]) -> str:
        """Its whole text as a person reads it; empty while its body is not known."""
        values = self.values(facts)
        return _PLACE.sub(lambda place: values.get(place[1], place[0]), self.body)


class WordedTemplate(NamedTuple):
    kind: NoticeKind
    language: Language
    template: TemplateView


class Templates:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, kind: NoticeKind, language: Language) -> TemplateView | None:
        """One that may be used: the messenger has said that it is approved."""
        known = await self.known(kind, language)
        return known if known is not None and known.is_usable else None

    async def known(self, kind: NoticeKind, language: Language) -> TemplateView | None:
        """Whatever its approval: also one that was never asked about."""
        row = await self._session.get(Template, (kind.value, language.value))
        if row is None:
            return None
        variables, is_checked = tuple(row.variables), row.checked_at is not None
        return TemplateView(row.content_sid, variables, row.body, row.approval, is_checked)

    async def worded(self, *kinds: NoticeKind) -> list[WordedTemplate]:
        """Those whose words are known, approved now or not: messages that went by them are still in people's chats."""
        query = select(Template).where(Template.kind.in_(kinds), Template.body != "")
        rows = await self._session.scalars(query.order_by(Template.kind, Template.language))
        return [
            WordedTemplate(
                NoticeKind(row.kind),
                Language(row.language),
                TemplateView(row.content_sid, tuple(row.variables), row.body, row.approval),
            )
            for row in rows
        ]

    async def load(self, path: Path) -> int:
        """Takes the file as the truth; what is known of an approval stays. Raises ValueError with the wrong entry.
        0 when there is no file."""
        rows = read_templates(path)
        known = {row.content_sid: row for row in await self._session.scalars(select(Template))}
        for row in rows:
            before = known.get(row["content_sid"])
            if before is not None:
                kept = ("approval", "category", "body", "checked_at")
                row |= {name: getattr(before, name) for name in kept}
        await self._session.execute(delete(Template))
        if rows:
            await self._session.execute(insert(Template).execution_options(render_nulls=True), rows)
        return len(rows)

    async def checked(self, words: Mapping[str, TemplateWord], now: datetime) -> None:
        """What the messenger says of each. A body that was read once does not change: approved words stay."""
        for sid, word in words.items():
            values = {"approval": word.approval[:20], "category": word.category[:20], "checked_at": now}
            if word.body:
                values["body"] = word.body
            await self._session.execute(update(Template).where(Template.content_sid == sid).values(**values))

    async def pause(self, kind: NoticeKind, language: Language, now: datetime) -> None:
        """The messenger refused this variant: it rests until the next look at its approval."""
        mine = (Template.kind == kind.value, Template.language == language.value)
        await self._session.execute(update(Template).where(*mine).values(approval="paused", checked_at=now))

    async def table(self) -> dict[tuple[str, str], str]:
        rows = await self._session.scalars(select(Template))
        return {(row.kind, row.language): row.content_sid for row in rows}


def read_templates(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    rows = []
    for item in tomllib.loads(path.read_text(encoding="utf-8")).get("template", []):
        try:
            kind, language = NoticeKind(item["kind"]), Language(item["language"])
            sid, variables = str(item["content_sid"]), [str(name) for name in item.get("variables", [])]
        except (KeyError, ValueError) as error:
            raise ValueError(f"{path}: {item}: {error}") from None
        rows.append(
            {
                "kind": kind,
                "language": language,
                "content_sid": sid,
                "variables": variables,
                "approval": "unknown",
                "category": "",
                "body": "",
                "checked_at": None,
            }
        )
    return rows
