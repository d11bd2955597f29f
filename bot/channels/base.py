"""The contract of a channel: what every messenger must do for Korshi, and how its refusals are told."""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from aiogram import Bot
from aiogram.types import Update

from bot.channels.pacing import Pacer
from bot.services.deliveries import Delivery
from bot.services.media import MediaView
from bot.services.talks import NEXT_MENU, numbered
from bot.speech import Reply
from bot.speech.typed import key_of, meaning_of
from bot.terms import EndpointState, Lane, Messenger


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reply goes: a chat of a messenger, and the pressed message if a button was pressed."""

    address: str
    is_group: bool = False
    callback_id: str = ""
    message: str = ""  # the pressed message, to edit
    reply_to: str = ""  # in groups: whom it answers


# -- outcomes of a send: values, not exceptions


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider took it; `ref` is its message id."""

    ref: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """This endpoint cannot be reached until it gives a sign of life."""

    state: EndpointState
    reason: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The group lives under a new address."""

    to: str


@dataclass(frozen=True, slots=True)
class SlowDown:
    """Not now: for `seconds`, the whole token or this chat alone. No attempt is counted."""

    seconds: float
    chat_only: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Withheld:
    """The messenger keeps this from the person, for now or for good; the endpoint stays open for other words."""

    reason: str
    again_in: float | None = None  # seconds


@dataclass(frozen=True, slots=True)
class NeedsTemplate:
    """Free text is not allowed now: only an approved template is."""


@dataclass(frozen=True, slots=True)
class TemplatePaused:
    """The messenger has taken this template away, in this language."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Final for this content."""

    code: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """It certainly did not leave: try again later."""

    reason: str
    is_channel: bool = False  # token, credentials: the whole channel is out


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have left: the answer was lost."""

    reason: str


Outcome = (
    Receipt | Blocked | Moved | SlowDown | Withheld | NeedsTemplate | TemplatePaused | Refused | Unreachable | Unknown
)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file on its way: read `chunks` to the end, never more than the limit."""

    chunks: AsyncIterator[bytes]
    mime: str = ""


class TooLarge(Exception):
    """The file is beyond the messenger's limit."""


class FetchFailed(Exception):
    """`is_final`: the file will not come by trying again."""

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.is_final = reason, is_final


@dataclass(slots=True)
class Menu:
    """What a typed word or number means: (label, value) in the order of the numbers. `open`: labels only.
    `takes_words`: other words and numbers are no mistake, they are what is asked for."""

    items: list[tuple[str, str]] = field(default_factory=list)
    open: bool = False
    takes_words: bool = False

    def value_of(self, text: str) -> str | None:
        word = _bare(text)
        if not word:
            return None
        for label, value in reversed(self.items):  # of two questions that offer the same word the newer one is meant
            if word in (_bare(label), _step(label)):
                return value
        if not word.isdecimal():
            return self._meant(text)
        if self.open:
            return None
        number = int(word)
        values = numbered(self.items)
        return values[number - 1] if 0 < number <= len(values) else None

    def _meant(self, text: str) -> str | None:
        """A label in other letters, or another word for it. Keys that were taken away are known by their own words
        alone: what else they were called may be an answer by now."""
        key = key_of(text)
        if not key or self.items[-1:] == [NEXT_MENU]:
            return None
        meaning = meaning_of(key)
        for label, value in reversed(self.items):
            other = key_of(label)
            about = key_of(label.partition(": ")[2])  # «It looks like: night noise» is called night noise
            if value and (key in (other, about) or (meaning and meaning == meaning_of(other))):
                return value
        return None


def _step(label: str) -> str | None:
    """The number of a step of a scale: it is called by it, whatever number the menu gives it."""
    found = _SCALE.match(label)
    return found[1] if found else None


_SCALE = re.compile(r"(\d) [–—] ")


def _bare(label: str) -> str:
    """Without the picture before a word and the dot behind a number."""
    return _RIM.sub("", label.casefold())


_RIM = re.compile(r"^(?![-+]\d)[\W_]+|[\W_]+$")


class Channel(Protocol):
    """One messenger. Only sending and editing take the pacer's slots."""

    messenger: Messenger
    bot: Bot
    pacer: Pacer
    username: str

    async def open(self) -> None:
        """Check the credentials and put up commands, descriptions, webhooks. Raises on a refusal."""

    async def close(self) -> None: ...

    def update_of(self, payload: dict[str, Any]) -> Update:
        """The aiogram update a stored payload means."""

    def menu_of(self, reply: Reply) -> Menu:
        """What must be remembered before this reply is sent, because its choices come back as words."""

    async def deliver(self, place: Place, reply: Reply) -> Outcome:
        """A reply of a dialog, in its slot."""

    async def acknowledge(self, place: Place, alert: str = "") -> None:
        """Stop the pressed button's clock. Never raises: an old press is no error."""

    async def send(self, delivery: Delivery, reply: Reply, first_number: int = 1) -> Outcome:
        """A notice, in its slot; edited in place when it was sent before."""

    async def fetch(self, media: MediaView) -> Fetched:
        """Raises TooLarge, FetchFailed."""

    async def find(self, delivery: Delivery, reply: Reply) -> str | None:
        """The provider's id of a message that may have left without our knowing; None when it cannot tell."""

    def start_link(self, payload: str) -> str:
        """The address that opens a private chat and says this payload."""

    async def is_chat_admin(self, chat: str, person: int) -> bool:
        """Whether this account administers the group. Asked outside of any unit; what cannot be learned is no."""

    def ready_in(self, address: str, lane: Lane, *, is_group: bool) -> float: ...


class MediaFiles(Protocol):
    """Where channels find what is on our shelf."""

    async def open_file(self, media_id: int) -> "ShelfFile | None": ...

    def public_link(self, media_id: int) -> str | None: ...

    async def remember_file_id(self, media_id: int, messenger: Messenger, file_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class ShelfFile:
    """A file to show: by the messenger's own id where it has one, else by its bytes on disk."""

    media_id: int
    kind: str
    path: str | None
    file_id: str | None
    mime: str
    name: str
    opened: Callable[[str], bytes] = field(default=lambda path: Path(path).read_bytes(), compare=False, repr=False)

    def content(self) -> bytes:
        """Its bytes, for a thread: they lie sealed on the disk."""
        return self.opened(self.path or "")
