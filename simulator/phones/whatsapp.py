"""What a person does in WhatsApp, turned into Twilio's inbound webhooks."""

from typing import Any

from simulator.phones.acts import MEDIA_KINDS, CannotDo, attachment_of
from simulator.phones.buttons import choose
from simulator.phones.telegram import ASTANA
from simulator.telegram.files import store
from simulator.things import BOT, Json, Line, Person, StoredFile
from simulator.twilio.delivery import Delivery
from simulator.twilio.records import API, Message
from simulator.world import World

_MIMES = {"photo": "image/jpeg", "voice": "audio/ogg", "sticker": "image/webp", "video_note": "video/mp4"}


def _delivery(world: World) -> Delivery:
    if world.register.delivery is None:
        raise CannotDo("Twilio's stand-in is not running", 503)
    return world.register.delivery


def _incoming(world: World, person: Person, raw: Json, form: Json, kind: str, order: Json) -> Line:
    """Keep the person's message and queue its webhook. Writing opens the 24-hour window."""
    if person.blocked:
        raise CannotDo(f"{person.id} has blocked the bot; unblock first")
    delivery, register, now = _delivery(world), world.register, world.now()
    files: list[StoredFile] = [world.files[file_id] for file_id in raw.get("media", [])]
    account, phone = register.last_account, person.phone or ""
    sid = ("MM" if files else "SM") + world.hex()
    form = {
        "AccountSid": account,
        "ApiVersion": API,
        "Body": "",
        "From": f"whatsapp:{phone}",
        "MessageSid": sid,
        "MessageType": kind,
        "NumMedia": str(len(files)),
        "NumSegments": "1",
        "ProfileName": person.name,
        "ReferralNumMedia": "0",
        "SmsMessageSid": sid,
        "SmsSid": sid,
        "SmsStatus": "received",
        "To": register.last_sender,
        "WaId": phone.lstrip("+"),
        **form,
    }
    media = [{"sid": "ME" + world.hex(), "file": file.id, "created": now} for file in files]
    if order.get("forward_from") or order.get("forwarded"):
        form["Forwarded"] = "true"
        if order.get("frequently"):
            form["FrequentlyForwarded"] = "true"
    if order.get("reply_to"):
        form["OriginalRepliedMessageSid"] = str(order["reply_to"])
        form["OriginalRepliedMessageSender"] = register.last_sender
    message = Message(
        sid,
        account,
        form["From"],
        form["To"],
        form["Body"],
        "inbound",
        "received",
        now,
        now,
        now,
        person.id,
        media=media,
    )
    for index, (item, file) in enumerate(zip(media, files, strict=True)):
        form[f"MediaUrl{index}"] = f"{world.own_url}{message.uri}/Media/{item['sid']}"
        form[f"MediaContentType{index}"] = file.mime
    register.keep(message)
    person.last_inbound, person.started = now, True
    world.keep_person(person)
    line = world.keep_line(Line(person.id, sid, person.id, person.name, now, raw, "whatsapp", status="sent"))
    delivery.receive(person.id, form)
    return line


def say(world: World, person: Person, order: Json) -> Line:
    text = str(order.get("text") or "").strip()
    if not text:
        raise CannotDo("text is empty", 400)
    return _incoming(world, person, {"text": text}, {"Body": text}, "text", order)


def start(world: World, person: Person, payload: str) -> Line:
    """A wa.me link opens the chat with this text already written."""
    return say(world, person, {"text": f"start {payload}".strip()})


def send(world: World, person: Person, order: Json) -> Line:
    kind, caption = str(order.get("kind")), str(order.get("caption") or "").strip()
    if kind == "location":
        latitude = float(order.get("latitude") or ASTANA[0])
        longitude = float(order.get("longitude") or ASTANA[1])
        form: Json = {"Latitude": str(latitude), "Longitude": str(longitude)}
        form |= {name: str(order[name.lower()]) for name in ("Address", "Label") if order.get(name.lower())}
        raw: Json = {"text": "", "location": {"latitude": latitude, "longitude": longitude}}
        return _incoming(world, person, raw, form, "location", order)
    if kind == "contact":
        phone = str(order.get("phone_number") or person.phone or "")
        name = str(order.get("first_name") or person.name)
        file = store(world, "document", vcard(name, phone), "contact.vcf", "text/vcard")
        raw = {"text": "", "media": [file.id], "contact": {"phone_number": phone, "first_name": name}}
        return _incoming(world, person, raw, {}, "contacts", order)
    if kind not in MEDIA_KINDS:
        raise CannotDo(f"unknown kind {kind}", 400)
    given = attachment_of(order)
    file = store(world, kind, given.content, given.name, given.mime or _MIMES.get(kind), given.size)
    body = caption or (given.name if kind == "document" else "")
    wire = {"photo": "image", "voice": "audio", "video_note": "video"}.get(kind, kind)
    return _incoming(world, person, {"text": caption, "media": [file.id]}, {"Body": body}, wire, order)


def vcard(name: str, phone: str) -> bytes:
    lines = ("BEGIN:VCARD", "VERSION:3.0", f"N:;{name};;;", f"FN:{name}")
    digits = phone.lstrip("+")
    return "\r\n".join((*lines, f"TEL;type=CELL;waid={digits}:{phone}", "END:VCARD", "")).encode()


def press(world: World, person: Person, order: Json) -> Json:
    """Press a quick reply or choose an item of a list, by label, payload or number."""
    number, wanted = order.get("message_id"), order.get("button")
    seen: list[str] = []
    for line in reversed(list(world.chat(person.id).lines.values())):
        buttons: list[Json] = line.raw.get("buttons") or []
        if line.sender != BOT or not buttons or line.status == "failed" or (number is not None and line.id != number):
            continue
        found = choose(buttons, wanted, "data")
        if found is not None:
            return _pressed(world, person, line, found)
        seen.extend(button["text"] for button in buttons)
        if isinstance(wanted, int):
            break
    raise CannotDo(f"no button {wanted!r}", 404, buttons=seen)


def _pressed(world: World, person: Person, line: Line, button: Json) -> Json:
    if "url" in button:
        return {"opened": button["url"]}
    label, data = button["text"], button["data"]
    reply: Json = {"reply_to": line.id}
    if button["kind"] == "list":
        form = {"Body": label, "ListId": data, "ListTitle": label}
        kind = "interactive"
    else:
        form = {"Body": label, "ButtonText": label, "ButtonPayload": data}
        kind = "button"
    return {"message_id": _incoming(world, person, {"text": label}, form, kind, reply).id}


def block(world: World, person: Person, blocked: bool) -> None:
    """Nobody is told: messages just do not arrive."""
    person.blocked = blocked
    world.keep_person(person)
    world.changed(person.id)


def set_open(world: World, person: Person, is_open: bool) -> None:
    """An open chat sends read receipts, also for what has come before."""
    person.open = is_open
    world.keep_person(person)
    world.changed(person.id)
    if is_open:
        _delivery(world).opened(person.id)


def shift_window(world: World, person: Person, hours_ago: Any) -> None:
    """Pretend that the person last wrote that many hours ago (null: never)."""
    person.last_inbound = None if hours_ago is None else world.now() - float(hours_ago) * 3600
    world.keep_person(person)
    world.changed(person.id)
