"""Twilio's records: messages, their media, content templates; and the life of each message after it was accepted."""

import asyncio
import json
from collections import OrderedDict
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import TYPE_CHECKING

from simulator.things import Json

if TYPE_CHECKING:
    from simulator.twilio.delivery import Delivery
    from simulator.world import World

MOST_MESSAGES = 200_000
FINAL = frozenset({"delivered", "read", "undelivered", "failed", "canceled", "received"})
API = "2010-04-01"


@dataclass
class Message:
    """One message in either direction. `person` is empty when the address belongs to nobody here."""

    sid: str
    account_sid: str
    sender: str
    to: str
    body: str
    direction: str
    status: str
    created: float
    updated: float
    sent: float | None = None
    person: str = ""
    error_code: int | None = None
    error_message: str | None = None
    service_sid: str | None = None
    callback: str = ""
    content_sid: str | None = None
    media: list[Json] = field(default_factory=list)
    """Each {"sid", "file", "created"}."""
    media_urls: list[str] = field(default_factory=list)
    buttons: list[Json] = field(default_factory=list)
    is_template: bool = False
    doom: int | None = None
    """The code it will fail with, known from the start but told only by a callback."""

    @property
    def uri(self) -> str:
        return f"/{API}/Accounts/{self.account_sid}/Messages/{self.sid}"

    def resource(self) -> Json:
        """The Message resource as the API shows it."""
        return {
            "account_sid": self.account_sid,
            "api_version": API,
            "body": self.body,
            "date_created": rfc2822(self.created),
            "date_sent": rfc2822(self.sent) if self.sent else None,
            "date_updated": rfc2822(self.updated),
            "direction": self.direction,
            "error_code": self.error_code,
            "error_message": self.error_message,
            "from": self.sender or None,
            "messaging_service_sid": self.service_sid,
            "num_media": str(max(len(self.media), len(self.media_urls))),
            "num_segments": "1",
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": self.uri + "/Media.json"},
            "to": self.to,
            "uri": self.uri + ".json",
        }


@dataclass
class Content:
    """A content template with its approval by WhatsApp."""

    sid: str
    friendly_name: str
    language: str
    types: Json
    variables: Json
    created: float
    updated: float
    approval: str = "unsubmitted"
    category: str = "UTILITY"
    name: str = ""
    rejection_reason: str = ""

    @property
    def is_approved(self) -> bool:
        return self.approval == "approved"


class Register:
    """All of Twilio's records; what is still on its way is carried by `delivery`."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.messages: OrderedDict[str, Message] = OrderedDict()
        self.contents: dict[str, Content] = {}
        self.inbound: dict[str, Json] = {}
        """Webhooks not yet taken by the bot: {"person", "form"} by MessageSid."""
        self.last_sender = world.settings.whatsapp_sender
        self.last_account = world.settings.signing_sid
        self.delivery: Delivery | None = None

    def keep(self, message: Message) -> Message:
        self.messages[message.sid] = message
        self.world.journal.note("twilio", message.sid, message)
        if len(self.messages) > MOST_MESSAGES:
            oldest, _ = self.messages.popitem(last=False)
            self.world.journal.note("twilio", oldest, None)
        return message

    def drop(self, sid: str) -> None:
        if self.messages.pop(sid, None) is not None:
            self.world.journal.note("twilio", sid, None)

    def keep_content(self, content: Content) -> Content:
        self.contents[content.sid] = content
        self.world.journal.note("content", content.sid, content)
        return content

    def add_template(self, given: Json) -> Content:
        """A ready template, as --templates and POST /sim/templates give it."""
        now = self.world.now()
        types = given["types"]
        return self.keep_content(
            Content(
                sid=given.get("sid") or "HX" + self.world.hex(),
                friendly_name=str(given.get("friendly_name") or "template"),
                language=str(given.get("language") or "ru"),
                types=json.loads(types) if isinstance(types, str) else types,
                variables=given.get("variables") or {},
                created=now,
                updated=now,
                approval=str(given.get("approval") or "approved"),
                category=str(given.get("category") or "UTILITY"),
                name=str(given.get("name") or given.get("friendly_name") or "template"),
            )
        )

    def note_inbound(self, sid: str, pending: Json | None) -> None:
        if pending is None:
            self.inbound.pop(sid, None)
        else:
            self.inbound[sid] = pending
        self.world.journal.note("inbound", sid, pending)

    # --- life ---

    def load(self) -> None:
        journal = self.world.journal
        found = [Message(**body) for _, body in journal.load("twilio")]
        for message in sorted(found, key=lambda m: m.created):
            self.messages[message.sid] = message
        for sid, body in journal.load("content"):
            self.contents[sid] = Content(**body)
        for sid, body in journal.load("inbound"):
            self.inbound[sid] = body

    def start(self) -> None:
        if self.delivery is not None:
            self.delivery.resume()

    async def stop(self) -> None:
        if self.delivery is not None:
            await self.delivery.stop()

    def clear(self) -> None:
        self.messages.clear()
        self.contents.clear()
        self.inbound.clear()


def rfc2822(at: float) -> str:
    return formatdate(at, usegmt=False).replace("-0000", "+0000")


async def gathered(tasks: "set[asyncio.Task[None]]") -> None:
    """Cancel and await tasks."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
