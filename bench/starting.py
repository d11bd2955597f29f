"""T15: from the start of the process to its readiness and what it holds in memory then; and the CPU of --help.

Both sides start as on their second day: with compiled bytecode, whatever the environment says about writing it. It is
written into a folder of this run's own by a first start of each, which is not counted."""

import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.rounds import Comparison, spread
from bench.town import ROOT, Town

ROUNDS = 3
BARE = """
import asyncio, sys
from aiogram import Bot, Dispatcher, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import Command

async def nothing(message): ...

async def main():
    bot = Bot(sys.argv[1], session=AiohttpSession(api=TelegramAPIServer.from_base(sys.argv[2])))
    dispatcher, router = Dispatcher(), Router()
    router.message.register(nothing, Command("start"))
    dispatcher.include_router(router)
    await bot.get_me()
    print("ready", flush=True)
    await dispatcher.start_polling(bot, handle_signals=False)

asyncio.run(main())
"""


@dataclass
class Started:
    """One side's figures, a round each."""

    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)

    def count(self, began: float, pid: int) -> None:
        self.seconds.append(time.perf_counter() - began)
        self.cpu_seconds.append(_cpu_seconds(pid))
        self.megabytes.append(_megabytes(pid))


async def measure(rounds: int = ROUNDS) -> Comparison:
    result = Comparison(
        "T15", "start until ready", "s", "a bare aiogram bot until getMe", "≤ 1.3", is_met=lambda ratio: ratio <= 1.3
    )
    ours, bare = Started(result.ours), Started(result.baseline)
    with tempfile.TemporaryDirectory(prefix="korshi-bench-") as folder, _bytecode_in(Path(folder) / "bytecode"):
        town = Town(Path(folder) / "town", 0)
        await town.build()
        try:
            await town.open()
            await _start(town, Started())
            await _start_bare(town, Started())
            for _round in range(rounds):
                await _start(town, ours)
                await _start_bare(town, bare)
        finally:
            await town.close()
        _help()
        helps = [_help() for _ in range(5)]
    more = [one - other for one, other in zip(ours.megabytes, bare.megabytes, strict=True)]
    cpu = f"ours {spread(ours.cpu_seconds, 's')}, bare {spread(bare.cpu_seconds, 's')}"
    result.notes.append(f"CPU until ready: {cpu}")
    result.notes.append(
        f"memory when ready: ours {spread(ours.megabytes, 'MB')}, bare {spread(bare.megabytes, 'MB')},"
        f" difference {spread(more, 'MB')}, wanted ≤ 60 MB"
    )
    result.notes.append(f"CPU of `python -m bot --help`: {spread(helps, 's')}, wanted ≤ 0.6 s")
    return result


@contextmanager
def _bytecode_in(folder: Path) -> Iterator[None]:
    names = ("PYTHONPYCACHEPREFIX", "PYTHONDONTWRITEBYTECODE")
    before = {name: os.environ.pop(name, None) for name in names}
    os.environ["PYTHONPYCACHEPREFIX"] = str(folder)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


async def _start(town: Town, started: Started) -> None:
    began = time.perf_counter()
    town.start_bot()
    await town.until_ready()
    if town.bot is not None:
        started.count(began, town.bot.pid)
    town.kill_bot()


async def _start_bare(town: Town, started: Started) -> None:
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", BARE, town.settings["telegram_token"], town.stand_url, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    if process.stdout is None or b"ready" not in await process.stdout.readline():
        raise RuntimeError("the bare bot did not start")
    started.count(began, process.pid)
    process.kill()
    await process.wait()


def _cpu_seconds(pid: int) -> float:
    """User and system time, from Linux's own books."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _megabytes(pid: int) -> float:
    """Resident memory, from Linux's own books."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _help() -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "bot", "--help"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
