"""WhatsApp through Twilio: a webhook form becomes an Update, a Reply becomes a numbered message."""

import asyncio
import itertools
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.methods import TelegramMethod
from aiogram.types import Update
from aiohttp import BasicAuth, ClientConnectorError, ClientError, ClientSession, ClientTimeout
from twilio.rest import Client

from bot.channels.base import (
    Fetched,
    FetchFailed,
    MediaFiles,
    Menu,
    Outcome,
    Place,
    Receipt,
    Refused,
    SlowDown,
    TooLarge,
    Unknown,
    Unreachable,
)
from bot.channels.markup import in_pieces, whatsapp_text
from bot.channels.net import NotPublic, PublicResolver
from bot.channels.pacing import Limits, Pacer
from bot.channels.road import PATIENCE_SECONDS, Late, Road
from bot.channels.twilio_client import REFUSALS, connect, create_message
from bot.channels.twilio_codes import classify_code
from bot.channels.whatsapp_templates import approvals
from bot.clock import Clock
from bot.errors import N_
from bot.i18n import _
from bot.services.deliveries import Delivery
from bot.services.media import WHATSAPP_FETCH_LIMIT, MediaView
from bot.services.residents import user_number
from bot.services.templates import TemplateWord
from bot.speech import Choice, Reply, both
from bot.speech.notices import template_facts
from bot.terms import Lane, Messenger

BODY_LIMIT = 1600  # characters of a WhatsApp message through Twilio
CALL_SECONDS = 20
RECENT = timedelta(minutes=30)


class NoBotApi(BaseSession):
    """The WhatsApp bot has an identity but no Bot API: handlers return a Reply."""

    async def close(self) -> None:
        return

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:
        raise RuntimeError(f"{type(method).__name__} is Telegram only")

    async def stream_content(self, *_args: Any, **_kwargs: Any) -> AsyncGenerator[bytes, None]:
        raise RuntimeError("files come from Twilio")
        yield b""


