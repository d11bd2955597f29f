"""The house's own rules: who may import whom, what may be awaited inside a unit, what one update may cost."""

import ast
import asyncio
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from aiogram.filters.callback_data import CallbackData
from sqlalchemy import event

import handlers
from bot.app import App
from bot.channels.base import Channel, Place
from bot.services.inbox import telegram_arrival
from bot.services.residents import Person
from bot.speech import Reply
from bot.speech.calls import Open, Report
from bot.store.database import Database
from bot.terms import Messenger
from tests.clocks import FakeClock
from tests.conversations import on_every_messenger
from tests.postgres import units_on
from tests.stage import Stage, settings_for

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "handlers", "simulator", "bench", "demo")
PRODUCT = sorted(path for name in ("bot", "handlers") for path in (ROOT / name).rglob("*.py"))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# -- who may import whom

VIOLATIONS = {
    "Layers of the house": ("bot/store/tips.py", "import bot.services.tips"),
    "Services and the store know no messenger and no web": ("bot/services/quiet.py", "from aiogram import Bot"),
    "Twilio only in channels and the webhook": ("handlers/menu.py", "import twilio"),
    "Handlers and channels never touch the store": ("handlers/help.py", "import bot.store.tips"),
    "A dialog knows no other dialog": ("handlers/precinct.py", "from handlers import menu"),
    "The product does not know the stand-ins": ("bot/jobs.py", "import simulator.world"),
    "The stand-ins do not know the product": ("simulator/world.py", "import bot.terms"),
}


def lint_imports(folder: Path) -> str:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


@pytest.fixture
def copy_of_the_house(tmp_path: Path) -> Path:
    for name in ("bot", "handlers", "simulator"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_import_rules_hold_and_planted_violations_are_caught(copy_of_the_house: Path) -> None:
    said = lint_imports(copy_of_the_house)
    for rule in VIOLATIONS:
        assert re.search(rf"^{rule} KEPT", said, re.MULTILINE), said
    assert f"Contracts: {len(VIOLATIONS)} kept, 0 broken." in said
    for file, statement in VIOLATIONS.values():
        with (copy_of_the_house / file).open("a", encoding="utf-8") as module:
            module.write(f"\n{statement}\n")
    said = lint_imports(copy_of_the_house)
    for rule in VIOLATIONS:
        assert re.search(rf"^{rule} BROKEN", said, re.MULTILINE), (rule, said)


def test_the_list_of_dialogs_names_every_module() -> None:
    modules = {path.stem for path in (ROOT / "handlers").glob("*.py")} - {"__init__"}
    source = (ROOT / "handlers" / "__init__.py").read_text(encoding="utf-8")
    (imported,) = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)
                   and node.module == "handlers"]  # fmt: skip
    assert {alias.name for alias in imported.names} == modules
    used = {f"{node.value.id}" for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)}  # fmt: skip
    assert modules <= used
    (board,) = handlers.routers()
    private = board.sub_routers[-1]
    assert private.sub_routers[-1].name == "fallback"
    assert private.sub_routers[0].name == "danger"


# -- what the code may not say


