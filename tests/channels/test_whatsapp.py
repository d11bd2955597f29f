"""Twilio's forms become updates, replies become numbered messages, refusals become values."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiogram.methods import SendMessage
from aiogram.types import Message
from aiogram.utils.formatting import Bold, Text
from aiohttp import ClientConnectorError, ClientPayloadError
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from bot.channels.base import (
    FetchFailed,
    NeedsTemplate,
    Outcome,
    Place,
    Receipt,
    Refused,
    ShelfFile,
    SlowDown,
    TemplatePaused,
    TooLarge,
    Unknown,
    Unreachable,
    Withheld,
)
from bot.channels.net import PublicResolver
from bot.channels.pacing import Limits
from bot.channels.whatsapp import BODY_LIMIT, WhatsAppChannel
from bot.i18n import Bilingual, _, speaking
from bot.services.deliveries import Delivery
from bot.services.media import WHATSAPP_FETCH_LIMIT, MediaView
from bot.services.templates import TemplateView
from bot.services.warnings import WarningView
from bot.speech import Choice, Reply, both
from bot.speech.parts import KindNotAccepted, part_of
from bot.terms import Lane, Language, Messenger, NoticeKind, PartKind, WarningState
from tests.channels.test_net import Answers
from tests.clocks import FakeClock
from tests.postgres import ZONE

FORMS = Path(__file__).parent.parent / "fixtures" / "twilio"
ADDRESS = "+77010000001"
MEDIA = json.loads((FORMS / "photo.json").read_text(encoding="utf-8"))["MediaUrl0"]


class Twilio(HttpClient):
    """The network under Twilio's own client: notes the forms it is given; answers, or fails as it was told to."""

    def __init__(self) -> None:
        super().__init__(logging.getLogger(__name__), True)
        self.given: list[dict[str, Any]] = []
        self.errors: list[Exception | Response] = []
        self.listed: list[dict[str, Any]] = []

    async def request(self, method: str, _url: str, **more: Any) -> Response:  # type: ignore[override]
        if method == "GET":
            return Response(200, json.dumps({"messages": self.listed, "page": 0}))
        self.given.append(more["data"])
        match self.errors.pop(0) if self.errors else None:
            case Response() as answer:
                return answer
            case Exception() as error:
                raise error
        return Response(201, json.dumps({"sid": f"SM{len(self.given)}"}))


class Shelf:
    is_there = True

    async def open_file(self, media_id: int) -> ShelfFile:
        path = "/shelf/file" if self.is_there else None
        return ShelfFile(media_id, "photo", path, None, "image/jpeg", "photo.jpg")

    def public_link(self, media_id: int) -> str | None:
        return f"https://korshi.example.kz/media/{media_id}/1/x"

    async def remember_file_id(self, *_: Any) -> None:
        raise AssertionError


@pytest.fixture
async def channel() -> AsyncIterator[WhatsAppChannel]:
    urls = ("https://api.twilio.com", "https://korshi.example.kz")
    limits = Limits.whatsapp(chat_gap_seconds=0.0)
    channel = WhatsAppChannel(("AC" + "5" * 32, "token"), "+77010000000", urls, FakeClock(), ZONE, Shelf(), limits)
    pacing = asyncio.ensure_future(channel.pacer.run())
    channel._client = Client("AC" + "5" * 32, "token", http_client=Twilio())
    with speaking(Language.RU):
        yield channel
    pacing.cancel()


def network(channel: WhatsAppChannel) -> Twilio:
    network = channel.client.http_client
    assert isinstance(network, Twilio)
    return network


def given(channel: WhatsAppChannel) -> list[dict[str, Any]]:
    return network(channel).given


def form(name: str) -> dict[str, str]:
    return dict(json.loads((FORMS / f"{name}.json").read_text(encoding="utf-8")))


def message_of(channel: WhatsAppChannel, name: str) -> Message:
    message = channel.update_of({"form": form(name), "at": 1_788_235_200.5}).message
    assert message is not None
    return message


def delivery(**more: Any) -> Delivery:
    base: dict[str, Any] = {
        "id": 7, "fence": 1, "kind": NoticeKind.APOLOGY, "lane": Lane.ANSWER, "talk": 1, "attempts": 0,
        "doubt": "", "messenger": Messenger.WHATSAPP, "address": ADDRESS, "is_group": False,
        "language": Language.RU, "endpoint_id": 1, "resident_id": 1,
    }  # fmt: skip
    return Delivery(**(base | more))


# -- in


