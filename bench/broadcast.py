"""A broadcast beside everything else: its rate, replies during it, an urgent one, pause and cancel, and all that fails.

Cases of `python -m bench.delivery`: short, or with `--full` all 25,000 people. The stand-in is a process of its own and
enforces the documented limits as exact sliding windows.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import text, update

from bench.sending import Desk, desk
from bench.table import Row, at
from bot.channels.base import Channel, Place, Receipt
from bot.fanout import Changes
from bot.speech import Reply
from bot.store.endpoints import Endpoint
from bot.terms import Lane, NoticeKind, Role

PEOPLE = 25_000
REPLIES_A_SECOND = 5
DEMO_RECIPIENTS = 200  # the demo department's own, about
TO_PEOPLE = {"all": True, "messengers": ["telegram"], "only": "people"}
LIMITS: dict[str, Any] = {"enforce": True, "private_per_second": 0, "private_per_5_seconds": 0}


@dataclass
class Seen:
    """When something was sent, by lane, as the channel's caller sees it."""

    sent: list[tuple[float, Lane, int]] = field(default_factory=list)
    changed: list[float] = field(default_factory=list)  # recalls and corrections
    replies: list[float] = field(default_factory=list)
    refused: int = 0

    def watch(self, here: Desk) -> None:
        self.watch_one(here.channel)

    def watch_one(self, channel: Channel) -> None:
        send = channel.send

        async def noted(delivery: Any, reply: Any, first_number: int = 1) -> Any:
            outcome = await send(delivery, reply, first_number)
            if isinstance(outcome, Receipt) and delivery.kind is NoticeKind.WARNING_CHANGE:
                self.changed.append(time.perf_counter())
            elif isinstance(outcome, Receipt) and delivery.kind is NoticeKind.WARNING:
                self.sent.append((time.perf_counter(), delivery.lane, delivery.warning.id if delivery.warning else 0))
            return outcome

        channel.send = noted  # type: ignore[method-assign]

    def rate(self) -> float:
        moments = sorted(moment for moment, _lane, _warning in self.sent)
        return (len(moments) - 1) / (moments[-1] - moments[0])


async def _talk(here: Desk, seen: Seen) -> None:
    """People who are answered meanwhile, five a second."""
    dice = random.Random(1)
    chats = [one.id[1:] for one in here.town.inhabitants if one.id.startswith("t")]

    async def answer() -> None:
        began = time.perf_counter()
        outcome = await here.channel.deliver(Place(dice.choice(chats)), Reply("Жауап"))
        seen.replies.append(time.perf_counter() - began)
        seen.refused += not isinstance(outcome, Receipt)

    async with asyncio.TaskGroup() as nursery:
        while True:
            await asyncio.sleep(dice.expovariate(REPLIES_A_SECOND))
            nursery.create_task(answer())


async def _stats(here: Desk) -> dict[str, Any]:
    return dict(await here.town.call("/sim/stats"))


async def rate(allowed: int, people: int, *, replies: bool) -> list[Row]:
    async with desk(people, allowed, LIMITS | {"telegram_per_second": allowed}) as here:
        seen = Seen()
        seen.watch(here)
        approved_at = await here.publish(1, audience=TO_PEOPLE, is_urgent=True)
        began = time.process_time()
        async with here.at_work(), asyncio.TaskGroup() as nursery:
            talking = nursery.create_task(_talk(here, seen)) if replies else None
            await here.fan_out.spread(1)
            await here.until_sent()
            if talking is not None:
                talking.cancel()
        cpu = (time.process_time() - began) / len(seen.sent) * 1e6
        refused = (await _stats(here)).get("refused_429", -1)
    first = (min(moment for moment, _lane, _warning in seen.sent) - approved_at) * 1000
    span = seen.sent[-1][0] - seen.sent[0][0]
    total = seen.rate() + len(seen.replies) / span
    what = f"{people:,} Telegram recipients at an allowed {allowed:,}/s"
    told = f"{total:.2f}/s in all, {total / allowed:.4f} of the rate; {refused} × 429"
    extra = f"first after {first:.0f} ms; {cpu:.0f} µs of CPU a message, fan-out included"
    wanted = 0.99 if allowed < 1_000 else 0.95
    rows = [Row(f"{what}{', with 5 replies/s' if replies else ''}", f"{told}; {extra}", f"≥ {wanted}; 0 × 429",
                round(total / allowed, 3) >= wanted and refused == 0)]  # fmt: skip
    if not replies:
        minutes = PEOPLE / seen.rate() / 60
        how = "measured" if people >= PEOPLE else "extrapolated"
        rows.append(Row(f"{PEOPLE:,} at this rate ({how})", f"{minutes:.1f} min", "≤ 14.2 min", minutes <= 14.2))
        return rows
    waits = sorted(seen.replies)
    told = f"p95 {at(waits, 0.95) * 1000:.0f} ms, longest {waits[-1] * 1000:.0f} ms; not sent {seen.refused}"
    is_met = at(waits, 0.95) <= 0.25 and waits[-1] <= 1.0 and not seen.refused
    return [*rows, Row(f"{len(waits)} replies during it", told, "p95 ≤ 250 ms, longest ≤ 1 s", is_met)]


