"""A warning as others see it, its audience, and its limits."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, false, select, true

from bot.i18n import Bilingual
from bot.services.homes import HouseCodes, lives_in
from bot.services.houses import Houses
from bot.store.chats import Chat
from bot.store.residents import Resident
from bot.store.territory import Precinct
from bot.store.warnings import Scheme
from bot.terms import EndpointState, Lane, Language, NoticeState, Role, WarningState

APPROVERS = (Role.STAFF, Role.HEAD, Role.ADMIN)
CHUNK = 20_000  # rows a transaction, unless the caller measures how long the lock was
LASTS = timedelta(days=3)
LASTS_AT_MOST = timedelta(days=30)
WEEK = timedelta(days=7)
WEEKLY_MOST = 3  # warnings a chat takes in a week before its people stop reading them: more is warned about
TEXT_LIMIT = 1500  # both languages go to groups in one Telegram message of 4,096; a WhatsApp body holds 1,600
CAPTION_LIMIT = 1024 - 44  # a picture's caption in one language with the code's line: every scheme card fits
CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
OPEN_STATES = (NoticeState.DUE, NoticeState.SENDING)
GONE = (NoticeState.SENT, NoticeState.DELIVERED, NoticeState.READ)
LIVE = (WarningState.SPREADING, WarningState.CANARY, WarningState.SENDING)  # states in which its notices leave
GOING = (*LIVE, WarningState.PAUSED)
BROKEN_OFF = (WarningState.CANCELLED, WarningState.STOPPED)
PUBLISHED = (*GOING, *BROKEN_OFF, WarningState.DONE)


@dataclass(frozen=True, slots=True)
class SchemeView:
    code: str
    icon: str
    title: Bilingual
    text: Bilingual


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a warning concerns: precincts, districts, houses or chosen chats, or the whole department; then narrowed.

    Chosen chats bring only themselves: people are meant by a precinct, a district, their house or everyone. Houses
    bring who has told us to live there and their own groups, or those of their precincts where no group is known to be
    theirs. An empty narrowing narrows nothing. A person in a chat who also subscribed gets both, each once."""

    precinct_ids: tuple[int, ...] = ()
    everyone: bool = False
    district_ids: tuple[int, ...] = ()
    chat_ids: tuple[int, ...] = ()
    languages: tuple[str, ...] = ()  # of people; groups are told in both
    messengers: tuple[str, ...] = ()
    only: Literal["", "chats", "people"] = ""
    houses: tuple[Houses, ...] = ()

    @property
    def house_precinct_ids(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(id_ for one in self.houses for id_ in one.precinct_ids))

    @property
    def house_chat_ids(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(id_ for one in self.houses for id_ in one.chat_ids))

    @property
    def groupless_precinct_ids(self) -> tuple[int, ...]:
        """Of houses that no group is bound to: the other groups of their precincts are told instead."""
        return tuple(dict.fromkeys(id_ for one in self.houses if not one.chat_ids for id_ in one.precinct_ids))

    def as_json(self) -> dict[str, Any]:
        """What is kept with the warning: the rule, without the empty parts."""
        parts: dict[str, Any] = {
            "all": self.everyone,
            "precincts": list(self.precinct_ids),
            "districts": list(self.district_ids),
            "chats": list(self.chat_ids),
            "languages": list(self.languages),
            "messengers": list(self.messengers),
            "only": self.only,
            "houses": [one.as_json() for one in self.houses],
        }
        if self.everyone:
            parts |= {"precincts": [], "districts": [], "chats": [], "houses": []}
        kept = {name: part for name, part in parts.items() if part}
        return kept or {"precincts": []}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Audience":
        return cls(
            tuple(value.get("precincts", ())),
            bool(value.get("all")),
            tuple(value.get("districts", ())),
            tuple(value.get("chats", ())),
            tuple(value.get("languages", ())),
            tuple(value.get("messengers", ())),
            value.get("only", ""),
            tuple(Houses.from_json(one) for one in value.get("houses", ())),
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What a fan-out knows of its warning from the first chunk to the last."""

    warning_id: int
    audience: Audience
    topic: str
    lane: Lane
    audience_at: datetime
    due_at: datetime
    expires_at: datetime | None
    was_tried: bool
    cursor_chat: int
    cursor_resident: int
    codes: HouseCodes  # of the audience's houses: made once, since thousands of them take longer than a chunk


@dataclass(frozen=True, slots=True)
class Bound:
    """A chunk of the fan-out: behind `start`, up to `upto`; None behind the last recipient."""

    part: Literal["chats", "people"]
    start: int
    upto: int | None


@dataclass(frozen=True, slots=True)
class FirstFew:
    """Whom a warning tries before the rest."""

    resident_ids: tuple[int, ...]
    chat_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class WarningDraft:
    text: Bilingual
    audience: Audience
    scheme: str | None = None
    media_id: int | None = None
    is_urgent: bool = False
    reason: str = ""
    topic: str = "warnings"
    expires_at: datetime | None = None  # empty: LASTS after it goes
    repeats_doubt: bool = True


@dataclass(frozen=True, slots=True)
class Reach:
    """How many would get it now: bound groups, subscribers by messenger, and those whose chat is closed to us.

    `outside` counts those of WhatsApp's whose window is closed, by language: an approved template alone reaches them,
    and each takes a place in WhatsApp's day."""

    chats: int
    telegram: int
    whatsapp: int
    unreachable: int
    outside: Mapping[Language, int] = field(default_factory=dict)
    by_house: int = 0  # subscribers who have told us that they live in one of the houses
    beside_houses: int = 0  # other subscribers of the precincts these lie in, whom it does not reach
    house_chats: tuple[str, ...] = ()  # titles of the houses' own groups, as far as they are reached

    @property
    def people(self) -> int:
        return self.telegram + self.whatsapp


@dataclass(frozen=True, slots=True)
class Weekly:
    """What the groups of an audience got in the last seven days."""

    busiest: str = ""
    most: int = 0
    over: int = 0  # groups that have had WEEKLY_MOST already


@dataclass(frozen=True, slots=True)
class ChatChoice:
    """A bound group as an audience is chosen from."""

    id: int
    title: str
    place: str


@dataclass(frozen=True, slots=True)
class WarningView:
    id: int
    code: str
    author_id: int
    text: Bilingual
    scheme: str | None
    media_id: int | None
    is_urgent: bool
    state: WarningState
    due_at: datetime | None
    created_at: datetime
    approved_by: int | None = None
    topic: str = "warnings"
    reason: str = ""  # why it cannot wait
    returned_reason: str = ""
    stop_reason: str = ""
    change: int = 0
    correction: Bilingual | None = None
    is_recalled: bool = False
    audience: Audience = Audience()
    expires_at: datetime | None = None
    is_being_corrected: bool = False  # a correction waits for a second officer
    earlier: tuple[Bilingual, ...] = ()  # corrections that held before the one that holds now, where it was asked for
    corrected_at: datetime | None = None
    repeats_doubt: bool = True  # on Telegram, a message whose answer was lost: somebody may get it twice, or miss it

    @property
    def stamp(self) -> str:
        """Changes with anything an approver looks at: he approves what he has seen, or nothing."""
        return stamp_of(
            self.text,
            self.media_id,
            self.audience,
            self.topic,
            self.is_urgent,
            self.reason,
            self.expires_at,
            self.repeats_doubt,
        )

    @property
    def published(self) -> Bilingual:
        """What holds now: the corrected text, once there is one."""
        return self.correction or self.text


def stamp_of(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:10]


def chats_in(audience: Audience) -> list[ColumnElement[bool]]:
    """Bound groups that can be reached; the count and the fan-out ask with these same words."""
    if audience.only == "people":
        return [false()]
    inside: ColumnElement[bool] = Chat.precinct_id.is_not(None)
    if not audience.everyone:
        inside = Chat.id.in_(audience.chat_ids) | and_(
            Chat.id.in_(audience.house_chat_ids), Chat.precinct_id.is_not(None)
        )  # fmt: skip
        for column in (Chat.precinct_id, Chat.second_precinct_id):  # a yard on a border belongs to both
            inside |= _inside(column, audience) | column.in_(audience.groupless_precinct_ids)
    where = [Chat.state == EndpointState.OPEN, inside]
    if audience.messengers:
        where.append(Chat.messenger.in_(audience.messengers))
    return where


def residents_in(audience: Audience, codes: HouseCodes) -> list[ColumnElement[bool]]:
    """People who may be told; who of them subscribed to the topic is asked beside this. `codes`: of its houses."""
    if audience.only == "chats":
        return [false()]
    return [*_may_be_told(audience), true() if audience.everyone else _told_by_place(audience, codes)]


def neighbours_in(audience: Audience, codes: HouseCodes) -> list[ColumnElement[bool]]:
    """People of the precincts the houses lie in, whom the audience leaves out."""
    here = Resident.precinct_id.in_(audience.house_precinct_ids)
    return [*_may_be_told(audience), here, _told_by_place(audience, codes).is_not(true())]


def _told_by_place(audience: Audience, codes: HouseCodes) -> ColumnElement[bool]:
    inside = _inside(Resident.precinct_id, audience)
    return inside | lives_in(codes) if audience.houses else inside


def _may_be_told(audience: Audience) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [Resident.stopped_at.is_(None), Resident.messenger.is_not(None)]
    if audience.languages:
        where.append(Resident.language.in_(audience.languages))
    if audience.messengers:
        where.append(Resident.messenger.in_(audience.messengers))
    return where


def _inside(column: Any, audience: Audience) -> ColumnElement[bool]:
    inside: ColumnElement[bool] = column.in_(audience.precinct_ids)
    if audience.district_ids:
        inside |= column.in_(select(Precinct.id).where(Precinct.district_id.in_(audience.district_ids)))
    return inside


def scheme_view(row: Scheme) -> SchemeView:
    return SchemeView(row.code, row.icon, Bilingual(row.title_kk, row.title_ru), Bilingual(row.text_kk, row.text_ru))
