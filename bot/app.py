"""Composition root: the only file that knows every part. One nursery, one clock."""

import asyncio
import gc
import signal
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog
import uvicorn
from aiogram import Dispatcher
from fastapi import FastAPI

import handlers
from bot.bundler import Bundler
from bot.channels.base import Channel
from bot.channels.pacing import Limits
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_menus import StaffMenus
from bot.channels.telegram_setup import introduce, set_webhook
from bot.channels.whatsapp import WhatsAppChannel
from bot.clock import Clock, SystemClock
from bot.config import EXAMPLES, PREFIX, Settings
from bot.courier import Courier, Replies, TemplateWatch
from bot.errors import N_, KorshiError, SettingWrong
from bot.files import Files
from bot.intake import ContactCards, Fetcher, InboxWriter, Poller, ReportWriter, Worker
from bot.jobs import Jobs
from bot.late_models import build_what_talks_need
from bot.middlewares import ChatAdmins, Delivery, Persons, Throttle
from bot.services.leases import holder_name
from bot.services.unit import House, Units
from bot.setup import key_ring
from bot.store import keys
from bot.store.database import Database
from bot.store.head import is_at_head
from bot.surveyor import Surveyor
from bot.terms import Messenger
from bot.turn import Turn
from bot.web import WebParts, make_web

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 8.0
KEEP_ALIVE_SECONDS = 75  # longer than a proxy before us keeps its own: none may write into what we are just closing
GROUP_WINDOW = timedelta(seconds=61)


class NotReady(KorshiError):
    msgid = N_("The database is not at the newest schema. Run: python -m bot migrate")


class KeysWrong(KorshiError):
    msgid = N_(
        "The keys do not fit this database: what is sealed in it cannot be read. Put back the keys that belong to it "
        "(KORSHI_SECRET_KEYS, KORSHI_PEPPER; docs/operating/keys.md)."
    )


class DemoOnRealHost(KorshiError):
    msgid = N_(
        "This database holds demo data, but the messenger's host is the real one. Use another KORSHI_DATABASE_URL."
    )


class PortTaken(KorshiError):
    msgid = N_("Port {port} cannot be used: another program listens there. Set KORSHI_PORT.")


