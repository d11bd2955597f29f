"""A group: a neighbour's words only with the neighbour's consent, who has called 102, what became of it. Nothing is kept."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.speech import both
from bot.speech.calls import Quoted, Tell
from bot.store import Base
from bot.store.chats import Quote
from bot.store.incidents import Incident
from bot.store.tips import SenderCount
from tests.conversations import in_both_languages
from tests.conversations.journeys import category, closes, number_in, resident, rows, sends_tip, state_of, tile, tip_of
from tests.conversations.test_group import binds, chat_at, greeted, last_in
from tests.stage import Person, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

ASKED = (
    "A neighbour in the group “{chat}” asks to tell the police what you wrote:\n{text}\nNothing leaves the group without"
    " your consent. If you agree, it becomes your own tip: you choose whether your name is shown. Without an answer the"
    " words are deleted in a day."
)
WORDS = "Возле третьего подъезда всю ночь шумят"
FORBIDDEN = "There is no such record, or it is not yours."
CONSENT_KK = "келісімімен"
UNTOUCHED = {"inbox", "notices", "talks", "endpoints"}  # emptied, or about the bot's own words


async def counts(stage: Stage) -> dict[str, int]:
    async with stage.app.database.reading() as session:
        return {
            name: await session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Base.metadata.tables.items()
            if name not in UNTOUCHED
        }


async def bound_group(stage: Stage, *members: Person) -> tuple[int, Person]:
    inspector = await stage.existing("t2007", "kk")
    group = await greeted(stage, inspector, *members, admins=[inspector.id])
    await binds(inspector, group)
    return group, inspector


async def quotes(stage: Stage, asker: Person, author: Person, group: int, words: str = WORDS, said: str = "") -> None:
    """The author says something to the neighbours; the asker answers it with the bot's name."""
    await author.in_group(group, "say", {"text": words})
    await asker.in_group(group, "say", {"text": said or f"@{name_of(stage)} передай", "reply_to": author.last_id})


def name_of(stage: Stage) -> str:
    return str(stage.stand.world.settings.bot_username)


async def presses(person: Person, group: int, message: dict[str, Any]) -> None:
    button = message["buttons"][0][0]["data"]
    await person.in_group(group, "press", {"button": button, "message_id": message["message_id"]})


@in_both_languages
async def test_with_consent_the_words_begin_the_authors_own_tip(stage: Stage, language: str) -> None:
    author, asker = await resident(stage, language=language), await resident(stage)
    group, _inspector = await bound_group(stage, author, asker)
    await quotes(stage, asker, author, group)
    answer = (await stage.said_in(group))[-1]
    assert CONSENT_KK in answer["text"]
    assert answer["buttons"][0][0]["kind"] == "url"
    assert await author.hears(ASKED, chat="Соседи", text=WORDS)
    before = len(await stage.said_in(group))
    await author.picks("Yes, begin a tip")
    assert await rows(stage, Quote) == []
    assert len(await stage.said_in(group)) == before
    assert await asker.hears_nothing()  # nobody learns who agreed
    assert (await state_of(author) or "").startswith("TipForm")


async def test_what_was_agreed_to_is_sent_with_the_authors_choice_of_name(stage: Stage) -> None:
    author, asker = await resident(stage), await resident(stage)
    group, _inspector = await bound_group(stage, author, asker)
    await quotes(stage, asker, author, group)
    await author.catch_up()
    await author.picks("Yes, begin a tip")
    await author.forges("rep:tile:yard")
    await author.forges("rep:category:noise_night")
    await author.picks("In our yard")
    await author.picks("Send without my name")
    await author.picks("Send")
    tip = await tip_of(stage, number_in(author))
    assert (tip.identity, tip.resident_id) == ("hidden", None)
    assert tip.chat_id is not None
    async with stage.app.units.reading() as unit:
        view = await unit.tips.for_notice(tip.id)
    assert view is not None
    assert view.story == WORDS


@in_both_languages
async def test_a_refusal_forgets_them_and_nobody_hears_of_it(stage: Stage, language: str) -> None:
    author, asker = await resident(stage, language=language), await resident(stage)
    group, _inspector = await bound_group(stage, author, asker)
    await quotes(stage, asker, author, group)
    await author.catch_up()
    said = len(await stage.said_in(group))
    await author.picks("No, do not pass it on")
    assert author.heard("Your words stay in the group and are forgotten here. Nobody is told that you were asked.")
    assert await rows(stage, Quote) == []
    assert len(await stage.said_in(group)) == said
    assert await asker.hears_nothing()


