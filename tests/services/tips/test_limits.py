"""One sender may send so many tips and files in a while; danger is counted and never refused."""

from datetime import timedelta

import pytest

from bot.services.media import MediaDraft
from bot.services.tips import PartDraft
from bot.services.tips.limits import FILES_AN_HOUR, FILES_OF_STORY, TIPS_A_DAY, TIPS_AN_HOUR, TooManyFiles, TooManyTips
from bot.services.unit import Units
from bot.store.tips import SenderCount, Tip
from bot.terms import Identity, PartKind, Urgency
from tests.clocks import FakeClock
from tests.services.cast import resident, rows, submit, words

FILE = PartDraft(PartKind.PHOTO, media=MediaDraft(PartKind.PHOTO, "file", "image/jpeg", 10))


async def send(units: Units, count: int = 1, telegram_id: int = 1002, **more: object) -> None:
    for _ in range(count):
        async with units() as unit:
            await submit(unit, await resident(unit, telegram_id), **more)  # type: ignore[arg-type]


async def test_twenty_tips_an_hour(units: Units, clock: FakeClock) -> None:
    await send(units, TIPS_AN_HOUR)
    with pytest.raises(TooManyTips) as refusal:
        await send(units)
    assert refusal.value.facts["time"]
    assert len(await rows(units, Tip)) == TIPS_AN_HOUR
    await send(units, telegram_id=1003)  # somebody else


async def test_the_hour_moves_and_has_no_edge(units: Units, clock: FakeClock) -> None:
    await clock.advance(59 * 60)
    await send(units, TIPS_AN_HOUR)
    await clock.advance(2 * 60)
    with pytest.raises(TooManyTips):
        await send(units, 2)
    await clock.advance(3600)
    await send(units, TIPS_AN_HOUR - 1)


async def test_what_is_told_as_the_time_to_try_again_is_true(units: Units, clock: FakeClock) -> None:
    await send(units, TIPS_AN_HOUR)
    with pytest.raises(TooManyTips) as refusal:
        await send(units)
    day, clock_time = refusal.value.facts["time"].split()
    async with units() as unit:
        now = unit.clock.now().astimezone(unit.zone)
    hour, minute = map(int, clock_time.split(":"))
    until = now.replace(hour=hour, minute=minute, second=0) + timedelta(days=int(day[:2]) != now.day)
    await clock.advance((until - now).total_seconds() + 60)
    await send(units)


async def test_sixty_a_day(units: Units, clock: FakeClock) -> None:
    for _ in range(TIPS_A_DAY // 10):
        await send(units, 10)
        await clock.advance(2 * 3600)
    with pytest.raises(TooManyTips):
        await send(units)
    assert len(await rows(units, Tip)) == TIPS_A_DAY
    await clock.advance(24 * 3600)
    await send(units)


async def test_danger_always_passes(units: Units) -> None:
    await send(units, TIPS_AN_HOUR)
    await send(units, category="emergency_life", identity=Identity.HIDDEN, urgency=Urgency.U0)
    assert len(await rows(units, Tip)) == TIPS_AN_HOUR + 1


async def test_a_story_may_have_an_album_and_five_more_files_an_hour(units: Units, clock: FakeClock) -> None:
    await send(units, parts=[words(), *[FILE] * FILES_OF_STORY])
    async with units() as unit:
        person = await resident(unit)
        tip = await unit.tips.open_of(person)
        assert tip is not None
        await unit.tips.add(person, tip.id, *[FILE] * FILES_AN_HOUR)
    with pytest.raises(TooManyFiles):
        async with units() as unit:
            await unit.tips.add(person, tip.id, FILE)
    async with units() as unit:
        await unit.tips.add(person, tip.id, words("Слова проходят"))
    await clock.advance(2 * 3600)
    async with units() as unit:
        await unit.tips.add(person, tip.id, FILE)


async def test_a_story_of_too_many_files_is_refused_whole(units: Units) -> None:
    with pytest.raises(TooManyFiles):
        await send(units, parts=[words(), *[FILE] * (FILES_OF_STORY + FILES_AN_HOUR + 1)])
    assert await rows(units, Tip) == []


async def test_senders_are_known_by_a_fingerprint_and_forgotten_in_time(units: Units, clock: FakeClock) -> None:
    await send(units)
    async with units() as unit:
        person = await resident(unit)
    (count,) = await rows(units, SenderCount)
    assert str(person.id).encode() not in count.sender
    await clock.advance(26 * 3600)
    async with units() as unit:
        await unit.tips.forget_senders()
    assert await rows(units, SenderCount) == []
