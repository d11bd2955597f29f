"""Who asked to be warned, about what."""

from dataclasses import dataclass
from functools import cache

from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.data import load
from bot.errors import NotFound
from bot.i18n import Bilingual
from bot.services.notices import IN_DOUBT
from bot.store.base import insert_into
from bot.store.notices import Notice
from bot.store.residents import Resident
from bot.store.subscriptions import Subscription
from bot.store.warnings import Warning
from bot.terms import NoticeKind, NoticeState, WarningState

WARNINGS = "warnings"
UNSUBSCRIBED = "unsubscribed"  # error of a warning's notice whose reader has left the topic before it went
WAITING = (
    WarningState.SPREADING, WarningState.CANARY, WarningState.SENDING, WarningState.PAUSED, WarningState.STOPPED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TopicView:
    code: str
    name: Bilingual
    is_default: bool


@cache
def topics() -> tuple[TopicView, ...]:
    return tuple(
        TopicView(item["code"], Bilingual(item["kk"], item["ru"]), bool(item.get("default")))
        for item in load("topics")["topic"]
    )


def topic(code: str) -> TopicView:
    """Raises NotFound."""
    for one in topics():
        if one.code == code:
            return one
    raise NotFound


class Subscriptions:
    def __init__(self, session: AsyncSession, clock: Clock) -> None:
        self._session, self._clock = session, clock

    async def subscribe(self, resident_id: int, topic: str = WARNINGS) -> None:
        row = insert_into(self._session, Subscription)
        row = row.values(resident_id=resident_id, topic=topic, since=self._clock.now())
        await self._session.execute(row.on_conflict_do_nothing())
        left_out = (Notice.state == NoticeState.SKIPPED, Notice.error == UNSUBSCRIBED)
        back = update(Notice).where(*_of_warnings(resident_id, [topic]), *left_out)
        await self._session.execute(back.values(state=NoticeState.DUE, error=""))

    async def subscribe_usual(self, resident_id: int) -> None:
        """To what nobody has to choose."""
        for one in topics():
            if one.is_default:
                await self.subscribe(resident_id, one.code)

    async def unsubscribe(self, resident_id: int, topic: str = WARNINGS) -> None:
        await self._session.execute(
            delete(Subscription).where(Subscription.resident_id == resident_id, Subscription.topic == topic)
        )
        await self._leave_out(resident_id, [topic])
        await self._forget_house(resident_id)

    async def unsubscribe_all(self, resident_id: int) -> None:
        await self._session.execute(delete(Subscription).where(Subscription.resident_id == resident_id))
        await self._leave_out(resident_id, [one.code for one in topics()])
        await self._forget_house(resident_id)

    async def _leave_out(self, resident_id: int, codes: list[str]) -> None:
        """What waits for the morning does not come to who has left in the evening."""
        waits = (Notice.state == NoticeState.DUE, Notice.error.not_in(IN_DOUBT))
        skipped = update(Notice).where(*_of_warnings(resident_id, codes), *waits)
        await self._session.execute(skipped.values(state=NoticeState.SKIPPED, error=UNSUBSCRIBED))

    async def _forget_house(self, resident_id: int) -> None:
        """It was kept for warnings alone: with the last topic it goes."""
        has_topic = exists().where(Subscription.resident_id == Resident.id)
        mine = update(Resident).where(Resident.id == resident_id, Resident.home.is_not(None), ~has_topic)
        forgotten = mine.values(home=None, home_number=None).execution_options(synchronize_session=False)
        await self._session.execute(forgotten)

    async def switch(self, resident_id: int, code: str) -> bool:
        """On becomes off and back. True when it is on now. Raises NotFound for a topic that does not exist."""
        topic(code)
        if await self.has(resident_id, code):
            await self.unsubscribe(resident_id, code)
            return False
        await self.subscribe(resident_id, code)
        return True

    async def has(self, resident_id: int, topic: str = WARNINGS) -> bool:
        query = select(Subscription.topic).where(Subscription.resident_id == resident_id, Subscription.topic == topic)
        return await self._session.scalar(query) is not None

    async def of(self, resident_id: int) -> frozenset[str]:
        """Codes of what this person subscribed to."""
        query = select(Subscription.topic).where(Subscription.resident_id == resident_id)
        return frozenset(await self._session.scalars(query))


def _of_warnings(resident_id: int, codes: list[str]) -> list[ColumnElement[bool]]:
    """This person's notices of warnings under way about these topics."""
    under_way = select(Warning.id).where(Warning.state.in_(WAITING), Warning.topic.in_(codes))
    return [Notice.kind == NoticeKind.WARNING, Notice.resident_id == resident_id, Notice.warning_id.in_(under_way)]
