"""A broadcast beside everything else: its rate, replies during it, an urgent one, pause and cancel, and all that fails.

`python -m bench.broadcast` runs short and extrapolates what it says it extrapolates; `--full` sends all 25,000. The
stand-in is a process of its own and enforces the documented limits as exact sliding windows.
"""

import argparse
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
from bot.channels.base import Channel, Place, Receipt
from bot.speech import Reply
from bot.store.endpoints import Endpoint
from bot.terms import Lane

PEOPLE = 25_000
REPLIES_A_SECOND = 5
DEMO_RECIPIENTS = 200  # the demo department's own, about
TO_PEOPLE = {"all": True, "messengers": ["telegram"], "only": "people"}
LIMITS: dict[str, Any] = {"enforce": True, "private_per_second": 0, "private_per_5_seconds": 0}


@dataclass
class Seen:
    """When something was sent, by lane, as the channel's caller sees it."""

    sent: list[tuple[float, Lane, int]] = field(default_factory=list)
    replies: list[float] = field(default_factory=list)
    refused: int = 0

    def watch(self, here: Desk) -> None:
        self.watch_one(here.channel)

    def watch_one(self, channel: Channel) -> None:
        send = channel.send

        async def noted(delivery: Any, reply: Any, first_number: int = 1) -> Any:
            outcome = await send(delivery, reply, first_number)
            if isinstance(outcome, Receipt):
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


async def rate(allowed: int, people: int, *, replies: bool) -> list[str]:
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
        stats = await _stats(here)
    first = min(moment for moment, _lane, _warning in seen.sent) - approved_at
    total = seen.rate() + (len(seen.replies) / (seen.sent[-1][0] - seen.sent[0][0]) if replies else 0)
    lines = [
        f"{people:,} people at an allowed {allowed:,}/s{', replies 5/s' if replies else ''}: {seen.rate():.2f}/s of the"
        f" campaign, {total:.2f}/s in all = {total / allowed:.4f} of the rate; 429: {stats.get('refused_429', '?')};"
        f" first after {first * 1000:.0f} ms; {cpu:.0f} µs CPU a message, fan-out included",
        f"      {PEOPLE:,} people at this rate (extrapolated): {PEOPLE / seen.rate() / 60:.1f} min",
    ]
    if seen.replies:
        waits = sorted(seen.replies)
        lines.append(
            f"      {len(waits)} replies: p95 {waits[int(len(waits) * 0.95)] * 1000:.0f} ms, max"
            f" {waits[-1] * 1000:.0f} ms, not sent {seen.refused}"
        )
    return lines


async def urgent(allowed: int, people: int) -> list[str]:
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
    return [f"urgent at {allowed}/s during a campaign: first send after {shown} ms", *(f"      {end}" for end in ends)]


async def _first(here: Desk, seen: Seen, number: int) -> float:
    approved_at = await here.publish(number, audience={"precincts": [1], "only": "people"}, is_urgent=True)
    await here.fan_out.spread(number)
    while True:
        for moment, _lane, warning in seen.sent:
            if warning == number:
                return moment - approved_at
        await asyncio.sleep(0.002)


async def _end(here: Desk, seen: Seen, state: str) -> str:
    """The state is all that the courier asks about; the rest of a cancellation is writing, not sending."""
    await _set(here, "sending")
    await asyncio.sleep(2.0)
    before = sum(lane is Lane.CAMPAIGN for _moment, lane, _warning in seen.sent[-30:])
    await _set(here, state)
    at = time.perf_counter()
    await asyncio.sleep(1.5)
    late = [moment - at for moment, lane, _warning in seen.sent if moment > at and lane is Lane.CAMPAIGN]
    last = max(late, default=0.0) * 1000
    return f"{state} while it ran ({before} of the last 30): {len(late)} left after it, the last {last:.0f} ms later"


async def _set(here: Desk, state: str) -> None:
    async with here.database.writing() as session:
        await session.execute(text("UPDATE warnings SET state = :state WHERE id = 1"), {"state": state})
    here.ring()


async def faults(people: int) -> list[str]:
    """5 % blocked, 2 % lost answers, 1 % 5xx, and one group in twenty moved: everybody once, nobody forgotten."""
    async with desk(people, 2_000, LIMITS | {"telegram_per_second": 0}) as here:
        dice = random.Random(7)
        chats = [int(one.id[1:]) for one in here.town.inhabitants if one.id.startswith("t")]
        dice.shuffle(chats)
        wanted = {"403": len(chats) // 20, "lost_answer": len(chats) // 50, "500": len(chats) // 100}
        spoiled: dict[str, list[int]] = {}
        for kind, count in wanted.items():
            spoiled[kind], chats = chats[:count], chats[count:]
            for chat in spoiled[kind]:
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
    arrived = sum(stats["sent"].values())
    return [
        f"faults over {sum(found.values())} recipients ({ordered}): {shown}",
        f"      messages that arrived: {arrived}; lost answers were said again once, by the warning's policy:"
        f" {arrived - found['sent', '']} twice",
    ]


async def mixed(groups: int, whatsapp: int, telegram: int) -> list[str]:
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
    lines = [f"{groups}+ groups, {counts['whatsapp']} on WhatsApp, {counts['telegram']} Telegram chats in all at once:"]
    for name in channels:
        alone, together = rates[name, False], rates[name, True]
        lines.append(f"      {name}: {alone:.2f}/s alone, {together:.2f}/s together: {together / alone - 1:+.1%}")
    return [*lines, f"      429: {stats.get('refused_429', '?')}"]


CASES: dict[str, Callable[[bool], Awaitable[list[str]]]] = {
    "30": lambda full: rate(30, PEOPLE if full else 900, replies=False),
    "30+replies": lambda full: rate(30, PEOPLE if full else 900, replies=True),
    "1000": lambda full: rate(1_000, PEOPLE if full else 6_000, replies=True),
    "urgent": lambda full: urgent(30, 900),
    "mixed": lambda full: mixed(200, 5_000, 20_000) if full else mixed(200, 1_500, 500),
    "faults": lambda full: faults(PEOPLE if full else 2_000),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.broadcast", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"{', '.join(CASES)}; default: all")
    parser.add_argument("--full", action="store_true", help=f"{PEOPLE:,} people: 14 minutes at 30/s")
    options = parser.parse_args()
    unknown = set(options.cases) - set(CASES)
    if unknown:
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    for name in options.cases or CASES:
        print("\n".join(asyncio.run(_one(CASES[name], options.full))), flush=True)
    return 0


async def _one(case: Callable[[bool], Awaitable[list[str]]], full: bool) -> list[str]:
    return await case(full)


if __name__ == "__main__":
    raise SystemExit(main())
