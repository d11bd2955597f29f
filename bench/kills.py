"""`kill -9` at random points while people tell tips and a warning goes to 500: nothing lost, hardly anything doubled.

`python -m bench.kills --times 20` starts the stand-ins and Korshi as processes, kills Korshi again and again, starts
it again at once, waits until all has settled, and then asks both sides what became of every tip and every recipient.
"""

import argparse
import asyncio
import contextlib
import random
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.crowd import Crowd, Screens
from bench.reckoning import Reckoning, reckon
from bench.town import Town

RECIPIENTS = 500
DOUBLED_A_KILL = 8
IN_A_START = 0.2  # share of the kills that hit a start
CALLS_A_TIP = 8  # messages and edits that a tip surely costs: the points of the kills are spread over these
LATENCY_SECONDS = 0.02  # of the stand-ins: a call takes time, so that kills meet calls under way
STALLED_SECONDS = 60.0
RATES = {
    "telegram_rate": "400",
    "whatsapp_rate": "400",
    "telegram_chat_gap_seconds": "0",
    "whatsapp_chat_gap_seconds": "0",
}
OPEN_WORK = """
    SELECT (SELECT count(*) FROM inbox WHERE handled_at IS NULL)
         + (SELECT count(*) FROM warnings WHERE state = 'spreading')
         + (SELECT count(*) FROM notices WHERE state IN ('due', 'sending'))
"""


class Stalled(Exception):
    """Nothing moved for a minute."""


@dataclass(frozen=True, slots=True)
class Plan:
    times: int
    tips: int
    seed: int
    recipients: int = RECIPIENTS


@dataclass(slots=True)
class Life:
    """From one start of the bot to its end."""

    ready_after: float | None = None  # seconds; None: killed before
    messages: int = 0  # that had reached a phone at its end
    ended_at: float = 0.0


@dataclass
class Report:
    plan: Plan
    lives: list[Life]
    seconds: float
    begun_anew: int
    found: Reckoning

    @property
    def doubled(self) -> int:
        return sum(self.found.doubled.values())

    @property
    def faults(self) -> list[str]:
        allowed = DOUBLED_A_KILL * self.plan.times
        too_many = [f"{self.doubled} doubled sends, allowed {allowed}"] if self.doubled > allowed else []
        return [*self.found.faults, *too_many]

    def lines(self) -> list[str]:
        shown = [f"{'kill':>4} {'after':>8} {'messages':>9}  {'hit':<9} {'next start ready after':>22}"]
        for number, (life, after) in enumerate(zip(self.lives, self.lives[1:], strict=False), 1):
            hit = "a start" if life.ready_after is None else "the work"
            shown.append(f"{number:>4} {life.ended_at:>6.1f} s {life.messages:>9,}  {hit:<9} {_ready(after):>22}")
        doubled = ", ".join(f"{kind} {count}" for kind, count in sorted(self.found.doubled.items()))
        return [
            *shown,
            f"The first start was ready after {_ready(self.lives[0])}.",
            f"{self.found.tips} tips in {self.found.updates} updates, {self.plan.recipients} recipients of a warning,"
            f" {self.plan.times} kills in {self.seconds:.0f} s; dialogs begun anew after a lost answer:"
            f" {self.begun_anew}.",
            f"Doubled sends: {doubled}; {self.doubled} in all, allowed {DOUBLED_A_KILL * self.plan.times}.",
            *(f"FAULT: {fault}" for fault in self.faults),
        ]


def _ready(life: Life) -> str:
    return "killed before" if life.ready_after is None else f"{life.ready_after:.1f} s"


