"""All texts that a warning ever had are known as ours, with the day of the one that holds."""

from bot.i18n import Bilingual
from bot.services.unit import Units
from tests.clocks import FakeClock
from tests.services.test_warnings import TEXT, publish
from tests.services.warnings.test_changing import NEW, correct

NEWER = Bilingual("Ең соңғы мәтін", "Самый новый текст")


async def test_every_correction_that_went_is_remembered(units: Units, clock: FakeClock) -> None:
    warning = await publish(units)
    plain = await publish(units)
    await clock.advance(60)
    await correct(units, warning.id)
    await clock.advance(60)
    await correct(units, warning.id, NEWER)
    async with units.reading() as unit:
        (found,) = await unit.warnings.published([warning.code])
        recent = {one.id: one for one in await unit.warnings.recent()}
    assert (found.text, found.earlier, found.published) == (TEXT, (NEW,), NEWER)
    assert found.corrected_at == clock.now()
    assert recent[warning.id] == found
    assert (recent[plain.id].earlier, recent[plain.id].corrected_at) == ((), None)
