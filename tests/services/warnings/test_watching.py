"""Paused, resumed, cancelled, stopped: what leaves, what stays, and when the author's card is edited."""

import pytest
from sqlalchemy import update

import bot.services.warnings.watching
from bot.services.unit import Units
from bot.services.warnings import Progress
from bot.store.notices import Notice
from bot.store.warnings import Warning
from bot.terms import Lane, NoticeKind, NoticeState, WarningState
from tests.services import cast
from tests.services.test_warnings import open_windows, publish, send_all, spread

MINE = Notice.kind == NoticeKind.WARNING


async def state_of(units: Units, warning_id: int) -> str:
    (row,) = await cast.rows(units, Warning, Warning.id == warning_id)
    return str(row.state)


async def set_warning(units: Units, **values: object) -> None:
    async with units.house.database.writing() as session:
        await session.execute(update(Warning).values(**values))


async def steer(units: Units, warning_id: int, *, paused: bool) -> str:
    async with units() as unit:
        await unit.warnings.pause(await cast.officer(unit, cast.ASKAR), warning_id, paused=paused)
    return await state_of(units, warning_id)


async def test_the_first_few_are_waited_for_again_after_a_pause(units: Units) -> None:
    warning = await publish(units)
    await set_warning(units, state=WarningState.CANARY, canary=50)
    assert await steer(units, warning.id, paused=True) == WarningState.PAUSED
    assert await steer(units, warning.id, paused=False) == WarningState.CANARY


async def test_a_pause_of_the_fan_out_goes_on_behind_its_cursor(units: Units) -> None:
    warning = await publish(units)
    await spread(units, warning.id)
    assert await steer(units, warning.id, paused=True) == WarningState.PAUSED
    assert await send_all(units) <= 1  # the author's card
    assert await steer(units, warning.id, paused=False) == WarningState.SPREADING
    await spread(units, warning.id)
    assert len(await cast.rows(units, Notice, MINE)) == 22


async def test_what_the_program_stopped_goes_on_when_its_author_says_so(units: Units) -> None:
    warning = await publish(units)
    await spread(units, warning.id)
    async with units() as unit:
        for _ in range(3):
            await unit.warnings.refused(warning.id, "bad_request")
    assert await state_of(units, warning.id) == WarningState.STOPPED
    assert await steer(units, warning.id, paused=False) == WarningState.SPREADING
    async with units() as unit:  # the refusals of before count no more
        await unit.warnings.refused(warning.id, "bad_request")
    assert await state_of(units, warning.id) == WarningState.SPREADING


async def test_very_many_are_cancelled_in_pieces_but_none_leaves(units: Units, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.services.warnings.watching, "DROPPED_AT_ONCE", 5)
    warning = await publish(units)
    await spread(units, warning.id)
    async with units() as unit:
        await unit.warnings.cancel(await cast.officer(unit, cast.ASKAR), warning.id)
    assert len(await cast.rows(units, Notice, MINE, Notice.state == NoticeState.DUE)) == 17
    assert await send_all(units) <= 1
    for _ in range(4):
        async with units() as unit:
            assert await unit.warnings.to_drop() == [warning.id]
            is_done = await unit.warnings.drop(warning.id)
    assert is_done
    assert await cast.rows(units, Notice, MINE, Notice.state == NoticeState.DUE) == []
    async with units.reading() as unit:
        assert await unit.warnings.to_drop() == []


async def test_one_that_may_have_left_stays_in_doubt(units: Units) -> None:
    warning = await publish(units)
    await spread(units, warning.id)
    (first, *_rest) = await cast.rows(units, Notice, MINE)
    async with units.house.database.writing() as session:
        await session.execute(update(Notice).where(Notice.id == first.id).values(error="unknown"))
    async with units() as unit:
        await unit.warnings.cancel(await cast.officer(unit, cast.ASKAR), warning.id)
    states = {row.id: row.state for row in await cast.rows(units, Notice, MINE)}
    assert states.pop(first.id) == NoticeState.UNKNOWN
    assert set(states.values()) == {NoticeState.CANCELLED}


async def test_the_card_of_a_warning_broken_off_is_edited_once(units: Units) -> None:
    warning = await publish(units)
    await open_windows(units)
    await send_all(units)  # the card
    async with units() as unit:
        await unit.warnings.stop(warning.id, "bad_request")
    seen: dict[int, Progress] = {}
    for expected in (1, 0):
        async with units() as unit:
            await unit.warnings.watch(seen)
        edits = await cast.rows(units, Notice, Notice.state == NoticeState.DUE, Notice.lane == int(Lane.EDIT))
        assert len(edits) == expected
        await send_all(units)


async def test_what_was_not_counted_is_not_touched(units: Units) -> None:
    warning = await publish(units)
    await open_windows(units)
    await spread(units, warning.id)
    await send_all(units)
    async with units() as unit:
        assert await unit.warnings.to_count() == {warning.id: True}
        await unit.warnings.watch({}, {})
    assert await state_of(units, warning.id) == WarningState.SENDING
    async with units() as unit:
        await unit.warnings.watch({}, {warning.id: await unit.warnings.count(warning.id)})
    assert await state_of(units, warning.id) == WarningState.DONE
