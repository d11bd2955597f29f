"""A warning as others see it, its audience, and its limits."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, true

from bot.i18n import Bilingual
from bot.store.chats import Chat
from bot.store.residents import Resident
from bot.store.warnings import Scheme
from bot.terms import EndpointState, NoticeState, PartKind, WarningState

CHUNK = 20_000  # rows a transaction: the longest lock stays short (measured 35 ms on SQLite)
LASTS = timedelta(days=3)
TEXT_LIMIT = 1500  # both languages go to groups in one Telegram message of 4,096; a WhatsApp body holds 1,600
CAPTION_LIMIT = 1024 - 44  # a picture's caption in one language with the code's line: every scheme card fits
CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
OPEN_STATES = (NoticeState.DUE, NoticeState.SENDING)


@dataclass(frozen=True, slots=True)
class SchemeView:
    code: str
    icon: str
    title: Bilingual
    text: Bilingual


@dataclass(frozen=True, slots=True)
class Audience:
    """Precincts, or the whole department."""

    precinct_ids: tuple[int, ...] = ()
    everyone: bool = False

    def as_json(self) -> dict[str, Any]:
        return {"all": True} if self.everyone else {"precincts": list(self.precinct_ids)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Audience":
        return cls(tuple(value.get("precincts", ())), bool(value.get("all")))


@dataclass(frozen=True, slots=True)
class WarningDraft:
    text: Bilingual
    audience: Audience
    scheme: str | None = None
    media_id: int | None = None
    is_urgent: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """How many would get it now: bound groups, subscribers by messenger, and those whose chat is closed to us."""

    chats: int
    telegram: int
    whatsapp: int
    unreachable: int

    @property
    def people(self) -> int:
        return self.telegram + self.whatsapp


@dataclass(frozen=True, slots=True)
class Progress:
    prepared: int
    sent: int
    delivered: int
    waiting: int
    failed: dict[str, int] = field(default_factory=dict)
    lost_chats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WarningView:
    id: int
    code: str
    author_id: int
    text: Bilingual
    scheme: str | None
    media_id: int | None
    media_kind: PartKind | None
    is_urgent: bool
    state: WarningState
    due_at: datetime | None
    created_at: datetime


def chats_in(audience: Audience) -> list[ColumnElement[bool]]:
    inside = Chat.precinct_id.is_not(None) if audience.everyone else Chat.precinct_id.in_(audience.precinct_ids)
    return [Chat.state == EndpointState.OPEN, inside]


def residents_in(audience: Audience) -> list[ColumnElement[bool]]:
    inside = true() if audience.everyone else Resident.precinct_id.in_(audience.precinct_ids)
    return [Resident.stopped_at.is_(None), Resident.messenger.is_not(None), inside]


def scheme_view(row: Scheme) -> SchemeView:
    return SchemeView(row.code, row.icon, Bilingual(row.title_kk, row.title_ru), Bilingual(row.text_kk, row.text_ru))
