"""Telegram through aiogram: replies and notices out, files in, refusals as values."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any

from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    AiogramError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramNetworkError,
)
from aiogram.types import (
    BufferedInputFile,
    InputFile,
    Message,
    MessageEntity,
    Update,
)
from aiogram.utils.deep_linking import create_deep_link

from bot.channels.base import (
    Fetched,
    FetchFailed,
    MediaFiles,
    Menu,
    Outcome,
    Place,
    Receipt,
    Refused,
    ShelfFile,
    SlowDown,
    TooLarge,
)
from bot.channels.markup import pieces_with_marks, units
from bot.channels.pacing import Limits, Pacer
from bot.channels.road import PATIENCE_SECONDS, Late, Road
from bot.channels.telegram_changes import change, is_change_of
from bot.channels.telegram_codes import classify
from bot.channels.telegram_markup import CAPTION_LIMIT, NO_PREVIEW, Markup, beside_words, inline, markup_of
from bot.channels.telegram_session import TelegramSession
from bot.clock import Clock
from bot.services.deliveries import Delivery
from bot.services.media import TELEGRAM_FETCH_LIMIT, MediaView
from bot.speech import Reply
from bot.terms import Lane, Messenger, NoticeKind

TEXT_LIMIT = 4096
CALL_SECONDS = 30
MOST_FILES = 256
ASK_SECONDS = 5  # a press waits for the answer
OPEN_PAUSES = (0.3,) * 10 + (2.0,) * 10  # seconds between tries at start: a server that comes up beside us is in time


class TelegramChannel:
    messenger = Messenger.TELEGRAM

    def __init__(self, token: str, api_url: str, clock: Clock, files: MediaFiles, limits: Limits) -> None:
        self._session = TelegramSession(api=TelegramAPIServer.from_base(api_url), timeout=CALL_SECONDS)
        self.bot = Bot(token, session=self._session)
        self.pacer = Pacer(limits, clock)
        self.username = ""
        self._files, self._clock = files, clock
        self._uploads: dict[int, asyncio.Lock] = {}
        self._known: dict[
            int, ShelfFile
        ] = {}  # files whose id at Telegram we have: asked once, not for each of thousands

    async def open(self) -> None:
        """Who we are at Telegram. A server that cannot be reached is asked again for a while; a refusal is final."""
        for pause in OPEN_PAUSES:
            try:
                self.username = (await self.bot.me()).username or ""
            except TelegramNetworkError:
                await self._clock.sleep(pause)
            else:
                return
        self.username = (await self.bot.me()).username or ""

    async def close(self) -> None:
        await self.bot.session.close()

    def update_of(self, payload: dict[str, Any]) -> Update:
        return Update.model_validate(payload, context={"bot": self.bot})

    def menu_of(self, reply: Reply) -> Menu:
        """Inline buttons come back as data; only a reply keyboard's words must be remembered."""
        if not reply.asks:
            return Menu()
        return Menu([(choice.label, choice.value) for row in reply.choices for choice in row], open=True)

    def ready_in(self, address: str, lane: Lane, *, is_group: bool) -> float:
        return self.pacer.ready_in(address, lane, group=is_group)

    def start_link(self, payload: str) -> str:
        return create_deep_link(self.username, "start", payload)

    async def is_chat_admin(self, chat: str, person: int) -> bool:
        """From the list of administrators: unlike one member's state it is told to a bot without rights of its own."""
        try:
            found = await self.bot.get_chat_administrators(int(chat), request_timeout=ASK_SECONDS)
        except AiogramError:
            return False
        return any(member.user.id == person for member in found)

    async def deliver(self, place: Place, reply: Reply) -> Outcome:
        if reply.replaces and place.message and not reply.media_id and not reply.asks:
            outcome = await self._edit(self._reply_road(place), place.message, reply)
            if not isinstance(outcome, Refused):
                return outcome
        return await self._send(self._reply_road(place), reply, place)

    def _reply_road(self, place: Place) -> Road:
        return Road(self.pacer, place.address, Lane.REPLY, place.is_group, PATIENCE_SECONDS)

    async def acknowledge(self, place: Place, alert: str = "") -> None:
        """A key above the keyboard types its label: there is no press to answer, so the word is a message."""
        if not place.callback_id:
            if alert:
                await self.deliver(place, Reply(alert))
            return
        try:
            await self.bot.answer_callback_query(place.callback_id, text=alert[:200] or None, show_alert=bool(alert))
        except AiogramError:  # "query is too old": the clock on the button has stopped by itself
            return

    async def send(self, delivery: Delivery, reply: Reply, first_number: int = 1) -> Outcome:
        road = Road(self.pacer, delivery.address, delivery.lane, delivery.is_group)
        if delivery.kind is NoticeKind.WARNING_CHANGE and is_change_of(delivery):
            outcome = await change(self.bot, partial(self._try, road), delivery, reply)
            if not isinstance(outcome, Refused):
                return outcome
            place = Place(delivery.address, delivery.is_group, reply_to=delivery.message or "")
            return await self._send(road, reply, place)
        if delivery.message and delivery.kind is not NoticeKind.WARNING_CHANGE:
            return await self._edit(road, delivery.message, reply)
        return await self._send(road, reply, Place(delivery.address, delivery.is_group))

    async def find(self, delivery: Delivery, reply: Reply) -> str | None:
        return None  # the Bot API cannot list what it has sent

    async def _edit(self, road: Road, message: str, reply: Reply) -> Outcome:
        text, entities = reply.rendered()
        keys = inline(reply)
        outcome = await self._try(
            road,
            lambda: self.bot.edit_message_text(
                text=text,
                chat_id=int(road.address),
                message_id=int(message),
                entities=entities or None,
                reply_markup=keys,
                link_preview_options=NO_PREVIEW,
            ),
        )
        return Receipt(message) if isinstance(outcome, Receipt) or outcome == Refused("not_modified") else outcome

    async def _send(self, road: Road, reply: Reply, place: Place) -> Outcome:
        if reply.point is not None:
            return await self._send_place(road, reply, reply.point)
        if reply.media_id is None:
            return await self._send_with(road, reply, place, None)
        file = self._known.get(reply.media_id) or await self._files.open_file(reply.media_id)
        if file is not None and file.file_id is None:  # the first one uploads, whoever comes meanwhile waits for its id
            async with self._uploads.setdefault(reply.media_id, asyncio.Lock()):
                file = self._known.get(reply.media_id, file)
                return await self._send_with(road, reply, place, file)
        if file is not None and file.path is not None:  # before it lies on the shelf it may still be refused
            self._know(file)
        return await self._send_with(road, reply, place, file)

    async def _send_with(self, road: Road, reply: Reply, place: Place, file: ShelfFile | None) -> Outcome:
        text, entities = reply.rendered()
        if file is not None and units(text) <= CAPTION_LIMIT:
            outcome = await self._send_file(road, file, text, entities, markup_of(reply))
            if outcome != Refused("file"):
                return outcome
        elif file is not None:  # too long for a caption: the picture first, the words under it
            outcome = await self._send_file(road, file, "", [], None)
            if not isinstance(outcome, Receipt | Refused):
                return outcome
        *before, last = pieces_with_marks(text or "…", entities, TEXT_LIMIT)
        for piece in before:
            outcome = await self._send_words(road, piece, place, None)
            if not isinstance(outcome, Receipt):
                return outcome
        return await self._send_words(road, last, place, markup_of(reply))

    async def _send_place(self, road: Road, reply: Reply, point: tuple[float, float]) -> Outcome:
        title, _, where = reply.rendered()[0].partition("\n")
        return await self._try(
            road,
            lambda: self.bot.send_venue(
                chat_id=int(road.address),
                latitude=point[0],
                longitude=point[1],
                title=title,
                address=where or title,
                reply_markup=markup_of(reply),
            ),
        )

    async def _send_words(
        self, road: Road, words: tuple[str, list[MessageEntity]], place: Place, markup: Markup
    ) -> Outcome:
        text, entities = words
        more = beside_words(entities, markup, place)
        return await self._try(road, lambda: self._session.say(self.bot, int(road.address), text, more))

    async def _send_file(
        self, road: Road, file: ShelfFile, text: str, entities: list[MessageEntity], markup: Markup
    ) -> Outcome:
        """By file id where Telegram knows it, else from our shelf; a picture that is none goes as a document."""
        source: str | InputFile | None = file.file_id
        if source is None:
            if file.path is None:
                return Refused("file")
            source = BufferedInputFile(await asyncio.to_thread(file.content), filename=file.name)
        method, name = _SENDERS.get(file.kind, ("send_document", "document"))
        content: dict[str, Any] = {name: source, "chat_id": int(road.address), "reply_markup": markup}
        if name != "video_note":
            content |= {"caption": text, "caption_entities": entities or None}

        async def remember() -> Message:
            message: Message = await getattr(self.bot, method)(**content)
            if file.file_id is None and (sent := _file_id(message)):
                self._know(replace(file, file_id=sent))
                await self._files.remember_file_id(file.media_id, self.messenger, sent)
            return message

        outcome = await self._try(road, remember)
        if outcome == Refused("file"):
            self._known.pop(file.media_id, None)
        return outcome

    def _know(self, file: ShelfFile) -> None:
        if len(self._known) >= MOST_FILES:
            self._known.clear()
            self._uploads.clear()
        self._known[file.media_id] = file

    async def _try(self, road: Road, call: Callable[[], Awaitable[Message | bool | int]]) -> Outcome:
        """One call, in a slot of its own."""
        try:
            async with road.slot():
                message = await call()
        except Late:
            return SlowDown(PATIENCE_SECONDS)
        except (TelegramAPIError, AiogramError) as error:
            outcome = classify(error)
            if isinstance(outcome, SlowDown):
                outcome = replace(outcome, chat_only=self.pacer.is_near_limit(road.address))
                self.pacer.hold(outcome.seconds, road.address if outcome.chat_only else None)
                self.pacer.slowed()
            return outcome
        if isinstance(message, Message):
            return Receipt(str(message.message_id))
        return Receipt("" if isinstance(message, bool) else str(message))

    async def fetch(self, media: MediaView) -> Fetched:
        if media.size is not None and media.size > TELEGRAM_FETCH_LIMIT:
            raise TooLarge
        try:
            file = await self.bot.get_file(media.file or "")
        except TelegramBadRequest as error:
            if "too big" in error.message:
                raise TooLarge from None
            raise FetchFailed("gone", is_final=True) from None
        except AiogramError:
            raise FetchFailed("unreachable") from None
        url = self.bot.session.api.file_url(self.bot.token, file.file_path or "")
        return Fetched(self.bot.session.stream_content(url, timeout=CALL_SECONDS, raise_for_status=True), media.mime)


_SENDERS = {
    "photo": ("send_photo", "photo"),
    "video": ("send_video", "video"),
    "video_note": ("send_video_note", "video_note"),
    "voice": ("send_voice", "voice"),
    "audio": ("send_audio", "audio"),
    "document": ("send_document", "document"),
}


def _file_id(message: Message) -> str | None:
    if message.photo:
        return message.photo[-1].file_id
    for name in ("video", "video_note", "voice", "audio", "document"):
        item = getattr(message, name)
        if item is not None:
            return str(item.file_id)
    return None
