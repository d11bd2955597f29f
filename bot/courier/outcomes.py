"""What an outcome means for its notice: one pure table."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.channels.base import Blocked, Moved, Outcome, Receipt, Refused, SlowDown, Unknown, Unreachable
from bot.services.deliveries import Closure, Delivery, Settlement
from bot.terms import NoticeState

ATTEMPTS = 10
LONGEST_WAIT = timedelta(seconds=60)
BREAKER_WAIT = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Verdict:
    settlement: Settlement
    closure: Closure | None = None
    moved_to: str | None = None
    alarm: str = ""


def judge(delivery: Delivery, outcome: Outcome, now: datetime) -> Verdict:
    """Settlement of one notice, and what its outcome says about the endpoint, the group or the whole channel."""
    match outcome:
        case Receipt(ref):
            return Verdict(_settled(delivery, NoticeState.SENT, message=ref or None))
        case Blocked(state, reason):
            failed = _settled(
                delivery, NoticeState.FAILED, error=state.value if reason != "not_on_whatsapp" else reason
            )
            return Verdict(failed, closure=Closure(delivery, state, reason))
        case Moved(to):
            return Verdict(_later(delivery, now, counts_attempt=False), moved_to=to)
        case SlowDown(seconds):
            return Verdict(_later(delivery, now + timedelta(seconds=seconds), counts_attempt=False))
        case Refused(code):
            return Verdict(_settled(delivery, NoticeState.FAILED, error=code))
        case Unreachable(reason, is_channel=True):
            return Verdict(_later(delivery, now + BREAKER_WAIT, counts_attempt=False), alarm=reason)
        case Unreachable():
            if delivery.attempts + 1 >= ATTEMPTS:
                return Verdict(_settled(delivery, NoticeState.FAILED, error="unreachable"))
            wait = min(LONGEST_WAIT, timedelta(seconds=2**delivery.attempts))
            return Verdict(_later(delivery, now + wait))
        case Unknown():
            if delivery.is_retry_of_unknown:
                return Verdict(_settled(delivery, NoticeState.UNKNOWN, error="unknown"))
            return Verdict(_later(delivery, now + timedelta(seconds=2), error="unknown"))
    raise TypeError(outcome)


def _settled(delivery: Delivery, state: NoticeState, *, message: str | None = None, error: str = "") -> Settlement:
    return Settlement(delivery.id, delivery.fence, state, message=message, error=error)


def _later(delivery: Delivery, due_at: datetime, *, error: str = "", counts_attempt: bool = True) -> Settlement:
    kept = error or ("unknown" if delivery.is_retry_of_unknown else "")
    return Settlement(
        delivery.id, delivery.fence, NoticeState.DUE, error=kept, due_at=due_at, counts_attempt=counts_attempt
    )
