"""The first meeting: language, consent, neighbourhood; and coming again."""

import pytest

from bot.store.residents import Resident
from bot.store.subscriptions import Subscription
from bot.store.tips import Tip
from bot.terms import Language
from tests.conversations import in_both_languages, on_every_messenger
from tests.conversations.journeys import category, resident, resident_id, rows, state_of
from tests.stage import Person, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

CONSENT = (
    "To look into your tip we need your personal data: your account in the messenger, what you write, your files"
    " and the place you name. In the police only the responsible officers see them. Do you agree?"
)
REFUSED = (
    "Understood. Without consent we cannot accept a tip. If you change your mind, write “Menu”."
    " If there is danger, call 102 or 112."
)
HOME = "Where do you live? This is needed to find your inspector. How would you like to show your house?"
SAVED = "Saved. Precinct: {area}. Inspector: {officer}."
MENU = "What would you like to do? If there is danger, call 102 or 112."
OUTSIDE = "This place is outside the territory of the department. If it is urgent, call 102."
LANGUAGES = {"kk": "Қазақша", "ru": "Русский"}


async def agrees(stage: Stage, messenger: str, language: str, payload: str = "") -> Person:
    """Language and consent."""
    person = await stage.person(messenger, language=language)
    await person.starts(payload)
    assert person.heard("Тілді таңдаңыз")
    assert person.heard("Выберите язык")
    await person.picks(LANGUAGES[language])
    assert person.heard(CONSENT)
    await person.picks("I agree")
    return person


async def row_of(person: Person) -> Resident:
    (row,) = await rows(person.stage, Resident, Resident.id == await resident_id(person))
    assert isinstance(row, Resident)
    return row


@on_every_messenger
@in_both_languages
async def test_from_the_first_word_to_the_menu_by_the_list(stage: Stage, messenger: str, language: str) -> None:
    person = await agrees(stage, messenger, language)
    assert person.heard(HOME)
    await person.picks("List")
    await person.picks({"kk": "Өзен ауданы", "ru": "Приречный район"}[language])
    await person.picks({"kk": "Жағалау", "ru": "Набережный"}[language])
    assert person.heard(SAVED)
    assert person.heard("Shall we send you warnings about fraud in your neighbourhood? A few a week, not at night.")
    await person.picks("Get warnings")
    row = await row_of(person)
    assert (row.language, row.consent_version is not None) == (language, True)
    assert await rows(stage, Subscription, Subscription.resident_id == row.id)


@on_every_messenger
@in_both_languages
async def test_no_consent_no_tip_and_the_full_text_on_request(stage: Stage, messenger: str, language: str) -> None:
    person = await stage.person(messenger, language=language)
    await person.starts()
    await person.picks(LANGUAGES[language])
    await person.picks("Full text")
    assert person.heard("БСН" if language == "kk" else "БИН")
    async with stage.app.units() as unit:
        department = await unit.territory.department()
    assert department is not None
    assert person.heard(department.address.of(Language(language)))
    assert person.heard(department.phone)
    assert person.heard({"kk": "ТОҚТА деп жазыңыз", "ru": "напишите здесь СТОП"}[language])
    await person.picks("I do not agree")
    assert person.heard(REFUSED)
    await person.says("/tip")
    assert person.heard(CONSENT)
    await person.says("Соседи шумят")
    assert person.heard(CONSENT)
    assert (await row_of(person)).consent_version is None
    await person.picks("I agree")
    assert person.heard(HOME)


@on_every_messenger
async def test_the_language_question_explains_itself_in_both_languages(stage: Stage, messenger: str) -> None:
    person = await stage.person(messenger)
    await person.starts()
    for spoken in ("kk", "ru"):
        person.language = spoken
        assert person.heard("Choose a language")
        if messenger == "whatsapp":
            assert person.heard("Answer with a number")
    await person.says("9")
    if messenger == "whatsapp":
        for spoken in ("kk", "ru"):
            person.language = spoken
            assert person.heard("There is no such number in the list. Write a number from the list.")
            assert person.heard("Answer with a number")


@on_every_messenger
@in_both_languages
async def test_the_house_by_a_point(stage: Stage, messenger: str, language: str) -> None:
    person = await agrees(stage, messenger, language)
    await person.picks("Point on the map")
    await person.sends("location", latitude=40.71, longitude=-74.0)
    assert person.heard(OUTSIDE)
    await person.sends("location", latitude=49.80690, longitude=73.05809)
    assert person.heard(SAVED, area={"kk": "№ 102, Жағалау", "ru": "№ 102, Набережный"}[language])


@on_every_messenger
@in_both_languages
async def test_the_house_by_an_address(stage: Stage, messenger: str, language: str) -> None:
    person = await agrees(stage, messenger, language)
    await person.picks("Address")
    await person.says("проспект Которого Нет 700")
    assert person.heard("No such address was found. Write it another way or choose from the list.")
    await person.says("Абай 100500")
    assert person.heard("Which of these is it?")
    await person.says("Балықшылар көшесі 4" if language == "kk" else "улица Рыбаков 4")
    assert person.heard(SAVED, area={"kk": "№ 101, Тоғай", "ru": "№ 101, Тугайный"}[language])


@on_every_messenger
async def test_of_several_streets_the_precinct_is_chosen(stage: Stage, messenger: str) -> None:
    person = await agrees(stage, messenger, "ru")
    await person.says("улица Абая")
    assert person.heard("Which of these is it?")
    await person.picks("Музейный")
    assert person.heard(SAVED, area="№ 201, Музейный")