@pytest.mark.parametrize(
    ("name", "kind", "text", "mime"),
    [
        ("text", PartKind.TEXT, "Түнгі екіде музыка 🎵", ""),
        ("text_forwarded", PartKind.TEXT, "Сіздің шотыңыз бұғатталды", ""),
        ("text_reply", PartKind.TEXT, "Иә", ""),
        ("photo", PartKind.PHOTO, "Міне, көлік", None),
        ("photo_without_words", PartKind.PHOTO, "", None),
        ("video", PartKind.VIDEO, "", "video/mp4"),
        ("voice", PartKind.VOICE, "", "audio/ogg"),
        ("audio", PartKind.AUDIO, "", "audio/mpeg"),
        ("document", PartKind.DOCUMENT, "Түбіртек", "application/pdf"),
        ("contact", PartKind.DOCUMENT, "", "text/vcard"),
    ],
)
async def test_a_form_is_the_message_telegram_would_have_sent(
    channel: WhatsAppChannel, name: str, kind: PartKind, text: str, mime: str | None
) -> None:
    part = part_of(message_of(channel, name))
    assert (part.kind, part.text) == (kind, text)
    if kind is not PartKind.TEXT:
        assert part.file == MEDIA
    if mime:
        assert part.mime == mime


@pytest.mark.parametrize("mime", ["application/pdf", "image/jpeg", "video/mp4", "audio/mpeg"])
@pytest.mark.parametrize(
    ("body", "caption"), [("Иванов счёт за май.pdf", None), ("Смотрите чек", "Смотрите чек"), ("", None)]
)
async def test_the_name_of_a_document_is_no_word_of_its_sender(
    channel: WhatsAppChannel, body: str, caption: str | None, mime: str
) -> None:
    """Twilio writes it into Body; it often tells whose the file is, also of a picture that is sent as a document."""
    form = {"From": "whatsapp:+77010000001", "MessageSid": "MM1", "WaId": "77010000001", "NumMedia": "1", "Body": body}
    form |= {"MediaUrl0": "https://api.twilio.com/1", "MediaContentType0": mime, "MessageType": "document"}
    assert channel.update_of({"form": form}).message.caption == caption


async def test_a_sticker_is_no_part_of_a_tip(channel: WhatsAppChannel) -> None:
    with pytest.raises(KindNotAccepted):
        part_of(message_of(channel, "sticker"))


async def test_a_location_is_a_location(channel: WhatsAppChannel) -> None:
    place = message_of(channel, "location").location
    assert place is not None
    assert (place.latitude, place.longitude) == (51.128207, 71.430411)


@pytest.mark.parametrize(("name", "data"), [("button", "open:menu"), ("list", "rep:tile:yard")])
async def test_a_pressed_button_is_a_press(channel: WhatsAppChannel, name: str, data: str) -> None:
    query = channel.update_of({"form": form(name), "at": 1.0}).callback_query
    assert query is not None
    assert query.data == data


async def test_the_sender_is_steady_and_without_a_number_of_his_own(channel: WhatsAppChannel) -> None:
    users = [message_of(channel, name).from_user for name in ("text", "photo", "no_phone", "no_name")]
    assert all(users)
    ids = [user.id for user in users if user]
    assert ids[0] == ids[1] == ids[3] != ids[2]
    assert "7701" not in str(ids)
    assert [user.first_name for user in users if user] == ["Айгүл", "Айгүл", "Айгүл", "77010000001"]


async def test_every_update_has_its_own_number(channel: WhatsAppChannel) -> None:
    updates = [channel.update_of({"form": form("text"), "at": 1.0}) for _ in range(100)]
    assert len({update.update_id for update in updates}) == 100
    assert len({update.message.message_id for update in updates if update.message}) == 100
    assert updates[0].message is not None
    assert updates[0].message.date.timestamp() == 1


async def test_the_bot_of_whatsapp_speaks_no_bot_api(channel: WhatsAppChannel) -> None:
    with pytest.raises(RuntimeError, match="Telegram only"):
        await channel.bot(SendMessage(chat_id=1, text="x"))


# -- out


MENU = [[Choice("Сообщить", "tip", also="Хабарлау"), Choice("Меню", "menu", also="Мәзір")]]


