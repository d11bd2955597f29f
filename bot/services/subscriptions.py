"""Who asked to be warned."""

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.store.subscriptions import Subscription

WARNINGS = "warnings"


class Subscriptions:
    def __init__(self, session: AsyncSession, clock: Clock) -> None:
        self._session, self._clock = session, clock

    async def subscribe(self, resident_id: int, topic: str = WARNINGS) -> None:
        dialect = self._session.get_bind().dialect.name
        statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(Subscription)
        row = statement.values(resident_id=resident_id, topic=topic, since=self._clock.now())
        await self._session.execute(row.on_conflict_do_nothing())

    async def unsubscribe(self, resident_id: int, topic: str = WARNINGS) -> None:
        await self._session.execute(
            delete(Subscription).where(Subscription.resident_id == resident_id, Subscription.topic == topic)
        )

    async def has(self, resident_id: int, topic: str = WARNINGS) -> bool:
        query = select(Subscription.topic).where(Subscription.resident_id == resident_id, Subscription.topic == topic)
        return await self._session.scalar(query) is not None
