"""Danger at home, to a child or of a sexual kind: the numbers first, then whether it is safe, and no push tells of it."""

import base64
from datetime import timedelta

import pytest

from bot.speech.forms import TipForm
from bot.store.tips import Tip, TipPart
from bot.terms import Urgency
from tests.conversations import in_both_languages, on_every_messenger
from tests.conversations.journeys import category, resident, rows, state_of, tile, tip_of
from tests.conversations.test_danger import CODE, DESPAIR, FORMAL
from tests.intake.test_pictures import picture
from tests.stage import Person, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

AT_HOME = {
    "kk": "Күйеуім қазір есікті теуіп, өлтіремін деп айқайлап тұр",
    "ru": "Муж прямо сейчас избивает меня, помогите",
}
KNIFE = {
    "kk": "Мені қазір пышақпен қорқытып жатыр, көмектесіңдер",
    "ru": "Помогите, он прямо сейчас напал на меня с ножом",
}
NOW = "🆘 Call 102 or 112 right now; 111 helps children and families, day and night. If you can, go to a safe place."
STEPS = (
    "If it is safe, write only the place here or send a location: we will pass it on.\n"
    "If somebody may see your screen, choose “Not now”: what you wrote is not kept here, delete it from this chat"
    " yourself; you can begin again at any time."
)
SENT_ALREADY = (
    "If it is safe, write only the place here or send a location: we will pass it on.\n"
    "If somebody may see your screen, choose “Not now”: nothing more is asked. What you wrote is passed on already;"
    " delete it from this chat yourself."
)
WRITTEN = "No. {number}: it is written down. Time of the answer: {due}."
NEWS = "No. {number}: there is news. Read it when it is convenient for you."
QUESTION = "No. {number}: there is a question. Read it when it is convenient for you."
PICTURE = (
    "The picture you sent to No. {number} says where it was taken. Did it happen there? The inspector sees the place"
    " only if you say yes."
)
MENU = "What would you like to do? If there is danger, call 102 or 112."


async def last_tip(stage: Stage) -> Tip:
    return (await rows(stage, Tip))[-1]  # type: ignore[no-any-return]


def tells_nothing(person: Person) -> bool:
    """Neither what it is about nor who has it."""
    for code in ("domestic_violence", "sexual_violence", "child_danger", "emergency_life"):
        person.did_not_hear(category(code, person.language))
    return True


@on_every_messenger
@in_both_languages
async def test_violence_at_home_stays_what_it_is_and_no_word_of_it_comes_back(
    stage: Stage, messenger: str, language: str
) -> None:
    person = await resident(stage, messenger, language, precinct="101")
    duty = await stage.existing("t2019", "kk")
    await person.says(AT_HOME[language])
    assert person.heard(STEPS)
    assert person.said[0].startswith(person.word(NOW))
    await person.says("Тоғай көшесі 5")
    tip = await last_tip(stage)
    assert person.heard(WRITTEN, number=tip.number)
    assert len(person.fresh) == 1
    assert (tip.category, tip.urgency, tip.identity) == ("domestic_violence", Urgency.U0, "hidden")
    assert await duty.hears(AT_HOME[language])
    await person.catch_up()
    assert tells_nothing(person)
    await duty.picks("Take into work")
    assert await person.hears(NEWS, number=tip.number)
    assert tells_nothing(person)


@on_every_messenger
@in_both_languages
async def test_not_now_leaves_nothing_behind(stage: Stage, messenger: str, language: str) -> None:
    person = await resident(stage, messenger, language)
    before = len(await rows(stage, Tip))
    await person.says(AT_HOME[language])
    await person.picks("Not now")
    assert person.heard(MENU)
    assert await state_of(person) is None
    assert len(await rows(stage, Tip)) == before


@on_every_messenger
@in_both_languages
async def test_not_now_after_words_of_despair_says_that_they_are_passed_on(
    stage: Stage, messenger: str, language: str
) -> None:
    person = await resident(stage, messenger, language)
    await person.says("/tip")
    await person.picks(tile("danger", language))
    await person.picks("There is no danger, go on")
    await person.picks(category("domestic_violence", language))
    await person.picks("Yes, go on")
    before = len(await rows(stage, Tip))
    await person.says(DESPAIR[language])
    assert person.heard(SENT_ALREADY)
    assert person.did_not_hear(STEPS)
    assert len(await rows(stage, Tip)) == before + 1
    await person.picks("Not now")
    assert person.heard(MENU)
    assert tells_nothing(person)


