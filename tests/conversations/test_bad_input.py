"""Whatever comes at whatever step: a clear sentence in the person's language, and the dialog goes on where it was."""

import pytest

from bot.speech.calls import Home, Mine, Open, Report
from bot.speech.forms import StartForm, TipForm
from bot.store.endpoints import Endpoint
from bot.store.notices import Notice
from bot.store.tips import Tip, TipPart
from tests.conversations import in_both_languages, on_every_messenger
from tests.conversations.journeys import (
    ADDED,
    begins,
    comes_to,
    number_in,
    resident,
    resident_id,
    rows,
    sends_tip,
    state_of,
    tip_of,
)
from tests.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

KIND = "This kind of message cannot be accepted. Send text, a photo, video, a voice message, a document or a location."
STALE = "This button does not work any more. Press a button under the latest message."
TOO_LARGE = "The file is too large. The largest size: {megabytes} MB. Send a short video or a photo."
TOO_LONG = "The text is too long: {length} characters, at most {limit} fit. Please shorten it."
OUTSIDE = "This place is outside the territory of the department. If it is urgent, call 102."
WRITTEN = "Written down: {n} message. Add more, or choose “Done”."
MARKS = "<b>жирный</b> *звёзды* _черта_ [ссылка](http://e.kz) &lt; `код` </i>"
RIGHT_TO_LEFT = "обычный \u202eтекст\u202c и \u2066ещё\u2069"
NEW_YORK = {"latitude": 40.7128, "longitude": -74.0060}
STEPS = ["category", "story", "place", "identity", "check"]


@on_every_messenger
@pytest.mark.parametrize("step", STEPS)
async def test_a_sticker_at_every_step_of_a_tip(stage: Stage, messenger: str, step: str) -> None:
    person = await resident(stage, messenger)
    await comes_to(person, step)
    before = await state_of(person)
    await person.sends("sticker", content="")
    assert person.heard(KIND)
    assert await state_of(person) == before


@on_every_messenger
@in_both_languages
async def test_a_sticker_outside_any_dialog(stage: Stage, messenger: str, language: str) -> None:
    person = await resident(stage, messenger, language)
    await person.sends("sticker", content="")
    assert person.heard(KIND)
    await person.says("/unknown")
    assert person.heard("Sorry, we could not understand you. Write it another way or write “Menu”.")


@on_every_messenger
@pytest.mark.parametrize("step", ["category", "story", "place", "check"])
async def test_five_thousand_characters(stage: Stage, messenger: str, step: str) -> None:
    person = await resident(stage, messenger)
    await comes_to(person, step)
    before = await state_of(person)
    await person.says("ш" * 5000)
    if step == "place":
        assert person.heard("No such address was found. Write it another way or keep it as it is written.")
    else:
        assert person.heard(TOO_LONG)
    assert await state_of(person) == before
    assert person.said


async def test_as_long_as_telegram_lets_anybody_write_is_accepted(stage: Stage) -> None:
    person = await resident(stage)
    await begins(person)
    await person.says("ш" * 4096)
    assert person.heard(WRITTEN, n=1)


@on_every_messenger
@pytest.mark.parametrize("words", [MARKS, RIGHT_TO_LEFT])
async def test_marks_are_shown_as_they_were_written(stage: Stage, messenger: str, words: str) -> None:
    person, inspector = await resident(stage, messenger), await stage.existing("t2001", "kk")
    await begins(person)
    await person.says(words)
    await person.picks("Done")
    await person.says(f"дом {words}"[:200])
    await person.picks("In my precinct")
    await person.picks("Send without my name")
    assert person.heard(words)
    await person.picks("Send")
    await inspector.catch_up()
    assert inspector.heard(words)
    card = next(message for message in inspector.fresh if words in message["text"])
    written = card["text"].encode("utf-16-le").index(words.encode("utf-16-le")) // 2
    marked = [entity for entity in card["entities"] if entity["offset"] >= written]
    assert {entity["type"] for entity in marked} <= {"url", "bot_command"}  # what Telegram itself finds
    await inspector.picks("Answer the sender")
    await inspector.says(words)
    assert await person.hears(words)


@pytest.mark.parametrize("step", STEPS)
async def test_an_old_button_is_explained_at_every_step(stage: Stage, step: str) -> None:
    person = await resident(stage)
    await comes_to(person, step)
    before = await state_of(person)
    old = {"category": "send", "story": "hidden", "place": "send", "identity": "done", "check": "done"}[step]
    await person.forges(Report(step=old).pack())
    assert person.heard(STALE)
    await person.forges("rep:nonsense:")
    assert person.heard(STALE)
    await person.forges("no such thing")
    assert person.heard(STALE)
    await person.forges(Home(step="skip").pack())
    assert person.heard(STALE)
    assert await state_of(person) == before


