"""Twilio's webhooks: proved by their signature over our public address, stored, acknowledged."""

import base64
import hashlib
import hmac
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl, urlparse

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope
from twilio.request_validator import add_port, remove_port

from bot.channels.twilio_codes import report_of
from bot.clock import Clock
from bot.services.deliveries import Report
from bot.services.inbox import Arrival
from bot.terms import Messenger, NoticeState
from bot.web.hook import Hook, read_body

Form = dict[str, str]

EMPTY_TWIML = "<Response/>"
MOST_FILES = 10  # of one message (Twilio)
LONGEST_NUMBER = 18  # digits of a notice's number: more is not ours
_STATES = {
    "sent": NoticeState.SENT,
    "delivered": NoticeState.DELIVERED,
    "read": NoticeState.READ,
    "failed": NoticeState.FAILED,
    "undelivered": NoticeState.FAILED,
}


class Signature:
    """As Twilio's RequestValidator, which is its measure in the tests: the address counts with its port and without."""

    def __init__(self, token: str, url: str) -> None:
        parsed = urlparse(url)
        self._keyed = hmac.new(token.encode(), digestmod=hashlib.sha1)
        self._addresses = [part.encode() for part in dict.fromkeys((remove_port(parsed), add_port(parsed)))]

    def fits(self, query: bytes, form: Form, given: bytes) -> bool:
        """`query` as it came; the address without it was told at the start."""
        rest = "".join([name + form[name] for name in sorted(form)]).encode()
        tail = b"?%b%b" % (query, rest) if query else rest
        return any(hmac.compare_digest(self._over(url + tail), given) for url in self._addresses)

    def _over(self, text: bytes) -> bytes:
        keyed = self._keyed.copy()  # `hmac.digest` would give the interpreter away for each, and wait to get it back
        keyed.update(text)
        return base64.b64encode(keyed.digest())


class TwilioHook(Hook):
    """One address that Twilio calls: the form of a body whose signature fits, and 403 for any other."""

    def __init__(self, token: str, url: str, take: Callable[[Form, bytes], Awaitable[Response]]) -> None:
        self._signature, self._told = Signature(token, url), take

    async def take(self, scope: Scope, receive: Receive) -> Response:
        body = await read_body(receive)
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        query: bytes = scope["query_string"]
        given = Headers(scope=scope).get("X-Twilio-Signature", "").encode("latin-1")
        if not self._signature.fits(query, form, given):
            return Response(status_code=403)
        return await self._told(form, query)


def inbound(clock: Clock, store: Callable[[Arrival], Awaitable[None]]) -> Callable[[Form, bytes], Awaitable[Response]]:
    async def take(form: Form, _query: bytes) -> Response:
        sid, sender = form.get("MessageSid", ""), form.get("From", "")
        if not sid or not sender:
            return Response(status_code=400)
        at, address = clock.now().timestamp(), sender.removeprefix("whatsapp:")
        for number, part in enumerate(one_by_one(form)):
            key = f"{sid}/{number}" if number else sid
            await store(Arrival(Messenger.WHATSAPP, key, address, {"form": part, "at": at}))
        return Response(EMPTY_TWIML, media_type="text/xml")

    return take


def one_by_one(form: Form) -> list[Form]:
    """A message with several files is as many messages, as an album is: the words stay with the first of them."""
    count = form.get("NumMedia", "")
    many = range(1, min(int(count), MOST_FILES)) if count.isascii() and count.isdecimal() else range(0)
    rest = {name: value for name, value in form.items() if not name.startswith("Media")}
    others = [
        {
            **rest,
            "Body": "",
            "NumMedia": "1",
            "MediaUrl0": form[f"MediaUrl{number}"],
            "MediaContentType0": form.get(f"MediaContentType{number}", ""),
        }
        for number in many
        if form.get(f"MediaUrl{number}")
    ]
    return [form, *others]


def status(report: Callable[[Report], Awaitable[None]]) -> Callable[[Form, bytes], Awaitable[Response]]:
    async def take(form: Form, query: bytes) -> Response:
        """Moves a notice upwards; repeated and late reports change nothing."""
        number = dict(parse_qsl(query.decode("latin-1"))).get("n", "")
        state = _STATES.get(form.get("MessageStatus", ""))
        is_ours = number.isascii() and number.isdecimal() and len(number) <= LONGEST_NUMBER
        if is_ours and state is not None:
            await report(report_of(int(number), form.get("MessageSid", ""), state, form.get("ErrorCode", "")))
        return Response(status_code=204)

    return take
