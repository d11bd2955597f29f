"""The courier: everything due reaches its person once, in order, and no trouble stops the rest."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from bot.channels.base import Blocked, Moved, Receipt, Refused, SlowDown, Unknown, Unreachable
from bot.courier import Courier, engine
from bot.courier.engine import IN_FLIGHT
from bot.services.notices import Promise, Recipient
from bot.services.talks import TalkView, numbered, talk_key
from bot.services.unit import Units
from bot.services.warnings import Audience, WarningDraft
from bot.store.chats import Chat
from bot.store.endpoints import Endpoint
from bot.store.notices import Notice
from bot.terms import EndpointState, Lane, Messenger, NoticeKind
from tests.courier.stand_in import StandIn
from tests.services import cast
from tests.services.test_warnings import TEXT, spread


async def promise(units: Units, *telegram_ids: int, text: str = "Сәлем", **more: Any) -> None:
    async with units() as unit:
        people = [await cast.resident(unit, number) for number in telegram_ids]
        facts = {"text": text}
        kind = NoticeKind.LATE_REPLY
        await unit.notices.promise(*(Promise(kind, Recipient(resident_id=p.id), facts=facts, **more) for p in people))


@asynccontextmanager
async def at_work(units: Units, channel: StandIn, holder: str = "me") -> AsyncIterator[Courier]:
    courier = Courier(channel, units, holder)  # type: ignore[arg-type]
    task = asyncio.ensure_future(courier.run())
    try:
        yield courier
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def carried(units: Units, channel: StandIn, kind: NoticeKind = NoticeKind.LATE_REPLY) -> list[Notice]:
    """The notices, once none is due or under way."""
    async with at_work(units, channel) as courier, asyncio.timeout(20):
        while True:
            await asyncio.sleep(0.005)
            await units.house.clock.sleep(1)
            courier.wake()
            notices = list(await cast.rows(units, Notice, Notice.kind == kind))
            if not {notice.state for notice in notices} & {"due", "sending"}:
                return notices


async def test_everybody_is_told_once(units: Units) -> None:
    channel, people = StandIn(), range(1002, 1011)
    await promise(units, *people)
    notices = await carried(units, channel)
    assert sorted(address for address, _text, _edits in channel.sent) == sorted(map(str, people))
    assert {notice.state for notice in notices} == {"sent"}
    assert sorted(int(notice.message or 0) for notice in notices) == list(range(1, 10))


async def test_one_talk_in_order_several_talks_at_once(units: Units) -> None:
    channel = StandIn()
    for number in range(5):
        await promise(units, 1002, 1003, 1004, text=str(number))
    await carried(units, channel)
    for address in ("1002", "1003", "1004"):
        assert [text for to, text, _edits in channel.sent if to == address] == ["0", "1", "2", "3", "4"]
    assert 1 < channel.most_at_once <= 3


async def test_the_next_word_to_somebody_does_not_wait_for_the_next_look(
    units: Units, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is held back until the one before it is written down, and nobody rings then: a card's ten files would come
    one a second."""
    monkeypatch.setattr("bot.courier.queue.IDLE_SECONDS", 3600.0)
    channel = StandIn()
    channel.hold = asyncio.Event()
    await promise(units, 1002)
    async with at_work(units, channel), asyncio.timeout(20):
        while not channel.at_once:
            await asyncio.sleep(0.005)
        await promise(units, 1002)
        await asyncio.sleep(0.05)
        channel.hold.set()
        while len(channel.sent) < 2:
            await asyncio.sleep(0.005)


async def test_a_queue_of_closed_chats_does_not_keep_the_others_waiting(units: Units) -> None:
    """Many cards to one duty officer fill a whole look at what is due; the next person's answer lies behind them."""
    channel = StandIn()
    await promise(units, 1002)
    async with at_work(units, channel) as courier, asyncio.timeout(20):
        while not channel.sent:
            await asyncio.sleep(0.005)
        channel.closed["1002"] = 3600.0
        async with units() as unit:
            officer = Recipient(resident_id=(await cast.resident(unit)).id)
            facts = {"text": "Карточка"}
            cards = [Promise(NoticeKind.LATE_REPLY, officer, Lane.URGENT, facts=facts) for _number in range(250)]
            await unit.notices.promise(*cards)
        await promise(units, 1003)
        while channel.sent[-1][0] != "1003":
            await asyncio.sleep(0.005)
            await units.house.clock.sleep(1)
            courier.wake()
    assert [address for address, _text, _edits in channel.sent] == ["1002", "1003"]


