"""A warning played to its end: written, previewed, sent to everyone it concerns once, watched."""

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.data import load
from bot.errors import FileNotTaken
from bot.store.endpoints import Endpoint
from bot.store.notices import Notice
from bot.store.warnings import Warning
from tests.conversations.journeys import resident, resident_id, rows
from tests.stage import Person, Stage, StageClock, staged

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCHEME = load("schemes")["scheme"][0]
GROUPS = (-1001000000011, -1001000000012)  # precinct 202
ACCEPTED = "The warning is accepted and is being sent. How it goes is in the next message."
WAITS = "The warning is accepted. It goes at {at}."
NIGHT = "It is night now. The warning will go at {start}."
GENUINE = "Police warning {code}"


async def subscribed(stage: Stage, messenger: str, language: str, precinct: str = "202") -> Person:
    person = await resident(stage, messenger, language, precinct=precinct)
    async with stage.app.units() as unit:
        await unit.subscriptions.subscribe(await resident_id(person))
    return person


async def chooses_card(officer: Person) -> None:
    await officer.says("/warning")
    await officer.picks(SCHEME[f"title_{officer.language}"])
    await officer.picks("Skip")


async def newest(stage: Stage) -> Warning:
    warning = (await rows(stage, Warning))[-1]
    assert isinstance(warning, Warning)
    return warning


def of_it(person: Person, code: str) -> list[str]:
    return [text for text in person.said if code in text]


async def test_everyone_it_concerns_gets_it_once_in_their_language(stage: Stage) -> None:
    inspector = await stage.existing("t2006", "kk")
    reached = {
        (messenger, language): await subscribed(stage, messenger, language)
        for messenger in ("telegram", "whatsapp")
        for language in ("kk", "ru")
    }
    foreign = await subscribed(stage, "telegram", "ru", precinct="205")
    silent = await resident(stage, "telegram", "ru", precinct="202")
    stopped = await subscribed(stage, "whatsapp", "ru")
    await stopped.says("STOP")
    blocked = await subscribed(stage, "telegram", "ru")
    gone = await subscribed(stage, "whatsapp", "ru")
    away = await subscribed(stage, "whatsapp", "kk")
    await stage.fault({"method": "sendMessage", "chat_id": blocked.address}, {"kind": "403"})
    to = {"method": "twilio.messages", "to": f"whatsapp:{gone.address}"}
    await stage.fault(to, {"kind": "callback_error", "code": 63024}, times=1)
    await outside_the_window(stage, away)
    before = {group: len(await stage.said_in(group)) for group in GROUPS}

    await chooses_card(inspector)
    assert inspector.heard(SCHEME["title_kk"])
    assert inspector.heard(SCHEME["title_ru"])
    assert inspector.heard("It will reach:")
    assert inspector.heard(inspector.plural("{n} group chat", "{n} group chats", 2))
    await inspector.picks("Send")
    assert inspector.heard(ACCEPTED)
    warning = await newest(stage)
    for (_messenger, language), person in reached.items():
        await person.catch_up()
        (text,) = of_it(person, warning.code)
        assert SCHEME[f"title_{language}"] in text
        assert SCHEME[f"title_{'ru' if language == 'kk' else 'kk'}"] not in text
        assert person.heard(GENUINE, code=warning.code)
    for person in (foreign, silent, stopped):
        assert await person.hears_nothing()
    await away.catch_up()
    (message,) = away.fresh
    assert message["template"]
    for group in GROUPS:
        (said,) = (await stage.said_in(group))[before[group] :]
        assert said["text"].index(SCHEME["title_kk"]) < said["text"].index(SCHEME["title_ru"])
    sent = await rows(stage, Notice, Notice.warning_id == warning.id, Notice.kind == "warning")
    told = [notice.talk for notice in sent]
    assert len(told) == len(set(told))

    await stage.ticks()
    assert await inspector.hears("Sending is over")
    card = next(text for text in inspector.said if warning.code in text)
    assert f"{inspector.word('They blocked the bot')}: 1" in card
    assert f"{inspector.word('This number is not on WhatsApp')}: 1" in card
    await stage.ticks()
    for person in reached.values():
        assert await person.hears_nothing()
    await stage.client.delete(f"{stage.stand.url}/sim/faults")


async def outside_the_window(stage: Stage, person: Person) -> None:
    await stage.call(f"/sim/people/{person.id}/window", {"hours_ago": 25})
    where = Endpoint.resident_id == await resident_id(person)
    async with stage.app.database.writing() as session:
        await session.execute(update(Endpoint).where(where).values(window_until=stage.clock.now() - timedelta(hours=1)))