async def test_choices_are_numbered(channel: WhatsAppChannel) -> None:
    assert await channel.deliver(Place(ADDRESS), Reply("Что делать?", MENU)) == Receipt("SM1")
    (sent,) = given(channel)
    assert sent == {
        "To": f"whatsapp:{ADDRESS}", "From": "whatsapp:+77010000000",
        "Body": f"Что делать?\n\n1. Сообщить\n2. Меню\n\n{_('Answer with a number')}",
    }  # fmt: skip
    menu = channel.menu_of(Reply("Что делать?", MENU))
    assert [menu.value_of(word) for word in ("1", "2", "3", "хабарлау", "Меню")] == ["tip", "menu", None, "tip", "menu"]


async def test_where_free_words_are_expected_choices_are_words(channel: WhatsAppChannel) -> None:
    await channel.deliver(Place(ADDRESS), Reply("Опишите", MENU, open=True))
    assert given(channel)[0]["Body"] == "Опишите\n\nИли напишите: «Сообщить», «Меню»"
    menu = channel.menu_of(Reply("Опишите", MENU, open=True))
    assert [menu.value_of(word) for word in ("1", "Сообщить")] == [None, "tip"]


async def test_a_notice_numbers_its_choices_behind_the_open_menu(channel: WhatsAppChannel) -> None:
    await channel.send(delivery(), Reply("Оцените", MENU), first_number=4)
    assert "4. Сообщить\n5. Меню" in given(channel)[0]["Body"]


async def test_links_are_shown_and_are_no_choice(channel: WhatsAppChannel) -> None:
    reply = Reply("Карта", [[Choice("Открыть", url="https://example.kz")]])
    await channel.deliver(Place(ADDRESS), reply)
    assert given(channel)[0]["Body"] == "Карта\n\nОткрыть: https://example.kz"
    assert channel.menu_of(reply).items == []


async def test_links_stand_between_the_choices_and_the_hint(channel: WhatsAppChannel) -> None:
    reply = Reply("Карта", [[Choice("Открыть", url="https://example.kz")], *MENU])
    await channel.deliver(Place(ADDRESS), reply)
    hint = _("Answer with a number")
    assert given(channel)[0]["Body"] == f"Карта\n\n1. Сообщить\n2. Меню\n\nОткрыть: https://example.kz\n\n{hint}"


async def test_before_the_language_is_known_the_hint_is_in_both(channel: WhatsAppChannel) -> None:
    await channel.deliver(Place(ADDRESS), Reply("Тіл / Язык", MENU, is_bilingual=True))
    assert given(channel)[0]["Body"].endswith(both("Answer with a number"))
    await channel.deliver(Place(ADDRESS), Reply("Язык", MENU))
    assert both("Answer with a number") not in given(channel)[1]["Body"]


async def test_bold_is_bold_and_a_persons_own_marks_are_left_alone(channel: WhatsAppChannel) -> None:
    await channel.deliver(Place(ADDRESS), Reply(Text(Bold("№ 1"), " <b>я</b>")))
    assert given(channel)[0]["Body"] == "*№ 1* <b>я</b>"


