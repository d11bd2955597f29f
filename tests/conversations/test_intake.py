"""From the first word to a sent tip: suggestions, few taps, details, the inspector's view, receipts, questions."""

from datetime import timedelta

import pytest

from bot.services.tips.limits import TIPS_AN_HOUR
from bot.speech.acts import Bar, Bundled
from bot.speech.calls import Report
from bot.store.audit import AuditEntry
from bot.store.media import Media
from bot.store.tips import Evidence, Tip, TipPart
from bot.terms import Identity
from tests.conversations import in_both_languages, on_every_messenger
from tests.conversations.journeys import (
    SENT,
    category,
    comes_to,
    number_in,
    resident,
    resident_id,
    rows,
    sends_tip,
    shows,
    state_of,
    tip_of,
)
from tests.conversations.test_complaint import MONEY
from tests.conversations.test_tip import CHECK, PLACE, WRITTEN
from tests.stage import Person, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

BURST = {
    "kk": ("Көршілер түнде шулайды", "Үшінші күн осылай", "Міне, терезелері", "Таңға дейін музыка"),
    "ru": ("Соседи шумят ночью", "Уже третий день", "Вот их окна", "Музыка до утра"),
}
JOINED = ("Added to the story: {n} message in all.", "Added to the story: {n} messages in all.")
NOISE_SAID = {"kk": "Көршілер түнде музыка қосып ұйықтатпайды", "ru": "Соседи ночью включают музыку, не дают спать"}
SECRET = (
    "Secret code: {code}. With the number it continues the tip from another phone or messenger: “My tips”."
    " It is shown this once; tell it to nobody, the police never ask for it."
)
ASK_CODE = "Write the number of the tip and its secret code of 12 digits. For example: {example}"
DETAILS = "These details help, and none of them is needed. Press what you know."
MOST_TAPS = 5


class Taps:
    """Counts what a resident does."""

    def __init__(self, person: Person) -> None:
        self.person, self.taps, self.messages = person, 0, 0

    async def says(self, text: str) -> None:
        self.messages += 1
        await self.person.says(text)

    async def picks(self, label: str) -> None:
        self.taps += 1
        await self.person.picks(label)


# -- the first word


@on_every_messenger
@in_both_languages
async def test_one_message_and_at_most_five_taps_from_the_first_word(
    stage: Stage, messenger: str, language: str
) -> None:
    someone, inspector = await resident(stage, messenger, language), await stage.existing("t2001", "kk")
    me = Taps(someone)
    await me.says(NOISE_SAID[language])
    assert someone.heard(WRITTEN)
    await me.picks(category("noise_night", language))
    await me.picks("In my precinct")
    await me.picks("Send without my name")
    await me.picks("Send")
    tip = await tip_of(stage, number_in(someone))
    assert (tip.category, tip.suggested) == ("noise_night", "noise_night")
    assert (me.messages, me.taps) == (1, 4)
    assert await inspector.hears(NOISE_SAID[language])


@on_every_messenger
@in_both_languages
async def test_one_message_and_at_most_five_taps_from_the_menu(stage: Stage, messenger: str, language: str) -> None:
    someone = await resident(stage, messenger, language)
    await someone.says("/menu")
    me = Taps(someone)
    await me.picks("Send a tip")
    await me.says(NOISE_SAID[language])
    await me.picks(category("noise_night", language))
    await me.picks("In my precinct")
    await me.picks("Send without my name")
    await me.picks("Send")
    assert number_in(someone)
    assert me.messages == 1
    assert me.taps <= MOST_TAPS


@on_every_messenger
@in_both_languages
async def test_the_suggestion_is_labelled_and_can_be_changed(stage: Stage, messenger: str, language: str) -> None:
    someone = await resident(stage, messenger, language)
    await someone.says(NOISE_SAID[language])
    label = {"kk": "Бұл осыған ұқсайды: 🔊", "ru": "Это похоже на: 🔊"}[language]
    shown = str([message.get("buttons") for message in someone.fresh]) + str(someone.said)
    assert label in shown
    await someone.picks("Something else")
    await someone.picks({"kk": "Жол", "ru": "Дорога"}[language])
    await someone.picks(category("parking", language))
    await someone.picks("Skip")
    await someone.picks("Send without my name")
    await someone.picks("Send")
    tip = (await rows(stage, Tip))[-1]
    assert (tip.category, tip.suggested) == ("parking", "noise_night")


