"""A neighbour's words leave a group by the neighbour's own hand, or are nowhere after a day."""

from typing import Any

import pytest
from sqlalchemy import update

from bot.errors import NotFound
from bot.services.chats import ChatView
from bot.services.quotes import MOST_OPEN
from bot.services.unit import Units
from bot.store.chats import Quote
from bot.store.notices import Notice
from bot.store.residents import Resident
from bot.terms import Messenger, NoticeKind, NoticeState
from tests.clocks import FakeClock
from tests.services import cast

DAY = 86_400
WORDS = "У третьего подъезда снова дерутся"


async def group(units: Units) -> ChatView:
    async with units() as unit:
        return await unit.chats.added(Messenger.TELEGRAM, "-100777", "Соседи")


async def ask(units: Units, words: str = WORDS) -> None:
    chat = await group(units)
    async with units() as unit:
        await unit.quotes.ask(chat, await cast.resident(unit), words)


async def quotes(units: Units) -> list[Any]:
    return list(await cast.rows(units, Quote))


async def asks(units: Units) -> list[Any]:
    return list(await cast.rows(units, Notice, Notice.kind == NoticeKind.QUOTE_ASK))


async def test_the_words_are_sealed_and_their_author_is_asked_once(units: Units) -> None:
    for _ in range(2):
        await ask(units)
    (quote,) = await quotes(units)
    (notice,) = await asks(units)
    assert quote.words == WORDS
    assert WORDS.encode() not in quote.words_sealed
    assert (notice.resident_id, notice.expires_at) == (quote.resident_id, quote.expires_at)
    assert WORDS not in str(notice.facts)
    assert notice.messenger == Messenger.TELEGRAM  # no window closes there: it needs no template


async def test_nobody_is_pestered(units: Units) -> None:
    for number in range(MOST_OPEN + 3):
        await ask(units, f"{WORDS} {number}")
    assert len(await quotes(units)) == len(await asks(units)) == MOST_OPEN


async def test_consent_hands_the_words_over_and_keeps_none(units: Units) -> None:
    await ask(units)
    (quote,) = await quotes(units)
    for telegram_id in (1003, 2001):
        with pytest.raises(NotFound):
            async with units() as unit:
                await unit.quotes.take(await cast.resident(unit, telegram_id), quote.id)
    async with units() as unit:
        view = await unit.quotes.take(await cast.resident(unit), quote.id)
    assert (view.words, view.chat_id) == (WORDS, quote.chat_id)
    assert await quotes(units) == []
    for act in ("take", "refuse"):
        with pytest.raises(NotFound):
            async with units() as unit:
                await getattr(unit.quotes, act)(await cast.resident(unit), quote.id)


async def test_a_refusal_deletes_them_also_from_what_was_not_sent_yet(units: Units) -> None:
    await ask(units)
    (quote,) = await quotes(units)
    async with units() as unit:
        await unit.quotes.refuse(await cast.resident(unit), quote.id)
    assert await quotes(units) == []
    (notice,) = await asks(units)
    async with units() as unit:
        assert await unit.deliveries.claim([notice.id]) == []
    assert (await asks(units))[0].state == NoticeState.CANCELLED


async def test_the_courier_gets_the_words_only_when_it_says_them(units: Units) -> None:
    await ask(units)
    (notice,) = await asks(units)
    async with units() as unit:
        (delivery,) = await unit.deliveries.claim([notice.id])
    assert delivery.facts["words"] == WORDS
    assert WORDS not in str((await asks(units))[0].facts)


async def test_after_a_day_they_are_gone(units: Units, clock: FakeClock) -> None:
    await ask(units)
    (quote,) = await quotes(units)
    await clock.advance(DAY - 1)
    async with units() as unit:
        await unit.quotes.expire()
    assert len(await quotes(units)) == 1
    await clock.advance(1)
    with pytest.raises(NotFound):
        async with units() as unit:
            await unit.quotes.take(await cast.resident(unit), quote.id)
    async with units() as unit:
        await unit.quotes.expire()
    assert await quotes(units) == []


@pytest.mark.parametrize("column", ["consent_version", "language"])
async def test_who_has_not_met_the_bot_is_not_asked(units: Units, column: str) -> None:
    async with units() as unit:
        person = await cast.resident(unit)
    async with units.house.database.writing() as session:
        await session.execute(update(Resident).where(Resident.id == person.id).values(**{column: None}))
    await ask(units)
    chat = await group(units)
    async with units() as unit:
        await unit.quotes.ask(chat, None, WORDS)
    assert await quotes(units) == []
    assert await asks(units) == []


async def test_who_is_blocked_or_has_stopped_is_not_asked(units: Units) -> None:
    async with units() as unit:
        await unit.residents.block((await cast.resident(unit)).id)
        await unit.residents.stop(await cast.resident(unit, 1003))
    chat = await group(units)
    async with units() as unit:
        for telegram_id in (1002, 1003):
            await unit.quotes.ask(chat, await cast.resident(unit, telegram_id), WORDS)
    assert await quotes(units) == []
