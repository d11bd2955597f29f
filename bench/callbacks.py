"""Status callbacks of a provider: 500 a second, signed, in no order, for a minute; none lost, and how long each waits.

`python -m bench.delivery callbacks`
"""

import asyncio
import os
import random
import sqlite3
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from bench.table import Row, at
from bench.town import Town

CONNECTIONS = 64
STATUSES = ("sent", "delivered", "read")
SENT = """
    INSERT INTO notices (kind, messenger, lane, talk, resident_id, state, due_at, attempts, fence, error, sent_at)
    SELECT 'apology', 'whatsapp', 3, r.id, r.id, 'sent', 0, 0, 1, '', 0
    FROM residents r, (SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5) LIMIT ?
"""


async def measure(rate: int, seconds: float) -> Row:
    with tempfile.TemporaryDirectory(prefix="korshi-bench-") as folder:
        count = int(rate * seconds / len(STATUSES))
        town = Town(Path(folder) / "town", max(count // 4, 400))
        await town.build()
        await town.open()
        town.start_bot()
        try:
            await town.until_ready()
            await town.call("/sim/limits", {"enforce": False})
            with sqlite3.connect(town.database, timeout=20) as connection:
                connection.execute(SENT, (count,))
            ids = [row[0] for row in town.ask("SELECT id FROM notices WHERE kind = 'apology' ORDER BY id")]
            if town.bot is None:
                raise RuntimeError("the bot was not started")
            cpu = cpu_seconds(town.bot.pid)
            waits, refused = await _storm(town, ids, rate)
            cpu = cpu_seconds(town.bot.pid) - cpu
            states = dict(town.ask("SELECT state, count(*) FROM notices WHERE kind = 'apology' GROUP BY state"))
            if town.bot.poll() is not None:
                raise RuntimeError(f"the bot ended by itself:\n{town.last_words()}")
        finally:
            await town.close()
    waits.sort()
    shown = ", ".join(f"p{part} {at(waits, part / 100) * 1000:.0f} ms" for part in (50, 95, 99))
    lost = len(ids) - states.get("read", 0)
    told = (
        f"{shown}, longest {waits[-1] * 1000:.0f} ms; refused {refused}; of {len(ids):,} notices told sent, delivered"
        f" and read in any order {lost} not read at the end; {cpu / len(waits) * 1e6:.0f} µs of the bot's CPU each"
    )
    is_met = at(waits, 0.99) <= 0.05 and not refused and not lost
    what = f"{rate} status callbacks a second for {seconds:.0f} s"
    return Row(what, told, "none lost, order absorbed, p99 ≤ 50 ms", is_met)


async def _storm(town: Town, ids: list[int], rate: int) -> tuple[list[float], int]:
    """An open loop over plain connections: waits are counted from the moment a callback was due."""
    dice = random.Random(5)
    reports = [(notice, status) for notice in ids for status in STATUSES]
    for start in range(0, len(reports), 300):  # mixed among their neighbours, as a network mixes them
        part = reports[start : start + 300]
        dice.shuffle(part)
        reports[start : start + 300] = part
    validator = RequestValidator(town.settings["twilio_auth_token"])
    letters = [_letter(town, validator, notice, status) for notice, status in reports]  # signed before the clock runs
    waits: list[float] = []
    refused = 0
    to_send: asyncio.Queue[tuple[float, bytes] | None] = asyncio.Queue()

    async def connection() -> None:
        nonlocal refused
        reader, writer = await asyncio.open_connection("127.0.0.1", town.bot_port)
        while (letter := await to_send.get()) is not None:
            due, said = letter
            writer.write(said)
            answer = await reader.readuntil(b"\r\n\r\n")
            refused += not answer.startswith(b"HTTP/1.1 204 ")
            waits.append(time.perf_counter() - due)
        writer.close()

    async with asyncio.TaskGroup() as nursery:
        for _ in range(CONNECTIONS):
            nursery.create_task(connection())
        began = time.perf_counter()
        for number, letter in enumerate(letters):
            due = began + number / rate
            if (ahead := due - time.perf_counter()) > 0:
                await asyncio.sleep(ahead)
            to_send.put_nowait((due, letter))
        for _ in range(CONNECTIONS):
            to_send.put_nowait(None)
    return waits, refused


def _letter(town: Town, validator: RequestValidator, notice: int, status: str) -> bytes:
    path = f"/twilio/status?n={notice}"
    form = {
        "MessageSid": f"SM{notice:032d}",
        "MessageStatus": status,
        "AccountSid": town.settings["twilio_account_sid"],
    }
    body = urlencode(form)
    signature = validator.compute_signature(town.bot_url + path, form)
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    return f"{head}X-Twilio-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def cpu_seconds(process: int) -> float:
    """What a process has used since its start, of Linux."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