class WhatsAppChannel:
    messenger = Messenger.WHATSAPP

    def __init__(
        self,
        credentials: tuple[str, str],
        sender: str,
        urls: tuple[str, str],  # Twilio's API, our own public address
        clock: Clock,
        zone: ZoneInfo,
        files: MediaFiles,
        limits: Limits,
    ) -> None:
        self.bot = Bot("2:whatsapp-has-no-bot-api", session=NoBotApi())
        self.pacer = Pacer(limits, clock)
        self.username = sender.removeprefix("+")
        self._credentials, self._from = credentials, f"whatsapp:{sender}"
        self._api_url, self._public_url = urls
        self._clock, self._zone, self._files = clock, zone, files
        self._ids = itertools.count(int(clock.now().timestamp() * 1000))
        self._client: Client | None = None
        self._session: ClientSession | None = None  # to Twilio, wherever it was configured to be
        self._resolver = PublicResolver()
        self._outside: ClientSession | None = None  # to where Twilio redirects

    async def open(self) -> None:
        """Only prepares the client: Twilio is asked at the first send, so an outage there does not stop Telegram."""
        self._client = connect(self._credentials, self._api_url, CALL_SECONDS)
        self._session = ClientSession(timeout=ClientTimeout(total=CALL_SECONDS))
        self._outside = self._resolver.session(CALL_SECONDS)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.http_client.close()
        for session in (self._session, self._outside):
            if session is not None:
                await session.close()

    @property
    def client(self) -> Client:
        if self._client is None:
            raise RuntimeError("the channel is not open")
        return self._client

    async def approvals(self, sids: Collection[str]) -> dict[str, TemplateWord]:
        return await approvals(self.client, sids)

    # -- in

    def update_of(self, payload: dict[str, Any]) -> Update:
        """The update Telegram would have sent for this form."""
        form: Mapping[str, str] = payload["form"]
        number = user_number(form.get("From", ""))
        user = {"id": number, "is_bot": False, "first_name": form.get("ProfileName") or form.get("WaId") or "–"}
        chat = {"id": number, "type": "private"}
        at = payload.get("at") or self._clock.now().timestamp()
        message: dict[str, Any] = {"message_id": next(self._ids), "date": int(at), "from": user, "chat": chat}
        pressed = form.get("ButtonPayload") or form.get("ListId")
        update: dict[str, Any] = {"update_id": next(self._ids)}
        if pressed:
            update["callback_query"] = press(user, message, pressed)
        else:
            update["message"] = message | _content(form)
        return Update.model_validate(update, context={"bot": self.bot})

    async def fetch(self, media: MediaView) -> Fetched:
        """Credentials go to Twilio's own host only; the redirect's target must be public or Twilio itself."""
        if media.size is not None and media.size > WHATSAPP_FETCH_LIMIT:
            raise TooLarge
        url = media.file or ""
        if not self._is_twilio(url) or self._session is None:
            raise FetchFailed("foreign_host", is_final=True)
        try:
            async with self._session.get(url, auth=BasicAuth(*self._credentials), allow_redirects=False) as answer:
                status, target = answer.status, answer.headers.get("Location", "")
        except (ClientError, TimeoutError):
            raise FetchFailed("unreachable") from None
        if status in (404, 410):
            raise FetchFailed("gone", is_final=True)
        if status not in (200, 301, 302, 307, 308):
            raise FetchFailed("refused")
        if status == 200:
            return Fetched(self._stream(url, self._session, BasicAuth(*self._credentials)), media.mime)
        if not await self._is_fair_target(target):
            raise FetchFailed("foreign_host", is_final=True)
        session = self._session if self._is_twilio(target) else self._outside
        return Fetched(self._stream(target, session, None), media.mime)

    def _is_twilio(self, url: str) -> bool:
        ours, theirs = urlsplit(self._api_url), urlsplit(url)
        return (ours.scheme, ours.netloc) == (theirs.scheme, theirs.netloc) and "@" not in theirs.netloc

    async def _is_fair_target(self, url: str) -> bool:
        parts = urlsplit(url)
        if self._is_twilio(url):
            return True
        return parts.scheme == "https" and "@" not in parts.netloc and await self._resolver.allows(parts.hostname or "")

    async def _stream(self, url: str, session: ClientSession | None, auth: BasicAuth | None) -> AsyncIterator[bytes]:
        if session is None:
            raise FetchFailed("closed")
        try:
            async with session.get(url, auth=auth, allow_redirects=False) as answer:
                if answer.status != 200:
                    raise FetchFailed("refused")
                async for chunk in answer.content.iter_chunked(64 * 1024):
                    yield chunk
        except ClientConnectorError as error:
            if isinstance(error.os_error, NotPublic):  # the name leads elsewhere than a moment ago
                raise FetchFailed("foreign_host", is_final=True) from None
            raise FetchFailed("unreachable") from None
        except (ClientError, TimeoutError):
            raise FetchFailed("unreachable") from None

    # -- out

    def menu_of(self, reply: Reply) -> Menu:
        items = []
        for choice in (choice for row in reply.choices for choice in row if choice.value):
            items.append((choice.label, choice.value))
            if choice.also and choice.also != choice.label:
                items.append((choice.also, choice.value))
        return Menu(items, open=reply.open and not reply.numbered, takes_words=reply.numbered)

    def ready_in(self, address: str, lane: Lane, *, is_group: bool) -> float:
        return self.pacer.ready_in(address, lane, group=is_group)

    def start_link(self, payload: str) -> str:
        return f"https://wa.me/{self.username}?text={quote(f'start {payload}')}"

    async def is_chat_admin(self, chat: str, person: int) -> bool:
        return False  # there are no groups here

    async def deliver(self, place: Place, reply: Reply) -> Outcome:
        return await self._say(place.address, Lane.REPLY, reply)

    async def acknowledge(self, place: Place, alert: str = "") -> None:
        """WhatsApp's buttons have no clock; a word for the presser alone is a message."""
        if alert:
            await self._say(place.address, Lane.REPLY, Reply(alert))

    async def send(self, delivery: Delivery, reply: Reply, first_number: int = 1) -> Outcome:
        callback = f"{self._public_url}/twilio/status?n={delivery.id}"
        if delivery.template is None:
            return await self._say(delivery.address, delivery.lane, reply, first_number, callback)
        values = delivery.template.values(template_facts(delivery, self._zone))
        variables = json.dumps(values, ensure_ascii=False)
        content = {"ContentSid": delivery.template.content_sid, "ContentVariables": variables}
        road = Road(self.pacer, delivery.address, delivery.lane)
        return await self._post(road, {**content, "StatusCallback": callback})

    async def find(self, delivery: Delivery, reply: Reply) -> str | None:
        """Twilio can list what it was given: the same body to the same person a moment ago is this notice."""
        if delivery.template is None:
            shown = (replace(reply, open=is_open, numbered=False) for is_open in (False, True))
            bodies = (self._bodies(variant, 1)[-1] for variant in shown)
        else:
            bodies = (body for body in [delivery.template.filled(template_facts(delivery, self._zone))] if body)
        last = {_unnumbered(body) for body in bodies}
        if not last:
            return None  # the template's own words are not known yet
        try:
            async with asyncio.timeout(CALL_SECONDS):
                sent = await self.client.messages.list_async(
                    to=f"whatsapp:{delivery.address}",
                    from_=self._from,
                    date_sent_after=self._clock.now() - RECENT,
                    limit=20,
                )
        except (*REFUSALS, ClientError, TimeoutError):
            return None
        return next((item.sid for item in sent if _unnumbered(item.body or "") in last), None)

    async def _say(self, address: str, lane: Lane, reply: Reply, first_number: int = 1, callback: str = "") -> Outcome:
        outcome: Outcome = Refused("empty")
        bodies = self._bodies(reply, first_number)
        link = await self._link(reply.media_id) if reply.media_id else None
        road = Road(self.pacer, address, lane, patience=PATIENCE_SECONDS if lane is Lane.REPLY else None)
        for number, body in enumerate(bodies):
            content: dict[str, Any] = {"Body": body}
            if link and number == 0:
                content["MediaUrl"] = [link]
            if callback and number == len(bodies) - 1:
                content["StatusCallback"] = callback
            outcome = await self._post(road, content)
            if not isinstance(outcome, Receipt):
                break
        return outcome

    async def _link(self, media_id: int) -> str | None:
        """Only to what lies on our shelf: Twilio drops a whole message whose file it cannot fetch."""
        file = await self._files.open_file(media_id)
        return self._files.public_link(media_id) if file is not None and file.path is not None else None

    def _bodies(self, reply: Reply, first_number: int) -> list[str]:
        text, entities = reply.rendered()
        choices = [choice for row in reply.choices for choice in row]
        blocks = [whatsapp_text(text, entities), *_choice_blocks(choices, reply, first_number)]
        return in_pieces("\n\n".join(block for block in blocks if block), BODY_LIMIT)

    async def _post(self, road: Road, content: dict[str, Any]) -> Outcome:
        """One call, in a slot of its own."""
        form = {"To": f"whatsapp:{road.address}", "From": self._from, **content}
        try:
            async with road.slot():
                return Receipt(await create_message(self.client, form))
        except Late:
            return SlowDown(PATIENCE_SECONDS)
        except REFUSALS as error:
            return self._refused(classify_code(error.code, error.status), road.address)
        except ClientConnectorError:
            return Unreachable("network")
        except (ClientError, TimeoutError, ValueError):
            return Unknown("lost_answer")

    def _refused(self, outcome: Outcome, address: str) -> Outcome:
        if isinstance(outcome, SlowDown):
            self.pacer.hold(outcome.seconds, address if outcome.chat_only else None)
            self.pacer.slowed()
        return outcome


