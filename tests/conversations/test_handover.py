"""A tip changes hands: nobody takes it in time, or its holder gives it away; the sender reads who has it now."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.services.roster import NewAbsence
from bot.speech.calls import Card, Hand
from bot.store.events import Event
from bot.store.officers import Officer
from bot.terms import Messenger
from tests.conversations import in_both_languages, on_every_messenger
from tests.conversations.journeys import (
    category,
    number_in,
    resident,
    resident_id,
    rows,
    sends_tip,
    shows,
    state_of,
    tip_of,
)
from tests.stage import Person, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

URGENT = ("theft", "theft")
NOW_WITH = "Tip No. {number} is now with: {holder}. Answer due: {due}."
LATE = "The answer to tip No. {number} is late, we are sorry. The tip has been passed on. New time: {due}."
HANDED_OVER = "Tip No. {number} is handed over to another inspector. Inspector: {officer}. Answer due: {due}."
PASSED_BY = "Tip No. {number} was not taken in time and has moved on."
WHY = "Why is tip No. {number} handed over?"
WHERE = "Where shall tip No. {number} go?"
DONE = "Tip No. {number} is handed over. Now with: {holder}."
NOT_YOURS = "There is no such record, or it is not yours."
STALE = "This button does not work any more. Press a button under the latest message."
ELSEWHERE = {"kk": "Орны басқа учаскеде", "ru": "Место на другом участке"}
CONCERNED = {"kk": "Жеке қатысым бар", "ru": "Есть личная заинтересованность"}
ASEL = {"kk": "Әсел Арқабаева", "ru": "Асель Аркабаева"}


async def passes_in_silence(stage: Stage, number: int) -> None:
    """Nobody takes it until its time is over; then the beat comes by."""
    tip = await tip_of(stage, number)
    assert tip.accept_by is not None
    stage.clock.shift += tip.accept_by - stage.clock.now() + timedelta(seconds=1)
    async with stage.app.units() as unit:
        assert await unit.tips.climb(tip.id)
    await stage.settle()


@asynccontextmanager
async def time_moves(stage: Stage) -> AsyncIterator[None]:
    before = stage.clock.shift
    try:
        yield
    finally:
        stage.clock.shift = before


@asynccontextmanager
async def off(stage: Stage, badge: str, substitute: str) -> AsyncIterator[None]:
    async with stage.app.units() as unit:
        officer, other = await unit.officers.by_badge(badge), await unit.officers.by_badge(substitute)
        today = stage.clock.now().astimezone(unit.zone).date()
        new = NewAbsence(officer.id, other.id, today, today + timedelta(days=2))
        absence = await unit.roster.set_absence(new, officer)
    await stage.settle()
    try:
        yield
    finally:
        async with stage.app.units() as unit:
            await unit.roster.cancel_absence(absence.id, officer)
        await stage.settle()


@asynccontextmanager
async def on_whatsapp(stage: Stage, badge: str, language: str = "ru") -> AsyncIterator[Person]:
    """The officer has moved to the other messenger."""
    person = await resident(stage, "whatsapp", language)
    account = await resident_id(person)

    async def bind(to: int | None) -> int | None:
        async with stage.app.database.writing() as session:
            row = await session.scalar(select(Officer).where(Officer.badge == badge))
            assert row is not None
            before, row.resident_id = row.resident_id, to
            return before

    former = await bind(account)
    try:
        yield person
    finally:
        await bind(former)


@asynccontextmanager
async def inspector_on(stage: Stage, messenger: str) -> AsyncIterator[Person]:
    """Of precinct 101."""
    if messenger == Messenger.TELEGRAM:
        yield await stage.existing("t2001", "kk")
        return
    async with on_whatsapp(stage, "A-1001") as person:
        yield person


# -- silence


@on_every_messenger
@in_both_languages
async def test_a_silent_inspector_his_substitute_and_the_district(stage: Stage, messenger: str, language: str) -> None:
    someone = await resident(stage, messenger, language, precinct="103")
    inspector, substitute = await stage.existing("t2003", "kk"), await stage.existing("t2004", "kk")
    duty = await stage.existing("t2019", "kk")
    number = await sends_tip(someone, "Украли велосипед", kind=URGENT)
    assert await inspector.hears(f"№ {number}")
    async with time_moves(stage), off(stage, "A-1003", "A-1004"):
        await substitute.catch_up()
        await passes_in_silence(stage, number)
        assert await someone.hears(NOW_WITH, number=number)
        assert "Шалқаров" in someone.fact("holder", NOW_WITH) or "Шалкаров" in someone.fact("holder", NOW_WITH)
        assert await substitute.hears("Украли велосипед")
        assert await inspector.hears(PASSED_BY, number=number)
        await passes_in_silence(stage, number)
        assert await someone.hears(LATE, number=number)
        assert await duty.hears("Украли велосипед")
        assert await substitute.hears(PASSED_BY, number=number)
        await someone.says("/mine")
        await someone.picks(f"№ {number}")
        assert someone.heard({"kk": "Өзен ауданының кезекші бөлімі", "ru": "Дежурная часть Приречного"}[language])
        tip = await tip_of(stage, number)
        for former in (inspector, substitute):
            for old in (Card(do="show", tip=tip.id), Card(do="take", tip=tip.id), Hand(do="begin", tip=tip.id)):
                await former.forges(old.pack())
                assert former.heard(NOT_YOURS)
        await duty.picks("Take into work")
        assert await someone.hears("Work on tip No. {number} has begun. Inspector: {officer}.", number=number)
        async with stage.app.units.reading() as unit:
            assert tip.id not in await unit.tips.silent()


# -- by hand


@on_every_messenger
@in_both_languages
async def test_a_tip_goes_to_another_precinct_with_a_reason(stage: Stage, messenger: str, language: str) -> None:
    someone, other = await resident(stage, messenger, language), await stage.existing("t2002", "kk")
    async with inspector_on(stage, messenger) as inspector:
        number = await sends_tip(someone)
        await inspector.catch_up()
        await inspector.picks("Hand over")
        assert inspector.heard(WHY, number=number)
        await inspector.picks(ELSEWHERE[inspector.language])
        assert inspector.heard(WHERE, number=number)
        await inspector.picks("Another precinct")
        await inspector.picks("№ 102")
        assert inspector.heard("A few words for the next one? The sender will not see them.")
        await inspector.says("Это уже ваш двор")
        assert inspector.heard("Это уже ваш двор")
        await inspector.picks("Hand over")
        assert inspector.heard(DONE, number=number)
        assert await state_of(inspector) is None
        assert await other.hears("Это уже ваш двор")
        assert await someone.hears(HANDED_OVER, number=number)
        assert ASEL[language] in someone.fact("officer", HANDED_OVER)
        assert someone.did_not_hear("Это уже ваш двор")
        await someone.says("Они опять шумят")
        assert await other.hears("Они опять шумят")
        assert await inspector.hears_nothing()
        tip = await tip_of(stage, number)
        (event,) = await rows(stage, Event, Event.tip_id == tip.id, Event.kind == "moved")
        assert event.reason == "other_precinct"


@on_every_messenger
async def test_whoever_is_concerned_gives_it_one_rung_up_and_is_blind(stage: Stage, messenger: str) -> None:
    someone, duty = await resident(stage, messenger), await stage.existing("t2019", "kk")
    inspector = await stage.existing("t2001", "kk")
    number = await sends_tip(someone)
    await shows(inspector, number)
    await inspector.picks("Hand over")
    await inspector.picks(CONCERNED[inspector.language])
    await inspector.picks("One rung up")
    await inspector.picks("Without words")
    assert inspector.heard("You will not see this tip any more.")
    await inspector.picks("Hand over")
    assert inspector.heard(DONE, number=number)
    assert await duty.hears(f"№ {number}")
    assert await someone.hears(NOW_WITH, number=number)
    tip = await tip_of(stage, number)
    for data in (Card(do="show", tip=tip.id), Card(do="take", tip=tip.id)):
        await inspector.forges(data.pack())
        assert inspector.heard(NOT_YOURS)


async def test_back_cancel_and_another_district(stage: Stage) -> None:
    someone, inspector = await resident(stage), await stage.existing("t2001", "kk")
    number = await sends_tip(someone)
    await shows(inspector, number)
    await inspector.picks("Hand over")
    await inspector.picks("Next page")
    await inspector.picks("Previous page")
    await inspector.picks(ELSEWHERE[inspector.language])
    await inspector.picks("Another precinct")
    await inspector.picks("Another district")
    await inspector.picks("Орталық аудан")
    await inspector.picks("№ 201")
    await inspector.says("Не сюда")
    await inspector.picks("Back")
    assert inspector.heard(WHERE, number=number)
    await inspector.picks("Another precinct")
    await inspector.picks("№ 201")
    await inspector.picks("Without words")
    assert inspector.did_not_hear("Не сюда")
    await inspector.picks("Back")
    await inspector.picks("Back")
    assert inspector.heard(WHY, number=number)
    await inspector.picks("Cancel")
    assert inspector.heard(f"№ {number}")
    assert await state_of(inspector) is None
    assert (await tip_of(stage, number)).state == "routed"


async def test_it_would_stay_where_it_is(stage: Stage) -> None:
    """A desk's officer gives it to his own desk."""
    someone, officer = await resident(stage), await stage.existing("t2013", "kk")
    number = await sends_tip(someone, "Зовут вложить деньги", kind=("fraud", "pyramid"))
    tip = await tip_of(stage, number)
    await shows(officer, number)
    await officer.picks("Hand over")
    await officer.picks("Мамандандырылған бөлімшенің ісі")
    await officer.picks("A specialist desk")
    await officer.forges(Hand(do="desk", tip=tip.id, id=tip.desk_id or 0).pack())
    await officer.picks("Without words")
    await officer.picks("Hand over")
    assert officer.heard("This tip would stay where it is. Choose another place.")
    assert officer.heard(WHERE, number=number)


