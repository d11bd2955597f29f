"""What first went to a wrong holder, and what silence moved: about borders and categories, never about people."""

from datetime import timedelta
from typing import Any

import pytest

from bot.errors import NotAllowed
from bot.services.statistics import AT_LEAST, Routed
from bot.services.tips import Destination
from bot.services.unit import Units
from bot.terms import DeskKind, Rung, Urgency
from tests.clocks import FakeClock
from tests.services import cast

MONTH = timedelta(days=30)


async def routed(units: Units, badge: str = cast.HEAD, back: timedelta = MONTH) -> Routed:
    async with units() as unit:
        return await unit.statistics.routed(unit.clock.now() - back, await cast.officer(unit, badge))


async def sends(units: Units, clock: FakeClock, count: int, category: str = "noise_night", **more: Any) -> list[int]:
    sent = [await cast.sent_tip(units, category, **more) for _ in range(count)]
    await clock.advance(1)  # the period ends before this moment
    return sent


async def hand_over(units: Units, tip_id: int, reason: str = "other_precinct", code: str = "102") -> None:
    async with units() as unit:
        to = Destination(await cast.precinct_id(unit, code))
        await unit.tips.hand_over(await cast.officer(unit, cast.ASKAR), tip_id, reason, to)


async def category_name(units: Units, code: str) -> str:
    async with units() as unit:
        return (await unit.tips.category(code)).name.ru


async def test_the_share_of_misroutes_by_category_and_by_border(units: Units, clock: FakeClock) -> None:
    noise = await sends(units, clock, 8)
    await sends(units, clock, 6, "drunk_disorder")
    for tip_id in noise[:2]:
        await hand_over(units, tip_id)
    found = await routed(units)
    assert (found.tips, found.misrouted) == (14, 2)
    assert [(share.name.ru if share.name else None, share.tips, share.moved) for share in found.categories] == [
        ("Ночной шум", 8, 2), (await category_name(units, "drunk_disorder"), 6, 0),
    ]  # fmt: skip
    (border,) = found.borders
    assert border.name is not None
    assert ("101" in border.name.ru, "102" in border.name.ru) == (True, True)
    assert (border.tips, border.moved) == (14, 2)
    assert round(border.percent, 1) == 14.3


async def test_a_border_is_the_same_from_both_sides_and_a_tip_counts_once(units: Units, clock: FakeClock) -> None:
    first, second = (await sends(units, clock, AT_LEAST))[:2]
    await hand_over(units, first)
    async with units() as unit:  # and back again
        here = await cast.precinct_id(unit, "101")
        await unit.tips.hand_over(await cast.officer(unit, cast.ASEL), first, "other_precinct", Destination(here))
    await hand_over(units, second)
    (border,) = (await routed(units)).borders
    assert (border.tips, border.moved) == (AT_LEAST, 2)


async def test_only_reasons_that_mean_a_wrong_holder_count(units: Units, clock: FakeClock) -> None:
    tips = await sends(units, clock, AT_LEAST)
    await hand_over(units, tips[0], "away")
    await hand_over(units, tips[1], "needs_higher", "103")
    found = await routed(units)
    assert (found.misrouted, found.borders) == (0, ())


async def test_what_silence_moved_by_rung(units: Units, clock: FakeClock) -> None:
    tips = await sends(units, clock, 4, urgency=Urgency.U1)
    async with units() as unit:
        await unit.tips.take(await cast.officer(unit, cast.ASKAR), tips[0])
    for _ in range(2):
        await clock.advance(15 * 60)
        for tip_id in tips:
            async with units() as unit:
                await unit.tips.climb(tip_id)
    rungs = {share.rung: (share.tips, share.moved) for share in (await routed(units)).rungs}
    assert rungs == {Rung.PRECINCT: (4, 3), Rung.DISTRICT: (3, 3), Rung.DEPARTMENT: (3, 0)}


async def test_what_is_rare_is_put_together_without_a_name(units: Units, clock: FakeClock) -> None:
    """Three tips of one precinct tell of one inspector."""
    await sends(units, clock, AT_LEAST)
    (rare,) = await sends(units, clock, 1, "drunk_disorder", precinct_id=None)
    assert rare
    last = (await routed(units)).categories[-1]
    assert (last.name, last.tips) == (None, 1)


async def test_what_lies_at_own_security_is_not_even_counted(units: Units, clock: FakeClock) -> None:
    tips = await sends(units, clock, AT_LEAST + 1)
    await sends(units, clock, AT_LEAST, "officer_complaint")
    async with units() as unit:
        (own,) = await unit.tips.handover_desks(DeskKind.OWN_SECURITY, "wrong_category")
        officer = await cast.officer(unit, cast.ASKAR)
        await unit.tips.hand_over(officer, tips[0], "wrong_category", Destination(desk_id=own.id))
    found = await routed(units)
    assert (found.tips, found.misrouted, len(found.categories)) == (AT_LEAST, 0, 1)
    assert Rung.OWN_SECURITY not in {share.rung for share in found.rungs}


async def test_only_the_period_counts(units: Units, clock: FakeClock) -> None:
    await hand_over(units, (await sends(units, clock, AT_LEAST))[0])
    await clock.advance(timedelta(days=8).total_seconds())
    assert (await routed(units, back=timedelta(days=7))).tips == 0
    assert (await routed(units)).misrouted == 1


@pytest.mark.parametrize("badge", [cast.ASKAR, cast.DUTY_D1, cast.CYBER, cast.OWN_SECURITY])
async def test_it_is_for_staff_and_heads(units: Units, badge: str) -> None:
    with pytest.raises(NotAllowed):
        await routed(units, badge)


async def test_there_is_no_count_by_officer(units: Units, clock: FakeClock) -> None:
    for tip_id in await sends(units, clock, AT_LEAST):
        await hand_over(units, tip_id)
    said = repr(await routed(units))
    async with units() as unit:
        for officer in await unit.officers.everyone():
            assert officer.name.kk not in said
            assert officer.badge not in said
