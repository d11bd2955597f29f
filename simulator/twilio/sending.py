"""POST Messages: what is checked before a message is accepted."""

import re
from urllib.parse import urlsplit

from multidict import MultiMapping

from simulator.text import units
from simulator.things import Json
from simulator.twilio.contents import Misfilled, fill, variables_of
from simulator.twilio.delivery import Delivery
from simulator.twilio.records import Message
from simulator.twilio.refusals import TwilioRefused, too_many
from simulator.world import World

MOST_BODY = 1600
MOST_VALID_SECONDS = 36_000
KNOWN = frozenset(
    {"To", "From", "Body", "MediaUrl", "ContentSid", "ContentVariables", "StatusCallback", "MessagingServiceSid"}
    | {"ApplicationSid", "MaxPrice", "ProvideFeedback", "Attempt", "ValidityPeriod", "ForceDelivery", "SmartEncoded"}
    | {"ContentRetention", "AddressRetention", "PersistentAction", "TrafficType", "ShortenUrls", "ScheduleType"}
    | {"SendAt", "SendAsMms", "MessageIntent", "RiskCheck", "FallbackFrom"}
)
_ADDRESS = re.compile(r"whatsapp:\+[1-9]\d{6,14}")


def create(world: World, delivery: Delivery, account_sid: str, form: MultiMapping[str]) -> Message:
    """Accept a message and start its life, or raise Twilio's refusal."""
    to, sender = _addresses(world, form)
    body = form.get("Body", "")
    if units(body) > MOST_BODY:
        raise TwilioRefused(400, 21617, "The concatenated message body exceeds the 1600 character limit")
    media_urls = form.getall("MediaUrl", [])
    content_sid = form.get("ContentSid", "")
    if not (body.strip() or media_urls or content_sid):
        raise TwilioRefused(400, 21619, "A text message body or media urls must be specified.")
    callback = form.get("StatusCallback", "")
    if callback and urlsplit(callback).scheme not in ("http", "https"):
        raise TwilioRefused(400, 21609, f"The 'StatusCallback' URL {callback} is not a valid URL.")
    _check_validity(form.get("ValidityPeriod", ""))
    if world.limits.twilio(sender, world.monotonic()):
        raise too_many()
    part, failing = _content(world, content_sid, form.get("ContentVariables", ""))
    now = world.now()
    person = world.people.get("w" + to.removeprefix("whatsapp:+"))
    media_urls = [*media_urls, *part.get("media", [])]
    service = form.get("MessagingServiceSid")
    template = world.register.contents.get(content_sid)
    message = Message(
        sid=("MM" if media_urls else "SM") + world.hex(),
        account_sid=account_sid,
        sender=sender,
        to=to,
        body=part.get("text", body),
        direction="outbound-api",
        status="accepted" if service else "queued",
        created=now,
        updated=now,
        person=person.id if person else "",
        doom=failing,
        service_sid=service,
        callback=callback,
        content_sid=content_sid or None,
        media_urls=media_urls,
        buttons=part.get("buttons", []),
        is_template=template is not None and template.is_approved and "list" not in _kinds(part),
    )
    if world.limits.pair(sender, to, world.monotonic()):
        message.doom = 63018
    world.register.keep(message)
    world.stats.delivered("whatsapp", to)
    delivery.begin(message)
    return message


def _kinds(part: Json) -> set[str]:
    return {button["kind"] for button in part.get("buttons", [])}


def _addresses(world: World, form: MultiMapping[str]) -> tuple[str, str]:
    to = form.get("To", "")
    if not to:
        raise TwilioRefused(400, 21604, "A 'To' phone number is required.")
    sender = form.get("From", "")
    if not sender and not form.get("MessagingServiceSid"):
        raise TwilioRefused(400, 21603, "A 'From' phone number is required.")
    sender = sender or world.settings.whatsapp_sender
    if to.startswith("whatsapp:") != sender.startswith("whatsapp:"):
        raise TwilioRefused(400, 21910, "Invalid From and To pair. From and To should be of the same channel")
    if not _ADDRESS.fullmatch(to):
        raise TwilioRefused(400, 21211, f"Invalid 'To' Phone Number: {to}")
    if not _ADDRESS.fullmatch(sender):
        raise TwilioRefused(400, 63007, "Twilio could not find a Channel with the specified From address")
    world.register.last_sender = sender
    return to, sender


def _check_validity(given: str) -> None:
    if given and not (given.isdigit() and 1 <= int(given) <= MOST_VALID_SECONDS):
        raise TwilioRefused(400, 21626, "The 'ValidityPeriod' is out of range")


def _content(world: World, sid: str, variables: str) -> tuple[Json, int | None]:
    """The filled template and the code it will fail with."""
    if not sid:
        return {}, None
    content = world.register.contents.get(sid)
    if content is None:
        raise TwilioRefused(400, 21655, f"The ContentSid {sid} is invalid.")
    given = variables_of(variables)
    try:
        return fill(content, given), None
    except Misfilled as trouble:
        return {"text": ""}, trouble.code