@on_every_messenger
@pytest.mark.parametrize("kind", ["photo", "voice", "video", "location", "document"])
async def test_anything_first_begins_a_tip(stage: Stage, messenger: str, kind: str) -> None:
    someone = await resident(stage, messenger)
    if kind == "location":
        await someone.sends("location", latitude=49.80690, longitude=73.05809)
    else:
        await someone.sends(kind, **({} if kind == "photo" else {"content": ""}))
    assert await state_of(someone) == "TipForm:category"
    assert someone.heard("It is written down.")
    await someone.says("Соседи шумят ночью")
    await someone.picks(category("noise_night", "ru"))
    if kind == "location":  # the place is known: it is not asked
        assert someone.did_not_hear(PLACE)
    else:
        await someone.picks("Skip")
    await someone.picks("Send without my name")
    await someone.picks("Send")
    tip = await tip_of(stage, number_in(someone))
    parts = await rows(stage, TipPart, TipPart.tip_id == tip.id)
    assert len(parts) == (1 if kind == "location" else 2)
    assert (tip.lat is not None) == (kind == "location")


@on_every_messenger
@in_both_languages
async def test_messages_within_two_minutes_are_one_tip(stage: Stage, messenger: str, language: str) -> None:
    """Words, words and a picture, words behind the category: a burst as people write it."""
    someone, inspector = await resident(stage, messenger, language), await stage.existing("t2001", "kk")
    first, *more, last = BURST[language]
    before = len(await rows(stage, Tip))
    await someone.says(first)
    try:
        for seconds, text in zip((50, 80), more, strict=True):
            stage.clock.shift = timedelta(seconds=seconds)
            await (someone.sends("photo", caption=text) if seconds == 80 else someone.says(text))
            assert len(someone.fresh) <= 1, someone.said
        await someone.picks(category("noise_night", language))
        stage.clock.shift = timedelta(seconds=110)
        await someone.picks("In my precinct")
        await someone.says(last)
        assert someone.heard(someone.plural(*JOINED, 4))
        await someone.picks("Send without my name")
    finally:
        stage.clock.shift = timedelta()
    assert someone.heard(CHECK, text="\n".join(BURST[language]), files=1)
    await someone.picks("Send")
    assert len(await rows(stage, Tip)) == before + 1
    await inspector.catch_up()
    for text in BURST[language]:
        assert inspector.heard(text)


@on_every_messenger
async def test_an_address_in_the_words_is_offered_as_the_place(stage: Stage, messenger: str) -> None:
    someone = await resident(stage, messenger, precinct=None)
    await someone.says("Шумят ночью, улица Абая 12, третий подъезд")
    await someone.picks(category("noise_night", "ru"))
    await someone.picks("улица Абая, 12")
    await someone.picks("Send without my name")
    await someone.picks("Send")
    tip = await tip_of(stage, number_in(someone))
    assert tip.place_source == "house"
    assert "12" in (tip.place or "")


async def test_a_forged_category_is_refused(stage: Stage) -> None:
    """On Telegram alone: WhatsApp has no callbacks to forge."""
    someone = await resident(stage)
    await someone.says("Соседи шумят ночью")
    await someone.forges(Report(step="category", code="no_such").pack())
    assert someone.heard("There is no such record, or it is not yours.")
    await someone.forges(Report(step="detail", code="now").pack())
    assert someone.heard("This button does not work any more. Press a button under the latest message.")


# -- details and the inspector's view