class App:
    """One process of Korshi. `run` returns when it is asked to stop, and raises when a part of it has died."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()
        keys.install(key_ring(settings))
        self.database = Database(settings.database_url)
        house = House(
            self.database,
            self.clock,
            settings.zone,
            settings.quiet_hours,
            whatsapp_tier=settings.whatsapp_tier,
            own_chats_need_approval=settings.own_chats_need_approval,
            rates={Messenger.TELEGRAM: settings.telegram_rate, Messenger.WHATSAPP: settings.whatsapp_rate},
        )
        self.units = Units(house)
        self.files = Files(settings.media_dir, self.units, self.clock, settings.public_url)
        self.channels: dict[Messenger, Channel] = {}
        self.holder = holder_name()
        self.ready = asyncio.Event()
        self.replies: Replies | None = None
        self.worker: Worker | None = None
        self._stop = asyncio.Event()
        self._models = build_what_talks_need()
        self._make_channels()

    def _make_channels(self) -> None:
        settings = self.settings
        if settings.telegram_token is not None:
            self.channels[Messenger.TELEGRAM] = TelegramChannel(
                settings.telegram_token.get_secret_value(),
                settings.telegram_api_url,
                self.clock,
                self.files,
                Limits.telegram(
                    rate_per_second=settings.telegram_rate,
                    chat_gap_seconds=settings.telegram_chat_gap_seconds,
                    group_limit=settings.telegram_group_limit,
                    group_bulk_limit=settings.telegram_group_bulk_limit,
                ),
            )
        if settings.twilio_account_sid and settings.twilio_auth_token and settings.twilio_whatsapp_from:
            self.channels[Messenger.WHATSAPP] = WhatsAppChannel(
                (settings.twilio_account_sid, settings.twilio_auth_token.get_secret_value()),
                settings.twilio_whatsapp_from,
                (settings.twilio_api_url, settings.callback_url),
                self.clock,
                settings.zone,
                self.files,
                Limits.whatsapp(
                    rate_per_second=settings.whatsapp_rate, chat_gap_seconds=settings.whatsapp_chat_gap_seconds
                ),
            )

    def make_dispatcher(self, replies: Replies) -> Dispatcher:
        dispatcher = Dispatcher(disable_fsm=True)
        dispatcher.update.outer_middleware(Delivery(replies))
        dispatcher.update.outer_middleware(ChatAdmins())
        dispatcher.update.outer_middleware(ContactCards(self.units))
        dispatcher.update.outer_middleware(Turn(self.units))
        dispatcher.update.outer_middleware(Persons(frozenset(self.settings.owner_telegram_ids)))
        dispatcher.update.outer_middleware(Throttle(self.clock))
        dispatcher.include_routers(*handlers.routers())
        return dispatcher

    def stop(self) -> None:
        self._stop.set()

    async def run(self, on_ready: "asyncio.Event | None" = None) -> None:
        try:
            await self._check()
            await self._work(on_ready)
        finally:
            await self.database.close()

    async def _work(self, on_ready: "asyncio.Event | None") -> None:
        for channel in self.channels.values():
            await channel.open()
        try:
            async with asyncio.TaskGroup() as nursery:
                parts = nursery.create_task(self._parts(self.settings.roles, on_ready))
                await self._stop.wait()
                parts.cancel()
        finally:
            for channel in self.channels.values():
                await channel.close()
            async with self.units() as unit:
                await unit.leases.release(self.holder)

    async def _check(self) -> None:
        if not await is_at_head(self.database):
            raise NotReady
        async with self.units() as unit:
            department = await unit.territory.department()
            if department and department.is_demo and self.settings.uses_official_host:
                raise DemoOnRealHost
            if not await unit.seals.fit():
                raise KeysWrong
            try:
                await unit.templates.load(self.settings.templates_file)
            except ValueError as error:
                example = EXAMPLES["templates_file"]
                raise SettingWrong(name=f"{PREFIX}TEMPLATES_FILE", reason=str(error), example=example) from None
            await unit.leases.take_from_dead()

    async def _parts(self, roles: frozenset[str], on_ready: "asyncio.Event | None") -> None:
        """Everything that runs: if one of these tasks ends by itself, the process ends with it."""
        async with asyncio.TaskGroup() as nursery:
            self.replies = replies = Replies(self.units, nursery)
            self.worker = worker = Worker(self.make_dispatcher(replies), self.channels, self.units, self.holder)
            writer, reports = InboxWriter(self.units, worker.take), ReportWriter(self.units)
            telegram = self.channels.get(Messenger.TELEGRAM)

            def start(name: str, work: Awaitable[None]) -> None:
                nursery.create_task(_forever(name, work), name=name)

            surveyor = Surveyor(self.units)
            try:
                await surveyor.look()
                start("surveyor", surveyor.run())
                start("saving", self.database.keep_saving())
                start("inbox", writer.run())
                start("reports", reports.run())
                for channel in self.channels.values():
                    await self._remember_groups(channel)
                    start(f"pacer-{channel.messenger}", channel.pacer.run())
                if "web" in roles:
                    start("web", self._serve(self._web(writer, reports)))
                if isinstance(telegram, TelegramChannel):
                    await set_webhook(telegram, self.settings)
                    nursery.create_task(introduce(telegram), name="introducing")
                    if self.settings.public_url is None and "web" in roles:
                        start("polling", Poller(telegram, self.units, writer).run())
                if "dialogs" in roles:
                    start("dialogs", worker.run())
                    start("codes", self.units.house.codes.keep_ready())
                    start("fetcher", Fetcher(self.channels, self.units, self.files).run())
                    start("bundler", Bundler(self.units, self.files).run())
                if "courier" in roles:
                    for channel in self.channels.values():
                        courier = Courier(channel, self.units, self.holder)
                        start(f"courier-{channel.messenger}", courier.run())
                        if isinstance(channel, WhatsAppChannel):
                            start("templates", TemplateWatch(channel, self.units).run())
                        if isinstance(channel, TelegramChannel):
                            start("menus", StaffMenus(channel.bot, self.units, self.holder).run())
                if "jobs" in roles:
                    grace = timedelta(minutes=self.settings.campaign_grace_minutes)
                    start("jobs", Jobs(self.units, self.holder, grace).run())
                gc.enable()
                gc.collect()
                gc.freeze()  # aiogram's models would be walked at every full collection: p99 242 ms against 17 ms
                self.ready.set()
                if on_ready is not None:
                    on_ready.set()
                log.info("korshi.ready", channels=sorted(self.channels), port=self.settings.port)
                await asyncio.get_running_loop().create_future()
            finally:
                await worker.idle(DRAIN_SECONDS / 2)
                await replies.idle(DRAIN_SECONDS / 2)

    async def _remember_groups(self, channel: Channel) -> None:
        now = self.clock.now()
        async with self.units.reading() as unit:
            groups = await unit.deliveries.sent_to_groups(channel.messenger, now - GROUP_WINDOW)
        for address, moments in groups.items():
            channel.pacer.prime(address, (self.clock.monotonic() - (now - at).total_seconds() for at in moments))

    def _web(self, writer: InboxWriter, reports: ReportWriter) -> FastAPI:
        app = make_web(WebParts(self.settings, self.units, self.files, self.channels, writer.store, reports.write))
        app.state.is_ready = self.ready.is_set
        return app

    async def _serve(self, app: FastAPI) -> None:
        config = uvicorn.Config(
            app,
            host=self.settings.host,
            port=self.settings.port,
            log_config=None,
            access_log=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=3,
        )
        server = _Server(config)
        try:
            await server.serve()
        except asyncio.CancelledError:
            await server.shutdown()
            raise
        except SystemExit:
            raise PortTaken(port=self.settings.port) from None


class _Server(uvicorn.Server):
    """Signals are ours: one Ctrl-C stops the whole process in order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _forever(name: str, work: Awaitable[None]) -> None:
    """A part that ends by itself is a fault as much as one that raises."""
    await work
    raise RuntimeError(f"{name} has ended")


async def serve(settings: Settings) -> None:
    """Run until SIGINT or SIGTERM."""
    app = App(settings)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, app.stop)
    await app.run()