DOZEN = (*range(1002, 1011), 1012, 1013, 1014)


async def test_not_more_under_way_than_agreed(units: Units) -> None:
    """The others are in hand: claimed, but a crash doubles none of them."""
    channel = StandIn()
    channel.hold = asyncio.Event()
    await promise(units, *DOZEN)
    async with at_work(units, channel), asyncio.timeout(10):
        while channel.at_once < IN_FLIGHT:
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.1)
        assert channel.at_once == IN_FLIGHT
        assert len(await cast.rows(units, Notice, Notice.state == "sending")) == len(DOZEN)
    assert await restarted(units) == len(DOZEN)


async def test_not_more_is_claimed_than_agreed(units: Units, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "CLAIMED", 10)
    channel = StandIn()
    channel.hold = asyncio.Event()
    await promise(units, *DOZEN)
    async with at_work(units, channel), asyncio.timeout(10):
        while channel.at_once < IN_FLIGHT:
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.1)
        assert len(await cast.rows(units, Notice, Notice.state == "sending")) == 10


async def test_what_cannot_leave_soon_is_handed_back(units: Units) -> None:
    channel = StandIn()
    channel.hold = asyncio.Event()
    await promise(units, *DOZEN)
    async with at_work(units, channel) as courier, asyncio.timeout(10):
        while channel.at_once < IN_FLIGHT:
            await asyncio.sleep(0.005)
        claimed = len(DOZEN)
        while claimed > IN_FLIGHT:
            await units.house.clock.sleep(1)
            courier.wake()
            await asyncio.sleep(0.05)
            claimed = len(await cast.rows(units, Notice, Notice.state == "sending"))
        for _ in range(5):  # and not claimed again while nothing moves
            await units.house.clock.sleep(1)
            courier.wake()
            await asyncio.sleep(0.05)
        waiting = await cast.rows(units, Notice, Notice.state == "due")
    assert [(notice.attempts, notice.error) for notice in waiting] == [(0, "")] * (len(DOZEN) - IN_FLIGHT)


async def test_when_a_warning_changes_what_is_in_hand_is_chosen_anew(units: Units) -> None:
    """Paused, recalled, corrected: only what is under way already may still leave as it was."""
    channel = StandIn()
    channel.hold = asyncio.Event()
    await promise(units, *DOZEN)
    async with at_work(units, channel) as courier, asyncio.timeout(10):
        while channel.at_once < IN_FLIGHT or len(courier._hand) < len(DOZEN) - IN_FLIGHT:
            await asyncio.sleep(0.005)
        changed: Any = SimpleNamespace(id=1)
        courier._hand = [replace(item, warning=changed) for item in courier._hand]
        last = courier._hand[-1] = replace(courier._hand[-1], warning=None)
        courier._is_stuck = True  # so that they are not claimed again at once
        for call in units._bells["warnings"]:
            call()
        while len(courier._hand) > 1:
            await asyncio.sleep(0.005)
        assert courier._hand == [last]
        while len(await cast.rows(units, Notice, Notice.state == "due")) < len(DOZEN) - IN_FLIGHT - 1:
            await asyncio.sleep(0.005)


async def test_when_the_channel_is_out_what_is_in_hand_uses_up_no_attempt(units: Units) -> None:
    channel = StandIn()
    channel.hold = asyncio.Event()
    for number in DOZEN:
        channel.answers[str(number)] = [Unreachable("server")]
    await promise(units, *DOZEN)
    async with at_work(units, channel), asyncio.timeout(10):
        while channel.at_once < IN_FLIGHT:
            await asyncio.sleep(0.005)
        channel.hold.set()
        while await cast.rows(units, Notice, Notice.state == "sending"):
            await asyncio.sleep(0.01)
    assert len(channel.sent) == IN_FLIGHT
    told = {int(address) for address, _text, _edits in channel.sent}
    rows = await cast.rows(units, Notice, Notice.state == "due", Notice.kind == NoticeKind.LATE_REPLY)
    assert len(rows) == len(DOZEN)
    assert sum(notice.attempts == 0 for notice in rows) >= len(DOZEN) - len(told)


