"""Who asked to be warned."""

from bot.services.unit import Units
from bot.store.subscriptions import Subscription
from tests.services import cast


async def test_subscribing_twice_is_once_and_keeps_the_first_moment(units: Units) -> None:
    before = len(await cast.rows(units, Subscription))
    async with units() as unit:
        person = await cast.newcomer(unit)
        assert not await unit.subscriptions.has(person.id)
        for _ in range(2):
            await unit.subscriptions.subscribe(person.id)
        assert await unit.subscriptions.has(person.id)
    assert len(await cast.rows(units, Subscription)) == before + 1


async def test_unsubscribing_is_for_that_topic_alone(units: Units) -> None:
    async with units() as unit:
        person = await cast.newcomer(unit)
        for topic in ("warnings", "digest"):
            await unit.subscriptions.subscribe(person.id, topic)
        await unit.subscriptions.unsubscribe(person.id)
        assert not await unit.subscriptions.has(person.id)
        assert await unit.subscriptions.has(person.id, "digest")
