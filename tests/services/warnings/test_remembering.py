"""Who did what to a warning, and when."""

import pytest
from sqlalchemy import delete

from bot.errors import NotFound
from bot.services.unit import Units
from bot.store.officers import Duty
from tests.clocks import FakeClock
from tests.services import cast
from tests.services.warnings.test_approving import approve, submit
from tests.services.warnings.test_changing import NEW, correct


async def test_written_approved_corrected_and_recalled_by_whom(units: Units, clock: FakeClock) -> None:
    warning = await submit(units)
    await clock.advance(60)
    await approve(units, warning.id, cast.STAFF)
    await clock.advance(60)
    await correct(units, warning.id)
    await clock.advance(60)
    async with units() as unit:
        head, staff = await cast.officer(unit, cast.HEAD), await cast.officer(unit, cast.STAFF)
        author = await cast.officer(unit, cast.ASKAR)
        await unit.warnings.recall(head, warning.id)
        found = await unit.warnings.happenings(author, warning.id)
        with pytest.raises(NotFound):
            await unit.warnings.happenings(await cast.officer(unit, cast.ASEL), warning.id)
    assert [(one.what, one.who) for one in found] == [
        ("written", author.title),
        ("approved", staff.title),
        ("correction_written", author.title),
        ("correction_approved", head.title),
        ("recalled", head.title),
    ]
    assert found[2].text == NEW
    assert [one.at for one in found] == sorted(one.at for one in found)


async def test_who_gave_it_back_paused_and_cancelled_it(units: Units, clock: FakeClock) -> None:
    warning = await submit(units)
    async with units() as unit:
        author, staff = await cast.officer(unit, cast.ASKAR), await cast.officer(unit, cast.STAFF)
        head = await cast.officer(unit, cast.HEAD)
        await clock.advance(60)
        await unit.warnings.give_back(staff, warning.id, "Қысқартыңыз")
    await submit(units, again=warning.id)
    await approve(units, warning.id, cast.STAFF)
    async with units() as unit:
        for paused in (True, True, False):  # pressed twice it is one pause
            await clock.advance(60)
            await unit.warnings.pause(head if paused else author, warning.id, paused=paused)
        await clock.advance(60)
        await unit.warnings.cancel(author, warning.id)
        found = await unit.warnings.happenings(author, warning.id)
    steered = [(one.what, one.who) for one in found if one.what not in ("written", "approved")]
    assert steered == [
        ("returned", staff.title),
        ("paused", head.title),
        ("resumed", author.title),
        ("cancelled", author.title),
    ]


async def test_what_somebody_without_an_office_did_keeps_its_moment(units: Units, clock: FakeClock) -> None:
    warning = await submit(units)
    await approve(units, warning.id, cast.STAFF)
    async with units() as unit:
        await unit.warnings.recall(await cast.officer(unit, cast.HEAD), warning.id)
    async with units.house.database.writing() as session:
        await session.execute(delete(Duty))
    async with units() as unit:
        found = await unit.warnings.happenings(await cast.officer(unit, cast.ASKAR), warning.id)
    assert (found[-1].what, found[-1].at, found[-1].who) == ("recalled", clock.now(), None)