async def restarted(units: Units) -> int:
    """After a crash with calls under way: each is tried once more."""
    channel = StandIn()
    notices = await carried(units, channel)
    assert {notice.state for notice in notices} == {"sent"}
    return len(channel.sent)


async def test_a_refusal_of_one_stops_nobody_else(units: Units) -> None:
    channel = StandIn()
    channel.answers["1002"] = [Refused("bad_request")]
    channel.answers["1003"] = [Blocked(EndpointState.BLOCKED, "blocked")]
    channel.answers["1004"] = [RuntimeError("a bug of the channel")]
    channel.answers["1005"] = [SlowDown(3.0), Unreachable("server"), Receipt("5")]
    await promise(units, 1002, 1003, 1004, 1005, 1006)
    notices = await carried(units, channel)
    assert [(notice.state, notice.error) for notice in notices] == [
        ("failed", "bad_request"), ("failed", "blocked"), ("failed", "bug"), ("sent", ""), ("sent", ""),
    ]  # fmt: skip
    closed = await cast.rows(units, Endpoint, Endpoint.state == "blocked")
    assert [endpoint.address for endpoint in closed] == ["1003"]


async def test_a_lost_answer_is_looked_up_before_it_is_said_again(units: Units) -> None:
    channel = StandIn()
    channel.answers["1002"] = [Unknown("lost_answer")]
    channel.found = "SM-found"
    await promise(units, 1002)
    (notice,) = await carried(units, channel)
    assert (notice.state, notice.message, len(channel.sent)) == ("sent", "SM-found", 1)


async def test_where_it_cannot_be_looked_up_it_is_said_once_more_and_left(units: Units) -> None:
    channel = StandIn()
    channel.answers["1002"] = [Unknown("lost_answer"), Unknown("lost_answer")]
    await promise(units, 1002)
    (notice,) = await carried(units, channel)
    assert (notice.state, len(channel.sent)) == ("unknown", 2)


async def warned(units: Units, *, repeats_doubt: bool) -> int:
    """A warning to everybody on Telegram is due; how many they are."""
    async with units() as unit:
        author = await cast.officer(unit, cast.ASKAR)
        aim = Audience(tuple(author.precinct_ids), messengers=(Messenger.TELEGRAM,))
        draft = WarningDraft(TEXT, aim, repeats_doubt=repeats_doubt)
        warning = await unit.warnings.publish(author, draft)
    await spread(units, warning.id)
    return len(await cast.rows(units, Notice, Notice.kind == NoticeKind.WARNING))


@pytest.mark.parametrize("repeats_doubt", [True, False])
async def test_a_warning_whose_answers_are_lost_is_said_again_or_left_as_it_says(
    units: Units, repeats_doubt: bool
) -> None:
    channel = StandIn()
    channel.answers = defaultdict(lambda: [Unknown("lost_answer")])
    many = await warned(units, repeats_doubt=repeats_doubt)
    notices = await carried(units, channel, NoticeKind.WARNING)
    said = Counter(address for address, text, _edits in channel.sent if text.startswith((TEXT.kk, TEXT.ru)))
    if repeats_doubt:
        assert {notice.state for notice in notices} == {"sent"}
        assert set(said.values()) == {2}
    else:
        assert {notice.state for notice in notices} == {"unknown"}
        assert set(said.values()) == {1}
    assert len(said) == many


