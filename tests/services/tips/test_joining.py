"""One happening, many tips: suggested to who holds them, joined by hand, closed by one fix; nobody learns of another."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import update

from bot.errors import JoinRefused, NotFound, TipClosed
from bot.services.tips import ClosedTogether, Closing, PartDraft, TipView
from bot.services.unit import Units
from bot.store.events import Event
from bot.store.incidents import Incident
from bot.store.notices import Notice
from bot.store.tips import Tip
from bot.terms import Identity, NoticeKind, PartKind, StateType
from tests.clocks import FakeClock
from tests.services import cast

POINT = (49.80000, 73.10000)


async def sent(units: Units, telegram_id: int = 1002, category: str = "noise_night", **more: Any) -> int:
    more.setdefault("point", POINT)
    async with units() as unit:
        return (await cast.submit(unit, await cast.resident(unit, telegram_id), category, **more)).id


async def seen(units: Units, tip_id: int, badge: str = cast.ASKAR) -> TipView:
    async with units.reading() as unit:
        return await unit.tips.card(await cast.officer(unit, badge), tip_id)


async def join(units: Units, tip_id: int, other_id: int, badge: str = cast.ASKAR) -> TipView:
    async with units() as unit:
        return await unit.tips.join(await cast.officer(unit, badge), tip_id, other_id)


async def close(units: Units, tip_id: int, badge: str = cast.ASKAR, words: str = "Шум прекращён") -> ClosedTogether:
    async with units() as unit:
        closing = Closing("measures_taken", lambda tip: PartDraft(PartKind.TEXT, f"{words} {tip.number}"))
        return await unit.tips.close_together(
            await cast.officer(unit, badge), tip_id, closing, await cast.resident(unit, 2001)
        )


async def kinds(units: Units, kind: NoticeKind) -> list[Any]:
    return list(await cast.rows(units, Notice, Notice.kind == kind))


async def test_what_looks_alike_is_suggested_to_its_holder(units: Units) -> None:
    one, other, far = await sent(units), await sent(units, 1003), await sent(units, 1004, point=(49.9, 73.2))
    got = await seen(units, other)
    assert [alike.tip_id for alike in got.alike] == [one]
    assert (await seen(units, far)).alike == ()
    assert got.incident is None


async def test_only_what_he_may_see_is_suggested(units: Units) -> None:
    mine = await sent(units)
    other_precinct = await sent(units, 1003)
    async with units.house.database.writing() as session:
        async with units.reading() as unit:
            asel = (await cast.officer(unit, cast.ASEL)).id
        await session.execute(update(Tip).where(Tip.id == other_precinct).values(officer_id=asel))
    assert (await seen(units, mine)).alike == ()
    for badge, pair in ((cast.ASKAR, (mine, other_precinct)), (cast.ASEL, (mine, other_precinct))):
        with pytest.raises(NotFound):
            await join(units, *pair, badge=badge)


async def test_joining_tells_each_sender_once_about_his_own(units: Units) -> None:
    one, other = await sent(units), await sent(units, 1003, identity=Identity.HIDDEN)
    joined = await join(units, other, one)
    assert joined.incident is not None
    assert [tip_id for tip_id, _number in joined.incident.tips] == [one, other]
    assert joined.alike == ()
    told = await kinds(units, NoticeKind.TIP_JOINED)
    assert sorted((notice.tip_id, notice.vault_id is not None) for notice in told) == sorted(
        [(one, False), (other, True)]
    )
    assert all(notice.facts_sealed is None for notice in told), "nothing of another tip goes with it"
    await join(units, other, one)
    await join(units, one, other)
    assert len(await kinds(units, NoticeKind.TIP_JOINED)) == 2
    events = await cast.rows(units, Event, Event.kind.in_(("joined", "incident_opened", "left")))
    assert [(event.kind, event.tip_id, event.officer_id is not None) for event in events] == [
        ("incident_opened", one, True), ("joined", other, True),
    ]  # fmt: skip
    third = await sent(units, 1004)
    got = await seen(units, third)
    assert [alike.joined for alike in got.alike] == [2], "an incident is offered once"
    await join(units, third, got.alike[0].tip_id)
    assert len(await kinds(units, NoticeKind.TIP_JOINED)) == 3


async def test_leaving_and_coming_back_is_not_told_again(units: Units) -> None:
    one, other = await sent(units), await sent(units, 1003)
    await join(units, other, one)
    async with units() as unit:
        officer = await cast.officer(unit, cast.ASKAR)
        assert (await unit.tips.leave(officer, other)).incident is None
        await unit.tips.leave(officer, other)
    await join(units, other, one)
    assert len(await kinds(units, NoticeKind.TIP_JOINED)) == 2
    events = await cast.rows(units, Event, Event.tip_id == other, Event.kind.in_(("joined", "left")))
    assert [event.kind for event in events] == ["joined", "left", "joined"]
    async with units() as unit:
        officer = await cast.officer(unit, cast.ASKAR)
        for tip_id in (one, other):
            await unit.tips.leave(officer, tip_id)
    (incident,) = await cast.rows(units, Incident)
    assert incident.closed_at is not None, "the last one has turned off the light"


async def test_one_fix_closes_all_with_one_text_each(units: Units) -> None:
    one, other, third = [await sent(units, who) for who in (1002, 1003, 1004)]
    await join(units, other, one)
    await join(units, third, one)
    before = len(await cast.rows(units, Notice))
    closed = await close(units, other)
    assert (closed.tip.id, closed.others, closed.left) == (other, 2, 0)
    fresh = (await cast.rows(units, Notice))[before:]
    told = [notice.tip_id for notice in fresh if notice.kind == NoticeKind.TIP_CLOSED]
    assert sorted(told) == sorted([one, other, third])
    assert [notice.kind for notice in fresh if notice.tip_id != other] == [NoticeKind.TIP_CLOSED] * 2
    tips = await cast.rows(units, Tip)
    assert {(tip.state, tip.outcome, tip.officer_id is not None, tip.accept_by) for tip in tips} == {
        ("closed", "measures_taken", True, None)
    }
    async with units.reading() as unit:
        for tip in tips:
            view = await unit.tips.for_notice(tip.id)
            assert view is not None
            assert [part.text for part in view.parts if part.purpose == "outcome"] == [f"Шум прекращён {tip.number}"]
    (incident,) = await cast.rows(units, Incident)
    assert incident.closed_at is not None
    assert len(await cast.rows(units, Event, Event.kind == "closed_with")) == 2


async def test_what_is_with_somebody_else_stays_open(units: Units) -> None:
    one, other = await sent(units), await sent(units, 1003)
    await join(units, other, one)
    async with units() as unit:
        asel = (await cast.officer(unit, cast.ASEL)).id
    async with units.house.database.writing() as session:
        await session.execute(update(Tip).where(Tip.id == one).values(officer_id=asel))
    got = await seen(units, other)
    assert got.incident is not None
    assert (len(got.incident.tips), got.incident.others) == (1, 1), "a count, no number"
    closed = await close(units, other)
    assert (closed.others, closed.left) == (0, 1)
    (incident,) = await cast.rows(units, Incident)
    assert incident.closed_at is None
    await close(units, one, cast.ASEL)
    (incident,) = await cast.rows(units, Incident)
    assert incident.closed_at is not None


async def test_a_complaint_about_an_officer_is_one_of_many_nowhere(units: Units) -> None:
    complaint, noise = await sent(units, category="officer_complaint"), await sent(units, 1003)
    assert (await seen(units, complaint, cast.OWN_SECURITY)).alike == ()
    with pytest.raises(JoinRefused):
        async with units() as unit:
            await unit.tips.open_incident(await cast.officer(unit, cast.OWN_SECURITY), complaint)
    with pytest.raises(NotFound):
        await join(units, noise, complaint)
    with pytest.raises((NotFound, JoinRefused)):
        await join(units, complaint, noise, cast.OWN_SECURITY)
    other = await sent(units, 1004)
    await join(units, other, noise)
    async with units.house.database.writing() as session:  # by hand to own security
        await session.execute(update(Tip).where(Tip.id == other).values(is_restricted=True))
    got = await seen(units, noise)
    assert got.incident is not None
    assert (len(got.incident.tips), got.incident.others) == (1, 0), "not even as a count"
    assert (await close(units, noise)).others == 0


async def test_across_precincts_only_the_duty_unit(units: Units) -> None:
    async with units() as unit:
        first, second = await cast.precinct_id(unit, "101"), await cast.precinct_id(unit, "102")
    one = await sent(units, category="robbery", precinct_id=first)
    other = await sent(units, 1003, category="robbery", precinct_id=second)
    async with units() as unit:
        duty = await cast.officer(unit, cast.DUTY_D1)
    tips = {tip.id: tip for tip in await cast.rows(units, Tip)}
    assert tips[one].precinct_id != tips[other].precinct_id
    assert {tips[one].desk_id, tips[other].desk_id} <= set(duty.desk_ids)
    assert [alike.tip_id for alike in (await seen(units, other, cast.DUTY_D1)).alike] == [one]
    async with units.house.database.writing() as session:
        async with units.reading() as unit:
            askar = (await cast.officer(unit, cast.ASKAR)).id
        await session.execute(update(Tip).values(officer_id=askar, desk_id=None))
    assert (await seen(units, other)).alike == ()
    with pytest.raises(JoinRefused):
        await join(units, other, one)


async def test_what_cannot_be_joined(units: Units) -> None:
    one, other = await sent(units), await sent(units, 1003)
    with pytest.raises(JoinRefused):
        await join(units, one, one)
    with pytest.raises(NotFound):
        await join(units, one, 12345)
    await close(units, other)
    for pair in ((one, other), (other, one)):
        with pytest.raises(TipClosed):
            await join(units, *pair)
    async with units() as unit:
        officer = await cast.officer(unit, cast.ASKAR)
        with pytest.raises(NotFound):
            await unit.tips.join_number(officer, one, 999999)


async def test_two_officers_joining_at_once_make_one_incident(units: Units) -> None:
    one, other = await sent(units), await sent(units, 1003)
    await asyncio.gather(join(units, one, other), join(units, other, one))
    assert len(await cast.rows(units, Incident)) == 1
    assert len({tip.incident_id for tip in await cast.rows(units, Tip)}) == 1
    assert len(await kinds(units, NoticeKind.TIP_JOINED)) == 2


async def test_an_old_matter_is_not_suggested(units: Units, clock: FakeClock) -> None:
    await sent(units)
    await clock.advance(49 * 3600)
    other = await sent(units, 1003)
    got = await seen(units, other)
    assert (got.alike, got.state_type) == ((), StateType.OPEN)
