"""What Telegram is told, and what each of its refusals means."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.default import Default
from aiogram.exceptions import (
    ClientDecodeError,
    RestartingTelegram,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import (
    AnswerCallbackQuery,
    EditMessageText,
    GetFile,
    GetMe,
    SendDocument,
    SendMessage,
    SendPhoto,
    SendVideoNote,
    TelegramMethod,
)
from aiogram.types import (
    BufferedInputFile,
    Chat,
    File,
    InlineKeyboardMarkup,
    Message,
    PhotoSize,
    ReplyKeyboardMarkup,
    User,
)
from aiogram.utils.formatting import Bold, Text
from aiohttp import ClientConnectorError

from bot.channels.base import (
    Blocked,
    FetchFailed,
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
from bot.channels.pacing import Limits
from bot.channels.telegram import OPEN_PAUSES, TelegramChannel, classify
from bot.i18n import Bilingual, speaking
from bot.services.deliveries import Delivery
from bot.services.media import TELEGRAM_FETCH_LIMIT, MediaView
from bot.speech import Choice, Reply
from bot.terms import EndpointState, Lane, Language, Messenger, NoticeKind, PartKind
from tests.clocks import FakeClock
from tests.saying import SayingSession

CHAT = "1002"
CALL = SendMessage(chat_id=1, text="x")


class Telegram(SayingSession):
    """Notes every call; answers with a message or raises what it was told to."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[TelegramMethod[Any]] = []
        self.errors: list[Exception] = []

    async def close(self) -> None:
        return

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:
        self.calls.append(method)
        if self.errors:
            raise self.errors.pop(0)
        if isinstance(method, GetFile):
            return File(file_id="f", file_unique_id="u", file_path="photos/1.jpg")
        if isinstance(method, AnswerCallbackQuery):
            return True
        photo = [PhotoSize(file_id="new-id", file_unique_id="u", width=1, height=1)]
        chat = Chat(id=1002, type="private")
        return Message(message_id=500 + len(self.calls), date=0, chat=chat,
                       photo=photo if isinstance(method, SendPhoto) else None)  # fmt: skip

    async def stream_content(self, *_args: Any, **_more: Any) -> AsyncGenerator[bytes, None]:
        yield b"bytes"


class Shelf:
    def __init__(self) -> None:
        self.file: ShelfFile | None = None
        self.remembered: list[str] = []

    async def open_file(self, media_id: int) -> ShelfFile | None:
        return self.file

    def public_link(self, media_id: int) -> str | None:
        raise AssertionError("Telegram gets bytes or ids")

    async def remember_file_id(self, media_id: int, messenger: Messenger, file_id: str) -> None:
        self.remembered.append(file_id)


@pytest.fixture
async def channel() -> AsyncIterator[TelegramChannel]:
    limits = Limits.telegram(chat_gap_seconds=0.0, rate_per_second=1000.0)
    channel = TelegramChannel("4000000000:" + "S" * 35, "http://127.0.0.1:1", FakeClock(), Shelf(), limits)
    await channel.close()
    channel.bot.session = channel._session = Telegram()  # type: ignore[assignment]
    pacing = asyncio.ensure_future(channel.pacer.run())
    with speaking(Language.RU):
        yield channel
    pacing.cancel()


def calls(channel: TelegramChannel) -> list[Any]:
    return channel.bot.session.calls  # type: ignore[attr-defined, no-any-return]


def refuse(channel: TelegramChannel, *errors: Exception) -> None:
    channel.bot.session.errors = list(errors)  # type: ignore[attr-defined]


def delivery(**more: Any) -> Delivery:
    base: dict[str, Any] = {
        "id": 7, "fence": 1, "kind": NoticeKind.APOLOGY, "lane": Lane.ANSWER, "talk": 1, "attempts": 0,
        "doubt": "", "messenger": Messenger.TELEGRAM, "address": CHAT, "is_group": False,
        "language": Language.RU, "endpoint_id": 1, "resident_id": 1,
    }  # fmt: skip
    return Delivery(**(base | more))


def never_left() -> TelegramNetworkError:
    error = TelegramNetworkError(method=CALL, message="Cannot connect")
    key: Any = SimpleNamespace(host="h", port=1, ssl=True)
    error.__cause__ = ClientConnectorError(key, OSError(111, "refused"))
    return error


