"""How much one sender may send within an hour and a day. Senders are counted by a keyed fingerprint."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.errors import N_, KorshiError
from bot.store import keys
from bot.store.base import insert_of
from bot.store.tips import SenderCount

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TIPS_AN_HOUR, TIPS_A_DAY = 20, 60
FILES_AN_HOUR = 5  # beyond those a story begins with
FILES_OF_STORY = 10  # as many as an album holds
MISSES_AN_HOUR = 5  # wrong codes of receipts
TIPS, FILES, MISSES = "tips", "files", "misses"


class TooManyTips(KorshiError):
    msgid = N_(
        "Too many tips in a short time. Try again after {time}: the draft is kept. If there is danger, call 102."
    )


class TooManyFiles(KorshiError):
    msgid = N_(
        "Too many files in a short time. Send the next one after {time}, or write. If there is danger, call 102."
    )


class SenderLimits:
    def __init__(self, session: AsyncSession, clock: Clock, zone: ZoneInfo) -> None:
        self._session, self._clock, self._zone = session, clock, zone

    async def tip(self, person_id: int, *, always: bool = False) -> None:
        """Counts one more. Raises TooManyTips; `always`: danger is counted, never refused."""
        hour, before, day = await self._count(person_id, TIPS, 1)
        if always:
            return
        if (until := self._full(hour, before, TIPS_AN_HOUR)) is not None:
            raise TooManyTips(time=self._time(until))
        if day > TIPS_A_DAY:
            raise TooManyTips(time=self._time(self._this_hour() + DAY))

    async def files(self, person_id: int, count: int) -> None:
        """Counts files beyond the first of a story. Raises TooManyFiles."""
        if count <= 0:
            return
        hour, before, _day = await self._count(person_id, FILES, count)
        if (until := self._full(hour, before, FILES_AN_HOUR)) is not None:
            raise TooManyFiles(time=self._time(until))

    async def missed(self, person_id: int) -> None:
        """One more wrong code of a receipt."""
        await self._count(person_id, MISSES, 1)

    async def may_guess(self, person_id: int) -> bool:
        """Whether fewer wrong codes than allowed came from this person within the last hour or two."""
        recent = select(func.coalesce(func.sum(SenderCount.count), 0)).where(
            SenderCount.sender == _sender(person_id),
            SenderCount.what == MISSES,
            SenderCount.hour > self._clock.now() - 2 * HOUR,
        )
        return (await self._session.scalar(recent) or 0) < MISSES_AN_HOUR

    async def forget(self) -> None:
        """What is older than any limit looks back."""
        await self._session.execute(delete(SenderCount).where(SenderCount.hour < self._clock.now() - DAY - HOUR))

    async def _count(self, person_id: int, what: str, more: int) -> tuple[int, int, int]:
        """In this clock hour, in the one before it, and in a day. One statement: two at once are both counted."""
        hour = self._this_hour()
        asked = {"sender": _sender(person_id), "what": what, "hour": hour, "more": more}
        asked |= {"from_hour": hour - HOUR, "from_day": hour - DAY}
        query = _count_in(self._session.get_bind().dialect.name)
        counted, just_before, of_day = (await self._session.execute(query, asked)).one()
        return int(counted), int(just_before), int(counted) + int(of_day)

    def _full(self, hour: int, before: int, limit: int) -> datetime | None:
        """When there is room again; None: there is. What the last clock hour holds counts for the part of it that is
        still within sixty minutes."""
        now, began = self._clock.now(), self._this_hour()
        left = 1 - (now - began) / HOUR
        if hour + before * left <= limit:
            return None
        if hour > limit:
            return began + HOUR + HOUR * (1 - (limit - 1) / hour)
        return began + HOUR * (1 - (limit - hour) / before)

    def _this_hour(self) -> datetime:
        return self._clock.now().replace(minute=0, second=0, microsecond=0)

    def _time(self, at: datetime) -> str:
        """Digits alone: the same in both languages."""
        local = (at + timedelta(seconds=59)).astimezone(self._zone)
        return f"{local:%d.%m %H:%M}"


@cache
def _count_in(dialect: str) -> Any:
    mine = (
        SenderCount.sender == bindparam("sender"),
        SenderCount.what == bindparam("what"),
        SenderCount.hour < bindparam("hour"),
    )
    earlier = select(func.coalesce(func.sum(SenderCount.count), 0))
    before = earlier.where(*mine, SenderCount.hour >= bindparam("from_hour")).scalar_subquery()
    day = earlier.where(*mine, SenderCount.hour > bindparam("from_day")).scalar_subquery()
    insert = insert_of(dialect, SenderCount)
    new: dict[str, Any] = {name: bindparam(name) for name in ("sender", "what", "hour")} | {"count": bindparam("more")}
    return (
        insert.values(new)
        .on_conflict_do_update(
            index_elements=["sender", "what", "hour"], set_={"count": SenderCount.count + insert.excluded.count}
        )
        .returning(SenderCount.count, before, day)
    )


def _sender(person_id: int) -> bytes:
    return keys.ring().fingerprint("sender", person_id)
