"""Words of present danger and the 🆘 tile: numbers before anything else, in every state, to anybody."""

from datetime import timedelta
from typing import Any

import pytest

from bot.services.tips import Closing, PartDraft
from bot.speech.forms import CardForm, MineForm, PrecinctForm, StartForm, TipForm
from bot.store.residents import Resident
from bot.store.tips import Tip, TipPart, Vault
from bot.terms import Messenger, PartKind, Urgency
from tests.conversations import in_both_languages, on_every_messenger
from tests.conversations.journeys import (
    ADDED,
    NOISE,
    begins,
    category,
    comes_to,
    resident,
    resident_id,
    rows,
    sends_tip,
    state_of,
    tile,
)
from tests.stage import Person, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

KNIFE = {
    "kk": "Мені қазір пышақпен қорқытып жатыр, көмектесіңдер",
    "ru": "Помогите, он прямо сейчас напал на меня с ножом",
}
NOW = "🆘 Call 102 or 112 right now. Go to a safe place, do not step in yourself."
WHERE = "Where is help needed? Write only the place here or send a location: it goes to the duty unit at once."
NUMBERS = "🆘 If there is danger, call 102 or 112 right now. This chat does not replace a call."
PASSED = (
    "Your message No. {number} is passed to the duty unit. Answer due: {due}. If you have not called 102 yet, call now."
)
LATER = (
    "About your message No. {number}: if you have something to add, write it right here."
    " If there is still danger, call 102 or 112."
)
CODE = (
    "Secret code: {code}. With the number it continues the tip from another phone or messenger: “My tips”."
    " It is shown this once; tell it to nobody, the police never ask for it."
)
FORMAL = (
    "This message is not a formal statement. To make one, call 102, write to the “Law and Order” service"
    " in the eGov Mobile app or come to the police division."
)
INFORMED = "For your information: the duty unit has this tip."
SUICIDE = (
    "You are not alone. Please call 112 or 111 right now: a person will talk with you."
    " Your message is passed to the duty unit."
)
DESPAIR = {"kk": "Өмір сүргім келмейді, қазір өзіме қол жұмсаймын", "ru": "Не хочу жить, сейчас покончу с собой"}
QUESTION = "The inspector's question about tip No. {number}:\n{text}\nWrite your answer right here."
AT = {"latitude": 49.77309, "longitude": 73.05724}  # precinct 104


async def stands(person: Person, state: str) -> None:
    """Brings a resident's dialog to this state."""
    match state:
        case StartForm.home.state | StartForm.point.state | StartForm.address.state:
            await person.starts()
            if state != StartForm.home.state:
                await person.picks("Point on the map" if state == StartForm.point.state else "Address")
        case PrecinctForm.asking.state:
            await person.says("/inspector")
        case MineForm.stopping.state:
            await person.says("/stop")
        case MineForm.adding.state:
            await sends_tip(person)
            await person.says("/mine")
            await person.picks("№ ")
            await person.picks("Add something")
        case _:
            await comes_to(person, state.partition(":")[2])
    assert await state_of(person) == state


TIP_STATES: list[Any] = [state.state for state in TipForm.__all_states__ if state != TipForm.danger_place]
HOME_STATES = [StartForm.home.state, StartForm.point.state, StartForm.address.state]
STATES = [*TIP_STATES, *HOME_STATES, PrecinctForm.asking.state, MineForm.adding.state]


@on_every_messenger
@pytest.mark.parametrize("state", STATES)
async def test_the_numbers_come_first_in_every_state_and_the_dialog_can_go_on(
    stage: Stage, messenger: str, state: str
) -> None:
    precinct = None if state in (*HOME_STATES, PrecinctForm.asking.state) else "104"
    person = await resident(stage, messenger, "ru", precinct=precinct)
    await stands(person, state)
    await person.says(KNIFE["ru"])
    assert person.said[0].startswith(person.word(NOW)[:20])
    assert await state_of(person) == TipForm.danger_place.state
    await person.picks("There is no danger, go on")
    back = StartForm.home.state if state in HOME_STATES else state
    assert await state_of(person) == back
    assert person.said


