"""A tip from the first word to the number, and what is added to it later."""

import pytest

from bot.store.tips import Tip, TipPart
from tests.conversations import in_both_languages, on_every_messenger
from tests.conversations.journeys import (
    ADDED,
    NOISE,
    begins,
    category,
    comes_to,
    number_in,
    resident,
    rows,
    sends_tip,
    state_of,
    tells,
    tile,
    tip_of,
)
from tests.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

CHECK = (
    "Please check:\nWhat happened: {category}\nText: {text}\nFiles: {files}\nPlace: {place}\n"
    "How it is sent: {identity}\nIs everything right?"
)
PLACE = (
    "Where did it happen? Write the address, in a village with its name, or send the place on the map with 📎."
    " If you are at that place now, send where you are. If you do not know, choose “Skip”."
)
WRITTEN = "It is written down. What is it about? The program suggests, you decide. You can go on writing."
HOUSE = {"kk": "{}-үй шулап жатыр", "ru": "Шумит дом {}"}
ALBUM = 10


@on_every_messenger
@in_both_languages
async def test_a_hidden_tip_reaches_the_inspector_of_its_place(stage: Stage, messenger: str, language: str) -> None:
    someone = await resident(stage, messenger, language)
    inspector = await stage.existing("t2001", "kk")
    number = await sends_tip(someone, "Түнгі екіде музыка")
    await inspector.catch_up()
    assert inspector.heard("Түнгі екіде музыка")
    assert inspector.heard(f"№ {number}")
    assert inspector.heard("without a name")
    assert inspector.did_not_hear("Сана")


@on_every_messenger
@in_both_languages
async def test_a_named_tip_shows_the_name(stage: Stage, messenger: str, language: str) -> None:
    someone = await resident(stage, messenger, language, name="Роза Тестова")
    inspector = await stage.existing("t2001", "kk")
    await tells(someone)
    await someone.picks("In my precinct")
    await someone.picks("Send with my name")
    here = someone.word("In my precinct")
    assert someone.heard(CHECK, category=f"🔊 {category('noise_night', language)}", files=0, place=here)
    await someone.picks("Send")
    await inspector.catch_up()
    assert inspector.heard("Роза Тестова")


@on_every_messenger
async def test_a_story_of_words_photo_and_voice_is_one_tip(stage: Stage, messenger: str) -> None:
    someone, inspector = await resident(stage, messenger), await stage.existing("t2001", "kk")
    await begins(someone)
    await someone.says("Опять шумят")
    await someone.sends("photo", caption="Вот их машина")
    await someone.sends("voice", content="")
    await someone.picks("Done")
    assert someone.heard(PLACE)
    await someone.picks("In my precinct")
    await someone.picks("Send without my name")
    assert someone.heard(CHECK, text="Опять шумят\nВот их машина", files=2)
    await someone.picks("Send")
    await inspector.catch_up()
    files = [message for message in inspector.fresh if message.get("media") or message.get("photo")]
    assert len([text for text in inspector.said if "файл" in text.casefold()]) >= 2, (files, inspector.said)


@on_every_messenger
async def test_an_album_of_ten_is_one_story(stage: Stage, messenger: str) -> None:
    someone = await resident(stage, messenger)
    await begins(someone)
    await someone.sends_album(ALBUM, "Десять фото")
    assert len(someone.fresh) == 1
    await someone.picks("Done")
    await someone.picks("In my precinct")
    await someone.picks("Send without my name")
    assert someone.heard(CHECK, text="Десять фото", files=ALBUM)


@on_every_messenger
@pytest.mark.parametrize("step", ["category", "place", "identity", "check"])
async def test_an_album_that_comes_at_another_step_joins_the_story(stage: Stage, messenger: str, step: str) -> None:
    someone = await resident(stage, messenger)
    await comes_to(someone, step)
    before = await state_of(someone)
    await someone.sends_album(ALBUM)
    assert len(someone.fresh) == 1
    assert await state_of(someone) == before
    if step == "category":
        await someone.picks(tile(NOISE[0], "ru"))
        await someone.picks(category(NOISE[1], "ru"))
    if step in ("category", "place"):
        await someone.picks("In my precinct")
    if step != "check":
        await someone.picks("Send without my name")
        assert someone.heard(CHECK, files=ALBUM)
    await someone.picks("Send")
    assert someone.heard("Номер:")


@on_every_messenger
async def test_an_album_without_a_question_is_the_beginning_of_one_tip(stage: Stage, messenger: str) -> None:
    someone = await resident(stage, messenger)
    await someone.says("/menu")
    await someone.sends_album(ALBUM, "Машины на газоне")
    assert len(someone.fresh) == 1, someone.said
    assert someone.heard(WRITTEN)
    await someone.picks(category("parking", "ru"))
    await someone.picks("In my precinct")
    await someone.picks("Send without my name")
    assert someone.heard(CHECK, text="Машины на газоне", files=ALBUM)


