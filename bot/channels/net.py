"""Which hosts a file may be fetched from: asked at the moment of connecting, so that no second answer slips in."""

import ipaddress
import socket

from aiohttp import ClientSession, ClientTimeout, DefaultResolver, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

NAT64 = ipaddress.ip_network("64:ff9b::/96")


class NotPublic(OSError):
    """The name leads to this machine, to a neighbour on the LAN or to a metadata service."""


class PublicResolver(AbstractResolver):
    """Gives a connection public addresses only. A name that has a private one among them is refused as a whole."""

    def __init__(self, resolver: AbstractResolver | None = None) -> None:
        self._resolver = resolver

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Raises NotPublic, or OSError when there is no such name."""
        if self._resolver is None:
            self._resolver = DefaultResolver()  # wants a running loop
        found = await self._resolver.resolve(host, port, family)
        if not found or not all(is_public_address(item["host"]) for item in found):
            raise NotPublic(f"{host} is not public")
        return found

    async def close(self) -> None:
        if self._resolver is not None:
            await self._resolver.close()

    async def allows(self, host: str) -> bool:
        """A first look: a connection asks again by itself, but never about an address written in digits."""
        try:
            return is_public_address(host) or (not _is_address(host) and bool(await self.resolve(host, 443)))
        except (OSError, UnicodeError):
            return False

    def session(self, seconds: float) -> ClientSession:
        """Connects to what this resolver lets through; what was resolved is not remembered."""
        connector = TCPConnector(resolver=self, use_dns_cache=False)
        return ClientSession(connector=connector, timeout=ClientTimeout(total=seconds))


def is_public_address(text: str) -> bool:
    """False for names too. An IPv4 address inside an IPv6 one is what counts."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            address = inner
    return address.is_global and not address.is_multicast


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