def bad(text: str) -> TelegramBadRequest:
    return TelegramBadRequest(method=CALL, message=text)


def forbidden(text: str) -> TelegramForbiddenError:
    return TelegramForbiddenError(method=CALL, message=text)


DEAD, LEFT, BLOCKED = EndpointState.DEAD, EndpointState.LEFT, EndpointState.BLOCKED


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (TelegramRetryAfter(method=CALL, message="Flood", retry_after=2282), SlowDown(2282.0)),
        (TelegramMigrateToChat(method=CALL, message="m", migrate_to_chat_id=-100500), Moved("-100500")),
        (forbidden("Forbidden: bot was blocked by the user"), Blocked(BLOCKED, "blocked")),
        (forbidden("Forbidden: bot can't initiate conversation with a user"), Blocked(BLOCKED, "blocked")),
        (forbidden("Forbidden: user is deactivated"), Blocked(DEAD, "deactivated")),
        (forbidden("Forbidden: the group chat was deleted"), Blocked(DEAD, "deleted")),
        (forbidden("Forbidden: bot was kicked from the supergroup chat"), Blocked(LEFT, "left")),
        (forbidden("Forbidden: bot was kicked from the group chat"), Blocked(LEFT, "left")),
        (forbidden("Forbidden: bot was kicked from the channel chat"), Blocked(LEFT, "left")),
        (forbidden("Forbidden: bot is not a member of the supergroup chat"), Blocked(LEFT, "left")),
        (bad("Bad Request: chat not found"), Blocked(DEAD, "not_found")),
        (bad("Bad Request: PEER_ID_INVALID"), Blocked(DEAD, "not_found")),
        (bad("Bad Request: user not found"), Blocked(DEAD, "not_found")),
        (bad("Bad Request: not enough rights to send text messages to the chat"), Blocked(BLOCKED, "no_rights")),
        (bad("Bad Request: have no rights to send a message"), Blocked(BLOCKED, "no_rights")),
        (bad("Bad Request: message is not modified: specified new message content"), Refused("not_modified")),
        (bad("Bad Request: message to edit not found"), Refused("not_editable")),
        (bad("Bad Request: message can't be edited"), Refused("not_editable")),
        (bad("Bad Request: wrong file identifier/HTTP URL specified"), Refused("file")),
        (bad("Bad Request: IMAGE_PROCESS_FAILED"), Refused("file")),
        (bad("Bad Request: can't parse entities: unexpected end"), Refused("bad_request")),
        (bad("Bad Request: message is too long"), Refused("bad_request")),
        (TelegramEntityTooLarge(method=CALL, message="Request Entity Too Large"), Refused("too_large")),
        (TelegramUnauthorizedError(method=CALL, message="Unauthorized"), Unreachable("token", is_channel=True)),
        (TelegramNotFound(method=CALL, message="Not Found"), Unreachable("token", is_channel=True)),
        (TelegramServerError(method=CALL, message="Bad Gateway"), Unreachable("server")),
        (RestartingTelegram(method=CALL, message="restart"), Unreachable("server")),
        (TelegramConflictError(method=CALL, message="Conflict"), Unreachable("conflict", is_channel=True)),
        (bad("Bad Request: TOPIC_CLOSED"), Blocked(BLOCKED, "topic_closed")),
        (TelegramAPIError(method=CALL, message="?"), Refused("telegram")),
        (never_left(), Unreachable("network")),
        (TelegramNetworkError(method=CALL, message="Request timeout error"), Unknown("lost_answer")),
        (ClientDecodeError("no json", ValueError(), "<html>"), Unknown("unreadable_answer")),
    ],
)
def test_what_each_answer_of_telegram_means(error: Exception, outcome: Outcome) -> None:
    assert classify(error) == outcome


# -- out


HOSTILE = [
    "<b>bold</b> &lt;", "*bold* _it_ [a](tg://user?id=1)", "`code` ||spoiler||", "\u202eevil\u202c \u200b",
    "=HYPERLINK(\"http://x\")", "@durov #tag /start", "</code><script>", "𝔘𝔫𝔦 🙂👨‍👩‍👧",
]  # fmt: skip


