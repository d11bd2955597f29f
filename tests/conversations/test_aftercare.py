"""After closing: «solved?», the five steps with their names, a free word, «did it come back?»; late and reminded."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot.services.tips import Tips
from bot.speech.calls import After, Card
from bot.store.notices import Notice
from bot.store.tips import TipPart
from bot.terms import NoticeKind, NoticeState
from tests.conversations import in_both_languages, on_every_messenger
from tests.conversations.journeys import CLOSED, closes, resident, rows, sends_tip, shows, tip_of
from tests.stage import Person, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

SOLVED = "Is the problem from tip No. {number} solved?"
BACK = "Tip No. {number} was closed two weeks ago. Has the problem come back?"
THANKS = "Thank you, it matters to us to know this."
AGAIN = "Tip No. {number} is open again. New time: {due}. Write what is still not solved."
UP = "Tip No. {number} is open again and was passed one level up. New time: {due}."
NAMES = ("1 – very bad", "2 – bad", "3 – satisfactory", "4 – good", "5 – very good")
FORBIDDEN = "There is no such record, or it is not yours."


@asynccontextmanager
async def later(stage: Stage, **time: float) -> AsyncIterator[None]:
    stage.clock.shift += timedelta(**time)
    try:
        yield
    finally:
        stage.clock.shift -= timedelta(**time)


async def step(stage: Stage, number: int, step: object) -> bool:
    """What a beat does to this tip."""
    tip = await tip_of(stage, number)
    async with stage.app.units() as unit:
        done: bool = await step(unit.tips, tip.id)  # type: ignore[operator]
    await stage.settle()
    return done


async def closed_tip(stage: Stage, messenger: str, language: str) -> tuple[Person, Person, int]:
    person, inspector = await resident(stage, messenger, language), await stage.existing("t2001", "kk")
    number = await sends_tip(person)
    await closes(inspector, number)
    assert await person.hears(CLOSED, number=number)
    return person, inspector, number


@on_every_messenger
@in_both_languages
async def test_solved_and_rated_with_a_word(stage: Stage, messenger: str, language: str) -> None:
    person, inspector, number = await closed_tip(stage, messenger, language)
    for name in NAMES:
        assert person.word(name) in str(person.fresh)
    async with later(stage, hours=20):
        if messenger == "whatsapp":
            assert (await tip_of(stage, number)).asked_solved_at is None
    async with later(stage, days=1):
        await person.says("/mine" if messenger == "telegram" else "Меню")  # inside WhatsApp's window
        assert await step(stage, number, Tips.ask_solved)
        assert not await step(stage, number, Tips.ask_solved)
        assert await person.hears(SOLVED, number=number)
        await person.picks("Yes")
        assert person.heard(THANKS)
        assert (await tip_of(stage, number)).state == "confirmed"
        await person.picks("4 – good")
        assert person.heard("Thank you! Your rating is saved. If you like, add a couple of words.")
        await person.says("Рахмет, приехали быстро")
        assert person.heard("Thank you, your words are passed on.")
    assert await inspector.hears(
        "Tip No. {number}: the sender rated the answer {rating} of 5.", number=number, rating=4
    )
    assert "Рахмет, приехали быстро" in " ".join(inspector.said)
    (part,) = await rows(
        stage, TipPart, TipPart.purpose == "rating", TipPart.tip_id == (await tip_of(stage, number)).id
    )
    assert part.text == "Рахмет, приехали быстро"


@on_every_messenger
async def test_a_number_alone_is_a_rating(stage: Stage, messenger: str) -> None:
    person, _inspector, number = await closed_tip(stage, messenger, "ru")
    if messenger == "whatsapp":
        await person.says("5")
    else:
        await person.picks("5 – very good")
    tip = await tip_of(stage, number)
    assert (tip.rating, tip.state, tip.is_solved) == (5, "confirmed", True)


@on_every_messenger
@in_both_languages
async def test_the_first_no_goes_back_and_the_second_one_level_up(stage: Stage, messenger: str, language: str) -> None:
    person, inspector, number = await closed_tip(stage, messenger, language)
    for turn, words in ((1, AGAIN), (2, UP)):
        async with later(stage, days=turn):
            await person.says("/mine" if messenger == "telegram" else "Меню")
            assert await step(stage, number, Tips.ask_solved)
            assert await person.hears(SOLVED, number=number)
            await person.picks("No")
            assert person.heard(words, number=number)
            tip = await tip_of(stage, number)
            assert (tip.state, tip.reopened) == ("reopened", turn)
            if turn == 1:
                assert tip.officer_id is not None
                await inspector.catch_up()
                await closes(inspector, number)
    assert tip.officer_id is None


@on_every_messenger
async def test_after_two_weeks_it_is_asked_once_whether_it_came_back(stage: Stage, messenger: str) -> None:
    person, _inspector, number = await closed_tip(stage, messenger, "kk")
    async with later(stage, days=14, minutes=1):
        await person.says("/mine" if messenger == "telegram" else "Мәзір")
        assert await step(stage, number, Tips.ask_back)
        assert not await step(stage, number, Tips.ask_back)
        assert await person.hears(BACK, number=number)
        await person.picks("Yes")
        assert person.heard(AGAIN, number=number)
        assert (await tip_of(stage, number)).state == "reopened"


async def test_outside_of_whatsapps_window_the_template_asks_and_words_answer_it(stage: Stage) -> None:
    person, _inspector, number = await closed_tip(stage, "whatsapp", "ru")
    async with later(stage, days=1, hours=1):
        assert await step(stage, number, Tips.ask_solved)
        await person.catch_up()
        assert str(number) in person.last["text"]
        (notice,) = await rows(
            stage, Notice, Notice.kind == NoticeKind.TIP_SOLVED_ASK, Notice.tip_id == (await tip_of(stage, number)).id
        )
        assert notice.state in (NoticeState.SENT, NoticeState.DELIVERED, NoticeState.READ)
        await person.says("Да")
        assert person.heard(THANKS)
    assert (await tip_of(stage, number)).is_solved is True


async def test_forged_answers_of_strangers_change_nothing(stage: Stage) -> None:
    _person, _inspector, number = await closed_tip(stage, "telegram", "ru")
    tip, stranger = await tip_of(stage, number), await resident(stage)
    await stranger.says("/menu")
    for do in ("solved", "unsolved", "stays", "back"):
        await stranger.forges(After(do=do, tip=tip.id).pack())
        assert stranger.heard(FORBIDDEN)
    assert (await tip_of(stage, number)).state == "closed"


async def test_a_repeated_answer_is_true_once(stage: Stage) -> None:
    person, _inspector, number = await closed_tip(stage, "telegram", "ru")
    tip = await tip_of(stage, number)
    for _ in range(2):
        await person.forges(After(do="solved", tip=tip.id).pack())
        assert (await tip_of(stage, number)).state == "confirmed"
    for _ in range(2):
        await person.forges(After(do="unsolved", tip=tip.id).pack())
    assert (await tip_of(stage, number)).reopened == 1
    await person.forges(After(do="solved", tip=tip.id).pack())  # an old button of a tip that is open again
    assert (await tip_of(stage, number)).state == "reopened"


async def test_words_long_after_a_rating_are_no_remark(stage: Stage) -> None:
    person, _inspector, number = await closed_tip(stage, "telegram", "ru")
    await person.picks("5 – very good")
    async with later(stage, minutes=11):
        await person.says("Во дворе сожгли мусорный бак")
        assert person.did_not_hear("Thank you, your words are passed on.")
    tip = await tip_of(stage, number)
    assert not await rows(stage, TipPart, TipPart.purpose == "rating", TipPart.tip_id == tip.id)


@on_every_messenger
async def test_late_is_told_to_everybody_it_concerns(stage: Stage, messenger: str) -> None:
    person, inspector = await resident(stage, messenger, "kk"), await stage.existing("t2001", "kk")
    number = await sends_tip(person)
    await shows(inspector, number)
    await inspector.picks("Take into work")
    await person.catch_up()
    async with later(stage, hours=23):
        assert await step(stage, number, Tips.warn_holder)
        assert await inspector.hears(
            "⏳ Tip No. {number}: the answer is due {due}. After that the tip moves one rung up.", number=number
        )
    async with later(stage, hours=23, minutes=59):
        await person.says("/mine" if messenger == "telegram" else "Мәзір")
    async with later(stage, hours=24, minutes=1):
        assert await step(stage, number, Tips.move_late)
        assert await person.hears(
            "The answer to tip No. {number} is late, we are sorry. The tip has been passed on. New time: {due}.",
            number=number,
        )
        assert await inspector.hears("The time of tip No. {number} ran out: it has moved one rung up.", number=number)
        await shows(inspector, number)
        assert inspector.heard(FORBIDDEN)


@on_every_messenger
async def test_who_does_not_answer_is_reminded(stage: Stage, messenger: str) -> None:
    person, inspector = await resident(stage, messenger, "ru"), await stage.existing("t2001", "kk")
    number = await sends_tip(person)
    await shows(inspector, number)
    await inspector.forges(Card(do="ask", tip=(await tip_of(stage, number)).id).pack())
    await inspector.says("Какой подъезд?")
    await person.catch_up()
    async with later(stage, days=7, minutes=1):
        await person.says("/mine" if messenger == "telegram" else "Меню")  # a look at the menu is no answer
        assert await step(stage, number, Tips.remind)
        assert not await step(stage, number, Tips.remind)
        await person.catch_up()
        assert person.heard("We are still waiting for your answer.")
        assert "Какой подъезд?" in person.last["text"]
        await person.says("Второй подъезд")
        assert person.heard("Thank you, your answer is passed to the inspector.")
    assert (await tip_of(stage, number)).paused_at is None
