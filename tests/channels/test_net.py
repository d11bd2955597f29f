"""Which hosts a redirect may lead to, also when a name answers differently the second time."""

import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientConnectorError, web
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.channels.net import NotPublic, PublicResolver, is_public_address

PRIVATE = [
    "127.0.0.1", "0.0.0.0", "10.0.0.5", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1",
    "::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
    "2002:7f00:1::", "ff02::1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808"]


class Answers(AbstractResolver):
    """A name server that says each of its answers once and then goes on with the last."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        addresses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            {"hostname": host, "host": address, "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}
            for address in addresses
        ]

    async def close(self) -> None: ...


@pytest.mark.parametrize("address", PRIVATE)
async def test_neighbours_and_metadata_services_are_not_public(address: str) -> None:
    assert not is_public_address(address)
    assert not await PublicResolver(Answers(["8.8.8.8"])).allows(address)
    with pytest.raises(NotPublic):
        await PublicResolver(Answers([address])).resolve("cdn.example")


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f000001", "", "no.such.name.invalid"])
async def test_names_of_this_machine_and_of_nothing_are_refused(host: str) -> None:
    assert not await PublicResolver().allows(host)


@pytest.mark.parametrize("address", PUBLIC)
async def test_the_world_is_public(address: str) -> None:
    assert await PublicResolver(Answers([])).allows(address)
    assert [item["host"] for item in await PublicResolver(Answers([address])).resolve("cdn.example")] == [address]


async def test_one_private_address_among_public_ones_refuses_the_name() -> None:
    resolver = PublicResolver(Answers(["8.8.8.8", "10.0.0.5"]))
    assert not await resolver.allows("cdn.example")
    assert not await PublicResolver(Answers([])).allows("cdn.example")


@pytest.fixture
async def neighbour() -> AsyncIterator[tuple[int, list[str]]]:
    """A service on this machine that must not be reached: its port, and what it was asked."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(text="secret")

    app = web.Application()
    app.router.add_get("/{tail:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    (address,) = runner.addresses
    yield address[1], asked
    await runner.cleanup()


async def test_a_name_that_turns_private_between_the_look_and_the_connection_is_not_reached(
    neighbour: tuple[int, list[str]],
) -> None:
    port, asked = neighbour
    answers = Answers(["8.8.8.8"], ["127.0.0.1"])
    resolver = PublicResolver(answers)
    assert await resolver.allows("cdn.example")
    async with resolver.session(5) as session:
        for _ in range(2):
            with pytest.raises(ClientConnectorError) as refused:
                await session.get(f"http://cdn.example:{port}/latest/meta-data")
            assert isinstance(refused.value.os_error, NotPublic)
    assert asked == []
    assert answers.asked == ["cdn.example"] * 3
