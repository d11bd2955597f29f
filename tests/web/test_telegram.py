"""Telegram's webhook: no secret, no row."""

import asyncio
import json

import pytest

from tests.stage import SECRET
from tests.web.conftest import Site

PATH = "/telegram/webhook"
UPDATE = {
    "update_id": 7,
    "message": {"message_id": 1, "date": 0, "chat": {"id": 5, "type": "private"}, "text": "Сәлем"},
}
PROOF = {"X-Telegram-Bot-Api-Secret-Token": SECRET}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Telegram-Bot-Api-Secret-Token": ""},
        {"X-Telegram-Bot-Api-Secret-Token": SECRET + "x"},
        {"X-Telegram-Bot-Api-Secret-Token": SECRET.upper()},
        {"X-Telegram-Bot-Api-Secret-Token": SECRET[:-1]},
        {"X-Telegram-Bot-Api-Secret": SECRET},
        {"Authorization": f"Bearer {SECRET}"},
        {"X-Forwarded-For": "149.154.167.220", "X-Real-IP": "149.154.167.220"},
    ],
)
async def test_without_the_secret_nothing_is_stored(site: Site, headers: dict[str, str]) -> None:
    async with site.client("149.154.167.220", **headers) as client:
        for body in (UPDATE, {"update_id": "x"}, []):
            assert (await client.post(PATH, json=body)).status_code == 401
        assert (await client.post(PATH, content=b"x" * 3_000_000)).status_code == 401
    assert await site.inbox() == []


async def test_a_secret_that_is_not_ascii_is_only_wrong(site: Site) -> None:
    async with site.client() as client:
        answer = await client.post(PATH, json=UPDATE, headers=[(b"X-Telegram-Bot-Api-Secret-Token", b"\xc3\xa9\xff")])
    assert answer.status_code == 401


async def test_an_update_is_stored_before_the_answer(site: Site) -> None:
    async with site.client(**PROOF) as client:
        answer = await client.post(PATH, json=UPDATE)
    assert (answer.status_code, answer.content) == (200, b"")
    (row,) = await site.inbox()
    assert (row.messenger, row.external_id, row.payload) == ("telegram", "7", UPDATE)
    assert [item.id for item in site.woken] == [row.id]


async def test_the_same_update_fifty_times_is_one_row(site: Site) -> None:
    async with site.client(**PROOF) as client:
        answers = await asyncio.gather(*(client.post(PATH, json=UPDATE) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(await site.inbox()) == 1
    assert len(site.woken) == 1


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b"{}", b'{"update_id": "7"}', b'{"update_id": null}', b"\xff\xfe", b"NaN"]
)
async def test_what_is_no_update_is_refused_and_not_stored(site: Site, body: bytes) -> None:
    async with site.client(**PROOF) as client:
        assert (await client.post(PATH, content=body)).status_code == 400
    assert await site.inbox() == []


async def test_a_body_over_a_megabyte_is_refused(site: Site) -> None:
    big = json.dumps(UPDATE | {"filler": "x" * (1024 * 1024)}).encode()

    async def pieces():  # type: ignore[no-untyped-def]  # without a Content-Length too
        for start in range(0, len(big), 65536):
            yield big[start : start + 65536]

    async with site.client(**PROOF) as client:
        assert (await client.post(PATH, content=big)).status_code == 413
        assert (await client.post(PATH, content=pieces())).status_code == 413
        assert (await client.post(PATH, json=UPDATE | {"filler": "x" * 900_000})).status_code == 200
    assert len(await site.inbox()) == 1


async def test_a_database_that_cannot_write_is_not_acknowledged(site: Site) -> None:
    """Telegram delivers again what was not acknowledged."""
    async with site.units.house.database.writing() as session:
        from sqlalchemy import text

        await session.execute(text("ALTER TABLE inbox RENAME TO inbox_elsewhere"))
    async with site.client(**PROOF) as client:
        with pytest.raises(ConnectionError):
            await client.post(PATH, json=UPDATE)
    async with site.units.house.database.writing() as session:
        await session.execute(text("ALTER TABLE inbox_elsewhere RENAME TO inbox"))
    async with site.client(**PROOF) as client:
        assert (await client.post(PATH, json=UPDATE)).status_code == 200


async def test_other_methods_find_nothing_here(site: Site) -> None:
    async with site.client(**PROOF) as client:
        assert (await client.get(PATH)).status_code == 405
        for path in ("/docs", "/openapi.json", "/redoc", "/"):
            assert (await client.get(path)).status_code == 404