async def test_a_picture_that_is_lost_does_not_cost_the_words(
    channel: WhatsAppChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    await channel.deliver(Place(ADDRESS), Reply("Инспектор", media_id=5))
    monkeypatch.setattr(Shelf, "is_there", False)
    await channel.deliver(Place(ADDRESS), Reply("Инспектор", media_id=5))
    assert [(item["Body"], "MediaUrl" in item) for item in given(channel)] == [
        ("Инспектор", True),
        ("Инспектор", False),
    ]


async def test_long_words_leave_in_pieces_and_the_last_one_reports(channel: WhatsAppChannel) -> None:
    text = " ".join(["слово"] * 700)
    assert await channel.send(delivery(), Reply(text, MENU, media_id=5)) == Receipt("SM3")
    sent = given(channel)
    assert all(len(item["Body"]) <= BODY_LIMIT for item in sent)
    assert " ".join(item["Body"].split("\n\n1.")[0] for item in sent) == text
    assert ["MediaUrl" in item for item in sent] == [True, False, False]
    assert ["StatusCallback" in item for item in sent] == [False, False, True]
    assert sent[-1]["Body"].endswith(f"2. Меню\n\n{_('Answer with a number')}")


async def test_a_notices_callback_names_it(channel: WhatsAppChannel) -> None:
    await channel.send(delivery(id=42), Reply("Сәлем"))
    url = urlsplit(given(channel)[0]["StatusCallback"])
    assert (url.netloc, url.path, parse_qs(url.query)) == ("korshi.example.kz", "/twilio/status", {"n": ["42"]})


async def test_outside_the_window_only_the_template_is_sent(channel: WhatsAppChannel) -> None:
    template = TemplateView("HX1", ("number", "text"))
    await channel.send(delivery(free_text=False, template=template), Reply("никогда"))
    (sent,) = given(channel)
    assert sent["ContentSid"] == "HX1"
    assert json.loads(sent["ContentVariables"]) == {"1": "–", "2": "–"}
    assert "Body" not in sent


async def test_an_alert_is_a_message_and_a_plain_press_needs_none(channel: WhatsAppChannel) -> None:
    await channel.acknowledge(Place(ADDRESS))
    assert given(channel) == []
    await channel.acknowledge(Place(ADDRESS), "Эта кнопка устарела")
    assert given(channel)[0]["Body"] == "Эта кнопка устарела"


def refused(code: int, status: int = 400) -> Response:
    return Response(status, json.dumps({"code": code, "message": "no", "status": status}))


def refused_in_the_new_form(code: int, status: int) -> Response:
    """RFC 9457, which Twilio's newer answers follow."""
    told = {"type": "https://www.twilio.com/docs/api/errors", "title": "no", "code": code, "status": status}
    return Response(status, json.dumps(told))


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (refused(63016), NeedsTemplate()),
        (refused(63041), TemplatePaused("63041")),
        (refused(63032), Withheld("withheld")),
        (refused(63027), Refused("63027")),
        (refused(20429, 429), SlowDown(2.0)),
        (refused(63018, 429), SlowDown(60.0, chat_only=True, reason="63018")),
        (refused(20003, 401), Unreachable("channel", is_channel=True)),
        (refused(20500, 500), Unreachable("server")),
        (refused_in_the_new_form(20429, 429), SlowDown(2.0)),
        (refused_in_the_new_form(63032, 400), Withheld("withheld")),
        (Response(502, "<html>"), Unreachable("server")),
        (ClientConnectorError(SimpleNamespace(host="h", port=1, ssl=True), OSError(111, "no")), Unreachable("network")),  # type: ignore[arg-type]
        (ClientPayloadError("cut"), Unknown("lost_answer")),
        (TimeoutError(), Unknown("lost_answer")),
        (Response(201, "<html>"), Unknown("lost_answer")),
        (Response(201, "{}"), Unknown("lost_answer")),
    ],
)
async def test_a_refusal_is_a_value(channel: WhatsAppChannel, error: Exception | Response, outcome: Outcome) -> None:
    network(channel).errors = [error]
    assert await channel.deliver(Place(ADDRESS), Reply("Сәлем")) == outcome
    held = [channel.ready_in(address, Lane.ANSWER, is_group=False) > 50 for address in (ADDRESS, "+7702")]
    assert held == [outcome == SlowDown(60.0, chat_only=True, reason="63018"), False]


async def test_after_a_refused_piece_the_rest_stays_here(channel: WhatsAppChannel) -> None:
    network(channel).errors = [refused(63024)]
    await channel.deliver(Place(ADDRESS), Reply("слово " * 700))
    assert len(given(channel)) == 1


async def test_a_lost_answer_is_looked_up_by_its_body(channel: WhatsAppChannel) -> None:
    network(channel).listed = [{"sid": "SM8", "body": "другое"}, {"sid": "SM9", "body": "Сәлем"}]
    assert await channel.find(delivery(), Reply("Сәлем")) == "SM9"
    assert await channel.find(delivery(), Reply("Сау бол")) is None


WARNED = WarningView(
    id=1, code="K7MXQ2", author_id=1, text=Bilingual("Кодты айтпаңыз", "Никому не называйте\nкод"), scheme=None,
    media_id=None, is_urgent=False, state=WarningState.SENDING, due_at=None,
    created_at=datetime(2026, 9, 1, tzinfo=UTC),
)  # fmt: skip


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("Предупреждение полиции: {{1}} Код: {{2}}, его можно проверить.", "SM9"),
        ("Другое: {{1}} Код: {{2}}.", None),
        ("", None),  # its words were not read yet: nothing is guessed
    ],
)
async def test_a_lost_template_is_known_by_its_words_with_the_variables_in_them(
    channel: WhatsAppChannel, body: str, found: str | None
) -> None:
    rendered = "Предупреждение полиции: Никому не называйте • код Код: K7MXQ2, его можно проверить."
    network(channel).listed = [
        {"sid": "SM8", "body": "Никому не называйте\nкод"}, {"sid": "SM9", "body": rendered},
    ]  # fmt: skip
    template = TemplateView("HX1", ("text", "code"), body)
    sent = delivery(kind=NoticeKind.WARNING, warning=WARNED, free_text=False, template=template)
    assert await channel.find(sent, Reply("Никому не называйте\nкод")) == found


