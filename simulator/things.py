"""The things of the simulated world: plain records that the journal can store as they are."""

import mimetypes
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
MessageId: TypeAlias = int | str
BOT = "bot"
SERVICE = "service"


@dataclass
class Person:
    id: str
    channel: str
    name: str
    username: str | None = None
    telegram_id: int | None = None
    phone: str | None = None
    language_code: str = "ru"
    role: str = ""
    pinned: bool = False
    blocked: bool = False
    started: bool = False
    deactivated: bool = False
    open: bool = False
    last_inbound: float | None = None
    """When this person last wrote on WhatsApp (epoch seconds): the 24-hour window counts from here."""

    def public(self) -> Json:
        return dict(vars(self))


@dataclass
class Group:
    id: int
    title: str
    members: list[str] = field(default_factory=list)
    bot: str = "none"
    type: str = "supergroup"
    pinned: bool = False
    username: str | None = None
    admins: list[str] = field(default_factory=list)
    kicked: bool = False
    """The bot was here once and was removed."""
    migrated_to: int | None = None
    migrated_from: int | None = None
    last_message_id: int = 0

    def public(self) -> Json:
        return dict(vars(self))


@dataclass
class Line:
    """One message in a chat. `raw` is the Bot API Message on Telegram, a small record of our own on WhatsApp."""

    chat: str
    id: MessageId
    sender: str
    name: str
    date: float
    raw: Json
    channel: str = "telegram"
    seq: int = 0
    edited: bool = False
    deleted: bool = False
    status: str | None = None
    error: str | None = None
    keyboard: Json | None = None
    """The reply keyboard (or its removal) that came with the message: the Bot API never shows it again."""


@dataclass
class Toast:
    seq: int
    text: str
    alert: bool
    person: str


@dataclass
class Chat:
    """`keyboard` is the reply keyboard that is open now under the input field."""

    key: str
    lines: dict[MessageId, Line] = field(default_factory=dict)
    keyboard: Json | None = None
    toasts: list[Toast] = field(default_factory=list)
    dropped: int = 0


@dataclass
class StoredFile:
    """`size` may be a pretence: a 21 MB video of which only a few bytes exist."""

    id: str
    kind: str
    content: bytes
    mime: str
    name: str
    size: int
    width: int = 0
    height: int = 0
    duration: int = 0

    @property
    def unique_id(self) -> str:
        return self.id[-16:]

    @property
    def path(self) -> str:
        ending = PurePath(self.name).suffix
        if not ending[1:].isalnum() or not ending.isascii():
            ending = mimetypes.guess_extension(self.mime) or ""
        return f"{self.kind}s/{self.id}{ending}"


@dataclass
class CallbackQuery:
    """A press the bot has not answered yet, or has (`answered`)."""

    id: str
    person: str
    chat: str
    message_id: int
    at: float
    answered: bool = False
