"""A day with a thousand residents, in virtual time: what came in, what became of it, and whether anything was lost.

`python -m bench.day [PEOPLE]`: tips of all categories at all hours over the demo territory, with its roster; people who
are silent, hand over, ask, answer, close; residents who answer, rate, reopen, cut the link. Then all of it is counted.
"""

import argparse
import asyncio
import base64
import heapq
import random
import secrets
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import event

from bench.ledger import Ledger
from bench.recount import MINUTE
from bot.commands import migrate_database
from bot.commands.territory import load
from bot.config import Settings
from bot.errors import KorshiError
from bot.jobs import Jobs
from bot.services.officers import OfficerView
from bot.services.residents import Person
from bot.services.tips import Destination, PartDraft, TipDraft, TipView
from bot.services.unit import House, Unit, Units
from bot.setup import key_ring
from bot.store import keys
from bot.store.database import Database
from bot.surveyor import Surveyor
from bot.terms import Identity, Language, Messenger, PartKind

ZONE = ZoneInfo("Asia/Almaty")
BEGIN = datetime(2026, 11, 26, 19, 0, tzinfo=UTC)  # a Friday's first minute there: the weekend comes into the deadlines
DAY, LASTS, TICK = timedelta(hours=24), timedelta(hours=36), timedelta(minutes=5)
DEMO = Path(__file__).parent.parent / "demo"
PRECINCTS = ("101", "102", "103", "104", "201", "202", "203", "204", "205", "301", "302", "303")
WEST, EAST, SOUTH, NORTH = 73.00, 73.20, 49.75, 49.85  # a little more than the demo city
SPEAKER = "2001"  # an officer's account; services ask it for the messenger of files only

Act = Callable[[], Awaitable[None]]
Work = Callable[[Unit, OfficerView, Person], Awaitable[object]]


class DayClock:
    """Stands still until the next thing happens."""

    def __init__(self, at: datetime = BEGIN) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - BEGIN).total_seconds()

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Day:
    units: Units
    clock: DayClock
    people: int
    every: timedelta = TICK
    dice: random.Random = field(default_factory=lambda: random.Random(20_261_127))
    residents: list[Person] = field(default_factory=list)
    sent: dict[int, int] = field(default_factory=dict)  # tip → who sent it
    did: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    _coming: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _count: int = 0

    def later(self, minutes: float, act: Act) -> None:
        self._count += 1
        heapq.heappush(self._coming, (self.clock.at + timedelta(minutes=minutes), self._count, act))

    async def run(self) -> None:
        await self._settle()
        categories = await self._categories()
        for number, person in enumerate(self.residents):
            code = categories[number % len(categories)]
            at = self.dice.uniform(0, DAY / MINUTE)
            self.later(at, lambda p=person, c=code: self.submits(p, c))  # type: ignore[misc]
        jobs, tick = Jobs(self.units, "bench", timedelta(minutes=10)), BEGIN + self.every
        while tick <= BEGIN + LASTS:
            while self._coming and self._coming[0][0] <= tick:
                self.clock.at, _number, act = heapq.heappop(self._coming)
                await self._one(act)
            self.clock.at, tick = tick, tick + self.every
            for job in (jobs.ladder, jobs.clocks, jobs.aftercare):
                await job()
        self._coming.clear()

    async def _one(self, act: Act) -> None:
        try:
            await act()
        except KorshiError as refusal:  # he does not hold it any more, it is over meanwhile …
            self.refused[type(refusal).__name__] += 1

    async def _settle(self) -> None:
        async with self.units() as unit:
            homes = [await unit.territory.by_code(code) for code in PRECINCTS]
            for number in range(self.people):
                messenger = Messenger.WHATSAPP if number % 4 == 3 else Messenger.TELEGRAM
                address = f"+7747{number:07d}" if messenger is Messenger.WHATSAPP else str(9_000_000 + number)
                person = await unit.residents.meet(messenger, address, f"Тұрғын {number}")
                await unit.residents.choose_language(person, Language.KK if number % 2 else Language.RU)
                await unit.residents.consent(person)
                if home := homes[number % len(homes)]:
                    await unit.residents.settle(person, home.id)
                again = await unit.residents.known(messenger, address)
                self.residents += [again] if again else []

    async def _categories(self) -> list[str]:
        async with self.units.reading() as unit:
            return [category.code for category in await unit.tips.categories()]

    # -- residents

    async def submits(self, person: Person, code: str) -> None:
        identity = self.dice.choice((Identity.NAMED, Identity.HIDDEN, Identity.HIDDEN))
        how = self.dice.random()
        point = (self.dice.uniform(SOUTH, NORTH), self.dice.uniform(WEST, EAST)) if how < 0.7 else None
        words = [PartDraft(PartKind.TEXT, f"Екінші кіреберіс, {self.clock.at:%H:%M}")]
        async with self.units() as unit:
            spot = await unit.territory.spot_at(*point) if point else None
            home = person.precinct_id if how < 0.9 else None
            draft = TipDraft(code, words, identity, point=point, spot=spot, precinct_id=home)
            tip = await unit.tips.submit(person, draft)
        self.sent[tip.id] = person.id
        self.did["sent"] += 1
        self._plan(tip.id, person)

    def _plan(self, tip_id: int, person: Person) -> None:
        fate = self.dice.random()
        if fate < 0.2:
            return  # nobody takes it: the ladder has it
        if fate < 0.23:
            self.later(self.dice.uniform(1, 200), lambda: self.cuts(person, tip_id))
        taken = self.dice.lognormvariate(2.5, 1.0)
        if fate > 0.92:
            self.later(taken / 2, lambda: self.hands_over(tip_id))
        self.later(taken, lambda: self.works(tip_id, person))

    async def answers(self, person: Person, tip_id: int) -> None:
        async with self.units() as unit:
            await unit.tips.add(person, tip_id, _words("Иә, солай"))
        self.did["answered the question"] += 1

    async def cuts(self, person: Person, tip_id: int) -> None:
        async with self.units() as unit:
            await unit.tips.cut(person, tip_id)
        self.did["cut the link"] += 1

    async def rates(self, person: Person, tip_id: int) -> None:
        stars = self.dice.choice((1, 2, 3, 4, 5, 5))
        async with self.units() as unit:
            await unit.tips.rate(person, tip_id, stars)
            if stars < 3:
                await unit.tips.reopen(person, tip_id)
        self.did["rated"] += 1
        self.did["reopened"] += stars < 3
        if stars < 3:
            self.later(self.dice.uniform(5, 60), lambda: self.works(tip_id, person))

    # -- officers

    async def _holder(self, unit: Unit, tip: TipView) -> OfficerView:
        if tip.officer_id is not None:
            return await unit.officers.get(tip.officer_id)
        return self.dice.choice(await unit.officers.on_desk(tip.desk_id or 0))

    async def _as_holder(self, tip_id: int, what: str, act: Work) -> None:
        async with self.units() as unit:
            tip, speaker = await unit.tips.for_notice(tip_id), await unit.residents.known(Messenger.TELEGRAM, SPEAKER)
            if tip is None or speaker is None:
                raise LookupError(tip_id)
            await act(unit, await self._holder(unit, tip), speaker)
        self.did[what] += 1

    async def works(self, tip_id: int, person: Person) -> None:
        await self._as_holder(tip_id, "taken", lambda unit, officer, _me: unit.tips.take(officer, tip_id))
        at = self.dice.uniform(5, 60)
        if self.dice.random() < 0.25:
            self.later(at, lambda: self.asks(tip_id, person))
            at += self.dice.uniform(30, 300)
        if self.dice.random() < 0.5:
            self.later(at, lambda: self.replies(tip_id))
        self.later(at + self.dice.uniform(30, 900), lambda: self.closes(tip_id, person))

    async def asks(self, tip_id: int, person: Person) -> None:
        await self._as_holder(tip_id, "asked", lambda unit, officer, me: unit.tips.ask(officer, tip_id, _words(), me))
        if self.dice.random() < 0.8:
            self.later(self.dice.uniform(2, 400), lambda: self.answers(person, tip_id))

    async def replies(self, tip_id: int) -> None:
        await self._as_holder(
            tip_id, "answered", lambda unit, officer, me: unit.tips.answer(officer, tip_id, _words(), me)
        )

    async def hands_over(self, tip_id: int) -> None:
        code = self.dice.choice(PRECINCTS)

        async def give(unit: Unit, officer: OfficerView, _me: Person) -> None:
            place = await unit.territory.by_code(code)
            await unit.tips.hand_over(officer, tip_id, "other_precinct", Destination(place.id if place else None))

        await self._as_holder(tip_id, "handed over", give)

    async def closes(self, tip_id: int, person: Person) -> None:
        await self._as_holder(
            tip_id,
            "closed",
            lambda unit, officer, me: unit.tips.close(officer, tip_id, "measures_taken", _words(), me),
        )
        if self.dice.random() < 0.6:
            self.later(self.dice.uniform(1, 300), lambda: self.rates(person, tip_id))


