"""The Twilio stand-in, driven by Twilio's own async client."""

import json
from typing import Any

import aiohttp
import pytest
from aiohttp import encode_basic_auth, web
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from simulator.app import Running
from simulator.phones.acts import sample_picture
from simulator.settings import DEFAULT_AUTH_TOKEN
from tests.simulator.actors import ACCOUNT, SENDER, Ear, Hands, Heard, Sim

# Twilio's client still uses what aiohttp is about to remove.
pytestmark = [
    pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The 'auth' parameter is deprecated:DeprecationWarning"),
]
TO = "whatsapp:+77000000001"
QUICK = {
    "sid": "HX" + "1" * 32,
    "friendly_name": "tip_answer_ru",
    "language": "ru",
    "types": {
        "twilio/quick-reply": {
            "body": "По сообщению {{1}} есть ответ.",
            "actions": [{"title": "Открыть", "id": "open:{{1}}"}, {"title": "Позже", "id": "later"}],
        }
    },
    "approval": "approved",
}
LIST = {
    "sid": "HX" + "2" * 32,
    "language": "kk",
    "types": {
        "twilio/list-picker": {
            "body": "Таңдаңыз",
            "button": "Тізім",
            "items": [{"item": "Шу", "id": "noise"}, {"item": "Жарық", "id": "light", "description": "аулада"}],
        }
    },
    "approval": "unsubmitted",
}


def inbound(heard: Heard) -> bool:
    return heard.path == "/twilio/inbound"


def status(heard: Heard) -> bool:
    return heard.path == "/twilio/status"


async def refused(call: Any) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as error:
        await call
    return error.value.status, error.value.code


async def test_a_message_lives_to_be_read(sim: Sim, twilio: Client, ear: Ear) -> None:
    person = await sim.neighbour(started=True)
    await sim.post(f"/people/{person}/open", open=True)
    callback = ear.url + "/twilio/status?n=7&x=%D0%B0"
    sent = await twilio.messages.create_async(to=TO, from_=SENDER, body="Сәлем, *көрші*", status_callback=callback)
    assert (sent.status, sent.direction, sent.num_media) == ("queued", "outbound-api", "0")
    heard = await ear.wait(status, 3)
    assert [one.form["MessageStatus"] for one in heard] == ["sent", "delivered", "read"]
    assert all(ear.is_signed(one, ear.url) for one in heard)
    assert {one.query for one in heard} == {"n=7&x=%D0%B0"}
    shown = await sim.until(person, status="read")
    assert shown["html"] == "Сәлем, <b>көрші</b>"
    fetched = await twilio.messages(sent.sid).fetch_async()
    assert (fetched.status, fetched.body, fetched.error_code) == ("read", "Сәлем, *көрші*", None)


async def test_free_text_needs_an_open_window(sim: Sim, twilio: Client, ear: Ear, hands: Hands) -> None:
    person = await sim.neighbour(last_inbound_hours_ago=23.9)
    url = ear.url + "/twilio/status"
    await twilio.messages.create_async(to=TO, from_=SENDER, body="в окне", status_callback=url)
    await ear.wait(lambda one: one.form.get("MessageStatus") == "delivered")
    hands.pass_seconds(3600)
    await twilio.messages.create_async(to=TO, from_=SENDER, body="поздно", status_callback=url)
    (late,) = await ear.wait(lambda one: one.form.get("MessageStatus") == "failed")
    assert late.form["ErrorCode"] == "63016"
    assert (await sim.last(person))["status"] == "failed"
    await sim.post("/templates", **QUICK)
    variables = json.dumps({"1": "№ 12"})
    sent = await twilio.messages.create_async(
        to=TO, from_=SENDER, content_sid=QUICK["sid"], content_variables=variables
    )
    assert sent.body == "По сообщению № 12 есть ответ."
    shown = await sim.until(person, status="delivered")
    assert [row[0]["text"] for row in shown["buttons"]] == ["Открыть", "Позже"]
    await sim.post(f"/people/{person}/press", button="Открыть")
    (press,) = await ear.wait(inbound)
    assert (press.form["ButtonText"], press.form["ButtonPayload"]) == ("Открыть", "open:№ 12")
    assert press.form["OriginalRepliedMessageSid"] == sent.sid
    await twilio.messages.create_async(to=TO, from_=SENDER, body="снова в окне")
    await sim.until(person, text="снова в окне", status="delivered")


async def test_a_list_is_for_open_windows_only(sim: Sim, twilio: Client, ear: Ear) -> None:
    person = await sim.neighbour(started=True)
    await sim.post("/templates", templates=[LIST])
    await twilio.messages.create_async(to=TO, from_=SENDER, content_sid=LIST["sid"])
    await sim.until(person, status="delivered")
    await sim.post(f"/people/{person}/press", button=2)
    (choice,) = await ear.wait(inbound)
    assert (choice.form["ListId"], choice.form["ListTitle"], choice.form["Body"]) == ("light", "Жарық", "Жарық")
    await sim.post(f"/people/{person}/window", hours_ago=25)
    await twilio.messages.create_async(to=TO, from_=SENDER, content_sid=LIST["sid"])
    assert (await sim.until(person, status="failed"))["error"].startswith("63016")


