"""Telegram through aiogram: replies and notices out, files in, refusals as values."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    AiogramError,
    RestartingTelegram,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import (
    FSInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    KeyboardButton,
    LinkPreviewOptions,
    Message,
    MessageEntity,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
    Update,
)
from aiogram.utils.deep_linking import create_deep_link
from aiohttp import ClientConnectorError

from bot.channels.base import (
    Blocked,
    Fetched,
    FetchFailed,
    MediaFiles,
    Menu,
    Moved,
    Outcome,
    Place,
    Receipt,
    Refused,
    ShelfFile,
    SlowDown,
    TooLarge,
    Unknown,
    Unreachable,
)
from bot.channels.markup import pieces_with_marks
from bot.channels.pacing import Limits, Pacer
from bot.channels.patience import PATIENCE_SECONDS, in_time
from bot.clock import Clock
from bot.i18n import _
from bot.services.deliveries import Delivery
from bot.services.media import TELEGRAM_FETCH_LIMIT, MediaView
from bot.speech import Reply
from bot.terms import EndpointState, Lane, Messenger

CAPTION_LIMIT = 1024  # UTF-16 units (Bot API)
TEXT_LIMIT = 4096
CALL_SECONDS = 30
OPEN_PAUSES = (0.3,) * 10 + (2.0,) * 10  # seconds between tries at start: a server that comes up beside us is in time
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)  # a preview of a fraudster's page helps the fraudster

Markup = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove | None


class TelegramChannel:
    messenger = Messenger.TELEGRAM

    def __init__(self, token: str, api_url: str, clock: Clock, files: MediaFiles, limits: Limits) -> None:
        session = AiohttpSession(api=TelegramAPIServer.from_base(api_url), timeout=CALL_SECONDS)
        self.bot = Bot(token, session=session)
        self.pacer = Pacer(limits, clock)
        self.username = ""
        self._files, self._clock = files, clock

    async def open(self) -> None:
        """Who we are at Telegram. A server that cannot be reached is asked again for a while; a refusal is final."""
        for pause in OPEN_PAUSES:
            try:
                self.username = (await self.bot.get_me()).username or ""
            except TelegramNetworkError:
                await self._clock.sleep(pause)
            else:
                return
        self.username = (await self.bot.get_me()).username or ""

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

    async def deliver(self, place: Place, reply: Reply) -> Outcome:
        if reply.replaces and place.message and not reply.media_id and not reply.asks:
            if not await in_time(self.pacer, place):
                return SlowDown(PATIENCE_SECONDS)
            outcome = await self._edit(place.address, place.message, reply)
            if not isinstance(outcome, Refused):
                return outcome
        if not await in_time(self.pacer, place):
            return SlowDown(PATIENCE_SECONDS)
        return await self._send(place.address, reply, place, Lane.REPLY)

    async def acknowledge(self, place: Place, alert: str = "") -> None:
        try:
            await self.bot.answer_callback_query(place.callback_id, text=alert[:200] or None, show_alert=bool(alert))
        except AiogramError:  # "query is too old": the clock on the button has stopped by itself
            return

    async def send(self, delivery: Delivery, reply: Reply, first_number: int = 1) -> Outcome:
        await self.pacer.slot(delivery.address, delivery.lane, group=delivery.is_group)
        if delivery.message:
            return await self._edit(delivery.address, delivery.message, reply)
        return await self._send(delivery.address, reply, Place(delivery.address, delivery.is_group), delivery.lane)

    async def find(self, delivery: Delivery, reply: Reply) -> str | None:
        return None  # the Bot API cannot list what it has sent

    async def _edit(self, address: str, message: str, reply: Reply) -> Outcome:
        text, entities = reply.rendered()
        markup = _inline(reply)
        outcome = await self._try(
            address,
            lambda: self.bot.edit_message_text(
                text=text,
                chat_id=int(address),
                message_id=int(message),
                entities=entities or None,
                reply_markup=markup,
                link_preview_options=NO_PREVIEW,
            ),
        )
        return Receipt(message) if isinstance(outcome, Receipt) or outcome == Refused("not_modified") else outcome

    async def _send(self, address: str, reply: Reply, place: Place, lane: Lane) -> Outcome:
        text, entities = reply.rendered()
        file = await self._files.open_file(reply.media_id) if reply.media_id else None
        if file is not None and _units(text) <= CAPTION_LIMIT:
            outcome = await self._send_file(address, file, text, entities, _markup(reply))
            if outcome != Refused("file"):
                return outcome
        elif file is not None:  # too long for a caption: the picture first, the words under it
            outcome = await self._send_file(address, file, "", [], None)
            if not isinstance(outcome, Receipt | Refused):
                return outcome
            await self.pacer.slot(address, lane, group=place.is_group)
        *before, last = pieces_with_marks(text or "…", entities, TEXT_LIMIT)
        for piece in before:
            outcome = await self._send_words(address, piece, place, None)
            if not isinstance(outcome, Receipt):
                return outcome
            await self.pacer.slot(address, lane, group=place.is_group)
        return await self._send_words(address, last, place, _markup(reply))

    async def _send_words(
        self, address: str, words: tuple[str, list[MessageEntity]], place: Place, markup: Markup
    ) -> Outcome:
        text, entities = words
        return await self._try(
            address,
            lambda: self.bot.send_message(
                chat_id=int(address),
                text=text,
                entities=entities or None,
                reply_markup=markup,
                link_preview_options=NO_PREVIEW,
                reply_parameters=_answering(place),
            ),
        )

    async def _send_file(
        self, address: str, file: ShelfFile, text: str, entities: list[MessageEntity], markup: Markup
    ) -> Outcome:
        """By file id where Telegram knows it, else from our shelf; a picture that is none goes as a document."""
        source: str | InputFile | None = file.file_id
        if source is None:
            if file.path is None:
                return Refused("file")
            source = FSInputFile(file.path, filename=file.name)
        method, name = _SENDERS.get(file.kind, ("send_document", "document"))
        content: dict[str, Any] = {name: source, "chat_id": int(address), "reply_markup": markup}
        if name != "video_note":
            content |= {"caption": text, "caption_entities": entities or None}

        async def remember() -> Message:
            message: Message = await getattr(self.bot, method)(**content)
            if file.file_id is None and (sent := _file_id(message)):
                await self._files.remember_file_id(file.media_id, self.messenger, sent)
            return message

        return await self._try(address, remember)

    async def _try(self, address: str, call: Callable[[], Awaitable[Message | bool]]) -> Outcome:
        try:
            message = await call()
        except (TelegramAPIError, AiogramError) as error:
            outcome = classify(error)
            if isinstance(outcome, SlowDown):
                self.pacer.hold(outcome.seconds, address if outcome.chat_only else None)
                self.pacer.slowed()
            return outcome
        return Receipt(str(message.message_id) if isinstance(message, Message) else "")

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


def classify(error: Exception) -> Outcome:
    """The one table from Telegram's answers to outcomes (td and Bot API error texts)."""
    if isinstance(error, TelegramRetryAfter):
        return SlowDown(float(error.retry_after))
    if isinstance(error, TelegramMigrateToChat):
        return Moved(str(error.migrate_to_chat_id))
    if isinstance(error, TelegramForbiddenError):
        return _forbidden(error.message.casefold())
    if isinstance(error, TelegramUnauthorizedError | TelegramNotFound):
        return Unreachable("token", is_channel=True)
    if isinstance(error, TelegramEntityTooLarge):
        return Refused("too_large")
    if isinstance(error, TelegramBadRequest):
        return _bad_request(error.message.casefold())
    if isinstance(error, TelegramServerError | RestartingTelegram):
        return Unreachable("server")
    if isinstance(error, TelegramNetworkError):
        never_left = isinstance(error.__cause__, ClientConnectorError)
        return Unreachable("network") if never_left else Unknown("lost_answer")
    if isinstance(error, TelegramAPIError):
        return Refused("telegram")
    return Unknown("unreadable_answer")


