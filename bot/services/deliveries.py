"""The courier's side of notices: claim, look up what to say to whom, write down what became of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.clock import Clock
from bot.errors import NotFound
from bot.i18n import Bilingual
from bot.services.media import MediaShelf, MediaView
from bot.services.officers import Officers, OfficerView
from bot.services.templates import Templates, TemplateView
from bot.services.tips import PartView, Tips, TipView
from bot.services.warnings import Progress, Warnings, WarningView
from bot.store import keys
from bot.store.base import new_id
from bot.store.chats import Chat
from bot.store.endpoints import Endpoint
from bot.store.notices import Notice
from bot.store.officers import Officer
from bot.store.residents import Resident
from bot.store.tips import Vault
from bot.store.warnings import Warning
from bot.terms import EndpointState, Lane, Language, Messenger, NoticeKind, NoticeState, WarningState

FETCH_WAIT = timedelta(seconds=2)
CLAIM_LASTS = timedelta(seconds=90)  # longer than any call's time-out
CARDS = (NoticeKind.CARD, NoticeKind.CARD_PART, NoticeKind.CARD_ADDED, NoticeKind.CARD_RATED)
RANK = {state: rank for rank, state in enumerate((NoticeState.SENT, NoticeState.DELIVERED, NoticeState.READ))}
IN_DOUBT = ("unknown", "unknown_twice")  # errors of a due notice that may have left already
FINAL = (NoticeState.FAILED, NoticeState.SKIPPED, NoticeState.CANCELLED, NoticeState.EXPIRED)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A due notice as the queue sees it: enough to choose, nothing to say."""

    id: int
    lane: Lane
    talk: int
    is_group: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """A claimed notice with all that its words need."""

    id: int
    fence: int
    kind: NoticeKind
    lane: Lane
    talk: int
    attempts: int
    is_retry_of_unknown: bool
    messenger: Messenger
    address: str
    is_group: bool
    language: Language | None  # empty for groups: both
    endpoint_id: int | None
    resident_id: int | None
    free_text: bool = True
    template: TemplateView | None = None
    message: str | None = None  # what was sent before: edit it
    facts: dict[str, Any] = field(default_factory=dict)
    tip: TipView | None = None
    part: PartView | None = None
    media: MediaView | None = None
    warning: WarningView | None = None
    progress: Progress | None = None
    officer: OfficerView | None = None
    place: Bilingual | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of a claimed notice. Only the holder of the fence may say it."""

    id: int
    fence: int
    state: NoticeState
    message: str | None = None
    error: str = ""
    due_at: datetime | None = None
    counts_attempt: bool = True


@dataclass(frozen=True, slots=True)
class Closure:
    """An endpoint or group that cannot be reached until it gives a sign of life."""

    delivery: Delivery
    state: EndpointState
    reason: str


class Deliveries:
    def __init__(
        self,
        session: AsyncSession,
        clock: Clock,
        tips: Tips,
        warnings: Warnings,
        officers: Officers,
        shelf: MediaShelf,
        templates: Templates,
    ) -> None:
        self._session, self._clock = session, clock
        self._tips, self._warnings, self._officers = tips, warnings, officers
        self._shelf, self._templates = shelf, templates

    async def waiting(self, messenger: Messenger, busy: Collection[int], limit: int = 200) -> list[Waiting]:
        """Due notices, most pressing first. A talk with a notice under way or in back-off waits for it."""
        now = self._clock.now()
        earlier = aliased(Notice)
        held = exists().where(
            earlier.talk == Notice.talk,
            earlier.id < Notice.id,
            or_(
                earlier.state == NoticeState.SENDING,
                and_(earlier.state == NoticeState.DUE, earlier.attempts > 0, earlier.lane <= Lane.ANSWER),
            ),
        )
        idle = ~exists().where(
            Warning.id == Notice.warning_id,
            Warning.state == WarningState.PAUSED,
            Notice.kind == NoticeKind.WARNING,
        )
        query = (
            select(Notice.id, Notice.lane, Notice.talk, Notice.chat_id)
            .where(Notice.messenger == messenger, Notice.state == NoticeState.DUE, Notice.due_at <= now, ~held, idle)
            .order_by(Notice.lane, Notice.due_at, Notice.id)
            .limit(limit)
        )
        if busy:
            query = query.where(Notice.talk.not_in(busy))
        rows = await self._session.execute(query)
        return [Waiting(id_, Lane(lane), talk, chat is not None) for id_, lane, talk, chat in rows]

    async def sent_to_groups(self, messenger: Messenger, since: datetime) -> dict[str, list[datetime]]:
        """What the last minute's window of each group already holds: a restart must not forget it."""
        query = (
            select(Chat, Notice.sent_at)
            .join(Notice, Notice.chat_id == Chat.id)
            .where(Notice.messenger == messenger, Notice.sent_at > since)
        )
        moments: dict[str, list[datetime]] = {}
        for chat, sent_at in await self._session.execute(query):
            if chat.address is not None and sent_at is not None:
                moments.setdefault(chat.address, []).append(sent_at)
        return moments

    async def next_due(self, messenger: Messenger) -> datetime | None:
        query = (
            select(Notice.due_at)
            .where(Notice.messenger == messenger, Notice.state == NoticeState.DUE, Notice.due_at > self._clock.now())
            .order_by(Notice.due_at)
            .limit(1)
        )
        return await self._session.scalar(query)

    async def claim(self, ids: Sequence[int]) -> list[Delivery]:
        """Leases them and says what each needs; those nobody may or can get any more are settled at once."""
        now = self._clock.now()
        claimed = (
            update(Notice)
            .where(Notice.id.in_(ids), Notice.state == NoticeState.DUE)
            .values(state=NoticeState.SENDING, lease_until=now + CLAIM_LASTS, fence=Notice.fence + 1)
            .returning(Notice)
            .execution_options(populate_existing=True)
        )
        rows = {row.id: row for row in await self._session.scalars(claimed)}
        ready: list[Delivery] = []
        for row in sorted(rows.values(), key=lambda row: ids.index(row.id)):
            delivery = await self._compose(row, now)
            if isinstance(delivery, str):
                state, _, reason = delivery.partition(":")
                row.state, row.error, row.lease_until = state, reason, None
            else:
                ready.append(delivery)
        await self._session.flush()
        return ready

    async def _compose(self, row: Notice, now: datetime) -> "Delivery | str":
        """A delivery, or "state:reason" of its end."""
        if row.expires_at is not None and row.expires_at <= now:
            return f"{NoticeState.EXPIRED}:expired"
        delivery = await (self._to_group(row) if row.chat_id else self._to_person(row, now))
        if isinstance(delivery, str):
            return delivery
        return await self._add_subject(row, delivery)

    async def _to_group(self, row: Notice) -> "Delivery | str":
        chat = await self._session.get_one(Chat, row.chat_id)
        if chat.state != EndpointState.OPEN or chat.address is None:
            return f"{NoticeState.FAILED}:{chat.state}"
        return _delivery(row, chat.address, is_group=True, language=None, endpoint_id=None, resident_id=None)

    async def _to_person(self, row: Notice, now: datetime) -> "Delivery | str":
        resident_id = row.resident_id
        if row.vault_id is not None:
            vault = await self._session.get(Vault, row.vault_id)
            if vault is None:
                return f"{NoticeState.CANCELLED}:cut"
            resident_id = vault.resident
        query = select(Resident, Endpoint).join(Endpoint, Endpoint.id == Resident.endpoint_id)
        found = (await self._session.execute(query.where(Resident.id == resident_id))).first()
        if found is None:
            return f"{NoticeState.FAILED}:dead"
        resident, endpoint = found
        if resident.stopped_at is not None and row.kind != NoticeKind.STOPPED:
            return f"{NoticeState.SKIPPED}:stopped"
        if endpoint.state != EndpointState.OPEN or endpoint.address is None:
            return f"{NoticeState.FAILED}:{endpoint.state}"
        if endpoint.messenger != row.messenger:
            row.messenger = endpoint.messenger  # heard on the other messenger since: that courier takes it
            return f"{NoticeState.DUE}:"
        language = Language(resident.language) if resident.language else Language.KK
        delivery = _delivery(
            row,
            endpoint.address,
            is_group=False,
            language=language,
            endpoint_id=endpoint.id,
            resident_id=None if row.vault_id else resident.id,
        )
        if endpoint.messenger == Messenger.WHATSAPP and (endpoint.window_until is None or endpoint.window_until <= now):
            template = await self._templates.find(NoticeKind(row.kind), language)
            if template is None:
                return f"{NoticeState.SKIPPED}:no_template"
            return replace(delivery, free_text=False, template=template)
        return delivery

    async def _add_subject(self, row: Notice, delivery: Delivery) -> "Delivery | str":
        if row.warning_id is not None:
            warning = await self._warnings.get(row.warning_id)
            if row.kind == NoticeKind.WARNING and warning.state is WarningState.CANCELLED:
                return f"{NoticeState.CANCELLED}:cancelled"
            if row.kind == NoticeKind.WARNING and warning.state is WarningState.PAUSED:
                return f"{NoticeState.DUE}:"
            progress = None
            if row.kind == NoticeKind.WARNING_PROGRESS:
                progress = await self._warnings.progress(row.warning_id)
            media = await self._shelf.get(warning.media_id) if warning.media_id else None
            return replace(delivery, warning=warning, progress=progress, media=media)
        if row.tip_id is None:
            return delivery
        tip = await self._tips.for_notice(row.tip_id)
        if tip is None:
            return f"{NoticeState.CANCELLED}:gone"
        if row.kind in CARDS and not delivery.facts.get("informed") and not await self._may_see(delivery, row.tip_id):
            return f"{NoticeState.CANCELLED}:not_holder"
        part = next((part for part in tip.parts if part.id == row.part_id), None)
        media = await self._shelf.get(part.media_id) if part and part.media_id else None
        if media and media.state == "wanted" and media.messenger is not delivery.messenger:
            row.due_at = self._clock.now() + FETCH_WAIT  # the file must be on our shelf before it can cross
            return f"{NoticeState.DUE}:"
        officer = await self._officer(tip.officer_id)
        return replace(delivery, tip=tip, part=part, media=media, officer=officer)

    async def _may_see(self, delivery: Delivery, tip_id: int) -> bool:
        reader = await self._session.scalar(select(Officer).where(Officer.resident_id == delivery.resident_id))
        if reader is None or not reader.is_active:
            return False
        try:
            await self._tips.card(await self._officers.view(reader), tip_id)
        except NotFound:
            return False
        return True

    async def _officer(self, officer_id: int | None) -> OfficerView | None:
        try:
            return await self._officers.get(officer_id) if officer_id else None
        except NotFound:
            return None

    # -- what became of it

    async def settle(self, settlements: Sequence[Settlement]) -> None:
        """Writes results. A late result of an older claim, or one a callback has overtaken, changes nothing."""
        for item in settlements:
            row = await self._session.get(Notice, item.id)
            if row is None or row.fence != item.fence:
                continue
            if item.message is not None:
                row.seal_id = row.seal_id or new_id(self._clock.now())
                row.message = item.message
                row.ref = message_fingerprint(row.messenger, item.message)
            if row.state != NoticeState.SENDING:
                continue
            row.state, row.error, row.lease_until = item.state, item.error[:40], None
            if item.state == NoticeState.SENT:
                row.sent_at = row.sent_at or self._clock.now()
            elif item.state == NoticeState.DUE:
                row.due_at = item.due_at or self._clock.now()
                row.attempts += int(item.counts_attempt)
        await self._session.flush()

    async def close(self, closures: Sequence[Closure]) -> None:
        """Pause what cannot be reached; it reopens at the first sign of life."""
        for closure in closures:
            values = {"state": closure.state, "state_reason": closure.reason[:80]}
            if closure.delivery.is_group:
                await self._session.execute(update(Chat).where(Chat.id == closure.delivery.talk).values(**values))
            elif closure.delivery.endpoint_id is not None:
                endpoint = Endpoint.id == closure.delivery.endpoint_id
                await self._session.execute(update(Endpoint).where(endpoint).values(**values))

    async def heal(self, messenger: Messenger, *, all_claims: bool = False) -> int:
        """Claims a crash left behind: nobody knows whether they left. Each is tried again, at most twice.

        `all_claims`: the caller has just become the only courier of this messenger, so every claim is stale."""
        stale = [Notice.messenger == messenger, Notice.state == NoticeState.SENDING]
        if not all_claims:
            stale.append(Notice.lease_until <= self._clock.now())
        rows = list(await self._session.scalars(select(Notice).where(*stale)))
        for row in rows:
            row.fence += 1
            row.lease_until = None
            self.settle_unknown(row)
        return len(rows)

    def settle_unknown(self, row: Notice) -> None:
        """Crashes come in rows: a promise is not given up before the third. One that itself crashes us ends there."""
        if row.error == IN_DOUBT[-1]:
            row.state, row.error = NoticeState.UNKNOWN, IN_DOUBT[0]
        else:
            row.error = IN_DOUBT[1] if row.error == IN_DOUBT[0] else IN_DOUBT[0]
            row.state, row.due_at = NoticeState.DUE, self._clock.now()
            row.attempts += 1

    async def reported(self, notice_id: int, message: str, state: NoticeState, error: str = "") -> bool:
        """A status callback: it only moves upwards, and may overtake our own record of the send."""
        row = await self._session.get(Notice, notice_id, with_for_update=True)
        if row is None or (row.ref is not None and row.ref != message_fingerprint(row.messenger, message)):
            return False
        now = self._clock.now()
        if state is NoticeState.FAILED:
            if row.state in (NoticeState.DELIVERED, NoticeState.READ, *FINAL):
                return False
            row.state, row.error = NoticeState.FAILED, error[:40]
            return True
        if row.state in FINAL or RANK.get(NoticeState(row.state), -1) >= RANK[state]:
            return False
        row.state, row.sent_at, row.lease_until = state, row.sent_at or now, None
        if state is not NoticeState.SENT:
            row.delivered_at = row.delivered_at or now
        return True


def message_fingerprint(messenger: str, message: str) -> bytes:
    return keys.ring().fingerprint("message", messenger, message)


def _delivery(
    row: Notice, address: str, *, is_group: bool, language: Language | None, endpoint_id: int | None,
    resident_id: int | None,
) -> Delivery:  # fmt: skip
    return Delivery(
        id=row.id,
        fence=row.fence,
        kind=NoticeKind(row.kind),
        lane=Lane(row.lane),
        talk=row.talk,
        attempts=row.attempts,
        is_retry_of_unknown=row.error in IN_DOUBT,
        messenger=Messenger(row.messenger),
        address=address,
        is_group=is_group,
        language=language,
        endpoint_id=endpoint_id,
        resident_id=resident_id,
        message=row.message if row.seal_id else None,
        facts=dict(row.facts or {}) if row.seal_id else {},
    )
