"""Which hosts a redirect may lead to."""

import pytest

from bot.channels.net import is_public_host


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "localhost", "0.0.0.0", "10.0.0.5", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "224.0.0.1", "::1", "::", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "2130706433", "0x7f000001", "",
    ],
)  # fmt: skip
async def test_neighbours_and_metadata_services_are_not_public(host: str) -> None:
    assert not await is_public_host(host)


@pytest.mark.parametrize("host", ["8.8.8.8", "2606:4700:4700::1111"])
async def test_the_world_is_public(host: str) -> None:
    assert await is_public_host(host)
