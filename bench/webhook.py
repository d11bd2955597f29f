"""T2: webhook → stored in the inbox → 200, beside aiogram's own webhook handler that stores nothing; T5: the same at a
steady 500 a second, with the longest pause of the server's loop.

Each server is a process of its own (`python -m bench.webhook ours|bare PORT FOLDER`); the caller keeps 32 connections.
"""

import asyncio
import gc
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

from bench.rounds import Comparison
from bench.table import at
from bench.town import Town, free_port

CONNECTIONS, REQUESTS, ROUNDS = 32, 3000, 5
SECRET, TOKEN = "bench-secret", "4000000000:" + "K" * 35
PATH = "/telegram/webhook"
PAUSE = "pause.txt"

_ids = count(1)


async def measure(rounds: int = ROUNDS, requests: int = REQUESTS) -> Comparison:
    result = Comparison(
        "T2", "webhook → inbox (SQLite FULL) → 200", "requests/s", "aiogram's webhook handler, stores nothing",
        "≥ 0.75", is_met=lambda ratio: ratio >= 0.75,
    )  # fmt: skip
    async with _servers("ours", "bare") as (ports, _told):
        for _round in range(rounds):
            result.ours.append(await _load(ports["ours"], requests))
            result.baseline.append(await _load(ports["bare"], requests))
    return result


async def measure_steady(rate: int = 500, seconds: float = 20.0) -> list[str]:
    """T5: an open loop; waits are counted from the moment an update was due."""
    lines = []
    for kind in ("ours", "bare"):
        async with _servers(kind) as (ports, told):
            waits = sorted(await _steady(ports[kind], rate, seconds))
        shown = ", ".join(f"p{part} {at(waits, part / 100) * 1000:.1f} ms" for part in (50, 95, 99))
        pause = f"longest pause of the loop {told[PAUSE]} ms" if kind == "ours" else "stores nothing"
        lines.append(
            f"T5   {kind}: {rate} updates/s, {seconds:.0f} s: {shown}, longest {waits[-1] * 1000:.0f} ms; {pause}"
        )
        if kind == "ours":
            lines.append(f"      {'met' if at(waits, 0.99) <= 0.01 else 'MISSED'}: p99 ≤ 10 ms wanted, pause ≤ 50 ms")
    return lines


@asynccontextmanager
async def _servers(*kinds: str) -> AsyncIterator[tuple[dict[str, int], dict[str, str]]]:
    """Their ports, and what they have told when they have ended."""
    told: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="korshi-bench-") as folder:
        town = Town(Path(folder) / "town", 0)
        await town.build()
        (town.folder / "settings.json").write_text(json.dumps(town.settings), encoding="utf-8")
        ports = {kind: free_port() for kind in kinds}
        servers = [
            await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bench.webhook", kind, str(port), str(town.folder)
            )
            for kind, port in ports.items()
        ]
        try:
            for port in ports.values():
                await _until_open(port)
                await _load(port, 200)
            yield ports, told
        finally:
            for server in servers:
                server.terminate()
                await server.wait()
            if (town.folder / PAUSE).exists():
                told[PAUSE] = (town.folder / PAUSE).read_text(encoding="utf-8")


async def _steady(port: int, rate: int, seconds: float) -> list[float]:
    waits: list[float] = []
    to_send: asyncio.Queue[tuple[float, bytes] | None] = asyncio.Queue()

    async def caller() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (item := await to_send.get()) is not None:
            due, request = item
            writer.write(request)
            await _answer(reader)
            waits.append(time.perf_counter() - due)
        writer.close()

    async with asyncio.TaskGroup() as nursery:
        for _ in range(CONNECTIONS):
            nursery.create_task(caller())
        began = time.perf_counter()
        for number in range(int(rate * seconds)):
            due = began + number / rate
            if (ahead := due - time.perf_counter()) > 0:
                await asyncio.sleep(ahead)
            to_send.put_nowait((due, _request()))
        for _ in range(CONNECTIONS):
            to_send.put_nowait(None)
    return waits


async def _until_open(port: int) -> None:
    for _try in range(600):
        try:
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise TimeoutError(port)


def _request() -> bytes:
    number = next(_ids)
    who = {"id": number % 500 + 1, "is_bot": False, "first_name": "Сана"}
    message = {"message_id": number, "date": 1_800_000_000, "chat": who | {"type": "private"}, "from": who}
    body = json.dumps({"update_id": number, "message": message | {"text": "Музыка после полуночи"}}).encode()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"X-Telegram-Bot-Api-Secret-Token: {SECRET}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _load(port: int, requests: int) -> float:
    left = iter([_request() for _ in range(requests)])

    async def caller() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in left:
            writer.write(request)
            await _answer(reader)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(CONNECTIONS)))
    return requests / (time.perf_counter() - began)


async def _answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.splitlines()[0])
    length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0")
    await reader.readexactly(int(length.split(b":")[1]))


# -- the servers


def _serve_ours(port: int, folder: Path) -> None:
    import uvicorn

    from bot.app import App
    from bot.config import Settings
    from bot.intake import InboxWriter, ReportWriter
    from bot.web import WebParts, make_web

    settings = Settings(_env_file=None, **json.loads((folder / "settings.json").read_text(encoding="utf-8")))
    app = App(settings)
    writer = InboxWriter(app.units, lambda _items: None)

    async def serve() -> None:
        web = make_web(
            WebParts(settings, app.units, app.files, app.channels, writer.store, ReportWriter(app.units).write)
        )
        server = uvicorn.Server(uvicorn.Config(web, port=port, log_config=None, access_log=False))
        async with asyncio.TaskGroup() as nursery:
            running = [nursery.create_task(writer.run()), nursery.create_task(app.database.keep_saving())]
            running.append(nursery.create_task(watch()))
            gc.collect()
            gc.freeze()  # as the product does when it is ready
            await server.serve()
            for task in running:
                task.cancel()

    async def watch() -> None:
        nonlocal longest
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            pause = time.perf_counter() - began - 0.001
            if pause > longest:
                longest = pause
                (folder / PAUSE).write_text(f"{longest * 1000:.0f}", encoding="utf-8")

    longest = 0.0
    asyncio.run(serve())


def _serve_bare(port: int) -> None:
    from aiogram import Bot, Dispatcher
    from aiogram.types import Message
    from aiogram.webhook.aiohttp_server import SimpleRequestHandler
    from aiohttp import web

    async def nothing(_message: Message) -> None:
        return

    dispatcher, app = Dispatcher(), web.Application()
    dispatcher.message.register(nothing)
    SimpleRequestHandler(dispatcher, Bot(TOKEN), secret_token=SECRET).register(app, path=PATH)
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


if __name__ == "__main__":
    if sys.argv[1] == "ours":
        _serve_ours(int(sys.argv[2]), Path(sys.argv[3]))
    else:
        _serve_bare(int(sys.argv[2]))