@on_every_messenger
@in_both_languages
async def test_details_are_a_press_each_and_go_with_the_tip(stage: Stage, messenger: str, language: str) -> None:
    someone, inspector = await resident(stage, messenger, language), await stage.existing("t2001", "kk")
    await comes_to(someone, "check")
    await someone.picks("Add details")
    assert someone.heard(DETAILS)
    for press in ("Today", "In the evening", "Public place", "There is a camera nearby"):
        await someone.picks(press)
    await someone.picks("Damage in tenge")
    await someone.says("сколько-то")
    assert someone.heard("This is not a sum.")
    await someone.says("15 000 тенге")
    assert someone.heard(CHECK)
    assert someone.heard("Camera nearby")
    await someone.picks("Send")
    tip = await tip_of(stage, number_in(someone))
    assert (tip.event_when, tip.day_part, tip.is_public_place, tip.has_camera, tip.damage) == (
        "today", "evening", True, True, 15_000,
    )  # fmt: skip
    assert tip.event_on is not None
    assert await inspector.hears("Damage")


@on_every_messenger
async def test_a_second_press_takes_a_detail_back(stage: Stage, messenger: str) -> None:
    someone = await resident(stage, messenger)
    await comes_to(someone, "check")
    await someone.picks("Add details")
    await someone.picks("Now")
    await someone.picks("Now")
    await someone.picks("Back")
    await someone.picks("Send")
    tip = await tip_of(stage, number_in(someone))
    assert (tip.event_when, tip.event_on, tip.has_camera) == ("", None, None)


@on_every_messenger
@in_both_languages
async def test_the_inspectors_view_points_at_what_tells_who_it_is(stage: Stage, messenger: str, language: str) -> None:
    someone = await resident(stage, messenger, language, name="Роза Тестова")
    said = {
        "kk": "Менің атым Айгүл, нөмірім 87011234567, түнде шу",
        "ru": "Меня зовут Айгүл, тел 87011234567, шум ночью",
    }
    await someone.says(said[language])
    await someone.picks(category("noise_night", language))
    await someone.picks("Skip")
    await someone.picks("Send without my name")
    await someone.picks("As the inspector sees it")
    assert someone.heard("The inspector will see:")
    assert someone.heard("without a name")
    assert someone.did_not_hear("Роза")
    assert someone.heard("⚠️ Somebody can be recognised by these words:")
    assert someone.heard(f"{someone.word('Phone')}: 87011234567")
    assert someone.heard(f"{someone.word('Name of a person')}: Айгүл")
    await someone.picks("Change the text")
    await someone.says("Түнде шу" if language == "kk" else "Шум ночью")
    await someone.picks("Done")
    await someone.picks("As the inspector sees it")
    assert someone.heard("No names, numbers or addresses were noticed in the text. A person may notice more.")
    await someone.picks("Back")
    await someone.picks("Send")
    assert number_in(someone)


# -- money gone


@on_every_messenger
@in_both_languages
async def test_money_gone_is_asked_about_step_by_step(stage: Stage, messenger: str, language: str) -> None:
    someone, cyber = await resident(stage, messenger, language), await stage.existing("t2013", "kk")
    await someone.says("Перевела мошенникам деньги" if language == "ru" else "Алаяқтарға ақша аударып жібердім")
    assert someone.heard(MONEY)
    assert someone.heard("When did the money go? Write the day and the time.")
    await someone.says("Бүгін 10:20")
    assert someone.heard("How much? Write the sum in tenge.")
    await someone.says("250 000")
    assert someone.heard("To which number, card or account did it go? Write it as you see it.")
    await someone.says("4400 4301 0000 0000")
    assert someone.heard("Was there a link, a site or a profile? Send the address; do not open it again.")
    await someone.picks("Skip")
    assert someone.heard("From which bank or application did the money go?")
    await someone.sends("photo")
    await someone.says("Kaspi")
    await someone.picks("Done")
    await someone.picks("Send without my name")
    assert someone.heard("4400 4301 0000 0000")
    await someone.picks("Send")
    tip = await tip_of(stage, number_in(someone))
    assert (tip.category, tip.damage) == ("fraud_victim", 250_000)
    (row,) = await rows(stage, Evidence, Evidence.id == tip.id)
    assert row.facts == {"when": "Бүгін 10:20", "sum": "250 000", "account": "4400 4301 0000 0000", "bank": "Kaspi"}
    assert await cyber.hears("4400 4301 0000 0000")


