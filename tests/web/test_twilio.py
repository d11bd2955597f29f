"""Twilio's webhooks: the signature over our public address, whatever the proxy in between calls us."""

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlparse

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, update
from twilio.request_validator import RequestValidator, add_port, remove_port

from bot.services.deliveries import Settlement
from bot.services.notices import Promise, Recipient
from bot.services.unit import Units
from bot.store.endpoints import Endpoint
from bot.store.notices import Notice
from bot.terms import Messenger, NoticeKind, NoticeState
from bot.web.twilio import Signature
from tests.services import cast
from tests.stage import AUTH
from tests.web.conftest import PUBLIC, Site, site_of

INBOUND, STATUS = "/twilio/inbound", "/twilio/status"
FORM = {
    "MessageSid": "SM" + "1" * 32, "From": "whatsapp:+77010000001", "To": "whatsapp:+77010000000", "Body": "Сәлем & көмек",
    "NumMedia": "0", "ProfileName": "Айгүл", "WaId": "77010000001", "ButtonText": "",
}  # fmt: skip


def sign(path: str, form: dict[str, str], token: str = AUTH, base: str = PUBLIC) -> str:
    return str(RequestValidator(token).compute_signature(base + path, form))


async def post(site: Site, path: str, form: dict[str, str], signature: str | None = None, **headers: str) -> Any:
    given = sign(path, form) if signature is None else signature
    headers |= {"X-Twilio-Signature": given} if given else {}
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    async with site.client(**headers) as client:
        return await client.post(path, content=urlencode(form).encode())


async def test_a_signed_form_is_stored_and_answered_with_empty_twiml(site: Site) -> None:
    answer = await post(site, INBOUND, FORM)
    assert (answer.status_code, answer.text) == (200, "<Response/>")
    assert answer.headers["content-type"].startswith("text/xml")
    (row,) = await site.inbox()
    assert (row.messenger, row.external_id) == ("whatsapp", FORM["MessageSid"])
    assert row.payload["form"] == FORM
    assert b"77010000001" not in row.payload_sealed + row.sender


@pytest.mark.parametrize(
    "signature",
    ["", "x", sign(INBOUND, FORM)[:-1], sign(INBOUND, FORM, "another-token"), sign(INBOUND, FORM | {"Body": "Сәлем"})],
)
async def test_a_missing_wrong_or_foreign_signature_is_refused(site: Site, signature: str) -> None:
    assert (await post(site, INBOUND, FORM, signature)).status_code == 403
    assert await site.inbox() == []


async def test_one_changed_byte_anywhere_is_refused(site: Site) -> None:
    signature = sign(INBOUND, FORM)
    for name, value in FORM.items():
        changed = FORM | {name: value + "1"}
        assert (await post(site, INBOUND, changed, signature)).status_code == 403, name
    assert (await post(site, INBOUND, FORM | {"More": "1"}, signature)).status_code == 403
    fewer = {name: value for name, value in FORM.items() if name != "WaId"}
    assert (await post(site, INBOUND, fewer, signature)).status_code == 403
    for path in (STATUS, INBOUND + "?a=1"):
        assert (await post(site, path, FORM, signature)).status_code == 403
    assert await site.inbox() == []


async def test_a_signature_for_another_host_is_refused(site: Site) -> None:
    for base in ("http://gateway.internal:8080", "https://korshi.example.org", "http://korshi.example.kz"):
        assert (await post(site, INBOUND, FORM, sign(INBOUND, FORM, base=base))).status_code == 403
    assert await site.inbox() == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "korshi.example.kz"}, {"Host": "10.0.0.5:8080"}, {"X-Forwarded-Proto": "http"},
        {"X-Forwarded-Host": "evil.example"}, {"X-Forwarded-Port": "8443"}, {"Forwarded": "proto=http;host=evil.example"},
        {"X-Original-URL": "/elsewhere"}, {"X-Forwarded-Prefix": "/bot"},
    ],
)  # fmt: skip
async def test_whatever_the_proxy_says_the_configured_address_counts(site: Site, headers: dict[str, str]) -> None:
    assert (await post(site, INBOUND, FORM, **headers)).status_code == 200


async def test_a_public_address_with_a_path_and_a_port(units: Units, tmp_path: Path) -> None:
    base = "https://korshi.example.kz:8443/bot"
    async for site in site_of(units, tmp_path, public_url=base):
        assert (await post(site, INBOUND, FORM, sign(INBOUND, FORM, base=base))).status_code == 200
        assert (await post(site, INBOUND, FORM, sign(INBOUND, FORM))).status_code == 403


