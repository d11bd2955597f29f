"""What people do with their phones, and what is on the screens."""

import asyncio
from typing import Any

from aiohttp import web

from simulator.control.answers import answer, dumps, order_of, person_of, route
from simulator.phones import buttons, telegram, whatsapp
from simulator.phones.acts import CannotDo
from simulator.things import Chat, Json, Line, Person
from simulator.twilio.delivery import content_kind
from simulator.view import chat_view, line_view
from simulator.world import World

LONGEST_WAIT_SECONDS = 60.0
EVENTS_TOGETHER_SECONDS = 0.1


def _on_telegram(person: Person) -> bool:
    return person.channel == "telegram"


def _written(world: World, line: Line) -> web.Response:
    return answer({"message_id": line.id, "seq": line.seq})


async def start(world: World, request: web.Request) -> web.Response:
    person, order = person_of(world, request), await order_of(request)
    payload = str(order.get("payload") or "")
    act = telegram.start if _on_telegram(person) else whatsapp.start
    return _written(world, act(world, person, payload))


async def say(world: World, request: web.Request) -> web.Response:
    person, order = person_of(world, request), await order_of(request)
    act = telegram.say if _on_telegram(person) else whatsapp.say
    return _written(world, act(world, person, order))


async def send(world: World, request: web.Request) -> web.Response:
    """JSON with base64 content, or a form with the bytes in the field `file`."""
    person = person_of(world, request)
    if request.content_type == "multipart/form-data":
        order: Json = {}
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                order |= {"content": value.file.read(), "file_name": value.filename, "mime": value.content_type}
            elif value != "":
                order[name] = value
        order.setdefault("kind", content_kind(str(order.get("mime") or "")))
    else:
        order = await order_of(request)
    act = telegram.send if _on_telegram(person) else whatsapp.send
    return _written(world, act(world, person, order))


async def press(world: World, request: web.Request) -> web.Response:
    person, order = person_of(world, request), await order_of(request)
    if order.get("button") is None:
        raise CannotDo("button is missing", 400)
    act = buttons.press if _on_telegram(person) else whatsapp.press
    return answer(act(world, person, order))


async def edit(world: World, request: web.Request) -> web.Response:
    person, order = person_of(world, request), await order_of(request)
    if not _on_telegram(person):
        raise CannotDo("Twilio tells nothing about edits in WhatsApp")
    line = telegram.edit(world, person, int(order["message_id"]), str(order["text"]), order.get("chat"))
    return _written(world, line)


async def delete(world: World, request: web.Request) -> web.Response:
    person, order = person_of(world, request), await order_of(request)
    if not _on_telegram(person):
        raise CannotDo("Twilio tells nothing about deletions in WhatsApp")
    telegram.delete(world, person, int(order["message_id"]), order.get("chat"))
    return answer({"ok": True})


async def block(world: World, request: web.Request) -> web.Response:
    """{"blocked": bool}, {"deactivated": bool}: the account is deleted."""
    person, order = person_of(world, request), await order_of(request)
    if "deactivated" in order:
        person.deactivated = bool(order["deactivated"])
        world.keep_person(person)
    if "blocked" in order:
        (telegram.block if _on_telegram(person) else whatsapp.block)(world, person, bool(order["blocked"]))
    return answer(person.public())


async def open_chat(world: World, request: web.Request) -> web.Response:
    person, order = person_of(world, request), await order_of(request)
    is_open = bool(order.get("open", True))
    if _on_telegram(person):
        person.open = is_open
        world.keep_person(person)
    else:
        whatsapp.set_open(world, person, is_open)
    return answer(person.public())


async def window(world: World, request: web.Request) -> web.Response:
    """{"hours_ago": 25} closes the 24-hour window, {"hours_ago": 0} opens it, null: never wrote."""
    person, order = person_of(world, request), await order_of(request)
    whatsapp.shift_window(world, person, order.get("hours_ago"))
    return answer(person.public())


async def chat(world: World, request: web.Request) -> web.Response:
    person, query = person_of(world, request), request.query
    key = person.id
    if query.get("chat") and query["chat"] != person.id:
        group = world.groups.get(int(query["chat"]))
        if group is None or person.id not in group.members:
            raise CannotDo(f"{person.id} is not in group {query['chat']}", 404)
        key = str(group.id)
    found = world.chats.get(key) or Chat(key)
    return answer(chat_view(world, found, int(query.get("after") or 0), person.id))


async def group_chat(world: World, request: web.Request) -> web.Response:
    """A group's conversation without being a member."""
    key = str(int(request.match_info["gid"]))
    found = world.chats.get(key) or Chat(key)
    shown = [line_view(world, x) for x in found.lines.values() if x.seq > int(request.query.get("after") or 0)]
    return answer({"seq": world.seq, "messages": shown, "toasts": []})


async def wait(world: World, request: web.Request) -> web.Response:
    after = int(request.query.get("after") or 0)
    timeout = min(float(request.query.get("timeout") or 20), LONGEST_WAIT_SECONDS)
    return answer({"seq": await world.changes.wait(after, timeout)})


async def events(world: World, request: web.Request) -> web.StreamResponse:
    """Server-sent events; changes of the same chat within a tenth of a second are one event."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    listener = world.changes.listen()
    try:
        await response.write(f"retry: 1000\ndata: {dumps({'seq': world.seq})}\n\n".encode())
        while not world.changes.closing:
            try:
                first = await asyncio.wait_for(listener.get(), 15)
            except TimeoutError:
                await response.write(b": still here\n\n")
                continue
            await asyncio.sleep(EVENTS_TOGETHER_SECONDS)
            together: dict[Any, Json] = {first.get("person") or first.get("group"): first}
            while not listener.empty():
                event = listener.get_nowait()
                together[event.get("person") or event.get("group")] = event
            shown = "".join(f"data: {dumps(event)}\n\n" for event in together.values() if event)
            await response.write(shown.encode())
    except ConnectionError:
        pass
    finally:
        world.changes.unlisten(listener)
    return response


async def media(world: World, request: web.Request) -> web.Response:
    """A file's bytes; what could run as a page is only offered for download."""
    file = world.files.get(request.match_info["id"])
    if file is None:
        raise CannotDo("no such file", 404)
    shown = file.mime.partition("/")[0] in ("image", "video", "audio") and "svg" not in file.mime
    headers = {
        "Content-Type": file.mime if shown else "application/octet-stream",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "max-age=3600",
    }
    if not shown:
        headers["Content-Disposition"] = "attachment"
    return web.Response(body=file.content, headers=headers)


def add_act_routes(app: web.Application, world: World) -> None:
    acts = {
        "start": start,
        "say": say,
        "send": send,
        "press": press,
        "edit": edit,
        "delete": delete,
        "block": block,
        "open": open_chat,
        "window": window,
    }
    for name, act in acts.items():
        app.router.add_post("/sim/people/{pid}/" + name, route(world, act))
    app.router.add_get("/sim/people/{pid}/chat", route(world, chat))
    app.router.add_get("/sim/groups/{gid}/chat", route(world, group_chat))
    app.router.add_get("/sim/wait", route(world, wait))
    app.router.add_get("/sim/events", route(world, events))
    app.router.add_get("/sim/media/{id}", route(world, media))