@pytest.mark.parametrize("was_open", [False, True])
@pytest.mark.parametrize("first_number", [1, 4])
async def test_a_lost_notice_is_known_by_its_words_whatever_numbers_its_choices_had(
    channel: WhatsAppChannel, first_number: int, was_open: bool
) -> None:
    """The menu that was open when it left is not known any more, nor whether free words were expected then."""
    await channel.send(delivery(), Reply("Оцените", MENU, open=was_open), first_number)
    network(channel).listed = [{"sid": "SM8", "body": None}, {"sid": "SM9", "body": given(channel)[0]["Body"]}]
    assert await channel.find(delivery(), Reply("Оцените", MENU)) == "SM9"
    assert await channel.find(delivery(), Reply("Оцените", [MENU[0][:1]])) is None


# -- files


def media(url: str | None, size: int | None = None) -> MediaView:
    return MediaView(1, Messenger.WHATSAPP, PartKind.PHOTO, url, "image/png", size, "wanted", None, 0)


class NoNetwork:
    def get(self, url: str, **_more: Any) -> None:
        raise AssertionError(f"a connection to {url}")


@pytest.mark.parametrize(
    "url",
    [
        None, "", "http://api.twilio.com/x", "https://api.twilio.com.evil.kz/x", "https://api.twilio.com@evil.kz/x",
        "https://evil.kz/https://api.twilio.com/x", "https://api.twilio.com:8443/x", "https://169.254.169.254/latest",
        "https://[::1]/x", "file:///etc/passwd", "ftp://api.twilio.com/x", "https://user:pw@api.twilio.com/x",
        "https://API.twilio.com.:443/x", "//api.twilio.com/x", "https:/api.twilio.com/x", "https://аpi.twilio.com/x",
        "gopher://api.twilio.com", "javascript:alert(1)", "https://api.twilio.com\\@evil.kz/", "https://127.0.0.1/x",
    ],
)  # fmt: skip
async def test_credentials_go_to_twilios_own_host_only(channel: WhatsAppChannel, url: str | None) -> None:
    channel._session = NoNetwork()  # type: ignore[assignment]
    with pytest.raises(FetchFailed) as failed:
        await channel.fetch(media(url))
    channel._session = None
    assert (failed.value.reason, failed.value.is_final) == ("foreign_host", True)


@pytest.mark.parametrize(
    ("url", "is_fair"),
    [
        ("https://8.8.8.8/media/x", True), ("https://api.twilio.com/x", True), ("http://8.8.8.8/media/x", False),
        ("https://127.0.0.1/x", False), ("https://10.0.0.5/x", False), ("https://169.254.169.254/x", False),
        ("https://[::1]/x", False), ("https://user@8.8.8.8/x", False), ("https://localhost/x", False),
        ("https://2130706433/x", False), ("", False), ("/relative", False), ("https:///x", False),
    ],
)  # fmt: skip
async def test_a_redirect_leads_to_the_open_world_or_nowhere(channel: WhatsAppChannel, url: str, is_fair: bool) -> None:
    assert await channel._is_fair_target(url) is is_fair


class Redirecting:
    """Twilio's answer to a media URL: elsewhere."""

    status = 307

    def __init__(self, target: str) -> None:
        self.headers = {"Location": target}

    def get(self, *_url: Any, **_more: Any) -> "Redirecting":
        return self

    async def __aenter__(self) -> "Redirecting":
        return self

    async def __aexit__(self, *_error: object) -> None: ...


async def test_a_redirect_whose_name_turns_private_is_not_followed(channel: WhatsAppChannel) -> None:
    channel._resolver = PublicResolver(Answers(["8.8.8.8"], ["127.0.0.1"]))
    channel._session = Redirecting("https://cdn.example/x")  # type: ignore[assignment]
    async with channel._resolver.session(5) as channel._outside:
        fetched = await channel.fetch(media(MEDIA))
        with pytest.raises(FetchFailed) as failed:
            await anext(fetched.chunks)
    channel._session = channel._outside = None
    assert (failed.value.reason, failed.value.is_final) == ("foreign_host", True)


async def test_a_file_known_to_be_too_large_is_not_fetched(channel: WhatsAppChannel) -> None:
    with pytest.raises(TooLarge):
        await channel.fetch(media(MEDIA, WHATSAPP_FETCH_LIMIT + 1))
