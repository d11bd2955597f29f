"""Replies of dialogs on their way: first in, first out in each chat; what cannot leave in time becomes a promise."""

import asyncio
from collections import deque
from contextvars import copy_context
from dataclasses import replace
from datetime import timedelta

import structlog

from bot.channels.base import Blocked, Channel, Moved, Outcome, Place, Receipt, SlowDown, Unreachable
from bot.services.notices import Promise, Recipient
from bot.services.residents import Person
from bot.services.unit import Units
from bot.speech import Reply
from bot.terms import Lane, Messenger, NoticeKind

log = structlog.get_logger(__name__)

BURST_SECONDS = 60.0
LATE_LASTS = timedelta(minutes=15)  # an older menu step would only confuse

Item = tuple[Channel, Place, Reply, Person | None]


class Replies:
    def __init__(self, units: Units, nursery: asyncio.TaskGroup) -> None:
        self._units, self._nursery = units, nursery
        self._lines: dict[tuple[Messenger, str], deque[Item]] = {}
        self._last: dict[tuple[Messenger, str], tuple[str, str, float]] = {}  # tag, message, time of the last reply

    def post(self, channel: Channel, place: Place, reply: Reply, person: Person | None) -> None:
        key = (channel.messenger, place.address)
        line = self._lines.get(key)
        if line is not None:
            if reply.tag and line and line[-1][2].tag == reply.tag:
                line.pop()  # only the newest count is worth saying
            line.append((channel, place, reply, person))
            return
        self._lines[key] = deque([(channel, place, reply, person)])
        self._nursery.create_task(self._walk(key), context=copy_context())

    async def idle(self, seconds: float) -> None:
        """Give what is on its way a moment to leave."""
        try:
            async with asyncio.timeout(seconds):
                while self._lines:  # noqa: ASYNC110 - drained only at shutdown
                    await asyncio.sleep(0.02)
        except TimeoutError:
            log.warning("replies.left_behind", chats=len(self._lines))

    async def _walk(self, key: tuple[Messenger, str]) -> None:
        line = self._lines[key]
        try:
            while line:
                item = line.popleft()
                try:
                    await self._say(*item)
                except Exception:  # one reply's bug must not silence the chat
                    log.exception("replies.failed", messenger=key[0])
        finally:
            del self._lines[key]

    async def _say(self, channel: Channel, place: Place, reply: Reply, person: Person | None) -> None:
        if place.callback_id or reply.alert:
            await channel.acknowledge(place, reply.alert)
        if reply.text:
            place, reply = self._same_message(channel, place, reply)
        if reply.text:
            outcome = await channel.deliver(place, reply)
            key = (channel.messenger, place.address)
            if isinstance(outcome, Receipt) and reply.tag:
                self._last[key] = reply.tag, outcome.ref, self._units.house.clock.monotonic()
            else:
                self._last.pop(key, None)
            await self._after(channel, place, reply, person, outcome)
        if reply.then is not None:
            await self._say(channel, replace(place, callback_id="", message=""), reply.then, person)

    def _same_message(self, channel: Channel, place: Place, reply: Reply) -> tuple[Place, Reply]:
        """A reply with the tag of the last message edits it. Where nothing can be edited, on WhatsApp and above
        Telegram's keys, the repetition is spared while the burst lasts."""
        tag, ref, said_at = self._last.get((channel.messenger, place.address), ("", "", 0.0))
        if not reply.tag or tag != reply.tag or place.is_group:
            return place, reply
        if channel.messenger is Messenger.WHATSAPP or reply.asks:
            if self._units.house.clock.monotonic() - said_at > BURST_SECONDS:
                return place, reply
            return place, replace(reply, text="", then=None)
        return replace(place, message=ref), replace(reply, replaces=True)

    async def _after(
        self, channel: Channel, place: Place, reply: Reply, person: Person | None, outcome: Outcome
    ) -> None:
        if isinstance(outcome, SlowDown | Unreachable) and person is not None and not place.is_group:
            async with self._units() as unit:
                to = Recipient(resident_id=person.id)
                expires = unit.clock.now() + LATE_LASTS
                await unit.notices.promise(
                    Promise(NoticeKind.LATE_REPLY, to, Lane.ANSWER, facts=reply.as_facts(), expires_at=expires)
                )
        elif isinstance(outcome, Blocked) and person is not None and not place.is_group:
            async with self._units() as unit:
                await unit.residents.close_endpoint(person.endpoint_id, outcome.state, outcome.reason)
        elif isinstance(outcome, Moved) and place.is_group:
            async with self._units() as unit:
                await unit.chats.moved(channel.messenger, place.address, outcome.to)
        elif not isinstance(outcome, Receipt):
            log.warning("replies.not_sent", messenger=channel.messenger, outcome=repr(outcome))
