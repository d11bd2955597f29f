"""What a tip looks like to those who may see it, and who may."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, and_, exists, or_, select

from bot.data import load
from bot.i18n import Bilingual
from bot.services.incidents import Alike, IncidentView
from bot.services.media import MediaDraft
from bot.services.officers import OfficerView
from bot.services.routing import NOWHERE, Spot
from bot.services.tips.steps import Steps
from bot.store import keys
from bot.store.events import Event
from bot.store.tips import Category, Tip, TipPart, Vault
from bot.terms import Identity, Language, PartKind, PlaceSource, Role, StateType, Urgency

STORY, ADDED, QUESTION, ANSWER, OUTCOME, RATING = "story", "added", "question", "answer", "outcome", "rating"
NOTE = "note"  # of staff for staff: it never leaves the department
GIVEN_UP_AFTER = timedelta(days=14)  # of waiting for an answer of the sender
NO_REPLY = "no_reply"  # the outcome that needs it
# Reasons of a move the code knows by name.
SILENCE, LATE, CONFLICT, PLACE, UNSOLVED = "silence", "late", "conflict", "place", "unsolved"


@dataclass(frozen=True, slots=True)
class PartDraft:
    kind: PartKind
    text: str = ""
    media: MediaDraft | None = None
    source: str = ""  # chat and message it came in: an edit finds it


@dataclass(frozen=True, slots=True)
class Told:
    """When it happened and around what, as far as the sender said it."""

    when: str = ""  # now, today, earlier
    on: date | None = None
    day_part: str = ""  # night, morning, day, evening
    is_public_place: bool | None = None
    has_camera: bool | None = None
    damage: int | None = None  # tenge


@dataclass(frozen=True, slots=True)
class TipDraft:
    category: str
    parts: Sequence[PartDraft]
    identity: Identity
    place: str = ""
    point: tuple[float, float] | None = None  # latitude, longitude
    precinct_id: int | None = None
    urgency: Urgency | None = None  # raised by danger words; else the category's
    spot: Spot | None = None  # where it is and how that is known; without it `precinct_id` was chosen
    chat_id: int | None = None  # the group it was begun in
    is_quiet: bool = False  # the sender is told no number: the reply has said what happens
    is_hurried: bool = False  # sent out of danger: the reply says the number, the code of its receipt waits
    suggested: str = ""  # the category the program proposed
    told: Told = field(default=Told())
    evidence: Mapping[str, str] = field(default_factory=dict)  # answers of a victim of fraud

    @property
    def placed(self) -> Spot:
        if self.spot is not None:
            return self.spot
        return NOWHERE if self.precinct_id is None else Spot(self.precinct_id, PlaceSource.LIST)


@dataclass(frozen=True, slots=True)
class PlaceDraft:
    """Where it happened, told after the tip was sent: in words, as a point, or both."""

    words: str = ""
    point: tuple[float, float] | None = None  # latitude, longitude
    spot: Spot = NOWHERE

    @property
    def said(self) -> str:
        return self.words or (point_words(*self.point) if self.point else "")


def point_words(latitude: float, longitude: float) -> str:
    return f"{latitude:.5f}, {longitude:.5f}"


@dataclass(frozen=True, slots=True)
class CategoryView:
    code: str
    icon: str
    name: Bilingual
    tile: str | None
    urgency: Urgency
    handlers: tuple[str, ...] = ()  # desk codes or "inspector", the first decides
    is_discreet: bool = False  # nothing in a group, and a push tells nothing of it

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
    can_reopen: bool = False
    own_area: Bilingual | None = None  # of the place only this is known: it was the sender's own precinct
    parts: tuple[PartView, ...] = field(default=())
    accept_by: datetime | None = None  # not taken by then, it moves one rung up
    is_restricted: bool = False
    neighbour: Bilingual | None = None  # the precinct across the border, or the nearest one from outside
    outside_metres: float | None = None
    holder: Bilingual | None = None  # officer or desk
    note: str = ""  # words of the last one who handed it over, for the holder alone
    taken_at: datetime | None = None
    first_answer_at: datetime | None = None
    outcome_due_at: datetime | None = None
    paused_at: datetime | None = None  # since then the sender is asked and no clock runs
    reopened: int = 0  # how often
    may_tell_group: bool = False  # it began in a group, and what became of it may be said there
    is_given_up: bool = False  # its sender will not answer: it may be closed with that outcome
    suggested: Bilingual | None = None  # the category the program proposed
    told: "Told | None" = None  # what the sender said of the happening beside the story
    steps: Steps = field(default=Steps())  # what may be done with it now
    alike: tuple[Alike, ...] = ()  # tips that look like the same happening
    incident: IncidentView | None = None
    seen_at: datetime | None = None  # when this view was made: age and time left count from it
    evidence: Mapping[str, str] = field(default_factory=dict)  # what a victim of fraud answered
    is_brief: bool = False  # its reader's messenger may carry number and category only

    @property
    def promised_at(self) -> datetime | None:
        """What the sender was promised and has not got yet: the answer, after it the outcome."""
        return self.outcome_due_at if self.first_answer_at and self.outcome_due_at else self.due_at

    @property
    def until(self) -> datetime | None:
        """What runs out next: the time to take it, to answer, to say the outcome."""
        if self.state_type is StateType.CLOSED:
            return None
        if self.accept_by is not None:
            return self.accept_by
        return self.promised_at

    @property
    def story(self) -> str:
        """Its place stands apart from it."""
        told = [part for part in self.parts if part.text and part.purpose in (STORY, ADDED)]
        return "\n".join(part.text for part in told if not self.is_place(part))

    def is_place(self, part: PartView) -> bool:
        """Whether these words are the place of the event."""
        known = (self.place, point_words(*self.point) if self.point else "")
        return part.kind is PartKind.LOCATION and part.text in known


@dataclass(frozen=True, slots=True)
class Submitted:
    id: int
    number: int
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a tip is handed over to: a precinct (whoever works there now), a desk; neither: one rung up."""

    precinct_id: int | None = None
    desk_id: int | None = None


