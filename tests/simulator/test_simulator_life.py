"""The stand-in over its life: memory between runs, waiting for changes, starting and stopping."""

import asyncio
import contextlib
import json
import signal
import socket
import sqlite3
import sys
from pathlib import Path
from typing import Any

import aiohttp
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from simulator.app import Running, running
from simulator.phones.acts import sample_picture
from simulator.settings import Settings
from tests.simulator.actors import TOKEN, Sim

ROOT = Path(__file__).parents[2]


@contextlib.asynccontextmanager
async def everything(stand: Running) -> Any:
    session = AiohttpSession(api=TelegramAPIServer.from_base(stand.url))
    async with aiohttp.ClientSession(stand.url) as client:
        yield Sim(stand, client), Bot(TOKEN, session=session)
    if session._session is not None:
        await session._session.close()


async def test_the_world_survives_a_restart(tmp_path: Path) -> None:
    settings = Settings(port=0, state=tmp_path / "world.db", bot_url="http://127.0.0.1:9")
    async with running(settings) as stand, everything(stand) as (sim, bot):
        person = await sim.resident(started=False)
        neighbour = await sim.neighbour()
        group = await sim.group(person)
        await bot.get_updates()
        await sim.post(f"/people/{person}/start", payload="p_1")
        await bot.send_message(5001, "Сәлем")
        await sim.post(f"/people/{person}/send", kind="photo")
        await bot.set_my_name("Көрші")
        sent = (await sim.messages(person))[-1]["message_id"]
        updates = [u.update_id for u in await bot.get_updates()]
        seq = stand.world.seq
        await sim.post("/templates", types={"twilio/text": {"body": "x"}})
    async with running(settings) as stand, everything(stand) as (sim, bot):
        assert {p["id"] for p in await sim.get("/people")} == {person, neighbour}
        assert [g["id"] for g in await sim.get("/groups")] == [group]
        messages = await sim.messages(person)
        assert [m["text"] for m in messages] == ["/start p_1", "Сәлем", ""]
        async with sim.client.get(messages[-1]["media"]["url"]) as answer:
            assert await answer.read() == sample_picture("photo")
        assert stand.world.seq >= seq
        assert [u.update_id for u in await bot.get_updates()] == updates
        assert (await bot.send_message(5001, "x")).message_id == sent + 1
        await sim.post(f"/people/{person}/say", text="жаңа")
        assert (await bot.get_updates())[-1].update_id == updates[-1] + 1
        assert (await bot.get_my_name()).name == "Көрші"
        assert len(await sim.get("/templates")) == 1


async def test_after_a_crash_no_id_is_given_twice(tmp_path: Path) -> None:
    settings = Settings(port=0, state=tmp_path / "world.db")
    async with running(settings) as stand, everything(stand) as (sim, bot):
        await sim.resident()
        first = (await bot.send_message(5001, "x")).message_id
        await stand.world.journal.flush()
        (tmp_path / "crashed.db").write_bytes(b"")
        copy = settings.state
        assert copy is not None
        with sqlite3.connect(copy) as source, sqlite3.connect(tmp_path / "crashed.db") as target:
            source.backup(target)
        source.close()
        target.close()
    crashed = Settings(port=0, state=tmp_path / "crashed.db")
    async with running(crashed) as stand, everything(stand) as (sim, bot):
        assert (await bot.send_message(5001, "x")).message_id > first + 100


async def test_people_come_from_a_file(tmp_path: Path) -> None:
    people = tmp_path / "phones.json"
    given = {
        "people": [
            {"channel": "telegram", "name": "Айгүл", "telegram_id": 5001, "started": True, "pinned": True},
            {"channel": "whatsapp", "name": "Ерлан", "phone": "+77000000001", "last_inbound_hours_ago": 30},
        ],
        "groups": [{"id": -1001, "title": "Абай 12", "members": ["t5001"], "bot": "admin", "type": "supergroup"}],
    }
    people.write_text(json.dumps(given), encoding="utf-8")
    async with running(Settings(port=0, people=people)) as stand, everything(stand) as (sim, _):
        assert [p["id"] for p in await sim.get("/people")] == ["t5001", "w77000000001"]
        await sim.resident(5002)
        await sim.post("/reset")
        assert len(await sim.get("/people")) == 2
        assert (await sim.get("/groups"))[0]["bot"] == "admin"


async def test_waiting_ends_with_a_change(sim: Sim, bot: Bot) -> None:
    person = await sim.resident()
    seq = sim.stand.world.seq
    waiting = asyncio.create_task(sim.get(f"/wait?after={seq}&timeout=20"))
    await asyncio.sleep(0.02)
    await bot.send_message(5001, "x")
    assert (await waiting)["seq"] > seq
    fresh = await sim.get(f"/people/{person}/chat?after={seq}")
    assert [m["text"] for m in fresh["messages"]] == ["x"]
    assert (await sim.get(f"/people/{person}/chat?after={fresh['seq']}"))["messages"] == []
    assert (await sim.get(f"/wait?after={fresh['seq']}&timeout=0.01"))["seq"] == fresh["seq"]


async def test_events_for_the_page(sim: Sim, bot: Bot) -> None:
    await sim.resident()
    async with sim.client.get("/sim/events") as stream:
        assert stream.content_type == "text/event-stream"
        await stream.content.readuntil(b"\n\n")
        await bot.send_message(5001, "x")
        assert b'"person": "t5001"' in await stream.content.readuntil(b"\n\n")


async def test_a_file_by_form(sim: Sim, bot: Bot) -> None:
    person = await sim.resident()
    form = aiohttp.FormData()
    form.add_field("caption", "аула")
    form.add_field("file", sample_picture("photo"), filename="a.jpg", content_type="image/jpeg")
    async with sim.client.post(f"/sim/people/{person}/send", data=form) as answer:
        assert answer.status == 200
    (update,) = await bot.get_updates()
    assert update.message is not None
    assert (update.message.caption, update.message.content_type) == ("аула", "photo")


async def test_what_could_run_is_not_shown_as_a_page(sim: Sim) -> None:
    person = await sim.resident()
    form = aiohttp.FormData()
    form.add_field("file", b"<script>alert(1)</script>", filename="a.html", content_type="text/html")
    async with sim.client.post(f"/sim/people/{person}/send", data=form) as answer:
        assert answer.status == 200
    async with sim.client.get((await sim.last(person))["media"]["url"]) as answer:
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["Content-Disposition"] == "attachment"


async def test_wrong_orders_are_explained(sim: Sim) -> None:
    person = await sim.resident()
    assert "error" in await sim.post("/people/t9/say", 404, text="x")
    assert "error" in await sim.post(f"/people/{person}/say", 400, text=" ")
    assert "error" in await sim.post("/people", 400, name="x")
    assert "error" in await sim.post("/faults", 400, fault={"kind": "earthquake"})
    assert "error" in await sim.post("/limits", 400, speed=1)
    assert "error" in await sim.post(f"/people/{person}/send", 400, kind="photo", content="не base64")


async def test_the_process_stops_cleanly(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulator", "--port", str(port), "--state", str(tmp_path / "w.db")),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert f":{port}".encode() in await process.stdout.readline()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client:
        poll = asyncio.create_task(client.get("/sim/wait?after=99&timeout=30"))
        await asyncio.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(5):
            assert await process.wait() == 0
        answer = await poll
        answer.close()
