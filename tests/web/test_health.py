"""Everybody may ask whether it lives; details are for this machine or for the token."""

from pathlib import Path

import pytest
from sqlalchemy import text

from bot.services.unit import Units
from tests.web.conftest import Site, site_of

OUTSIDE = "203.0.113.5"


async def test_alive_is_said_to_everybody(site: Site) -> None:
    async with site.client(OUTSIDE) as client:
        answer = await client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"ok": True})


async def test_ready_is_said_to_everybody_and_why_only_here(site: Site) -> None:
    async with site.client(OUTSIDE) as client:
        assert (await client.get("/readyz")).json() == {"ok": True}
    async with site.client() as client:
        found = (await client.get("/readyz")).json()
    assert found == {"ok": True, "schema_at_head": True, "channels": ["telegram", "whatsapp"]}


async def test_not_ready_before_the_dialogs_run_or_with_an_old_schema(site: Site) -> None:
    site.is_ready = False
    async with site.client(OUTSIDE) as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"ok": False})
    site.is_ready = True
    async with site.units.house.database.writing() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '20000101'"))
    async with site.client() as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["schema_at_head"] is False


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "127.8.8.8"])
async def test_metrics_are_for_this_machine(site: Site, host: str) -> None:
    async with site.client(host) as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert "# HELP" in answer.text


@pytest.mark.parametrize(
    ("host", "headers"),
    [
        (OUTSIDE, {}), ("10.0.0.5", {}), ("not an address", {}),
        (OUTSIDE, {"X-Forwarded-For": "127.0.0.1"}), ("127.0.0.1", {"X-Forwarded-For": OUTSIDE}),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}), (OUTSIDE, {"Host": "localhost"}),
    ],
)  # fmt: skip
async def test_to_others_and_through_a_proxy_metrics_do_not_exist(
    site: Site, host: str, headers: dict[str, str]
) -> None:
    async with site.client(host, **headers) as client:
        assert (await client.get("/metrics")).status_code == 404
        assert (await client.get("/readyz")).json() == {"ok": True}


async def test_with_a_token_the_token_counts_and_nothing_else(units: Units, tmp_path: Path) -> None:
    async for site in site_of(units, tmp_path, metrics_token="a-long-word"):
        async with site.client(OUTSIDE, Authorization="Bearer a-long-word") as client:
            assert (await client.get("/metrics")).status_code == 200
        for wrong in ({}, {"Authorization": "Bearer a-long-wor"}, {"Authorization": "Basic a-long-word"}):
            async with site.client(**wrong) as client:
                assert (await client.get("/metrics")).status_code == 404
