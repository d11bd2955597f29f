"""What providers tell later: a report only moves a notice upwards, and may overtake our own record of the send."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, bindparam, case, func, or_, select, update

from bot.services.audit import Audit
from bot.services.deliveries.settling import NoticesSettled, missed
from bot.services.deliveries.views import FINAL, NO_WINDOW, RANK, message_fingerprint
from bot.store.endpoints import Endpoint
from bot.store.notices import Notice
from bot.store.residents import Resident
from bot.store.tips import Vault
from bot.terms import EndpointState, Messenger, NoticeKind, NoticeState

TRIES = 3  # of what the messenger keeps back for a while
_notices = cast(Table, Notice.__table__)
_now = bindparam("now", type_=_notices.c.sent_at.type)
_ranks = {**{state.value: rank for state, rank in RANK.items()}, **{state.value: len(RANK) for state in FINAL}}
RISEN = (
    update(_notices)
    .where(
        _notices.c.id == bindparam("notice"),
        or_(_notices.c.ref.is_(None), _notices.c.ref == bindparam("fingerprint")),
        case(_ranks, value=_notices.c.state, else_=-1) < bindparam("rank"),
    )
    .values(
        state=bindparam("to"),
        sent_at=func.coalesce(_notices.c.sent_at, _now),
        lease_until=None,
        delivered_at=case(
            (bindparam("rank") > RANK[NoticeState.SENT], func.coalesce(_notices.c.delivered_at, _now)),
            else_=_notices.c.delivered_at,
        ),
    )
)
"""Upwards only, and only of the message that is meant; a report may also overtake our own record of the send."""


@dataclass(frozen=True, slots=True)
class Report:
    """One status callback, already understood: the channel knows the provider's codes, we know what follows."""

    notice_id: int
    message: str
    state: NoticeState
    error: str = ""
    closes: EndpointState | None = None  # what the failure says of the person's endpoint
    is_miss: bool = False  # not on the messenger: believed at the second time
    by_template: bool = False  # free text was not allowed any more
    again_in: float | None = None  # seconds; kept back from this person for now
    is_withheld: bool = False  # kept back from this person for good
    refused: str = ""  # the words' own fault
    messenger: Messenger = Messenger.WHATSAPP


class NoticesReported(NoticesSettled):
    async def report(self, reports: Sequence[Report]) -> list[Report]:
        """Those failures that changed something. Repeated, late and foreign reports change nothing.

        Almost all only rise: of one notice's the highest is enough, and all of them are one statement."""
        fallen = {report.notice_id for report in reports if report.state is NoticeState.FAILED}
        await self._rise([report for report in reports if report.notice_id not in fallen])
        return await self._in_turn([report for report in reports if report.notice_id in fallen])

    async def _rise(self, reports: Sequence[Report]) -> None:
        highest: dict[tuple[int, str], Report] = {}
        for report in reports:
            key = (report.notice_id, report.message)
            if key not in highest or RANK[report.state] > RANK[highest[key].state]:
                highest[key] = report
        if highest:
            now = self._clock.now()
            await self._session.execute(RISEN, [_upwards(highest[key], now) for key in sorted(highest)])

    async def _in_turn(self, reports: Sequence[Report]) -> list[Report]:
        """Where a failure is among them, which came first decides."""
        ids = {report.notice_id for report in reports}
        query = select(Notice).where(Notice.id.in_(ids)).order_by(Notice.id).with_for_update()
        found = await self._session.scalars(query, execution_options={"populate_existing": True}) if ids else ()
        rows = {row.id: row for row in found}
        failed = []
        for report in reports:
            row = rows.get(report.notice_id)
            if row is None or (row.ref is not None and row.ref != _fingerprint(report)):
                continue
            if report.state is not NoticeState.FAILED:
                await self._session.flush()
                await self._rise([report])
                await self._session.refresh(row)
            elif await self._fails(row, report):
                failed.append(report)
        await self._session.flush()
        return failed

    async def _fails(self, row: Notice, report: Report) -> bool:
        if row.state in (NoticeState.DELIVERED, NoticeState.READ, *FINAL):
            return False
        now = self._clock.now()
        if report.by_template and row.attempts == 0:
            _again(row, now, NO_WINDOW)
        elif report.again_in is not None and row.attempts + 1 < TRIES:
            _again(row, now + timedelta(seconds=report.again_in), report.error)
        elif report.by_template or report.is_withheld or report.again_in is not None:
            row.state, row.error = NoticeState.SKIPPED, "no_template" if report.by_template else report.error[:40]
        else:
            row.state, row.error = NoticeState.FAILED, report.error[:40]
        if report.closes is not None:
            await self._close_endpoint_of(row, report)
        if report.refused and row.warning_id is not None and row.kind == NoticeKind.WARNING:
            await self._warnings.refused(row.warning_id, report.refused)
        return True

    async def _close_endpoint_of(self, row: Notice, report: Report) -> None:
        resident_id = row.resident_id
        if row.vault_id is not None:
            vault = await self._session.get(Vault, row.vault_id)
            resident_id = vault.resident if vault else None
        mine = Endpoint.id.in_(select(Resident.endpoint_id).where(Resident.id == resident_id))
        closing = update(Endpoint).where(mine, Endpoint.messenger == row.messenger)
        values: dict[str, Any] = {"state": report.closes, "state_reason": report.error[:80]}
        if report.is_miss:
            values = missed(report.closes or EndpointState.DEAD, report.error)
        await self._session.execute(closing.values(**values).execution_options(synchronize_session=False))
        if report.closes is EndpointState.STOPPED:
            audit = Audit(self._session, self._clock)
            await audit.write("opted_out_at_provider", subject=f"notice:{row.id}", code=report.error)


def _fingerprint(report: Report) -> bytes:
    return message_fingerprint(report.messenger, report.message)


def _upwards(report: Report, now: datetime) -> dict[str, Any]:
    fingerprint, rank = _fingerprint(report), RANK[report.state]
    return {"notice": report.notice_id, "fingerprint": fingerprint, "rank": rank, "to": report.state, "now": now}


def _again(row: Notice, at: datetime, error: str) -> None:
    """As if it had never left: what is known of the failed message must not be edited or reported on any more."""
    row.state, row.error, row.due_at, row.attempts = NoticeState.DUE, error[:40], at, row.attempts + 1
    row.sent_at = row.lease_until = row.ref = row.message_sealed = None
