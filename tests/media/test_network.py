import asyncio
import ipaddress
import socket

import pytest

from kineograph.core.errors import ImageError, OperatorError
from kineograph.media.network import GuardedBackend, literal, parse_networks, permitted

PRIVATE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "4000::1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.216.34",
    "192.0.1.1",
    "2606:4700::1111",
    "2a00:1450:4001::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
]


@pytest.mark.parametrize("text", PRIVATE)
def test_addresses_that_are_not_on_the_internet_are_not_permitted(text: str) -> None:
    assert not permitted(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_are_permitted(text: str) -> None:
    assert permitted(ipaddress.ip_address(text))


def test_the_operators_networks_are_exempt_and_no_others() -> None:
    allow = parse_networks(["127.0.0.0/8", "fd00::/8", " 10.1.2.3/16 "])
    for text in ("127.9.9.9", "::ffff:127.0.0.1", "fd00::5", "10.1.255.1"):
        assert permitted(ipaddress.ip_address(text), allow)
    for text in ("10.2.0.1", "::1", "fe80::1", "169.254.169.254"):
        assert not permitted(ipaddress.ip_address(text), allow)


def test_a_network_that_is_none_is_the_operators_mistake() -> None:
    with pytest.raises(OperatorError, match=r"10\.0\.0\.0/99"):
        parse_networks(["10.0.0.0/99"])


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("2130706433", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("017700000001", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("0", "0.0.0.0"),
        ("::1", "::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("fe80::1%25eth0", "fe80::1"),
        ("LOCALHOST", "127.0.0.1"),
        ("a.localhost.", "127.0.0.1"),
    ],
)
def test_addresses_are_recognised_however_they_are_spelt(host: str, address: str) -> None:
    assert str(literal(host)) == address


@pytest.mark.parametrize("host", ["example.com", "1.2.3.4.example.com", "localhost.example.com", "beef", "1.2.3.4.5"])
def test_names_are_not_addresses(host: str) -> None:
    assert literal(host) is None


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let every name have these addresses; gives the list of names asked for."""
    asked: list[str] = []

    async def getaddrinfo(self: object, host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)
    return asked


def connect(host: str, port: int, allow: tuple[str, ...] = ()) -> None:
    async def go() -> None:
        stream = await GuardedBackend(parse_networks(allow)).connect_tcp(host, port, timeout=2)
        await stream.aclose()

    asyncio.run(go())


def test_one_private_address_among_public_ones_blocks_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "93.184.216.34", "10.0.0.1")
    with pytest.raises(ImageError) as caught:
        connect("both.example", 80)
    assert caught.value.reason == "image_blocked"
    assert "10.0.0.1" not in caught.value.message


def test_a_name_is_looked_up_once_and_that_address_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        asked = resolving(monkeypatch, "127.0.0.1")
        connect("rebinding.example", server.getsockname()[1], ("127.0.0.0/8",))
        server.settimeout(2)
        server.accept()[0].close()
    assert asked == ["rebinding.example"]


def test_the_next_address_is_tried_where_one_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        resolving(monkeypatch, "127.0.0.2", "127.0.0.1")
        connect("two.example", server.getsockname()[1], ("127.0.0.0/8",))


def test_a_name_nobody_knows_is_unreachable() -> None:
    with pytest.raises(ImageError, match="no address is known") as caught:
        connect("nowhere.invalid", 80)
    assert caught.value.reason == "image_unreachable"
