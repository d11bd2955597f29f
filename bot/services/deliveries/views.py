"""A notice on its way, as the courier sees it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.i18n import Bilingual
from bot.services.media import MediaView
from bot.services.officers import OfficerView
from bot.services.templates import TemplateView
from bot.services.tips import PartView, TipView
from bot.services.warnings import Progress, WarningView
from bot.store import keys
from bot.terms import EndpointState, Lane, Language, Messenger, NoticeKind, NoticeState

FETCH_WAIT = timedelta(seconds=2)
CLAIM_LASTS = timedelta(seconds=90)  # longer than any call's time-out
RANK = {state: rank for rank, state in enumerate((NoticeState.SENT, NoticeState.DELIVERED, NoticeState.READ))}
NO_WINDOW = "no_window"  # the messenger said that the person's window is closed: by template this time
FINAL = (NoticeState.FAILED, NoticeState.SKIPPED, NoticeState.CANCELLED, NoticeState.EXPIRED)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A due notice as the queue sees it: enough to choose, nothing to say."""

    id: int
    lane: Lane
    talk: int
    is_group: bool
    due_at: datetime
    ready: "Delivery | None" = None  # already with all that its words need: only the lease is missing


@dataclass(frozen=True, slots=True)
class Delivery:
    """A claimed notice with all that its words need."""

    id: int
    fence: int
    kind: NoticeKind
    lane: Lane
    talk: int
    attempts: int
    doubt: str  # empty, or the error of an earlier try that may have left
    messenger: Messenger
    address: str
    is_group: bool
    language: Language | None  # empty: both, for groups and for who has not chosen one
    endpoint_id: int | None
    resident_id: int | None
    free_text: bool = True
    template: TemplateView | None = None
    message: str | None = None  # what was sent before: edit it
    facts: dict[str, Any] = field(default_factory=dict)
    tip: TipView | None = None
    part: PartView | None = None
    media: MediaView | None = None
    warning: WarningView | None = None
    progress: Progress | None = None
    officer: OfficerView | None = None
    place: Bilingual | None = None
    seal_id: int | None = None

    @property
    def is_retry_of_unknown(self) -> bool:
        return bool(self.doubt)


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of a claimed notice. Only the holder of the fence may say it."""

    id: int
    fence: int
    state: NoticeState
    message: str | None = None
    error: str = ""
    due_at: datetime | None = None
    counts_attempt: bool = True
    messenger: Messenger | None = None  # of the message; looked up where the caller does not say it
    seal_id: int | None = None


@dataclass(frozen=True, slots=True)
class Closure:
    """An endpoint or group that cannot be reached until it gives a sign of life."""

    delivery: Delivery
    state: EndpointState
    reason: str


def message_fingerprint(messenger: str, message: str) -> bytes:
    return keys.ring().fingerprint("message", messenger, message)
