"""Which approved WhatsApp template says a kind of notice in a language."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.templates import Template
from bot.terms import Language, NoticeKind


@dataclass(frozen=True, slots=True)
class TemplateView:
    content_sid: str
    variables: tuple[str, ...]


class Templates:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, kind: NoticeKind, language: Language) -> TemplateView | None:
        row = await self._session.get(Template, (kind.value, language.value))
        return None if row is None else TemplateView(row.content_sid, tuple(row.variables))

    async def load(self, path: Path) -> int:
        """Takes the file as the truth. Raises ValueError with the entry that is wrong. 0 when there is no file."""
        rows = read_templates(path)
        await self._session.execute(delete(Template))
        if rows:
            await self._session.execute(insert(Template), rows)
        return len(rows)

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
            {"kind": kind, "language": language, "content_sid": sid, "variables": variables, "approval": "unknown"}
        )
    return rows
