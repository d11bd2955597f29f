"""Which approved WhatsApp template says a kind of notice in a language."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.templates import Template
from bot.terms import Language, NoticeKind

APPROVED = "approved"  # Meta's word


@dataclass(frozen=True, slots=True)
class TemplateView:
    content_sid: str
    variables: tuple[str, ...]


class Templates:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, kind: NoticeKind, language: Language) -> TemplateView | None:
        """One that may be used: approved, or never asked about yet (then the messenger itself refuses it)."""
        row = await self._session.get(Template, (kind.value, language.value))
        if row is None or not (row.approval == APPROVED or row.checked_at is None):
            return None
        return TemplateView(row.content_sid, tuple(row.variables))

    async def load(self, path: Path) -> int:
        """Takes the file as the truth; what is known of an approval stays. Raises ValueError with the wrong entry.
        0 when there is no file."""
        rows = read_templates(path)
        known = {row.content_sid: row for row in await self._session.scalars(select(Template))}
        for row in rows:
            before = known.get(row["content_sid"])
            if before is not None:
                row |= {"approval": before.approval, "category": before.category, "checked_at": before.checked_at}
        await self._session.execute(delete(Template))
        if rows:
            await self._session.execute(insert(Template).execution_options(render_nulls=True), rows)
        return len(rows)

    async def checked(self, sids: Mapping[str, tuple[str, str]], now: datetime) -> None:
        """Approval and category of each, as the messenger says them."""
        for sid, (approval, category) in sids.items():
            values = {"approval": approval[:20], "category": category[:20], "checked_at": now}
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
                "checked_at": None,
            }
        )
    return rows
