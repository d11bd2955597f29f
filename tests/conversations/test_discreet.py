"""Violence at home: whether it is safe to write comes first, and no push tells a stranger what it is about."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.speech.forms import TipForm
from bot.store.endpoints import Endpoint
from bot.store.notices import Notice
from bot.store.tips import Tip, TipPart
from tests.conversations import in_both_languages, on_every_messenger
from tests.conversations.journeys import category, closes, resident, resident_id, rows, shows, state_of, tile
from tests.stage import Person, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

SAFE = (
    "Is it safe for you to write now, does nobody see your screen? If it is dangerous or somebody is beside you,"
    " choose “Not now”: what you wrote is not kept here, delete it from this chat yourself; you can begin again at any"
    " time. In danger call 102; 111 helps children and families, day and night."
)
MENU = "What would you like to do? If there is danger, call 102 or 112."
WRITTEN = "No. {number}: it is written down. Time of the answer: {due}."
NEWS = "No. {number}: there is news. Read it when it is convenient for you."
STORY = {"kk": "Үйде мені күйеуім ренжітеді", "ru": "Дома меня обижает муж, это повторяется"}
QUESTION, ANSWER, OUTCOME = (
    "Балалар қасыңызда ма?",
    "Сізге әйелдерді қорғау инспекторы қоңырау шалады",
    "Қорғау ұйғарымы",
)


async def comes_to_violence(someone: Person) -> None:
    await someone.says("/tip")
    await someone.picks(tile("danger", someone.language))
    await someone.picks("There is no danger, go on")
    await someone.picks(category("domestic_violence", someone.language))


async def sends(someone: Person) -> int:
    await comes_to_violence(someone)
    await someone.picks("Yes, go on")
    await someone.says(STORY[someone.language])
    await someone.picks("Done")
    await someone.picks("In my precinct")
    await someone.picks("Send without my name")
    await someone.picks("Send")
    return int(someone.fact("number", WRITTEN))


@on_every_messenger
@in_both_languages
async def test_from_is_it_safe_to_what_is_read_when_it_is(stage: Stage, messenger: str, language: str) -> None:
    someone, holder = await resident(stage, messenger, language), await stage.existing("t2001", "kk")
    await comes_to_violence(someone)
    assert someone.heard(SAFE)
    assert someone.did_not_hear(category("domestic_violence", language))
    await someone.picks("Yes, go on")
    await someone.says(STORY[language])
    await someone.picks("Done")
    await someone.picks("In my precinct")
    await someone.picks("Send without my name")
    await someone.picks("Send")
    number = int(someone.fact("number", WRITTEN))
    assert someone.did_not_hear(category("domestic_violence", language))
    assert await holder.hears(STORY[language])
    await holder.picks("Take into work")
    assert await someone.hears(NEWS, number=number)
    for step, words in (("Ask a question", QUESTION), ("Answer the sender", ANSWER)):
        await shows(holder, number)
        await holder.picks(step)
        await holder.says(words)
        assert await someone.hears(NEWS, number=number)
        assert someone.did_not_hear(words), "a push is read by whoever holds the phone"
        await someone.picks("Read it")
        assert someone.heard(words)
        if step == "Ask a question":
            await someone.says("Жоқ")
            assert await holder.hears("Жоқ")
    await closes(holder, number, OUTCOME)
    assert await someone.hears(NEWS, number=number)
    assert someone.did_not_hear(OUTCOME)
    await someone.picks("Read it")
    assert someone.heard(OUTCOME)
    await someone.picks("5 – very good")
    (tip,) = await rows(stage, Tip, Tip.number == number)
    assert (tip.state, tip.rating) == ("confirmed", 5)


@on_every_messenger
@in_both_languages
async def test_not_now_leaves_a_screen_that_tells_nothing(stage: Stage, messenger: str, language: str) -> None:
    someone = await resident(stage, messenger, language)
    await comes_to_violence(someone)
    await someone.picks("Not now")
    assert someone.heard(MENU)
    assert await state_of(someone) is None
    assert someone.did_not_hear(category("domestic_violence", language))
    if messenger == "telegram":  # the question itself is gone from the screen too
        shown = "\n".join(message["text"] for message in await someone._messages())
        assert someone.word(SAFE) not in shown
    mine = await rows(stage, Notice, Notice.resident_id == await resident_id(someone))
    assert mine == []


@on_every_messenger
async def test_words_said_first_are_kept_only_when_it_is_safe(stage: Stage, messenger: str) -> None:
    someone = await resident(stage, messenger)
    await comes_to_violence(someone)
    await someone.says("Можно ли здесь писать?")
    assert someone.heard(SAFE)
    await someone.sends("photo")
    await someone.picks("Not now")
    await comes_to_violence(someone)
    await someone.picks("Yes, go on")
    await someone.says(STORY["ru"])
    await someone.picks("Done")
    await someone.picks("In my precinct")
    await someone.picks("Send without my name")
    await someone.picks("Send")
    number = int(someone.fact("number", WRITTEN))
    (tip,) = await rows(stage, Tip, Tip.number == number)
    parts = await rows(stage, TipPart, TipPart.tip_id == tip.id)
    assert [part.text for part in parts] == [STORY["ru"]]


FIRST_WORDS = {
    "kk": "Күйеуім жиі ұрады, біреуге айтуға қорқамын",
    "ru": "Муж часто бьёт меня дома, боюсь кому-то говорить",
}


@on_every_messenger
@in_both_languages
async def test_what_first_words_seem_to_be_about_is_not_shown_before_it_is_safe(
    stage: Stage, messenger: str, language: str
) -> None:
    someone = await resident(stage, messenger, language)
    await someone.says(FIRST_WORDS[language])
    assert someone.heard(SAFE)
    label = category("domestic_violence", language)
    assert all(label not in text for text in someone.said)
    await someone.picks("Yes, go on")
    await someone.picks(label)
    assert await state_of(someone) == TipForm.place.state


@on_every_messenger
async def test_not_now_forgets_first_words_too(stage: Stage, messenger: str) -> None:
    someone = await resident(stage, messenger)
    await someone.says(FIRST_WORDS["ru"])
    await someone.picks("Not now")
    assert someone.heard(MENU)
    await someone.says("/tip")
    assert someone.did_not_hear("The tip was not sent, the draft is deleted.")


async def test_old_and_foreign_presses(stage: Stage) -> None:
    someone, stranger = await resident(stage), await resident(stage)
    number = await sends(someone)
    (tip,) = await rows(stage, Tip, Tip.number == number)
    for old in ("rep:safe:", "rep:unsafe:"):
        await someone.forges(old)
        assert someone.heard("This button does not work any more. Press a button under the latest message.")
    await stranger.says("/menu")
    await stranger.forges(f"mine:read:{tip.id}:0")
    assert stranger.heard("There is no such record, or it is not yours.")
    assert tip.category == "domestic_violence"


@pytest.mark.parametrize("language", ["kk", "ru"])
async def test_outside_the_24_hours_the_template_tells_nothing_either(stage: Stage, language: str) -> None:
    someone = await resident(stage, "whatsapp", language)
    holder = await stage.existing("t2001", "kk")
    number = await sends(someone)
    await holder.catch_up()
    await shows(holder, number)
    await holder.picks("Take into work")
    await stage.call(f"/sim/people/{someone.id}/window", {"hours_ago": 25})
    where = Endpoint.resident_id == await resident_id(someone)
    async with stage.app.database.writing() as session:
        await session.execute(update(Endpoint).where(where).values(window_until=stage.clock.now() - timedelta(hours=1)))
    await someone.catch_up()
    await shows(holder, number)
    await holder.picks("Answer the sender")
    await holder.says(ANSWER)
    await someone.catch_up()
    (message,) = someone.fresh
    assert message["template"]
    assert someone.heard(NEWS, number=number)
    assert someone.did_not_hear(ANSWER)
