"""A crash at each await of the courier and of a turn, and updates that break or kill whoever handles them."""

import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiogram import BaseMiddleware, Bot
from aiogram.methods import SendMessage, TelegramMethod
from aiogram.types import Chat, Message, TelegramObject, Update
from sqlalchemy import event, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.app import App
from bot.channels.telegram import TelegramChannel
from bot.clock import SystemClock
from bot.courier import Courier, Replies
from bot.intake import InboxWriter, Worker
from bot.services.inbox import telegram_arrival
from bot.services.leases import holder_name
from bot.services.notices import Promise, Recipient
from bot.services.talks import TalkView, talk_key
from bot.speech.calls import Report
from bot.speech.forms import TipForm
from bot.speech.parts import Part
from bot.store.database import Database
from bot.store.inbox import InboxItem
from bot.store.notices import Notice
from bot.store.prepared import Step
from bot.store.tips import Tip, TipPart
from bot.terms import Lane, Messenger, NoticeKind
from tests.saying import SayingSession
from tests.stage import settings_for

WRITER = 1002  # a resident of the demo department
OTHERS = (1003, 1004)
ADMIN = 2028
STORY = "Музыка после полуночи"
DEADLY, BROKEN = "deadly words", "words that break the handler"
PATIENCE = 20.0


class Crash(BaseException):
    """The process ends here: nothing after it may reach the database or a messenger."""


@dataclass
class Fate:
    """Counts the awaits that leave the process; at number `crash_at`, and ever after, there is only the crash."""

    crash_at: int = 0
    step: int = 0
    calls_only: bool = False  # the database is no step

    def pass_by(self, *, is_call: bool = False) -> None:
        if self.calls_only and not is_call and not self.is_dead:
            return
        self.step += 1
        if self.is_dead:
            raise Crash(self.step)

    @property
    def is_dead(self) -> bool:
        return 0 < self.crash_at <= self.step


class LaterClock(SystemClock):
    """Real time, but pauses are short, and each life begins when the leases of the last have run out."""

    def __init__(self, lives_before: int = 0) -> None:
        self._later = timedelta(minutes=2) * lives_before

    def now(self) -> datetime:
        return super().now() + self._later

    async def sleep(self, seconds: float) -> None:
        await super().sleep(min(seconds, 0.002))


@dataclass
class Phones:
    """What has arrived, over all lives: (chat, text)."""

    heard: list[tuple[int, str]] = field(default_factory=list)

    def count(self, chat: int, words: str = "") -> int:
        return sum(to == chat and words in text for to, text in self.heard)


class FatefulSession(SayingSession):
    """Telegram's side: a call may be lost on its way, or its answer on the way back."""

    def __init__(self, phones: Phones, fate: Fate) -> None:
        super().__init__()
        self._phones, self._fate = phones, fate

    async def close(self) -> None:
        return

    async def stream_content(self, *_arguments: Any, **_options: Any) -> AsyncGenerator[bytes, None]:
        raise NotImplementedError
        yield b""

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:
        self._fate.pass_by(is_call=True)
        await asyncio.sleep(0)
        answer: Any = True
        if isinstance(method, SendMessage):
            chat = int(method.chat_id)
            self._phones.heard.append((chat, method.text))
            answer = Message(
                message_id=len(self._phones.heard),
                date=datetime.fromtimestamp(1_800_000_000).astimezone(),
                chat=Chat(id=chat, type="private"),
                text=method.text,
            )
        self._fate.pass_by(is_call=True)
        return answer


def _watch(engine: AsyncEngine, fate: Fate) -> None:
    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def _statement(*_arguments: Any) -> None:
        fate.pass_by()

    @event.listens_for(engine.sync_engine, "commit")
    def _commit(_connection: Any) -> None:
        fate.pass_by()


def _watch_at_once(database: Database, fate: Fate) -> None:
    """It passes by SQLAlchemy: the crash is before the whole of it, or when it is kept and nobody has heard so."""
    at_once = database.at_once

    async def watched(*steps: Step) -> list[Any]:
        fate.pass_by()
        told = await at_once(*steps)
        fate.pass_by()
        return told

    database.at_once = watched  # type: ignore[method-assign]


