"""The one table from Twilio's error codes to what is done about them."""

from dataclasses import replace

from bot.channels.base import (
    Blocked,
    NeedsTemplate,
    Outcome,
    Refused,
    SlowDown,
    TemplatePaused,
    Unreachable,
    Withheld,
)
from bot.services.deliveries import Report
from bot.terms import EndpointState, NoticeState

CAP_SECONDS = 6 * 3600.0  # Meta's cap on marketing words to one person: a quick resend only deepens it


_MISSING = Blocked(EndpointState.DEAD, "not_on_whatsapp")
_BLOCKED = Blocked(EndpointState.BLOCKED, "blocked")
_STOPPED = Blocked(EndpointState.STOPPED, "stopped")
_CHANNEL = Unreachable("channel", is_channel=True)
_SERVER = Unreachable("server")

OUTCOMES: dict[int, Outcome] = {
    63024: _MISSING,
    63003: _MISSING,
    63014: _BLOCKED,
    21610: _STOPPED,
    63032: Withheld("withheld"),
    63049: Withheld("capped", CAP_SECONDS),
    63016: NeedsTemplate(),
    63041: TemplatePaused("63041"),
    63040: TemplatePaused("63040"),
    63027: Refused("63027"),
    63028: Refused("63028"),
    21655: Refused("21655"),
    21656: Refused("21656"),
    63005: Refused("63005"),
    63013: Refused("63013"),
    63021: Refused("63021"),
    63026: Refused("63026"),
    63018: SlowDown(60.0, chat_only=True, reason="63018"),
    63017: SlowDown(2.0),
    20429: SlowDown(2.0),
    14107: SlowDown(2.0),
    21611: SlowDown(300.0, reason="21611"),
    30001: SlowDown(300.0, reason="30001"),
    20003: _CHANNEL,
    63001: _CHANNEL,
    63007: _CHANNEL,
    63020: _CHANNEL,
    63009: _SERVER,
    63010: _SERVER,
    63012: _SERVER,
}


def classify_code(code: int | None, status: int = 0) -> Outcome:
    """`code` is Twilio's; `status` the HTTP status of the answer, 0 in a callback."""
    known = OUTCOMES.get(code or 0)
    if status == 401:
        return _CHANNEL
    if known is not None:
        return known
    if status == 429:
        return SlowDown(2.0)
    if status >= 500:
        return _SERVER
    return Refused(str(code or status or "twilio"))


def report_of(notice_id: int, message: str, state: NoticeState, code: str = "") -> Report:
    """What a status callback means for its notice. No code, or one that nobody knows: a failure as it is."""
    if state is not NoticeState.FAILED:
        return Report(notice_id, message, state)
    report = Report(notice_id, message, state, code)
    match classify_code(int(code) if code.isdecimal() else None):
        case Blocked(closed, reason):
            return replace(report, closes=closed, is_miss=reason == "not_on_whatsapp")
        case NeedsTemplate():
            return replace(report, by_template=True)
        case Withheld(reason, again_in):
            return replace(report, error=reason, again_in=again_in, is_withheld=True)
        case SlowDown(seconds, reason=reason):
            return replace(report, error=reason or "slow", again_in=seconds)
        case Refused(refused):
            return replace(report, refused=refused)
        case _:
            return report
