"""Many residents in their dialogs at the same time: an answer that belongs to somebody else is counted, and none may.

`python -m bench.dialogs [PEOPLE]`: updates go straight into the dispatcher, without messengers; what is said, what is
stored and whom each promise reaches are compared with what each has written.
"""

import argparse
import asyncio
import random
import re
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from aiogram.utils.formatting import Text
from sqlalchemy import select

from bench.town import Town
from bot.app import App
from bot.channels.base import Channel, Place
from bot.config import Settings
from bot.services.inbox import telegram_arrival
from bot.services.residents import Person
from bot.speech import Reply
from bot.speech.calls import Report
from bot.store.notices import Notice
from bot.store.tips import Tip, TipPart
from bot.terms import Language, Messenger

FIRST = 8_000_001  # Telegram ids of people nobody else uses
TOKEN = re.compile(r"Z\d{5}Z")
STEPS = ("/tip", Report(step="tile", code="yard"), Report(step="category", code="noise_night"), "story", "more",
         Report(step="done"), "place", Report(step="keep", code="0"), Report(step="hidden"),
         Report(step="send"))  # fmt: skip


@dataclass
class Result:
    people: int
    answers: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    cpu: float = 0.0

    def lines(self) -> list[str]:
        wrong = sum(self.wrong.values())
        return [
            f"{self.people} residents at once, {self.answers} answers: {wrong} wrong"
            f" {dict(self.wrong) if wrong else ''}".rstrip(),
            f"{self.seconds:.1f} s, {self.cpu:.1f} s of CPU, {self.cpu / max(self.answers, 1) * 1000:.1f} ms an answer",
        ]


@dataclass
class Hall:
    """Everybody's phone, straight into the dispatcher."""

    app: App
    result: Result
    said: dict[str, list[Reply]] = field(default_factory=lambda: defaultdict(list))
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    dice: random.Random = field(default_factory=lambda: random.Random(5))

    def __post_init__(self) -> None:
        self.channel = self.app.channels[Messenger.TELEGRAM]
        self.dispatcher = self.app.make_dispatcher(self)  # type: ignore[arg-type]

    def post(self, _channel: Channel, place: Place, reply: Reply, _person: Person | None) -> None:
        self.said[place.address].append(reply)

    async def feed(self, **inner: Any) -> None:
        payload = {"update_id": next(self.numbers), **inner}
        async with self.app.units() as unit:
            (item,) = await unit.inbox.store([telegram_arrival(payload)])
        update = self.channel.update_of(payload)
        await self.dispatcher.feed_update(
            self.channel.bot, update, channel=self.channel, inbox_id=item.id, address=None
        )

    async def settle(self, people: int) -> None:
        async with self.app.units() as unit:
            home = await unit.territory.by_code("101")
            for index in range(people):
                person = await unit.residents.meet(Messenger.TELEGRAM, str(FIRST + index), f"Тұрғын {index}")
                await unit.residents.choose_language(person, Language.KK if index % 2 else Language.RU)
                await unit.residents.consent(person)
                if home is not None:
                    await unit.residents.settle(person, home.id)

    async def talks(self, index: int) -> None:
        """One whole tip, with pauses that let everybody else in between."""
        who, token = FIRST + index, token_of(index)
        words = {"story": f"Шу {token}", "more": f"Тағы да {token}", "place": f"Белгісіз орын {token}"}
        for step in STEPS:
            await asyncio.sleep(self.dice.uniform(0, 0.05))
            before = len(self.said[str(who)])
            sender = {"id": who, "is_bot": False, "first_name": "Т"}
            message = {"message_id": next(self.numbers), "date": 1_796_000_000, "from": sender,
                       "chat": {"id": who, "type": "private", "first_name": "Т"}}  # fmt: skip
            if isinstance(step, Report):
                press = {"id": str(next(self.numbers)), "from": sender, "chat_instance": "1", "data": step.pack()}
                await self.feed(callback_query=press | {"message": message | {"text": "…"}})
            elif step.startswith("/"):
                entity = {"type": "bot_command", "offset": 0, "length": len(step)}
                await self.feed(message=message | {"text": step, "entities": [entity]})
            else:
                await self.feed(message=message | {"text": words[step]})
            self.result.answers += 1
            if len(self.said[str(who)]) != before + 1:
                self.result.wrong["no answer, or two"] += 1

    def look_at_screens(self) -> None:
        for address, replies in self.said.items():
            own, found = token_of(int(address) - FIRST), set[str]()
            for reply in replies:
                text = reply.text.as_kwargs()["text"] if isinstance(reply.text, Text) else str(reply.text)
                found |= set(TOKEN.findall(text))
            self.result.wrong["a stranger's words"] += len(found - {own})
            self.result.wrong["own words not seen"] += own not in found

    async def look_at_tips(self) -> None:
        async with self.app.units() as unit:
            people = [
                await unit.residents.known(Messenger.TELEGRAM, str(FIRST + index))
                for index in range(self.result.people)
            ]
            mine = [await unit.tips.mine(person) if person else [] for person in people]
            due = list(await unit._session.scalars(select(Notice.id).where(Notice.kind == "tip_sent")))
            for delivery in await unit.deliveries.claim(due):
                own = mine[int(delivery.address) - FIRST]
                if delivery.tip is None or [tip.number for tip in own] != [delivery.tip.number]:
                    self.result.wrong["a stranger's number"] += 1
            self.result.wrong["promises missing"] += abs(len(due) - self.result.people)
        async with self.app.database.reading() as session:
            parts = defaultdict[int, list[str]](list)
            for part in await session.scalars(select(TipPart).order_by(TipPart.id)):
                parts[part.tip_id].append(part.text or "")
            places = {tip.id: tip.place for tip in await session.scalars(select(Tip))}
        for index, tips in enumerate(mine):
            token = token_of(index)
            expected = [f"Шу {token}", f"Тағы да {token}"]
            if len(tips) != 1 or parts[tips[0].id] != expected or places[tips[0].id] != f"Белгісіз орын {token}":
                self.result.wrong["not what was written"] += 1
        self.result.wrong = +self.result.wrong


def token_of(index: int) -> str:
    return f"Z{index:05d}Z"


async def talk(app: App, people: int) -> Result:
    result = Result(people)
    hall = Hall(app, result)
    await hall.settle(people)
    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(hall.talks(index) for index in range(people)))
    result.seconds, result.cpu = time.perf_counter() - began, time.process_time() - cpu
    hall.look_at_screens()
    await hall.look_at_tips()
    for channel in app.channels.values():
        await channel.close()
    await app.database.close()
    return result


async def measure(people: int) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="korshi-dialogs-") as folder:
        town = Town(Path(folder) / "town", 0)
        await town.build()
        settings = Settings(_env_file=None, **town.settings)  # type: ignore[arg-type]
        return (await talk(App(settings), people)).lines()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.dialogs", description=__doc__)
    parser.add_argument("people", nargs="?", type=int, default=500)
    print("\n".join(asyncio.run(measure(parser.parse_args().people))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