@asynccontextmanager
async def life(folder: Path, phones: Phones, fate: Fate, number: int = 0) -> AsyncIterator[App]:
    """One process of Korshi on the database of its forerunners, as far as these tests need it."""
    app = App(settings_for(folder, "http://127.0.0.1:1", 1), LaterClock(number))
    app.channels = {Messenger.TELEGRAM: app.channels[Messenger.TELEGRAM]}
    channel = app.channels[Messenger.TELEGRAM]
    assert isinstance(channel, TelegramChannel)
    await channel.close()
    channel.bot.session = channel._session = FatefulSession(phones, fate)  # type: ignore[assignment]
    for engine in (app.database.writer, app.database.reader):
        _watch(engine, fate)
    _watch_at_once(app.database, fate)
    try:
        yield app
    finally:
        fate.crash_at = 0
        await app.database.close()


Start = Callable[[App, asyncio.TaskGroup], Awaitable[None]]


async def live(app: App, start: Start, is_over: Callable[[], bool]) -> None:
    """Run until `is_over` or the crash."""
    try:
        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as nursery:
            parts = [nursery.create_task(app.channels[Messenger.TELEGRAM].pacer.run())]
            async with asyncio.TaskGroup() as work:
                await start(app, work)
                while not is_over():
                    await asyncio.sleep(0.005)
                for task in [*parts, *_tasks_of(work)]:
                    task.cancel()
    except BaseExceptionGroup as group:
        crashes, others = group.split(Crash)
        if others is not None:
            raise others from None
        assert crashes is not None


def _tasks_of(group: asyncio.TaskGroup) -> list[asyncio.Task[Any]]:
    return list(group._tasks)


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """Looks from outside: no step of the life under test."""
    connection = sqlite3.connect(f"file:{folder}/korshi.db?mode=ro", uri=True, timeout=10)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


# -- the courier


async def start_courier(app: App, work: asyncio.TaskGroup) -> None:
    work.create_task(Courier(app.channels[Messenger.TELEGRAM], app.units, app.holder).run())


async def promise_three(folder: Path) -> None:
    async with life(folder, Phones(), Fate()) as app, app.units() as unit:
        people = [await unit.residents.known(Messenger.TELEGRAM, str(number)) for number in (WRITER, *OTHERS)]
        promises = [
            Promise(NoticeKind.APOLOGY, Recipient(resident_id=person.id), Lane.ANSWER) for person in people if person
        ]
        assert len(promises) == 3
        await unit.notices.promise(*promises)


async def test_a_crash_at_each_await_of_the_courier(demo_database: Path, tmp_path: Path) -> None:
    """Wherever it strikes, every promise arrives; at most once too often."""

    async def crash_at(step: int) -> tuple[bool, Counter[int]]:
        folder = tmp_path / str(step)
        folder.mkdir()
        shutil.copy(demo_database, folder / "korshi.db")
        await promise_three(folder)
        phones, fate = Phones(), Fate(step)

        def is_sent() -> bool:
            return rows(folder, "SELECT count(*) FROM notices WHERE state = 'sent'") == [(3,)]

        async with life(folder, phones, fate, 1) as app:
            await live(app, start_courier, lambda: fate.is_dead or is_sent())
            has_crashed = fate.is_dead
        if has_crashed:
            async with life(folder, phones, Fate(), 2) as app:
                await live(app, start_courier, is_sent)
        return has_crashed, Counter(chat for chat, _text in phones.heard)

    step, doubled = 1, 0
    while True:
        has_crashed, heard = await crash_at(step)
        assert set(heard) == {WRITER, *OTHERS}, step
        assert max(heard.values()) <= 2, (step, heard)
        doubled += sum(count - 1 for count in heard.values())
        if not has_crashed:
            break
        step += 1
    assert step > 25  # there were that many awaits to crash at
    assert doubled  # and some of them between a send and its record


async def test_a_promise_is_kept_through_two_crashes_and_given_up_at_the_third(
    demo_database: Path, tmp_path: Path
) -> None:
    """Kills come in rows; a notice that itself brings us down must not do so for ever."""
    shutil.copy(demo_database, tmp_path / "korshi.db")
    await promise_three(tmp_path)
    states: list[Counter[str]] = []
    for number in range(1, 5):
        phones, fate = Phones(), Fate(calls_only=True, crash_at=1)
        async with life(tmp_path, phones, fate, number) as app:
            await live(app, start_courier, lambda: fate.is_dead or is_quiet(tmp_path))  # noqa: B023
        states.append(Counter(state for (state,) in rows(tmp_path, "SELECT state FROM notices")))
    assert states == [{"sending": 3}, {"sending": 3}, {"sending": 3}, {"unknown": 3}]


