"""How far a warning has come, in numbers. Counting a million notices takes a second: it is done outside any lock, the
less often the longer it takes, and what was counted last is kept with the warning."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, cast, func, select, text, type_coerce

from bot.i18n import Bilingual
from bot.services.warnings.records import WarningRecords
from bot.services.warnings.views import BROKEN_OFF, GONE, LIVE, OPEN_STATES
from bot.store.chats import Chat
from bot.store.notices import DUE_WARNING, OF_WARNING, TO_GROUP, TO_PERSON, Notice, named
from bot.store.residents import Resident
from bot.store.territory import District, Precinct
from bot.store.warnings import Warning
from bot.terms import NoticeKind, NoticeState

COUNTED_AT_ONCE = 20_000  # recipients: more are not counted while somebody waits for the answer
SHARES = (50, 90, 99)
PACE_OF = 60  # seconds
STANDSTILL = 15  # seconds without any message: paused, or the messenger was out; what was before says nothing
PACE_FROM = 5  # seconds of sending that say something about its pace
OVER_TIER = "tier"  # see services.deliveries.ledger
LOST = (NoticeState.FAILED, NoticeState.SKIPPED, NoticeState.UNKNOWN, NoticeState.EXPIRED)


@dataclass(frozen=True, slots=True)
class Progress:
    """`waiting` holds those who wait for WhatsApp's day too. `after`: seconds until this share of all had left."""

    prepared: int = 0
    sent: int = 0
    delivered: int = 0
    waiting: int = 0
    failed: Mapping[str, int] = field(default_factory=dict)
    lost_chats: tuple[str, ...] = ()
    read: int = 0
    over_tier: int = 0
    tier_opens_at: datetime | None = None
    after: Mapping[int, int] = field(default_factory=dict)
    left_seconds: int | None = field(default=None, compare=False)
    told: int = 0  # of a recall or a correction: who has it, who waits for it, whom it did not reach
    to_tell: int = 0
    not_told: int = 0
    is_counted: bool = True  # no: so many that the first count is still to come


@dataclass(frozen=True, slots=True)
class DistrictCount:
    """`name` None: people who have not said where they live."""

    name: Bilingual | None
    prepared: int
    sent: int
    waiting: int
    failed: Mapping[str, int]


class _Line(NamedTuple):
    state: str
    error: str
    messenger: str
    second: int | None
    many: int
    due_at: datetime | None


