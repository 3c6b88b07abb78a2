"""Which addresses we may connect to on a stranger's word, and a network that connects to no other."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import httpcore2

from kineograph.core.errors import ImageError, OperatorError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Addresses tried per host before giving up; a name may have dozens.
TRIES = 4

# Global unicast is all of IPv6 that is routed (RFC 4291 §2.4); within it, what the registry reserves.
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_SIXTOFOUR = IPv6Network("2002::/16")  # RFC 3056: bits 16–48 are one
# Not global whatever the interpreter's table says: older Pythons call some of these global.
_NEVER: tuple[Network, ...] = (
    IPv4Network("192.0.0.0/24"),  # RFC 6890, protocol assignments (192.0.0.192 is a cloud's metadata service)
    IPv4Network("192.88.99.0/24"),  # RFC 7526, the retired 6to4 relays
    IPv4Network("100.64.0.0/10"),  # RFC 6598, carriers' own
    IPv4Network("240.0.0.0/4"),
    IPv6Network("2001::/23"),  # RFC 2928: Teredo, benchmarking, ORCHID
    IPv6Network("2001:db8::/32"),
    IPv6Network("3fff::/20"),  # RFC 9637, documentation
)


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """`10.1.0.0/16` and the like. Raises OperatorError naming the one that is wrong."""
    networks: list[Network] = []
    for text in texts:
        try:
            networks.append(ipaddress.ip_network(text.strip(), strict=False))
        except ValueError as error:
            raise OperatorError(f"KINEO_FETCH_ALLOW: {text!r} is no network; write 10.1.0.0/16 or fd00::/8") from error
    return tuple(networks)


def literal(host: str) -> Address | None:
    """The address a host name spells out, or None if it has to be looked up.

    Reads what a system resolver reads without asking anybody: dotted, decimal, octal and hexadecimal IPv4
    (`2130706433`, `0x7f.1`), IPv6, and `localhost` (RFC 6761).
    """
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return IPv4Address("127.0.0.1")
    try:
        return ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(name))
    except OSError:
        return None


def permitted(address: Address, allow: Sequence[Network] = ()) -> bool:
    """Whether to connect: the address is on the public internet, or the operator allows its network.

    An IPv4 address inside an IPv6 one (mapped, NAT64, 6to4) is judged as what it is.
    """
    inner = _inner(address)
    if any(inner.version == network.version and inner in network for network in allow):
        return True
    return _public(inner)


def _inner(address: Address) -> Address:
    """The IPv4 address that packets to this one end at, or the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _SIXTOFOUR:
        return IPv4Address((int(address) >> 80) & 0xFFFFFFFF)
    return address


def _public(address: Address) -> bool:
    """Routed on the internet, one host, not reserved."""
    if any(address.version == network.version and address in network for network in _NEVER):
        return False
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


class GuardedBackend(httpcore2.AsyncNetworkBackend):
    """Looks a host up once, refuses it if any of its addresses is not permitted, and connects to one of those.

    Because the address that was judged is the address that is connected to, a name that answers differently the second
    time (DNS rebinding) gains nothing. The Host header and the TLS server name stay the host's.

    Args:
        allow: Networks of the operator's that are exempt.
    """

    def __init__(self, allow: Sequence[Network] = ()) -> None:
        self._allow = tuple(allow)
        self._inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to a permitted address of the host.

        Raises:
            ImageError: `image_blocked`, or `image_unreachable` where the name is unknown.
        """
        addresses = await self._resolve(host, port, timeout)
        if not all(permitted(address, self._allow) for address in addresses):
            raise ImageError(
                f"{host} is not on the public internet, so it is not fetched; upload the image, or send it as a data URI",
                reason="image_blocked",
            )
        failure: Exception | None = None
        for address in addresses[:TRIES]:
            try:
                return await self._inner.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore2.ConnectError("no address")

    async def _resolve(self, host: str, port: int, timeout: float | None) -> list[Address]:
        """All addresses of a host, asked for once."""
        spelt = literal(host)
        if spelt is not None:
            return [spelt]
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout):
                found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError, TimeoutError) as error:
            raise ImageError(f"no address is known for {host}; check the image's URL") from error
        names = dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found)
        return [ipaddress.ip_address(name) for name in names]
