"""Which hosts a file may be fetched from."""

import asyncio
import ipaddress
import socket


async def is_public_host(host: str) -> bool:
    """Every address the name resolves to is public: no metadata service, no neighbour on the LAN."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except OSError:
        return False
    addresses = [ipaddress.ip_address(item[4][0]) for item in found]
    return bool(addresses) and all(address.is_global and not address.is_multicast for address in addresses)
