"""Words and numbers typed instead of a button, in both languages, with and without Kazakh letters."""

import pytest

from bot.speech.forms import CardForm, StartForm, TipForm
from bot.store.tips import Tip, TipPart
from tests.conversations import on_every_messenger
from tests.conversations.journeys import begins, comes_to, number_in, resident, rows, sends_tip, state_of, tip_of
from tests.conversations.test_danger import KNIFE, PASSED
from tests.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

MENU = "What would you like to do? If there is danger, call 102 or 112."
DELETED = "The tip was not sent, the draft is deleted."
CANCELLED = "Cancelled."
STORY = "Музыка после полуночи"


async def texts_of(stage: Stage, tip: Tip) -> list[str]:
    return [part.text for part in await rows(stage, TipPart, TipPart.tip_id == tip.id)]


async def last_tip(stage: Stage) -> Tip:
    return (await rows(stage, Tip))[-1]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ru", "1"), ("kk", "1."), ("ru", "пропустить"), ("ru", "«Пропустить»"), ("kk", "Откизип жиберу"),
        ("kk", "өткізіп жіберу!"), ("kk", "otkizip zhiberu"), ("ru", "не знаю"), ("kk", "билмеймин"),
    ],
)  # fmt: skip
async def test_in_danger_on_whatsapp_a_number_or_a_word_chooses(stage: Stage, language: str, said: str) -> None:
    person = await resident(stage, "whatsapp", language)
    await person.says(KNIFE[language])
    assert person.heard(f"1. {person.word('Skip')}")
    assert person.heard("Or answer with a number")
    await person.says(said)
    assert person.heard(PASSED)
    tip = await last_tip(stage)
    assert tip.place is None
    assert await texts_of(stage, tip) == [KNIFE[language]]
    await person.says("Пропустить" if language == "ru" else "Өткізіп жіберу")  # once more, by a hurried hand
    assert person.heard(MENU)
    assert await texts_of(stage, tip) == [KNIFE[language]]


async def test_in_danger_a_number_the_list_does_not_have_is_sent_as_the_place(stage: Stage) -> None:
    """Nothing that was written in danger is answered with «no such number»."""
    person = await resident(stage, "whatsapp")
    await person.says(KNIFE["ru"])
    await person.says("45")
    assert person.heard(PASSED)
    assert (await last_tip(stage)).place == "45"


@pytest.mark.parametrize(
    ("language", "said", "state"),
    [
        ("ru", "1", TipForm.identity), ("kk", "2", TipForm.identity), ("kk", "менин учаскемде", TipForm.identity),
        ("ru", "На моем участке", TipForm.identity), ("ru", "не знаю", TipForm.identity), ("ru", "7", TipForm.place),
    ],
)  # fmt: skip
async def test_the_place_of_a_tip_on_whatsapp(stage: Stage, language: str, said: str, state: object) -> None:
    person = await resident(stage, "whatsapp", language)
    await comes_to(person, "place")
    await person.says(said)
    assert await state_of(person) == state.state  # type: ignore[attr-defined]


@on_every_messenger
@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ru", "отмена"), ("ru", "Отменить."), ("kk", "Бас тарту"), ("kk", "болдырмау"), ("kk", "БОЛДЫРМАУ!"),
        ("kk", "bas tartu"), ("ru", "cancel"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("step", ["category", "story", "place", "identity", "check"])
async def test_cancel_is_understood_at_every_step(
    stage: Stage, messenger: str, language: str, said: str, step: str
) -> None:
    person = await resident(stage, messenger, language)
    await comes_to(person, step)
    await person.says(said)
    assert await state_of(person) is None
    if step in ("category", "story"):
        assert person.heard(CANCELLED) if messenger == "telegram" else person.heard(DELETED)
    else:
        assert person.heard(DELETED)


@on_every_messenger
@pytest.mark.parametrize(("language", "said"), [("ru", "главное меню"), ("kk", "мазир"), ("kk", "Басты мәзір")])
async def test_the_menu_in_other_words(stage: Stage, messenger: str, language: str, said: str) -> None:
    person = await resident(stage, messenger, language)
    await begins(person)
    await person.says(said)
    assert person.heard(MENU)
    assert await state_of(person) is None


@on_every_messenger
@pytest.mark.parametrize(("language", "said"), [("ru", "всё"), ("kk", "болды"), ("kk", "дайын"), ("ru", "«Готово»")])
async def test_a_story_ends_and_is_sent_with_any_word_for_it(
    stage: Stage, messenger: str, language: str, said: str
) -> None:
    person = await resident(stage, messenger, language)
    await begins(person)
    await person.says(STORY)
    await person.says(said)
    assert await state_of(person) == TipForm.place.state
    await person.picks("Skip")
    await person.picks("Send without my name")
    await person.says("жібер" if language == "kk" else "отправляй")
    assert await texts_of(stage, await tip_of(stage, number_in(person))) == [STORY]


@on_every_messenger
@pytest.mark.parametrize(("language", "said"), [("ru", "пропустить"), ("kk", "откизип жиберу")])
async def test_where_somebody_lives_can_be_skipped_by_a_word(
    stage: Stage, messenger: str, language: str, said: str
) -> None:
    person = await resident(stage, messenger, language, precinct=None)
    await person.starts()
    assert await state_of(person) == StartForm.home.state
    await person.says(said)
    assert await state_of(person) is None
    assert person.heard(MENU)


@on_every_messenger
@pytest.mark.parametrize("said", ["Пропустить", "назад", "отмена", "Өткізіп жіберу", "Болдырмау"])
async def test_a_word_for_a_button_that_is_gone_is_no_word_of_the_open_tip(
    stage: Stage, messenger: str, said: str
) -> None:
    person = await resident(stage, messenger)
    number = await sends_tip(person)
    await person.says(said)
    tip = await tip_of(stage, number)
    assert await texts_of(stage, tip) == [STORY]


@on_every_messenger
@pytest.mark.parametrize("said", ["Не знаю", "Отмена"])
async def test_to_an_inspectors_question_it_is_an_answer(stage: Stage, messenger: str, said: str) -> None:
    person, inspector = await resident(stage, messenger), await stage.existing("t2001", "kk")
    number = await sends_tip(person)
    await inspector.catch_up()
    await inspector.picks("Take into work")
    await inspector.picks("Ask a question")
    assert await state_of(inspector) == CardForm.asking.state
    await inspector.says("Какая музыка?")
    await person.says(said)
    assert person.heard("Thank you, your answer is passed to the inspector.")
    assert said in await texts_of(stage, await tip_of(stage, number))


@on_every_messenger
async def test_who_typed_cancel_after_words_of_despair_is_not_told_that_nothing_was_sent(
    stage: Stage, messenger: str
) -> None:
    person = await resident(stage, messenger)
    await person.says("Не хочу жить, сейчас покончу с собой")
    await person.says("отмена")
    assert person.did_not_hear(DELETED)
    assert person.heard(CANCELLED)
