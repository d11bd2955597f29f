"""What only WhatsApp has: numbered menus, STOP and START, the 24-hour window, delivery reports."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.services.tips import PartDraft, TipDraft
from bot.speech.calls import Card
from bot.store.endpoints import Endpoint
from bot.store.notices import Notice
from bot.store.residents import Resident
from bot.store.tips import TipPart
from bot.terms import Identity, PartKind
from tests.conversations import in_both_languages
from tests.conversations.journeys import (
    CLOSED,
    SENT,
    TAKEN,
    category,
    closes,
    comes_to,
    known,
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

WRONG = "There is no such number in the list. Write a number from the list."
CONSENT = (
    "To look into your tip we need your personal data: your account in the messenger, what you write, your files"
    " and the place you name. In the police only the responsible officers see them. Do you agree?"
)
NO_CONTACT = "The sender has broken the link with this tip: nothing can be asked or answered any more."
STOPPED = "Stopped. We will not write to you any more. To begin again, write START. If there is danger, call 102."
MENU = "What would you like to do? If there is danger, call 102 or 112."


def menu_lines(person: Person) -> list[str]:
    """The numbered lines of the last message."""
    return [line for line in person.fresh[-1]["text"].splitlines() if line.partition(". ")[0].isdecimal()]


@in_both_languages
async def test_a_wrong_number_is_said_and_the_menu_repeated(stage: Stage, language: str) -> None:
    person = await resident(stage, "whatsapp", language)
    await person.says("/menu")
    lines = menu_lines(person)
    assert person.heard("Answer with a number")
    for wrong in ("77", "0"):
        await person.says(wrong)
        assert person.heard(WRONG)
        assert menu_lines(person) == lines
    await person.says(f" {len(lines)}. ")
    assert person.did_not_hear(WRONG)


@pytest.mark.parametrize("step", ["category", "identity", "check"])
async def test_a_wrong_number_leaves_the_dialog_where_it_was(stage: Stage, step: str) -> None:
    person = await resident(stage, "whatsapp")
    await comes_to(person, step)
    state, lines = await state_of(person), menu_lines(person)
    await person.says("99")
    assert person.heard(WRONG)
    assert (await state_of(person), menu_lines(person)) == (state, lines)


async def test_a_wrong_number_before_there_is_a_language(stage: Stage) -> None:
    person = await stage.person("whatsapp", language="ru")
    await person.says("start")
    await person.says("9")
    for language in ("kk", "ru"):
        person.language = language
        assert person.heard(WRONG)
    await person.says("2")
    assert (await rows(stage, Resident, Resident.id == await resident_id(person)))[0].language == "ru"


async def test_a_label_in_the_other_language_works(stage: Stage) -> None:
    person = await resident(stage, "whatsapp", "ru")
    await person.says("/menu")
    await person.says("хабарлау")
    assert person.heard("What happened? Choose from the list or write in your own words.")
    await person.says("Ауладағы тәртіп")  # without its picture
    assert person.heard("What exactly?")
    await person.says("түнгі шу")
    await person.says("Соседи шумят")
    await person.says("Дайын!")
    assert await state_of(person) == "TipForm:place"
    await person.says("өткізіп жіберу")
    assert await state_of(person) == "TipForm:identity"


async def test_a_notice_continues_the_numbers_of_the_open_menu(stage: Stage) -> None:
    person, inspector = await resident(stage, "whatsapp"), await stage.existing("t2001", "kk")
    number = await sends_tip(person)
    await person.says("/menu")
    count = len(menu_lines(person))
    async with stage.app.units() as unit:  # a notice with choices of its own
        officer = await unit.officers.by_badge("A-1001")
        await unit.tips.take(officer, (await tip_of(stage, number)).id)
    await stage.settle()
    await closes(inspector, number)
    await person.catch_up()
    assert person.heard(CLOSED)
    assert person.heard("«1 — очень плохо»")  # named: who is asked for 1 to 5 answers 1 to 5
    second = await sends_tip_beside(stage, person)
    assert person.heard(f"Номер: {second}")
    assert menu_lines(person)[0].startswith(f"{count + 7}. ")
    await person.says(f"{count + 7}")
    assert person.heard("Your tips:")


async def sends_tip_beside(stage: Stage, person: Person) -> int:
    """A promise with a menu reaches a person whose own menu is open."""
    async with stage.app.units() as unit:
        draft = TipDraft("noise_night", [PartDraft(PartKind.TEXT, "Шум")], Identity.HIDDEN)
        sent = await unit.tips.submit(await known(unit, person), draft)
    await stage.settle()
    await person.catch_up()
    return sent.number


async def test_the_open_menu_works_after_a_notice_came(stage: Stage) -> None:
    person = await resident(stage, "whatsapp")
    await comes_to(person, "check")
    await sends_tip_beside(stage, person)
    assert menu_lines(person)[0].startswith("6. ")  # behind the five of the last look
    await person.says("1")
    assert person.heard(SENT)


@pytest.mark.parametrize("word", ["STOP", "стоп", "Тоқта", "ТОҚТАТУ", "toktatu", "«Остановить всё»"])
async def test_stop_holds_at_once_and_start_begins_again(stage: Stage, word: str) -> None:
    person, inspector = await resident(stage, "whatsapp"), await stage.existing("t2001", "kk")
    number = await sends_tip(person)
    await comes_to(person, "story")
    await person.says(word)
    assert person.said == [person.word(STOPPED)]
    await shows(inspector, number)
    assert inspector.heard("no contact: the sender has broken the link")
    tip = await tip_of(stage, number)
    await inspector.forges(Card(do="answer", tip=tip.id).pack())
    assert inspector.heard(NO_CONTACT)
    assert await person.hears_nothing()
    await person.says("Меню")
    assert person.heard(STOPPED)
    assert person.did_not_hear(MENU)
    await person.says("START")
    assert person.heard(CONSENT)  # STOP has withdrawn it
    await person.picks("I agree")
    assert person.heard(MENU)
    row = (await rows(stage, Resident, Resident.id == await resident_id(person)))[0]
    assert (row.language, row.stopped_at) == ("ru", None)


async def test_somebody_who_never_agreed_to_anything_can_stop(stage: Stage) -> None:
    person = await stage.person("whatsapp", language="kk")
    await person.says("start")
    await person.says("STOP")
    assert person.heard(STOPPED)
    assert (await rows(stage, Resident, Resident.id == await resident_id(person)))[0].stopped_at is not None


@in_both_languages
async def test_outside_the_24_hours_an_approved_template_goes(stage: Stage, language: str) -> None:
    person, inspector = await resident(stage, "whatsapp", language), await stage.existing("t2001", "kk")
    number = await sends_tip(person)
    await stage.call(f"/sim/people/{person.id}/window", {"hours_ago": 25})
    where = Endpoint.resident_id == await resident_id(person)
    async with stage.app.database.writing() as session:
        await session.execute(update(Endpoint).where(where).values(window_until=stage.clock.now() - timedelta(hours=1)))
    await inspector.catch_up()
    await inspector.picks("Take into work")
    await person.catch_up()
    (message,) = person.fresh
    assert message["template"]
    assert str(number) in message["text"]
    assert ("Тоғайбаев" if language == "kk" else "Тогайбаев") in message["text"]
    await person.says("Спасибо")
    await inspector.picks("Answer the sender")
    await inspector.says("Пожалуйста")
    await person.catch_up()
    assert "template" not in person.fresh[-1]


@in_both_languages
async def test_what_was_said_in_a_chat_of_neighbours_is_passed_on_from_the_yards_own_link(
    stage: Stage, language: str
) -> None:
    """The bot is in no group there: the poster's link names the precinct, and a message is forwarded to the bot."""
    person, inspector = await stage.person("whatsapp", language=language), await stage.existing("t2003", "kk")
    said = {"kk": "Көршілер, түнде подъезде тағы айғайлап жүр", "ru": "Соседи, ночью в подъезде опять кричат"}[language]
    await person.starts("p_103")
    await person.picks({"kk": "Қазақша", "ru": "Русский"}[language])
    await person.picks("I agree")
    assert person.heard("Saved. Precinct: {area}. Inspector: {officer}.")
    await person.says(said, forwarded=True)
    assert person.heard(
        "It is written down. What is it about? The program suggests, you decide. You can go on writing."
    )
    await person.picks(category("noise_night", language))
    await person.picks("In my precinct")
    await person.picks("Send without my name")
    await person.picks("Send")
    tip = await tip_of(stage, number_in(person))
    assert (tip.identity, tip.resident_id, tip.place_source) == (Identity.HIDDEN, None, "home")
    assert [part.text for part in await rows(stage, TipPart, TipPart.tip_id == tip.id)] == [said]
    assert await inspector.hears(said)