@pytest.mark.parametrize("repeats_doubt", [True, False])
async def test_after_a_crash_a_warning_is_said_again_or_left_as_it_says(units: Units, repeats_doubt: bool) -> None:
    channel = StandIn()
    channel.hold = asyncio.Event()
    many = await warned(units, repeats_doubt=repeats_doubt)
    async with at_work(units, channel), asyncio.timeout(10):
        while not channel.at_once or channel.at_once < min(IN_FLIGHT, many):
            await asyncio.sleep(0.005)
        claimed = len(await cast.rows(units, Notice, Notice.state == "sending", Notice.kind == NoticeKind.WARNING))
    assert claimed
    channel.hold = None
    await units.house.clock.sleep(120)  # the lease of the one that died is over
    notices = await carried(units, channel, NoticeKind.WARNING)
    left = [notice for notice in notices if notice.state == "unknown"]
    assert len(left) == (0 if repeats_doubt else claimed)
    assert {notice.state for notice in notices if notice not in left} <= {"sent"}
    assert len(notices) == many


async def test_a_moved_group_is_told_under_its_new_address(units: Units) -> None:
    channel = StandIn()
    async with units() as unit:
        chat = await unit.chats.added(Messenger.TELEGRAM, "-500", "Көршілер")
        facts = {"text": "Сәлем"}
        await unit.notices.promise(Promise(NoticeKind.LATE_REPLY, Recipient(chat_id=chat.id), facts=facts))
    channel.answers["-500"] = [Moved("-100500")]
    (notice,) = await carried(units, channel)
    assert [address for address, _text, _edits in channel.sent] == ["-500", "-100500"]
    assert (notice.state, notice.attempts) == ("sent", 0)
    (row,) = await cast.rows(units, Chat, Chat.id == chat.id)
    assert row.address == "-100500"


async def test_a_token_that_is_refused_alarms_the_administrators_once(units: Units) -> None:
    channel = StandIn()
    for address in ("1002", "1003"):
        channel.answers[address] = [Unreachable("token", is_channel=True)] * 3
    await promise(units, 1002, 1003)
    notices = await carried(units, channel)
    assert {(notice.state, notice.attempts) for notice in notices} == {("sent", 0)}
    async with units() as unit:
        admin = await cast.officer(unit, cast.ADMIN)
    assert await cast.told(units, Notice.kind == NoticeKind.ALARM) == [("alarm", admin.resident_id)]


async def test_a_chat_that_is_closed_now_does_not_stop_the_others(units: Units) -> None:
    channel = StandIn()
    await promise(units, 1002)
    await carried(units, channel)
    async with at_work(units, channel) as courier, asyncio.timeout(10):
        courier._queue._addresses = {(await cast.rows(units, Notice))[0].talk: "1002"}
        channel.closed["1002"] = 60.0
        await promise(units, 1002, 1003)
        while ("1003", "Сәлем", None) not in channel.sent:
            await asyncio.sleep(0.005)
        assert [address for address, *_ in channel.sent].count("1002") == 1
        channel.closed.clear()
        while [address for address, *_ in channel.sent].count("1002") < 2:
            await asyncio.sleep(0.005)


async def test_two_couriers_of_one_token_and_one_carries(units: Units) -> None:
    first, second = StandIn(), StandIn()
    async with at_work(units, first, "a"), asyncio.timeout(10):
        while not first.sent:
            await promise(units, 1002)
            await asyncio.sleep(0.01)
        async with at_work(units, second, "b"):
            await promise(units, 1003)
            while ("1003", "Сәлем", None) not in first.sent:
                await asyncio.sleep(0.005)
    assert second.sent == []


async def test_a_notices_choices_go_on_counting_on_whatsapp(units: Units) -> None:
    channel = StandIn(Messenger.WHATSAPP)
    async with units() as unit:
        person = await cast.newcomer(unit, "+77010000001", Messenger.WHATSAPP)
        key = talk_key(Messenger.WHATSAPP, "+77010000001", "+77010000001")
        await unit.talks.write(key, TalkView(menu=[("Мәзір", "open:menu"), ("Меню", "open:menu")]))
        await unit.notices.promise(Promise(NoticeKind.APOLOGY, Recipient(resident_id=person.id)))
    await carried(units, channel, NoticeKind.APOLOGY)
    assert channel.firsts == [2]
    async with units.reading() as unit:
        assert numbered((await unit.talks.read(key)).menu) == ["open:menu", "open:menu"]
