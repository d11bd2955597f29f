"""What an outcome means for its notice: one pure table."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.channels.base import (
    Blocked,
    Moved,
    NeedsTemplate,
    Outcome,
    Receipt,
    Refused,
    SlowDown,
    TemplatePaused,
    Unknown,
    Unreachable,
    Withheld,
)
from bot.services.deliveries import NO_WINDOW, Closure, Delivery, Settlement
from bot.terms import Messenger, NoticeKind, NoticeState

ATTEMPTS = 10
LONGEST_WAIT = timedelta(seconds=60)
BREAKER_WAIT = timedelta(seconds=60)
WITHHELD_TIMES = 3  # then this person does without it
TOLD_AS_THEY_ARE = ("not_on_whatsapp", "no_rights", "topic_closed", "deleted")  # the others by the endpoint's new state
OVERFLOW = ("21611", "30001")


@dataclass(frozen=True, slots=True)
class Verdict:
    settlement: Settlement
    tried_at: datetime
    closure: Closure | None = None
    moved_to: str | None = None
    alarm: str = ""
    refused: str = ""  # the content's own fault: the third equal one stops its warning
    is_over_tier: bool = False
    pauses_template: bool = False

    @property
    def is_plain(self) -> bool:
        """Nothing but its settlement is to be written."""
        return not (self.closure or self.alarm or self.refused or self.is_over_tier or self.pauses_template)

    def uncounted(self) -> "Verdict":
        """The same, without using up an attempt."""
        if self.settlement.state is NoticeState.FAILED:  # its last attempt fell into an outage
            later = replace(self.settlement, state=NoticeState.DUE, error="", due_at=self.tried_at + BREAKER_WAIT)
            return replace(self, settlement=replace(later, counts_attempt=False))
        return replace(self, settlement=replace(self.settlement, counts_attempt=False))

    def postponed(self, until: datetime) -> "Verdict":
        return replace(self, settlement=replace(self.settlement, due_at=until, error="tier"))


def judge(delivery: Delivery, outcome: Outcome, now: datetime) -> Verdict:
    """Settlement of one notice, and what its outcome says about the endpoint, the group or the whole channel."""
    match outcome:
        case Receipt(ref):
            return Verdict(_settled(delivery, NoticeState.SENT, message=ref or None), now)
        case Blocked(state, reason):
            failed = _settled(delivery, NoticeState.FAILED, error=reason if reason in TOLD_AS_THEY_ARE else state.value)
            return Verdict(failed, now, closure=Closure(delivery, state, reason))
        case Moved(to):
            return Verdict(_later(delivery, now, counts_attempt=False), now, moved_to=to)
        case SlowDown(seconds, reason=reason):
            later = _later(delivery, now + timedelta(seconds=seconds), counts_attempt=False)
            over = reason == "63018" and delivery.template is not None
            return Verdict(later, now, is_over_tier=over, alarm=reason if reason in OVERFLOW else "")
        case Withheld(reason, again_in):
            if again_in is None or delivery.attempts + 1 >= WITHHELD_TIMES:
                return Verdict(_settled(delivery, NoticeState.SKIPPED, error=reason), now)
            return Verdict(_later(delivery, now + timedelta(seconds=again_in), error=reason), now)
        case NeedsTemplate():
            if delivery.template is not None:
                return Verdict(_settled(delivery, NoticeState.SKIPPED, error="no_template"), now)
            return Verdict(_later(delivery, now, error=NO_WINDOW, counts_attempt=False), now)
        case TemplatePaused(reason):
            return Verdict(_later(delivery, now, counts_attempt=False), now, alarm=reason, pauses_template=True)
        case Refused(code):
            return Verdict(_settled(delivery, NoticeState.FAILED, error=code), now, refused=code)
        case Unreachable(reason, is_channel=True):
            return Verdict(_later(delivery, now + BREAKER_WAIT, counts_attempt=False), now, alarm=reason)
        case Unreachable():
            if delivery.attempts + 1 >= ATTEMPTS:
                return Verdict(_settled(delivery, NoticeState.FAILED, error="unreachable"), now)
            wait = min(LONGEST_WAIT, timedelta(seconds=2**delivery.attempts))
            return Verdict(_later(delivery, now + wait), now)
        case Unknown():
            if delivery.is_retry_of_unknown or _is_left_in_doubt(delivery):
                return Verdict(_settled(delivery, NoticeState.UNKNOWN, error="unknown"), now)
            return Verdict(_later(delivery, now + timedelta(seconds=2), error="unknown"), now)
    raise TypeError(outcome)


def handed_back(delivery: Delivery, now: datetime) -> Verdict:
    """It was claimed and has not left."""
    return Verdict(_later(delivery, now, counts_attempt=False), now)


def _is_left_in_doubt(delivery: Delivery) -> bool:
    """Its author would rather have somebody miss it than get it twice. WhatsApp is asked what became of it instead."""
    is_warning = delivery.kind is NoticeKind.WARNING and delivery.messenger is Messenger.TELEGRAM
    return is_warning and delivery.warning is not None and not delivery.warning.repeats_doubt


def _settled(delivery: Delivery, state: NoticeState, *, message: str | None = None, error: str = "") -> Settlement:
    return Settlement(
        delivery.id,
        delivery.fence,
        state,
        message=message,
        error=error,
        messenger=delivery.messenger,
        seal_id=delivery.seal_id,
    )


def _later(delivery: Delivery, due_at: datetime, *, error: str = "", counts_attempt: bool = True) -> Settlement:
    kept = delivery.doubt or error
    return Settlement(
        delivery.id, delivery.fence, NoticeState.DUE, error=kept, due_at=due_at, counts_attempt=counts_attempt
    )