async def test_an_old_cancel_does_not_say_that_a_sent_tip_was_not_sent(stage: Stage) -> None:
    person = await resident(stage)
    await sends_tip(person)
    await person.forges(Report(step="cancel").pack())
    assert person.heard(STALE)


async def test_old_buttons_do_not_drop_a_draft(stage: Stage) -> None:
    person = await resident(stage)
    number = await sends_tip(person)
    tip = await tip_of(stage, number)
    await begins(person)
    await person.says("Шумят")
    busy = "First finish the tip you are writing, or choose “Cancel”."
    for data in (Open(what="report"), Mine(do="add", tip=tip.id), Open(what="inspector_other")):
        await person.forges(data.pack())
        assert person.heard(busy)
    await person.forges(Mine(do="show", tip=tip.id).pack())
    assert person.heard(f"№ {number}")
    assert await state_of(person) == TipForm.story.state
    await person.picks("Done")
    assert await state_of(person) == TipForm.place.state


@on_every_messenger
async def test_leaving_a_draft_is_said(stage: Stage, messenger: str) -> None:
    person = await resident(stage, messenger)
    await comes_to(person, "place")
    await person.says("Меню")
    assert person.heard("The tip was not sent, the draft is deleted.")
    await comes_to(person, "place")
    await person.says("/tip")
    assert person.heard("The tip was not sent, the draft is deleted.")


@on_every_messenger
async def test_the_same_button_twice_sends_one_tip(stage: Stage, messenger: str) -> None:
    person = await resident(stage, messenger)
    await comes_to(person, "check")
    before = len(await rows(stage, Tip))
    if messenger == "telegram":
        data = Report(step="send").pack()
        await person.sends_at_once(("press", {"button": data}), ("press", {"button": data}))
        assert person.heard(STALE)
    else:
        await person.sends_at_once(("say", {"text": "1"}), ("say", {"text": "1"}))
    assert len(await rows(stage, Tip)) == before + 1
    assert number_in(person)


@on_every_messenger
async def test_two_messages_at_once_are_two_parts_of_one_story(stage: Stage, messenger: str) -> None:
    person = await resident(stage, messenger)
    await begins(person)
    await person.sends_at_once(("say", {"text": "Первое"}), ("say", {"text": "Второе"}))
    await person.picks("Done")
    await person.picks("In my precinct")
    await person.picks("Send without my name")
    await person.picks("Send")
    tip = (await rows(stage, Tip))[-1]
    parts = await rows(stage, TipPart, TipPart.tip_id == tip.id)
    assert sorted(part.text for part in parts) == ["Второе", "Первое"]


@pytest.mark.parametrize("step", ["category", "story", "place", "check"])
async def test_a_file_of_21_megabytes(stage: Stage, step: str) -> None:
    """WhatsApp itself takes no more than 16."""
    person = await resident(stage, language="kk")
    await comes_to(person, step)
    before = await state_of(person)
    await person.sends("video", size=21 * 1024 * 1024)
    assert person.heard(TOO_LARGE, megabytes=20)
    assert await state_of(person) == before


@on_every_messenger
async def test_a_location_on_another_continent(stage: Stage, messenger: str) -> None:
    person = await resident(stage, messenger)
    await comes_to(person, "place")
    await person.sends("location", **NEW_YORK)
    assert person.heard(OUTSIDE)
    assert await state_of(person) == TipForm.place.state
    await person.picks("Skip")
    await person.picks("Send without my name")
    await person.picks("Send")
    tip = (await rows(stage, Tip))[-1]
    assert (tip.lat, tip.precinct_id) == (None, None)


@on_every_messenger
async def test_a_location_at_the_check_changes_the_place(stage: Stage, messenger: str) -> None:
    person = await resident(stage, messenger)
    await comes_to(person, "check")
    await person.sends("location", latitude=49.80690, longitude=73.05809)
    assert await state_of(person) == TipForm.check.state
    assert person.heard("📍 49.80690, 73.05809")


@on_every_messenger
async def test_a_contact_is_a_part_of_the_story(stage: Stage, messenger: str) -> None:
    person, inspector = await resident(stage, messenger), await stage.existing("t2001", "kk")
    await begins(person)
    await person.sends("contact", phone_number="+77015554433", first_name="Мошенник")
    assert person.heard(WRITTEN, n=1)
    await person.picks("Done")
    await person.picks("In my precinct")
    await person.picks("Send without my name")
    await person.picks("Send")
    if messenger == "telegram":
        assert await inspector.hears("+77015554433")


