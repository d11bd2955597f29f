"""What became of it: results, crashes, reports of the provider."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, and_, bindparam, case, func, select, update

from bot.services.deliveries.choosing import NoticesChosen
from bot.services.deliveries.views import Closure, Settlement, message_fingerprint
from bot.services.notices import IN_DOUBT
from bot.store.base import new_id, seal
from bot.store.chats import Chat
from bot.store.endpoints import Endpoint
from bot.store.notices import Notice
from bot.store.prepared import Prepared
from bot.store.warnings import Warning
from bot.terms import EndpointState, Messenger, NoticeKind, NoticeState

MISSES = 2  # "not on this messenger", in a row
_notices = cast(Table, Notice.__table__)
_MINE = (_notices.c.id == bindparam("notice"), _notices.c.fence == bindparam("claim"))
_tells_secret = _notices.c.kind == NoticeKind.TIP_SENT  # a receipt's code is told once and kept nowhere
_under_way = _notices.c.state == NoticeState.SENDING
_ENDS: dict[str, Any] = {
    "state": bindparam("to"),
    "error": bindparam("why"),
    "lease_until": None,
    "sent_at": func.coalesce(_notices.c.sent_at, bindparam("sent", type_=_notices.c.sent_at.type)),
}
SAID = Prepared(
    update(_notices)
    .where(*_MINE)
    .values(
        seal_id=bindparam("seal"),
        facts_sealed=case((_tells_secret, None), else_=_notices.c.facts_sealed),
        message_sealed=bindparam("sealed"),
        ref=bindparam("fingerprint"),
        **{name: case((_under_way, value), else_=_notices.c[name]) for name, value in _ENDS.items()},
    )
)
"""The message's id is kept even when a callback was faster with the state."""
ENDED = Prepared(
    update(_notices)
    .where(*_MINE, _under_way)
    .values(
        due_at=func.coalesce(bindparam("due", type_=_notices.c.due_at.type), _notices.c.due_at),
        attempts=_notices.c.attempts + bindparam("more"),
        facts_sealed=case(
            (and_(_tells_secret, bindparam("to", type_=_notices.c.state.type) != NoticeState.DUE), None),
            else_=_notices.c.facts_sealed,
        ),
        **_ENDS,
    )
)


class NoticesSettled(NoticesChosen):
    async def settle(self, settlements: Sequence[Settlement]) -> None:
        """Writes results. A late result of an older claim, or one a callback has overtaken, changes nothing.

        Two statements at most, whatever their number."""
        for statement, rows in results_of(settlements, self._clock.now(), await self._unknown(settlements)):
            await self._session.execute(statement.statement, rows)

    async def _unknown(self, items: Sequence[Settlement]) -> dict[int, tuple[int | None, str]]:
        """Seal and messenger of those whose caller does not say them."""
        ids = [item.id for item in items if item.message is not None and item.messenger is None]
        if not ids:
            return {}
        query = select(Notice.id, Notice.seal_id, Notice.messenger).where(Notice.id.in_(ids))
        return {id_: (seal_id, messenger) for id_, seal_id, messenger in await self._session.execute(query)}

    async def close(self, closures: Sequence[Closure]) -> None:
        """Pause what cannot be reached; it reopens at the first sign of life."""
        for closure in closures:
            values: dict[str, Any] = {"state": closure.state, "state_reason": closure.reason[:80]}
            if closure.delivery.is_group:
                await self._session.execute(update(Chat).where(Chat.id == closure.delivery.talk).values(**values))
            elif closure.delivery.endpoint_id is not None:
                if closure.reason == "not_on_whatsapp":
                    values = missed(closure.state, closure.reason)
                closing = update(Endpoint).where(Endpoint.id == closure.delivery.endpoint_id).values(**values)
                await self._session.execute(closing.execution_options(synchronize_session=False))

    async def heal(self, messenger: Messenger, *, all_claims: bool = False) -> int:
        """Claims a crash left behind: nobody knows whether they left. Each is tried again, at most twice, or never if
        its warning says so.

        `all_claims`: the caller has just become the only courier of this messenger, so every claim is stale."""
        stale = [Notice.messenger == messenger, Notice.state == NoticeState.SENDING]
        if not all_claims:
            stale.append(Notice.lease_until <= self._clock.now())
        rows = list(await self._session.scalars(select(Notice).where(*stale)))
        left = await self._left_in_doubt(rows) if messenger is Messenger.TELEGRAM else set()
        for row in rows:
            row.fence += 1
            row.lease_until = None
            self.settle_unknown(row, is_left=row.id in left)
        return len(rows)

    async def _left_in_doubt(self, rows: Sequence[Notice]) -> set[int]:
        """Of warnings whose author would rather have somebody miss them than get them twice."""
        of_warnings = {row.id: row.warning_id for row in rows if row.kind == NoticeKind.WARNING}
        told = Warning.id.in_(set(of_warnings.values()))
        leaves = set(await self._session.scalars(select(Warning.id).where(told, Warning.repeats_doubt.is_(False))))
        return {id_ for id_, warning_id in of_warnings.items() if warning_id in leaves}

    def settle_unknown(self, row: Notice, *, is_left: bool = False) -> None:
        """Crashes come in rows: a promise is not given up before the third. One that itself crashes us ends there."""
        if is_left or row.error == IN_DOUBT[-1]:
            row.state, row.error = NoticeState.UNKNOWN, IN_DOUBT[0]
        else:
            row.error = IN_DOUBT[1] if row.error == IN_DOUBT[0] else IN_DOUBT[0]
            row.state, row.due_at = NoticeState.DUE, self._clock.now()
            row.attempts += 1


def missed(state: EndpointState, reason: str) -> dict[str, Any]:
    """Closed at the second miss in a row: the first may be the messenger's mistake."""
    is_last = Endpoint.misses + 1 >= MISSES
    return {
        "misses": Endpoint.misses + 1,
        "state": case((is_last, state.value), else_=Endpoint.state),
        "state_reason": case((is_last, reason[:80]), else_=Endpoint.state_reason),
    }


def results_of(
    items: Sequence[Settlement], now: datetime, known: Mapping[int, tuple[int | None, str]]
) -> list[tuple[Prepared, list[dict[str, Any]]]]:
    """Two statements at most, whatever their number. `known`: see `NoticesSettled._unknown`."""
    said, ended = list[dict[str, Any]](), list[dict[str, Any]]()
    for item in items:
        row: dict[str, Any] = {
            "notice": item.id,
            "claim": item.fence,
            "to": item.state.value,
            "why": item.error[:40],
            "sent": now if item.state is NoticeState.SENT else None,
        }
        if item.message is not None:
            seal_id, messenger = known.get(item.id) or (item.seal_id, item.messenger or "")
            row["seal"] = seal_id = seal_id or new_id(now)
            row["sealed"] = seal(Notice, "message", seal_id, item.message)
            row["fingerprint"] = message_fingerprint(messenger, item.message)
            said.append(row)
        else:
            is_due = item.state is NoticeState.DUE
            row["due"] = (item.due_at or now) if is_due else None
            row["more"] = int(is_due and item.counts_attempt)
            ended.append(row)
    return [(statement, rows) for statement, rows in ((SAID, said), (ENDED, ended)) if rows]
