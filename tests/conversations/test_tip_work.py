"""The holder's work: take, ask, answer, close; what the sender hears; who may press what."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.services.tips import PartDraft, TipDraft
from bot.speech.calls import Card, Mine
from bot.store.tips import Tip, Vault
from bot.terms import Identity, Language, PartKind
from tests.conversations import in_both_languages, on_every_messenger
from tests.conversations.journeys import (
    ADDED,
    CLOSED,
    TAKEN,
    category,
    closes,
    known,
    number_in,
    outcome,
    resident,
    rows,
    sends_tip,
    shows,
    state_of,
    tells,
    tip_of,
)
from tests.conversations.test_card import ALREADY, speaks
from tests.conversations.test_handover import on_whatsapp
from tests.stage import Person, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

QUESTION = "The inspector's question about tip No. {number}:\n{text}\nWrite your answer right here."
ANSWER = "The inspector's answer to tip No. {number}:\n{text}"
RATED = "Tip No. {number}: the sender rated the answer {rating} of 5."
NOT_YOURS = "There is no such record, or it is not yours."
NO_CONTACT = "The sender has broken the link with this tip: nothing can be asked or answered any more."
LOW = "If the matter is not solved, choose “Not solved”: the tip will be opened again."
ASK_CUT = (
    "Break the link with tip No. {number}? Korshi will erase what it knows of the sender, and no answer will reach"
    " you. This cannot be undone. The conversation may remain in the messenger itself."
)
FRAUD = ("fraud", "pyramid")


@on_every_messenger
@in_both_languages
async def test_from_the_card_to_the_rating(stage: Stage, messenger: str, language: str) -> None:
    """Without a name: what the officer sees of the sender from beginning to end is the alias."""
    someone = await resident(stage, messenger, language, name="Жібек Танысбаева")
    inspector = await stage.existing("t2001", "kk")
    number = await sends_tip(someone)
    alias = (await tip_of(stage, number)).alias
    assert await inspector.hears(alias)
    await inspector.picks("Take into work")
    assert await someone.hears(TAKEN, number=number)
    await inspector.picks("Ask a question")
    assert inspector.heard("Write the question to the sender of tip No. {number}: the bot will pass it on.")
    await inspector.says("Какой подъезд?")
    assert await someone.hears(QUESTION, number=number, text="Какой подъезд?")
    await someone.says("Третий")
    assert someone.heard("Thank you, your answer is passed to the inspector.")
    assert await inspector.hears("Третий")
    await inspector.picks("Open the card")
    await inspector.picks("Answer the sender")
    await inspector.says("Едем")
    assert await someone.hears(ANSWER, number=number, text="Едем")
    await closes(inspector, number)
    assert await someone.hears(
        CLOSED, number=number, outcome=outcome("measures_taken", language), text="Провели беседу, шум прекращён"
    )
    await someone.picks("4 – good")
    assert someone.heard("Thank you! Your rating is saved. If you like, add a couple of words.")
    assert await inspector.hears(RATED, number=number, rating=4)
    tip = await tip_of(stage, number)
    assert (tip.rating, tip.state, tip.outcome) == (4, "confirmed", "measures_taken")
    shown = str(await inspector._messages())
    assert alias in shown
    assert "Жібек" not in shown
    assert someone.address not in shown


@on_every_messenger
async def test_a_photo_crosses_both_ways(stage: Stage, messenger: str) -> None:
    """The officer is on Telegram: to a resident on WhatsApp the file goes through our shelf."""
    someone, inspector = await resident(stage, messenger), await stage.existing("t2003", "kk")
    await tells(someone)
    await someone.sends("location", latitude=49.78644, longitude=73.05285)
    await someone.picks("Send without my name")
    await someone.picks("Send")
    number = number_in(someone)
    await inspector.catch_up()
    await inspector.picks("Answer the sender")
    await inspector.sends("photo", caption="Вот решение")
    await someone.catch_up()
    assert someone.heard(ANSWER, number=number, text="Вот решение")
    assert [message["media"]["kind"] for message in someone.fresh if "media" in message] == ["photo"]
    await someone.sends("photo", caption="Теперь так")
    assert someone.heard(ADDED, number=number)
    await inspector.catch_up()
    assert inspector.heard("Теперь так")
    assert [message["media"]["kind"] for message in inspector.fresh if "media" in message] == ["photo"]


async def test_an_officers_album_is_one_answer(stage: Stage) -> None:
    someone, inspector = await resident(stage), await stage.existing("t2001", "kk")
    await sends_tip(someone)
    await inspector.catch_up()
    await inspector.picks("Answer the sender")
    await inspector.sends_album(4, "Четыре фото")
    assert inspector.times_heard("The answer is on its way to the sender.") == 1
    assert inspector.did_not_hear("It is written down.")
    await someone.catch_up()
    assert len([message for message in someone.fresh if "media" in message]) == 4


@on_every_messenger
@in_both_languages
async def test_not_solved_goes_back_to_the_holder_and_then_one_level_up(
    stage: Stage, messenger: str, language: str
) -> None:
    someone, inspector = await resident(stage, messenger, language), await stage.existing("t2001", "kk")
    duty = await stage.existing("t2019", "kk")
    number = await sends_tip(someone)
    await closes(inspector, number)
    await someone.catch_up()
    await someone.picks("Not solved")
    assert someone.heard("Tip No. {number} is open again. New time: {due}. Write what is still not solved.")
    await someone.says("Опять шумят")
    assert someone.heard(ADDED, number=number)
    assert await inspector.hears("Опять шумят")
    assert await duty.hears_nothing()
    await closes(inspector, number, "Оштрафовали")
    await someone.catch_up()
    await someone.picks("Not solved")
    assert await duty.hears(f"№ {number}")
    tip = await tip_of(stage, number)
    assert (tip.officer_id, tip.state) == (None, "reopened")
    assert await inspector.hears(
        "The sender of tip No. {number} said again that it is not solved: it has moved one level up.", number=number
    )
    await inspector.forges(Card(do="take", tip=tip.id).pack())
    assert inspector.heard(NOT_YOURS)


async def test_the_card_says_that_an_edit_is_one(stage: Stage) -> None:
    """Telegram alone tells of edits."""
    someone, inspector = await resident(stage), await stage.existing("t2001", "kk")
    number = await sends_tip(someone)
    await someone.says("12 квартира")
    await inspector.catch_up()
    await someone.edits("15 квартира")
    assert await inspector.hears("Tip No. {number}: the sender changed what was written before", number=number)
    assert inspector.heard("15 квартира")


@on_every_messenger
@in_both_languages
async def test_a_low_rating_does_not_end_the_matter(stage: Stage, messenger: str, language: str) -> None:
    someone, inspector = await resident(stage, messenger, language), await stage.existing("t2001", "kk")
    number = await sends_tip(someone)
    await closes(inspector, number)
    await someone.catch_up()
    await someone.picks("1 – very bad")
    assert someone.heard(LOW)
    assert await inspector.hears(RATED, number=number, rating=1)
    assert (await tip_of(stage, number)).state == "closed"
    await someone.picks("Not solved")
    assert someone.heard("Tip No. {number} is open again. New time: {due}. Write what is still not solved.")
    await someone.says("Опять шумят")
    assert await inspector.hears("Опять шумят")
    await closes(inspector, number)
    await someone.catch_up()
    await someone.picks("5 – very good")  # the new answer is rated anew
    assert someone.heard("Thank you! Your rating is saved.")
    tip = await tip_of(stage, number)
    assert (tip.rating, tip.state) == (5, "confirmed")


@on_every_messenger
async def test_what_was_confirmed_may_come_back(stage: Stage, messenger: str) -> None:
    someone, inspector = await resident(stage, messenger), await stage.existing("t2001", "kk")
    number = await sends_tip(someone)
    await closes(inspector, number)
    await someone.catch_up()
    await someone.picks("4 – good")
    await someone.says("/mine")
    await someone.picks(f"№ {number}")
    await someone.picks("It has come back")
    assert someone.heard("Tip No. {number} is open again. New time: {due}. Write what is still not solved.")
    assert await inspector.hears(f"№ {number}")
    assert (await tip_of(stage, number)).state == "reopened"


@on_every_messenger
async def test_after_two_weeks_it_is_a_new_matter(stage: Stage, messenger: str) -> None:
    someone, inspector = await resident(stage, messenger), await stage.existing("t2001", "kk")
    number = await sends_tip(someone)
    await closes(inspector, number)
    await someone.catch_up()
    await someone.picks("4 – good")
    tip = await tip_of(stage, number)
    async with stage.app.database.writing() as session:
        before = tip.closed_at - timedelta(days=15)
        await session.execute(update(Tip).where(Tip.id == tip.id).values(closed_at=before))
    await someone.says("/mine")
    await someone.picks(f"№ {number}")
    assert someone.did_not_hear("It has come back")
    if messenger == "telegram":  # an old button
        await someone.forges(Mine(do="reopen", tip=tip.id).pack())
        assert someone.heard("This step is not possible now: the status of the tip is “{status}”.")
    assert (await tip_of(stage, number)).state == "confirmed"


@on_every_messenger
@in_both_languages
async def test_the_link_of_a_hidden_tip_can_be_broken(stage: Stage, messenger: str, language: str) -> None:
    someone, inspector = await resident(stage, messenger, language), await stage.existing("t2001", "kk")
    number = await sends_tip(someone)
    await inspector.catch_up()
    await someone.says("/mine")
    await someone.picks(f"№ {number}")
    await someone.picks("Break the link")
    assert someone.heard(ASK_CUT, number=number)
    await someone.picks("Back")
    assert (await tip_of(stage, number)).identity == "hidden"
    await someone.picks("Break the link")
    await someone.picks("Break the link")
    assert someone.heard("The link is broken. Nothing about this tip will reach you any more.")
    tip = await tip_of(stage, number)
    assert tip.identity == "cut"
    assert await rows(stage, Vault, Vault.id == tip.id) == []
    await someone.picks("My tips")
    assert someone.heard("There are no tips of yours in this chat.")
    await someone.says("Ещё кое-что")
    assert someone.did_not_hear(ADDED, number=number)
    await someone.catch_up()
    await shows(inspector, number)
    assert inspector.heard("no contact: the sender has broken the link")
    assert inspector.did_not_hear("Answer the sender")
    for what in ("ask", "answer"):
        await inspector.forges(Card(do=what, tip=tip.id).pack())
        assert inspector.heard(NO_CONTACT)
    assert await state_of(inspector) is None
    await inspector.picks("Close")
    await inspector.picks(outcome("measures_taken", "kk"))
    await inspector.says("Сделано")
    assert inspector.heard("Tip No. {number} is closed. The sender cannot be told: the link is broken.", number=number)
    assert await someone.hears_nothing()


async def test_a_link_broken_while_the_officer_writes_does_not_lock_him_in(stage: Stage) -> None:
    someone, inspector = await resident(stage), await stage.existing("t2001", "kk")
    number = await sends_tip(someone)
    await inspector.catch_up()
    await inspector.picks("Answer the sender")
    tip = await tip_of(stage, number)
    async with stage.app.units() as unit:
        await unit.tips.cut(await known(unit, someone), tip.id)
    await inspector.says("Едем")
    assert inspector.heard(NO_CONTACT)
    assert await state_of(inspector) is None
    assert await someone.hears_nothing()


async def test_a_stranger_and_the_sender_of_a_named_tip_break_no_link(stage: Stage) -> None:
    someone, stranger = await resident(stage), await resident(stage)
    hidden = await tip_of(stage, await sends_tip(someone))
    await stranger.says("/menu")
    await tells(someone)
    await someone.picks("In my precinct")
    await someone.picks("Send with my name")
    await someone.picks("Send")
    named = await tip_of(stage, number_in(someone))
    for person, tip in ((stranger, hidden), (stranger, named), (someone, named)):
        for what in ("cut", "cut_yes"):
            await person.forges(Mine(do=what, tip=tip.id).pack())
            assert person.heard(NOT_YOURS)
    await someone.forges(Mine(do="show", tip=named.id).pack())
    assert "Разорвать связь" not in str(someone.fresh)
    assert (await tip_of(stage, hidden.number)).identity == "hidden"


@on_every_messenger
@in_both_languages
async def test_of_two_officers_of_a_desk_one_gets_the_tip(stage: Stage, messenger: str, language: str) -> None:
    """Both press at the same moment: one on Telegram in Kazakh, the other where and as the resident writes."""
    someone, one = await resident(stage, messenger, language), await stage.existing("t2013", "kk")
    async with colleague(stage, messenger, language) as two:
        number = await sends_tip(someone, "Зовут вложить деньги", kind=FRAUD)
        for officer in (one, two):
            assert await officer.hears(f"№ {number}")
        await stage.together([one, two], lambda officer: officer.picks("Take into work"))
        (loser,) = [who for who in (one, two) if who.times_heard(ALREADY)]
        async with stage.app.units.reading() as unit:
            winner = await unit.officers.by_badge("A-1014" if loser is one else "A-1013")
        assert winner.name.of(Language(loser.language)) in loser.fact("officer", ALREADY)
        assert await someone.hears(TAKEN, number=number)
        assert someone.times_heard(TAKEN) == 1
        assert winner.name.of(Language(language)) in someone.fact("officer", TAKEN)
        assert (await tip_of(stage, number)).officer_id == winner.id


@asynccontextmanager
async def colleague(stage: Stage, messenger: str, language: str) -> AsyncIterator[Person]:
    """The second officer of CyberPol."""
    if messenger == "whatsapp":
        async with on_whatsapp(stage, "A-1014", language) as person:
            yield person
        return
    person = await stage.existing("t2014", language)
    await speaks(person, language)
    try:
        yield person
    finally:
        await speaks(person, "kk")


async def test_old_buttons_of_a_tip_are_refused_before_a_word_is_written(stage: Stage) -> None:
    someone, inspector = await resident(stage), await stage.existing("t2001", "kk")
    number = await sends_tip(someone)
    tip = await tip_of(stage, number)
    await inspector.catch_up()
    card = next(message for message in inspector.fresh if f"№ {number}" in message["text"])
    await inspector.presses(card["message_id"], "Take into work")
    await inspector.forges(Card(do="take", tip=tip.id).pack())  # the same button twice
    assert await someone.hears(TAKEN)
    assert someone.times_heard(TAKEN) == 1
    await closes(inspector, number)
    for what in ("ask", "answer", "close"):
        await inspector.forges(Card(do=what, tip=tip.id).pack())
        assert inspector.heard("This tip is already closed.")
    await inspector.forges(Card(do="take", tip=tip.id).pack())
    assert (await tip_of(stage, number)).state == "closed"


async def test_an_answer_to_a_tip_that_is_over_meanwhile_does_not_lock_the_officer_in(stage: Stage) -> None:
    someone, inspector = await resident(stage), await stage.existing("t2001", "kk")
    number = await sends_tip(someone)
    await inspector.catch_up()
    await inspector.picks("Answer the sender")
    tip = await tip_of(stage, number)
    async with stage.app.units() as unit:
        officer, person = await unit.officers.by_badge("A-1001"), await known(unit, inspector)
        await unit.tips.close(officer, tip.id, "measures_taken", PartDraft(PartKind.TEXT, "Сделано"), person)
    await inspector.says("Едем")
    assert inspector.heard("This tip is already closed.")
    assert await state_of(inspector) is None


@on_every_messenger
async def test_closing_needs_words(stage: Stage, messenger: str) -> None:
    someone, inspector = await resident(stage, messenger), await stage.existing("t2001", "kk")
    number = await sends_tip(someone)
    await shows(inspector, number)
    await inspector.picks("Close")
    await inspector.picks(outcome("not_confirmed", "kk"))
    await inspector.sends("photo")
    assert inspector.heard("Words are needed: the sender must know what was done.")
    await inspector.sends("photo", caption="Проверили двор")
    await someone.catch_up()
    assert someone.heard(CLOSED, text="Проверили двор", outcome=outcome("not_confirmed", "ru"))
    assert [message for message in someone.fresh if "media" in message]


async def test_a_resident_cannot_press_an_inspectors_buttons(stage: Stage) -> None:
    someone, stranger = await resident(stage), await resident(stage)
    number = await sends_tip(someone)
    tip = await tip_of(stage, number)
    await stranger.says("/menu")
    for what in ("show", "take", "ask", "answer", "close", "list"):
        await stranger.forges(Card(do=what, tip=tip.id).pack())
        assert stranger.did_not_hear("Музыка после полуночи")
        assert stranger.heard("This button does not work any more. Press a button under the latest message.")
    assert (await tip_of(stage, number)).state == "routed"


async def test_an_inspector_of_another_precinct_sees_nothing(stage: Stage) -> None:
    someone, other = await resident(stage), await stage.existing("t2005", "kk")
    number = await sends_tip(someone)
    tip = await tip_of(stage, number)
    await other.says("/menu")
    await other.forges(Card(do="show", tip=tip.id).pack())
    assert other.heard(NOT_YOURS)
    await other.says("/tips")
    assert other.did_not_hear(f"№ {number}")


@on_every_messenger
async def test_an_answer_after_the_tip_is_closed_begins_anew(stage: Stage, messenger: str) -> None:
    someone, inspector = await resident(stage, messenger), await stage.existing("t2001", "kk")
    number = await sends_tip(someone)
    await someone.says("/mine")
    await someone.picks(f"№ {number}")
    await someone.picks("Add something")
    await closes(inspector, number)
    await someone.says("Спасибо за помощь")
    assert someone.heard("This tip is already closed.")
    await someone.says("Есть другое дело")
    assert someone.heard("It is written down.")


async def test_the_list_has_pages(stage: Stage) -> None:
    someone, inspector = await resident(stage), await stage.existing("t2009", "kk")
    numbers = []
    async with stage.app.units() as unit:
        place, sender = await unit.territory.by_code("205"), await known(unit, someone)
        assert place is not None
        for _ in range(12):
            part = PartDraft(PartKind.TEXT, "Шум")
            draft = TipDraft("noise_night", [part], Identity.HIDDEN, precinct_id=place.id)
            numbers.append((await unit.tips.submit(sender, draft)).number)
    await stage.settle()
    await inspector.says("/tips")
    assert inspector.heard("Tips in work, by the time left:")
    shown = buttons_of(inspector)
    while any(inspector.word("Next page") in label for label in buttons_of(inspector)):
        await inspector.picks("Next page")
        shown += buttons_of(inspector)
    assert all(any(f"№ {number}" in label for label in shown) for number in numbers)
    await inspector.picks("Previous page")
    assert inspector.heard("Tips in work, by the time left:")


def buttons_of(person: Person) -> list[str]:
    return [button["text"] for row in person.fresh[-1]["buttons"] for button in row]


async def test_the_rating_is_given_once(stage: Stage) -> None:
    someone, inspector = await resident(stage), await stage.existing("t2001", "kk")
    number = await sends_tip(someone)
    await closes(inspector, number)
    await someone.catch_up()
    message = next(message for message in someone.fresh if message["buttons"])
    await someone.presses(message["message_id"], "5 – very good")
    await someone.presses(message["message_id"], "1")
    assert someone.heard("You have rated this answer already. Thank you!")
    assert (await tip_of(stage, number)).rating == 5


@on_every_messenger
async def test_a_long_story_is_read_to_its_end(stage: Stage, messenger: str) -> None:
    someone, inspector = await resident(stage, messenger), await stage.existing("t2001", "kk")
    number = await sends_tip(someone, "Начало. " + "Шум " * 900 + "Конец истории")
    await inspector.catch_up()
    assert inspector.did_not_hear("Конец истории")
    await inspector.picks("Whole text")
    assert inspector.heard("Конец истории")
    assert (await tip_of(stage, number)).state == "routed"


async def test_the_category_decides_for_a_desk(stage: Stage) -> None:
    someone, inspector = await resident(stage), await stage.existing("t2001", "kk")
    desk = await stage.existing("t2015", "kk")
    await sends_tip(someone, "Объявление о продаже", kind=("drugs", "drug_ad"))
    assert await desk.hears(category("drug_ad", "kk"))
    assert await inspector.hears_nothing()
    assert (await rows(stage, Tip))[-1].desk_id is not None
