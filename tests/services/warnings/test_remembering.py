"""Who did what to a warning, and when."""

import pytest

from bot.errors import NotFound
from bot.services.unit import Units
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
        ("recalled", None),
    ]
    assert found[2].text == NEW
    assert [one.at for one in found] == sorted(one.at for one in found)