_FILE_NAME = re.compile(r"[^\n/]{1,150}\.[A-Za-z0-9]{2,5}")


def _unnumbered(body: str) -> str:
    """The numbers of a notice's choices depend on the menu that was open: the same notice may have had others."""
    return re.sub(r"(?m)^\d+\. ", "", body)


def press(user: dict[str, Any], message: dict[str, Any], data: str) -> dict[str, Any]:
    """A callback query as Telegram would send it."""
    return {"id": "0", "from": user, "chat_instance": "", "data": data[:64], "message": message}


def _content(form: Mapping[str, str]) -> dict[str, Any]:
    text = form.get("Body", "")
    if form.get("Latitude") and form.get("Longitude"):
        return {"location": {"latitude": float(form["Latitude"]), "longitude": float(form["Longitude"])}}
    if form.get("NumMedia", "0") == "0" or not form.get("MediaUrl0"):
        return {"text": text}
    kind = form.get("MediaContentType0", "")
    file: dict[str, Any] = {"file_id": form["MediaUrl0"], "file_unique_id": form.get("MessageSid", "")}
    is_picture = kind.startswith(("image/", "video/", "audio/")) and not kind.startswith("image/webp")
    is_document = form.get("MessageType") == "document" or not is_picture
    if is_document and _FILE_NAME.fullmatch(text):  # Twilio puts it there; who sends without his name sends without it
        text = ""
    caption = {"caption": text} if text else {}
    if kind.startswith("image/webp"):
        return {"document": file | {"mime_type": kind}} | caption
    if kind.startswith("image/"):
        return {"photo": [file | {"width": 0, "height": 0}]} | caption
    if kind.startswith("video/"):
        return {"video": file | {"width": 0, "height": 0, "duration": 0, "mime_type": kind}} | caption
    if kind.startswith("audio/ogg"):
        return {"voice": file | {"duration": 0, "mime_type": kind}} | caption
    if kind.startswith("audio/"):
        return {"audio": file | {"duration": 0, "mime_type": kind}} | caption
    return {"document": file | {"mime_type": kind, "file_name": "file"}} | caption


def _choice_blocks(choices: list[Choice], reply: Reply, first_number: int) -> list[str]:
    """Numbers where only a choice is expected; words where free words are, since a number may be one of them."""
    links = "\n".join(f"{choice.label}: {choice.url}" for choice in choices if choice.url)
    picks = [choice for choice in choices if choice.value]
    if not picks:
        return [links]
    if reply.open and not reply.numbered:
        words = ", ".join(f"«{choice.label}»" for choice in picks)
        hint = both("Or write: {words}", words=words) if reply.is_bilingual else _("Or write: {words}", words=words)
        return [links, hint]
    numbered = "\n".join(f"{n}. {choice.label}" for n, choice in enumerate(picks, first_number))
    asked = N_("Or answer with a number") if reply.open else N_("Answer with a number")
    return [numbered, links, both(asked) if reply.is_bilingual else _(asked)]