async def test_the_answer_does_not_tell_who_talks_with_the_bot(stage: Stage) -> None:
    known, stranger, asker = await resident(stage), await stage.person("telegram", "Сосед"), await resident(stage)
    group, _inspector = await bound_group(stage, known, stranger, asker)
    answers = []
    for author in (known, stranger):
        await quotes(stage, asker, author, group)
        answers.append((await stage.said_in(group))[-1])
    assert answers[0]["text"] == answers[1]["text"]
    assert [[b["text"] for b in row] for row in answers[0]["buttons"]] == [
        [b["text"] for b in row] for row in answers[1]["buttons"]
    ]
    assert len(await rows(stage, Quote)) == 1
    async with stage.app.units() as unit:  # and away with it
        quote = (await rows(stage, Quote))[0]
        await unit.quotes.refuse(await unit.residents.known("telegram", known.address), quote.id)  # type: ignore[arg-type]


async def test_nothing_else_of_the_group_is_kept(stage: Stage) -> None:
    """Rows before and after, with an administrator bot that hears everything."""
    stranger, asker = await stage.person("telegram", "Сосед"), await resident(stage)
    group, _inspector = await bound_group(stage, stranger, asker)
    await stage.call(f"/sim/groups/{group}/promote_bot", {"by": _inspector.id})
    await stage.settle()
    before = await counts(stage)
    await quotes(stage, asker, stranger, group)  # he has no talk with the bot
    await asker.in_group(group, "say", {"text": "/tip", "reply_to": stranger.last_id})
    await asker.in_group(group, "say", {"text": f"@{name_of(stage)} у нас шумно"})
    await stranger.in_group(group, "say", {"text": "Кто-то украл велосипед"})
    await asker.in_group(group, "say", {"text": "а что случилось?", "reply_to": stranger.last_id})
    assert await counts(stage) == before
    assert WORDS not in " ".join(message["text"] for message in await stage.said_in(group))


async def test_own_words_and_the_bots_are_nobodys_to_pass_on(stage: Stage) -> None:
    asker = await resident(stage)
    group, _inspector = await bound_group(stage, asker)
    await quotes(stage, asker, asker, group)
    bots = (await stage.said_in(group))[-1]
    await asker.in_group(group, "say", {"text": f"@{name_of(stage)} передай", "reply_to": bots["message_id"]})
    assert CONSENT_KK not in await last_in(stage, group)
    assert await rows(stage, Quote) == []


async def test_forged_presses_of_somebody_elses_quote(stage: Stage) -> None:
    author, asker = await resident(stage), await resident(stage)
    group, _inspector = await bound_group(stage, author, asker)
    await quotes(stage, asker, author, group)
    (quote,) = await rows(stage, Quote)
    await asker.says("/menu")
    for do in ("yes", "no"):
        await asker.forges(Quoted(do=do, id=quote.id).pack())
        assert asker.heard(FORBIDDEN)
    assert len(await rows(stage, Quote)) == 1
    await author.forges(Quoted(do="no", id=quote.id).pack())
    await author.forges(Quoted(do="yes", id=quote.id).pack())
    assert author.heard(FORBIDDEN)


async def test_quoted_danger_shows_the_numbers_too(stage: Stage) -> None:
    author, asker = await resident(stage), await resident(stage)
    group, _inspector = await bound_group(stage, author, asker)
    await quotes(stage, asker, author, group, "помогите, на меня напал человек с ножом")
    assert (await last_in(stage, group)).startswith("🆘")
    (quote,) = await rows(stage, Quote)
    await author.forges(Quoted(do="no", id=quote.id).pack())


# -- 102 is called already