@on_every_messenger
@in_both_languages
async def test_the_place_of_the_event_decides_who_holds_it(stage: Stage, messenger: str, language: str) -> None:
    someone, other = await resident(stage, messenger, language), await stage.existing("t2002", "kk")
    await tells(someone, "Шум у реки")
    await someone.sends("location", latitude=49.80690, longitude=73.05809)
    await someone.picks("Send without my name")
    assert someone.heard(CHECK, place="📍 49.80690, 73.05809")
    await someone.picks("Send")
    await other.catch_up()
    assert other.heard("Шум у реки")
    assert other.heard("mlat=49.80690")


@on_every_messenger
async def test_a_certain_address_is_taken_as_it_is(stage: Stage, messenger: str) -> None:
    someone = await resident(stage, messenger)
    await tells(someone)
    await someone.says("улица Абая 12")
    await someone.picks("Send without my name")
    assert someone.heard(CHECK, place="улица Абая 12")


@on_every_messenger
@in_both_languages
async def test_of_several_addresses_one_is_chosen(stage: Stage, messenger: str, language: str) -> None:
    someone = await resident(stage, messenger, language, precinct=None)
    await tells(someone)
    await someone.says("Абая")
    assert someone.heard("Which of these is it?")
    street = "Абай көшесі" if language == "kk" else "улица Абая"
    await someone.picks(street)
    await someone.picks("Send without my name")
    assert someone.heard(street)
    await someone.picks("Send")
    tip = (await rows(stage, Tip))[-1]
    assert tip.precinct_id is not None


@on_every_messenger
@in_both_languages
async def test_an_unknown_address_is_kept_as_it_is_written(stage: Stage, messenger: str, language: str) -> None:
    someone = await resident(stage, messenger, language)
    await tells(someone)
    await someone.says("за гаражами у старой водокачки")
    assert someone.heard("No such address was found. Write it another way or keep it as it is written.")
    await someone.picks("Keep it as written")
    await someone.picks("Send without my name")
    assert someone.heard(CHECK, place="за гаражами у старой водокачки")


@on_every_messenger
async def test_the_senders_own_point_may_come_first(stage: Stage, messenger: str) -> None:
    someone = await resident(stage, messenger)
    await begins(someone)
    await someone.sends("location", latitude=49.80690, longitude=73.05809)
    assert someone.heard("The place is written down. Now write what happened.")
    await someone.says("Шумят")
    await someone.picks("Done")
    await someone.picks("Send without my name")
    assert someone.heard(CHECK, place="📍 49.80690, 73.05809")


@on_every_messenger
async def test_each_answer_can_be_changed_at_the_check(stage: Stage, messenger: str) -> None:
    someone = await resident(stage, messenger)
    await comes_to(someone, "check")
    await someone.picks("Change")
    await someone.picks("What happened")
    await someone.picks(tile("yard", "ru"))
    await someone.picks(category("littering", "ru"))
    await someone.picks("Change")
    await someone.picks("The text: write it anew")
    await someone.says("Мусор у подъезда")
    await someone.picks("Done")
    await someone.picks("Change")
    await someone.picks("The place")
    await someone.says("улица Абая 12")
    await someone.picks("Change")
    await someone.picks("With or without my name")
    await someone.picks("Send with my name")
    assert someone.heard(
        CHECK,
        category=f"🗑️ {category('littering', 'ru')}",
        text="Мусор у подъезда",
        place="улица Абая 12",
        identity=someone.word("Send with my name"),
    )


@on_every_messenger
async def test_a_tip_that_is_cancelled_is_not_kept(stage: Stage, messenger: str) -> None:
    someone = await resident(stage, messenger)
    before = len(await rows(stage, Tip))
    await comes_to(someone, "check")
    await someone.picks("Cancel")
    assert someone.heard("The tip was not sent, the draft is deleted.")
    assert await state_of(someone) is None
    assert len(await rows(stage, Tip)) == before


@on_every_messenger
@in_both_languages
async def test_words_without_a_question_become_a_tip_or_join_the_open_one(
    stage: Stage, messenger: str, language: str
) -> None:
    someone, inspector = await resident(stage, messenger, language), await stage.existing("t2001", "kk")
    await someone.says("Соседи шумят")
    assert someone.heard(WRITTEN)
    await someone.picks(category(NOISE[1], language))
    await someone.picks("In my precinct")
    await someone.picks("Send without my name")
    assert someone.heard(CHECK, text="Соседи шумят")
    await someone.picks("Send")
    await inspector.catch_up()
    await someone.says("Их трое")
    assert someone.heard(ADDED)
    await inspector.catch_up()
    assert inspector.heard("Их трое")


