"""Why did this person (not) get it? One resident's way through one warning, step by step."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from bot.errors import NotAllowed, NotFound
from bot.services.homes import told_codes
from bot.services.officers import OfficerView
from bot.services.residents import address_fingerprint
from bot.services.warnings.counting import of, word_of
from bot.services.warnings.records import WarningRecords
from bot.services.warnings.views import Audience, chats_in, residents_in
from bot.store.chats import Chat
from bot.store.endpoints import Endpoint
from bot.store.notices import Notice
from bot.store.residents import Resident
from bot.store.subscriptions import Subscription
from bot.store.warnings import Warning
from bot.terms import EndpointState, Messenger, NoticeKind, NoticeState, Role

_BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that speaks for or against; `what` is worded by bot.speech."""

    what: str
    at: datetime | None = None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trace:
    is_known: bool
    steps: tuple[Step, ...]


class WarningsTraced(WarningRecords):
    async def trace(self, officer: OfficerView, warning_id: int, messenger: Messenger, address: str) -> Trace:
        """By the person's own number or account, which the asker must know already. Each look is written down.

        Raises NotAllowed, NotFound."""
        if not officer.has(Role.STAFF, Role.HEAD, Role.ADMIN):
            raise NotAllowed
        warning = await self._session.get(Warning, warning_id)
        if warning is None:
            raise NotFound
        await self._audit.write("warning_traced", by=officer, subject=f"warning:{warning_id}")
        query = (
            select(Resident, Endpoint)
            .join(Endpoint, Endpoint.resident_id == Resident.id)
            .where(Endpoint.fingerprint == address_fingerprint(messenger, address))
        )
        found = (await self._session.execute(query)).first()
        if found is None:
            return Trace(False, (Step("unknown"),))
        resident, endpoint = found
        steps = await self._before(warning, resident, endpoint)
        went = [*await self._notice(warning, resident.id), *await self._groups(warning, resident)]
        return Trace(True, (*steps, *_in_time(went)))

    async def _before(self, warning: Warning, resident: Resident, endpoint: Endpoint) -> list[Step]:
        """What the audience's rule says of this person."""
        since = await self._session.scalar(
            select(Subscription.since).where(
                Subscription.resident_id == resident.id, Subscription.topic == warning.topic
            )
        )
        steps = [Step("subscribed", since) if since else Step("not_subscribed")]
        if since and warning.audience_at and since > warning.audience_at:
            steps.append(Step("subscribed_later", warning.audience_at))
        audience = Audience.from_json(warning.audience)
        codes = await told_codes(self._session, audience.houses)
        inside = select(Resident.id).where(Resident.id == resident.id, *residents_in(audience, codes))
        if await self._session.scalar(inside) is None:
            steps.append(Step("stopped", resident.stopped_at) if resident.stopped_at else Step("outside_audience"))
        if endpoint.state != EndpointState.OPEN:
            steps.append(Step("endpoint_closed", None, {"reason": endpoint.state}))  # since when is not known
        return steps

    async def _notice(self, warning: Warning, resident_id: int) -> list[Step]:
        mine = select(Notice).where(Notice.resident_id == resident_id)
        its_own = await self._session.scalars(mine.where(*of(warning.id, "people")))
        of_change = mine.where(*word_of(warning.id, NoticeKind.WARNING_CHANGE)).order_by(Notice.id)
        steps: list[Step] = []
        for notice in [*its_own, *await self._session.scalars(of_change)]:
            steps.append(Step("prepared" if notice.kind == NoticeKind.WARNING else "change_prepared", notice.due_at))
            if notice.sent_at is not None:
                steps.append(Step("sent", notice.sent_at, {"messenger": notice.messenger}))
            if notice.delivered_at is not None:
                steps.append(Step("delivered", notice.delivered_at))
            if notice.state not in (NoticeState.SENT, NoticeState.DELIVERED):
                steps.append(Step(notice.state, None, {"reason": notice.error, "attempts": notice.attempts}))
        return steps or [Step("no_notice")]

    async def _groups(self, warning: Warning, resident: Resident) -> list[Step]:
        """Groups of his precinct that got it: he may have read it there."""
        if resident.precinct_id is None:
            return []
        query = (
            select(Chat.title, Notice.sent_at)
            .join(Notice, Notice.chat_id == Chat.id)
            .where(
                *of(warning.id, "chats"),
                Notice.sent_at.is_not(None),
                Chat.precinct_id == resident.precinct_id,
                *chats_in(Audience.from_json(warning.audience)),
            )
            .order_by(Notice.sent_at)
            .limit(5)
        )
        rows = await self._session.execute(query)
        return [Step("group_got_it", sent_at, {"title": title}) for title, sent_at in rows]


def _in_time(steps: list[Step]) -> list[Step]:
    """One without a time stays behind the one it follows."""
    at, timed = _BEGINNING, []
    for step in steps:
        at = step.at or at
        timed.append((at, step))
    return [step for _at, step in sorted(timed, key=lambda one: one[0])]