def names_of_nurseries(tree: ast.Module) -> set[str]:
    """Names bound to a TaskGroup: by `async with`, by annotation, by assignment from one of those."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.AsyncWith):
            found |= {
                ast.unparse(item.optional_vars) for item in node.items
                if item.optional_vars is not None and "TaskGroup" in ast.unparse(item.context_expr)
            }  # fmt: skip
        elif (
            isinstance(node, ast.arg | ast.AnnAssign)
            and node.annotation
            and "TaskGroup" in ast.unparse(node.annotation)
        ):
            found.add(node.arg if isinstance(node, ast.arg) else ast.unparse(node.target))
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                pairs = [(target, node.value)]
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    pairs = list(zip(target.elts, node.value.elts, strict=False))  # a star may stand for several
                found |= {ast.unparse(to) for to, value in pairs if ast.unparse(value) in found}
    return found


def loose_tasks(tree: ast.Module) -> list[str]:
    nurseries, found = names_of_nurseries(tree), []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            owner, _, method = name.rpartition(".")
            if (
                method in ("ensure_future", "run_coroutine_threadsafe")
                or name == "create_task"
                or (method == "create_task" and owner not in nurseries)
            ):
                found.append(f"{node.lineno}: {name}")
    return found


def test_every_task_has_a_nursery() -> None:
    planted = ast.parse("async def f(n: asyncio.TaskGroup):\n asyncio.create_task(x())\n n.create_task(y())\n")
    assert loose_tasks(planted) == ["2: asyncio.create_task"]
    assert {short(path): found for path in PRODUCT if (found := loose_tasks(tree_of(path)))} == {}


CLOCKS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "datetime.utcfromtimestamp", "date.today", "time.time",
    "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.perf_counter", "time.sleep", "loop.time",
}  # fmt: skip
NAIVE_BY_DESIGN = {
    "bot/speech/dates.py": "wall time as people write it: the zone is added where the plan is made",
    "bot/speech/plans.py": "wall time of a plan, shown and taken back as it was written",
    "handlers/campaigns.py": "wall time of a plan, as it was typed",
    "bot/services/campaigns/views.py": "wall time of a plan, kept apart from its zone so that 10:00 stays 10:00",
    "bot/services/campaigns/records.py": "wall time of a plan, kept apart from its zone so that 10:00 stays 10:00",
}


def own_clocks(tree: ast.Module) -> list[str]:
    calls = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    return [call for call in calls if call in CLOCKS or call.removeprefix("datetime.") in CLOCKS]


def naive_times(tree: ast.Module) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name, said = ast.unparse(node.func), {keyword.arg for keyword in node.keywords}
        if (
            (name == "datetime" and "tzinfo" not in said and len(node.args) < 8)
            or (name == "datetime.fromtimestamp" and len(node.args) < 2 and "tz" not in said)
            or (name == "datetime.combine" and len(node.args) < 3 and "tzinfo" not in said)
            or name == "datetime.strptime"
        ):
            found.append(f"{node.lineno}: {ast.unparse(node)}")
    return found


def test_time_is_read_in_one_place() -> None:
    assert own_clocks(ast.parse("x = datetime.now(UTC); y = time.monotonic()")) == ["datetime.now", "time.monotonic"]
    read = {short(path): found for path in PRODUCT if (found := own_clocks(tree_of(path)))}
    assert set(read) == {"bot/clock.py"}, read


def test_no_time_is_naive_but_for_a_reason() -> None:
    assert naive_times(ast.parse("datetime(2026, 1, 1)\ndatetime.fromtimestamp(1)")) != []
    found = {short(path): times for path in PRODUCT if (times := naive_times(tree_of(path)))}
    assert set(found) <= set(NAIVE_BY_DESIGN), found


def test_words_are_never_parsed_as_markup() -> None:
    for path in PRODUCT:
        for node in ast.walk(tree_of(path)):
            assert not (isinstance(node, ast.keyword) and node.arg == "parse_mode"), short(path)


# -- the shape of the tree

LONGER_THAN_300 = {
    "bot/channels/telegram.py": "one messenger is one file: in, out and the table of its refusals",
    "bot/channels/whatsapp.py": "one messenger is one file: in, out and the table of its refusals",
    "demo/make.py": "a script that makes the demo city, run by hand",
}
# Folders of tests that mirror no package, and why they are there.
OWN_FOLDERS = {
    "conversations": "transcripts: whole dialogs on every messenger",
    "browser": "the phones page in a browser",
    "fixtures": "captured payloads and files",
    "data": "the data files of bot/data",
    "simulator": "the stand-ins",
    "handlers": "dialogs by themselves",
}


def test_a_file_over_300_lines_has_a_reason() -> None:
    sizes = {
        short(path): len(path.read_text(encoding="utf-8").splitlines())
        for name in PACKAGES for path in (ROOT / name).rglob("*.py")
    }  # fmt: skip
    long = {name for name, lines in sizes.items() if lines > 300}
    assert long - set(LONGER_THAN_300) == set()
    assert {name for name in LONGER_THAN_300 if name not in sizes} == set()


def test_tests_mirror_the_tree() -> None:
    strays = []
    for test in sorted((ROOT / "tests").rglob("test_*.py")):
        folder = test.parent.relative_to(ROOT / "tests").as_posix()
        if folder == "." or folder in OWN_FOLDERS:
            continue
        noun = test.stem.removeprefix("test_")
        homes = [ROOT / "bot" / folder / f"{noun}.py", ROOT / "bot" / folder / noun / "__init__.py"]
        if not any(home.exists() for home in homes):
            strays.append(short(test))
    assert strays == ["tests/store/test_constraints.py"]  # what the tables of all files refuse together


def test_every_service_has_its_tests() -> None:
    services = {path.stem for path in (ROOT / "bot" / "services").iterdir() if not path.stem.startswith("__")}
    tested = {path.stem.removeprefix("test_") for path in (ROOT / "tests" / "services").glob("test_*.py")}
    assert services - tested == {"unit"}  # all of them run in units


# -- one update through the real dispatcher


@dataclass
class Phone:
    """A demo resident's Telegram, straight into the dispatcher: no network, no worker."""

    app: App
    said: list[Reply] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    user: int = 1002

    def __post_init__(self) -> None:
        self.channel = self.app.channels[Messenger.TELEGRAM]
        self.dispatcher = self.app.make_dispatcher(self)  # type: ignore[arg-type]

    def post(self, channel: Channel, place: Place, reply: Reply, person: Person | None) -> None:
        self.said.append(reply)

    async def feed(self, **inner: Any) -> None:
        payload = {"update_id": next(self.numbers), **inner}
        async with self.app.units() as unit:
            (item,) = await unit.inbox.store([telegram_arrival(payload)])
        with counting(self.app.database) as statements:
            await self.dispatcher.feed_update(
                self.channel.bot, self.channel.update_of(payload), channel=self.channel, inbox_id=item.id, address=None
            )
        self.statements = statements

    def message(self, **content: Any) -> dict[str, Any]:
        who = {"id": self.user, "is_bot": False, "first_name": "Зарина"}
        chat = {"id": self.user, "type": "private", "first_name": "Зарина"}
        return {"message_id": next(self.numbers), "date": 1_788_000_000, "from": who, "chat": chat} | content

    async def says(self, text: str, **content: Any) -> None:
        command = {"entities": [{"type": "bot_command", "offset": 0, "length": len(text)}]} if text[0] == "/" else {}
        await self.feed(message=self.message(text=text, **command, **content))

    async def presses(self, data: CallbackData | str) -> None:
        word = data if isinstance(data, str) else data.pack()
        message = self.message(text="…")
        query = {"id": "1", "from": message["from"], "chat_instance": "1", "message": message, "data": word}
        await self.feed(callback_query=query)

    async def writes_a_tip(self) -> None:
        await self.says("/tip")
        await self.presses(Report(step="tile", code="yard"))
        await self.presses(Report(step="category", code="noise_night"))
        await self.says("Түнгі екіде музыка")
        await self.presses(Report(step="done"))
        await self.presses(Report(step="skip"))
        await self.presses(Report(step="hidden"))