def _forbidden(text: str) -> Outcome:
    if "deactivated" in text or "deleted" in text:
        return Blocked(EndpointState.DEAD, "deactivated")
    if "kicked" in text or "not a member" in text:
        return Blocked(EndpointState.LEFT, "left")
    return Blocked(EndpointState.BLOCKED, "blocked")


def _bad_request(text: str) -> Outcome:
    if "not modified" in text:
        return Refused("not_modified")
    if "chat not found" in text or "peer_id_invalid" in text or "user not found" in text:
        return Blocked(EndpointState.DEAD, "not_found")
    if "not enough rights" in text or "have no rights" in text:
        return Blocked(EndpointState.BLOCKED, "no_rights")
    if "message to edit not found" in text or "message can't be edited" in text:
        return Refused("not_editable")
    if "wrong file" in text or "wrong type of the web page" in text or "image_process_failed" in text:
        return Refused("file")
    return Refused("bad_request")


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


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _answering(place: Place) -> ReplyParameters | None:
    if not place.reply_to:
        return None
    return ReplyParameters(message_id=int(place.reply_to), allow_sending_without_reply=True)


def _inline(reply: Reply) -> InlineKeyboardMarkup | None:
    keyboard = [
        [
            InlineKeyboardButton(text=choice.label, url=choice.url)
            if choice.url
            else InlineKeyboardButton(text=choice.label, callback_data=choice.value)
            for choice in row
        ]
        for row in reply.choices
    ]
    return InlineKeyboardMarkup(inline_keyboard=keyboard) if keyboard else None


def _markup(reply: Reply) -> Markup:
    if not reply.asks:
        return _inline(reply)
    first = (
        KeyboardButton(text="📍 " + _("Send where I am"), request_location=True)
        if reply.asks == "location"
        else KeyboardButton(text="☎️ " + _("Send my number"), request_contact=True)
    )
    keyboard = [[first], *([KeyboardButton(text=choice.label) for choice in row] for row in reply.choices)]
    return ReplyKeyboardMarkup(keyboard=keyboard, resize_keyboard=True, one_time_keyboard=True)