def _words(text: str = "Тексердік") -> PartDraft:
    return PartDraft(PartKind.TEXT, text)


async def live(database: Database, people: int, every: timedelta = TICK) -> Ledger:
    """The whole day on a database with the demo department; what was found wrong is in the ledger."""
    clock = DayClock()
    units = Units(House(database, clock, ZONE, None))
    await Surveyor(units).look()
    day = Day(units, clock, people, every)
    await day.run()
    async with database.reading() as session:
        return await Ledger(day.sent, day.did, day.refused, clock.at, DEMO, ZONE, every).look(session)


def _without_the_disk(connection: Any, _record: Any) -> None:
    """What is counted here is not how fast a disk is."""
    connection.cursor().execute("PRAGMA synchronous=OFF")


async def measure(people: int) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="korshi-day-") as folder:
        settings = Settings(
            _env_file=None,
            database_url=f"sqlite+aiosqlite:///{folder}/korshi.db",
            secret_keys=base64.b64encode(secrets.token_bytes(32)).decode(),
            pepper=base64.b64encode(secrets.token_bytes(32)).decode(),
        )  # type: ignore[call-arg]
        keys.install(key_ring(settings))
        await migrate_database(settings, "head")
        await load(settings, DEMO, is_dry=False, activate=True, say=lambda _line: None)
        database = Database(settings.database_url)
        event.listen(database.writer.sync_engine, "connect", _without_the_disk)
        try:
            began, cpu = time.perf_counter(), time.process_time()
            ledger = await live(database, people)
            took, cpu = time.perf_counter() - began, time.process_time() - cpu
        finally:
            await database.close()
    return [*ledger.lines(), f"{took:.0f} s, {cpu:.0f} s of CPU for {LASTS / timedelta(hours=1):.0f} hours"]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.day", description=__doc__)
    parser.add_argument("people", nargs="?", type=int, default=1000)
    print("\n".join(asyncio.run(measure(parser.parse_args().people))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
