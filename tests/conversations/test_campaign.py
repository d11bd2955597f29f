"""Staff plans warnings for later: once, weekly, also over a time when Korshi was down; lists, pauses, cancels."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from bot.data import load
from bot.store.campaigns import Campaign, Occurrence
from bot.store.chats import Chat
from bot.store.subscriptions import Subscription
from bot.store.warnings import Warning
from tests.conversations.journeys import resident_id, rows
from tests.stage import Person, Stage, StageClock, staged

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOON = datetime(2026, 11, 26, 7, 0, tzinfo=UTC)  # 12:00 in Astana, a Thursday
SCHEME = load("schemes")["scheme"][0]
PLANNED = "The campaign is handed in. It goes when a second officer has approved it."
TITLE = SCHEME["title_kk"]


def clock_at(moment: datetime) -> StageClock:
    clock = StageClock()
    clock.shift = moment - clock.now()
    return clock


async def plans(staff: Person, *answers: str) -> None:
    """A scheme card, no picture; then words or buttons of the timing, and the last look."""
    await staff.says("/campaigns")
    await staff.picks("New campaign")
    await staff.picks(TITLE)
    await staff.picks("Skip")
    for answer in answers:
        if answer[0].isdigit():
            await staff.says(answer)
        else:
            await staff.picks(answer)
    await staff.picks("Hand in for approval")
    assert staff.heard(PLANNED)
    second = await staff.stage.existing("t2026", "kk")
    await second.says("/approvals")
    await second.picks(TITLE)
    assert second.heard(SCHEME["title_kk"])
    await second.picks("Approve")
    assert second.heard("Approved. The campaign goes for the first time at {at}.")


async def passes(stage: Stage, clock: StageClock, until: datetime) -> None:
    clock.shift += until - clock.now()
    await stage.ticks()


async def one_hears(stage: Stage) -> None:
    """Of the whole department one resident is left to reach: what is asked here is when, not how many."""
    person = await stage.existing("t1012", "kk")
    async with stage.app.database.writing() as session:
        await session.execute(delete(Subscription).where(Subscription.resident_id != await resident_id(person)))
        await session.execute(update(Chat).values(precinct_id=None))


async def gone(stage: Stage) -> int:
    return len(await rows(stage, Warning))


async def test_once_and_weekly_at_the_wall_time_of_astana(tmp_path: Path, demo_database: Path) -> None:
    clock = clock_at(NOON)
    async with staged(tmp_path, demo_database, clock) as stage:
        staff, person = await stage.existing("t2025", "kk"), await stage.existing("t1012", "kk")
        await one_hears(stage)
        await plans(staff, "Once", "27.11.2026 10:00")
        await staff.says("/campaigns")
        assert staff.heard("Next time: {at}", at="2026 жылғы 27 қараша, 10:00")
        await plans(staff, "Every week", "Mon", "Wed", "Done", "18:30", "07.12.2026")
        await passes(stage, clock, datetime(2026, 11, 27, 4, 59, tzinfo=UTC))
        assert await gone(stage) == 0
        await passes(stage, clock, datetime(2026, 11, 27, 5, 0, 5, tzinfo=UTC))
        assert await gone(stage) == 1
        assert await person.hears(SCHEME["title_kk"])
        await stage.ticks()
        assert await gone(stage) == 1
        for day, hour, count in ((30, 13, 1), (30, 14, 2), (1, 14, 2), (2, 14, 3), (7, 14, 4), (9, 14, 4), (14, 14, 4)):
            month = 11 if day > 20 else 12
            await passes(stage, clock, datetime(2026, month, day, hour, 0, tzinfo=UTC))
            assert await gone(stage) == count, (month, day, hour)
        assert {campaign.state for campaign in await rows(stage, Campaign)} == {"ended"}


async def test_a_time_while_korshi_was_down_is_made_up_for_within_the_grace(
    tmp_path: Path, demo_database: Path
) -> None:
    clock = clock_at(NOON)
    async with staged(tmp_path, demo_database, clock) as stage:
        staff = await stage.existing("t2025", "kk")
        await one_hears(stage)
        await plans(staff, "Once", "27.11.2026 10:00")
        await plans(staff, "Once", "27.11.2026 20:00")
    clock.shift += datetime(2026, 11, 27, 6, 0, tzinfo=UTC) - clock.now()  # 11:00: one hour late
    async with staged(tmp_path, demo_database, clock) as stage:
        await stage.ticks()
        assert await gone(stage) == 1
        await stage.ticks()
        assert await gone(stage) == 1
    clock.shift += datetime(2026, 11, 28, 6, 0, tzinfo=UTC) - clock.now()  # the second is fifteen hours late
    async with staged(tmp_path, demo_database, clock) as stage:
        await stage.ticks()
        assert await gone(stage) == 1
        staff = Person(stage, "t2025", "telegram", "kk")
        await staff.catch_up()
        assert staff.heard("The campaign “{title}” did not go at {at}: the program was down too long.")
        assert sorted(row.state for row in await rows(stage, Occurrence)) == ["gone", "missed"]


async def test_paused_and_cancelled_campaigns_do_not_go(tmp_path: Path, demo_database: Path) -> None:
    clock = clock_at(NOON)
    async with staged(tmp_path, demo_database, clock) as stage:
        staff, resident = await stage.existing("t2025", "kk"), await stage.existing("t1012", "kk")
        await one_hears(stage)
        await resident.says("/campaigns")
        assert resident.did_not_hear("No campaigns are planned.")
        await plans(staff, "Every week", "Fri", "Done", "10:00", "No end date")
        await staff.says("/campaigns")
        assert staff.heard("Planned campaigns. Choose one to pause or cancel it.")
        await staff.picks(TITLE)
        await staff.picks("Pause")
        await passes(stage, clock, datetime(2026, 11, 27, 6, 0, tzinfo=UTC))
        assert await gone(stage) == 0
        await staff.picks("Go on")
        await passes(stage, clock, datetime(2026, 12, 4, 6, 0, tzinfo=UTC))
        assert await gone(stage) == 1
        await staff.says("/campaigns")
        await staff.picks(TITLE)
        await staff.picks("Cancel the campaign")
        await staff.picks("Yes, cancel it")
        assert staff.heard("The campaign “{title}” is cancelled.")
        await passes(stage, clock, datetime(2026, 12, 11, 6, 0, tzinfo=UTC))
        assert await gone(stage) == 1
        assert clock.now() - NOON > timedelta(days=14)
