"""What every control route shares: the world, JSON in and out, errors as {"error": …}."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from aiohttp import web

from simulator.faults import FaultWrong
from simulator.phones.acts import CannotDo
from simulator.things import Group, Json, Person
from simulator.world import World

Handler: TypeAlias = Callable[[World, web.Request], Awaitable[web.StreamResponse]]


def dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def answer(body: Any, status: int = 200) -> web.Response:
    return web.json_response(body, status=status, dumps=dumps)


def route(world: World, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def serve(request: web.Request) -> web.StreamResponse:
        world.own_url = world.own_url or str(request.url.origin())
        try:
            return await handler(world, request)
        except CannotDo as trouble:
            return answer({"error": trouble.words, **trouble.more}, trouble.status)
        except FaultWrong as trouble:
            return answer({"error": str(trouble)}, 400)
        except KeyError as trouble:
            return answer({"error": f"missing or unknown: {trouble}"}, 400)
        except (TypeError, ValueError) as trouble:
            return answer({"error": f"{type(trouble).__name__}: {trouble}"}, 400)

    return serve


async def order_of(request: web.Request) -> Json:
    """The JSON object in the body; {} for an empty one."""
    raw = await request.read()
    order = json.loads(raw) if raw.strip() else {}
    if not isinstance(order, dict):
        raise CannotDo("a JSON object is expected", 400)
    return order


def person_of(world: World, request: web.Request) -> Person:
    return person_by(world, request.match_info["pid"])


def person_by(world: World, given: Any) -> Person:
    """By id, Telegram id or phone."""
    text = str(given)
    for key in (text, "t" + text, "w" + text.lstrip("+")):
        if key in world.people:
            return world.people[key]
    raise CannotDo(f"no person {text}", 404)


def group_of(world: World, request: web.Request) -> Group:
    group = world.groups.get(int(request.match_info["gid"]))
    if group is None:
        raise CannotDo(f"no group {request.match_info['gid']}", 404)
    return group