class WarningsCounted(WarningRecords):
    async def progress(self, warning_id: int) -> Progress:
        """Counted now, or for very many recipients as the last count had it."""
        row = await self._session.get_one(Warning, warning_id)
        if row.tally is not None:
            return _progress_of(row.tally["progress"])
        if await self._are_many(warning_id):
            return Progress(is_counted=False)
        return await self.count(warning_id)

    async def districts(self, warning_id: int) -> list[DistrictCount]:
        row = await self._session.get_one(Warning, warning_id)
        if row.tally is not None:
            return [_district_of(item) for item in row.tally["districts"]]
        return [] if await self._are_many(warning_id) else await self.count_districts(warning_id)

    async def keep_count(self, warning_id: int, progress: Progress, districts: Iterable[DistrictCount]) -> None:
        """Of a warning with so many recipients that it cannot be counted at once."""
        row = await self._session.get_one(Warning, warning_id)
        row.tally = {"progress": _as_json(asdict(progress)), "districts": [asdict(one) for one in districts]}

    async def _are_many(self, warning_id: int) -> bool:
        entries = select(Notice.id).where(*of(warning_id, "people")).limit(COUNTED_AT_ONCE + 1).subquery()
        return (await self._session.scalar(select(func.count()).select_from(entries)) or 0) > COUNTED_AT_ONCE

    async def count(self, warning_id: int) -> Progress:
        """Reads every notice of the warning once; `progress` is for whoever waits for the answer."""
        row = await self._session.get_one(Warning, warning_id)
        lines = [line for part in ("chats", "people") for line in await self._lines(warning_id, part)]
        states, failed, messengers = Counter[str](), Counter[str](), Counter[str]()
        seconds = Counter[int]()
        for line in lines:
            states[line.state] += line.many
            if line.state in LOST:
                failed[line.error or line.state] += line.many
            if line.state in OPEN_STATES and line.error != OVER_TIER:
                messengers[line.messenger] += line.many
            if line.state in GONE and line.second is not None:
                seconds[line.second] += line.many
        over = [line for line in lines if line.state == NoticeState.DUE and line.error == OVER_TIER]
        is_over = row.state in BROKEN_OFF
        waiting = 0 if is_over else sum(states[state] for state in OPEN_STATES)
        delivered = states[NoticeState.DELIVERED] + states[NoticeState.READ]
        sent = states[NoticeState.SENT] + delivered
        began_at = row.due_at or row.audience_at or row.created_at
        told, to_tell, not_told = await self._changed(row)
        return Progress(
            prepared=sum(states.values()),
            sent=sent,
            delivered=delivered,
            waiting=waiting,
            failed=dict(failed),
            lost_chats=await self._lost_chats(warning_id),
            read=states[NoticeState.READ],
            over_tier=0 if is_over else sum(line.many for line in over),
            tier_opens_at=min((line.due_at for line in over if line.due_at), default=None),
            after=_after(seconds, sent + waiting, int(began_at.timestamp())),
            left_seconds=self._left(lines, messengers) if row.state in LIVE else None,
            told=told,
            to_tell=to_tell,
            not_told=not_told,
        )

    async def _lines(self, warning_id: int, part: Literal["chats", "people"]) -> list[_Line]:
        second = _second_of(Notice.sent_at, self._session.get_bind().dialect.name)
        keys = (Notice.state, Notice.error, Notice.messenger, second)
        query = select(*keys, func.count(), func.min(Notice.due_at)).where(*of(warning_id, part)).group_by(*keys)
        return [_Line(*row) for row in await self._session.execute(query)]

    async def _lost_chats(self, warning_id: int) -> tuple[str, ...]:
        names = select(Chat.title).join(Notice, Notice.chat_id == Chat.id)
        lost = Notice.state.in_((NoticeState.FAILED, NoticeState.SKIPPED))
        return tuple(await self._session.scalars(names.where(*of(warning_id, "chats"), lost).limit(10)))

    async def _changed(self, row: Warning) -> tuple[int, int, int]:
        if not row.change:
            return 0, 0, 0
        by = select(Notice.state, func.count()).where(*word_of(row.id, NoticeKind.WARNING_CHANGE))
        by = by.where(Notice.part_id == row.change).group_by(Notice.state)
        states = Counter[str]()
        for state, n in await self._session.execute(by):
            states[state] += n
        return (sum(states[one] for one in group) for group in (GONE, OPEN_STATES, LOST))  # type: ignore[return-value]

    def _left(self, lines: list[_Line], waiting: Mapping[str, int]) -> int | None:
        """At the pace of the last minute, before there is one at the messenger's own. The slowest messenger counts."""
        now = int(self._clock.now().timestamp())
        longest = 0.0
        for messenger, count in waiting.items():
            gone = Counter[int]()
            for line in lines:
                if line.messenger == messenger and line.second and line.state in GONE:
                    gone[line.second] += line.many
            lasted = now - _began(gone, now)
            sent = sum(many for second, many in gone.items() if second >= now - lasted)
            rate = sent / lasted if lasted >= PACE_FROM else self._rates.get(messenger, 0)
            if not rate:
                return None
            longest = max(longest, count / rate)
        return math.ceil(longest) if waiting else None

    async def count_districts(self, warning_id: int) -> list[DistrictCount]:
        found: dict[int | None, Counter[tuple[str, str]]] = {}
        of_people = (
            select(Precinct.district_id, Notice.state, Notice.error, func.count())
            .join(Resident, Resident.id == Notice.resident_id)
            .outerjoin(Precinct, Precinct.id == Resident.precinct_id)
            .where(*of(warning_id, "people"))
        )
        of_chats = (
            select(Precinct.district_id, Notice.state, Notice.error, func.count())
            .join(Chat, Chat.id == Notice.chat_id)
            .outerjoin(Precinct, Precinct.id == Chat.precinct_id)
            .where(*of(warning_id, "chats"))
        )
        for query in (of_chats, of_people):
            grouped = query.group_by(Precinct.district_id, Notice.state, Notice.error)
            for district_id, state, error, n in await self._session.execute(grouped):
                found.setdefault(district_id, Counter())[state, error] += n
        names = {
            id_: Bilingual(kk, ru)
            for id_, kk, ru in await self._session.execute(select(District.id, District.name_kk, District.name_ru))
        }
        counts = [_district(names.get(id_ or 0), states) for id_, states in found.items()]
        return sorted(counts, key=lambda one: (one.name is None, one.name.kk if one.name else ""))

    async def has_open(self, warning_id: int) -> bool:
        """One look into the index of what is due, one into that of what is under way; a resend may be behind both."""
        again = select(func.coalesce(Warning.resend_cursor, Warning.doubt_cursor)).where(Warning.id == warning_id)
        if await self._session.scalar(again) is not None:
            return True
        due = select(Notice.id).where(Notice.warning_id == warning_id, named(DUE_WARNING))
        sending = select(Notice.id).where(Notice.warning_id == warning_id, Notice.kind == NoticeKind.WARNING)
        sending = sending.where(text("notices.state = 'sending'"))
        for query in (due, sending):
            if await self._session.scalar(query.limit(1)) is not None:
                return True
        return False