async def test_old_forged_and_foreign_presses(stage: Stage) -> None:
    someone, inspector = await resident(stage), await stage.existing("t2001", "kk")
    stranger, other = await resident(stage), await stage.existing("t2002", "kk")
    number, second = await sends_tip(someone), await sends_tip(someone)
    tip, another = await tip_of(stage, number), await tip_of(stage, second)
    for who in (stranger, other):
        await who.says("/menu")
    for who, words in ((other, NOT_YOURS), (stranger, STALE)):
        await who.forges(Hand(do="begin", tip=tip.id).pack())
        assert who.heard(words)
    for data in (
        Hand(do="yes", tip=tip.id), Hand(do="reason", tip=tip.id, code="away"), Hand(do="precinct", tip=tip.id, id=1),
        Hand(do="nonsense", tip=tip.id),
    ):  # fmt: skip
        await inspector.forges(data.pack())
        assert inspector.heard(STALE)
    await shows(inspector, number)
    await inspector.picks("Hand over")
    await inspector.forges(Hand(do="reason", tip=another.id, code="away").pack())  # of another tip
    assert inspector.heard(STALE)
    await inspector.forges(Hand(do="reason", tip=tip.id, code="nonsense").pack())
    assert inspector.heard(NOT_YOURS)
    await shows(inspector, number)
    await inspector.picks("Hand over")
    await inspector.picks(ELSEWHERE[inspector.language])
    await inspector.forges(Hand(do="precinct", tip=tip.id, id=999_999).pack())
    assert inspector.heard(NOT_YOURS)
    assert await state_of(inspector) is None
    assert (await tip_of(stage, number)).state == (await tip_of(stage, second)).state == "routed"


