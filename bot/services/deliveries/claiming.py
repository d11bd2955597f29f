"""A claim: leased, looked up, or ended because nobody may or can get it any more."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select, update

from bot.errors import NotFound
from bot.services.deliveries.ahead import NoticesAhead
from bot.services.deliveries.ledger import OVER_TIER, Ledger
from bot.services.deliveries.views import CLAIM_LASTS, FETCH_WAIT, NO_WINDOW, Delivery
from bot.services.notices import ASKS, CARDS, IN_DOUBT
from bot.services.officers import OfficerView
from bot.services.warnings.views import LIVE
from bot.store.chats import Chat, Quote
from bot.store.endpoints import Endpoint
from bot.store.keys import KeyWrong
from bot.store.notices import Notice
from bot.store.officers import Officer
from bot.store.residents import Resident
from bot.store.tips import Vault
from bot.terms import EndpointState, Lane, Language, Messenger, NoticeKind, NoticeState, PartKind, WarningState

log = structlog.get_logger(__name__)

BY_DAY = (*ASKS, NoticeKind.QUOTE_ASK)  # nor at the department's
AT_DAY = (NoticeKind.WARNING, NoticeKind.WARNING_CHANGE, *BY_DAY)  # what people's own quiet hours hold back


UNCHECKED = "unchecked"  # nobody has said yet whether the template is approved
UNCHECKED_WAIT = timedelta(seconds=30)


class NoticesClaimed(NoticesAhead):
    @property
    def _ledger(self) -> Ledger:
        return Ledger(self._session, self._rules)

    async def fits_today(self) -> int | None:
        """How many more people WhatsApp lets us open a talk with today for a campaign; None: as many as one likes."""
        return await self._ledger.fits(self._clock.now())

    async def tier_opens_at(self) -> datetime:
        """When the oldest person of WhatsApp's moving day leaves it: it says that there is no room before."""
        return await self._ledger.opens_at(self._clock.now())

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
            try:
                delivery = await self._compose(row, now)
            except KeyWrong:  # one row that was changed or moved must not stop all others
                log.exception("deliveries.unreadable", notice=row.id)
                delivery = f"{NoticeState.FAILED}:unreadable"
            if isinstance(delivery, str):
                state, _, reason = delivery.partition(":")
                row.state, row.lease_until = state, None
                if state != NoticeState.DUE or row.error not in IN_DOUBT:  # a doubt is not forgotten by waiting
                    row.error = reason
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
        ends = self._rules.quiet_ends(self._clock.now()) if row.kind == NoticeKind.GROUP_OUTCOME else None
        if ends is not None:
            row.due_at = ends
            return f"{NoticeState.DUE}:"
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
        language = Language(resident.language) if resident.language else None
        delivery = _delivery(
            row,
            endpoint.address,
            is_group=False,
            language=language,
            endpoint_id=endpoint.id,
            resident_id=None if row.vault_id else resident.id,
        )
        if row.kind in AT_DAY and row.lane != Lane.URGENT:
            ends = self._rules.own_quiet_ends(now, resident.quiet_from, resident.quiet_until)
            if ends is None and row.kind in BY_DAY:
                ends = self._rules.quiet_ends(now)
            if ends is not None:
                row.due_at = ends
                return f"{NoticeState.DUE}:"
        is_closed = endpoint.window_until is None or endpoint.window_until <= now or row.error == NO_WINDOW
        if endpoint.messenger == Messenger.WHATSAPP and is_closed:
            return await self._by_template(row, delivery, endpoint, now)
        return delivery

    async def _by_template(
        self, row: Notice, delivery: Delivery, endpoint: Endpoint, now: datetime
    ) -> "Delivery | str":
        """Outside their window people are reached by an approved template only, and only so many in a moving day."""
        template = await self._templates.known(delivery.kind, delivery.language or Language.KK)
        if template is None or not template.is_usable:
            if template is None or template.is_checked:
                return f"{NoticeState.SKIPPED}:no_template"
            row.due_at = now + UNCHECKED_WAIT  # its approval is asked right after the start
            return f"{NoticeState.DUE}:{NO_WINDOW if row.error == NO_WINDOW else UNCHECKED}"
        room_at = await self._ledger.room_at(endpoint, now, is_urgent=row.lane <= Lane.ANSWER)
        if room_at is not None:
            row.due_at = room_at
            if row.warning_id is not None and row.kind == NoticeKind.WARNING:
                await self._ledger.park(row.warning_id, room_at, now)
            return f"{NoticeState.DUE}:{OVER_TIER}"
        endpoint.templated_at = now
        return replace(delivery, free_text=False, template=template)

    async def _add_subject(self, row: Notice, delivery: Delivery) -> "Delivery | str":
        if row.warning_id is not None:
            warning = await self._warnings.get(row.warning_id)
            if row.kind == NoticeKind.WARNING and warning.state is WarningState.CANCELLED:
                return f"{NoticeState.CANCELLED}:cancelled"
            if row.kind == NoticeKind.WARNING and warning.state not in LIVE:
                return f"{NoticeState.DUE}:"
            if row.kind == NoticeKind.WARNING:
                row.part_id = warning.change  # whose text leaves now: a later change goes to who has an older one
            if row.kind == NoticeKind.WARNING_CHANGE and row.part_id != warning.change:
                return f"{NoticeState.CANCELLED}:replaced"
            progress = officer = None
            if row.kind == NoticeKind.WARNING_PROGRESS:
                progress = await self._warnings.progress(row.warning_id)
                officer = await self._officer(warning.author_id)
            media = await self._shelf.get(warning.media_id) if warning.media_id else None
            return replace(delivery, warning=warning, progress=progress, media=media, officer=officer)
        if row.kind == NoticeKind.QUOTE_ASK:
            quote = await self._session.get(Quote, int(delivery.facts["quote"]))
            if quote is None:  # answered or a day old: its words are nowhere any more
                return f"{NoticeState.CANCELLED}:gone"
            return replace(delivery, facts={**delivery.facts, "words": quote.words})
        if row.tip_id is None:
            return delivery
        tip = await self._tips.for_notice(row.tip_id)
        if tip is None:
            return f"{NoticeState.CANCELLED}:gone"
        is_informed = bool(delivery.facts.get("informed")) and not tip.is_restricted
        if row.kind in CARDS:
            reader = await self._reader(delivery)
            if reader is None or not (is_informed or await self._tips.may_see(reader, row.tip_id)):
                return f"{NoticeState.CANCELLED}:not_holder"
            if row.kind == NoticeKind.CARD and not is_informed:
                tip = await self._tips.card(reader, row.tip_id)
            tip = replace(tip, is_brief=reader.has_brief_pings)
        part = next((part for part in tip.parts if part.id == row.part_id), None)
        media = await self._shelf.get(part.media_id) if part and part.media_id else None
        if (
            media
            and media.state == "wanted"
            and (media.messenger is not delivery.messenger or media.kind is PartKind.DOCUMENT)
        ):
            row.due_at = self._clock.now() + FETCH_WAIT  # it is looked at, and on our shelf, before it can cross
            return f"{NoticeState.DUE}:"
        officer = await self._officer(tip.officer_id)
        return replace(delivery, tip=tip, part=part, media=media, officer=officer)

    async def _reader(self, delivery: Delivery) -> OfficerView | None:
        reader = await self._session.scalar(select(Officer).where(Officer.resident_id == delivery.resident_id))
        return await self._officers.view(reader) if reader is not None and reader.is_active else None

    async def _officer(self, officer_id: int | None) -> OfficerView | None:
        try:
            return await self._officers.get(officer_id) if officer_id else None
        except NotFound:
            return None


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
        doubt=row.error if row.error in IN_DOUBT else "",
        messenger=Messenger(row.messenger),
        address=address,
        is_group=is_group,
        language=language,
        endpoint_id=endpoint_id,
        resident_id=resident_id,
        message=row.message if row.seal_id else None,
        facts=dict(row.facts or {}) if row.seal_id else {},
        seal_id=row.seal_id,
    )
