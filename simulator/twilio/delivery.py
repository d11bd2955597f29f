"""What happens after Twilio said yes: media fetched, the phone rings, signed callbacks; and inbound webhooks."""

import asyncio
import random
from collections import deque
from typing import TYPE_CHECKING

import aiohttp
from twilio.request_validator import RequestValidator
from yarl import URL

from simulator.faults import CALLBACK_KINDS
from simulator.telegram.files import store
from simulator.things import BOT, Json, Line
from simulator.twilio.records import FINAL, Message, gathered
from simulator.twilio.refusals import WORDS

if TYPE_CHECKING:
    from simulator.world import World

WINDOW_SECONDS = 24 * 3600
WEBHOOK_SECONDS = 15.0
MOST_MEDIA_BYTES = 16 * 1024 * 1024
MOST_POSTS_AT_ONCE = 64
TWICE = ("double_callback",)


class Delivery:
    """Carries outbound messages to phones and inbound ones to the bot. Inbound is in order per person."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.register = world.register
        self.register.delivery = self
        self.validator = RequestValidator(world.settings.signing_token)
        self._tasks: set[asyncio.Task[None]] = set()
        self._inbound: dict[str, deque[str]] = {}
        self._posts = asyncio.Semaphore(MOST_POSTS_AT_ONCE)

    def resume(self) -> None:
        """After a start: what had not ended goes on."""
        for message in self.register.messages.values():
            if message.direction == "outbound-api" and message.status in ("queued", "accepted", "sent"):
                self.begin(message)
        for sid in list(self.register.inbound):
            self._line_up(sid)

    async def stop(self) -> None:
        tasks, self._tasks = self._tasks, set()
        await gathered(tasks)
        self._inbound.clear()

    def _spawn(self, work: "asyncio._CoroutineLike[None]") -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- out ---

    def window_open(self, person_id: str) -> bool:
        person = self.world.people.get(person_id)
        if person is None or person.last_inbound is None:
            return False
        return self.world.now() - person.last_inbound < WINDOW_SECONDS

    def verdict(self, message: Message) -> int | None:
        """The code a message will fail with, None when it will arrive."""
        person = self.world.people.get(message.person)
        if person is None or person.deactivated:
            return 63024
        if person.blocked:
            return 63014
        if not message.is_template and not self.window_open(person.id):
            return 63016
        return message.doom

    def begin(self, message: Message) -> None:
        """Show the message on the phone and start its life."""
        if message.person and message.status in ("queued", "accepted"):
            self._show(message)
        self._spawn(self._live(message))

    def _show(self, message: Message) -> None:
        files = [item["file"] for item in message.media]
        raw: Json = {"text": message.body, "buttons": message.buttons, "media": files}
        if message.content_sid:
            raw["template"] = message.content_sid
        line = Line(message.person, message.sid, BOT, self.world.settings.bot_name, message.created, raw, "whatsapp")
        line.status = message.status
        self.world.keep_line(line)

    async def _live(self, message: Message) -> None:
        settings = self.world.settings
        failing = await self._fetch_media(message) or self.verdict(message)
        faults = [self.world.faults.next("twilio.messages", message.to, (kind,)) for kind in CALLBACK_KINDS]
        late, double, shuffled, error = faults
        if error is not None:
            failing = int(error.fault.get("code") or 63016)
        if failing is not None:
            status = str(error.fault.get("status") or "failed") if error is not None else "failed"
            plan = [(settings.sent_after_seconds, "undelivered" if failing == 63014 else status)]
        elif message.status == "sent":
            plan = [(settings.delivered_after_seconds, "delivered")]
        else:
            plan = [(settings.sent_after_seconds, "sent"), (settings.delivered_after_seconds, "delivered")]
        if shuffled is not None:
            plan.reverse()
        if late is not None:
            await asyncio.sleep(float(late.fault.get("seconds") or 5))
        for pause, status in plan:
            await asyncio.sleep(pause)
            if message.status == "canceled":
                return
            self.move(message, status, failing)
            for _ in range(2 if double is not None else 1):
                await self._tell(message, status)
        person = self.world.people.get(message.person)
        if failing is None and person is not None and person.open:
            await asyncio.sleep(settings.read_after_seconds)
            await self._read(message)

    def move(self, message: Message, status: str, code: int | None = None) -> None:
        """Give a message its new status, never from a later one back to an earlier."""
        ranks = ("accepted", "queued", "sending", "sent", "delivered", "read")
        if status in ranks and message.status in ranks and ranks.index(status) < ranks.index(message.status):
            return
        message.status = status
        message.updated = self.world.now()
        if status == "sent":
            message.sent = message.updated
        if code is not None and status in ("failed", "undelivered"):
            message.error_code, message.error_message = code, WORDS.get(code, "Unknown error")
        self.register.keep(message)
        line = self.world.line(message.person, message.sid)
        if line is not None:
            line.status = "failed" if status == "undelivered" else status
            line.error = f"{code} {WORDS.get(code, '')}".strip() if code is not None else None
            self.world.keep_line(line)

    async def _fetch_media(self, message: Message) -> int | None:
        """Fetch what MediaUrl points at, as Twilio's servers do; the code to fail with if it cannot be had."""
        for url in message.media_urls[len(message.media) :]:
            try:
                timeout = aiohttp.ClientTimeout(total=20)
                async with self.world.http.get(self.world.settings.reachable(url), timeout=timeout) as answer:
                    if answer.status != 200:
                        return 63019
                    content = await answer.read()
                    kind = content_kind(answer.content_type)
                    name = url.rsplit("/", 1)[-1].partition("?")[0] or kind
                    file = store(self.world, kind, content, name, answer.content_type)
            except (aiohttp.ClientError, TimeoutError, ValueError):
                return 63019
            if len(content) > MOST_MEDIA_BYTES or not content:
                return 63019 if content else 12300
            message.media.append({"sid": "ME" + self.world.hex(), "file": file.id, "created": self.world.now()})
        if message.media_urls and message.person:
            self.register.keep(message)
            self._show(message)
        return None

    def opened(self, person_id: str) -> None:
        """The person looks at the chat: what was delivered becomes read."""
        for line in list(self.world.chat(person_id).lines.values()):
            message = self.register.messages.get(str(line.id))
            if message is not None and message.status == "delivered":
                self._spawn(self._read(message))

    async def _read(self, message: Message) -> None:
        if message.status == "delivered":
            self.move(message, "read")
            await self._tell(message, "read")

    async def _tell(self, message: Message, status: str) -> None:
        """One status callback; a refused one is not repeated."""
        if not message.callback:
            return
        form: Json = {
            "AccountSid": message.account_sid,
            "ApiVersion": "2010-04-01",
            "ChannelInstallSid": "XE" + message.account_sid[2:],
            "ChannelPrefix": "whatsapp",
            "ChannelToAddress": message.to.removeprefix("whatsapp:")[:-4] + "XXXX",
            "From": message.sender,
            "MessageSid": message.sid,
            "MessageStatus": status,
            "SmsSid": message.sid,
            "SmsStatus": status,
            "StructuredMessage": "false",
            "To": message.to,
        }
        if message.service_sid:
            form["MessagingServiceSid"] = message.service_sid
        if status in ("delivered", "read"):
            form["EventType"] = status.upper()
        if status in ("failed", "undelivered") and message.error_code is not None:
            form["ErrorCode"] = str(message.error_code)
            form["ChannelStatusMessage"] = message.error_message or ""
        await self._post(message.callback, form, "status")

    # --- in ---

    def receive(self, person_id: str, form: Json) -> None:
        """Queue one inbound webhook."""
        sid = str(form["MessageSid"])
        self.register.note_inbound(sid, {"person": person_id, "form": form})
        self._line_up(sid)

    def _line_up(self, sid: str) -> None:
        person = self.register.inbound[sid]["person"]
        lane = self._inbound.get(person)
        if lane is not None:
            lane.append(sid)
            return
        self._inbound[person] = deque([sid])
        self._spawn(self._carry_in(person))

    async def _carry_in(self, person: str) -> None:
        lane = self._inbound[person]
        settings = self.world.settings
        url = (settings.public_url or settings.bot_url).rstrip("/") + settings.inbound_path
        while lane:
            pending = self.register.inbound.get(lane[0])
            if pending is not None and not await self._post(url, pending["form"], "inbound"):
                await asyncio.sleep(settings.webhook_retry_seconds)
                await self._post(url, pending["form"], "inbound")
            elif pending is not None and self.world.faults.next("twilio.inbound", pending["form"]["From"], TWICE):
                await self._post(url, pending["form"], "inbound")
            self.register.note_inbound(lane.popleft(), None)
        del self._inbound[person]

    async def _post(self, url: str, form: Json, what: str) -> bool:
        """A form POST signed over the exact URL; whether it was taken."""
        headers = {
            "X-Twilio-Signature": self.validator.compute_signature(url, form),
            "I-Twilio-Idempotency-Token": f"{random.getrandbits(128):032x}",
            "User-Agent": "TwilioProxy/1.1",
        }
        stats = self.world.stats
        stats.webhook_posts[what] += 1
        try:
            async with (
                self._posts,
                self.world.http.post(
                    URL(self.world.settings.reachable(url), encoded=True),
                    data=form,
                    headers=headers,
                    timeout=aiohttp.ClientTimeout(total=WEBHOOK_SECONDS),
                    allow_redirects=True,
                ) as answer,
            ):
                await answer.read()
                if answer.status < 400:
                    return True
        except (aiohttp.ClientError, TimeoutError, ValueError):
            pass
        stats.webhook_failures += 1
        return False


def content_kind(mime: str) -> str:
    """Our kind of file for a MIME type."""
    group = mime.partition("/")[0]
    return {"image": "photo", "video": "video", "audio": "audio"}.get(group, "document")


def is_final(message: Message) -> bool:
    return message.status in FINAL
