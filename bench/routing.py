"""T1: the routing tree of the finished product, without a database, beside bare aiogram with its own FSM."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from itertools import count
from types import SimpleNamespace
from typing import Any

from aiogram import BaseMiddleware, Bot, Dispatcher, F, Router
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.storage.base import StorageKey
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.types import TelegramObject, Update

import handlers
from bench.rounds import Comparison
from bot.danger import danger_in
from bot.memory import TurnMemory
from bot.services.residents import Person
from bot.services.talks import TalkView
from bot.speech import Reply
from bot.speech.calls import Report
from bot.speech.forms import TipForm
from bot.terms import Language, Messenger
from bot.turn import place_of

TOKEN = "4000000000:" + "B" * 35
RESIDENT = 1001
STATES = {1: TipForm.story.state, 2: TipForm.check.state, 3: TipForm.place.state}
ROUNDS, UPDATES = 7, 3000

_ids = count(1)


def _from(who: int) -> dict[str, Any]:
    return {"id": who, "is_bot": False, "first_name": "Сана", "language_code": "ru"}


def _message(who: int, **content: Any) -> dict[str, Any]:
    chat = {"id": who, "type": "private", "first_name": "Сана"}
    return {"message_id": 5, "date": 1_800_000_000, "chat": chat, "from": _from(who), **content}


def _kinds() -> dict[str, bytes]:
    """What a bot hears all day; the state of the dialog belongs to the person's id."""
    command = {"text": "/tip", "entities": [{"type": "bot_command", "offset": 0, "length": 4}]}
    press = {"id": "1", "from": _from(2), "chat_instance": "1", "data": Report(step="send").pack()}
    updates: dict[str, dict[str, Any]] = {
        "command": {"message": _message(RESIDENT, **command)},
        "words of a story": {"message": _message(1, text="Музыка после полуночи, второй подъезд")},
        "press": {"callback_query": press | {"message": _message(2, text="…")}},
        "location": {"message": _message(3, location={"latitude": 49.8, "longitude": 73.1})},
        "stray words": {"message": _message(RESIDENT, text="Сәлеметсіз бе")},
    }
    return {kind: json.dumps(update).encode() for kind, update in updates.items()}


KINDS = _kinds()


async def _nothing(*_arguments: Any, **_facts: Any) -> Reply:
    return Reply("…")


class _WithoutDatabase(BaseMiddleware):
    """What the turn gives to filters and handlers, from memory."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        place, who = place_of(event, None)
        talk = TalkView(STATES.get(int(who)))
        key = StorageKey(bot_id=1, chat_id=0, user_id=0)
        person = Person(**_PERSON)
        data |= {"place": place, "talk": talk, "raw_state": talk.state, "person": person, "unit": None}
        data |= {"state": FSMContext(storage=TurnMemory(talk), key=key)}
        data |= {"channel": SimpleNamespace(messenger=Messenger.TELEGRAM)}
        return await handler(event, data)


def _person() -> dict[str, Any]:
    known: dict[str, Any] = {"language": Language.RU, "has_consent": True, "messenger": Messenger.TELEGRAM, "id": 1}
    return {name: known.get(name) for name in Person.__dataclass_fields__}


_PERSON = _person()


def _routers(routers: list[Router]) -> Iterator[Router]:
    for router in routers:
        yield router
        yield from _routers(router.sub_routers)


def product() -> Dispatcher:
    """The real tree with every filter in it; its handlers do nothing."""
    dispatcher = Dispatcher(disable_fsm=True)
    dispatcher.update.outer_middleware(_WithoutDatabase())
    routers = handlers.routers()
    for router in _routers(routers):
        for observer in router.observers.values():
            for handler in observer.handlers:
                handler.callback, handler.params, handler.varkw, handler.awaitable = _nothing, set(), False, True
    dispatcher.include_routers(*routers)
    return dispatcher


async def bare() -> Dispatcher:
    """The same five answers by the shortest way aiogram has."""
    storage = MemoryStorage()
    dispatcher, router = Dispatcher(storage=storage), Router()
    for person, state in STATES.items():
        await storage.set_state(StorageKey(bot_id=4_000_000_000, chat_id=person, user_id=person), state)
    router.message.register(_nothing, Command("tip"))
    router.message.register(_nothing, StateFilter(TipForm.story))
    router.message.register(_nothing, StateFilter(TipForm.place))
    router.callback_query.register(_nothing, Report.filter(F.step == "send"), StateFilter(TipForm.check))
    router.message.register(_nothing)
    dispatcher.include_router(router)
    return dispatcher


async def feed(dispatcher: Dispatcher, bot: Bot, raws: list[bytes], times: int) -> float:
    """Updates a second from bytes to the handler's end."""
    began = time.perf_counter()
    for index in range(times):
        payload = json.loads(raws[index % len(raws)])
        payload["update_id"] = next(_ids)
        await dispatcher.feed_update(bot, Update.model_validate(payload, context={"bot": bot}))
    return times / (time.perf_counter() - began)


class Hops:
    """Counts what is handed to a thread while it looks on."""

    def __enter__(self) -> "Hops":
        self.count, self._loop = 0, asyncio.get_running_loop()
        inner = self._loop.run_in_executor

        def counted(*arguments: Any) -> Any:
            self.count += 1
            return inner(*arguments)

        self._loop.run_in_executor = counted  # type: ignore[method-assign,assignment]
        return self

    def __exit__(self, *_trouble: object) -> None:
        del self._loop.run_in_executor


async def measure(rounds: int = ROUNDS, updates: int = UPDATES) -> Comparison:
    ours, theirs, bot = product(), await bare(), Bot(TOKEN)
    result = Comparison(
        "T1", "routing tree of the product, no database", "updates/s", "bare aiogram + FSM, five handlers",
        "≥ 0.8, 0 thread hops", is_met=lambda ratio: ratio >= 0.8 and not hops,
    )  # fmt: skip
    hops: dict[str, int] = {}
    for kind, raw in KINDS.items():
        with Hops() as seen:
            await feed(ours, bot, [raw], 10)
        if seen.count:
            hops[kind] = seen.count // 10
        speeds = sorted([(await feed(ours, bot, [raw], 500), await feed(theirs, bot, [raw], 500)) for _ in range(3)])
        result.notes.append(f"{kind:<18} {1e6 / speeds[1][0]:>5.0f} µs, baseline {1e6 / speeds[1][1]:>5.0f} µs")
    for _round in range(rounds):
        result.ours.append(await feed(ours, bot, list(KINDS.values()), updates))
        result.baseline.append(await feed(theirs, bot, list(KINDS.values()), updates))
    result.notes.append(f"thread hops per update: {hops or 0}")
    began = time.perf_counter()
    for _ in range(500):
        danger_in("Музыка после полуночи, второй подъезд")
    result.notes.append(
        f"of ours, looking for words of danger in a text: {(time.perf_counter() - began) * 2000:.0f} µs"
    )
    await bot.session.close()
    return result
