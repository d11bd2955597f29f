"""What must hold of a draft before anybody is asked to approve it."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest

from bot.errors import FileNotTaken, FileOnItsWay, KorshiError
from bot.i18n import Bilingual
from bot.services.campaigns import Timing
from bot.services.media import TRIES, MediaDraft
from bot.services.unit import Units
from bot.services.warnings import WarningDraft
from bot.terms import Messenger, PartKind, WarningState
from tests.clocks import FakeClock
from tests.services import cast

TEXT = Bilingual("Кодты ешкімге айтпаңыз", "Никому не называйте код")


async def file(units: Units, state: str) -> int:
    async with units() as unit:
        draft = MediaDraft(PartKind.DOCUMENT, "BQACAg", "application/pdf", 100)
        media_id = unit.shelf.want(Messenger.TELEGRAM, draft)
    async with units() as unit:
        match state:
            case "stored":
                await unit.shelf.stored(media_id, bytes(32), 100, "application/pdf")
            case "refused":
                await unit.shelf.refuse(media_id, "dangerous")
            case "lost":
                for _try in range(TRIES):
                    await unit.shelf.retry_later(media_id, "failed")
    return media_id


async def submit(units: Units, media_id: int, **more: Any) -> WarningState:
    async with units() as unit:
        author = await cast.officer(unit, cast.ASKAR)
        draft = WarningDraft(TEXT, unit.warnings.audience_of(author), media_id=media_id, **more)
        return (await unit.warnings.submit(author, draft)).state


@pytest.mark.parametrize(
    ("state", "refusal"), [("refused", FileNotTaken), ("lost", FileNotTaken), ("wanted", FileOnItsWay)]
)
async def test_a_file_that_nobody_has_looked_at_goes_to_nobody(
    units: Units, clock: FakeClock, state: str, refusal: type[KorshiError]
) -> None:
    media_id = await file(units, state)
    with pytest.raises(refusal):
        await submit(units, media_id)
    async with units() as unit:
        author = await cast.officer(unit, cast.STAFF)
        draft = WarningDraft(TEXT, unit.warnings.audience_of(author), media_id=media_id)
        with pytest.raises(refusal):
            await unit.warnings.publish(author, draft)
        tomorrow = clock.now().astimezone(unit.zone).date() + timedelta(days=1)
        with pytest.raises(refusal):
            await unit.campaigns.schedule(author, draft, Timing(datetime.combine(tomorrow, time(12))))


async def test_a_file_that_was_looked_at_goes(units: Units) -> None:
    assert await submit(units, await file(units, "stored")) is WarningState.AWAITING