@dataclass(frozen=True, slots=True)
class HandoverReasonView:
    code: str
    name: Bilingual
    is_misroute: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """What the one who handed a tip over may still know: it is not his any more.

    `holder` is empty where the rules took it to own security by themselves."""

    id: int
    number: int
    holder: Bilingual | None


def visible_to(officer: OfficerView) -> ColumnElement[bool]:
    """The first condition of every officer's read: his own tips and those of his desks.

    A tip about an officer lies at own security and is seen by its people alone, whoever else holds that desk. Who has
    handed a tip over because he is personally concerned sees it nowhere again, at a desk of his neither."""
    concerned = exists().where(
        Event.tip_id == Tip.id, Event.kind == "moved", Event.reason == CONFLICT, Event.officer_id == officer.id
    )
    mine = and_(or_(Tip.officer_id == officer.id, Tip.desk_id.in_(officer.desk_ids)), ~concerned)
    if officer.has(Role.OWN_SECURITY):
        return mine
    if officer.has(Role.HEAD):  # one is his own where own security's people are concerned themselves
        return and_(mine, or_(Tip.is_restricted.is_(False), Tip.officer_id == officer.id))
    return and_(mine, Tip.is_restricted.is_(False))


def owner_fingerprint(resident_id: int) -> bytes:
    return keys.ring().fingerprint("vault", resident_id)


def sent_by(resident_id: int) -> ColumnElement[bool]:
    hidden = select(Vault.id).where(Vault.owner == owner_fingerprint(resident_id))
    return or_(Tip.resident_id == resident_id, Tip.id.in_(hidden))


def category_view(row: Category) -> CategoryView:
    name = Bilingual(row.name_kk, row.name_ru)
    return CategoryView(
        row.code, row.icon, name, row.tile, Urgency(row.urgency), handlers_of(row), is_discreet(row.code)
    )


def is_discreet(category: str) -> bool:
    """Where somebody may look over the sender's shoulder."""
    return category in discreet_codes()


@cache
def discreet_codes() -> frozenset[str]:
    return frozenset(item["code"] for item in load("categories")["category"] if item.get("discreet"))


def handlers_of(row: Category) -> tuple[str, ...]:
    return tuple(code for code in row.handlers.split(",") if code)


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
