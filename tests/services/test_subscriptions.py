"""Who asked to be warned."""

from sqlalchemy import update

from bot.services.residents import Person
from bot.services.subscriptions import UNSUBSCRIBED
from bot.services.unit import Units
from bot.services.warnings import WarningView
from bot.store.notices import Notice
from bot.store.subscriptions import Subscription
from bot.terms import NoticeKind, NoticeState
from tests.services import cast
from tests.services.test_warnings import publish, spread


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


async def mine(units: Units, warning_id: int, resident_id: int) -> tuple[str, str]:
    where = (Notice.warning_id == warning_id, Notice.resident_id == resident_id, Notice.kind == NoticeKind.WARNING)
    (notice,) = await cast.rows(units, Notice, *where)
    return notice.state, notice.error


async def subscribed_and_warned(units: Units) -> tuple[Person, WarningView]:
    """Somebody for whom a warning waits."""
    async with units() as unit:
        person = await cast.resident(unit)
        await unit.subscriptions.subscribe(person.id)
    warning = await publish(units)
    await spread(units, warning.id)
    return person, warning


async def test_what_waits_does_not_come_to_who_has_left_meanwhile(units: Units) -> None:
    person, warning = await subscribed_and_warned(units)
    async with units() as unit:
        await unit.subscriptions.unsubscribe(person.id, "theft")
    assert await mine(units, warning.id, person.id) == (NoticeState.DUE, "")
    async with units() as unit:
        await unit.subscriptions.unsubscribe_all(person.id)
    assert await mine(units, warning.id, person.id) == (NoticeState.SKIPPED, UNSUBSCRIBED)
    others = await cast.rows(units, Notice, Notice.warning_id == warning.id, Notice.state == NoticeState.SKIPPED)
    assert len(others) == 1
    async with units() as unit:
        assert await unit.warnings.missed(warning.id) == 0  # nobody asked to have it
        assert await unit.subscriptions.switch(person.id, "warnings")
    assert await mine(units, warning.id, person.id) == (NoticeState.DUE, "")  # pressed by mistake: nothing is lost


async def test_what_may_have_arrived_is_not_called_skipped(units: Units) -> None:
    person, warning = await subscribed_and_warned(units)
    async with units.house.database.writing() as session:
        doubt = update(Notice).where(Notice.warning_id == warning.id, Notice.resident_id == person.id)
        await session.execute(doubt.values(error="unknown"))
    async with units() as unit:
        await unit.subscriptions.unsubscribe(person.id)
    assert await mine(units, warning.id, person.id) == (NoticeState.DUE, "unknown")


async def test_who_left_before_it_went_and_came_back_after_may_be_sent_it_again(units: Units) -> None:
    person, warning = await subscribed_and_warned(units)
    async with units() as unit:
        await unit.subscriptions.unsubscribe(person.id)
        await unit.warnings.cancel(await cast.officer(unit, cast.ASKAR), warning.id)
        await unit.subscriptions.subscribe(person.id)
        assert await unit.warnings.missed(warning.id) == 1
    assert await mine(units, warning.id, person.id) == (NoticeState.SKIPPED, UNSUBSCRIBED)
