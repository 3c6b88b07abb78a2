"""Where a request came from and under which address it reached us; forwarded headers only from trusted proxies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.types import Scope

from kineograph.core.errors import OperatorError

_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")

Network = IPv4Network | IPv6Network


def header(scope: Scope, name: bytes) -> str | None:
    """The first header of that name (lower case), latin-1 as HTTP has it."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return None


class Edge:
    """The outside of the service.

    Args:
        public_url: Base of every link, if the operator fixed it.
        trusted_proxies: Addresses and networks; `*` = everybody.
    """

    def __init__(self, public_url: str | None, trusted_proxies: Sequence[str]) -> None:
        self._public = public_url.rstrip("/") if public_url else None
        self._everybody = "*" in trusted_proxies
        self._trusted = [_network(text) for text in trusted_proxies if text != "*"]

    def base_url(self, scope: Scope) -> str:
        """`scheme://host[:port]`, no trailing slash: the setting, else as the caller wrote it."""
        if self._public is not None:
            return self._public
        scheme, host = str(scope.get("scheme", "http")), header(scope, b"host")
        if self._trusts(_peer(scope)):
            scheme = _first(header(scope, b"x-forwarded-proto")) or scheme
            host = _first(header(scope, b"x-forwarded-host")) or host
        if scheme not in {"http", "https"}:
            scheme = "http"
        if host is None or not _HOST.fullmatch(host):  # a forged Host must not end up in a link
            name, port = scope.get("server") or ("localhost", None)
            host = f"{name}:{port}" if port else str(name)
        return f"{scheme}://{host}"

    def address(self, scope: Scope) -> str:
        """The caller's address; of IPv6 the /64, which is one household's."""
        return _household(self.caller(scope))

    def caller(self, scope: Scope) -> str:
        """The caller's whole address."""
        peer = _peer(scope)
        if self._trusts(peer):
            hops = [hop.strip() for hop in (header(scope, b"x-forwarded-for") or "").split(",") if hop.strip()]
            # From the right: the nearest hop was written by our own proxy, the leftmost by whoever likes.
            peer = next((hop for hop in reversed(hops) if not self._trusts(hop)), hops[0] if hops else peer)
        return peer

    def _trusts(self, address: str) -> bool:
        if self._everybody:
            return True
        if not self._trusted:
            return False
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._trusted)


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def _first(value: str | None) -> str | None:
    return value.split(",")[0].strip() if value else None


def _household(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(IPv6Network((parsed, 64), strict=False))
    return str(parsed)


def _network(text: str) -> Network:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        raise OperatorError(
            f"trusted_proxies: {text!r} is no address or network; write one such as 10.0.0.0/8"
        ) from None
