"""The one table from Twilio's error codes to what is done about them."""

from dataclasses import dataclass, replace
from enum import StrEnum

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


class Scope(StrEnum):
    """Whom a refusal concerns."""

    PERSON = "person"
    CONTENT = "content"
    TEMPLATE = "template"
    SENDER = "sender"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Rule:
    outcome: Outcome
    scope: Scope
    reason: str  # its words: bot.speech.reasons


def _content(code: int, reason: str) -> Rule:
    return Rule(Refused(str(code)), Scope.CONTENT, reason)


_MISSING = Rule(Blocked(EndpointState.DEAD, "not_on_whatsapp"), Scope.PERSON, "not_on_whatsapp")
_BLOCKED = Rule(Blocked(EndpointState.BLOCKED, "blocked"), Scope.PERSON, "blocked")
_STOPPED = Rule(Blocked(EndpointState.STOPPED, "stopped"), Scope.PERSON, "stopped")
_CHANNEL = Rule(Unreachable("channel", is_channel=True), Scope.CHANNEL, "channel")
_SERVER = Rule(Unreachable("server"), Scope.CHANNEL, "unreachable")

RULES: dict[int, Rule] = {
    63024: _MISSING,
    63003: _MISSING,
    63014: _BLOCKED,
    21610: _STOPPED,
    63032: Rule(Withheld("withheld"), Scope.PERSON, "withheld"),
    63049: Rule(Withheld("capped", CAP_SECONDS), Scope.PERSON, "capped"),
    63016: Rule(NeedsTemplate(), Scope.PERSON, "no_template"),
    63041: Rule(TemplatePaused("63041"), Scope.TEMPLATE, "template_paused"),
    63040: Rule(TemplatePaused("63040"), Scope.TEMPLATE, "template_paused"),
    63027: _content(63027, "bad_template"),
    63028: _content(63028, "bad_template"),
    21655: _content(21655, "bad_template"),
    21656: _content(21656, "bad_template"),
    63005: _content(63005, "policy"),
    63013: _content(63013, "policy"),
    63021: _content(63021, "policy"),
    63026: _content(63026, "policy"),
    63018: Rule(SlowDown(60.0, chat_only=True, reason="63018"), Scope.SENDER, "tier"),
    63017: Rule(SlowDown(2.0), Scope.SENDER, "slow"),
    20429: Rule(SlowDown(2.0), Scope.SENDER, "slow"),
    14107: Rule(SlowDown(2.0), Scope.SENDER, "slow"),
    21611: Rule(SlowDown(300.0, reason="21611"), Scope.SENDER, "overflow"),
    30001: Rule(SlowDown(300.0, reason="30001"), Scope.SENDER, "overflow"),
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
    rule = RULES.get(code or 0)
    if status == 401:
        return _CHANNEL.outcome
    if rule is not None:
        return rule.outcome
    if status == 429:
        return SlowDown(2.0)
    if status >= 500:
        return _SERVER.outcome
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