@on_every_messenger
async def test_of_a_discreet_tip_no_message_follows_and_the_code_waits_for_its_reader(
    stage: Stage, messenger: str
) -> None:
    person = await resident(stage, messenger)
    await person.says(AT_HOME["ru"])
    await person.picks("Skip")
    number = (await last_tip(stage)).number
    assert person.heard(WRITTEN, number=number)
    before = stage.clock.shift
    try:
        stage.clock.shift += timedelta(minutes=10, seconds=1)
        await stage.settle()
        assert await person.hears_nothing()
    finally:
        stage.clock.shift = before
    await person.says("/mine")
    await person.picks(f"№ {number}")
    assert person.heard(CODE)
    assert person.heard(FORMAL)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("куйеуим казир пышакпен куып жатыр, комектесиндер", "domestic_violence"),
        ("куйеуим казир урып жатыр комектесиниздерши", "domestic_violence"),
        ("Бывший ломится в дверь, грозится убить, помогите", "domestic_violence"),
        ("Әкем ішіп келіп, шешемді сабап жатыр, тез келіңіздер", "domestic_violence"),
        ("На пустыре девушку насилуют, помогите быстрее", "sexual_violence"),
        ("кызды зорлап жатыр, тез келиниздер", "sexual_violence"),
        ("Мужчина тащит девочку в машину силой, она плачет", "child_danger"),
        ("Көршінің баласын сабап жатыр, жылап жатыр", "child_danger"),
        ("Во дворе драка, у одного нож, быстрее", "emergency_life"),
        ("Мужа избивают у магазина, помогите", "emergency_life"),
        ("Горит дом, муж внутри, помогите", "emergency_life"),
    ],
)
async def test_the_words_decide_under_which_category_it_is_kept(stage: Stage, words: str, code: str) -> None:
    person = await resident(stage, precinct="101")
    await person.says(words)
    assert await state_of(person) == TipForm.danger_place.state
    await person.picks("Skip")
    assert (await last_tip(stage)).category == code


@on_every_messenger
async def test_a_story_of_home_keeps_its_category_when_the_words_do_not_name_it(stage: Stage, messenger: str) -> None:
    person = await resident(stage, messenger, "ru")
    await person.says("/tip")
    await person.picks(tile("danger", "ru"))
    await person.picks("There is no danger, go on")
    await person.picks(category("domestic_violence", "ru"))
    await person.picks("Yes, go on")
    await person.says("Ссорится и пьёт")
    await person.says(KNIFE["ru"])
    assert person.heard(STEPS)
    await person.picks("Skip")
    tip = await last_tip(stage)
    assert tip.category == "domestic_violence"
    assert [part.text for part in await rows(stage, TipPart, TipPart.tip_id == tip.id)] == [
        "Ссорится и пьёт",
        KNIFE["ru"],
    ]
    # the next danger, said without a word of home, is of the same matter
    await person.says(KNIFE["ru"])
    assert person.heard(STEPS)
    await person.picks("Skip")
    assert (await last_tip(stage)).category == "domestic_violence"
    assert (await last_tip(stage)).id != tip.id


async def test_no_danger_asks_whether_it_is_safe_before_the_story(stage: Stage) -> None:
    person = await resident(stage)
    await person.says(AT_HOME["ru"])
    await person.picks("There is no danger, go on")
    assert await state_of(person) == TipForm.safe.state
    await person.picks("Yes, go on")
    await person.picks(category("domestic_violence", "ru"))
    assert await state_of(person) == TipForm.place.state


@on_every_messenger
@in_both_languages
async def test_the_place_of_a_picture_is_asked_when_it_is_convenient(
    stage: Stage, messenger: str, language: str
) -> None:
    person = await resident(stage, messenger, language)
    await person.says("/tip")
    await person.picks(tile("danger", language))
    await person.picks("There is no danger, go on")
    await person.picks(category("domestic_violence", language))
    await person.picks("Yes, go on")
    await person.sends("photo", content=base64.b64encode(picture(place=(49.828, 73.055))).decode())
    for answer in ("Done", "Skip", "Send without my name", "Send"):
        await person.picks(answer)
    number = int(person.fact("number", WRITTEN))
    assert person.heard(QUESTION, number=number)
    assert person.did_not_hear(PICTURE, number=number)
    await person.picks("Read")
    assert person.heard(PICTURE, number=number)
    await person.picks("Yes, there")
    assert (await tip_of(stage, number)).lat == pytest.approx(49.828)