def of(warning_id: int, part: Literal["chats", "people"]) -> list[ColumnElement[bool]]:
    """A warning's own notices to people or to groups, in the words of their index."""
    return [Notice.warning_id == warning_id, named(TO_PERSON if part == "people" else TO_GROUP)]  # type: ignore[list-item]


def word_of(warning_id: int, kind: NoticeKind) -> list[ColumnElement[bool]]:
    """What is said about a warning: its author's card, reviews, changes."""
    return [Notice.warning_id == warning_id, named(OF_WARNING), Notice.kind == kind]  # type: ignore[list-item]


def _second_of(column: Any, dialect: str) -> ColumnElement[int]:
    if dialect == "sqlite":
        return type_coerce(column, BigInteger) // 1_000_000
    return cast(func.floor(func.extract("epoch", column)), BigInteger)


def _after(seconds: Counter[int], whole: int, began: int) -> dict[int, int]:
    after: dict[int, int] = {}
    so_far = 0
    for second in sorted(seconds):
        so_far += seconds[second]
        for share in SHARES:
            if share not in after and so_far * 100 >= share * whole:
                after[share] = max(0, second - began)
    return after


def _district(name: Bilingual | None, states: Counter[tuple[str, str]]) -> DistrictCount:
    failed = Counter[str]()
    for (state, error), n in states.items():
        if state in LOST:
            failed[error or state] += n
    sent = sum(n for (state, _error), n in states.items() if state in GONE)
    waiting = sum(n for (state, _error), n in states.items() if state in OPEN_STATES)
    return DistrictCount(name, states.total(), sent, waiting, dict(failed))


def _as_json(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in facts.items()}


def _progress_of(facts: dict[str, Any]) -> Progress:
    at = facts["tier_opens_at"]
    known = facts | {"tier_opens_at": datetime.fromisoformat(at) if at else None}
    known |= {"lost_chats": tuple(facts["lost_chats"]), "after": {int(k): v for k, v in facts["after"].items()}}
    return Progress(**known)


def _district_of(facts: dict[str, Any]) -> DistrictCount:
    return DistrictCount(**(facts | {"name": Bilingual(**facts["name"]) if facts["name"] else None}))


def _began(gone: Mapping[int, int], now: int) -> int:
    """The first second of sending without a standstill until now, within the last minute; `now` when it stands."""
    began = now
    for second in sorted(gone, reverse=True):
        if began - second > STANDSTILL or second <= now - PACE_OF:
            break
        began = second
    return began
