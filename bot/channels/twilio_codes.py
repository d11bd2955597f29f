"""The one table from Twilio's error codes to outcomes."""

from bot.channels.base import Blocked, Outcome, Refused, SlowDown, Unreachable
from bot.terms import EndpointState

_NOT_THERE = {63024, 63003, 63032}
_BLOCKED = {63014, 21610}
_CHANNEL = {20003, 63001, 63007, 63020}
_LATER = {63009, 63010, 63012}
_SLOW = {20429: 2.0, 63018: 60.0, 63017: 2.0, 14107: 2.0, 21611: 300.0}


def classify_code(code: int | None, status: int = 0) -> Outcome:
    """`code` is Twilio's; `status` the HTTP status of the answer, 0 in a callback."""
    if code in _NOT_THERE:
        return Blocked(EndpointState.DEAD, "not_on_whatsapp")
    if code in _BLOCKED:
        return Blocked(EndpointState.BLOCKED, "blocked")
    if code in _CHANNEL or status == 401:
        return Unreachable("channel", is_channel=True)
    if code in _SLOW or status == 429:
        return SlowDown(_SLOW.get(code or 0, 2.0), chat_only=code == 63018)
    if code in _LATER or status >= 500:
        return Unreachable("server")
    return Refused(str(code or status or "twilio"))