async def test_own_words_with_a_picture(stage: Stage) -> None:
    inspector = await stage.existing("t2004", "kk")
    person, other = await subscribed(stage, "telegram", "kk", "104"), await subscribed(stage, "whatsapp", "ru", "104")
    await inspector.says("/warning")
    await inspector.picks("In my own words")
    await inspector.says("Көршілер, <b>абай</b> болыңыздар")
    await inspector.says("Соседи, *будьте* осторожны")
    await inspector.sends("photo")
    assert inspector.heard("With a file.")
    assert len([message for message in inspector.fresh if "media" in message]) == 2  # the previews
    await inspector.picks("Send")
    await person.catch_up()
    await other.catch_up()
    assert person.heard("Көршілер, <b>абай</b> болыңыздар")
    assert other.heard("Соседи, *будьте* осторожны")
    assert "media" in person.fresh[-1]
    assert "media" in other.fresh[-1]


async def test_a_file_that_is_not_what_it_says_reaches_nobody(stage: Stage) -> None:
    """Telegram would pass it on by its id alone, and has shown it to its author already."""
    inspector = await stage.existing("t2004", "kk")
    person = await subscribed(stage, "telegram", "kk", "104")
    before = len(await rows(stage, Warning))
    await inspector.says("/warning")
    await inspector.picks("In my own words")
    await inspector.says("Көршілер, абай болыңыздар")
    await inspector.says("Соседи, будьте осторожны")
    program = base64.b64encode(b"MZ" + bytes(200)).decode()
    await inspector.sends("document", content=program, mime="application/pdf", name="a.pdf")
    await stage.settle()
    await inspector.picks("Send")
    assert inspector.heard(FileNotTaken.msgid)
    assert len(await rows(stage, Warning)) == before
    await inspector.picks("How it looks")
    assert not [message for message in inspector.fresh if "media" in message]
    await inspector.picks("Back")
    assert inspector.heard(FileNotTaken.msgid)
    await inspector.picks("Change")
    await inspector.picks("Picture or file")
    await inspector.picks("Skip")
    await inspector.picks("Send")
    await person.catch_up()
    assert "media" not in person.last


async def test_residents_cannot_warn(stage: Stage) -> None:
    person = await resident(stage)
    before = len(await rows(stage, Warning))
    await person.says("/warning")
    await person.forges("warn:new:0:")
    await person.forges("warn:send:0:")
    assert person.did_not_hear("What is the warning about? Choose a fraud scheme card or write in your own words.")
    assert len(await rows(stage, Warning)) == before


async def test_the_send_button_twice_warns_once(stage: Stage) -> None:
    inspector = await stage.existing("t2012", "kk")
    await chooses_card(inspector)
    before = len(await rows(stage, Warning))
    press = {"button": "warn:send:0:"}
    await inspector.sends_at_once(("press", press), ("press", press))
    assert len(await rows(stage, Warning)) == before + 1


async def test_at_night_it_waits_until_eight_unless_it_is_urgent(tmp_path: Path, demo_database: Path) -> None:
    clock = StageClock()
    clock.shift = datetime(2026, 11, 26, 18, 0, tzinfo=UTC) - clock.now()  # 23:00
    async with staged(tmp_path, demo_database, clock, quiet_hours="22:00-08:00") as stage:
        inspector = await stage.existing("t2006", "kk")
        person = await subscribed(stage, "telegram", "ru")
        await chooses_card(inspector)
        assert inspector.heard(NIGHT, start="08:00")
        await inspector.picks("Send")
        assert inspector.heard(WAITS)
        assert any("08:00" in text for text in inspector.said)
        waiting = await newest(stage)
        assert await person.hears_nothing()
        await chooses_card(inspector)
        await inspector.picks("Urgent, with a reason")
        assert inspector.heard("Why can it not wait? Write the reason in a few words: it is kept with the warning.")
        await inspector.says("За час обманули троих")
        assert inspector.heard("Urgent: it goes at once, at night too. Reason: {reason}", reason="За час обманули")
        await inspector.picks("Send")
        assert inspector.heard(ACCEPTED)
        urgent = await newest(stage)
        assert urgent.reason == "За час обманули троих"
        await person.catch_up()
        assert of_it(person, urgent.code)
        assert not of_it(person, waiting.code)
        clock.shift += timedelta(hours=9, minutes=1)  # 08:01
        await stage.settle()
        await person.catch_up()
        assert len(of_it(person, waiting.code)) == 1