# -- receipts


@in_both_languages
@pytest.mark.parametrize(("old", "new"), [("whatsapp", "telegram"), ("telegram", "whatsapp")])
async def test_a_receipt_moves_a_tip_to_the_other_messenger(stage: Stage, old: str, new: str, language: str) -> None:
    first, second = await resident(stage, old, language), await resident(stage, new, language)
    inspector = await stage.existing("t2001", "kk")
    number = await sends_tip(first)
    code = first.fact("code", SECRET)
    assert len(code) == len("123 456 789 012")
    await second.says("/mine")
    await second.picks("Continue a tip from another phone")
    assert second.heard(ASK_CODE)
    await second.says(f"№{number}, {code}")
    assert second.heard(
        "Tip No. {number} goes on here: answers will come to this chat. Status: {status}.", number=number
    )
    tip = await tip_of(stage, number)
    assert (tip.identity, tip.resident_id) == (Identity.HIDDEN, None)
    await shows(inspector, number)
    await inspector.picks("Answer the sender")
    await inspector.says("Приняли меры")
    assert await second.hears("Приняли меры")
    assert await first.hears_nothing()
    await first.says("/mine")
    assert first.did_not_hear(f"№ {number}")


@on_every_messenger
async def test_wrong_codes_are_counted_and_locked(stage: Stage, messenger: str) -> None:
    first, second = await resident(stage), await resident(stage, messenger)
    number = await sends_tip(first)
    code = first.fact("code", SECRET)
    await second.says("/receipt")
    await second.says("что это?")
    assert second.heard("This is not a number and a code of 12 digits.")
    await second.sends("photo")
    assert second.heard(ASK_CODE)
    for _ in range(5):
        await second.says(f"{number} 000000000000")
        assert second.heard("Number and code do not belong together.")
    await second.says(f"{number} {code}")
    assert second.heard("Too many wrong codes. Try again after {time}.")
    assert await state_of(second) is None


# -- frequent questions


@on_every_messenger
@in_both_languages
async def test_a_frequent_question_is_answered_before_a_tip_is_begun(
    stage: Stage, messenger: str, language: str
) -> None:
    someone = await resident(stage, messenger, language)
    said = {"kk": "Инспектордың қабылдау уақыты қашан?", "ru": "Когда приём участкового?"}[language]
    await someone.says(said)
    assert someone.heard("Maybe this answers it:")
    await someone.picks("Thank you, that is enough")
    assert await state_of(someone) is None
    await someone.says(said)
    await someone.picks("No, send a tip")
    assert someone.heard(WRITTEN)
    assert await state_of(someone) == "TipForm:category"


@on_every_messenger
@in_both_languages
async def test_questions_are_listed_on_the_page_of_help(stage: Stage, messenger: str, language: str) -> None:
    someone = await resident(stage, messenger, language)
    await someone.says("/help")
    await someone.picks("Frequent questions")
    assert someone.heard("Frequent questions:")
    await someone.picks("More")
    await someone.picks("Кто увидит моё имя?" if language == "ru" else "Менің атымды кім көреді?")
    assert someone.heard("Checked: {date}.")
    await someone.picks("Menu")


# -- limits and blocking


async def test_the_twenty_first_tip_of_an_hour_waits_and_its_draft_is_kept(stage: Stage) -> None:
    someone = await resident(stage)
    who = await resident_id(someone)
    async with stage.app.units() as unit:
        limits = unit.tips.limits()
        for _ in range(TIPS_AN_HOUR):
            await limits.tip(who)
    await comes_to(someone, "check")
    await someone.picks("Send")
    assert someone.heard(
        "Too many tips in a short time. Try again after {time}: the draft is kept. If there is danger, call 102."
    )
    assert await state_of(someone) == "TipForm:check"
    await someone.says("Қазір пышақпен жүгіріп жүр, көмектесіңіз")
    assert someone.heard("102")


