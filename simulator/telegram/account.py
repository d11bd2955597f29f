"""One bot: its profile, and the queue of updates it has not taken yet."""

import asyncio
import json
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
from yarl import URL

from simulator.telegram.refusals import Refused
from simulator.things import Json

if TYPE_CHECKING:
    from simulator.world import World

UPDATES_LIVE_SECONDS = 24 * 3600
UNASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
FIRST_UPDATE = 100_000_000
LONGEST_PAUSE_SECONDS = 60.0
CONFLICT_POLLER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
CONFLICT_WEBHOOK = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


@dataclass
class Update:
    id: int
    lane: str
    at: float
    body: Json


class Account:
    """Updates wait in one queue; a webhook gets them in order per chat, over several connections at once."""

    def __init__(self, world: "World", number: int, token: str) -> None:
        self.world = world
        self.id = number
        self.token = token
        self.provisional = False
        self.names: dict[str, str] = {}
        self.descriptions: dict[str, str] = {}
        self.short_descriptions: dict[str, str] = {}
        self.commands: dict[str, list[Json]] = {}
        self.menu_buttons: dict[str, Json] = {}
        self.rights: dict[str, Json] = {}
        self.allowed: list[str] = []
        self.webhook: Json = {}
        self.last_error: tuple[int, str] | None = None
        self.pending: OrderedDict[int, Update] = OrderedDict()
        self._poller: asyncio.Future[bool] | None = None
        self._lanes: dict[str, deque[int]] = {}
        self._waiting: deque[str] = deque()
        self._running: dict[str, asyncio.Task[None]] = {}

    @property
    def user(self) -> Json:
        settings = self.world.settings
        name = self.names.get("", settings.bot_name)
        return {"id": self.id, "is_bot": True, "first_name": name, "username": settings.bot_username}

    # --- coming in ---

    def enqueue(self, kind: str, body: Json, lane: str) -> int:
        """Queue one update if the bot asked for its kind; its id, or 0."""
        if not self._wants(kind):
            return 0
        number = self.world.count("update", FIRST_UPDATE)
        update = Update(number, lane, self.world.now(), {"update_id": number, kind: body})
        self.pending[number] = update
        self.world.journal.note("update", f"{number:020d}", update)
        if self.webhook:
            self._queue(update)
        elif self._poller is not None and not self._poller.done():
            self._poller.set_result(True)
        return number

    def _wants(self, kind: str) -> bool:
        return kind in self.allowed if self.allowed else kind not in UNASKED

    def allow(self, kinds: list[str] | None) -> None:
        """None keeps what was set before; an empty list means the default."""
        if kinds is not None and kinds != self.allowed:
            self.allowed = list(kinds)
            self.note()

    def forget(self, number: int) -> None:
        if self.pending.pop(number, None) is not None:
            self.world.journal.note("update", f"{number:020d}", None)

    def forget_all(self) -> None:
        for number in list(self.pending):
            self.forget(number)
        self._lanes.clear()
        self._waiting.clear()

    # --- polling ---

    async def poll(self, offset: int, limit: int, timeout: float) -> list[Json]:
        """What getUpdates answers. A second poller ends the first with 409."""
        if self.webhook:
            raise Refused(409, CONFLICT_WEBHOOK)
        if self._poller is not None and not self._poller.done():
            self._poller.set_result(False)
        self._confirm(offset)
        if not self.pending and timeout > 0:
            poller = self._poller = asyncio.get_running_loop().create_future()
            try:
                if not await asyncio.wait_for(poller, timeout):
                    raise Refused(409, CONFLICT_WEBHOOK if self.webhook else CONFLICT_POLLER)
            except TimeoutError:
                pass
            finally:
                if self._poller is poller:
                    self._poller = None
        return [update.body for _, update in zip(range(limit), self.pending.values(), strict=False)]

    def _confirm(self, offset: int) -> None:
        oldest = self.world.now() - UPDATES_LIVE_SECONDS
        for number in list(self.pending)[:offset] if offset < 0 else list(self.pending):
            if offset < 0 or number < offset or self.pending[number].at < oldest:
                self.forget(number)
            else:
                break

    # --- webhook ---

    async def set_webhook(self, webhook: Json) -> None:
        """Start (or with {} stop) pushing; a waiting poller is sent away."""
        await self._stop_pushing()
        self.webhook = webhook
        self.last_error = None
        if webhook and self._poller is not None and not self._poller.done():
            self._poller.set_result(False)
        self.note()
        self.wake()

    def webhook_info(self) -> Json:
        webhook = self.webhook
        info: Json = {
            "url": webhook.get("url", ""),
            "has_custom_certificate": bool(webhook.get("has_custom_certificate")),
            "pending_update_count": len(self.pending),
        }
        if webhook:
            info["max_connections"] = webhook["max_connections"]
            info["ip_address"] = webhook.get("ip_address") or "127.0.0.1"
        if self.last_error is not None:
            info["last_error_date"], info["last_error_message"] = self.last_error
        if self.allowed:
            info["allowed_updates"] = self.allowed
        return info

    def wake(self) -> None:
        """Push what waits (after a start or a new webhook)."""
        if self.webhook:
            for update in self.pending.values():
                self._queue(update)

    def _queue(self, update: Update) -> None:
        lane = self._lanes.get(update.lane)
        if lane is not None:
            lane.append(update.id)
            return
        self._lanes[update.lane] = deque([update.id])
        self._waiting.append(update.lane)
        self._fill()

    def _fill(self) -> None:
        while self._waiting and len(self._running) < self.webhook.get("max_connections", 40):
            lane = self._waiting.popleft()
            self._running[lane] = asyncio.create_task(self._push_lane(lane))

    async def _push_lane(self, lane: str) -> None:
        """Deliver one chat's updates in order; one that is refused is repeated before the next."""
        pause = self.world.settings.webhook_retry_seconds
        numbers = self._lanes[lane]
        try:
            while numbers:
                update = self.pending.get(numbers[0])
                if update is None:
                    numbers.popleft()
                    continue
                trouble = await self._push(update)
                if trouble is None:
                    if self.world.faults.next("webhook", lane, ("double_callback",)) is not None:
                        await self._push(update)
                    self.forget(update.id)
                    numbers.popleft()
                    pause = self.world.settings.webhook_retry_seconds
                    continue
                self.world.stats.webhook_failures += 1
                self.last_error = int(self.world.now()), trouble
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        finally:
            if self._running.pop(lane, None) is not None:
                self._lanes.pop(lane, None)
                self._fill()

    async def _push(self, update: Update) -> str | None:
        """One POST; None when it was taken, else what is to be said about it."""
        headers = {"Content-Type": "application/json"}
        if self.webhook.get("secret_token"):
            headers["X-Telegram-Bot-Api-Secret-Token"] = self.webhook["secret_token"]
        url = URL(self.world.settings.reachable(self.webhook["url"]), encoded=True)
        self.world.stats.webhook_posts["telegram"] += 1
        try:
            async with self.world.http.post(
                url,
                data=json.dumps(update.body, ensure_ascii=False).encode(),
                headers=headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=60),
            ) as answer:
                if not 200 <= answer.status < 300:
                    return f"Wrong response from the webhook: {answer.status} {answer.reason}"
                await self._do_answer(await answer.read())
                return None
        except aiohttp.ClientConnectorError:
            return "Connection refused"
        except TimeoutError:
            return "Read timeout expired"
        except aiohttp.ClientError as trouble:
            return f"Connection reset by peer ({type(trouble).__name__})"

    async def _do_answer(self, body: bytes) -> None:
        """A webhook may answer with one method call."""
        if b'"method"' not in body or self.world.webhook_answer is None:
            return
        try:
            call = json.loads(body)
        except ValueError:
            return
        if isinstance(call, dict) and isinstance(call.get("method"), str):
            await self.world.webhook_answer(self, call.pop("method"), call)

    async def _stop_pushing(self) -> None:
        running, self._running = list(self._running.values()), {}
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._lanes.clear()
        self._waiting.clear()

    async def stop(self) -> None:
        await self._stop_pushing()
        self.release()

    def release(self) -> None:
        """Answer a waiting poller at once."""
        if self._poller is not None and not self._poller.done():
            self._poller.set_result(True)

    # --- keeping ---

    def adopt(self, number: int, token: str) -> None:
        """The first real bot takes the place of the one that people wrote to before it called."""
        self.world.journal.note("account", str(self.id), None)
        self.id, self.token, self.provisional = number, token, False
        self.note()

    def note(self) -> None:
        names = ("id", "token", "names", "descriptions", "short_descriptions", "commands", "menu_buttons", "rights")
        kept: dict[str, Any] = {name: getattr(self, name) for name in (*names, "allowed", "webhook", "provisional")}
        kept["is_main"] = self.world.main is self
        self.world.journal.note("account", str(self.id), kept)

    def restore(self, kept: Json) -> None:
        for name, value in kept.items():
            if name != "is_main":
                setattr(self, name, value)
        if kept.get("is_main"):
            for _, body in self.world.journal.load("update"):
                update = Update(**body)
                self.pending[update.id] = update
