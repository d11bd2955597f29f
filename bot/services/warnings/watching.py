"""Watching and steering: progress, pause, cancel, the end."""

from sqlalchemy import func, select, update

from bot.errors import NotFound
from bot.services.notices import Promise, Recipient
from bot.services.officers import OfficerView
from bot.services.warnings.records import WarningRecords
from bot.services.warnings.views import OPEN_STATES, Progress, WarningView
from bot.store.chats import Chat
from bot.store.notices import Notice
from bot.store.officers import Officer
from bot.store.warnings import Warning
from bot.terms import Lane, NoticeKind, NoticeState, Role, WarningState


class WarningsWatched(WarningRecords):
    async def watched(self, officer: OfficerView, warning_id: int) -> WarningView:
        """For its author and the heads: raises NotFound to anybody else."""
        return await self._view(await self._own(officer, warning_id))

    async def of_author(self, officer: OfficerView, limit: int = 8) -> list[WarningView]:
        query = select(Warning).where(Warning.author_id == officer.id).order_by(Warning.id.desc()).limit(limit)
        return [await self._view(row) for row in await self._session.scalars(query)]

    async def progress(self, warning_id: int) -> Progress:
        """Counts by state; why those who were not reached were not; the groups among them by name."""
        mine = (Notice.warning_id == warning_id) & (Notice.kind == NoticeKind.WARNING)
        by = select(Notice.state, Notice.error, func.count()).where(mine).group_by(Notice.state, Notice.error)
        states: dict[str, int] = {}
        failed: dict[str, int] = {}
        for state, error, count in await self._session.execute(by):
            states[state] = states.get(state, 0) + count
            if state in (NoticeState.FAILED, NoticeState.SKIPPED, NoticeState.UNKNOWN, NoticeState.EXPIRED):
                reason = error or state
                failed[reason] = failed.get(reason, 0) + count
        names = select(Chat.title).join(Notice, Notice.chat_id == Chat.id)
        lost = names.where(mine, Notice.state.in_((NoticeState.FAILED, NoticeState.SKIPPED))).limit(10)
        delivered = states.get(NoticeState.DELIVERED, 0) + states.get(NoticeState.READ, 0)
        return Progress(
            prepared=sum(states.values()),
            sent=states.get(NoticeState.SENT, 0) + delivered,
            delivered=delivered,
            waiting=sum(states.get(state, 0) for state in OPEN_STATES),
            failed=failed,
            lost_chats=tuple(await self._session.scalars(lost)),
        )

    async def pause(self, officer: OfficerView, warning_id: int, *, paused: bool = True) -> WarningView:
        row = await self._own(officer, warning_id)
        if paused and row.state in (WarningState.SENDING, WarningState.SPREADING):
            row.state = WarningState.PAUSED
        elif not paused and row.state == WarningState.PAUSED:
            row.state = WarningState.SPREADING  # the fan-out goes on behind its cursor, or finds that it is done
            self._after_commit("warnings")
            self._after_commit("notices")
        return await self._view(row)

    async def cancel(self, officer: OfficerView, warning_id: int) -> WarningView:
        """What has not left will not leave."""
        row = await self._own(officer, warning_id)
        if row.state in (WarningState.SENDING, WarningState.SPREADING, WarningState.PAUSED):
            row.state = WarningState.CANCELLED
            unsent = update(Notice).where(
                Notice.warning_id == warning_id, Notice.kind == NoticeKind.WARNING, Notice.state == NoticeState.DUE
            )
            await self._session.execute(unsent.values(state=NoticeState.CANCELLED))
            await self._audit.write("warning_cancelled", by=officer, subject=f"warning:{warning_id}")
        return await self._view(row)

    async def watch(self, seen: dict[int, Progress]) -> None:
        """Ends what has no one left to reach, and lets the authors' progress messages be edited.

        `seen` is the caller's memory of what each message shows: what has not moved is not edited."""
        now = self._clock.now()
        query = select(Warning).where(
            Warning.state.in_((WarningState.SENDING, WarningState.SPREADING, WarningState.PAUSED))
        )
        for row in await self._session.scalars(query):
            ended = row.state == WarningState.SENDING and not await self._is_open(row.id)
            if ended and await self._card_is_under_way(row.id):
                continue  # the author's own message has not left yet: end it when it can be told
            if ended:
                row.state, row.done_at = WarningState.DONE, now
            if not ended and (row.due_at is None or row.due_at > now):
                continue
            progress = await self.progress(row.id)
            if (ended or seen.get(row.id) != progress) and await self._refresh(row, ended=ended):
                seen[row.id] = progress
            if ended:
                seen.pop(row.id, None)

    async def _card_is_under_way(self, warning_id: int) -> bool:
        query = select(Notice.id).where(
            Notice.warning_id == warning_id,
            Notice.kind == NoticeKind.WARNING_PROGRESS,
            Notice.state.in_(OPEN_STATES),
        )
        return await self._session.scalar(query.limit(1)) is not None

    async def _is_open(self, warning_id: int) -> bool:
        query = (
            select(Notice.id)
            .where(Notice.warning_id == warning_id, Notice.kind == NoticeKind.WARNING, Notice.state.in_(OPEN_STATES))
            .limit(1)
        )
        return await self._session.scalar(query) is not None

    async def _refresh(self, row: Warning, *, ended: bool) -> bool:
        """A sent progress message becomes due again: the courier edits it. Where edits do not exist, a last word."""
        card = await self._session.scalar(
            select(Notice)
            .where(Notice.warning_id == row.id, Notice.kind == NoticeKind.WARNING_PROGRESS)
            .order_by(Notice.id.desc())
            .limit(1)
        )
        if card is None or card.state not in (NoticeState.SENT, NoticeState.DELIVERED, NoticeState.READ):
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

    async def author_account(self, warning_id: int) -> int | None:
        query = select(Officer.resident_id).join(Warning, Warning.author_id == Officer.id)
        return await self._session.scalar(query.where(Warning.id == warning_id))