async def test_the_duties_of_a_dead_process_are_free_at_once(demo_database: Path, tmp_path: Path) -> None:
    shutil.copy(demo_database, tmp_path / "korshi.db")
    gone = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    await gone.wait()
    here, _, word = holder_name().split(":")
    dead, living = f"{here}:{gone.pid}:{word}", f"{here}:{os.getppid()}:{word}"
    elsewhere = f"another-machine:{gone.pid}:{word}"
    async with life(tmp_path, Phones(), Fate()) as app:
        async with app.units() as unit:
            for name, holder in (("a", dead), ("b", living), ("c", elsewhere)):
                assert await unit.leases.hold(name, holder) is not None
        async with app.units() as unit:
            await unit.leases.take_from_dead()
            won = [name for name in "abc" if await unit.leases.hold(name, app.holder) is not None]
    assert won == ["a"]


# -- a turn


def start_worker(app: App, work: asyncio.TaskGroup) -> Worker:
    app.replies = Replies(app.units, work)
    worker = Worker(app.make_dispatcher(app.replies), app.channels, app.units, app.holder)
    work.create_task(worker.run())
    return worker


async def start_turns(app: App, work: asyncio.TaskGroup) -> None:
    start_worker(app, work)


def pressed(number: int, data: str) -> dict[str, Any]:
    person = {"id": WRITER, "is_bot": False, "first_name": "Зарина"}
    chat = {"id": WRITER, "type": "private", "first_name": "Зарина"}
    message = {"message_id": 7, "date": 1_800_000_000, "chat": chat, "text": "…"}
    query = {"id": "1", "from": person, "chat_instance": "1", "data": data, "message": message}
    return {"update_id": number, "callback_query": query}


def said(number: int, who: int, words: str) -> dict[str, Any]:
    person = {"id": who, "is_bot": False, "first_name": "Зарина"}
    chat = {"id": who, "type": "private", "first_name": "Зарина"}
    return {
        "update_id": number,
        "message": {"message_id": number, "date": 1_800_000_000, "chat": chat, "from": person, "text": words},
    }


async def stand_before_sending(folder: Path) -> None:
    """A whole draft, and the press on «Send» in the inbox."""
    form = {
        "category": "noise_night",
        "parts": [Part("text", STORY).as_form()],
        "identity": "hidden",
        "place": "",
        "point": None,
    }
    async with life(folder, Phones(), Fate()) as app, app.units() as unit:
        key = talk_key(Messenger.TELEGRAM, str(WRITER), str(WRITER))
        await unit.talks.write(key, TalkView(TipForm.check.state, form))
        await unit.inbox.store([telegram_arrival(pressed(1, Report(step="send").pack()))])


async def test_a_crash_at_each_await_of_a_turn(demo_database: Path, tmp_path: Path) -> None:
    """Wherever it strikes, there is one tip with its promise. The reply may be lost, the tip may not."""

    async def crash_at(step: int) -> tuple[bool, Phones]:
        folder = tmp_path / str(step)
        folder.mkdir()
        shutil.copy(demo_database, folder / "korshi.db")
        await stand_before_sending(folder)
        phones, fate = Phones(), Fate(step)

        def is_handled() -> bool:
            replies = app.replies is not None and bool(app.replies._lines)
            return not replies and not rows(folder, "SELECT 1 FROM inbox WHERE handled_at IS NULL")

        async with life(folder, phones, fate, 1) as app:
            await live(app, start_turns, lambda: fate.is_dead or is_handled())
            has_crashed = fate.is_dead
        if has_crashed:
            async with life(folder, phones, Fate(), 2) as app:
                await live(app, start_turns, is_handled)
        async with life(folder, phones, Fate(), 3) as app, app.database.reading() as session:
            assert await session.scalar(select(func.count()).select_from(Tip)) == 1, step
            parts = list(await session.scalars(select(TipPart)))
            assert [part.text for part in parts] == [STORY], step
            kinds = Counter(await session.scalars(select(Notice.kind)))
            assert kinds == {NoticeKind.TIP_SENT: 1, NoticeKind.CARD: 1}, (step, kinds)
            assert list(await session.scalars(select(InboxItem.outcome))) == ["done"], step
        return has_crashed, phones

    step = 1
    while (await crash_at(step))[0]:
        step += 1
    assert step > 25


# -- updates that break or kill


