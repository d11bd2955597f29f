"""Replies leave in order; what cannot leave in time becomes a promise."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.channels.base import Blocked, Moved, Place, Refused, SlowDown, Unknown, Unreachable
from bot.courier import Replies
from bot.services.residents import Person
from bot.services.unit import Units
from bot.speech import Choice, Reply, from_facts
from bot.store.endpoints import Endpoint
from bot.store.notices import Notice
from bot.terms import EndpointState, Messenger, NoticeKind
from tests.courier.stand_in import StandIn
from tests.services import cast

HERE = Place("1002")


async def said(units: Units, channel: StandIn, speak: Callable[[Callable[..., None]], Awaitable[None] | None]) -> None:
    """Posts what `speak` posts and waits until all of it has left."""
    async with units() as unit:
        person = await cast.resident(unit)
    async with asyncio.TaskGroup() as nursery:
        replies = Replies(units, nursery)

        def post(reply: Reply, place: Place = HERE, who: Person | None = person) -> None:
            replies.post(channel, place, reply, who)  # type: ignore[arg-type]

        waiting = speak(post)
        if waiting is not None:
            await waiting
        await replies.idle(10)


def each(*replies: Reply, place: Place = HERE) -> Callable[[Callable[..., None]], None]:
    def speak(post: Callable[..., None]) -> None:
        for reply in replies:
            post(reply, place)

    return speak


async def test_one_chat_in_order_several_at_once(units: Units) -> None:
    channel = StandIn()

    def speak(post: Callable[..., None]) -> None:
        for number in range(10):
            for address in ("1002", "1003", "1004"):
                post(Reply(str(number)), Place(address))

    await said(units, channel, speak)
    for address in ("1002", "1003", "1004"):
        assert [text for to, text, _edits in channel.sent if to == address] == [str(n) for n in range(10)]
    assert channel.most_at_once == 3


async def test_of_a_burst_with_one_tag_the_first_is_said_and_the_newest_edits_it(units: Units) -> None:
    channel = StandIn()

    async def speak(post: Callable[..., None]) -> None:
        post(Reply("1 файл", tag="story"))
        while not channel.sent:
            await asyncio.sleep(0.005)
        for number in range(2, 11):
            post(Reply(f"{number} файл", tag="story"))

    await said(units, channel, speak)
    assert channel.sent == [("1002", "1 файл", None), ("1002", "10 файл", "1")]


async def test_on_whatsapp_a_burst_is_answered_once(units: Units) -> None:
    channel = StandIn(Messenger.WHATSAPP)

    async def speak(post: Callable[..., None]) -> None:
        for number in range(5):
            post(Reply(f"{number} файл", tag="story"))
            await asyncio.sleep(0.01)

    await said(units, channel, speak)
    assert [text for _to, text, _edits in channel.sent] == ["0 файл"]


async def test_another_word_between_ends_the_burst(units: Units) -> None:
    channel = StandIn()

    async def speak(post: Callable[..., None]) -> None:
        for reply in (Reply("1", tag="story"), Reply("?"), Reply("2", tag="story")):
            post(reply)
            await asyncio.sleep(0.02)

    await said(units, channel, speak)
    assert [edits for _to, _text, edits in channel.sent] == [None, None, None]


async def test_a_pressed_button_is_answered_and_an_alert_takes_no_message(units: Units) -> None:
    channel = StandIn()
    await said(
        units, channel, each(Reply(), Reply(alert="Ескі батырма"), place=Place("1002", callback_id="c", message="9"))
    )
    assert channel.acknowledged == [("c", ""), ("c", "Ескі батырма")]
    assert channel.sent == []


async def test_what_follows_is_a_message_of_its_own(units: Units) -> None:
    channel = StandIn()
    reply = Reply("Болды", replaces=True, then=Reply("Мәзір", replaces=True))
    await said(units, channel, each(reply, place=Place("1002", callback_id="c", message="9")))
    assert [(text, edits) for _to, text, edits in channel.sent] == [("Болды", "9"), ("Мәзір", "")]


@pytest.mark.parametrize("outcome", [SlowDown(30.0), Unreachable("server"), Unreachable("token", is_channel=True)])
async def test_what_cannot_leave_in_time_becomes_a_promise_for_a_quarter_of_an_hour(units: Units, outcome: Any) -> None:
    channel = StandIn()
    channel.answers["1002"] = [outcome]
    reply = Reply("Не болды?", [[Choice("Мәзір", "open:menu", also="Меню")]], open=True)
    await said(units, channel, each(reply))
    (notice,) = await cast.rows(units, Notice)
    assert (notice.kind, notice.state) == (NoticeKind.LATE_REPLY, "due")
    assert timedelta(minutes=14) < notice.expires_at - units.house.clock.now() <= timedelta(minutes=15)
    assert from_facts(notice.facts) == Reply(reply.text, [list(row) for row in reply.choices], open=True)


@pytest.mark.parametrize("outcome", [Unknown("lost_answer"), Refused("bad_request")])
async def test_what_may_have_left_or_never_will_is_not_promised(units: Units, outcome: Any) -> None:
    channel = StandIn()
    channel.answers["1002"] = [outcome]
    await said(units, channel, each(Reply("1"), Reply("2")))
    assert await cast.rows(units, Notice) == []
    assert [text for _to, text, _edits in channel.sent] == ["1", "2"]


async def test_a_blocked_bot_closes_the_endpoint(units: Units) -> None:
    channel = StandIn()
    channel.answers["1002"] = [Blocked(EndpointState.BLOCKED, "blocked")]
    await said(units, channel, each(Reply("1")))
    closed = await cast.rows(units, Endpoint, Endpoint.state == "blocked")
    assert [endpoint.address for endpoint in closed] == ["1002"]


async def test_a_group_that_moved_is_remembered(units: Units) -> None:
    channel = StandIn()
    async with units() as unit:
        await unit.chats.added(Messenger.TELEGRAM, "-500", "Көршілер")
    channel.answers["-500"] = [Moved("-100500")]
    await said(units, channel, each(Reply("1"), place=Place("-500", is_group=True)))
    async with units.reading() as unit:
        assert await unit.chats.at(Messenger.TELEGRAM, "-100500") is not None


async def test_a_bug_in_one_reply_does_not_silence_the_chat(units: Units) -> None:
    channel = StandIn()
    channel.answers["1002"] = [RuntimeError("bug")]
    await said(units, channel, each(Reply("1"), Reply("2")))
    assert [text for _to, text, _edits in channel.sent] == ["1", "2"]
