"""Warnings in numbers: few statements, and what changed between the look ahead and the claim is not missed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, update

from bot.services.deliveries import Delivery, Settlement, Waiting
from bot.services.unit import Units
from bot.store.endpoints import Endpoint
from bot.store.notices import Notice
from bot.store.residents import Resident
from bot.store.warnings import Warning
from bot.terms import EndpointState, Lane, Messenger, NoticeState, WarningState
from tests.clocks import FakeClock
from tests.services import cast

WARNING = 77


async def publish(units: Units, number: int = WARNING, **more: Any) -> None:
    """A warning to everybody, its notices written."""
    now = units.house.clock.now()
    async with units.house.database.writing() as session:
        row = Warning(
            id=number, code=f"W{number}", author_id=(await cast.rows(units, _officers()))[0].id, text_kk="Ескерту",
            text_ru="Внимание", audience={"all": True}, state=WarningState.SPREADING, created_at=now, audience_at=now,
            due_at=now, expires_at=now + timedelta(days=3), cursor_chat=0, cursor_resident=0,
        )  # fmt: skip
        for name, value in more.items():
            setattr(row, name, value)
        session.add(row)
    is_done = False
    while not is_done:
        async with units() as unit:
            is_done = await unit.warnings.spread(number)


def _officers() -> Any:
    from bot.store.officers import Officer

    return Officer


async def look(units: Units, messenger: Messenger = Messenger.TELEGRAM, limit: int = 500) -> list[Waiting]:
    async with units.reading() as unit:
        return await unit.deliveries.waiting(messenger, [], limit)


async def ready(units: Units) -> list[Delivery]:
    return [item.ready for item in await look(units) if item.ready is not None]


async def take(units: Units, deliveries: list[Delivery]) -> list[Delivery]:
    async with units() as unit:
        return await unit.deliveries.claim_ready(deliveries)


async def change(units: Units, statement: Any) -> None:
    async with units.house.database.writing() as session:
        await session.execute(statement)


def statements(units: Units) -> list[str]:
    """What both engines are asked from here on."""
    asked: list[str] = []
    for engine in {units.house.database.writer, units.house.database.reader}:
        event.listen(engine.sync_engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    return asked


async def test_a_hundred_messages_are_a_handful_of_statements(units: Units) -> None:
    await publish(units)
    asked = statements(units)
    found = await ready(units)
    assert len(found) > 100
    looked = len([one for one in asked if not one.startswith("BEGIN")])
    assert looked <= 8  # words due, live warnings, their notices, the warning itself
    done: list[Settlement] = []
    asked.clear()
    for start in range(0, 96, 8):
        async with units() as unit:
            await unit.deliveries.settle(done)
            claimed = await unit.deliveries.claim_ready(found[start : start + 8])
        assert len(claimed) == 8
        done = [
            Settlement(item.id, item.fence, NoticeState.SENT, message=f"m{item.id}", messenger=item.messenger)
            for item in claimed
        ]
    assert len([one for one in asked if not one.startswith("BEGIN")]) == 12 + 11  # a claim each, and the results before
    rows = await cast.rows(units, Notice, Notice.state == NoticeState.SENT)
    assert {row.message for row in rows} == {f"m{row.id}" for row in rows}
    assert {(row.fence, row.lease_until) for row in rows} == {(1, None)}


async def test_what_is_read_ahead_is_all_that_the_words_need(units: Units) -> None:
    await publish(units)
    (first, *_rest) = await ready(units)
    async with units() as unit:
        (slowly,) = await unit.deliveries.claim([first.id])
    assert slowly.fence == 1  # as the one read ahead expects of its claim
    assert _as_dict(slowly) == _as_dict(first)


async def test_an_address_that_cannot_be_opened_stops_nobody_else(units: Units) -> None:
    await publish(units)
    (first, *rest) = await ready(units)
    spoilt = update(Endpoint).where(Endpoint.id == first.endpoint_id).values(address_sealed=b"spoilt by somebody")
    await change(units, spoilt)
    assert [item.id for item in await ready(units)] == [item.id for item in rest]
    assert [item.ready for item in await look(units) if item.id == first.id] == [None]  # its claim finds out


def _as_dict(delivery: Delivery) -> dict[str, Any]:
    return {name: getattr(delivery, name) for name in delivery.__slots__}


def _stop(who: Delivery) -> Any:
    return update(Resident).where(Resident.id == who.resident_id).values(stopped_at=who.warning.created_at)  # type: ignore[union-attr]


def _close(who: Delivery) -> Any:
    return update(Endpoint).where(Endpoint.id == who.endpoint_id).values(state=EndpointState.BLOCKED)


def _cross(who: Delivery) -> Any:
    return update(Endpoint).where(Endpoint.id == who.endpoint_id).values(messenger=Messenger.WHATSAPP)


def _move(who: Delivery) -> Any:
    return update(Resident).where(Resident.id == who.resident_id).values(endpoint_id=who.endpoint_id + 1)  # type: ignore[operator]


def _pause(_who: Delivery) -> Any:
    return update(Warning).values(state=WarningState.PAUSED)


def _cancel(_who: Delivery) -> Any:
    return update(Warning).values(state=WarningState.CANCELLED)


def _stop_it(_who: Delivery) -> Any:
    return update(Warning).values(state=WarningState.STOPPED)


def _correct(_who: Delivery) -> Any:
    return update(Warning).values(change=1)


def _sleep(who: Delivery) -> Any:
    return update(Resident).where(Resident.id == who.resident_id).values(quiet_from=0, quiet_until=1439)


def _taken(who: Delivery) -> Any:
    return update(Notice).where(Notice.id == who.id).values(state=NoticeState.SENDING)


async def take_at_once(units: Units, deliveries: list[Delivery]) -> list[Delivery]:
    return await units.turn_over([], deliveries)


@pytest.mark.parametrize("claim", [take, take_at_once])
@pytest.mark.parametrize(
    "happens", [_stop, _close, _cross, _move, _pause, _cancel, _stop_it, _correct, _sleep, _taken]
)  # fmt: skip
async def test_whatever_happens_after_the_look_ahead_is_seen_by_the_claim(
    units: Units, happens: Callable[[Delivery], Any], claim: Callable[[Units, list[Delivery]], Any]
) -> None:
    await publish(units)
    (first, *_rest) = await ready(units)
    if happens is _move:
        await change(units, update(Endpoint).values(state=EndpointState.OPEN))
    await change(units, happens(first))
    assert await claim(units, [first]) == []
    (row,) = await cast.rows(units, Notice, Notice.id == first.id)
    assert row.state == (NoticeState.SENDING if happens is _taken else NoticeState.DUE)


async def test_two_couriers_never_take_the_same_ahead(units: Units) -> None:
    await publish(units)
    found = (await ready(units))[:8]
    assert len(await take(units, found)) == 8
    assert await take(units, found) == []


@pytest.mark.parametrize("state", [WarningState.PAUSED, WarningState.STOPPED, WarningState.CANCELLED])
async def test_a_warning_that_rests_does_not_even_lie_in_the_way(units: Units, state: WarningState) -> None:
    await publish(units)
    await change(units, update(Warning).values(state=state))
    assert await look(units) == []
    async with units.reading() as unit:
        assert await unit.deliveries.next_due(Messenger.TELEGRAM) is None


async def test_an_urgent_warning_goes_before_the_one_that_runs(units: Units) -> None:
    await publish(units)
    await publish(units, 78, is_urgent=True)
    found = await look(units, limit=100)
    assert {item.ready.warning.id for item in found if item.ready and item.ready.warning} == {78}
    assert {item.lane for item in found} == {Lane.URGENT}


async def test_groups_go_one_by_one(units: Units) -> None:
    await publish(units)
    groups = [item for item in await look(units) if item.is_group]
    assert len(groups) == 24
    assert all(item.ready is None for item in groups)
    async with units() as unit:
        assert len(await unit.deliveries.claim([item.id for item in groups])) == 24


# -- personal nights


async def night(units: Units, who: Delivery, begins: int, ends: int) -> None:
    await change(
        units, update(Resident).where(Resident.id == who.resident_id).values(quiet_from=begins, quiet_until=ends)
    )


async def test_in_their_own_night_people_are_left_alone_until_it_ends(units: Units, clock: FakeClock) -> None:
    await publish(units)
    (first, *_rest) = await ready(units)
    await night(units, first, 8 * 60, 10 * 60)  # it is 09:00 in Almaty
    async with units() as unit:
        assert await unit.deliveries.claim([first.id]) == []
    (row,) = await cast.rows(units, Notice, Notice.id == first.id)
    assert (row.state, row.due_at, row.attempts) == ("due", clock.now() + timedelta(hours=1), 0)
    await clock.advance(3600)
    assert first.id in {item.id for item in await ready(units)}


async def test_an_urgent_warning_does_not_wait_for_the_morning(units: Units) -> None:
    await publish(units, is_urgent=True)
    (first, *_rest) = await ready(units)
    await night(units, first, 8 * 60, 10 * 60)
    assert len(await take(units, [first])) == 1


@pytest.mark.parametrize(
    ("begins", "ends", "is_night"),
    [(540, 541, True), (541, 600, False), (1320, 540, False), (1320, 541, True), (600, 541, True), (540, 540, False)],
)
async def test_a_night_may_pass_midnight(units: Units, begins: int, ends: int, is_night: bool) -> None:
    await publish(units)
    (first, *_rest) = await ready(units)
    await night(units, first, begins, ends)
    assert (first.id not in {item.id for item in await ready(units)}) is is_night