async def test_it_changes_hands_while_he_is_choosing(stage: Stage) -> None:
    someone, inspector = await resident(stage), await stage.existing("t2001", "kk")
    number = await sends_tip(someone, "Украли велосипед", kind=URGENT)
    await shows(inspector, number)
    await inspector.picks("Hand over")
    await inspector.picks(ELSEWHERE[inspector.language])
    async with time_moves(stage):
        await passes_in_silence(stage, number)
        await inspector.catch_up()
        await inspector.forges(Hand(do="precincts", tip=(await tip_of(stage, number)).id).pack())
        assert inspector.heard(NOT_YOURS)
        assert await state_of(inspector) is None


async def test_words_too_long_and_what_is_not_words(stage: Stage) -> None:
    someone, inspector = await resident(stage), await stage.existing("t2001", "kk")
    number = await sends_tip(someone)
    await shows(inspector, number)
    await inspector.picks("Hand over")
    await inspector.picks(ELSEWHERE[inspector.language])
    await inspector.picks("Another precinct")
    await inspector.picks("№ 102")
    await inspector.says("я" * 1001)
    assert inspector.heard("The text is too long: {length} characters, at most {limit} fit. Please shorten it.")
    await inspector.sends("photo")
    assert inspector.heard("A few words for the next one? The sender will not see them.")
    await inspector.picks("Cancel")


