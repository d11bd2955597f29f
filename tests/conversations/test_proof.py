"""Did the police publish this? Asked by a resident on either messenger."""

import pytest

from bot.i18n import Bilingual
from bot.services.talks import talk_key
from bot.services.warnings import Audience, WarningDraft, WarningView
from bot.speech.published import change_text, warning_text
from bot.terms import Language, Messenger
from tests.conversations.journeys import resident
from tests.conversations.test_watching import approved
from tests.stage import Person, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

GENUINE = (
    "✅ This warning was published by the police department. Date: {day}. The text is the same as the original."
    " Remember: the police do not ask for money or codes."
)
CHANGED = (
    "⚠️ There was such a warning, but the text of this copy is changed. Do not trust it, do not pass it on."
    " The original:\n{text}"
)
CODE_ONLY = (
    "✅ A warning with this code was published by the police department. Date: {day}. Compare it word for word;"
    " the original:\n{text}"
)
UNFINISHED = "First finish the tip you are writing, or choose “Cancel”."
FOREIGN = (
    "❌ The police department published no such warning. Do not open its link, do not send money, do not pass it on."
)


@pytest.fixture
async def warning(stage: Stage) -> WarningView:
    async with stage.app.units() as unit:
        author = await unit.officers.by_badge("A-1025")
        text = (await unit.warnings.schemes())[1].text
        place = await unit.territory.by_code("101")
        assert place is not None
        audience = Audience(
            precinct_ids=(place.id,), only="chats"
        )  # not all whom the other transcripts have subscribed
        return await unit.warnings.publish(author, WarningDraft(text, audience))


@pytest.mark.parametrize("messenger", ["telegram", "whatsapp"])
@pytest.mark.parametrize("language", ["kk", "ru"])
async def test_asked_from_the_menu(stage: Stage, warning: WarningView, messenger: str, language: str) -> None:
    person = await resident(stage, messenger, language)
    copy = warning_text(warning.text, warning.code, Language(language))
    await asks(person)
    await person.says(copy)
    assert person.heard(GENUINE)
    await person.picks("Check another text")
    await person.says(copy.replace("102", "8 700 000 00 00") + " http://bank-kz.top")
    assert person.heard(CHANGED)
    await person.picks("Check another text")
    await person.says(warning.code.lower())
    assert person.heard(CODE_ONLY)
    await person.picks("Check another text")
    await person.says("Полиция просит перевести деньги на безопасный счёт, перейдите по ссылке bank-kz.top")
    assert person.heard(FOREIGN)


async def asks(person: Person) -> None:
    await person.says("/menu")
    await person.picks("Warnings: on or off")
    await person.picks("Is this warning ours?")


@pytest.mark.parametrize("messenger", ["telegram", "whatsapp"])
async def test_a_copy_that_is_simply_sent(stage: Stage, warning: WarningView, messenger: str) -> None:
    person = await resident(stage, messenger, "ru")
    copy = warning_text(warning.text, warning.code, Language.RU)
    await person.says(copy)
    assert person.heard(GENUINE)
    await person.says(copy.replace(warning.code, "QQQQQQ") + " И ещё перейдите по ссылке bank-kz.top")
    assert person.heard(CHANGED)


async def test_another_text_is_the_beginning_of_a_tip(stage: Stage, warning: WarningView) -> None:
    person = await resident(stage, "telegram", "ru")
    await person.says("Соседи шумят по ночам, номер машины URGENT, разберитесь пожалуйста")
    assert person.heard("It is written down.")


OUTDATED = (
    "⚠️ The police department published this text, but has changed it since: it is out of date. Do not pass it on. Date"
    " of the warning: {day}, of the newer text: {newer}. What holds now:\n{text}"
)
RECALLED = (
    "❌ The police department published this warning and has recalled it: it holds no longer. Do not go by it, do not"
    " pass it on. Date: {day}."
)
RECALLED_AND_CHANGED = (
    "⚠️ There was such a warning, but the department has recalled it, and the text of this copy is changed. Do not trust"
    " it, do not pass it on."
)
NEW = Bilingual("Кодты ешкімге айтпаңыз, полицияға да", "Никому не называйте код, и полиции тоже")


@pytest.mark.parametrize(("messenger", "language"), [("telegram", "kk"), ("whatsapp", "ru")])
async def test_what_was_corrected_and_recalled(
    stage: Stage, warning: WarningView, messenger: str, language: str
) -> None:
    person = await resident(stage, messenger, language)
    old = warning_text(warning.text, warning.code, Language(language))
    async with stage.app.units() as unit:
        author = await unit.officers.by_badge("A-1025")
        await unit.warnings.correct(author, warning.id, NEW)
    corrected = await approved(stage, warning)
    await person.says(old)
    assert person.heard(OUTDATED, text=warning_text(NEW, warning.code, Language(language)))
    await person.says(change_text(corrected, Language(language)))  # as it was edited or written anew
    assert person.heard(GENUINE)
    await person.says(warning.code)
    assert person.heard(CODE_ONLY, text=warning_text(NEW, warning.code, Language(language)))
    async with stage.app.units() as unit:
        recalled = await unit.warnings.recall(author, warning.id)
    for text in (old, warning.code, change_text(recalled, Language(language))):
        await person.says(text)
        assert person.heard(RECALLED)
        assert person.did_not_hear(NEW.of(Language(language)))
    await person.says(old + " http://bank-kz.top")
    assert person.heard(RECALLED_AND_CHANGED)


@pytest.mark.parametrize(("messenger", "language"), [("telegram", "kk"), ("whatsapp", "ru")])
@pytest.mark.parametrize("step", ["category", "story"])
async def test_a_command_is_no_word_of_the_tip_that_is_being_written(
    stage: Stage, messenger: str, language: str, step: str
) -> None:
    """It was added to the story without a word, and went to the inspector with it."""
    person = await resident(stage, messenger, language)
    if step == "story":
        await person.says("/tip")
        await person.picks("Ауладағы тәртіп" if language == "kk" else "Порядок во дворе")
        await person.picks("Түнгі шу" if language == "kk" else "Ночной шум")
    await person.says("Музыка после полуночи")
    await person.says("/proof")
    assert person.heard(UNFINISHED)
    async with stage.app.units() as unit:
        talk = await unit.talks.read(talk_key(Messenger(messenger), person.address, person.address))
    assert [part["text"] for part in talk.form["parts"]] == ["Музыка после полуночи"]


async def test_the_command_and_the_words_under_a_picture(stage: Stage, warning: WarningView) -> None:
    person = await resident(stage, "telegram", "ru")
    await person.says("/proof")
    await person.sends("photo", caption=warning_text(warning.text, warning.code, Language.RU))
    assert person.heard(GENUINE)
    await person.says("/help")
    assert person.heard("Is this warning ours?")
