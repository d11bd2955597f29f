"""What happens to a warning after it has gone: watched, recalled, corrected, sent again, explained."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.data import load
from bot.i18n import Bilingual
from bot.services.officers import NewOfficer
from bot.services.warnings import Audience, WarningDraft, WarningView
from bot.store.endpoints import Endpoint
from bot.store.media import Media
from bot.store.notices import Notice
from bot.store.officers import Officer
from bot.store.talks import Talk
from bot.store.warnings import Warning
from bot.terms import Language, Messenger, NoticeState, Role
from tests.conversations.journeys import resident, resident_id, rows
from tests.stage import Person, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

TEXT = Bilingual("Көршілер, есікті бөтен адамға ашпаңыз", "Соседи, не открывайте дверь чужим")
NEW = Bilingual("Көршілер, есікті ешкімге ашпаңыз", "Соседи, не открывайте дверь никому")
NEWER = Bilingual("Көршілер, есікті жабық ұстаңыз", "Соседи, держите дверь закрытой")
GROUP = -1001000000021  # of precinct 302
RECALLED = "❌ Recalled. The police department takes this warning back: do not go by it, do not pass it on."
CORRECTED = "✏️ Corrected:"
STALE = "This button does not work any more. Press a button under the latest message."
WHOM = (
    "Whom is it about? Write the person's WhatsApp number or Telegram id, or pass on their contact or any message of"
    " theirs. It is not kept; that you have looked is written down."
)
EVERYWHERE = pytest.mark.parametrize(
    ("messenger", "language"), [("telegram", "kk"), ("telegram", "ru"), ("whatsapp", "kk"), ("whatsapp", "ru")]
)


async def subscribed(stage: Stage, messenger: str, language: str, precinct: str = "302") -> Person:
    person = await resident(stage, messenger, language, precinct=precinct)
    async with stage.app.units() as unit:
        await unit.subscriptions.subscribe(await resident_id(person))
    return person


async def officer(stage: Stage, messenger: str, language: str, role: Role = Role.STAFF) -> Person:
    """A new one of the department, with an account."""
    person = await resident(stage, messenger, language, precinct="205")
    account = await resident_id(person)
    async with stage.app.units() as unit:
        name = Bilingual("Жаңа Қызметкер", "Новый Сотрудник")
        added = await unit.officers.add(NewOfficer(f"N-{person.id}", name, role))
        (await unit._session.get_one(Officer, added.id)).resident_id = account
    await person.says("/menu")
    return person


async def publish(author: Person, *, in_groups: bool = False, **more: Any) -> WarningView:
    """To precinct 302. A group takes only so many messages a minute: most of these go without it."""
    stage = author.stage
    async with stage.app.units() as unit:
        place = await unit.territory.by_code("302")
        assert place is not None
        writer = await unit.officers.by_badge(f"N-{author.id}")
        audience = Audience((place.id,), only="" if in_groups else "people")
        warning = await unit.warnings.publish(writer, WarningDraft(TEXT, audience, **more))
    await stage.settle()
    await stage.ticks()
    await author.catch_up()
    return warning


async def sleeps(person: Person, *, asleep: bool = True) -> None:
    """His own quiet hours, right now: what is not urgent waits for him."""
    async with person.stage.app.units() as unit:
        known = await unit.residents.known(Messenger(person.messenger), person.address)
        assert known is not None
        local = unit.clock.now().astimezone(unit.zone)
        minute = local.hour * 60 + local.minute
        await unit.residents.choose_quiet(known, ((minute - 60) % 1440, (minute + 60) % 1440) if asleep else None)


async def shows(author: Person, warning: WarningView) -> None:
    """Opens the card as the list of warnings does."""
    await author.forges(f"warn:show:{warning.id}:") if author.messenger == "telegram" else await author.says("/menu")
    if author.messenger == "whatsapp":
        await author.picks("My warnings")
        await author.picks(warning.code)


async def picture(author: Person) -> int:
    """A file on our shelf, from the dialog that writes warnings."""
    await author.says("/warning")
    await author.picks(load("schemes")["scheme"][0][f"title_{author.language}"])
    await author.sends("photo")
    await author.picks("Cancel")
    newest = max(await rows(author.stage, Media), key=lambda media: media.created_at)
    return int(newest.id)


async def closes_window(person: Person) -> None:
    """A day without a word of his: WhatsApp takes only templates for him."""
    stage = person.stage
    await stage.call(f"/sim/people/{person.id}/window", {"hours_ago": 25})
    mine = update(Endpoint).where(Endpoint.resident_id == await resident_id(person))
    async with stage.app.database.writing() as session:
        await session.execute(mine.values(window_until=stage.clock.now() - timedelta(hours=1)))


def messages(person: Person) -> list[dict[str, Any]]:
    return person.fresh


def about(person: Person, code: str) -> list[str]:
    return [text for text in person.said if code in text]


async def everything_of(person: Person) -> list[dict[str, Any]]:
    """The whole chat as it stands now: what was edited is seen once, as it is."""
    return await person._messages()


# -- recalled


@EVERYWHERE
async def test_a_recall_is_seen_by_whoever_has_it_and_spares_the_rest(
    stage: Stage, messenger: str, language: str
) -> None:
    author = await officer(stage, messenger, language)
    person = await subscribed(stage, messenger, language)
    late = await subscribed(stage, "telegram", "ru")
    await sleeps(late)
    warning = await publish(author, in_groups=True)
    await person.catch_up()
    assert len(about(person, warning.code)) == 1
    await author.picks("Recall")
    assert author.heard(
        "Recall the warning {code}? Whoever has it will see that it holds no longer, nobody else will get it. This"
        " cannot be undone.",
        code=warning.code,
    )
    await author.picks("Yes, recall it")
    assert author.heard("Recalled")
    await stage.settle()
    await person.catch_up()
    in_chat = [message for message in await everything_of(person) if warning.code in message["text"]]
    if messenger == "telegram":  # the same message, edited
        assert len(in_chat) == 1
        assert person.word(RECALLED) in in_chat[0]["text"]
        assert TEXT.of(Language(language)) not in in_chat[0]["text"]
    else:
        assert len(in_chat) == 2
        assert person.word(RECALLED) in in_chat[1]["text"]
    said = await stage.said_in(GROUP)
    last = next(message for message in reversed(said) if warning.code in message["text"])
    assert last["text"].count("❌") == 2  # in both languages
    assert await late.hears_nothing()
    await sleeps(late, asleep=False)
    states = {notice.state for notice in await rows(stage, Notice, Notice.warning_id == warning.id, _is_due())}
    assert states == set()
    await stage.ticks()
    await shows(author, warning)
    assert author.heard("Told of the recall")
    assert not any(author.word("Correct") == button for button in buttons(author.last))


def _is_due() -> Any:
    return (Notice.state == "due") & (Notice.kind == "warning")


def buttons(message: dict[str, Any]) -> list[str]:
    return [button["text"] for row in message.get("buttons") or [] for button in row]


@pytest.mark.parametrize("language", ["kk", "ru"])
async def test_outside_their_window_people_learn_of_a_recall_by_template(stage: Stage, language: str) -> None:
    author = await officer(stage, "telegram", language)
    person = await subscribed(stage, "whatsapp", language)
    warning = await publish(author)
    await closes_window(person)
    await person.catch_up()
    await author.picks("Recall")
    await author.picks("Yes, recall it")
    await stage.settle()
    await person.catch_up()
    (message,) = messages(person)
    assert message["template"]
    assert warning.code in message["text"]
    assert person.word(RECALLED) in message["text"]


@pytest.mark.parametrize("language", ["kk", "ru"])
async def test_outside_his_window_an_officer_hears_of_an_alarm_by_template(stage: Stage, language: str) -> None:
    author = await officer(stage, "whatsapp", language)
    head = await officer(stage, "telegram", language, Role.HEAD)
    await subscribed(stage, "telegram", language)
    warning = await publish(author)
    await closes_window(author)
    await author.catch_up()
    await head.forges(f"warn:recall:{warning.id}:")
    await head.picks("Yes, recall it")
    await stage.settle()
    await author.catch_up()
    (message,) = (one for one in messages(author) if "template" in one)
    name = "Жаңа Қызметкер" if language == "kk" else "Новый Сотрудник"
    words = author.word("Warning {what} is recalled. By whom: {officer}. Whoever has it is being told.")
    assert words.format(what=warning.code, officer=name) in message["text"]


# -- corrected


async def corrects(author: Person, words: Bilingual) -> None:
    await author.picks("Correct")
    await author.says(words.kk)
    await author.says(words.ru)


async def approved(stage: Stage, warning: WarningView) -> WarningView:
    """Its correction is let go by the head of the demo department: the second officer's steps are played elsewhere."""
    (row,) = await rows(stage, Warning, Warning.id == warning.id)
    async with stage.app.units() as unit:
        return await unit.warnings.approve_correction(await unit.officers.by_badge("A-1027"), row.proposal_id)