@pytest.mark.parametrize("words", HOSTILE)
async def test_a_persons_words_are_shown_and_never_parsed(channel: TelegramChannel, words: str) -> None:
    await channel.deliver(Place(CHAT), Reply(Text(Bold("№ 1"), " ", words)))
    await channel.deliver(Place(CHAT), Reply(words))
    marked, plain = calls(channel)
    assert marked.text == f"№ 1 {words}"
    assert [(entity.type, entity.offset, entity.length) for entity in marked.entities] == [("bold", 0, 3)]
    assert (plain.text, plain.entities) == (words, None)
    assert channel.bot.default.parse_mode is None
    for call in (marked, plain):
        assert isinstance(call.parse_mode, Default)
        assert call.link_preview_options.is_disabled


async def test_offsets_are_counted_in_utf_16(channel: TelegramChannel) -> None:
    await channel.deliver(Place(CHAT), Reply(Text("🆘 Қауіп 🙂 ", Bold("102 🚓"), " .")))
    (call,) = calls(channel)
    (entity,) = call.entities
    assert entity.extract_from(call.text) == "102 🚓"
    assert (entity.offset, entity.length) == (12, 6)


async def test_choices_are_buttons_and_links_are_links(channel: TelegramChannel) -> None:
    rows = [[Choice("Мәзір", "open:menu"), Choice("Карта", url="https://example.kz")], [Choice("2", "x")]]
    await channel.deliver(Place(CHAT), Reply("?", rows))
    markup = calls(channel)[0].reply_markup
    assert isinstance(markup, InlineKeyboardMarkup)
    assert [[(b.text, b.callback_data, b.url) for b in row] for row in markup.inline_keyboard] == [
        [("Мәзір", "open:menu", None), ("Карта", None, "https://example.kz")], [("2", "x", None)],
    ]  # fmt: skip
    assert channel.menu_of(Reply("?", rows)).items == []


@pytest.mark.parametrize(("asks", "field"), [("location", "request_location"), ("contact", "request_contact")])
async def test_asking_for_a_place_or_a_number_uses_telegrams_own_key(
    channel: TelegramChannel, asks: Any, field: str
) -> None:
    reply = Reply("?", [[Choice("Пропустить", "skip")]], asks=asks)
    await channel.deliver(Place(CHAT), reply)
    markup = calls(channel)[0].reply_markup
    assert isinstance(markup, ReplyKeyboardMarkup)
    assert getattr(markup.keyboard[0][0], field)
    assert markup.keyboard[1][0].text == "Пропустить"
    assert channel.menu_of(reply).value_of("пропустить") == "skip"
    assert channel.menu_of(reply).value_of("1") is None


async def test_a_pressed_message_is_edited(channel: TelegramChannel) -> None:
    place = Place(CHAT, callback_id="c", message="77")
    assert await channel.deliver(place, Reply("Новое", replaces=True)) == Receipt("77")
    (call,) = calls(channel)
    assert isinstance(call, EditMessageText)
    assert (call.message_id, call.chat_id) == (77, 1002)


async def test_the_same_words_again_are_no_failure(channel: TelegramChannel) -> None:
    refuse(channel, bad("Bad Request: message is not modified"))
    assert await channel.deliver(Place(CHAT, message="77"), Reply("То же", replaces=True)) == Receipt("77")


async def test_what_cannot_be_edited_is_said_anew(channel: TelegramChannel) -> None:
    refuse(channel, bad("Bad Request: message can't be edited"))
    assert await channel.deliver(Place(CHAT, message="77"), Reply("Новое", replaces=True)) == Receipt("502")
    assert [type(call) for call in calls(channel)] == [EditMessageText, SendMessage]


async def test_a_blocked_bot_does_not_try_twice(channel: TelegramChannel) -> None:
    refuse(channel, forbidden("Forbidden: bot was blocked by the user"))
    outcome = await channel.deliver(Place(CHAT, message="77"), Reply("Новое", replaces=True))
    assert outcome == Blocked(BLOCKED, "blocked")
    assert len(calls(channel)) == 1


async def test_in_a_group_the_answer_names_its_question(channel: TelegramChannel) -> None:
    await channel.deliver(Place("-100500", is_group=True, reply_to="9"), Reply("Сәлем"))
    (call,) = calls(channel)
    assert call.reply_parameters.message_id == 9
    assert call.reply_parameters.allow_sending_without_reply


async def test_an_old_press_is_no_error_and_takes_no_slot(channel: TelegramChannel) -> None:
    refuse(channel, bad("Bad Request: query is too old and response timeout expired"))
    await channel.acknowledge(Place(CHAT, callback_id="c"), "ә" * 300)
    (call,) = calls(channel)
    assert (len(call.text), call.show_alert) == (200, True)


