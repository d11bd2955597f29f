"""The list of a phone: by the time left, eight a page, each sort with its count; and nobody else's tips."""

from datetime import timedelta

from bot.services.tips import Sort, TipPage
from bot.services.unit import Units
from bot.terms import Urgency
from tests.clocks import FakeClock
from tests.services import cast
from tests.test_house import counting


async def page(units: Units, sort: Sort = Sort.ALL, number: int = 0, badge: str = cast.ASKAR) -> TipPage:
    async with units.reading() as unit:
        return await unit.tips.page_of(await cast.officer(unit, badge), sort, number)


async def thirty(units: Units, clock: FakeClock) -> list[int]:
    """Every fifth is urgent; each a minute after the one before."""
    ids = []
    for n in range(30):
        async with units() as unit:
            urgency = Urgency.U1 if n % 5 == 0 else Urgency.U2
            ids.append((await cast.submit(unit, await cast.resident(unit, 1002 + n % 6), urgency=urgency)).id)
        await clock.advance(60)
    return ids


async def test_thirty_tips_have_pages_of_eight_in_the_order_of_their_time(units: Units, clock: FakeClock) -> None:
    ids = await thirty(units, clock)
    shown = []
    for number, count in enumerate((8, 8, 8, 6)):
        got = await page(units, number=number)
        assert (got.page, got.pages, len(got.tips)) == (number, 4, count)
        shown += got.tips
    assert sorted(tip.id for tip in shown) == sorted(ids)
    times = [tip.until for tip in shown]
    assert all(times)
    assert times == sorted(times, key=lambda at: at or clock.now())
    assert [tip.urgency for tip in shown[:6]] == [Urgency.U1] * 6
    assert (await page(units, number=99)).page == 3
    assert (await page(units, number=-5)).page == 0


async def test_each_sort_has_its_count(units: Units, clock: FakeClock) -> None:
    ids = await thirty(units, clock)
    async with units() as unit:
        officer, person = await cast.officer(unit, cast.ASKAR), await cast.resident(unit, 2001)
        await unit.tips.ask(officer, ids[1], cast.words("Қайда?"), person)
        await unit.tips.close(officer, ids[2], "measures_taken", cast.words("Дайын"), person)
    got = await page(units)
    assert got.counts == {Sort.ALL: 29, Sort.URGENT: 6, Sort.MINE: 28, Sort.RESIDENT: 1, Sort.DESK: 0}
    waiting = await page(units, Sort.RESIDENT)
    assert [tip.id for tip in waiting.tips] == [ids[1]]
    last = (await page(units, number=3)).tips[-1]
    assert last.id == ids[1], "its clock stands: it comes after all that runs"
    assert (await page(units, Sort.DESK)).tips == ()


async def test_what_is_late_is_counted(units: Units, clock: FakeClock) -> None:
    await cast.sent_tip(units, urgency=Urgency.U1)
    assert (await page(units)).overdue == 0
    await clock.advance(timedelta(days=1).total_seconds())
    assert (await page(units)).overdue == 1


async def test_the_desk_has_its_own(units: Units) -> None:
    tip_id = await cast.sent_tip(units, "fraud_attempt")
    got = await page(units, Sort.DESK, badge=cast.CYBER)
    assert [tip.id for tip in got.tips] == [tip_id]
    async with units() as unit:
        await unit.tips.take(await cast.officer(unit, cast.CYBER_TOO), tip_id)
    assert (await page(units, badge=cast.CYBER)).counts[Sort.ALL] == 0
    assert (await page(units)).counts[Sort.ALL] == 0


async def test_the_next_one_of_a_sort(units: Units, clock: FakeClock) -> None:
    ids = await thirty(units, clock)
    async with units.reading() as unit:
        officer = await cast.officer(unit, cast.ASKAR)
        urgent = [tip.id for tip in (await unit.tips.page_of(officer, Sort.URGENT)).tips]
        for one, following in zip(urgent, [*urgent[1:], urgent[0]], strict=True):
            assert await unit.tips.next_after(officer, one, Sort.URGENT) == following
        assert await unit.tips.next_after(officer, ids[1], Sort.URGENT) == urgent[0]
        assert await unit.tips.next_after(await cast.officer(unit, cast.ASEL), ids[1]) is None


async def test_a_page_costs_two_statements_beside_its_reader(units: Units, clock: FakeClock) -> None:
    await thirty(units, clock)
    async with units() as unit:
        officer = await cast.officer(unit, cast.ASKAR)
        with counting(units.house.database) as statements:
            await unit.tips.page_of(officer)
    assert len(statements) == 2, statements