async def test_inbound_words_are_signed_and_complete(sim: Sim, ear: Ear) -> None:
    person = await sim.neighbour()
    await sim.post(f"/people/{person}/say", text="Қайырлы күн & 1+1", forwarded=True, frequently=True)
    await sim.post(f"/people/{person}/send", kind="location", latitude=51.1, longitude=71.4, label="Үй")
    text, place = await ear.wait(inbound, 2)
    assert ear.is_signed(text, ear.url)
    assert text.form["Body"] == "Қайырлы күн & 1+1"
    assert (text.form["From"], text.form["To"], text.form["WaId"]) == (TO, SENDER, "77000000001")
    assert (text.form["ProfileName"], text.form["NumMedia"], text.form["SmsStatus"]) == ("Ерлан", "0", "received")
    assert (text.form["Forwarded"], text.form["FrequentlyForwarded"]) == ("true", "true")
    assert (place.form["Latitude"], place.form["Longitude"], place.form["Label"]) == ("51.1", "71.4", "Үй")
    assert ear.is_signed(place, ear.url)


async def test_inbound_is_repeated_once(sim: Sim, ear: Ear) -> None:
    person = await sim.neighbour()
    ear.statuses = [500, 500]
    await sim.post(f"/people/{person}/say", text="бір")
    await sim.post(f"/people/{person}/say", text="екі")
    heard = await ear.wait(inbound, 3)
    assert [one.form["Body"] for one in heard] == ["бір", "бір", "екі"]
    assert heard[0].form["MessageSid"] == heard[1].form["MessageSid"]
    assert (await sim.get("/stats"))["webhook_failures"] == 2


async def test_inbound_may_come_twice(sim: Sim, ear: Ear) -> None:
    person = await sim.neighbour()
    await sim.post("/faults", match={"method": "twilio.inbound"}, times=1, fault={"kind": "double_callback"})
    for word in ("бір", "екі"):
        await sim.post(f"/people/{person}/say", text=word)
    assert [one.form["Body"] for one in await ear.wait(inbound, 3)] == ["бір", "бір", "екі"]


async def test_the_public_address_stands_for_the_real_one(sim: Sim, ear: Ear, stand: Running, twilio: Client) -> None:
    stand.world.settings.public_url = "https://korshi.example"
    person = await sim.neighbour()
    await sim.post(f"/people/{person}/say", text="сәлем")
    (heard,) = await ear.wait(inbound)
    assert ear.is_signed(heard, "https://korshi.example")
    callback = "https://korshi.example/twilio/status"
    await twilio.messages.create_async(to=TO, from_=SENDER, body="x", status_callback=callback)
    (told, _) = await ear.wait(status, 2)
    assert ear.is_signed(told, "https://korshi.example")


async def test_files_come_from_people(sim: Sim, ear: Ear, twilio: Client, stand: Running) -> None:
    person = await sim.neighbour()
    await sim.post(f"/people/{person}/send", kind="photo", caption="аула")
    await sim.post(f"/people/{person}/send", kind="contact", phone_number="+77015550000", first_name="Болат")
    photo, contact = await ear.wait(inbound, 2)
    assert (photo.form["NumMedia"], photo.form["MediaContentType0"], photo.form["Body"]) == ("1", "image/jpeg", "аула")
    assert contact.form["MediaContentType0"] == "text/vcard"
    basic = {"Authorization": encode_basic_auth(stand.world.register.last_account, "x")}
    async with aiohttp.ClientSession() as client:
        url = photo.form["MediaUrl0"]
        async with client.get(url, allow_redirects=False) as answer:
            assert (answer.status, (await answer.json())["code"]) == (401, 20003)
        async with client.get(url, headers=basic, allow_redirects=False) as answer:
            assert answer.status == 302
            target = answer.headers["Location"]
        async with client.get(target) as answer:
            assert await answer.read() == sample_picture("photo")
        async with client.get(contact.form["MediaUrl0"], headers=basic) as answer:
            assert b"waid=77015550000" in await answer.read()