@on_every_messenger
@in_both_languages
async def test_a_posters_link_needs_no_question_about_the_house(stage: Stage, messenger: str, language: str) -> None:
    person = await agrees(stage, messenger, language, "p_205")
    assert person.heard(SAVED, area="№ 205, Стадион")
    assert person.did_not_hear(HOME)
    await person.starts("p_103")
    assert person.heard(SAVED, area={"kk": "№ 103, Бау-бақша", "ru": "№ 103, Садовый"}[language])
    await person.starts("p_nowhere")
    assert person.heard(MENU)
    assert (await row_of(person)).precinct_id is not None


@on_every_messenger
async def test_the_house_can_be_skipped_and_told_later(stage: Stage, messenger: str) -> None:
    person = await agrees(stage, messenger, "ru")
    await person.picks("Skip")
    assert person.heard(MENU)
    assert await state_of(person) is None
    await person.starts()
    assert person.heard(HOME)


@on_every_messenger
async def test_a_second_start_keeps_what_was_told(stage: Stage, messenger: str) -> None:
    person = await resident(stage, messenger, "kk", precinct="103")
    before = await row_of(person)
    await person.starts()
    assert person.heard(MENU)
    after = await row_of(person)
    assert (after.language, after.precinct_id, after.consent_at) == ("kk", before.precinct_id, before.consent_at)


@on_every_messenger
async def test_whoever_writes_anything_first_is_asked_for_the_language(stage: Stage, messenger: str) -> None:
    before = len(await rows(stage, Tip))
    for first in (("say", {"text": "Соседи шумят"}), ("send", {"kind": "sticker"}), ("say", {"text": "/menu"})):
        person = await stage.person(messenger, language="ru")
        await person.sends_at_once(first)
        assert person.heard("Тілді таңдаңыз")
        assert person.heard("Выберите язык")
    await person.picks("Русский")
    assert person.heard(CONSENT)
    assert len(await rows(stage, Tip)) == before


@on_every_messenger
@pytest.mark.parametrize("step", ["language", "consent", "home"])
async def test_an_album_at_the_first_meeting_gets_one_answer(stage: Stage, messenger: str, step: str) -> None:
    person = await stage.person(messenger, language="ru")
    await person.starts()
    if step != "language":
        await person.picks("Русский")
    if step == "home":
        await person.picks("I agree")
    state = await state_of(person)
    await person.sends_album(10)
    assert len(person.fresh) == 1, person.said
    assert await state_of(person) == state


@on_every_messenger
async def test_the_language_is_changed_any_time(stage: Stage, messenger: str) -> None:
    person = await resident(stage, messenger, "ru")
    await person.says("/language")
    await person.picks("Қазақша")
    person.language = "kk"
    assert person.heard("The language is changed: English.")
    await person.says("/tip")
    assert person.heard("What happened? Choose from the list or write in your own words.")
    await person.says("Аулада шу")
    await person.says("/language")
    await person.picks("Русский")
    person.language = "ru"
    await person.picks("Go on")
    assert person.heard(
        "It is written down. What is it about? The program suggests, you decide. You can go on writing."
    )


@on_every_messenger
async def test_who_is_my_inspector(stage: Stage, messenger: str) -> None:
    person = await resident(stage, messenger, "ru", precinct="102")
    await person.says("/inspector")
    assert person.heard("Асель Аркабаева")
    await person.picks("Another address")
    await person.sends("sticker")
    assert person.heard(
        "Send a location or write the street and the number of the house. In a village write its name too."
    )
    await person.says("улица Рыбаков 4")
    assert person.heard("Аскар Тогайбаев")
    await person.picks("Another address")
    await person.sends("location", latitude=49.80921, longitude=73.09328)
    assert person.heard("Нурлан Далабаев")
    assert await state_of(person) is None


TOLD = {"kk": "көрші түнде музыка қосып ұйықтатпайды", "ru": "соседи ночью шумят, не дают спать"}
AGAIN = "What you wrote before your consent was not kept: please write it once more."
WHAT = "What happened? Choose from the list or write in your own words."
BANK = "It is not your fault: a fraudster can deceive anyone."


@on_every_messenger
@in_both_languages
async def test_a_story_told_before_the_consent_is_asked_for_right_after_it(
    stage: Stage, messenger: str, language: str
) -> None:
    person = await stage.person(messenger, language=language)
    await person.says(TOLD[language])
    await person.picks({"kk": "Қазақша", "ru": "Русский"}[language])
    await person.picks("I agree")
    assert person.heard(AGAIN)
    assert person.heard(WHAT)
    await person.says(TOLD[language])
    await person.picks(category("noise_night", language))
    await person.picks("Skip")
    await person.picks("Send without my name")
    assert person.heard(TOLD[language])


@on_every_messenger
@in_both_languages
async def test_a_story_instead_of_the_home_begins_a_tip(stage: Stage, messenger: str, language: str) -> None:
    person = await stage.person(messenger, language=language)
    await person.starts()
    await person.picks({"kk": "Қазақша", "ru": "Русский"}[language])
    await person.picks("I agree")
    await person.says(TOLD[language])
    await person.picks(category("noise_night", language))
    await person.picks("Skip")
    await person.picks("Send without my name")
    assert person.heard(TOLD[language])


@on_every_messenger
async def test_who_lost_money_hears_of_the_bank_before_any_question(stage: Stage, messenger: str) -> None:
    words = "у меня только что украли деньги с карты мошенники"
    person = await stage.person(messenger, language="ru")
    await person.says(words)
    assert "102" in person.said[0]
    assert "Банк" in person.said[0] or "банк" in person.said[0]
    assert person.heard("Выберите язык")
    await person.picks("Русский")
    await person.says(words)
    assert "банк" in person.said[0]
    await person.picks("I agree")
    assert person.heard(AGAIN)
