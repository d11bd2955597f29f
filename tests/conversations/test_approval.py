"""One officer writes, another decides: on both messengers, in both languages, to the end."""

import base64
from datetime import timedelta

import pytest

from bot.data import load
from bot.i18n import Bilingual
from bot.services.officers import NewOfficer
from bot.speech.calls import Review, Warn
from bot.store.notices import Notice
from bot.store.officers import Officer
from bot.store.warnings import Warning
from bot.terms import Role
from tests.conversations.journeys import known, resident, rows
from tests.stage import PNG, Person, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCHEME = load("schemes")["scheme"][0]
HANDED_IN = (
    "The warning is handed in. It goes when a second officer has approved it; if it comes back, you will read why."
)
WAITS = "The warning “{title}” waits for a second officer. Written by: {officer}."
NOT_SHOWN = (
    "This kind of file does not open for everybody on both messengers. Send a photo, an MP4 video or a PDF, Word,"
    " Excel or PowerPoint document."
)
TWICE = "If Telegram does not tell whether a message arrived, it is sent again: somebody may get it twice."
MISSED = "If Telegram does not tell whether a message arrived, it is not sent again: somebody may miss it."
ON_BOTH = pytest.mark.parametrize(("messenger", "language"), [("telegram", "kk"), ("whatsapp", "ru")])


async def officer(stage: Stage, messenger: str, language: str, role: Role = Role.STAFF) -> Person:
    """A new one of the department, with an account."""
    person = await resident(stage, messenger, language, precinct="205")
    async with stage.app.units() as unit:
        account = await known(unit, person)
        added = await unit.officers.add(
            NewOfficer(f"N-{person.id}", Bilingual("Жаңа Қызметкер", "Новый Сотрудник"), role)
        )
        (await unit._session.get_one(Officer, added.id)).resident_id = account.id
    await person.says("/menu")
    return person


async def writes(author: Person) -> None:
    """Up to the check, for one precinct."""
    await author.says("/warning")
    await author.picks(SCHEME[f"title_{author.language}"])
    await author.sends("photo")
    await author.picks("Whom")
    await author.picks("Precincts")
    async with author.stage.app.units() as unit:
        place = await unit.territory.by_code("204")
    assert place is not None
    await author.says("не-участок")
    assert author.heard("Nothing in this list is called “{letters}”.", letters="не-участок")
    await author.says("204")  # of all one alone
    assert author.heard("Audience: {audience}", audience=place.name.kk if author.language == "kk" else place.name.ru)
    await author.picks("Done")
    assert author.heard("A second officer looks at it before it goes.")


async def newest(stage: Stage) -> Warning:
    warning = (await rows(stage, Warning))[-1]
    assert isinstance(warning, Warning)
    return warning


async def told(stage: Stage, warning: Warning) -> int:
    return len(await rows(stage, Notice, Notice.warning_id == warning.id, Notice.kind == "warning"))


@ON_BOTH
async def test_written_by_one_approved_by_another_and_then_it_goes(stage: Stage, messenger: str, language: str) -> None:
    author, second = await officer(stage, messenger, language), await officer(stage, messenger, language, Role.HEAD)
    subscriber = await resident(stage, "telegram", "ru", precinct="204")
    async with stage.app.units() as unit:
        await unit.subscriptions.subscribe((await known(unit, subscriber)).id)
    await writes(author)
    await author.picks("Hand in for approval")
    assert author.heard(HANDED_IN)
    warning = await newest(stage)
    assert warning.state == "awaiting"
    await second.catch_up()
    assert second.heard(WAITS)
    assert second.heard(SCHEME[f"title_{language}"].replace("«", "„").replace("»", "“"))  # inside quotation marks
    await second.picks("Look and decide")
    assert second.heard(SCHEME["title_kk"])
    assert second.heard(SCHEME["title_ru"])
    assert second.heard("Written by: {officer}.")
    assert second.heard("It will reach:")
    assert len([message for message in second.fresh if "media" in message]) == 2
    assert await told(stage, warning) == 0
    await second.picks("Approve")
    assert second.heard("Approved. The warning {code} is being sent.", code=warning.code)
    assert await told(stage, warning) > 0
    await subscriber.catch_up()
    (got,) = [message for message in subscriber.fresh if warning.code in message["text"]]
    assert SCHEME["title_ru"] in got["text"]
    await author.catch_up()
    assert any(warning.code in text for text in author.said)  # his progress


