"""T15: from the start of the process to its readiness and what it holds in memory then; and the CPU of --help."""

import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
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


async def measure(rounds: int = ROUNDS) -> Comparison:
    result = Comparison(
        "T15", "start until ready", "s", "a bare aiogram bot until getMe", "≤ 1.3", is_met=lambda ratio: ratio <= 1.3
    )
    memory: dict[str, list[float]] = {"ours": [], "bare": []}
    with tempfile.TemporaryDirectory(prefix="korshi-bench-") as folder:
        town = Town(Path(folder) / "town", 0)
        await town.build()
        try:
            await town.open()
            for _round in range(rounds):
                began = time.perf_counter()
                town.start_bot()
                await town.until_ready()
                result.ours.append(time.perf_counter() - began)
                if town.bot is not None:
                    memory["ours"].append(_megabytes(town.bot.pid))
                town.kill_bot()
                seconds, size = await _bare(town)
                result.baseline.append(seconds)
                memory["bare"].append(size)
        finally:
            await town.close()
    more = [ours - bare for ours, bare in zip(memory["ours"], memory["bare"], strict=True)]
    result.notes.append(
        f"memory when ready: ours {spread(memory['ours'], 'MB')}, bare {spread(memory['bare'], 'MB')},"
        f" difference {spread(more, 'MB')}, wanted ≤ 60 MB"
    )
    result.notes.append(f"CPU of `python -m bot --help`: {spread([_help() for _ in range(5)], 's')}, wanted ≤ 0.6 s")
    return result


async def _bare(town: Town) -> tuple[float, float]:
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", BARE, town.settings["telegram_token"], town.stand_url, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    if process.stdout is None or b"ready" not in await process.stdout.readline():
        raise RuntimeError("the bare bot did not start")
    seconds, size = time.perf_counter() - began, _megabytes(process.pid)
    process.kill()
    await process.wait()
    return seconds, size


def _megabytes(pid: int) -> float:
    """Resident memory, from Linux's own books."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _help() -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "bot", "--help"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