async def test_the_same_message_twenty_times_is_one_row(site: Site) -> None:
    answers = await asyncio.gather(*(post(site, INBOUND, FORM) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(await site.inbox()) == 1


FILES = FORM | {
    "NumMedia": "3", "Body": "Міне, суреттер", "MediaUrl0": "https://api.twilio.com/m/0", "MediaContentType0": "image/jpeg",
    "MediaUrl1": "https://api.twilio.com/m/1", "MediaContentType1": "video/mp4",
    "MediaUrl2": "https://api.twilio.com/m/2", "MediaContentType2": "application/pdf",
}  # fmt: skip


async def test_a_message_with_three_files_is_three_rows_however_often_it_comes(site: Site) -> None:
    for _ in range(2):
        assert (await post(site, INBOUND, FILES)).status_code == 200
    found = [(row.external_id, row.payload["form"]) for row in await site.inbox()]
    sid = FORM["MessageSid"]
    assert [key for key, _form in found] == [sid, f"{sid}/1", f"{sid}/2"]
    assert [
        (form["Body"], form["MediaUrl0"].rpartition("/")[2], form["MediaContentType0"]) for _key, form in found
    ] == [("Міне, суреттер", "0", "image/jpeg"), ("", "1", "video/mp4"), ("", "2", "application/pdf")]
    assert {form["From"] for _key, form in found} == {FORM["From"]}


@pytest.mark.parametrize(("count", "rows"), [("", 1), ("0", 1), ("1", 1), ("x", 1), ("-3", 1), ("²", 1), ("9999", 3)])
async def test_only_files_that_are_there_are_counted(site: Site, count: str, rows: int) -> None:
    assert (await post(site, INBOUND, FILES | {"NumMedia": count})).status_code == 200
    assert len(await site.inbox()) == rows


async def test_a_signed_form_without_a_message_is_refused(site: Site) -> None:
    for name in ("MessageSid", "From"):
        assert (await post(site, INBOUND, FORM | {name: ""})).status_code == 400
    assert await site.inbox() == []


async def test_a_body_over_a_megabyte_is_refused(site: Site) -> None:
    assert (await post(site, INBOUND, FORM | {"Body": "x" * 1_100_000})).status_code == 413
    assert await site.inbox() == []


# -- the signature, beside Twilio's own

ADDRESSES = [
    "https://korshi.example.kz", "https://korshi.example.kz:443", "https://korshi.example.kz:8443/bot",
    "http://korshi.example.kz", "http://korshi.example.kz:80", "http://10.0.0.5:8080", "HTTPS://Korshi.Example.kz",
    "https://[2001:db8::1]", "https://[2001:db8::1]:8443", "https://user@korshi.example.kz:8443",
]  # fmt: skip
QUERIES = ["", "n=7", "n=7&n=8", "n=%D2%9B&x=", "a=b?c=d", "bodySHA256=00", "n=1+2%2B3", "x=;y"]
FORMS: list[dict[str, str]] = [
    {}, FORM, {"B": "2", "A": "1", "a": "3"}, {"Body": ""}, {"Body": "а\nб\r\n", "ё": "қ"}, {"Body": "\ufffd\U0001f198"},
]  # fmt: skip


@pytest.mark.parametrize("base", ADDRESSES)
def test_what_twilio_s_validator_takes_is_taken_and_nothing_else(base: str) -> None:
    theirs, ours = RequestValidator(AUTH), Signature(AUTH, base + STATUS)
    taken = 0
    for query in QUERIES:
        url = base + STATUS + (f"?{query}" if query else "")
        for form in FORMS:
            signatures = ["", "x", "ё", "="]
            for variant in (url, remove_port(urlparse(url)), add_port(urlparse(url)), url + "?", url.upper()):
                right = theirs.compute_signature(variant, form)
                signatures += [right, right[:-1], right + "=", right.lower(), f" {right}"]
                signatures.append(RequestValidator("other").compute_signature(variant, form))
                signatures.append(theirs.compute_signature(variant, form, "HMAC_SHA256"))
            for signature in signatures:
                wanted = theirs.validate(url, form, signature)
                assert ours.fits(query.encode(), form, signature.encode()) is wanted, (url, form, signature)
                taken += wanted
    assert taken >= len(QUERIES) * len(FORMS)


@given(
    form=st.dictionaries(st.text(max_size=9), st.text(max_size=40), max_size=8),
    query=st.from_regex(r"(\w=[\w%+&=.?-]*)?", fullmatch=True),
)
def test_any_form_and_query(form: dict[str, str], query: str) -> None:
    theirs, ours = RequestValidator(AUTH), Signature(AUTH, PUBLIC + STATUS)
    form = {_sendable(name): _sendable(value) for name, value in form.items()}
    query = query.encode("ascii", "ignore").decode()
    url = PUBLIC + STATUS + (f"?{query}" if query else "")
    right = theirs.compute_signature(url, form)
    for signature in (right, right[::-1]):
        assert ours.fits(query.encode(), form, signature.encode()) is theirs.validate(url, form, signature)


def _sendable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


async def test_only_posts_are_heard(site: Site) -> None:
    async with site.client() as client:
        for path in (INBOUND, STATUS):
            assert (await client.get(path)).status_code == 405


# -- status callbacks


async def sent_notice(site: Site) -> int:
    async with site.units() as unit:
        person = await cast.newcomer(unit, "+77010000001", Messenger.WHATSAPP)
        await unit.notices.promise(Promise(NoticeKind.APOLOGY, Recipient(resident_id=person.id)))
    (row,) = await cast.rows(site.units, Notice)
    async with site.units() as unit:
        (delivery,) = await unit.deliveries.claim([row.id])
        await unit.deliveries.settle([Settlement(delivery.id, delivery.fence, NoticeState.SENT, message="SM9")])
    return int(row.id)


async def state_of(site: Site) -> tuple[str, str]:
    (row,) = await cast.rows(site.units, Notice)
    return row.state, row.error


async def test_a_callback_moves_its_notice_upwards_only(site: Site) -> None:
    path = f"{STATUS}?n={await sent_notice(site)}"
    for status, state in (
        ("queued", "sent"), ("delivered", "delivered"), ("sent", "delivered"), ("read", "read"), ("failed", "read"),
        ("something new", "read"),
    ):  # fmt: skip
        answer = await post(site, path, {"MessageSid": "SM9", "MessageStatus": status, "SurpriseField": "1"})
        assert answer.status_code == 204
        assert await state_of(site) == (state, "")


async def test_a_failure_keeps_its_code(site: Site) -> None:
    path = f"{STATUS}?n={await sent_notice(site)}"
    form = {"MessageSid": "SM9", "MessageStatus": "undelivered", "ErrorCode": "63021"}
    assert (await post(site, path, form)).status_code == 204
    assert await state_of(site) == ("failed", "63021")


async def test_a_closed_window_told_later_brings_it_back_for_its_template_once(site: Site) -> None:
    path = f"{STATUS}?n={await sent_notice(site)}"
    form = {"MessageSid": "SM9", "MessageStatus": "undelivered", "ErrorCode": "63016"}
    for state in (("due", "no_window"), ("skipped", "no_template")):
        assert (await post(site, path, form)).status_code == 204
        assert await state_of(site) == state


async def test_hundreds_at_once_are_few_transactions_and_none_is_lost(site: Site) -> None:
    path = f"{STATUS}?n={await sent_notice(site)}"
    commits: list[int] = []
    event.listen(site.units.house.database.writer.sync_engine, "commit", lambda _connection: commits.append(1))
    statuses = ["sent", "delivered", "read", "delivered", "sent"] * 20  # in no order, and again and again
    forms = [{"MessageSid": "SM9", "MessageStatus": status} for status in statuses]
    answers = await asyncio.gather(*(post(site, path, form) for form in forms))
    assert {answer.status_code for answer in answers} == {204}
    assert await state_of(site) == ("read", "")
    assert len(commits) < len(forms) / 4


async def test_a_number_without_whatsapp_is_closed_until_it_writes_again(site: Site) -> None:
    path = f"{STATUS}?n={await sent_notice(site)}"
    form = {"MessageSid": "SM9", "MessageStatus": "undelivered", "ErrorCode": "63024"}
    assert (await post(site, path, form)).status_code == 204
    assert await state_of(site) == ("failed", "63024")
    assert {endpoint.state for endpoint in await cast.rows(site.units, Endpoint)} == {"open"}  # it may be a mistake
    async with site.units.house.database.writing() as session:
        await session.execute(update(Notice).values(state="sent"))
    assert (await post(site, path, form)).status_code == 204
    async with site.units() as unit:
        known = await unit.residents.known(Messenger.WHATSAPP, "+77010000001")
        assert known is not None
    where = Endpoint.id == known.endpoint_id
    (closed,) = await cast.rows(site.units, Endpoint, where)
    assert (closed.state, closed.state_reason) == ("dead", "63024")
    async with site.units() as unit:
        await cast.newcomer(unit, "+77010000001", Messenger.WHATSAPP)
    (heard,) = await cast.rows(site.units, Endpoint, where)
    assert (heard.state, heard.state_reason) == ("open", "")


async def test_a_callback_with_a_changed_number_or_another_message_changes_nothing(site: Site) -> None:
    number = await sent_notice(site)
    form = {"MessageSid": "SM9", "MessageStatus": "failed"}
    signature = sign(f"{STATUS}?n={number + 1}", form)
    assert (await post(site, f"{STATUS}?n={number}", form, signature)).status_code == 403
    assert (await post(site, f"{STATUS}?n={number}", form | {"MessageSid": "SM8"})).status_code == 204
    assert (await post(site, f"{STATUS}?n={number + 1}", form)).status_code == 204
    for foreign in ("", "?n=", "?n=x", "?n=-1", "?n=" + "9" * 30, "?n=%D9%A1"):
        assert (await post(site, STATUS + foreign, form)).status_code == 204
    assert await state_of(site) == ("sent", "")