@ON_BOTH
async def test_sent_back_with_a_reason_it_is_opened_with_everything_kept(
    stage: Stage, messenger: str, language: str
) -> None:
    author, second = await officer(stage, messenger, language), await officer(stage, messenger, language, Role.HEAD)
    await writes(author)
    await author.picks("Hand in for approval")
    warning = await newest(stage)
    await second.catch_up()
    await second.picks("Look and decide")
    await second.picks("Send back")
    assert second.heard("What should be changed? Write it in a few words: the author reads them.")
    await second.says("Добавьте номер телефона банка")
    assert second.heard("It went back to its author with your words. It does not go.")
    await author.catch_up()
    assert author.heard(
        "The warning “{title}” came back to you and does not go. Decision: {officer}. Reason:\n{reason}",
        reason="Добавьте номер телефона банка",
    )
    await author.picks("Open it again")
    assert author.heard(SCHEME["title_kk"])
    assert len([message for message in author.fresh if "media" in message]) == 2
    await author.picks("Hand in for approval")
    assert (await newest(stage)).id == warning.id
    assert await told(stage, warning) == 0
    await author.picks("Take it back")
    assert author.heard("The warning “{title}” is taken back: it does not go.")
    await second.forges(Review(do="approve", id=warning.id, seen="x").pack()) if messenger == "telegram" else None
    assert (await newest(stage)).state == "draft"


@ON_BOTH
async def test_whether_a_message_in_doubt_is_said_again_is_chosen_and_shown_to_who_approves(
    stage: Stage, messenger: str, language: str
) -> None:
    author, second = await officer(stage, messenger, language), await officer(stage, messenger, language, Role.HEAD)
    await writes(author)
    assert author.heard(TWICE)
    await author.picks("Telegram: without an answer do not repeat")
    assert author.heard(MISSED)
    await author.picks("Telegram: without an answer repeat")
    assert author.heard(TWICE)
    await author.picks("Telegram: without an answer do not repeat")
    await author.picks("Hand in for approval")
    await second.catch_up()
    await second.picks("Look and decide")
    assert second.heard(MISSED)
    await second.picks("Send back")
    await second.says("Добавьте номер телефона банка")
    await author.catch_up()
    await author.picks("Open it again")
    assert author.heard(MISSED)
    await author.picks("Hand in for approval")
    await second.catch_up()
    await second.picks("Look and decide")
    await second.picks("Approve")
    assert second.heard("Approved. The warning {code} is being sent.", code=(await newest(stage)).code)
    assert not (await newest(stage)).repeats_doubt


async def test_two_officers_press_at_once_and_it_goes_once(stage: Stage) -> None:
    author = await officer(stage, "telegram", "kk")
    first, second = await officer(stage, "telegram", "kk", Role.HEAD), await officer(stage, "telegram", "ru", Role.HEAD)
    await writes(author)
    await author.picks("Hand in for approval")
    warning = await newest(stage)
    for one in (first, second):
        await one.catch_up()
        await one.picks("Look and decide")
    await first.picks("Approve")
    await second.picks("Approve")
    assert second.heard("This is approved already. By whom: {officer}.", officer="Новый Сотрудник")
    assert len(await rows(stage, Notice, Notice.warning_id == warning.id, Notice.kind == "warning_progress")) == 1


async def test_a_resident_decides_nothing_by_forged_buttons(stage: Stage) -> None:
    author, person = await officer(stage, "telegram", "kk"), await resident(stage, "telegram", "ru", precinct="204")
    await writes(author)
    await author.picks("Hand in for approval")
    warning = await newest(stage)
    await person.says("/menu")
    for data in (
        Review(do="show", id=warning.id), Review(do="approve", id=warning.id, seen="x"), Review(do="list"),
        Warn(do="reopen", id=warning.id), Warn(do="withdraw", id=warning.id),
    ):  # fmt: skip
        await person.forges(data.pack())
    assert person.did_not_hear(SCHEME["title_ru"])
    assert (await newest(stage)).state == "awaiting"


async def test_not_approved_in_time_it_comes_back(stage: Stage) -> None:
    author = await officer(stage, "telegram", "ru")
    await writes(author)
    await author.picks("Hand in for approval")
    warning = await newest(stage)
    async with stage.app.database.writing() as session:
        row = await session.get_one(Warning, warning.id)
        row.expires_at = stage.clock.now() - timedelta(seconds=1)
    await stage.ticks()
    await author.catch_up()
    assert author.heard("Nobody approved the warning “{title}” in time: it did not go. All you have written is kept.")


@ON_BOTH
async def test_how_it_looks_and_on_the_own_phone(stage: Stage, messenger: str, language: str) -> None:
    author = await officer(stage, messenger, language)
    await writes(author)
    await author.picks("How it looks")
    assert author.heard("In group chats, both languages in one message:")
    assert author.heard(
        "On WhatsApp, to who has not written to us for a day (approved template, without a file):\n\n{text}"
    )
    await author.picks("To my phone")
    marked = [message for message in author.fresh if message["text"].startswith("🔎")]
    assert len(marked) == 2
    assert all("media" in message for message in marked)


@ON_BOTH
async def test_a_video_goes_to_both_messengers(stage: Stage, messenger: str, language: str) -> None:
    author = await officer(stage, messenger, language)
    await author.says("/warning")
    await author.picks(SCHEME[f"title_{language}"])
    await author.sends("voice")
    assert author.heard(NOT_SHOWN)
    await author.sends("document", content=base64.b64encode(PNG).decode(), mime="application/zip", name="a.zip")
    assert author.heard(NOT_SHOWN)
    await author.picks("Skip")
    assert author.heard("A second officer looks at it before it goes.")