async def test_over_the_stop_question_too(stage: Stage) -> None:
    """Telegram only: on WhatsApp STOP is not asked again."""
    person = await resident(stage)
    await stands(person, "MineForm:stopping")
    await person.says(KNIFE["ru"])
    assert person.heard(WHERE)


@on_every_messenger
@in_both_languages
async def test_a_draft_that_was_interrupted_is_not_lost(stage: Stage, messenger: str, language: str) -> None:
    person = await resident(stage, messenger, language)
    await begins(person)
    await person.says("Соседи шумят")
    await person.says(KNIFE[language])
    assert person.heard(WHERE)
    await person.picks("There is no danger, go on")
    assert person.heard("Good. Go on writing; when you have finished, choose “Done”.")
    await person.picks("Done")
    await person.picks("Skip")
    await person.picks("Send without my name")
    assert person.heard("Соседи шумят")
    assert person.heard(KNIFE[language])


@on_every_messenger
@in_both_languages
async def test_somebody_without_a_language_gets_the_numbers_in_both(
    stage: Stage, messenger: str, language: str
) -> None:
    person = await stage.person(messenger, language=language)
    await person.says(KNIFE[language])
    for spoken in ("kk", "ru"):
        person.language = spoken
        assert person.heard("102")
        assert person.heard(NUMBERS)
    await person.says("Сәлем")
    assert person.heard("Тілді таңдаңыз")


@on_every_messenger
@in_both_languages
async def test_without_consent_the_numbers_are_said_and_nothing_is_kept(
    stage: Stage, messenger: str, language: str
) -> None:
    person = await stage.person(messenger, language=language)
    await person.starts()
    await person.picks({"kk": "Қазақша", "ru": "Русский"}[language])
    before = len(await rows(stage, Tip))
    await person.says(KNIFE[language])
    assert person.heard(NUMBERS)
    assert len(await rows(stage, Tip)) == before
    assert await state_of(person) == StartForm.consent.state


@on_every_messenger
@in_both_languages
async def test_talk_of_suicide_goes_to_a_person_before_any_question(
    stage: Stage, messenger: str, language: str
) -> None:
    """The very first word, no language, no consent: what is kept is the words and, sealed, the way back."""
    duty = await stage.existing("t2023", "kk")
    person = await stage.person(messenger, language=language)
    before = len(await rows(stage, Tip))
    await person.says(DESPAIR[language])
    assert len(person.fresh) == 1
    for spoken in ("kk", "ru"):
        person.language = spoken
        assert person.heard(SUICIDE)
    assert len(await rows(stage, Tip)) == before + 1
    tip = (await rows(stage, Tip))[-1]
    assert (tip.urgency, tip.identity, tip.resident_id, tip.name) == (Urgency.U0, "hidden", None, None)
    (part,) = await rows(stage, TipPart, TipPart.tip_id == tip.id)
    assert (part.text, part.media_id, part.source) == (DESPAIR[language], None, None)
    (vault,) = await rows(stage, Vault, Vault.id == tip.id)
    assert vault.resident == await resident_id(person)
    (row,) = await rows(stage, Resident, Resident.id == vault.resident)
    assert (row.language, row.consent_version) == (None, None)
    assert await duty.hears(DESPAIR[language])
    assert person.id[1:] not in duty.last["text"]
    # said again it is the same matter, and the duty unit reads it
    await person.says(DESPAIR[language] + "!")
    assert len(await rows(stage, Tip)) == before + 1
    assert await duty.hears(DESPAIR[language] + "!")


@on_every_messenger
async def test_the_duty_unit_can_talk_with_who_has_agreed_to_nothing_yet(stage: Stage, messenger: str) -> None:
    duty, person = await stage.existing("t2023", "kk"), await stage.person(messenger, language="ru")
    await person.says(DESPAIR["ru"])
    tip = (await rows(stage, Tip))[-1]
    await duty.catch_up()
    await duty.picks("More")
    await duty.picks("Ask a question")
    await duty.says("Где вы сейчас?")
    await person.catch_up()
    for spoken in ("kk", "ru"):
        person.language = spoken
        assert person.heard(QUESTION, number=tip.number, text="Где вы сейчас?")
    await person.says("Дома, Абая 12")
    for spoken in ("kk", "ru"):
        person.language = spoken
        assert person.heard("Thank you, your answer is passed to the inspector.")
    assert await duty.hears("Дома, Абая 12")
    await person.says("Меню")
    assert person.heard("Тілді таңдаңыз")


