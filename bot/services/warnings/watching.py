"""Watching and steering: pause, cancel, the end, and the author's card that says how it goes."""

from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, and_, case, delete, or_, select, update

from bot.errors import NotAllowed, NotFound
from bot.services.notices import IN_DOUBT, Promise, Recipient
from bot.services.officers import OfficerView
from bot.services.warnings.counting import Progress, WarningsCounted, word_of
from bot.services.warnings.views import APPROVERS, BROKEN_OFF, GOING, GONE, LIVE, OPEN_STATES, PUBLISHED, WarningView
from bot.store.leases import Counter as Tally
from bot.store.notices import DUE_WARNING, OF_WARNING, Notice, named
from bot.store.warnings import Warning
from bot.terms import Lane, NoticeKind, NoticeState, Role, WarningState

WRITTEN = 2**63 - 1  # the cursor of a change whose notices are all there
DROPPED_AT_ONCE = 5_000  # notices a transaction: a million would lock the others out


class WarningsWatched(WarningsCounted):
    async def watched(self, officer: OfficerView, warning_id: int) -> WarningView:
        """For its author and whoever may approve: raises NotFound to anybody else."""
        return await self._view(await self._mine_or_approver(officer, warning_id))

    async def of_author(self, officer: OfficerView, limit: int = 8) -> list[WarningView]:
        query = select(Warning).where(Warning.author_id == officer.id).order_by(Warning.id.desc()).limit(limit)
        return [await self._view(row) for row in await self._session.scalars(query)]

    async def latest(self, officer: OfficerView, limit: int = 8) -> list[WarningView]:
        """What has gone lately, whoever wrote it: who may approve may also stop. Raises NotAllowed."""
        if not officer.has(*APPROVERS):
            raise NotAllowed
        query = select(Warning).where(Warning.state.in_(PUBLISHED)).order_by(Warning.id.desc()).limit(limit)
        return [await self._view(row) for row in await self._session.scalars(query)]

    async def pause(self, officer: OfficerView, warning_id: int, *, paused: bool = True) -> WarningView:
        """Also goes on with what the program has stopped by itself: whoever looks at it knows better."""
        row = await self._own(officer, warning_id)
        if paused and row.state in LIVE:
            row.state = WarningState.PAUSED
            await self._audit.write("warning_paused", by=officer, subject=f"warning:{warning_id}")
            self._after_commit("warnings")
        elif not paused and row.state in (WarningState.PAUSED, WarningState.STOPPED) and row.recalled_at is None:
            await self._go_on(row)
            await self._audit.write("warning_resumed", by=officer, subject=f"warning:{warning_id}")
        return await self._view(row)

    async def _go_on(self, row: Warning) -> None:
        """Behind the fan-out's cursor, which may find that it is done; the first few are waited for again."""
        are_tried = row.canary is not None and not row.cursor_chat and not row.cursor_resident
        if row.state == WarningState.STOPPED:
            await self._session.execute(delete(Tally).where(Tally.name.startswith(f"refused:{row.id}:")))
            are_tried = False
        row.state = WarningState.CANARY if are_tried else WarningState.SPREADING
        if are_tried:
            row.canary_at = self._clock.now()
        row.stop_reason, row.done_at = "", None
        self._after_commit("warnings")
        self._after_commit("notices")

    async def cancel(self, officer: OfficerView, warning_id: int) -> WarningView:
        """What has not left will not leave."""
        row = await self._own(officer, warning_id)
        if row.state in GOING or (row.state == WarningState.STOPPED and row.recalled_at is None):
            row.state, row.done_at = WarningState.CANCELLED, None
            await self.drop(warning_id)
            await self._audit.write("warning_cancelled", by=officer, subject=f"warning:{warning_id}")
            self._after_commit("warnings")
        return await self._view(row)

    async def to_drop(self) -> list[int]:
        """Cancelled with more notices than one transaction may lock."""
        waits = select(Notice.id).where(Notice.warning_id == Warning.id, named(DUE_WARNING)).exists()
        return list(await self._session.scalars(select(Warning.id).where(Warning.state == "cancelled", waits)))

    async def drop(self, warning_id: int) -> bool:
        """Cancels the next of those that wait. What may have left already stays in doubt. True when none is left."""
        some = select(Notice.id).where(Notice.warning_id == warning_id, named(DUE_WARNING)).limit(DROPPED_AT_ONCE)
        done = await self._session.execute(_dropped(Notice.id.in_(some)))
        left: int = done.rowcount  # type: ignore[attr-defined]
        if left == DROPPED_AT_ONCE:
            self._after_commit("warnings")
        return left < DROPPED_AT_ONCE

    async def to_count(self, seen: Collection[int] = ()) -> dict[int, bool]:
        """Warnings whose card may have changed; True for one that has just ended, which is to be counted at once."""
        rows = (await self._session.execute(select(Warning.id, Warning.state).where(_is_watched(seen)))).all()
        return {
            id_: state in BROKEN_OFF or (state == WarningState.SENDING and not await self.has_open(id_))
            for id_, state in rows
        }

    async def watch(self, seen: dict[int, Progress], counted: Mapping[int, Progress] | None = None) -> None:
        """Ends what has no one left to reach, and lets the authors' progress messages be edited.

        `seen` is the caller's memory of what each message shows: what has not moved is not edited. `counted` is what
        he has counted outside this transaction; None: nothing, count here."""
        now = self._clock.now()
        for row in await self._session.scalars(select(Warning).where(_is_watched(seen))):
            if counted is not None and row.id not in counted:
                continue
            ended = row.state == WarningState.SENDING and not await self.has_open(row.id)
            broken_off = row.state in BROKEN_OFF and row.done_at is None
            if (ended or broken_off) and await self._card_is_under_way(row.id):
                continue  # the author's own message has not left yet: end it when it can be told
            if ended:
                row.state = WarningState.DONE
            if ended or broken_off:
                row.done_at = now
            elif row.due_at is None or row.due_at > now:
                continue
            progress = counted[row.id] if counted else await self.count(row.id)
            is_news = ended or broken_off or seen.get(row.id) != progress
            if is_news and await self._refresh(row, ended=ended):
                seen[row.id] = progress
            if row.done_at is not None and not (row.change and await self._is_changing(row)):
                seen.pop(row.id, None)

    async def _is_changing(self, row: Warning) -> bool:
        return row.change_cursor < WRITTEN or await self._has_words(row.id, NoticeKind.WARNING_CHANGE)

    async def _card_is_under_way(self, warning_id: int) -> bool:
        return await self._has_words(warning_id, NoticeKind.WARNING_PROGRESS)

    async def _has_words(self, warning_id: int, kind: NoticeKind) -> bool:
        query = select(Notice.id).where(*word_of(warning_id, kind), Notice.state.in_(OPEN_STATES))
        return await self._session.scalar(query.limit(1)) is not None

    async def _refresh(self, row: Warning, *, ended: bool) -> bool:
        """A sent progress message becomes due again: the courier edits it. Where edits do not exist, a last word."""
        card = await self._session.scalar(
            select(Notice)
            .where(*word_of(row.id, NoticeKind.WARNING_PROGRESS))
            .order_by(Notice.id.desc())
            .limit(1)
        )  # fmt: skip
        if card is None or card.state not in GONE:
            return False
        if card.messenger == "telegram":
            card.state, card.lane, card.due_at, card.attempts = NoticeState.DUE, Lane.EDIT, self._clock.now(), 0
            self._after_commit("notices")
        elif ended and card.resident_id:
            to = Recipient(resident_id=card.resident_id)
            await self._notices.promise(Promise(NoticeKind.WARNING_PROGRESS, to, Lane.ANSWER, warning_id=row.id))
        return True

    async def _own(self, officer: OfficerView, warning_id: int) -> Warning:
        row = await self._session.get(Warning, warning_id, with_for_update=True)
        if row is None or (row.author_id != officer.id and not officer.has(Role.HEAD, Role.ADMIN)):
            raise NotFound
        return row

    async def _mine_or_approver(self, officer: OfficerView, warning_id: int) -> Warning:
        row = await self._session.get(Warning, warning_id, with_for_update=True)
        if row is None or (row.author_id != officer.id and not officer.has(*APPROVERS)):
            raise NotFound
        return row


def _is_watched(seen: Collection[int] = ()) -> ColumnElement[bool]:
    """Under way, broken off a moment ago, or being recalled or corrected."""
    told = select(Notice.id).where(
        Notice.warning_id == Warning.id,
        named(OF_WARNING),
        Notice.kind == NoticeKind.WARNING_CHANGE,
        Notice.state.in_(OPEN_STATES),
    )
    return or_(
        Warning.state.in_(GOING),
        and_(Warning.state.in_(BROKEN_OFF), Warning.done_at.is_(None)),
        and_(Warning.change > 0, or_(Warning.change_cursor < WRITTEN, told.exists())),
        Warning.id.in_(list(seen)),
    )


def _dropped(where: ColumnElement[bool]):  # type: ignore[no-untyped-def]
    """What may have left already stays in doubt: a recall reaches it too."""
    in_doubt = Notice.error.in_(IN_DOUBT)
    state = case((in_doubt, NoticeState.UNKNOWN.value), else_=NoticeState.CANCELLED.value)
    return update(Notice).where(where).values(state=state).execution_options(synchronize_session=False)