async def test_delivery_reports_move_a_notice_upwards(stage: Stage) -> None:
    person, inspector = await resident(stage, "whatsapp"), await stage.existing("t2001", "kk")
    number = await sends_tip(person)
    await inspector.catch_up()
    await inspector.picks("Take into work")
    assert await person.hears(TAKEN, number=number)

    async def state() -> str:
        tip = await tip_of(stage, number)
        (notice,) = await rows(stage, Notice, Notice.tip_id == tip.id, Notice.kind == "tip_taken")
        return str(notice.state)

    assert await state() == "delivered"
    await stage.call(f"/sim/people/{person.id}/open", {"open": True})
    await stage.settle()
    assert await state() == "read"


async def test_a_failed_message_is_known_by_its_reason(stage: Stage) -> None:
    person, inspector = await resident(stage, "whatsapp"), await stage.existing("t2001", "kk")
    number = await sends_tip(person)
    await stage.fault(
        {"method": "twilio.messages", "to": f"whatsapp:{person.address}"},
        {"kind": "callback_error", "code": 63024},
        times=1,
    )
    await inspector.catch_up()
    await inspector.picks("Take into work")
    tip = await tip_of(stage, number)
    (notice,) = await rows(stage, Notice, Notice.tip_id == tip.id, Notice.kind == "tip_taken")
    assert (notice.state, notice.error) == ("failed", "63024")
