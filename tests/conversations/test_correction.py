"""A correction is written by one officer and approved by another; a recall waits for nobody."""

from typing import Any

import pytest

from bot.i18n import Bilingual
from bot.speech.calls import Review
from bot.store.warnings import Correction, Warning
from bot.terms import Language, Role
from tests.conversations.journeys import resident, rows
from tests.conversations.test_watching import (
    CORRECTED,
    EVERYWHERE,
    NEW,
    NEWER,
    RECALLED,
    TEXT,
    about,
    corrects,
    everything_of,
    officer,
    publish,
    shows,
    subscribed,
)
from tests.stage import Person, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

WAITS = (
    "A correction of the warning “{title}” waits for a second officer. Written by: {officer}. Until then people have"
    " the old text."
)
HANDED_IN = (
    "The correction is handed in. It goes when a second officer has approved it; until then the warning stays as it"
    " is. Is the warning itself wrong? Then recall it: that is done at once."
)
GOING = "Approved. Those whose text of the warning {code} has changed are being told."
WHOM = "Both texts change: everybody who has the warning gets the new one, marked as corrected."


async def looks(second: Person) -> None:
    await second.catch_up()
    assert second.heard(WAITS)
    await second.picks("Look and decide")


async def proposal(stage: Stage) -> Correction:
    newest = (await rows(stage, Correction))[-1]
    assert isinstance(newest, Correction)
    return newest


@EVERYWHERE
async def test_a_second_officer_compares_both_texts_and_lets_it_go(stage: Stage, messenger: str, language: str) -> None:
    author = await officer(stage, messenger, language)
    second = await officer(stage, messenger, language, Role.HEAD)
    person = await subscribed(stage, messenger, language)
    warning = await publish(author)
    await person.catch_up()
    await corrects(author, NEW)
    assert author.heard("A second officer looks at it first.")
    assert author.heard(WHOM)
    assert author.heard("Whoever still waits for the warning then gets it like this. Hand it in?")
    await author.picks("Hand in for approval")
    assert author.heard(HANDED_IN)
    assert await person.hears_nothing()
    await shows(author, warning)
    assert author.heard("A correction waits for a second officer. Until then people have the text above.")
    await looks(second)
    assert second.heard("As it is now:")
    assert second.heard("As it will be:")
    assert second.heard(WHOM)
    for words in (TEXT.kk, TEXT.ru, NEW.kk, NEW.ru):
        assert second.heard(words)
    assert second.heard("Written by: {officer}.")
    await second.picks("Approve")
    assert second.heard(GOING, code=warning.code)
    await stage.settle()
    await person.catch_up()
    last = [message["text"] for message in await everything_of(person) if warning.code in message["text"]][-1]
    assert person.word(CORRECTED) in last
    assert NEW.of(Language(language)) in last
    await author.catch_up()
    assert author.heard(
        "The correction of warning {what} is approved. By whom: {officer}. Those whose text has changed are being told.",
        what=warning.code,
    )
    await shows(author, warning)
    await author.picks("Who and when")
    assert author.heard("Correction approved by the second officer")
    assert author.heard("Новый Сотрудник" if language == "ru" else "Жаңа Қызметкер")


async def test_a_site_named_in_a_correction_cannot_be_tapped(stage: Stage) -> None:
    author = await officer(stage, "telegram", "ru")
    await publish(author)
    await corrects(author, Bilingual("Жаңа сайт: eg0v-kz.top", "Новый сайт: eg0v-kz.top"))
    assert author.heard("Новый сайт: eg0v-kz[.]top")


@EVERYWHERE
async def test_sent_back_with_a_word_it_is_written_anew(stage: Stage, messenger: str, language: str) -> None:
    author = await officer(stage, messenger, language)
    second = await officer(stage, messenger, language, Role.HEAD)
    person = await subscribed(stage, messenger, language)
    warning = await publish(author)
    await person.catch_up()
    await corrects(author, NEW)
    await author.picks("Hand in for approval")
    await looks(second)
    await second.picks("Send back")
    await second.says("Қай банк екенін жазыңыз")
    assert second.heard("It went back to its author with your words. It does not go.")
    await author.catch_up()
    assert author.heard(
        "The correction of the warning “{title}” came back to you and does not go. Decision: {officer}. Reason:\n"
        "{reason}",
        reason="Қай банк екенін жазыңыз",
    )
    assert await person.hears_nothing()
    await author.picks("Write it anew")
    await author.says(NEWER.kk)
    await author.says(NEWER.ru)
    await author.picks("Hand in for approval")
    await looks(second)
    assert second.heard(NEWER.ru)
    await second.picks("Approve")
    await stage.settle()
    await person.catch_up()
    assert NEWER.of(Language(language)) in about(person, warning.code)[-1]