async def test_media_is_fetched_from_the_bot(sim: Sim, twilio: Client, ear: Ear, stand: Running) -> None:
    person = await sim.neighbour(started=True)
    app = web.Application()

    async def picture(_request: web.Request) -> web.Response:
        return web.Response(body=sample_picture("photo"), content_type="image/jpeg")

    app.router.add_get("/media/yard.jpg", picture)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    root = "http://{}:{}".format(*runner.addresses[0][:2])
    sent = await twilio.messages.create_async(to=TO, from_=SENDER, body="фото", media_url=[root + "/media/yard.jpg"])
    assert sent.sid is not None
    assert sent.sid.startswith("MM")
    shown = await sim.until(person, status="delivered")
    assert shown["media"]["kind"] == "photo"
    async with sim.client.get(shown["media"]["url"]) as answer:
        assert await answer.read() == sample_picture("photo")
    (item,) = await twilio.messages(sent.sid).media.list_async()
    assert item.content_type == "image/jpeg"
    assert item.sid is not None
    assert await twilio.messages(sent.sid).media(item.sid).delete_async()
    assert await twilio.messages(sent.sid).media.list_async() == []
    url = root + "/media/none.jpg"
    await twilio.messages.create_async(to=TO, from_=SENDER, media_url=[url], status_callback=ear.url + "/twilio/status")
    (failed,) = await ear.wait(lambda one: one.form.get("MessageStatus") == "failed")
    assert failed.form["ErrorCode"] == "63019"
    await runner.cleanup()


async def test_refusals_in_twilios_words(sim: Sim, twilio: Client, stand: Running) -> None:
    await sim.neighbour(started=True)

    def send(**given: Any) -> Any:
        return twilio.messages.create_async(**{"to": TO, "from_": SENDER, **given})

    assert await refused(send(body="ж" * 1601)) == (400, 21617)
    assert await refused(send()) == (400, 21619)
    assert await refused(send(body="x", to="+77000000001")) == (400, 21910)
    assert await refused(send(body="x", to="whatsapp:77000000001")) == (400, 21211)
    assert await refused(send(body="x", status_callback="nonsense")) == (400, 21609)
    assert await refused(send(body="x", validity_period=0)) == (400, 21626)
    assert await refused(send(content_sid="HX" + "9" * 32)) == (400, 21655)
    await sim.post("/templates", **QUICK)
    assert await refused(send(content_sid=QUICK["sid"], content_variables="[1]")) == (400, 21656)
    assert await refused(twilio.messages("SM" + "0" * 32).fetch_async()) == (404, 20404)
    stand.world.settings.auth_token = "other"
    assert await refused(send(body="x")) == (401, 20003)


async def test_how_sending_fails_later(sim: Sim, twilio: Client, ear: Ear) -> None:
    person = await sim.neighbour(started=True)
    await sim.post("/templates", **QUICK)
    url = ear.url + "/twilio/status"

    async def code(**given: Any) -> str:
        ear.heard.clear()
        await twilio.messages.create_async(**{"to": TO, "from_": SENDER, "status_callback": url, **given})
        (told,) = await ear.wait(lambda one: one.form.get("MessageStatus") in ("failed", "undelivered"))
        return told.form["ErrorCode"]

    assert await code(content_sid=QUICK["sid"]) == "63028"
    assert await code(content_sid=QUICK["sid"], content_variables='{"1": "a\\nb"}') == "63013"
    assert await code(body="x", to="whatsapp:+77099999999") == "63024"
    await sim.post(f"/people/{person}/block", blocked=True)
    assert await code(body="x") == "63014"


async def test_messages_are_listed_redacted_and_deleted(sim: Sim, twilio: Client, hands: Hands) -> None:
    person = await sim.neighbour(started=True)
    sent = []
    for number in range(5):
        sent.append(await twilio.messages.create_async(to=TO, from_=SENDER, body=str(number)))
        await sim.until(person, text=str(number), status="delivered")
    assert [m.body for m in await twilio.messages.list_async(to=TO, page_size=2)] == ["4", "3", "2", "1", "0"]
    assert len(await twilio.messages.list_async(to=TO, limit=3)) == 3
    assert await twilio.messages.list_async(to="whatsapp:+77000000009") == []
    day = sent[0].date_created
    assert day is not None
    assert len(await twilio.messages.list_async(date_sent=day.date())) == 5
    assert await twilio.messages.list_async(date_sent_after=day.replace(year=2030)) == []
    redacted = await twilio.messages(sent[0].sid).update_async(body="")
    assert redacted.body == ""
    assert await twilio.messages(sent[0].sid).delete_async()
    assert await refused(twilio.messages(sent[0].sid).fetch_async()) == (404, 20404)


async def test_templates_are_made_and_approved(sim: Sim, twilio: Client) -> None:
    await sim.post("/templates", **QUICK)
    (content,) = await twilio.content.v1.contents.list_async()
    assert (content.sid, content.friendly_name) == (QUICK["sid"], "tip_answer_ru")
    (approved,) = await twilio.content.v1.content_and_approvals.list_async()
    assert approved.approval_requests is not None
    assert approved.approval_requests["status"] == "approved"
    (second,) = await twilio.content.v2.content_and_approvals.list_async()
    assert second.sid == QUICK["sid"]
    assert (await twilio.content.v1.contents(QUICK["sid"]).fetch_async()).language == "ru"
    approval = await twilio.content.v1.contents(QUICK["sid"]).approval_fetch().fetch_async()
    assert approval.whatsapp is not None
    assert approval.whatsapp["status"] == "approved"
    assert await twilio.content.v1.contents(QUICK["sid"]).delete_async()
    assert await twilio.content.v1.contents.list_async() == []