async def urgent(allowed: int, people: int) -> list[Row]:
    """How soon an urgent warning leaves while a campaign runs, and when the last message leaves after a pause."""
    async with desk(people, allowed, LIMITS | {"telegram_per_second": allowed}) as here:
        seen = Seen()
        seen.watch(here)
        await here.publish(1, audience=TO_PEOPLE, is_urgent=False, canary=0)
        await here.fan_out.spread(1)
        firsts, ends = [], []
        async with here.at_work():
            for number in range(2, 7):
                await asyncio.sleep(3.0)  # the urgent one before is over
                firsts.append(await _first(here, seen, number))
            await asyncio.sleep(3.0)
            for state in ("paused", "cancelled"):
                ends.append(await _end(here, seen, state))
    shown = ", ".join(f"{first * 1000:.0f}" for first in firsts)
    what = f"first urgent message during a campaign at {allowed}/s, five times"
    return [Row(what, f"{shown} ms", "≤ 100 ms after approval", max(firsts) <= 0.1), *ends]


async def _first(here: Desk, seen: Seen, number: int) -> float:
    approved_at = await here.publish(number, audience={"precincts": [1], "only": "people"}, is_urgent=True)
    await here.fan_out.spread(number)
    while True:
        for moment, _lane, warning in seen.sent:
            if warning == number:
                return moment - approved_at
        await asyncio.sleep(0.002)


async def _end(here: Desk, seen: Seen, state: str) -> Row:
    """The state is all that the courier asks about; the rest of a cancellation is writing, not sending."""
    await _set(here, "sending")
    await asyncio.sleep(2.0)
    before = sum(lane is Lane.CAMPAIGN for _moment, lane, _warning in seen.sent[-30:])
    await _set(here, state)
    at = time.perf_counter()
    await asyncio.sleep(1.5)
    late = [moment - at for moment, lane, _warning in seen.sent if moment > at and lane is Lane.CAMPAIGN]
    last = max(late, default=0.0)
    told = f"{len(late)} left after it, the last {last * 1000:.0f} ms later"
    is_met = last <= 1.0 and before > 0
    return Row(f"{state} while it ran ({before} of the last 30)", told, "≤ 1 s and what is under way", is_met)


async def _set(here: Desk, state: str) -> None:
    async with here.database.writing() as session:
        await session.execute(text("UPDATE warnings SET state = :state WHERE id = 1"), {"state": state})
    here.ring()


