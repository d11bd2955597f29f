"""Ready answers and the first reply; notes apart; the whole talk with edits and what became of every word."""

import pytest
from sqlalchemy import select

from bot.data import load
from bot.i18n import moment, speaking
from bot.speech.calls import Card, Past, Ready
from bot.store.notices import Notice
from bot.store.tips import TipPart
from bot.terms import Language, NoticeKind
from tests.conversations import in_both_languages, on_every_messenger
from tests.conversations.journeys import outcome, resident, rows, sends_tip, shows, state_of, tip_of
from tests.conversations.test_card import buttons, inspector_of_103, opens, put
from tests.stage import Person, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

QUESTION = "The inspector's question about tip No. {number}:\n{text}\nWrite your answer right here."
STALE = "This button does not work any more. Press a button under the latest message."
BRIEF_WAY = "The question is on its way to the sender."


def ready(code: str) -> dict[str, str]:
    found: dict[str, str] = next(item for item in load("answers")["answer"] if item["code"] == code)
    return found


async def finds(inspector: Person, label: str) -> None:
    while label not in buttons(inspector):
        await inspector.picks("Next page")
    await inspector.picks(label)


async def more(inspector: Person, msgid: str) -> None:
    """On the card or on one of its further pages."""
    while inspector.word(msgid) not in buttons(inspector):
        await inspector.picks("More")
    await inspector.picks(msgid)


@on_every_messenger
@in_both_languages
async def test_the_first_reply_goes_by_itself_in_the_senders_language(
    stage: Stage, messenger: str, language: str
) -> None:
    someone = await resident(stage, messenger, language, precinct="103")
    inspector = await stage.existing("t2003", "kk")
    number = await put(stage, someone)
    await someone.catch_up()
    await shows(inspector, number)
    await inspector.picks("Take into work")
    await someone.catch_up()
    assert someone.heard("Work on tip No. {number} has begun. Inspector: {officer}.", number=number)
    assert someone.heard(ready("taken_any")[language])


@on_every_messenger
@in_both_languages
async def test_a_ready_question_and_a_ready_outcome(stage: Stage, messenger: str, language: str) -> None:
    """The officer reads both languages before it goes, the sender his own."""
    other = "ru" if language == "kk" else "kk"
    someone = await resident(stage, "telegram", other, precinct="103")
    number = await put(stage, someone)
    async with inspector_of_103(stage, messenger, language) as inspector:
        await opens(inspector, number)
        await more(inspector, "Ask a question")
        await inspector.picks("Ready answers")
        await inspector.picks(ready("ask_noise")[f"title_{language}"])
        assert inspector.heard(ready("ask_noise")["kk"])
        assert inspector.heard(ready("ask_noise")["ru"])
        await inspector.picks("Other answers")
        await finds(inspector, ready("ask_photo")[f"title_{language}"])
        await inspector.picks("Send")
        assert inspector.heard(BRIEF_WAY)
        await someone.catch_up()
        assert someone.heard(QUESTION, number=number, text=ready("ask_photo")[other])
        assert (await tip_of(stage, number)).state == "need_details"
        await someone.says("Третий")
        await opens(inspector, number)
        await more(inspector, "Close")
        await inspector.picks(outcome("measures_taken", language))
        await inspector.picks("Ready answers")
        await inspector.picks(ready("done_measures")[f"title_{language}"])
        await inspector.picks("Send")
        assert inspector.heard("Tip No. {number} is closed. The sender is told and asked for a rating.", number=number)
        await someone.catch_up()
        assert someone.heard(ready("done_measures")[other].replace("{number}", str(number)))
        assert await state_of(inspector) is None


@on_every_messenger
async def test_own_words_are_taken_though_the_ready_ones_are_open(stage: Stage, messenger: str) -> None:
    someone = await resident(stage, "telegram", "ru", precinct="103")
    number = await put(stage, someone)
    async with inspector_of_103(stage, messenger) as inspector:
        await opens(inspector, number)
        await more(inspector, "Answer the sender")
        await inspector.picks("Ready answers")
        await inspector.says("Еду, буду через десять минут")
        assert inspector.heard("The answer is on its way to the sender.")
        assert await someone.hears("Еду, буду через десять минут")


@on_every_messenger
async def test_ready_words_say_the_time_the_sender_was_promised(stage: Stage, messenger: str) -> None:
    """Not by when the holder is to take it: that clock is the department's own."""
    someone = await resident(stage, "telegram", "ru", precinct="103")
    number = await put(stage, someone)
    tip = await tip_of(stage, number)
    assert tip.accept_by is not None
    assert tip.due_at is not None
    assert tip.accept_by < tip.due_at
    with speaking(Language.RU):
        due = moment(tip.due_at, stage.app.units.house.zone)
    words = ready("ans_checking")["ru"].replace("{number}", str(number)).replace("{due}", due)
    async with inspector_of_103(stage, messenger) as inspector:
        await opens(inspector, number)
        await more(inspector, "Answer the sender")
        await inspector.picks("Ready answers")
        await finds(inspector, ready("ans_checking")["title_kk"])
        assert inspector.heard(words)
        await inspector.picks("Send")
        assert await someone.hears(words)