async def test_a_word_about_a_typed_key_is_a_message(channel: TelegramChannel) -> None:
    """There is no press to answer: without the message the person would hear nothing."""
    await channel.acknowledge(Place(CHAT), "Ескі батырма")
    (call,) = calls(channel)
    assert (type(call), call.text) == (SendMessage, "Ескі батырма")


async def test_a_notice_sent_before_is_edited(channel: TelegramChannel) -> None:
    assert await channel.send(delivery(message="77"), Reply("Прогресс")) == Receipt("77")
    assert await channel.send(delivery(), Reply("Прогресс")) == Receipt("502")
    assert [type(call) for call in calls(channel)] == [EditMessageText, SendMessage]
    assert await channel.find(delivery(), Reply("Прогресс")) is None


async def test_told_to_slow_down_it_does(channel: TelegramChannel) -> None:
    refuse(channel, TelegramRetryAfter(method=CALL, message="Flood", retry_after=30))
    assert await channel.send(delivery(), Reply("1")) == SlowDown(30.0)
    before = channel.pacer._clock.monotonic()
    await channel.send(delivery(address="1003"), Reply("2"))
    assert channel.pacer._clock.monotonic() - before >= 30


# -- files


def shelf(channel: TelegramChannel, kind: str = "photo", **more: Any) -> Shelf:
    shelf: Shelf = channel._files  # type: ignore[assignment]
    base: dict[str, Any] = {"path": None, "file_id": None, "mime": "image/png", "name": "photo.png"}
    shelf.file = ShelfFile(5, kind, **(base | more))
    return shelf


async def test_a_file_telegram_knows_is_sent_by_its_id(channel: TelegramChannel) -> None:
    on_shelf = shelf(channel, file_id="known")
    await channel.deliver(Place(CHAT), Reply("Подпись", media_id=5))
    (call,) = calls(channel)
    assert (call.photo, call.caption, on_shelf.remembered) == ("known", "Подпись", [])


async def test_a_file_that_was_refused_meanwhile_is_not_sent_by_the_id_it_had(channel: TelegramChannel) -> None:
    """Its author saw it in the preview before anybody had looked at it."""
    on_shelf = shelf(channel, file_id="known")
    await channel.deliver(Place(CHAT), Reply("Подпись", media_id=5))
    on_shelf.file = None
    await channel.send(delivery(), Reply("Подпись", media_id=5))
    assert [type(call) for call in calls(channel)] == [SendPhoto, SendMessage]


async def test_a_new_file_goes_once_and_its_id_is_remembered(channel: TelegramChannel, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"png")
    on_shelf = shelf(channel, path=str(tmp_path / "x"))
    await channel.deliver(Place(CHAT), Reply("Подпись", media_id=5))
    assert isinstance(calls(channel)[0].photo, BufferedInputFile)
    assert on_shelf.remembered == ["new-id"]


async def test_an_unknown_kind_is_a_document_and_a_round_video_has_no_caption(channel: TelegramChannel) -> None:
    shelf(channel, "something", file_id="known")
    await channel.deliver(Place(CHAT), Reply("Подпись", media_id=5))
    shelf(channel, "video_note", file_id="known")
    await channel.deliver(Place(CHAT), Reply("Подпись", media_id=5))
    document, note = calls(channel)[:2]
    assert isinstance(document, SendDocument)
    assert isinstance(note, SendVideoNote)


async def test_a_picture_that_is_refused_leaves_the_words(channel: TelegramChannel) -> None:
    shelf(channel, file_id="stale")
    refuse(channel, bad("Bad Request: wrong file identifier/HTTP URL specified"))
    assert await channel.deliver(Place(CHAT), Reply("Слова", media_id=5)) == Receipt("502")
    assert [type(call) for call in calls(channel)] == [SendPhoto, SendMessage]


@pytest.mark.parametrize(("words", "kinds"), [("я" * 1024, [SendPhoto]), ("я" * 1025, [SendPhoto, SendMessage]),
                                              ("🙂" * 513, [SendPhoto, SendMessage])])  # fmt: skip