@EVERYWHERE
async def test_a_warning_is_corrected_twice(stage: Stage, messenger: str, language: str) -> None:
    author = await officer(stage, messenger, language)
    person = await subscribed(stage, messenger, language)
    warning = await publish(author)
    await author.picks("Correct")
    assert author.heard("Write the corrected text in Kazakh. Now it says:\n\n{text}", text=TEXT.kk)
    await author.says("…")
    assert author.heard("There are no words in this message. Write the text of the warning.")
    await author.says(NEW.kk)
    assert author.heard("Write the corrected text in Russian. Now it says:\n\n{text}", text=TEXT.ru)
    await author.says(NEW.kk)
    assert author.heard(
        "Both texts are the same. Residents read each in their own language: write it in the other one."
    )
    await author.says(NEW.ru)
    for words in (TEXT.kk, TEXT.ru, NEW.kk, NEW.ru):
        assert author.heard(words)
    await author.picks("Hand in for approval")
    await approved(stage, warning)
    await stage.settle()
    await shows(author, warning)
    assert author.heard("Told of the correction")
    await person.catch_up()
    (said,) = about(person, warning.code)[-1:]
    assert person.word(CORRECTED) in said
    assert NEW.of(Language(language)) in said
    await shows(author, warning)
    await corrects(author, NEWER)
    await author.picks("Hand in for approval")
    await approved(stage, warning)
    await stage.settle()
    await person.catch_up()
    in_chat = [message["text"] for message in await everything_of(person) if warning.code in message["text"]]
    assert len(in_chat) == (1 if messenger == "telegram" else 3)
    assert NEWER.of(Language(language)) in in_chat[-1]
    await shows(author, warning)
    await author.picks("Correct")
    await author.picks("Leave this text as it is")
    await author.picks("Leave this text as it is")
    assert author.heard("Both texts are as they were: there is nothing to correct.")