async def faults(people: int) -> list[Row]:
    """5 % blocked, 2 % lost answers, 1 % 5xx of the people, 5 % of the groups moved: all told, nobody forgotten."""
    groups = max(people // 20, 20)
    async with desk(people + groups, 2_000, LIMITS | {"telegram_per_second": 0}, groups=groups) as here:
        dice = random.Random(7)
        chats = [int(one.id[1:]) for one in here.town.inhabitants if one.id.startswith("t")]
        yards = [int(one.id) for one in here.town.inhabitants if one.is_group]
        dice.shuffle(chats)
        wanted = {"403": len(chats) // 20, "lost_answer": len(chats) // 50, "500": len(chats) // 100}
        spoiled = {"migrate": yards[-max(len(yards) // 20, 1) :]}
        for kind, count in wanted.items():
            spoiled[kind], chats = chats[:count], chats[count:]
        for kind, some in spoiled.items():
            for chat in some:
                order = {"match": {"method": "sendMessage", "chat_id": chat}, "fault": {"kind": kind}, "times": 1}
                await here.town.call("/sim/faults", order)
        await here.publish(1, audience={"all": True, "messengers": ["telegram"]}, is_urgent=True)
        async with here.at_work():
            await here.fan_out.spread(1)
            await here.until_sent()
        found = Counter[tuple[str, str]]()
        async with here.database.reading() as session:
            by = "SELECT state, error, count(*) FROM notices WHERE kind = 'warning' GROUP BY state, error"
            for state, error, count in await session.execute(text(by)):
                found[state, error] = count
        stats = await _stats(here)
    shown = ", ".join(f"{state}{f' ({error})' if error else ''} {n}" for (state, error), n in sorted(found.items()))
    ordered = ", ".join(f"{len(chats)} × {kind}" for kind, chats in spoiled.items())
    twice = stats["sent"]["telegram"] - found["sent", ""]
    everybody = len(spoiled["403"]) + found["sent", ""] == found.total() and found["failed", "blocked"] == wanted["403"]
    told = f"{shown}; said twice: {twice}, the lost answers, as the warning asks"
    is_met = everybody and twice == wanted["lost_answer"]
    return [Row(f"{found.total():,} recipients, {ordered}", told, "all classified, nobody forgotten", is_met)]


async def recall(people: int, sent_before: int) -> list[Row]:
    """A warning is recalled when so many have it: how soon that begins, and what still leaves."""
    async with desk(people, 1_000, LIMITS | {"telegram_per_second": 1_000}) as here:
        seen = Seen()
        seen.watch(here)
        await here.publish(1, audience=TO_PEOPLE, is_urgent=True)
        changes = Changes(here.units, here.always)
        async with here.at_work(), asyncio.TaskGroup() as nursery:
            changing = nursery.create_task(changes.run())
            await here.fan_out.spread(1)
            while len(seen.sent) < sent_before:  # noqa: ASYNC110 - the channel's caller counts, nobody rings
                await asyncio.sleep(0.002)
            recalled_at = time.perf_counter()
            async with here.units() as unit:
                (head, *_others) = await unit.officers.with_role(Role.HEAD)
                await unit.warnings.recall(head, 1)
            took = time.perf_counter() - recalled_at
            await asyncio.sleep(1.0)
            await here.until_sent()
            changing.cancel()
        late = [moment - recalled_at for moment, _lane, _warning in seen.sent if moment > recalled_at]
    first = min(seen.changed) - recalled_at
    told = (
        f"the command {took * 1000:.0f} ms; first edit after {first * 1000:.0f} ms, {len(seen.changed):,} edited;"
        f" {len(late)} of the others still left, the last {max(late, default=0) * 1000:.0f} ms later"
    )
    is_met = first <= 1.0 and max(late, default=0) <= 1.0 and len(seen.changed) >= len(seen.sent)
    return [Row(f"recall when {sent_before:,} of {people:,} have it", told, "begins ≤ 1 s, the rest at once", is_met)]


async def mixed(groups: int, whatsapp: int, telegram: int) -> list[Row]:
    """Each messenger by itself, then both at once: neither may be slower for the other."""
    recipients = groups + whatsapp + telegram + DEMO_RECIPIENTS
    async with desk(recipients, 30, LIMITS, on_whatsapp=whatsapp, groups=groups) as here:
        async with here.database.writing() as session:  # everybody wrote today: free text, no template and no tier
            year = here.units.house.clock.now() + timedelta(days=365)
            await session.execute(update(Endpoint).values(window_until=year))
        channels = {"telegram": here.channel, "whatsapp": here.whatsapp}
        seen = {name: Seen() for name in channels}
        for name, channel in channels.items():
            seen[name].watch_one(channel)
        rates = dict[tuple[str, bool], float]()
        for number, names in enumerate((["telegram"], ["whatsapp"], ["telegram", "whatsapp"]), 1):
            for name in names:
                seen[name].sent.clear()
            audience = {"all": True, "messengers": names}
            await here.publish(number, audience=audience, is_urgent=True)
            async with here.at_work(*(channels[name] for name in names)):
                await here.fan_out.spread(number)
                await here.until_sent()
            rates |= {(name, len(names) > 1): seen[name].rate() for name in names}
            await asyncio.sleep(7.0)  # WhatsApp's pair and the last second's windows are over
        stats = await _stats(here)
        counts = {name: len(seen[name].sent) for name in channels}
    changes = {name: rates[name, True] / rates[name, False] - 1 for name in channels}
    told = "; ".join(
        f"{name} {rates[name, False]:.2f}/s, {rates[name, True]:.2f}/s ({changes[name]:+.1%})" for name in channels
    )
    refused = stats.get("refused_429", -1)
    what = f"{counts['telegram']:,} Telegram chats, {counts['whatsapp']:,} on WhatsApp: each alone, then at once"
    is_met = refused == 0 and all(abs(change) <= 0.05 for change in changes.values())
    return [Row(what, f"{told}; {refused} × 429", "± 5 %, 0 × 429", is_met)]


CASES: dict[str, Callable[[bool], Awaitable[list[Row]]]] = {
    "30": lambda full: rate(30, PEOPLE if full else 900, replies=False),
    "30+replies": lambda full: rate(30, PEOPLE if full else 900, replies=True),
    "1000": lambda full: rate(1_000, PEOPLE if full else 6_000, replies=True),
    "urgent": lambda full: urgent(30, 900),
    "mixed": lambda full: mixed(200, 5_000, 20_000) if full else mixed(200, 1_500, 500),
    "recall": lambda full: recall(12_000, 10_000),
    "faults": lambda full: faults(PEOPLE if full else 2_000),
}