async def test_words_too_long_for_a_caption_follow_the_picture(
    channel: TelegramChannel, words: str, kinds: list[type[Any]]
) -> None:
    shelf(channel, file_id="known")
    await channel.deliver(Place(CHAT), Reply(words, media_id=5))
    assert [type(call) for call in calls(channel)] == kinds
    last = calls(channel)[-1]
    assert (last.caption if isinstance(last, SendPhoto) else last.text) == words


def media(size: int | None = None) -> MediaView:
    return MediaView(1, Messenger.TELEGRAM, PartKind.PHOTO, "f", "image/png", size, "wanted", None, 0)


@pytest.mark.parametrize(
    ("error", "expected", "is_final"),
    [
        (bad("Bad Request: file is too big"), TooLarge, None),
        (bad("Bad Request: wrong file_id or the file is temporarily unavailable"), FetchFailed, True),
        (TelegramServerError(method=CALL, message="Bad Gateway"), FetchFailed, False),
        (never_left(), FetchFailed, False),
    ],
)
async def test_a_file_that_cannot_be_fetched(
    channel: TelegramChannel, error: Exception, expected: type[Exception], is_final: bool | None
) -> None:
    refuse(channel, error)
    with pytest.raises(expected) as failed:
        await channel.fetch(media())
    if isinstance(failed.value, FetchFailed):
        assert failed.value.is_final is is_final


async def test_a_file_is_fetched_in_chunks_and_a_large_one_not_at_all(channel: TelegramChannel) -> None:
    fetched = await channel.fetch(media(9))
    assert [chunk async for chunk in fetched.chunks] == [b"bytes"]
    with pytest.raises(TooLarge):
        await channel.fetch(media(TELEGRAM_FETCH_LIMIT + 1))


async def test_the_username_comes_from_telegram(channel: TelegramChannel) -> None:
    channel.username = "korshi_bot"
    assert channel.start_link("p_101") == "https://t.me/korshi_bot?start=p_101"
    assert GetMe not in {type(call) for call in calls(channel)}
    assert str(Bilingual("қ", "р")) == "р"


# -- at start: not up yet is asked again, a refusal is final


class NoFiles:
    async def open_file(self, media_id: int) -> None:
        return None

    def public_link(self, media_id: int) -> None:
        return None

    async def remember_file_id(self, media_id: int, messenger: object, file_id: str) -> None:
        return None


@pytest.mark.parametrize("failures", [0, 3, len(OPEN_PAUSES)])
async def test_a_server_that_comes_up_late_is_asked_again(monkeypatch: pytest.MonkeyPatch, failures: int) -> None:
    channel = TelegramChannel("1000:" + "x" * 35, "http://127.0.0.1:1", FakeClock(), NoFiles(), Limits.telegram())
    asked = []

    async def get_me() -> User:
        asked.append(1)
        if len(asked) <= failures:
            raise TelegramNetworkError(method=GetMe(), message="refused")
        return User(id=1000, is_bot=True, first_name="Korshi", username="korshi_bot")

    monkeypatch.setattr(channel.bot, "get_me", get_me)
    await channel.open()
    assert channel.username == "korshi_bot"
    assert len(asked) == failures + 1
    await channel.close()


async def test_a_wrong_token_is_not_asked_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    channel = TelegramChannel("1000:" + "x" * 35, "http://127.0.0.1:1", FakeClock(), NoFiles(), Limits.telegram())
    asked = []

    async def get_me() -> User:
        asked.append(1)
        raise TelegramUnauthorizedError(method=GetMe(), message="Unauthorized")

    monkeypatch.setattr(channel.bot, "get_me", get_me)
    with pytest.raises(TelegramUnauthorizedError):
        await channel.open()
    assert len(asked) == 1
    await channel.close()


async def test_a_picture_for_thousands_is_uploaded_once_also_at_the_very_start(channel: TelegramChannel) -> None:
    """Eight are under way at once: seven wait for the first one's id instead of carrying the bytes too."""
    on_shelf = shelf(channel, path=__file__)
    replies = [channel.send(delivery(address=str(1002 + number)), Reply("Ескерту", media_id=5)) for number in range(24)]
    outcomes = await asyncio.gather(*replies)
    assert all(isinstance(outcome, Receipt) for outcome in outcomes)
    sent = [call.photo for call in calls(channel) if isinstance(call, SendPhoto)]
    assert len(sent) == 24
    assert [photo for photo in sent if photo != "new-id"] == [sent[0]]
    assert on_shelf.remembered == ["new-id"]