async def test_each_neighbour_is_counted_once_by_editing(stage: Stage) -> None:
    one, other, stranger = await resident(stage), await resident(stage), await stage.person("telegram", "Сосед")
    group, _inspector = await bound_group(stage, one, other, stranger)
    await one.in_group(group, "say", {"text": "/tip помогите, на меня напал человек с ножом"})
    said = await stage.said_in(group)
    assert said[-1]["buttons"][0][0]["text"] == both("102 is called already").replace("\n\n", " / ")
    for person, count in ((one, 1), (stranger, 2), (other, 3)):
        await presses(person, group, said[-1])
        shown = (await stage.said_in(group))[-1]
        assert shown["message_id"] == said[-1]["message_id"]
        assert f": {count}." in shown["text"]
        await presses(person, group, shown)
        assert person.toasts
        assert f": {count}." in (await stage.said_in(group))[-1]["text"]
    assert len(await stage.said_in(group)) == len(said)
    kept = await rows(stage, SenderCount, SenderCount.what.startswith("c-"))
    assert len(kept) == 3


async def test_the_open_danger_of_the_precinct_hears_how_many_called(stage: Stage) -> None:
    one, other, witness = await resident(stage), await resident(stage), await resident(stage, precinct="203")
    group, _inspector = await bound_group(stage, one, other)
    await witness.says("Помогите, человек с ножом напал на меня")
    await witness.picks("Skip")
    before = {incident.id for incident in await rows(stage, Incident)}
    await one.in_group(group, "say", {"text": "/tip помогите, на меня напал человек с ножом"})
    message = (await stage.said_in(group))[-1]
    for person in (one, other):
        await presses(person, group, message)
    found = [incident for incident in await rows(stage, Incident) if incident.id not in before]
    assert [incident.calls for incident in found] == [2]


async def test_after_two_hours_nobody_is_counted(stage: Stage) -> None:
    one = await resident(stage)
    group, _inspector = await bound_group(stage, one)
    await one.in_group(group, "say", {"text": "/tip помогите, на меня напал человек с ножом"})
    message = (await stage.said_in(group))[-1]
    async with later(stage, hours=2, minutes=1):
        await presses(one, group, message)
        assert one.toasts
        assert (await stage.said_in(group))[-1]["text"] == message["text"]


@asynccontextmanager
async def later(stage: Stage, **time: float) -> AsyncIterator[None]:
    stage.clock.shift += timedelta(**time)
    try:
        yield
    finally:
        stage.clock.shift -= timedelta(**time)


# -- what became of it


async def test_the_holder_tells_the_group_what_became_of_it_once(stage: Stage) -> None:
    person = await resident(stage)
    group, inspector = await bound_group(stage, person)
    async with stage.app.units.reading() as unit:
        ticket = unit.chats.ticket((await chat_at(stage, group)).id)
    await person.starts(f"g_{ticket}")
    await person.picks(tile("yard", "ru"))
    await person.picks(category("noise_night", "ru"))
    await person.says("Музыка после полуночи у Иванова")
    await person.picks("Done")
    await person.picks("In our yard")
    await person.picks("Send without my name")
    await person.picks("Send")
    number = number_in(person)
    await closes(inspector, number, "Провели беседу с Ивановым")
    tip = await tip_of(stage, number)
    before = len(await stage.said_in(group))
    await inspector.forges(Tell(do="look", tip=tip.id).pack())
    assert inspector.heard("This will be said in the group “{chat}”, once, without names and addresses:", chat="Соседи")
    assert len(await stage.said_in(group)) == before
    await inspector.picks("Say it")
    assert inspector.heard("On its way to the group “{chat}”.", chat="Соседи")
    said = (await stage.said_in(group))[before:]
    assert len(said) == 1
    assert "Иванов" not in said[0]["text"]
    assert str(number) not in said[0]["text"]
    assert said[0]["text"].index("Құрметті") < said[0]["text"].index("Уважаемые")
    await inspector.forges(Tell(do="yes", tip=tip.id).pack())
    assert inspector.heard(FORBIDDEN)
    assert len(await stage.said_in(group)) == before + 1


async def test_nobody_else_tells_a_group_anything(stage: Stage) -> None:
    person, other = await resident(stage), await stage.existing("t2008", "kk")
    number = await sends_tip(person)
    tip = await tip_of(stage, number)
    await other.says("/tips")
    for do in ("look", "yes"):
        await other.forges(Tell(do=do, tip=tip.id).pack())
        assert other.heard(FORBIDDEN)
        await person.forges(Tell(do=do, tip=tip.id).pack())
        assert person.did_not_hear("On its way to the group “{chat}”.")
