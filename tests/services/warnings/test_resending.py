"""What has left is sent again only to those it did not reach."""

from datetime import timedelta

import pytest
from sqlalchemy import update

import bot.fanout
from bot.errors import WarningNotOut
from bot.fanout import Resends
from bot.services.unit import Units
from bot.services.warnings import WarningView, resending
from bot.store.endpoints import Endpoint
from bot.store.notices import Notice
from bot.store.warnings import Warning
from bot.terms import EndpointState, NoticeKind, NoticeState, WarningState
from tests.clocks import FakeClock
from tests.services import cast
from tests.services.test_warnings import open_windows, publish, send_all, spread
from tests.services.warnings.test_changing import gone


async def test_only_those_not_reached_get_it_again_once_they_can_be(units: Units, clock: FakeClock) -> None:
    warning = await publish(units)
    await open_windows(units)
    async with units() as unit:
        closed = [await cast.resident(unit, number) for number in (1002, 1003)]
        for person in closed:
            await unit.residents.close_endpoint(person.endpoint_id, EndpointState.BLOCKED, "blocked")
    await spread(units, warning.id)
    await send_all(units)
    async with units.house.database.writing() as session:
        await session.execute(update(Warning).values(state=WarningState.DONE))
        open_again = update(Endpoint).where(Endpoint.id == closed[0].endpoint_id)
        await session.execute(open_again.values(state=EndpointState.OPEN))
    await clock.advance(600)
    async with units() as unit:
        author = await cast.officer(unit, cast.ASKAR)
        assert await unit.warnings.missed(warning.id) == 1
        assert await unit.warnings.resend(author, warning.id) == 1
    (row,) = await cast.rows(units, Notice, Notice.kind == NoticeKind.WARNING, Notice.state == NoticeState.DUE)
    assert (row.resident_id, row.attempts, row.error) == (closed[0].id, 0, "")
    assert row.expires_at is not None
    assert row.expires_at > clock.now() + timedelta(days=2)
    await send_all(units)
    async with units() as unit:
        assert await unit.warnings.resend(author, warning.id) == 0


@pytest.mark.parametrize("state", [WarningState.CANCELLED, WarningState.STOPPED, WarningState.PAUSED])
async def test_what_was_broken_off_is_not_sent_again(units: Units, state: WarningState) -> None:
    warning = await gone(units)
    async with units.house.database.writing() as session:
        await session.execute(update(Warning).values(state=state))
    async with units() as unit:
        with pytest.raises(WarningNotOut):
            await unit.warnings.resend(await cast.officer(unit, cast.ASKAR), warning.id)


async def missed_by_all(units: Units, monkeypatch: pytest.MonkeyPatch) -> WarningView:
    """22 recipients whom it did not reach and who can be reached now; portions of four."""
    monkeypatch.setattr(resending, "FIRST_AGAIN", 4)
    monkeypatch.setattr(bot.fanout, "FIRST_CHUNK", 4)
    monkeypatch.setattr(bot.fanout, "next_chunk", lambda *_args: 4)
    warning = await gone(units)
    async with units.house.database.writing() as session:
        of_it = (Notice.warning_id == warning.id, Notice.kind == NoticeKind.WARNING)
        await session.execute(update(Notice).where(*of_it).values(state=NoticeState.FAILED, error="unreachable"))
        await session.execute(update(Warning).values(state=WarningState.DONE))
    return warning


async def yes() -> bool:
    return True


DUE_AGAIN = (Notice.kind == NoticeKind.WARNING, Notice.state == NoticeState.DUE)


async def test_very_many_are_sent_again_in_portions(units: Units, monkeypatch: pytest.MonkeyPatch) -> None:
    warning = await missed_by_all(units, monkeypatch)
    async with units() as unit:
        assert await unit.warnings.resend(await cast.officer(unit, cast.ASKAR), warning.id) == 4
    assert len(await cast.rows(units, Notice, *DUE_AGAIN)) == 4
    assert await send_all(units, NoticeState.FAILED) >= 4  # the first few are refused once more meanwhile
    async with units() as unit:
        await unit.warnings.watch({})
        assert (await unit.warnings.get(warning.id)).state is WarningState.SENDING  # not over: the rest is to come
        assert await unit.warnings.resending() == [warning.id]
    locks = await Resends(units, yes).send_again(warning.id)
    assert len(locks) == 5
    assert len(await cast.rows(units, Notice, *DUE_AGAIN)) == 18  # nobody a third time
    async with units() as unit:
        assert await unit.warnings.resending() == []


async def test_a_recall_stops_a_resend(units: Units, monkeypatch: pytest.MonkeyPatch) -> None:
    warning = await missed_by_all(units, monkeypatch)
    async with units() as unit:
        author = await cast.officer(unit, cast.ASKAR)
        await unit.warnings.resend(author, warning.id)
    async with units() as unit:
        await unit.warnings.recall(author, warning.id)
    assert not await Resends(units, yes).step()
    assert await cast.rows(units, Notice, *DUE_AGAIN) == []
    async with units() as unit:
        assert await unit.warnings.resending() == []


async def test_so_many_that_could_be_reached_now_are_not_counted_to_the_end(
    units: Units, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resending, "COUNTED_AT_ONCE", 10)
    warning = await missed_by_all(units, monkeypatch)
    async with units.reading() as unit:
        assert await unit.warnings.missed(warning.id) == 11