class counting:
    """SQL statements of the writer, without BEGIN and COMMIT."""

    def __init__(self, database: Database) -> None:
        self.engine, self.statements = database.writer.sync_engine, list[str]()

    def __enter__(self) -> list[str]:
        event.listen(self.engine, "before_cursor_execute", self._note)
        return self.statements

    def __exit__(self, *_error: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            self.statements.append(" ".join(statement.split()))


@pytest.fixture
async def phone(tmp_path: Path, demo_database: Path) -> AsyncIterator[Phone]:
    shutil.copy(demo_database, tmp_path / "korshi.db")
    app = App(settings_for(tmp_path, "http://127.0.0.1:1", 1), FakeClock(auto=False))
    yield Phone(app)
    for channel in app.channels.values():
        await channel.close()
    await app.database.close()


async def test_no_update_hops_to_a_thread(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    """aiogram runs every plain function it meets in a thread: a hundred of them cost 97 % of the speed."""
    hops: list[str] = []
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(asyncio, "to_thread", lambda function, *_a, **_k: hops.append(f"to_thread {function}"))
    monkeypatch.setattr(loop, "run_in_executor", lambda _e, function, *_a: hops.append(f"executor {function}"))
    await phone.writes_a_tip()
    await phone.presses(Report(step="send"))
    for text in ("/start", "/menu", "/mine", "/help", "/nonsense", "Мәзір", "ничего не понимаю", "7", "стоп", "102"):
        await phone.says(text)
    for press in (Open(what="inspector"), Open(what="mine"), "no:such:button", "lang:ru"):
        await phone.presses(press)
    place = {"latitude": 51.1, "longitude": 71.4}
    photo = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]
    for content in ({"location": place}, {"photo": photo}, {"contact": {"phone_number": "1", "first_name": "x"}},
                    {"sticker": {"file_id": "s", "file_unique_id": "s", "type": "regular", "width": 1, "height": 1,
                                 "is_animated": False, "is_video": False}}):  # fmt: skip
        await phone.feed(message=phone.message(**content))
    await phone.feed(edited_message=phone.message(text="Иначе", edit_date=1_788_000_001))
    group = {"id": -1001000000001, "type": "supergroup", "title": "Көршілер"}
    await phone.feed(message=phone.message(text="Сәлем", chat=group))
    member = {"user": {"id": 4_000_000_000, "is_bot": True, "first_name": "Korshi"}, "status": "member"}
    change = {"chat": group, "from": phone.message()["from"], "date": 1, "old_chat_member": member,
              "new_chat_member": member}  # fmt: skip
    await phone.feed(my_chat_member=change)
    phone.user = 2001
    for text in ("/tips", "/warn", "/menu", "слово"):
        await phone.says(text)
    assert hops == []
    assert len(phone.said) > 20


async def test_what_a_menu_step_costs_the_database(phone: Phone) -> None:
    await phone.says("/menu")
    for step in (Open(what="report"), Report(step="tile", code="yard"), Open(what="menu")):
        await phone.presses(step)
        assert len(phone.statements) <= 6, "\n".join(phone.statements)


async def test_what_sending_a_tip_costs_the_database(phone: Phone) -> None:
    await phone.writes_a_tip()
    await phone.app.clock.advance(300)  # somebody thinks over the last step
    await phone.presses(Report(step="send"))
    assert any("INSERT INTO tips" in statement for statement in phone.statements)
    # Three of them read what the decision looks at: desks and place with the category, who is off or on watch with the
    # calendar, people. Two more keep what a tip of its own needs: its receipt, and how much its sender has sent.
    assert len(phone.statements) <= 14, "\n".join(f"{n}. {s}" for n, s in enumerate(phone.statements, 1))


# -- inside a unit nothing is awaited but the database

_open_unit: ContextVar[bool] = ContextVar("open_unit", default=False)


@dataclass
class Watch:
    """Notes whatever leaves the process, sleeps or hops to a thread while the caller holds a unit open."""

    seen: list[str] = field(default_factory=list)

    def note(self, what: str) -> None:
        if _open_unit.get():
            self.seen.append(what)


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = Watch()

    def inside(name: str) -> None:
        original = getattr(Database, name)

        @asynccontextmanager
        async def opened(self: Database, **options: bool) -> AsyncIterator[Any]:
            async with original(self, **options) as session:
                token = _open_unit.set(True)
                try:
                    yield session
                finally:
                    _open_unit.reset(token)

        monkeypatch.setattr(Database, name, opened)

    def noted(owner: Any, name: str) -> None:
        original = getattr(owner, name)

        def call(*arguments: Any, **more: Any) -> Any:
            if not (name == "sleep" and arguments[:1] == (0,)):
                watch.note(name)
            return original(*arguments, **more)

        monkeypatch.setattr(owner, name, call)

    for name in ("writing", "reading"):
        inside(name)
    for name in ("connect", "connect_ex", "sendto"):
        noted(socket.socket, name)
    for name in ("create_connection", "getaddrinfo", "sock_connect", "run_in_executor"):
        noted(asyncio.SelectorEventLoop, name)
    for name in ("sleep", "to_thread", "open_connection"):
        noted(asyncio, name)
    return watch


async def test_the_watch_sees_a_socket_opened_in_a_unit(watch: Watch, tmp_path: Path) -> None:
    units = units_on(f"sqlite+aiosqlite:///{tmp_path}/korshi.db", FakeClock())
    with pytest.raises(OSError, match=r"refused|Connect call failed"):
        await asyncio.open_connection("127.0.0.1", 1)
    assert watch.seen == []
    with pytest.raises(OSError, match=r"refused|Connect call failed"):
        async with units():
            await asyncio.open_connection("127.0.0.1", 1)
    assert {"open_connection", "create_connection"} <= set(watch.seen)
    watch.seen.clear()
    async with units():
        await asyncio.sleep(0.001)
    assert watch.seen == ["sleep"]
    await units.house.database.close()


@on_every_messenger
async def test_nothing_leaves_the_process_inside_a_unit(watch: Watch, stage: Stage, messenger: str) -> None:
    """A whole tip with a photo, its card, its answer: dialogs, courier, fetcher and replies at work."""
    pid = {"telegram": "t1002", "whatsapp": "w77000000001"}[messenger]
    resident = await stage.existing(pid, "kk") if messenger == "telegram" else await stage.person(messenger)
    inspector = await stage.existing("t2001", "kk")
    await resident.says("/tip" if messenger == "telegram" else "старт")
    await resident.sends("photo")
    await resident.says("Түнгі екіде музыка")
    await resident.sends("location", latitude=51.1, longitude=71.4)
    await resident.says("Өмірге қауіп, көмектесіңіз")
    await inspector.says("/tips")
    await inspector.says("/menu")
    assert watch.seen == []