class Trap(BaseMiddleware):
    """Stands for a bug in a handler: inside the turn, after the person is known."""

    def __init__(self) -> None:
        self.strokes = 0

    async def __call__(
        self, handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]], event: TelegramObject, data: Any
    ) -> Any:
        words = event.message.text if isinstance(event, Update) and event.message else ""
        if words == DEADLY:
            os._exit(9)
        if words == BROKEN:
            self.strokes += 1
            raise RuntimeError("a bug")
        return await handler(event, data)


async def start_all(app: App, work: asyncio.TaskGroup, trap: Trap, updates: list[dict[str, Any]]) -> None:
    """Dialogs with the trap in them, the courier, and the messenger that brings these updates (again)."""
    app.replies = Replies(app.units, work)
    dispatcher = app.make_dispatcher(app.replies)
    dispatcher.update.outer_middleware(trap)
    worker = Worker(dispatcher, app.channels, app.units, app.holder)
    writer = InboxWriter(app.units, worker.take)
    work.create_task(worker.run())
    work.create_task(writer.run())
    await start_courier(app, work)
    while not worker._is_ready:
        await asyncio.sleep(0.005)
    for update in updates:
        await writer.store(telegram_arrival(update))


def is_quiet(folder: Path) -> bool:
    query = (
        "SELECT (SELECT count(*) FROM inbox WHERE handled_at IS NULL)"
        " + (SELECT count(*) FROM notices WHERE state IN ('due', 'sending'))"
    )
    return rows(folder, query) == [(0,)]


def outcomes(folder: Path) -> list[str]:
    return [outcome for (outcome,) in rows(folder, "SELECT outcome FROM inbox ORDER BY id")]


def notices(folder: Path) -> Counter[str]:
    return Counter(dict(rows(folder, "SELECT kind, count(*) FROM notices GROUP BY kind")))


async def test_a_handler_that_always_raises_is_parked(demo_database: Path, tmp_path: Path) -> None:
    shutil.copy(demo_database, tmp_path / "korshi.db")
    phones, trap = Phones(), Trap()
    updates = [said(1, WRITER, BROKEN), said(2, WRITER, "/menu"), said(3, OTHERS[0], "/menu")]

    async def start(app: App, work: asyncio.TaskGroup) -> None:
        await start_all(app, work, trap, updates)

    async with life(tmp_path, phones, Fate()) as app:
        await live(app, start, lambda: is_quiet(tmp_path) and not (app.replies and app.replies._lines))
    assert trap.strokes == 3
    assert outcomes(tmp_path) == ["parked", "done", "done"]
    assert notices(tmp_path) == {NoticeKind.APOLOGY: 1, NoticeKind.ALARM: 1}
    assert phones.count(ADMIN) == 1
    assert phones.count(WRITER) == 2  # the apology, and the menu he asked for after it
    assert phones.count(OTHERS[0]) == 1


@pytest.mark.timeout(240)
def test_an_update_that_kills_the_process_is_parked(demo_database: Path, tmp_path: Path) -> None:
    """Three deaths, then one apology; whoever wrote beside it is served."""
    shutil.copy(demo_database, tmp_path / "korshi.db")
    told = subprocess.run(
        [sys.executable, "-m", "tests.test_crashes", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    lives = json.loads(told.stdout.splitlines()[-1])
    assert lives == [9, 9, 9, 0]
    assert sorted(outcomes(tmp_path)) == ["done", "parked"]
    assert notices(tmp_path) == {NoticeKind.APOLOGY: 1, NoticeKind.ALARM: 1}


def main(folder: Path) -> None:
    """Lives in this folder, each a process, until one ends of itself; prints how each ended."""
    ends: list[int] = []
    while len(ends) < 8 and 0 not in ends:
        number = len(ends)
        child = os.fork()
        if child == 0:
            asyncio.run(_live_with_the_deadly_update(folder, number))
            os._exit(0)
        ends.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    print(json.dumps(ends))


async def _live_with_the_deadly_update(folder: Path, number: int) -> None:
    updates = [said(1, WRITER, DEADLY), said(2, OTHERS[0], "/menu")]

    async def start(app: App, work: asyncio.TaskGroup) -> None:
        await start_all(app, work, Trap(), updates)

    async with life(folder, Phones(), Fate(), number) as app:
        await live(app, start, lambda: is_quiet(folder) and not (app.replies and app.replies._lines))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