async def test_a_template_by_post(sim: Sim, stand: Running) -> None:
    basic = {"Authorization": encode_basic_auth(ACCOUNT, DEFAULT_AUTH_TOKEN)}
    good = {"friendly_name": "x", "language": "kk", "types": {"twilio/text": {"body": "Сәлем"}}}
    async with aiohttp.ClientSession(stand.url, headers=basic) as client:
        async with client.post("/v1/Content", json=good) as answer:
            assert answer.status == 201
            sid = (await answer.json())["sid"]
        body = {"name": "x", "category": "UTILITY"}
        async with client.post(f"/v1/Content/{sid}/ApprovalRequests/whatsapp", json=body) as answer:
            assert (await answer.json())["status"] == "received"
        bad = good | {"types": {"twilio/quick-reply": {"body": "x", "actions": [{"title": "ж" * 21, "id": "1"}]}}}
        async with client.post("/v1/Content", json=bad) as answer:
            assert answer.status == 400


async def test_the_windows_of_twilio(sim: Sim, twilio: Client, ear: Ear, hands: Hands) -> None:
    person = await sim.neighbour(started=True)
    others = [f"+7700000{i:04d}" for i in range(1000, 1080)]
    await sim.post("/people", people=[{"channel": "whatsapp", "name": "x", "phone": p} for p in others])
    for phone in others:
        await twilio.messages.create_async(to="whatsapp:" + phone, from_=SENDER, body="x")
    assert await refused(twilio.messages.create_async(to=TO, from_=SENDER, body="x")) == (429, 20429)
    hands.pass_seconds(1)
    for _ in range(46):
        await twilio.messages.create_async(to=TO, from_=SENDER, body="x", status_callback=ear.url + "/twilio/status")
    (late,) = await ear.wait(lambda one: one.form.get("MessageStatus") == "failed")
    assert late.form["ErrorCode"] == "63018"
    stats = await sim.get("/stats")
    assert (stats["refused_429"], stats["max_in_any_second_by_channel"]["whatsapp"]) == (1, 80)
    assert stats["sent"]["whatsapp"] == 126
    assert len(await sim.messages(person)) == 46


async def test_ordered_faults(sim: Sim, twilio: Client, ear: Ear) -> None:
    person = await sim.neighbour(started=True)
    url = ear.url + "/twilio/status"

    async def order(times: int = 1, **fault: Any) -> None:
        await sim.post("/faults", match={"method": "twilio.messages", "to": TO}, times=times, fault=fault)

    def send(body: str = "x") -> Any:
        return twilio.messages.create_async(to=TO, from_=SENDER, body=body, status_callback=url)

    await order(kind="429")
    assert await refused(send()) == (429, 20429)
    await order(kind="twilio_error", code=21610, status=400)
    assert await refused(send()) == (400, 21610)
    await order(kind="lost_answer")
    with pytest.raises(aiohttp.ClientError):
        await send("дошло")
    await sim.until(person, text="дошло", status="delivered")
    await order(kind="refuse")
    with pytest.raises(aiohttp.ClientError):
        await send("не дошло")
    assert [m["text"] for m in await sim.messages(person)] == ["дошло"]
    ear.heard.clear()
    await order(kind="callback_error", code=63049, status="undelivered")
    await send()
    (failed,) = await ear.wait(status)
    assert (failed.form["MessageStatus"], failed.form["ErrorCode"]) == ("undelivered", "63049")
    ear.heard.clear()
    await order(kind="double_callback")
    await order(kind="shuffled_callbacks")
    await send()
    heard = await ear.wait(status, 4)
    assert [one.form["MessageStatus"] for one in heard] == ["delivered", "delivered", "sent", "sent"]
    assert (await sim.last(person))["status"] == "delivered"
    await order(kind="late_callback", seconds=0.01)
    await send("поздно")
    await sim.until(person, text="поздно", status="delivered")


async def test_what_was_called_is_known_by_path(sim: Sim, twilio: Client) -> None:
    await sim.neighbour(started=True)
    await twilio.messages.create_async(to=TO, from_=SENDER, body="x")
    called = (await sim.get("/methods"))["twilio"]
    assert called == {"POST /2010-04-01/Accounts/{AccountSid}/Messages.json": ["Body", "From", "To"]}
    assert (await twilio.api.v2010.accounts(ACCOUNT).fetch_async()).status == "active"
