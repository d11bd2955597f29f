"""How soon a resident hears the number of his tip: 20 tips a second on SQLite while the courier carries a broadcast.

`python -m bench.acks [SECONDS]`: stand-ins and Korshi are processes of their own. Everybody has come to the last step
of his dialog before; then they press «Send» at an even pace. What is measured lies between the press and the message
with the number on the screen.
"""

import argparse
import asyncio
import os
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.callbacks import cpu_seconds
from bench.crowd import NoAnswer, Phone, Screens, Teller, Warner
from bench.town import Town

RATE = 20
ALLOWED = 200  # messages a second: 20 tips are 60 of them (edit, number, card), more than Telegram's free 30
RECIPIENTS = 3_000
AT_ONCE = 16
WANTED_SECONDS = 1.0
STAFF, SECOND = "t2025", "t2026"  # who writes the warning, and who approves it


class Sender(Teller):
    """To the last step, and then the press that counts."""

    last: tuple[dict[str, Any], str]

    async def prepare(self) -> None:
        while True:
            try:
                await self.act("say", text="/tip")
                await self.press("rep:tile:yard")
                await self.press("rep:category:noise_night")
                await self.until("rep:done")
                await self.act("say", text=self.story)
                await self.press("rep:done")
                await self.until(self.word("skip"))
                await self.act("say", text=self.word("skip"))
                await self.press("rep:hidden")
                self.last = await self.until("rep:send")
                return
            except NoAnswer:
                self.lost += 1

    async def send(self) -> float:
        message, button = self.last
        began = time.perf_counter()
        await self.act("press", button=button, message_id=message["message_id"])
        try:
            await self.until(self.word("accepted"), patience=60.0)
        except NoAnswer:
            return float("inf")
        return time.perf_counter() - began


async def measure(seconds: float) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="korshi-acks-") as folder:
        town = Town(Path(folder) / "town", RECIPIENTS, {"telegram_rate": str(ALLOWED)})
        await town.build()
        try:
            await town.open()
            town.start_bot()
            await town.until_ready()
            return await _in(town, seconds)
        finally:
            await town.close()


async def _in(town: Town, seconds: float) -> list[str]:
    screens = Screens(town)
    screens.is_up = True
    watching = asyncio.create_task(screens.run())
    try:
        people = [one for one in town.inhabitants if one.id.startswith("t")][-round(RATE * seconds) :]
        senders = [
            Sender(town, screens, one.id, one.is_russian, token=f"A{index:04d}X") for index, one in enumerate(people)
        ]
        places = asyncio.Semaphore(AT_ONCE)

        async def prepare(sender: Sender) -> None:
            async with places:
                await sender.prepare()

        await asyncio.gather(*(prepare(sender) for sender in senders))
        await Warner(town, screens, STAFF, False).warn()
        second = Phone(town, screens, SECOND, False)
        await second.press("rev:show")
        await second.press("rev:approve")
        before, used, began = _sent(town), _cpu(town), time.perf_counter()
        waits = await _all_send(senders)
        took = time.perf_counter() - began
        return [*_lines(waits, took, _cpu(town) - used, _sent(town) - before), _inside(town)]
    finally:
        watching.cancel()


async def _all_send(senders: list[Sender]) -> list[float]:
    """At an even pace, whether those before have been answered or not."""
    began, waits = time.perf_counter(), list[asyncio.Task[float]]()
    async with asyncio.TaskGroup() as nursery:
        for number, sender in enumerate(senders):
            await asyncio.sleep(max(0.0, began + number / RATE - time.perf_counter()))
            waits.append(nursery.create_task(sender.send()))
    return sorted(wait.result() for wait in waits)


def _lines(waits: list[float], took: float, cpu: float, warned: int) -> list[str]:
    p50, p95 = waits[len(waits) // 2], waits[int(len(waits) * 0.95)]
    load = os.getloadavg()[0]
    return [
        f"{len(waits)} tips at {RATE}/s while {warned} messages of a broadcast left: acknowledgement p50"
        f" {p50 * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms, max {waits[-1] * 1000:.0f} ms"
        f"   wanted p95 ≤ {WANTED_SECONDS * 1000:.0f} ms  {'met' if p95 <= WANTED_SECONDS else 'MISSED'}",
        f"      {took:.1f} s; CPU of the bot {cpu:.1f} s = {cpu / took * 100:.0f} % of one core, broadcast included;"
        f" this program {_own_cpu():.1f} s; load of the machine {load:.1f} on {os.cpu_count()} cores",
    ]


def _inside(town: Town) -> str:
    """Where the time goes in the bot: from the press in the inbox to its commit, from there to the messenger."""
    turns = town.ask(
        "SELECT handled_at - received_at FROM inbox WHERE handled_at IS NOT NULL ORDER BY id DESC LIMIT 200"
    )
    words = town.ask("SELECT sent_at - due_at FROM notices WHERE kind = 'tip_sent' AND sent_at IS NOT NULL")
    due = town.ask("SELECT kind, state, count(*) FROM notices WHERE kind <> 'warning' GROUP BY kind, state")
    shown = " and ".join(
        f"{name} p50 {times[len(times) // 2] / 1000:.0f} ms, p95 {times[int(len(times) * 0.95)] / 1000:.0f} ms"
        for name, rows in (("turn", turns), ("number", words))
        if (times := sorted(int(row[0]) for row in rows))
    )
    return f"      inside: {shown}; notices {', '.join(f'{kind} {state} {n}' for kind, state, n in due)}"


def _own_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _cpu(town: Town) -> float:
    return cpu_seconds(town.bot.pid) if town.bot is not None else 0.0


def _sent(town: Town) -> int:
    rows = town.ask("SELECT count(*) FROM notices WHERE kind = 'warning' AND sent_at IS NOT NULL")
    return int(rows[0][0])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.acks", description=__doc__)
    parser.add_argument("seconds", nargs="?", type=float, default=20.0)
    print("\n".join(asyncio.run(measure(parser.parse_args().seconds))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