@on_every_messenger
async def test_a_sender_is_blocked_by_alias_and_a_head_lifts_it(stage: Stage, messenger: str) -> None:
    someone, inspector = await resident(stage, messenger), await stage.existing("t2001", "kk")
    head = await stage.existing("t2027", "kk")
    number = await sends_tip(someone)
    tip = await tip_of(stage, number)
    await inspector.catch_up()
    await inspector.forges(Bar(do="ask", tip=tip.id).pack())
    assert inspector.heard(tip.alias)
    await inspector.picks("Advertising, spam")
    assert inspector.heard("The sender {alias} is blocked. In danger they still get the numbers.", alias=tip.alias)
    await someone.says("Ещё одно")
    assert someone.heard("Messages from this account are not accepted now. If there is danger, call 102 or 112.")
    await inspector.forges(Bar(do="off", tip=tip.id).pack())
    assert inspector.heard("You have no right to do this.")
    await head.says("/blocked")
    assert head.heard(tip.alias)
    await head.forges(Bar(do="off", tip=tip.id).pack())
    assert head.heard("The sender {alias} may write again.", alias=tip.alias)
    await someone.says("Теперь можно")
    assert someone.did_not_hear("Messages from this account are not accepted now. If there is danger, call 102 or 112.")


async def test_another_inspector_cannot_block(stage: Stage) -> None:
    someone, other = await resident(stage), await stage.existing("t2002", "kk")
    tip = await tip_of(stage, await sends_tip(someone))
    await other.says("/menu")
    for data in (Bar(do="ask", tip=tip.id), Bar(do="yes", tip=tip.id, code="spam")):
        await other.forges(data.pack())
        assert other.heard("There is no such record, or it is not yours.")
    await someone.forges(Bar(do="yes", tip=tip.id, code="spam").pack())
    assert someone.did_not_hear(SENT)


# -- evidence as files


async def sends_money_tip(someone: Person) -> int:
    await someone.says("/tip")
    await someone.picks("💸")
    await someone.picks(category("fraud_victim", someone.language))
    await someone.says("сегодня")
    await someone.says("90 тысяч")
    await someone.picks("Skip all questions")
    await someone.sends("photo", caption="чек")
    await someone.picks("Done")
    await someone.picks("Send without my name")
    await someone.picks("Send")
    return number_in(someone)


@on_every_messenger
@in_both_languages
async def test_the_holder_gets_the_evidence_as_two_files_and_nobody_else_does(
    stage: Stage, messenger: str, language: str
) -> None:
    someone, cyber, other = (
        await resident(stage, messenger, language), await stage.existing("t2013", "kk"),
        await stage.existing("t2001", "kk"),
    )  # fmt: skip
    tip = await tip_of(stage, await sends_money_tip(someone))
    await cyber.catch_up()
    await other.forges(Bundled(tip=tip.id).pack())
    assert other.heard("There is no such record, or it is not yours.")
    if messenger == "telegram":  # WhatsApp has no callbacks to forge
        await someone.forges(Bundled(tip=tip.id).pack())
    await cyber.forges(Bundled(tip=tip.id).pack())
    assert cyber.heard("The evidence of tip No. {number} is being made: two files follow, a PDF and a JSON.")
    files = [message for message in cyber.fresh if message.get("media")]
    assert len(files) == 2, cyber.fresh
    mine = [part.media_id for part in await rows(stage, TipPart, TipPart.tip_id == tip.id) if part.media_id]
    made = await rows(stage, Media, Media.id.in_(mine), Media.mime.in_(("application/pdf", "application/json")))
    assert [media.state for media in made] == ["stored", "stored"]
    assert await someone.hears_nothing()
    assert [entry.action for entry in await rows(stage, AuditEntry, AuditEntry.subject == f"tip:{tip.id}")] == [
        "evidence.exported"
    ]
