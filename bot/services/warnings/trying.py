"""The first few before the rest, and what makes the program stop a warning by itself."""

from collections import Counter
from datetime import timedelta
from itertools import zip_longest

from sqlalchemy import func, literal_column, select

from bot.services.notices import Promise, Recipient
from bot.services.warnings.counting import of
from bot.services.warnings.spreading import WarningsSpread, chats_of, people_of
from bot.services.warnings.views import LIVE, OPEN_STATES, FirstFew, Plan
from bot.store.base import insert_into
from bot.store.chats import Chat
from bot.store.leases import Counter as Tally
from bot.store.notices import Notice
from bot.store.officers import Officer
from bot.store.residents import Resident
from bot.store.subscriptions import Subscription
from bot.store.territory import Precinct
from bot.store.warnings import Warning
from bot.terms import Lane, NoticeKind, NoticeState, Role, WarningState

FIRST = 50
TRIED_ABOVE = 1000  # recipients: fewer are over before anybody could stop them
TRY_LASTS = timedelta(seconds=60)
EQUAL_REFUSALS = 3
REFUSED_SHARE = 0.2
CONTENT_ERRORS = frozenset({  # codes that speak of the words, not of the person: see channels' tables
    "bad_request", "too_large", "file", "empty", "bug", "content", "policy", "63027", "63028", "21655", "21656",
    "63005", "63013", "63021", "63026",
})  # fmt: skip

_STATE = (Notice.state, Notice.error)


class WarningsTried(WarningsSpread):
    async def first_few(self, plan: Plan) -> FirstFew | None:
        """Whom a big warning that is not urgent tries first: people of every district in turn, then groups.

        Reads only, and only as much as it takes: the size of the audience does not matter."""
        if plan.lane is Lane.URGENT or plan.was_tried or plan.cursor_chat or plan.cursor_resident:
            return None
        people, chats = people_of(plan), chats_of(plan)
        count = 0
        for source in (chats, people):
            some = source.with_only_columns(literal_column("1")).limit(TRIED_ABOVE + 1 - count).subquery()
            count += await self._session.scalar(select(func.count()).select_from(some)) or 0
        if count <= TRIED_ABOVE:
            return None
        districts = list(await self._session.scalars(select(Precinct.district_id).distinct()))
        by_district = []
        for district in districts:
            here = select(Precinct.id).where(Precinct.district_id == district)
            query = people.where(Resident.precinct_id.in_(here)).with_only_columns(Resident.id).limit(FIRST)
            by_district.append(list(await self._session.scalars(query)))
        turns = [one for turn in zip_longest(*by_district) for one in turn if one is not None][:FIRST]
        if len(turns) < FIRST:
            more = people.with_only_columns(Subscription.resident_id).limit(2 * FIRST)
            turns = list(dict.fromkeys([*turns, *await self._session.scalars(more)]))[:FIRST]
        groups = chats.with_only_columns(Chat.id).limit(FIRST - len(turns))
        of_groups = tuple(await self._session.scalars(groups)) if len(turns) < FIRST else ()
        return FirstFew(tuple(turns), of_groups)

    async def try_first(self, plan: Plan, few: FirstFew) -> None:
        """Writes the notices of these few; the rest is written when they have been answered."""
        row = await self._session.get(Warning, plan.warning_id, with_for_update=True)
        if row is None or row.state != WarningState.SPREADING or row.canary is not None:
            return
        row.canary = len(few.resident_ids) + len(few.chat_ids)
        row.canary_at = max(self._clock.now(), row.due_at or self._clock.now())
        row.state = WarningState.CANARY
        await self._insert(plan, people_of(plan).where(Resident.id.in_(few.resident_ids)))
        await self._insert(plan, chats_of(plan).where(Chat.id.in_(few.chat_ids)))
        self._after_commit("notices")

    async def being_tried(self) -> list[int]:
        return list(await self._session.scalars(select(Warning.id).where(Warning.state == WarningState.CANARY)))

    async def weigh(self, warning_id: int) -> WarningState | None:
        """When the first few are answered, or their minute is over: stop, or go on to all. Its new state, if any."""
        row = await self._session.get(Warning, warning_id, with_for_update=True)
        if row is None or row.state != WarningState.CANARY or row.canary_at is None:
            return None
        found: list[tuple[str, str, int]] = []
        for part in ("chats", "people"):  # in the words of their indexes: all notices are not read under the lock
            by = select(Notice.state, Notice.error, func.count()).where(*of(warning_id, part))
            found += [(state, error, n) for state, error, n in await self._session.execute(by.group_by(*_STATE))]
        open_now = sum(n for state, _error, n in found if state in OPEN_STATES)
        refused = Counter({error: n for state, error, n in found if _is_content(state, error)})
        worst, times = (refused.most_common(1) or [("", 0)])[0]
        if times >= EQUAL_REFUSALS or refused.total() > REFUSED_SHARE * (row.canary or FIRST):
            await self.stop(warning_id, worst)
        elif open_now == 0 or self._clock.now() >= row.canary_at + TRY_LASTS:
            row.state = WarningState.SPREADING
            self._after_commit("warnings")
        return WarningState(row.state)

    async def refused(self, warning_id: int, code: str) -> None:
        """One more recipient whose messenger refused the words; the third equal refusal stops the warning."""
        if code not in CONTENT_ERRORS:
            return
        first = insert_into(self._session, Tally).values(name=f"refused:{warning_id}:{code}"[:60], value=1)
        counted = first.on_conflict_do_update(index_elements=[Tally.name], set_={"value": Tally.value + 1})
        if (await self._session.scalar(counted.returning(Tally.value)) or 0) >= EQUAL_REFUSALS:
            await self.stop(warning_id, code)

    async def stop(self, warning_id: int, reason: str) -> None:
        """The program's own stop: nothing more leaves, and its author and the heads are told why."""
        row = await self._session.get(Warning, warning_id, with_for_update=True)
        if row is None or row.state not in LIVE:
            return
        row.state, row.stop_reason = WarningState.STOPPED, reason[:40]
        await self._audit.write("warning_stopped", by=None, subject=f"warning:{warning_id}", reason=reason)
        author = await self._session.scalar(select(Officer.resident_id).where(Officer.id == row.author_id))
        heads = await self._officers.with_role(Role.HEAD, Role.ADMIN)
        told = {author, *(head.resident_id for head in heads)} - {None}
        facts = {"alarm": "stopped", "what": row.code, "reason": reason}
        await self._notices.promise(
            *(
                Promise(NoticeKind.ALARM, Recipient(resident_id=one), Lane.URGENT, facts=facts)
                for one in sorted(one for one in told if one)
            )
        )
        self._after_commit("warnings")


def _is_content(state: str, error: str) -> bool:
    return state == NoticeState.FAILED and error in CONTENT_ERRORS