async def test_the_words_under_a_picture_are_corrected_and_the_picture_stays(stage: Stage) -> None:
    author = await officer(stage, "telegram", "ru")
    person = await subscribed(stage, "telegram", "kk")
    warning = await publish(author, media_id=await picture(author))
    await person.catch_up()
    assert "media" in person.last
    await corrects(author, NEW)
    await author.picks("Hand in for approval")
    await approved(stage, warning)
    await stage.settle()
    (message,) = [one for one in await everything_of(person) if warning.code in one["text"]]
    assert NEW.kk in message["text"]
    assert "media" in message


@EVERYWHERE
async def test_who_reads_the_other_language_is_not_disturbed_by_a_correction(
    stage: Stage, messenger: str, language: str
) -> None:
    other = "ru" if language == "kk" else "kk"
    author = await officer(stage, messenger, language)
    concerned, spared = await subscribed(stage, messenger, language), await subscribed(stage, messenger, other)
    warning = await publish(author)
    await spared.catch_up()
    copy = next(text for text in spared.said if warning.code in text)
    await corrects(author, Bilingual(NEW.kk, TEXT.ru) if language == "kk" else Bilingual(TEXT.kk, NEW.ru))
    name = "Kazakh" if language == "kk" else "Russian"
    its_other = "Russian" if language == "kk" else "Kazakh"
    words = (
        f"Only the {name} text changes: those who read {name} and the groups get it, marked as corrected. Those who"
        f" read {its_other} are not disturbed."
    )
    assert author.heard(words)
    await author.picks("Hand in for approval")
    await approved(stage, warning)
    await stage.settle()
    assert await spared.hears_nothing()
    await concerned.catch_up()
    (said,) = about(concerned, warning.code)[-1:]
    assert concerned.word(CORRECTED) in said
    assert NEW.of(Language(language)) in said
    await shows(author, warning)
    assert author.heard("Told of the correction")
    await spared.says("/proof")
    await spared.says(copy)
    assert spared.heard(
        "✅ This warning was published by the police department. Date: {day}. The text is the same as the original."
        " Remember: the police do not ask for money or codes."
    )