@on_every_messenger
async def test_another_matter_begins_with_the_same_words(stage: Stage, messenger: str) -> None:
    someone = await resident(stage, messenger)
    await sends_tip(someone)
    await someone.says("А ещё мусор во дворе")
    await someone.picks("This is another matter")
    assert someone.heard(WRITTEN)
    await someone.picks("Something else")
    await someone.picks(tile("yard", "ru"))
    await someone.picks(category("littering", "ru"))
    await someone.picks("In my precinct")
    await someone.picks("Send without my name")
    assert someone.heard(CHECK, text="А ещё мусор во дворе")


@on_every_messenger
async def test_more_is_added_from_the_list(stage: Stage, messenger: str) -> None:
    someone = await resident(stage, messenger)
    number = await sends_tip(someone)
    await someone.says("/mine")
    await someone.picks(f"№ {number}")
    await someone.picks("Add something")
    await someone.sends_album(3)
    assert someone.times_heard(ADDED, number=number) == 1
    await someone.says("Это они же")
    tip = await tip_of(stage, number)
    assert len(await rows(stage, TipPart, TipPart.tip_id == tip.id)) == 5
    await someone.picks("Menu")
    assert await state_of(someone) is None


@in_both_languages
async def test_an_edit_replaces_its_part_before_sending_and_is_a_version_after(stage: Stage, language: str) -> None:
    someone, inspector = await resident(stage, language=language), await stage.existing("t2001", "kk")
    five, six, seven, eight = (HOUSE[language].format(n) for n in (5, 6, 7, 8))
    await begins(someone)
    await someone.says(five)
    first = someone.last_id
    await someone.edits(six, first)
    assert someone.heard("The change is taken over.")
    await someone.picks("Done")
    await someone.picks("In my precinct")
    await someone.picks("Send without my name")
    assert someone.heard(CHECK, text=six)
    await someone.edits(seven, first)
    assert someone.heard("The change is taken over.")
    assert someone.heard(CHECK, text=seven)
    await someone.picks("Send")
    number = number_in(someone)
    await inspector.catch_up()
    assert inspector.heard(seven)
    assert inspector.did_not_hear(five)
    await someone.edits(eight, first)
    assert someone.heard("The change is added to tip No. {number}; the first words are kept too.", number=number)
    await inspector.catch_up()
    assert inspector.heard(eight)
    tip = await tip_of(stage, number)
    texts = [part.text for part in await rows(stage, TipPart, TipPart.tip_id == tip.id)]
    assert texts == [seven, eight]


@in_both_languages
async def test_on_whatsapp_a_correction_is_written_anew_or_as_one_more_message(stage: Stage, language: str) -> None:
    """WhatsApp tells nobody that a message was edited."""
    someone, inspector = await resident(stage, "whatsapp", language), await stage.existing("t2001", "kk")
    five, six, seven, eight = (HOUSE[language].format(n) for n in (5, 6, 7, 8))
    await begins(someone)
    await someone.says(five)
    await someone.says(six)
    assert someone.heard_nothing()  # the first was answered, and no count can be changed there
    await someone.picks("Done")
    await someone.picks("In my precinct")
    await someone.picks("Send without my name")
    assert someone.heard(CHECK, text=f"{five}\n{six}")
    await someone.picks("Change")
    await someone.picks("The text: write it anew")
    await someone.says(seven)
    await someone.picks("Done")
    assert someone.heard(CHECK, text=seven)
    await someone.picks("Send")
    number = number_in(someone)
    await inspector.catch_up()
    assert inspector.heard(seven)
    assert inspector.did_not_hear(five)
    await someone.says(eight)
    assert someone.heard(ADDED, number=number)
    assert await inspector.hears(eight)
    tip = await tip_of(stage, number)
    texts = [part.text for part in await rows(stage, TipPart, TipPart.tip_id == tip.id)]
    assert texts == [seven, eight]


async def test_an_edit_of_a_sent_tip_is_heard_while_another_is_written(stage: Stage) -> None:
    someone = await resident(stage)
    await begins(someone)
    await someone.says("Шумят")
    first = someone.last_id
    await someone.picks("Done")
    await someone.picks("In my precinct")
    await someone.picks("Send without my name")
    await someone.picks("Send")
    await begins(someone)
    await someone.says("Мусор")
    await someone.edits("Шумят сильно", first)
    assert someone.heard("The change is added to tip No. {number}; the first words are kept too.")


@on_every_messenger
@in_both_languages
async def test_it_says_that_it_is_no_formal_statement(stage: Stage, messenger: str, language: str) -> None:
    someone = await resident(stage, messenger, language)
    await sends_tip(someone)
    assert someone.heard(
        "This message is not a formal statement. To make one, call 102, write to the “Law and Order” service"
        " in the eGov Mobile app or come to the police division."
    )