@on_every_messenger
async def test_a_file_with_talk_of_suicide_is_not_kept_without_consent(stage: Stage, messenger: str) -> None:
    person = await stage.person(messenger, language="ru")
    await person.sends("photo", caption=DESPAIR["ru"])
    assert person.heard(SUICIDE)
    tip = (await rows(stage, Tip))[-1]
    (part,) = await rows(stage, TipPart, TipPart.tip_id == tip.id)
    assert (part.kind, part.text, part.media_id) == ("text", DESPAIR["ru"], None)


@on_every_messenger
async def test_a_blocked_resident_gets_the_numbers_and_in_despair_a_person(stage: Stage, messenger: str) -> None:
    person = await resident(stage, messenger, "ru")
    await begins(person)
    async with stage.app.units() as unit:
        await unit.residents.block(await resident_id(person))
    await person.says("Шумят")
    assert person.heard("Messages from this account are not accepted now. If there is danger, call 102 or 112.")
    await person.says(KNIFE["ru"])
    assert person.heard(NUMBERS)
    assert await state_of(person) == TipForm.story.state
    duty = await stage.existing("t2019", "kk")
    before = len(await rows(stage, Tip))
    await person.says(DESPAIR["ru"])
    assert person.heard(SUICIDE)
    assert len(await rows(stage, Tip)) == before + 1
    assert await duty.hears(DESPAIR["ru"])
    assert await state_of(person) == TipForm.story.state
    async with stage.app.units() as unit:
        await unit.residents.block(await resident_id(person), blocked=False)
    await person.says("Шумят")
    assert person.heard("Written down: {n} message. Add more, or choose “Done”.", n=1)


@on_every_messenger
async def test_danger_passes_the_limit_of_messages(stage: Stage, messenger: str) -> None:
    person = await resident(stage, messenger, "ru")
    await person.says("/tip")
    stage.throttle._limit = 3
    try:
        for _ in range(3):
            await person.says("/menu")
        assert person.heard(
            "Too many messages are coming from you. Wait a little and write again. If there is danger, call 102."
        )
        await person.says("/menu")
        assert person.heard_nothing()
        await person.says(KNIFE["ru"])
        assert person.heard(WHERE)
        await person.says("улица Абая 12")
        assert person.heard(PASSED)
        if messenger == "telegram":
            await person.picks(tile("danger", "ru"))
            assert person.heard(WHERE)
    finally:
        stage.throttle._limit = 100_000


@on_every_messenger
@in_both_languages
async def test_the_tile_asks_only_for_the_place_and_the_duty_unit_has_it(
    stage: Stage, messenger: str, language: str
) -> None:
    person = await resident(stage, messenger, language, precinct="103")
    duty, inspector = await stage.existing("t2019", "kk"), await stage.existing("t2004", "kk")
    await person.says("/tip")
    await person.picks(tile("danger", language))
    assert person.heard(WHERE)
    await person.sends("location", **AT)
    assert person.heard(PASSED)
    tip = (await rows(stage, Tip))[-1]
    assert (tip.urgency, tip.identity, tip.officer_id) == (Urgency.U0, "hidden", None)
    assert await duty.hears(f"№ {tip.number}")
    assert duty.heard("Now: 102 / 112")
    assert await inspector.hears(INFORMED)
    assert inspector.did_not_hear("Now: 102 / 112")


@on_every_messenger
@in_both_languages
async def test_words_of_danger_go_on_without_a_place(stage: Stage, messenger: str, language: str) -> None:
    person = await resident(stage, messenger, language, precinct="101")
    duty, inspector = await stage.existing("t2019", "kk"), await stage.existing("t2001", "kk")
    await person.says(KNIFE[language])
    assert person.heard(WHERE)
    await person.picks("Skip")
    assert person.heard(PASSED)
    assert await duty.hears(KNIFE[language])
    assert duty.heard("not told; the sender's own precinct: {area}")
    assert await inspector.hears(INFORMED)
    assert inspector.did_not_hear(KNIFE[language])