# -- steering


async def test_what_is_old_foreign_or_forged_does_nothing(stage: Stage) -> None:
    author = await officer(stage, "telegram", "ru")
    other = await officer(stage, "telegram", "ru", Role.INSPECTOR)
    stranger = await resident(stage, "telegram", "ru")
    await stranger.says("/menu")
    warning = await publish(author)
    for do in (
        "show",
        "pause",
        "stop_yes",
        "recall",
        "recall_yes",
        "correct",
        "again",
        "again_yes",
        "doubt",
        "doubt_yes",
        "districts",
        "why",
    ):
        await other.forges(f"warn:{do}:{warning.id}:")
        await stranger.forges(f"warn:{do}:{warning.id}:")
    await author.forges(f"warn:correct_yes:{warning.id}:")
    assert author.heard(STALE)
    await author.forges(f"warn:correct_keep:{warning.id}:kk")
    assert author.heard(STALE)
    await author.forges("warn:show:123:")
    (row,) = await rows(stage, Warning, Warning.id == warning.id)
    assert (row.state, row.change) == ("done", 0)
    await author.forges(f"warn:recall_yes:{warning.id}:")
    await author.forges(f"warn:recall_yes:{warning.id}:")
    (row,) = await rows(stage, Warning, Warning.id == warning.id)
    assert row.change == 1


async def test_a_correction_begun_before_another_was_made_is_refused(stage: Stage) -> None:
    author = await officer(stage, "telegram", "ru")
    warning = await publish(author)
    await corrects(author, NEW)
    async with stage.app.units() as unit:
        await unit.warnings.correct(await unit.officers.by_badge(f"N-{author.id}"), warning.id, NEWER)
    await approved(stage, warning)
    await stage.settle()
    await author.picks("Hand in for approval")
    assert author.heard("This was changed after you looked at it. Look at it again.")
    (row,) = await rows(stage, Warning, Warning.id == warning.id)
    assert (row.change, row.correction_ru) == (1, NEWER.ru)


@pytest.mark.parametrize("language", ["kk", "ru"])
async def test_whoever_had_blocked_the_bot_gets_it_again(stage: Stage, language: str) -> None:
    author = await officer(stage, "telegram", language)
    person = await subscribed(stage, "telegram", language)
    await person.blocks()
    warning = await publish(author)
    assert author.heard("They blocked the bot")
    await author.picks("Send again to those not reached")
    assert author.heard("Of those not reached nobody can be reached now either.")
    await person.blocks(blocked=False)
    await person.starts()
    await shows(author, warning)
    await author.picks("Send again to those not reached")
    await author.picks("Yes, send it again")
    await stage.settle()
    await person.catch_up()
    assert len(about(person, warning.code)) == 1


