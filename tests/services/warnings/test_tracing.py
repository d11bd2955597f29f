"""Why did this person (not) get it? Each reason a person can have shows."""

import pytest
from sqlalchemy import func, select

from bot.errors import NotAllowed
from bot.services.unit import Units
from bot.services.warnings import Trace
from bot.store.audit import AuditEntry
from bot.terms import EndpointState, Messenger
from tests.clocks import FakeClock
from tests.services import cast
from tests.services.test_warnings import open_windows, publish, send_all, spread


async def trace(units: Units, warning_id: int, address: str = "1002", badge: str = cast.STAFF) -> Trace:
    async with units() as unit:
        officer = await cast.officer(unit, badge)
        return await unit.warnings.trace(officer, warning_id, Messenger.TELEGRAM, address)


def words(found: Trace) -> list[str]:
    return [step.what for step in found.steps]


async def sent(units: Units) -> int:
    warning = await publish(units)
    await open_windows(units)
    await spread(units, warning.id)
    await send_all(units)
    return warning.id


async def test_one_who_got_it(units: Units) -> None:
    warning_id = await sent(units)
    steps = words(await trace(units, warning_id))
    assert steps[:3] == ["subscribed", "prepared", "sent"]
    assert "group_got_it" in steps


async def test_what_came_later_stands_below(units: Units, clock: FakeClock) -> None:
    """The group got the warning with him; its recall was an hour after both."""
    warning_id = await sent(units)
    await clock.advance(3600)
    async with units() as unit:
        await unit.warnings.recall(await cast.officer(unit, cast.ASKAR), warning_id)
    async with units() as unit:
        assert await unit.warnings.spread_change(warning_id)
    found = await trace(units, warning_id)
    assert words(found).index("group_got_it") < words(found).index("change_prepared")
    assert words(found)[-1] == "due"


async def test_one_of_another_precinct(units: Units) -> None:
    steps = words(await trace(units, await sent(units), "1020"))
    assert "no_notice" in steps
    assert "outside_audience" in steps


async def test_one_who_blocked_the_bot(units: Units) -> None:
    async with units() as unit:
        person = await cast.resident(unit)
        await unit.residents.close_endpoint(person.endpoint_id, EndpointState.BLOCKED, "blocked")
    found = await trace(units, await sent(units))
    assert words(found)[:4] == ["subscribed", "endpoint_closed", "prepared", "failed"]
    assert found.steps[3].facts["reason"] == "blocked"
    assert found.steps[1].at is None  # when he was heard last is not when he blocked it


async def test_one_who_never_subscribed_or_stopped(units: Units) -> None:
    async with units() as unit:
        await unit.subscriptions.unsubscribe((await cast.resident(unit)).id)
        await unit.residents.stop(await cast.resident(unit, 1003))
    warning_id = await sent(units)
    assert words(await trace(units, warning_id))[:2] == ["not_subscribed", "no_notice"]
    assert "stopped" in words(await trace(units, warning_id, "1003"))


async def test_a_stranger_is_said_to_be_unknown(units: Units) -> None:
    found = await trace(units, await sent(units), "77")
    assert (found.is_known, words(found)) == (False, ["unknown"])


async def test_only_staff_may_ask_and_each_look_is_written_down(units: Units) -> None:
    warning_id = await sent(units)
    with pytest.raises(NotAllowed):
        await trace(units, warning_id, badge=cast.ASKAR)
    await trace(units, warning_id)
    async with units.house.database.reading() as session:
        query = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "warning_traced")
        assert await session.scalar(query) == 1
