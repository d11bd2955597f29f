"""WhatsApp's tier: never more people a moving day than allowed, a share for what is urgent, and the rest waits its turn."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.services.notices import Promise, Recipient
from bot.services.unit import Units
from bot.store.endpoints import Endpoint
from bot.store.notices import Notice
from bot.store.subscriptions import Subscription
from bot.store.templates import Template
from bot.terms import Lane, Language, Messenger, NoticeKind
from tests.clocks import FakeClock
from tests.services import cast
from tests.services.deliveries.test_ahead import change, publish

TIER = 10  # two of them are kept for urgent words


@pytest.fixture
async def outside(units: Units) -> list[int]:
    """Endpoints of residents whose window is closed; templates are approved."""
    units.house.whatsapp_tier = TIER
    async with units.house.database.writing() as session:
        await session.execute(
            update(Template).where(Template.content_sid.is_not(None)).values(approval="approved")
        )  # fmt: skip
        for language in Language:
            for kind in (NoticeKind.WARNING, NoticeKind.APOLOGY):
                row = {"content_sid": f"HX{kind}{language}", "variables": ["text"], "approval": "approved"}
                await session.merge(Template(kind=kind.value, language=language.value, **row))
        await session.execute(update(Endpoint).values(window_until=None))
        query = select(Endpoint.id).join(Subscription, Subscription.resident_id == Endpoint.resident_id)
        query = query.where(Endpoint.messenger == Messenger.WHATSAPP).order_by(Endpoint.id)
        return list(await session.scalars(query))


async def send_all(units: Units) -> int:
    """Claims one by one, as the courier does; how many may be said."""
    count = 0
    async with units() as unit:
        waiting = await unit.deliveries.waiting(Messenger.WHATSAPP, [])
    for item in waiting:
        async with units() as unit:
            count += len(await unit.deliveries.claim([item.id]))
    return count


async def open_notices(units: Units) -> list[Any]:
    return list(await cast.rows(units, Notice, Notice.messenger == Messenger.WHATSAPP, Notice.state == "due"))


async def test_a_campaign_never_goes_beyond_its_share(units: Units, outside: list[int], clock: FakeClock) -> None:
    await publish(units)
    assert len(outside) > 2 * TIER
    assert await send_all(units) == 8
    rest = await open_notices(units)
    assert len(rest) == len(outside) - 8
    assert {(row.error, row.attempts) for row in rest} == {("tier", 0)}
    assert {row.due_at for row in rest} == {clock.now() + timedelta(hours=24)}
    async with units.reading() as unit:
        assert await unit.deliveries.fits_today() == 0


async def test_when_the_oldest_leave_the_next_may_come(units: Units, outside: list[int], clock: FakeClock) -> None:
    await publish(units)
    assert await send_all(units) == 8
    await clock.advance(23 * 3600)
    assert await send_all(units) == 0
    await clock.advance(3601)
    assert await send_all(units) == 8


async def test_what_is_urgent_has_the_rest_of_the_tier(units: Units, outside: list[int]) -> None:
    await publish(units)
    await send_all(units)
    await publish(units, 78, is_urgent=True)
    # the eight who were written to today cost nothing more, and two more fit
    assert await send_all(units) == 8 + 2
    async with units.reading() as unit:
        assert await unit.deliveries.fits_today() == 0


async def test_inside_the_window_nobody_counts(units: Units, outside: list[int], clock: FakeClock) -> None:
    await change(units, update(Endpoint).values(window_until=clock.now() + timedelta(hours=1)))
    await publish(units)
    async with units() as unit:
        waiting = await unit.deliveries.waiting(Messenger.WHATSAPP, [])
        claimed = await unit.deliveries.claim_ready([item.ready for item in waiting if item.ready])
    assert len(claimed) == len(outside)
    async with units.reading() as unit:
        assert await unit.deliveries.fits_today() == 8


async def test_without_a_tier_there_is_no_limit(units: Units, outside: list[int]) -> None:
    units.house.whatsapp_tier = 0
    await publish(units)
    assert await send_all(units) == len(outside)
    async with units.reading() as unit:
        assert await unit.deliveries.fits_today() is None


async def test_the_first_who_does_not_fit_parks_all_the_others(units: Units, outside: list[int]) -> None:
    await publish(units)
    async with units.reading() as unit:
        waiting = await unit.deliveries.waiting(Messenger.WHATSAPP, [])
    for item in waiting[:9]:  # eight fit
        async with units() as unit:
            await unit.deliveries.claim([item.id])
    rest = await open_notices(units)
    assert ({row.error for row in rest}, len(rest)) == ({"tier"}, len(outside) - 8)
    async with units.reading() as unit:
        assert await unit.deliveries.waiting(Messenger.WHATSAPP, []) == []


@pytest.mark.parametrize(
    ("approval", "is_checked", "becomes"),
    [("approved", True, "sending:"), ("unknown", False, "due:unchecked"), ("pending", True, "skipped:no_template"),
     ("paused", True, "skipped:no_template"), ("rejected", True, "skipped:no_template"),
     ("missing", True, "skipped:no_template")],
)  # fmt: skip
async def test_only_an_approved_template_is_used(
    units: Units, outside: list[int], approval: str, is_checked: bool, becomes: str
) -> None:
    checked_at = units.house.clock.now() if is_checked else None
    await change(units, update(Template).values(approval=approval, checked_at=checked_at))
    async with units() as unit:
        (row, *_rest) = await cast.rows(units, Endpoint, Endpoint.id == outside[0])
        await unit.notices.promise(Promise(NoticeKind.APOLOGY, Recipient(resident_id=row.resident_id), Lane.ANSWER))
    (notice,) = await cast.rows(units, Notice)
    async with units() as unit:
        assert bool(await unit.deliveries.claim([notice.id])) is becomes.startswith("sending")
    (notice,) = await cast.rows(units, Notice)
    assert f"{notice.state}:{notice.error}" == becomes
    assert (notice.due_at > units.house.clock.now()) is becomes.startswith("due")