@on_every_messenger
@in_both_languages
async def test_the_place_of_danger_may_be_an_address_and_files_belong_to_it(
    stage: Stage, messenger: str, language: str
) -> None:
    """The numbers first, the place asked once more at most, then it is with the duty unit and more may be added."""
    person = await resident(stage, messenger, language, precinct=None)
    duty = await stage.existing("t2020", "kk")  # the district of the address
    place = {"kk": "Мұражай көшесі 5", "ru": "Музейная улица 5"}[language]
    await person.says(KNIFE[language])
    assert person.said[0].startswith(person.word(NOW)[:20])
    assert person.times_heard(WHERE) == 1
    await person.sends_album(3)
    assert len(person.fresh) <= 1
    await person.says(place)
    assert person.heard(PASSED)
    assert person.did_not_hear(WHERE)
    tip = (await rows(stage, Tip))[-1]
    assert len(await rows(stage, TipPart, TipPart.tip_id == tip.id)) == 4
    assert await duty.hears(place)
    assert duty.heard(KNIFE[language])
    more = {"kk": "Олар екеу", "ru": "Они вдвоём"}[language]
    await person.says(more)
    assert person.heard(ADDED, number=tip.number)
    assert await duty.hears(more)
    assert await person.hears_nothing()


@on_every_messenger
@in_both_languages
async def test_who_is_afraid_reads_little_and_the_rest_ten_minutes_later(
    stage: Stage, messenger: str, language: str
) -> None:
    person = await resident(stage, messenger, language)
    await person.says(KNIFE[language])
    assert person.said == [f"{person.word(NOW)}\n\n{person.word(WHERE)}"] or messenger == "whatsapp"
    await person.picks("Skip")
    number = (await rows(stage, Tip))[-1].number
    assert person.heard(PASSED, number=number)
    assert len(person.fresh) == 1
    assert person.did_not_hear(CODE)
    assert person.did_not_hear(FORMAL)
    before = stage.clock.shift
    try:
        stage.clock.shift += timedelta(minutes=10, seconds=1)
        await stage.settle()
        assert await person.hears(LATER, number=number)
    finally:
        stage.clock.shift = before
    assert len(person.fresh) == 1
    assert person.heard(CODE)
    assert person.heard(FORMAL)
    code = person.fact("code", CODE)
    await person.says("/mine")
    await person.picks(f"№ {number}")
    assert person.heard(FORMAL)
    assert person.did_not_hear(CODE), "it was told already"
    other = await resident(stage, "whatsapp" if messenger == "telegram" else "telegram", language)
    await other.says("/receipt")
    await other.says(f"{number} {code}")
    assert other.heard(
        "Tip No. {number} goes on here: answers will come to this chat. Status: {status}.", number=number
    )


@on_every_messenger
async def test_who_opens_the_tip_before_reads_the_code_there_and_once(stage: Stage, messenger: str) -> None:
    person = await resident(stage, messenger)
    await person.says(KNIFE["ru"])
    await person.picks("Skip")
    number = (await rows(stage, Tip))[-1].number
    await person.says("/mine")
    await person.picks(f"№ {number}")
    assert person.heard(FORMAL)
    code = person.fact("code", CODE)
    await person.says("/mine")
    await person.picks(f"№ {number}")
    assert person.did_not_hear(CODE)
    before = stage.clock.shift
    try:
        stage.clock.shift += timedelta(minutes=10, seconds=1)
        await stage.settle()
        assert await person.hears_nothing()
    finally:
        stage.clock.shift = before
    other = await resident(stage, "telegram")
    await other.says("/receipt")
    await other.says(f"{number} {code}")
    assert other.heard(
        "Tip No. {number} goes on here: answers will come to this chat. Status: {status}.", number=number
    )