async def test_somebody_who_blocked_the_bot_is_not_written_to_until_he_comes_back(stage: Stage) -> None:
    person, inspector = await resident(stage), await stage.existing("t2001", "kk")
    number = await sends_tip(person)
    await person.blocks()
    (endpoint,) = await rows(stage, Endpoint, Endpoint.resident_id == await resident_id(person))
    assert endpoint.state == "blocked"
    await inspector.catch_up()
    await inspector.picks("Take into work")
    tip = await tip_of(stage, number)
    (notice,) = await rows(stage, Notice, Notice.tip_id == tip.id, Notice.kind == "tip_taken")
    assert (notice.state, notice.error) == ("failed", "blocked")
    await person.starts()
    assert person.heard("What would you like to do? If there is danger, call 102 or 112.")
    (endpoint,) = await rows(stage, Endpoint, Endpoint.resident_id == await resident_id(person))
    assert endpoint.state == "open"
    await person.says("Ещё шумят")
    assert person.heard(ADDED, number=number)


async def test_somebody_who_blocks_while_he_is_answered(stage: Stage) -> None:
    person = await resident(stage)
    await stage.fault({"method": "sendMessage", "chat_id": person.address}, {"kind": "403"}, times=1)
    await person.says("/menu")
    (endpoint,) = await rows(stage, Endpoint, Endpoint.resident_id == await resident_id(person))
    assert endpoint.state == "blocked"
    await person.says("/menu")
    (endpoint,) = await rows(stage, Endpoint, Endpoint.resident_id == await resident_id(person))
    assert endpoint.state == "open"


@on_every_messenger
@pytest.mark.parametrize("what", ["sticker", "voice", "photo"])
async def test_the_wrong_kind_at_the_first_meeting(stage: Stage, messenger: str, what: str) -> None:
    person = await resident(stage, messenger, "kk", precinct=None)
    await person.starts()
    assert await state_of(person) == StartForm.home.state
    await person.sends(what, content="")
    assert person.heard(
        "Send a location or write the street and the number of the house. In a village write its name too."
    )
    assert await state_of(person) == StartForm.home.state


async def test_words_about_buttons_are_told_so_and_words_of_the_burst_are_kept(stage: Stage) -> None:
    person = await resident(stage)
    await comes_to(person, "identity")
    await person.says("Их было трое")  # within a minute of the story
    added = person.plural("Added to the story: {n} message in all.", "Added to the story: {n} messages in all.", 2)
    assert person.heard(added)
    stage.clock.shift = type(stage.clock.shift)(minutes=5)
    try:
        await person.says("А как лучше?")
    finally:
        stage.clock.shift = type(stage.clock.shift)()
    assert person.heard("Please choose one of the buttons.")
    assert await state_of(person) == TipForm.identity.state


@on_every_messenger
async def test_an_empty_story_cannot_be_finished(stage: Stage, messenger: str) -> None:
    person = await resident(stage, messenger)
    await begins(person)
    await person.picks("Done")
    assert person.heard("Nothing is written yet. Write what happened, or send a photo, video or voice message.")


async def test_an_officers_wrong_kinds(stage: Stage) -> None:
    person, inspector = await resident(stage), await stage.existing("t2001", "kk")
    await sends_tip(person)
    await inspector.catch_up()
    await inspector.picks("Ask a question")
    before = await state_of(inspector)
    await inspector.sends("sticker", content="")
    assert inspector.heard(KIND)
    await inspector.says("/nonsense")
    assert inspector.heard("Sorry, we could not understand you. Write it another way or write “Menu”.")
    await inspector.sends("video", size=21 * 1024 * 1024)
    assert inspector.heard(TOO_LARGE)
    assert await state_of(inspector) == before
    await inspector.picks("Back to the card")
    assert await state_of(inspector) is None


@on_every_messenger
async def test_words_as_long_as_a_message_arrive_whole_on_both_sides(stage: Stage, messenger: str) -> None:
    person, inspector = await resident(stage, messenger), await stage.existing("t2001", "kk")
    number = await sends_tip(person)
    long = "слово " * 680 + "конец"
    await inspector.catch_up()
    await inspector.picks("Answer the sender")
    await inspector.says(long)
    await person.catch_up()
    assert "".join(person.said).count("слово") == 680
    assert person.heard("конец")
    await person.says(long)
    await inspector.catch_up()
    assert inspector.heard(str(number))
    assert "".join(inspector.said).count("слово") == 680
    assert inspector.heard("конец")