async def test_two_officers_and_a_double_press(stage: Stage) -> None:
    author = await officer(stage, "telegram", "ru")
    first, second = await officer(stage, "telegram", "kk", Role.HEAD), await officer(stage, "telegram", "ru", Role.HEAD)
    warning = await publish(author)
    await corrects(author, NEW)
    await author.picks("Hand in for approval")
    waiting = await proposal(stage)
    for one in (first, second):
        await looks(one)
    stamp = next(button for button in _values(await second._messages()) if button.startswith("rev:approve:correction:"))
    await first.picks("Approve")
    await second.picks("Approve")
    assert second.heard("This is approved already. By whom: {officer}.", officer="Новый Сотрудник")
    await second.forges(stamp)
    await second.forges(Review(do="back", what="correction", id=waiting.id).pack())
    (row,) = await rows(stage, Warning, Warning.id == warning.id)
    assert (row.change, row.correction_ru, row.proposal_id) == (1, NEW.ru, None)


def _values(messages: list[dict[str, Any]]) -> list[str]:
    return [
        str(button.get("data") or "") for message in messages for row in message.get("buttons") or [] for button in row
    ]


@EVERYWHERE
async def test_a_number_is_no_corrected_text(stage: Stage, messenger: str, language: str) -> None:
    """Who is used to answer by the number of a choice would send "1" to everybody."""
    author = await officer(stage, messenger, language)
    await publish(author)
    await author.picks("Correct")
    await author.says("1")
    assert author.heard("There are no words in this message. Write the text of the warning.")
    await author.says(NEW.kk)
    assert author.heard("Write the corrected text in Russian. Now it says:\n\n{text}")


async def test_forged_looks_and_decisions_do_nothing(stage: Stage) -> None:
    author = await officer(stage, "telegram", "ru")
    inspector = await officer(stage, "telegram", "ru", Role.INSPECTOR)
    stranger = await resident(stage, "telegram", "ru")
    warning = await publish(author)
    await corrects(author, NEW)
    await author.picks("Hand in for approval")
    waiting = await proposal(stage)
    await stranger.says("/menu")
    for who in (author, inspector, stranger):
        for data in (
            Review(do="show", what="correction", id=waiting.id),
            Review(do="approve", what="correction", id=waiting.id, seen="x"),
            Review(do="approve", what="correction", id=waiting.id),
        ):
            await who.forges(data.pack())
    assert stranger.did_not_hear(NEW.ru)
    (row,) = await rows(stage, Warning, Warning.id == warning.id)
    assert (row.change, row.proposal_id) == (0, waiting.id)
    await author.forges(f"warn:correct:{warning.id}:")
    assert author.heard(
        "A correction of this warning waits for a second officer already. Take it back, or wait for the decision."
    )


@EVERYWHERE
async def test_taken_back_before_anybody_decided(stage: Stage, messenger: str, language: str) -> None:
    author = await officer(stage, messenger, language)
    second = await officer(stage, messenger, language, Role.HEAD)
    await publish(author)
    await corrects(author, NEW)
    await author.picks("Hand in for approval")
    await second.catch_up()
    await author.picks("Take the correction back")
    assert author.heard("Sending is over")
    await second.picks("Look and decide")
    assert second.heard("There is nothing to approve here any more: the author took it back, or its time is over.")


@EVERYWHERE
async def test_whoever_may_approve_recalls_at_once_and_the_author_is_told(
    stage: Stage, messenger: str, language: str
) -> None:
    author = await officer(stage, messenger, language)
    second = await officer(stage, messenger, language)  # of the staff too
    person = await subscribed(stage, messenger, language)
    warning = await publish(author)
    await person.catch_up()
    await second.says("/menu")
    await second.picks("My warnings")
    await second.picks("All warnings of the department")
    await second.picks(warning.code)
    assert second.heard("Sending is over")
    assert second.did_not_hear("Take the correction back")
    await second.picks("Recall")
    await second.picks("Yes, recall it")
    assert second.heard("Recalled")
    await stage.settle()
    await person.catch_up()
    last = [message["text"] for message in await everything_of(person) if warning.code in message["text"]][-1]
    assert person.word(RECALLED) in last
    await author.catch_up()
    assert author.heard(
        "Warning {what} is recalled. By whom: {officer}. Whoever has it is being told.", what=warning.code
    )