@on_every_messenger
async def test_a_place_told_after_the_tip_is_over_begins_another(stage: Stage, messenger: str) -> None:
    """The duty unit was quicker than the place: it must not be lost."""
    person = await resident(stage, messenger, "ru", precinct="101")
    await person.says(DESPAIR["ru"])
    first = (await rows(stage, Tip))[-1]
    async with stage.app.units() as unit:
        duty = await unit.officers.by_badge("A-1019")
        by = await unit.residents.known(Messenger.TELEGRAM, "2019")
        assert by is not None
        await unit.tips.take(duty, first.id)
        words = PartDraft(PartKind.TEXT, "Выехали")
        await unit.tips.close_together(duty, first.id, Closing("measures_taken", lambda _tip: words), by)
    await person.says("улица Абая 12")
    second = (await rows(stage, Tip))[-1]
    assert second.id != first.id
    assert person.heard(PASSED, number=second.number)


@on_every_messenger
async def test_no_danger_after_the_tile_shows_what_else_the_tile_has(stage: Stage, messenger: str) -> None:
    person = await resident(stage, messenger, "ru")
    await person.says("/tip")
    await person.picks(tile("danger", "ru"))
    await person.picks("There is no danger, go on")
    await person.picks(category("assault", "ru"))
    assert await state_of(person) == TipForm.story.state
    await person.says("Вчера подрались во дворе")
    await person.picks("Done")
    assert await state_of(person) == TipForm.place.state


@on_every_messenger
async def test_words_that_were_no_danger_begin_a_tip(stage: Stage, messenger: str) -> None:
    person = await resident(stage, messenger, "ru")
    await person.says(KNIFE["ru"])
    await person.picks("There is no danger, go on")
    await person.picks("Something else")
    await person.picks(tile(NOISE[0], "ru"))
    await person.picks(category(NOISE[1], "ru"))
    await person.picks("Skip")
    await person.picks("Send without my name")
    assert person.heard(KNIFE["ru"])


@on_every_messenger
@in_both_languages
async def test_talk_of_suicide_goes_to_a_person_at_once(stage: Stage, messenger: str, language: str) -> None:
    person = await resident(stage, messenger, language, precinct="101")
    duty = await stage.existing("t2019", "kk")
    await person.says(DESPAIR[language])
    assert person.heard(SUICIDE)
    assert await duty.hears(DESPAIR[language])
    tip = (await rows(stage, Tip))[-1]
    assert tip.urgency == Urgency.U0
    await person.says("улица Абая 12")
    assert person.heard(PASSED)
    assert await duty.hears("улица Абая 12")
    assert (await rows(stage, Tip))[-1].id == tip.id


async def test_an_officer_who_writes_an_answer_is_not_interrupted(stage: Stage) -> None:
    person, inspector = await resident(stage), await stage.existing("t2001", "kk")
    await sends_tip(person)
    await inspector.catch_up()
    await inspector.picks("Answer the sender")
    assert await state_of(inspector) == CardForm.answering.state
    await inspector.says("Если пожар, звоните 101: горит соседняя квартира, вызвали пожарных")
    assert inspector.heard("The answer is on its way to the sender.")
    assert await person.hears("горит соседняя квартира")


@on_every_messenger
async def test_a_file_with_words_of_danger_keeps_the_file(stage: Stage, messenger: str) -> None:
    person = await resident(stage, messenger, "ru")
    await person.sends("photo", caption=KNIFE["ru"])
    assert person.heard(WHERE)
    await person.picks("Skip")
    tip = (await rows(stage, Tip))[-1]
    assert [part.kind for part in await rows(stage, TipPart, TipPart.tip_id == tip.id)] == ["photo"]


async def test_an_edit_into_words_of_danger_is_heard(stage: Stage) -> None:
    person = await resident(stage)
    await begins(person)
    await person.says("Он стоит у двери")
    await person.edits(KNIFE["ru"])
    assert person.heard(WHERE)


@on_every_messenger
async def test_the_menu_is_no_place(stage: Stage, messenger: str) -> None:
    person = await resident(stage, messenger, "ru")
    before = len(await rows(stage, Tip))
    await person.says(KNIFE["ru"])
    await person.says("Меню")
    assert await state_of(person) is None
    assert len(await rows(stage, Tip)) == before
