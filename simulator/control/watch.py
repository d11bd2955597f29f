"""Faults, limits, templates and counts: how a test steers and judges."""

import json

from aiohttp import web

from simulator.control.answers import answer, order_of, route
from simulator.control.people import load_people
from simulator.phones.acts import CannotDo
from simulator.world import World


async def add_fault(world: World, request: web.Request) -> web.Response:
    return answer(world.faults.add(await order_of(request)).public())


async def list_faults(world: World, _request: web.Request) -> web.Response:
    return answer([fault.public() for fault in world.faults.orders])


async def clear_faults(world: World, _request: web.Request) -> web.Response:
    world.faults.clear()
    return answer({"ok": True})


async def set_limits(world: World, request: web.Request) -> web.Response:
    return answer(world.limits.change(await order_of(request)))


async def get_limits(world: World, _request: web.Request) -> web.Response:
    return answer(dict(vars(world.limits.rates)))


async def stats(world: World, request: web.Request) -> web.Response:
    return answer(world.stats.public(request.query.get("log") == "1"))


async def clear_stats(world: World, _request: web.Request) -> web.Response:
    world.stats.clear()
    return answer({"ok": True})


async def methods(world: World, _request: web.Request) -> web.Response:
    """Everything that was called: {"telegram": {method: [parameters]}, "twilio": {"POST path": [parameters]}}."""
    called = world.stats.methods.items()
    return answer(
        {
            "telegram": {
                name: sorted(known)
                for name, known in called
                if not name.startswith("twilio.") and name not in ("file", "cdn")
            },
            "twilio": {path: sorted(known) for path, known in world.stats.twilio_paths.items()},
        }
    )


async def bot(world: World, _request: web.Request) -> web.Response:
    """The bot people talk to: its profile, commands and webhook, as the page shows them."""
    account = world.main
    commands = [
        {"scope": json.loads(scope), "language_code": language, "commands": commands}
        for key, commands in account.commands.items()
        for scope, _, language in [key.rpartition("|")]
    ]
    return answer(
        {
            "user": account.user,
            "commands": commands,
            "descriptions": account.descriptions,
            "short_descriptions": account.short_descriptions,
            "names": account.names,
            "menu_buttons": account.menu_buttons,
            "webhook": {k: v for k, v in account.webhook_info().items() if k != "secret_token"},
            "pending": len(account.pending),
            "whatsapp_sender": world.register.last_sender,
        }
    )


async def add_templates(world: World, request: web.Request) -> web.Response:
    """One template, or {"templates": [...]}."""
    order = await order_of(request)
    many = order.get("templates", [order])
    if not all(isinstance(one, dict) and "types" in one for one in many):
        raise CannotDo("a template needs types", 400)
    return answer([_shown(world.register.add_template(one)) for one in many])


async def list_templates(world: World, _request: web.Request) -> web.Response:
    return answer([_shown(content) for content in world.register.contents.values()])


def _shown(content: object) -> dict[str, object]:
    return dict(vars(content))


async def reset(world: World, _request: web.Request) -> web.Response:
    """An empty world, with the people and templates of the command line again."""
    await world.reset()
    fill(world)
    return answer({"seq": world.seq})


def fill(world: World) -> None:
    """People and templates from the files named on the command line."""
    if world.settings.people is not None:
        load_people(world, world.settings.people)
    if world.settings.templates is not None:
        given = json.loads(world.settings.templates.read_text(encoding="utf-8"))
        for one in given["templates"] if isinstance(given, dict) else given:
            world.register.add_template(one)


def add_watch_routes(app: web.Application, world: World) -> None:
    for method, path, handler in (
        ("POST", "/sim/faults", add_fault),
        ("GET", "/sim/faults", list_faults),
        ("DELETE", "/sim/faults", clear_faults),
        ("POST", "/sim/limits", set_limits),
        ("GET", "/sim/limits", get_limits),
        ("GET", "/sim/stats", stats),
        ("DELETE", "/sim/stats", clear_stats),
        ("GET", "/sim/methods", methods),
        ("GET", "/sim/bot", bot),
        ("POST", "/sim/templates", add_templates),
        ("GET", "/sim/templates", list_templates),
        ("POST", "/sim/reset", reset),
    ):
        app.router.add_route(method, path, route(world, handler))