@dataclass
class Killer:
    """Kills when so and so many messages have reached the phones, and now and then in the middle of a start."""

    town: Town
    screens: Screens
    plan: Plan
    lives: list[Life] = field(default_factory=list)

    async def run(self) -> None:
        dice = random.Random(self.plan.seed)
        began = time.monotonic()
        surely = self.plan.tips * CALLS_A_TIP + self.plan.recipients
        in_start = [number > 0 and dice.random() < IN_A_START for number in range(self.plan.times)]
        points = iter(sorted(dice.randint(10, int(surely * 0.9)) for hits in in_start if not hits))
        life = await self._start()
        for hits_start in in_start:
            if hits_start:
                await asyncio.sleep(dice.uniform(0.1, self.lives[0].ready_after or 1.0))
            else:
                await self._ready(life)
                await self._reach(next(points))
                await asyncio.sleep(dice.uniform(0.0, 0.1))
            life.messages, life.ended_at = await self._messages(), time.monotonic() - began
            self.screens.is_up = False
            self.town.kill_bot()
            life = await self._start()
        await self._ready(life)

    async def _start(self) -> Life:
        self.town.start_bot()
        self.lives.append(Life())
        return self.lives[-1]

    async def _ready(self, life: Life) -> None:
        life.ready_after = await self.town.until_ready()
        self.screens.is_up = True

    async def _reach(self, point: int) -> None:
        before, moved_at = -1, time.monotonic()
        while (now := await self._messages()) < point:
            if now != before:
                before, moved_at = now, time.monotonic()
            if time.monotonic() - moved_at > STALLED_SECONDS:
                raise Stalled(f"{now} messages, waiting for {point}")
            if self.town.bot is None or self.town.bot.poll() is not None:
                raise Stalled("the bot ended by itself")
            await asyncio.sleep(0.02)

    async def _messages(self) -> int:
        stats = await self.town.call("/sim/stats")
        return int(sum(stats["sent"].values()) + stats["calls"].get("editMessageText", 0))


async def storm(folder: Path, plan: Plan) -> Report:
    """One whole run in an empty folder. Raises Stalled, RuntimeError."""
    town = Town(folder, plan.recipients, RATES)
    await town.build()
    screens = Screens(town)
    crowd = Crowd(town, screens)
    killer = Killer(town, screens, plan)
    began = time.monotonic()
    try:
        await town.open()
        await town.call("/sim/limits", {"latency_seconds": LATENCY_SECONDS})
        crowd.gather(plan.tips)
        watching = asyncio.create_task(screens.run())
        try:
            people = asyncio.create_task(crowd.run())
            await killer.run()
            await _settled(town, people)
        finally:
            for task in (people, watching):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        found = await reckon(town, crowd)
        if found.faults:
            found.faults += [f"the bot's log: {line}" for line in town.errors()]
        begun_anew = sum(teller.lost for teller in crowd.tellers) + crowd.warner.lost
        return Report(plan, killer.lives, time.monotonic() - began, begun_anew, found)
    except (Stalled, RuntimeError) as trouble:
        raise Stalled(f"{trouble}\nThe bot's last words:\n{town.last_words()}") from trouble
    finally:
        await town.close()


async def _settled(town: Town, people: "asyncio.Task[None]") -> None:
    """Until everybody has his answer and no work is open; what no longer moves is judged as it is."""
    before, moved_at = (-1, -1), time.monotonic()
    while time.monotonic() - moved_at < STALLED_SECONDS:
        now = (town.ask(OPEN_WORK)[0][0], (await town.call("/sim/wait?after=-1&timeout=0"))["seq"])
        if people.done() and now[0] == 0:
            people.result()
            return
        if now != before:
            before, moved_at = now, time.monotonic()
        await asyncio.sleep(0.25)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.kills", description=__doc__)
    parser.add_argument("--times", type=int, default=20, help="how many kills (default 20)")
    parser.add_argument("--tips", type=int, default=200, help="how many people tell a tip (default 200)")
    parser.add_argument("--seed", type=int, help="repeats the points of a run")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.SystemRandom().randint(0, 999_999)
    print(f"{options.times} kills, {options.tips} tips, seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="korshi-kills-") as folder:
        try:
            report = asyncio.run(storm(Path(folder) / "town", Plan(options.times, options.tips, seed)))
        except Stalled as trouble:
            print(f"FAULT: {trouble}", file=sys.stderr)
            return 1
    print("\n".join(report.lines()))
    return 1 if report.faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
