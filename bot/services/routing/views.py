"""What a decision looks at and what it says: places, cases, holders and the rules that won or lost."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot.i18n import Bilingual
from bot.services.officers import OfficerView
from bot.services.territory.views import Spot
from bot.terms import DeskKind, PlaceSource, Rung, Urgency

INSPECTOR = "inspector"
OWN_SECURITY = "own_security"
DUTY = "duty"
BOT = "bot"  # the program answers by itself; whoever is named next holds the tip


NOWHERE = Spot(None, PlaceSource.NONE)


@dataclass(frozen=True, slots=True)
class Case:
    """What the decision looks at. `words` are all the sender wrote; `barred` officers may not hold it.

    `holder_id` is who has it in hand and let the time pass: `above` passes him over."""

    handlers: tuple[str, ...]  # of the category: desk codes or "inspector", the first decides
    urgency: Urgency
    spot: Spot
    at: datetime
    words: str = ""
    barred: frozenset[int] = frozenset()
    holder_id: int | None = None

    @property
    def first(self) -> str:
        return next((code for code in self.handlers if code != BOT), INSPECTOR)


class NamedDesk(Protocol):
    """As much of a desk as whoever reads a decision needs."""

    @property
    def id(self) -> int: ...
    @property
    def code(self) -> str: ...
    @property
    def name(self) -> Bilingual: ...


@dataclass(frozen=True, slots=True)
class DeskHold:
    """A desk that may hold tips."""

    id: int
    code: str
    kind: DeskKind
    district_id: int | None
    name: Bilingual


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule that was looked at. `facts` fill the placeholders of `msgid`; names are {"kk": …, "ru": …}."""

    rule: str
    won: bool
    msgid: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Holder:
    """An officer or a desk, never both, never neither. `reason` names the rule that won.

    `called` are the people of a desk who get the card: those on watch now, else all of it.
    """

    reason: str
    rung: Rung
    officer: OfficerView | None = None
    desk: NamedDesk | None = None
    called: tuple[OfficerView, ...] = ()
    informed: tuple[OfficerView, ...] = ()
    is_restricted: bool = False
    accept_by: datetime | None = None
    verdicts: tuple[Verdict, ...] = ()


__all__ = [
    "BOT",
    "DUTY",
    "INSPECTOR",
    "NOWHERE",
    "OWN_SECURITY",
    "Case",
    "DeskHold",
    "Holder",
    "NamedDesk",
    "Spot",
    "Verdict",
]