@EVERYWHERE
async def test_where_nobody_knows_it_is_sent_again_on_the_officers_word(
    stage: Stage, messenger: str, language: str
) -> None:
    author = await officer(stage, messenger, language)
    person, sure = await subscribed(stage, messenger, language), await subscribed(stage, messenger, language)
    warning = await publish(author)
    of_it = (Notice.warning_id == warning.id, Notice.resident_id == await resident_id(person))
    async with stage.app.database.writing() as session:  # the messenger's answer was lost
        await session.execute(update(Notice).where(*of_it).values(state=NoticeState.UNKNOWN, error="unknown"))
    await shows(author, warning)
    assert author.heard("Not known whether it arrived")
    await author.picks("Send again where it is not known")
    one, many = (
        "Not known whether it arrived: {n} recipient. The messenger gave no answer about it. Send the warning there"
        " again? If it did arrive, it comes twice.",
        "Not known whether it arrived: {n} recipients. The messenger gave no answer about them. Send the warning to"
        " them again? Some of them may have it already and will get it twice.",
    )
    assert any(author.plural(one, many, 1) in text for text in author.said)
    await author.picks("No")
    await author.picks("Send again where it is not known")
    await author.picks("Yes, send it again")
    await stage.settle()
    await person.catch_up()
    in_chat = [message for message in await everything_of(person) if warning.code in message["text"]]
    assert len(in_chat) == (2 if messenger == "telegram" else 1)  # Twilio is asked first, and has it
    assert len([message for message in await everything_of(sure) if warning.code in message["text"]]) == 1
    await shows(author, warning)
    assert author.did_not_hear("Not known whether it arrived")
    await author.picks("Who and when")
    assert author.heard("Sent again")


@EVERYWHERE
async def test_the_districts_are_a_page_of_the_card(stage: Stage, messenger: str, language: str) -> None:
    author = await officer(stage, messenger, language)
    await publish(author)
    await author.picks("By district")
    assert author.heard("By district:")
    await author.picks("Back to the warning")
    assert author.heard("Sending is over")


# -- why


@EVERYWHERE
async def test_why_somebody_got_it_or_not(stage: Stage, messenger: str, language: str) -> None:
    author = await officer(stage, messenger, language)
    reader = await subscribed(stage, "whatsapp", "ru")
    blocked = await subscribed(stage, "telegram", "kk")
    await blocked.blocks()
    foreign = await subscribed(stage, "telegram", "ru", precinct="205")
    silent = await resident(stage, "telegram", "ru", precinct="302")
    warning = await publish(author)
    fates = [
        (reader, "Sent ({messenger})"),
        (blocked, "Not sent. {reason}"),
        (foreign, "Not among those the warning was meant for: another precinct, house, language or messenger"),
        (silent, "Not subscribed to these warnings"),
    ]
    await author.picks("Why did somebody get it or not?")
    assert author.heard(WHOM)
    for person, words in fates:
        await author.says(person.address)
        assert author.heard(words)
        assert author.heard("Warning {code}: what became of it for this person", code=warning.code)
        await author.picks("Ask about somebody else")
    await author.says("абв")
    assert author.heard("This is no number, contact or message of a person.")
    await author.says("+77019999999")
    assert author.heard("Nobody with this number or account has written to the bot: there was nowhere to send it.")
    forms = [talk.form for talk in await rows(stage, Talk) if talk.form]
    assert not any("7019999999" in str(form) for form in forms)


async def test_by_a_message_passed_on_or_a_contact(stage: Stage) -> None:
    author = await officer(stage, "telegram", "ru")
    person = await subscribed(stage, "telegram", "kk")
    await publish(author)
    await author.picks("Why did somebody get it or not?")
    await author.says("Кеше ештеңе келген жоқ", forward_from=person.id)
    assert author.heard("Sent ({messenger})", messenger="Telegram")
    await author.picks("Ask about somebody else")
    await author.says("Кто это?", forward_from={"hidden_name": "Аноним"})
    assert author.heard("The messenger does not tell whose message this is. Write the number or send the contact.")
    await author.sends("contact", phone_number="+77010000123", user_id=person.address)
    assert author.heard("Sent ({messenger})", messenger="Telegram")