async def test_forged_and_old_presses_of_ready_answers(stage: Stage) -> None:
    someone, inspector = await resident(stage, precinct="103"), await stage.existing("t2003", "kk")
    number = await put(stage, someone)
    tip = await tip_of(stage, number)
    await shows(inspector, number)
    await inspector.forges(Ready(do="send", tip=tip.id, code="ask_photo").pack())
    assert inspector.heard(STALE)
    await inspector.forges(Card(do="ask", tip=tip.id).pack())
    for code in ("done_measures", "ask_fraud", "nothing", "taken_any"):  # another step, another category, none
        await inspector.forges(Ready(do="send", tip=tip.id, code=code).pack())
        assert inspector.heard("There is no such record, or it is not yours.")
    await inspector.forges(Ready(do="send", tip=tip.id + 1, code="ask_photo").pack())
    assert inspector.heard(STALE)
    await inspector.forges(Ready(do="send", tip=tip.id, code="ask_photo").pack())
    await inspector.forges(Ready(do="send", tip=tip.id, code="ask_photo").pack())
    assert inspector.heard(STALE), "pressed twice, it went once"
    assert len(await rows(stage, Notice, Notice.tip_id == tip.id, Notice.kind == NoticeKind.TIP_QUESTION)) == 1
    stranger = await resident(stage)
    await stranger.says("/menu")
    await stranger.forges(Ready(do="list", tip=tip.id).pack())
    assert stranger.heard(STALE)


@on_every_messenger
@in_both_languages
async def test_the_whole_talk_with_a_note_an_edit_and_its_fate(stage: Stage, messenger: str, language: str) -> None:
    someone = await resident(stage, "telegram", "ru", precinct="103")
    number = await sends_tip(someone, "Музыка после полуночи")
    tip = await tip_of(stage, number)
    await someone.says("Третий подъезд")
    await someone.edits("Третий подъезд, пятый этаж")
    async with inspector_of_103(stage, messenger, language) as inspector:
        await opens(inspector, number)
        await more(inspector, "Answer the sender")
        await inspector.says("Едем")
        await opens(inspector, number)
        await more(inspector, "Note for colleagues")
        await inspector.says("Хозяин квартиры известен отделу")
        assert inspector.heard("The note is kept. Only those who work on the tip see it.")
        await someone.catch_up()
        assert someone.did_not_hear("известен отделу")
        await someone.says("/mine")
        await someone.picks(f"№ {number}")
        assert someone.did_not_hear("известен отделу")
        await someone.blocks()
        await opens(inspector, number)
        await more(inspector, "Answer the sender")
        await inspector.says("Приехали, дверь не открывают")
        await opens(inspector, number)
        await more(inspector, "The whole talk")
        talk = "\n".join(inspector.said)
        order = ["Музыка после полуночи", "пятый этаж", "Едем", "известен отделу", "дверь не открывают"]
        places = [talk.index(words) for words in order]
        assert places == sorted(places)
        assert inspector.heard("Before the edit of {at}: {text}", text="Третий подъезд")
        lost = inspector.word("not delivered: {reason}", reason=inspector.word("the chat is blocked"))
        assert lost in talk
        assert talk.index("дверь не открывают") < talk.index(lost)
        assert inspector.word("note, for colleagues only") in talk
        await someone.blocks(blocked=False)
    async with stage.app.database.reading() as session:
        note = await session.scalar(select(TipPart.id).where(TipPart.tip_id == tip.id, TipPart.purpose == "note"))
        assert note is not None
        assert await session.scalar(select(Notice.id).where(Notice.part_id == note)) is None


async def test_the_talk_and_notes_of_anothers_tip(stage: Stage) -> None:
    someone, inspector = await resident(stage, precinct="103"), await stage.existing("t2003", "kk")
    other = await stage.existing("t2005", "kk")
    number = await put(stage, someone)
    tip = await tip_of(stage, number)
    for data in (Past(do="show", tip=tip.id), Past(do="note", tip=tip.id), Past(do="show", tip=tip.id, page=5)):
        await other.says("/menu")
        await other.forges(data.pack())
        assert other.heard("There is no such record, or it is not yours.")
        assert await state_of(other) is None
    await shows(inspector, number)
    await inspector.forges(Past(do="note", tip=tip.id).pack())
    await inspector.sends("photo", caption="Снимок двора для коллег")
    assert inspector.heard("The note is kept. Only those who work on the tip see it.")
    await someone.catch_up()
    assert not [message for message in someone.fresh if "media" in message]
