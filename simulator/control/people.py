"""People and groups: who exists, and what happens to groups."""

import json
from pathlib import Path
from typing import Any

from aiohttp import web

from simulator.control.answers import answer, group_of, order_of, person_by, route
from simulator.phones import groups
from simulator.phones.acts import CannotDo
from simulator.things import Group, Json, Person
from simulator.world import World


def add_person(world: World, given: Json) -> Person:
    """A new person, or the known one with new particulars."""
    channel = given["channel"]
    telegram_id, phone = given.get("telegram_id"), given.get("phone")
    if channel == "telegram":
        telegram_id = int(telegram_id) if telegram_id is not None else world.count("telegram_id")
        key = f"t{telegram_id}"
    elif channel == "whatsapp":
        phone = "+" + str(phone).lstrip("+") if phone else f"+{world.count('phone')}"
        key = "w" + phone.lstrip("+")
    else:
        raise CannotDo("channel is telegram or whatsapp", 400)
    started = bool(given.get("started", False))
    hours_ago = given.get("last_inbound_hours_ago", 0 if started and channel == "whatsapp" else None)
    person = Person(
        id=key,
        channel=channel,
        name=str(given["name"]),
        username=given.get("username"),
        telegram_id=telegram_id if channel == "telegram" else None,
        phone=phone,
        language_code=str(given.get("language_code") or "ru"),
        role=str(given.get("role") or ""),
        pinned=bool(given.get("pinned", False)),
        blocked=bool(given.get("blocked", False)),
        started=started,
        open=bool(given.get("open", False)),
        last_inbound=None if hours_ago is None else world.now() - float(hours_ago) * 3600,
    )
    world.keep_person(person)
    world.changed(person.id)
    return person


def add_group(world: World, given: Json) -> Group:
    members = [person_by(world, member).id for member in given.get("members", [])]
    kind = given.get("type") or "supergroup"
    number = given.get("id")
    if number is None:
        number = -world.count("group", 4_000_000_000)
        number = number if kind == "group" else number - 1_000_000_000_000
    bot = given.get("bot") or "none"
    if kind not in ("group", "supergroup") or bot not in ("none", "member", "admin"):
        raise CannotDo("type is group or supergroup, bot is none, member or admin", 400)
    group = Group(
        id=int(number),
        title=str(given["title"]),
        members=members,
        bot=bot,
        type=kind,
        pinned=bool(given.get("pinned", False)),
        username=given.get("username"),
        admins=[person_by(world, one).id for one in given.get("admins", [])],
    )
    world.keep_group(group)
    world.changed(group=group.id)
    return group


def load_people(world: World, path: Path) -> None:
    """Read {"people": [...], "groups": [...]}."""
    given = json.loads(path.read_text(encoding="utf-8"))
    for one in given.get("people", []):
        add_person(world, one)
    for one in given.get("groups", []):
        add_group(world, one)


async def list_people(world: World, _request: web.Request) -> web.Response:
    return answer([person.public() for person in world.people.values()])


async def create_people(world: World, request: web.Request) -> web.Response:
    """One person, or {"people": [...]} for many."""
    order = await order_of(request)
    if "people" in order:
        return answer([add_person(world, one).public() for one in order["people"]])
    return answer(add_person(world, order).public())


async def list_groups(world: World, _request: web.Request) -> web.Response:
    """A group that became a supergroup is shown under its new id only."""
    return answer([group.public() for group in world.groups.values() if group.migrated_to is None])


async def create_groups(world: World, request: web.Request) -> web.Response:
    order = await order_of(request)
    if "groups" in order:
        return answer([add_group(world, one).public() for one in order["groups"]])
    return answer(add_group(world, order).public())


async def _by(world: World, group: Group, request: web.Request) -> tuple[Person, Json]:
    order = await order_of(request)
    by: Any = order.get("by") or (group.members[0] if group.members else None)
    if by is None:
        raise CannotDo("by: nobody is in this group", 400)
    return person_by(world, by), order


async def add_bot(world: World, request: web.Request) -> web.Response:
    group = group_of(world, request)
    by, order = await _by(world, group, request)
    groups.set_bot(world, group, by, "admin" if order.get("admin") else "member")
    return answer(group.public())


async def remove_bot(world: World, request: web.Request) -> web.Response:
    group = group_of(world, request)
    by, _ = await _by(world, group, request)
    groups.set_bot(world, group, by, "none")
    return answer(group.public())


async def promote_bot(world: World, request: web.Request) -> web.Response:
    """Make the bot administrator; {"promote": false} takes it back."""
    group = group_of(world, request)
    by, order = await _by(world, group, request)
    groups.set_bot(world, group, by, "admin" if order.get("promote", True) else "member")
    return answer(group.public())


async def migrate(world: World, request: web.Request) -> web.Response:
    return answer({"id": groups.migrate(world, group_of(world, request)).id})


async def join(world: World, request: web.Request) -> web.Response:
    return await _set_member(world, request, inside=True)


async def leave(world: World, request: web.Request) -> web.Response:
    return await _set_member(world, request, inside=False)


async def _set_member(world: World, request: web.Request, *, inside: bool) -> web.Response:
    group, order = group_of(world, request), await order_of(request)
    groups.set_member(world, group, person_by(world, order["person"]), inside)
    return answer(group.public())


def add_people_routes(app: web.Application, world: World) -> None:
    app.router.add_get("/sim/people", route(world, list_people))
    app.router.add_post("/sim/people", route(world, create_people))
    app.router.add_get("/sim/groups", route(world, list_groups))
    app.router.add_post("/sim/groups", route(world, create_groups))
    for act in (add_bot, remove_bot, promote_bot, migrate, join, leave):
        app.router.add_post("/sim/groups/{gid}/" + act.__name__, route(world, act))
