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
from bot.terms import Role
from tests.conversations.journeys import resident_id, rows
from tests.conversations.test_approval import writes
from tests.conversations.test_watching import EVERYWHERE, officer, publish, subscribed
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
        assert staff.heard("Planned campaigns. Choose one to see how it goes, to change, pause or cancel it.")
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


@EVERYWHERE
async def test_a_campaign_from_its_author_to_its_count(
    tmp_path: Path, demo_database: Path, messenger: str, language: str
) -> None:
    """Sent back, handed in again, approved, gone twice, over, planned again: each hears what concerns him."""
    clock = clock_at(NOON)
    title = SCHEME[f"title_{language}"]
    quoted = f"{SCHEME['icon']} {title}".replace("«", "„").replace("»", "“")
    async with staged(tmp_path, demo_database, clock) as stage:
        author = await officer(stage, messenger, language)
        second = await officer(stage, messenger, language, Role.HEAD)
        await one_hears(stage)
        reader = await subscribed(stage, messenger, language)
        await author.says("/campaigns")
        assert author.heard("No campaigns are planned.")
        assert author.did_not_hear("Campaigns that are over")
        await author.picks("New campaign")
        await author.picks(title)
        await author.picks("Skip")
        await author.picks("Every week")
        await author.picks("Mon")
        await author.picks("Wed")
        await author.picks("Done")
        await author.says("18:30")
        await author.says("02.12.2026")
        assert author.heard("First times:")
        assert author.heard("A second officer looks at it once; then it goes by itself at each of its times.")
        await author.picks("Hand in for approval")
        assert author.heard(PLANNED)
        assert author.heard("Waits for a second officer")
        await second.catch_up()
        assert second.heard("The campaign “{title}” waits for a second officer. Planned by: {officer}.", title=quoted)
        await second.picks("Look and decide")
        assert second.heard(SCHEME["title_ru"] if language == "kk" else SCHEME["title_kk"])  # both versions
        assert second.heard("Approved once, it goes at each of its times with this same text.")
        await second.picks("Send back")
        await second.says("Дұрыс күнін қойыңыз. Проверьте дни")
        await author.catch_up()
        assert author.heard("Дұрыс күнін қойыңыз. Проверьте дни")
        await author.picks("Open it again")
        await author.picks("Hand in for approval")
        await second.catch_up()
        await second.picks("Look and decide")
        await second.picks("Approve")
        assert second.heard("Approved. The campaign goes for the first time at {at}.")
        await author.catch_up()
        approved = "The campaign “{title}” is approved by {officer}. It goes first at {at}."
        assert author.heard(approved, title=quoted)
        await reader.catch_up()
        for day in (datetime(2026, 11, 30, 13, 30, 5, tzinfo=UTC), datetime(2026, 12, 2, 13, 30, 5, tzinfo=UTC)):
            await passes(stage, clock, day)
            assert await reader.hears(title)
        await author.says("/campaigns")
        assert author.heard("No campaigns are planned.")
        await author.picks("Campaigns that are over")
        assert author.heard("It is over: its times have passed.")
        await author.picks(title)
        one, many = "It has gone {n} time. Lately:", "It has gone {n} times. Lately:"
        assert any(author.plural(one, many, 2) in text for text in author.said)
        assert sum(text.count(author.word("sent to {n} of {whole}", n=2, whole=2)) for text in author.said) == 2
        await author.picks("How it goes")
        assert author.heard("Sending is over")
        await author.says("/statistics")
        assert author.heard(author.word("Warnings sent") + ": 2")
        assert author.heard(author.word("Of them by campaigns") + ": 2")
        await author.says("/campaigns")
        await author.picks("Campaigns that are over")
        await author.picks(title)
        await author.picks("Plan it again")
        assert author.heard("This time has passed already. Give a later one.")
        await author.picks("Cancel")


@EVERYWHERE
async def test_who_sends_much_is_told_so_and_so_is_who_approves(stage: Stage, messenger: str, language: str) -> None:
    author = await officer(stage, messenger, language)
    second = await officer(stage, messenger, language, Role.HEAD)
    for _time in range(3):
        await publish(author)
    await author.says("/campaigns")
    await author.picks("New campaign")
    await author.picks(SCHEME[f"title_{language}"])
    await author.picks("Skip")
    await author.picks("Every week")
    for day in ("Mon", "Wed", "Fri"):
        await author.picks(day)
    await author.picks("Done")
    await author.says("18:30")
    await author.picks("Four weeks")
    alone = (
        "⚠️ This campaign alone is {n} warning a week. People read a few a week: would fewer days do?",
        "⚠️ This campaign alone is {n} warnings a week. People read a few a week: would fewer days do?",
    )
    mine = (
        "⚠️ You have sent {n} warning in the last seven days. People read a few a week: can this one wait?",
        "⚠️ You have sent {n} warnings in the last seven days. People read a few a week: can this one wait?",
    )
    theirs = (
        "⚠️ Its author has sent {n} warning in the last seven days. People read a few a week.",
        "⚠️ Its author has sent {n} warnings in the last seven days. People read a few a week.",
    )
    for words in (alone, mine):
        assert any(author.plural(*words, 3) in text for text in author.said)
    await author.picks("Hand in for approval")
    await second.catch_up()
    await second.picks("Look and decide")
    for words in (alone, theirs):
        assert any(second.plural(*words, 3) in text for text in second.said)
    await second.picks("Send back")
    await second.says("Аптасына бір рет жеткілікті")
    await writes(author)
    assert any(author.plural(*mine, 3) in text for text in author.said)
    await author.picks("Cancel")