@on_every_messenger
async def test_why_me(stage: Stage, messenger: str) -> None:
    someone = await resident(stage, messenger)
    async with inspector_on(stage, messenger) as inspector:
        number = await sends_tip(someone)
        await inspector.catch_up()
        await inspector.picks("More")
        while not _offers(inspector, "Why me?"):
            await inspector.picks("More")
        await inspector.picks("Why me?")
        assert inspector.heard("Tip No. {number}: who has it and why", number=number)
        await inspector.picks("Back to the card")
        assert inspector.heard(f"№ {number}")
        await inspector.says(f"/explain {number}")
        assert inspector.heard("Tip No. {number}: who has it and why", number=number)
        await inspector.says("/explain пять")
        assert inspector.heard("Write the number of the tip behind the command: {example}")
    stranger = await stage.existing("t2002", "kk")
    await stranger.says(f"/explain {number}")
    assert stranger.heard(NOT_YOURS)


async def test_a_complaint_is_not_handed_over(stage: Stage) -> None:
    someone, own = await resident(stage), await stage.existing("t2024", "kk")
    await someone.says("/tip")
    number = await complains(someone)
    await shows(own, number)
    assert not any("Hand over" in str(message) for message in own.fresh)
    await own.forges(Hand(do="begin", tip=(await tip_of(stage, number)).id).pack())
    assert own.heard("A complaint about an officer stays with own security.")


async def complains(person: Person) -> int:
    from tests.conversations.journeys import tile

    await person.picks(tile("other", person.language))
    await person.picks(category("officer_complaint", person.language))
    await person.says("Требуют деньги")
    for answer in ("Done", "In my precinct", "Send without my name", "Send"):
        await person.picks(answer)
    return number_in(person)


# -- numbers for staff


async def test_statistics_for_staff_and_for_nobody_else(stage: Stage) -> None:
    staff, inspector = await stage.existing("t2025", "kk"), await stage.existing("t2001", "kk")
    await staff.says("/menu")
    await staff.picks("Statistics")
    assert staff.heard("Tips since {day}: {n}")
    await staff.picks("7 days")
    assert staff.heard("First went to a wrong holder")
    await inspector.says("/statistics")
    assert inspector.did_not_hear("First went to a wrong holder")
    await inspector.forges("open:statistics")
    assert inspector.did_not_hear("First went to a wrong holder")


def _offers(person: Person, msgid: str) -> bool:
    return person.word(msgid) in str(person.last)
