"""What a tip looks like to those who may see it, and who may."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select

from bot.i18n import Bilingual
from bot.services.media import MediaDraft
from bot.services.officers import OfficerView
from bot.store import keys
from bot.store.tips import Category, Tip, TipPart, Vault
from bot.terms import Identity, Language, PartKind, Role, StateType, Urgency

STORY, ADDED, QUESTION, ANSWER, OUTCOME = "story", "added", "question", "answer", "outcome"


@dataclass(frozen=True, slots=True)
class PartDraft:
    kind: PartKind
    text: str = ""
    media: MediaDraft | None = None
    source: str = ""  # chat and message it came in: an edit finds it


@dataclass(frozen=True, slots=True)
class TipDraft:
    category: str
    parts: Sequence[PartDraft]
    identity: Identity
    place: str = ""
    point: tuple[float, float] | None = None  # latitude, longitude
    precinct_id: int | None = None
    urgency: Urgency | None = None  # raised by danger words; else the category's


@dataclass(frozen=True, slots=True)
class CategoryView:
    code: str
    icon: str
    name: Bilingual
    tile: str | None
    urgency: Urgency

    @property
    def label(self) -> Bilingual:
        return Bilingual(f"{self.icon} {self.name.kk}".strip(), f"{self.icon} {self.name.ru}".strip())


@dataclass(frozen=True, slots=True)
class PartView:
    id: int
    kind: PartKind
    purpose: str
    text: str
    media_id: int | None
    by_officer: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class TipView:
    """What its holder may see. `sender` is the alias of a hidden tip, the name of a named one."""

    id: int
    number: int
    category: CategoryView
    urgency: Urgency
    state: str
    state_name: Bilingual
    state_type: StateType
    identity: Identity
    sender: str
    language: Language
    place: str
    point: tuple[float, float] | None
    precinct_id: int | None
    officer_id: int | None
    desk_id: int | None
    created_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    outcome: Bilingual | None
    rating: int | None
    parts: tuple[PartView, ...] = field(default=())

    @property
    def story(self) -> str:
        return "\n".join(part.text for part in self.parts if part.text and part.purpose in (STORY, ADDED))


@dataclass(frozen=True, slots=True)
class Submitted:
    id: int
    number: int
    due_at: datetime | None


def visible_to(officer: OfficerView) -> ColumnElement[bool]:
    """The first condition of every officer's read: his own tips and those of his desks.

    A tip about an officer lies at own security and is seen by its people alone, whoever else holds that desk."""
    mine = or_(Tip.officer_id == officer.id, Tip.desk_id.in_(officer.desk_ids))
    if officer.has(Role.OWN_SECURITY):
        return mine
    return and_(mine, Tip.is_restricted.is_(False))


def owner_fingerprint(resident_id: int) -> bytes:
    return keys.ring().fingerprint("vault", resident_id)


def sent_by(resident_id: int) -> ColumnElement[bool]:
    hidden = select(Vault.id).where(Vault.owner == owner_fingerprint(resident_id))
    return or_(Tip.resident_id == resident_id, Tip.id.in_(hidden))


def category_view(row: Category) -> CategoryView:
    return CategoryView(row.code, row.icon, Bilingual(row.name_kk, row.name_ru), row.tile, Urgency(row.urgency))


def part_view(row: TipPart) -> PartView:
    return PartView(
        row.id,
        PartKind(row.kind),
        row.purpose,
        row.text or "",
        row.media_id,
        row.officer_id is not None,
        row.created_at,
    )
