"""Puts the stand-ins together into one aiohttp application."""

import contextlib
import importlib.util
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from aiohttp import web

from simulator.control.acts import add_act_routes
from simulator.control.people import add_people_routes
from simulator.control.watch import add_watch_routes, fill
from simulator.settings import Settings
from simulator.telegram.server import BotApi
from simulator.twilio.server import TwilioApi
from simulator.world import World

WORLD = web.AppKey("world", World)
MOST_BODY_BYTES = 64 * 1024 * 1024


def make_app(settings: Settings | None = None, world: World | None = None) -> web.Application:
    """The application; its world is `app[WORLD]`. Pass a world to give it another clock."""
    world = world or World(settings)
    app = web.Application(client_max_size=MOST_BODY_BYTES)
    app[WORLD] = world
    BotApi(world).add_routes(app)
    TwilioApi(world).add_routes(app)
    add_people_routes(app, world)
    add_act_routes(app, world)
    add_watch_routes(app, world)
    _add_page(app, world)
    app.on_startup.append(_begin)
    app.on_shutdown.append(_close)
    app.on_cleanup.append(_end)
    return app


def _add_page(app: web.Application, world: World) -> None:
    """The phones page is optional: tests and benchmarks do without."""
    if importlib.util.find_spec("simulator.page") is None:
        return
    module = importlib.import_module("simulator.page")
    add_page: Callable[[web.Application, World], None] = module.add_page
    add_page(app, world)


async def _begin(app: web.Application) -> None:
    world = app[WORLD]
    if not world.load():
        fill(world)
    world.start()


async def _close(app: web.Application) -> None:
    app[WORLD].close()


async def _end(app: web.Application) -> None:
    await app[WORLD].stop()


@dataclass(frozen=True)
class Running:
    """A stand-in that listens at `url` in the event loop of its caller."""

    url: str
    world: World


@contextlib.asynccontextmanager
async def running(settings: Settings | None = None, world: World | None = None) -> AsyncIterator[Running]:
    """Serve on a free loopback port (or `settings.port`, unless it is the default) until the block ends."""
    settings = world.settings if world is not None else settings or Settings(port=0)
    app = make_app(settings, world)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.host, settings.port)
        await site.start()
        host, port = runner.addresses[0][:2]
        url = f"http://{host}:{port}"
        app[WORLD].own_url = settings.own_url or url
        yield Running(url, app[WORLD])
    finally:
        await runner.cleanup()
