"""The proxy does to a connection what its mood says, and nothing else."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from kineograph.testing.proxy import Cut, Delay, HalfClose, Hang, Pass, Proxy, Refuse


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """In front of a server that sends back what it gets."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_echo, args=(listening,), daemon=True).start()
        with Proxy(listening.getsockname()[1]) as made:
            yield made
        listening.shutdown(socket.SHUT_RDWR)


def _echo(listening: socket.socket) -> None:
    def serve(caller: socket.socket) -> None:
        with caller:
            try:
                while data := caller.recv(65536):
                    caller.sendall(data)
            except ConnectionError:
                pass

    while True:
        try:
            caller, _ = listening.accept()
        except OSError:
            return
        threading.Thread(target=serve, args=(caller,), daemon=True).start()


def connected(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=10)


def said(caller: socket.socket, data: bytes) -> bytes:
    """What comes back for it, up to as many bytes."""
    caller.sendall(data)
    got = b""
    while len(got) < len(data) and (piece := caller.recv(65536)):
        got += piece
    return got


def test_everything_goes_through_and_so_does_the_end(proxy: Proxy) -> None:
    with connected(proxy) as caller:
        assert said(caller, b"film" * 100_000) == b"film" * 100_000
        caller.shutdown(socket.SHUT_WR)
        assert caller.recv(1) == b""


def test_a_delay_holds_every_piece_back_both_ways(proxy: Proxy) -> None:
    with connected(proxy) as caller:
        proxy.mood = Delay(0.1)
        began = time.monotonic()
        assert said(caller, b"x") == b"x"
        assert time.monotonic() - began >= 0.2


def test_a_cut_connection_is_reset_after_exactly_so_many_bytes(proxy: Proxy) -> None:
    proxy.mood = Cut(after=100 + 60)
    with connected(proxy) as caller:
        caller.sendall(b"x" * 100)
        got: list[bytes] = []
        with pytest.raises(ConnectionResetError):
            got.extend(iter(lambda: caller.recv(1000), b""))
        assert len(b"".join(got)) <= 60  # a reset may overtake bytes that were on their way
    proxy.mood = Pass()
    with connected(proxy) as caller:
        assert said(caller, b"again") == b"again"


def test_a_half_closed_connection_ends_for_the_caller_and_still_takes_what_it_sends(proxy: Proxy) -> None:
    proxy.mood = HalfClose(after=100 + 60)
    with connected(proxy) as caller:
        assert said(caller, b"x" * 100) == b"x" * 60
        assert caller.recv(1) == b""
        caller.sendall(b"nobody hears it" * 1000)


def test_a_refusing_proxy_resets_old_connections_and_takes_no_new_one_until_it_is_told_to(proxy: Proxy) -> None:
    with connected(proxy) as caller:
        assert said(caller, b"x") == b"x"
        proxy.mood = Refuse()
        with pytest.raises(ConnectionResetError):
            caller.recv(1)
        with pytest.raises(ConnectionRefusedError):
            connected(proxy)
        proxy.mood = Pass()
    with connected(proxy) as caller:
        assert said(caller, b"back") == b"back"


def test_a_hanging_proxy_takes_connections_moves_nothing_and_goes_on_where_it_was(proxy: Proxy) -> None:
    with connected(proxy) as old:
        assert said(old, b"x") == b"x"
        proxy.mood = Hang()
        with connected(proxy) as new:
            for caller in (old, new):
                caller.sendall(b"waits")
                caller.settimeout(0.2)
                with pytest.raises(TimeoutError):
                    caller.recv(1)
                caller.settimeout(10)
            proxy.mood = Pass()
            assert (old.recv(5), new.recv(5)) == (b"waits", b"waits")


def test_connections_are_counted_and_can_be_cut_once(proxy: Proxy) -> None:
    with connected(proxy) as first, connected(proxy) as second:
        assert said(first, b"x") + said(second, b"x") == b"xx"
        assert (proxy.accepted, proxy.connections) == (2, 2)
        proxy.cut()
        for caller in (first, second):
            with pytest.raises(ConnectionResetError):
                caller.recv(1)
    with connected(proxy) as third:
        assert said(third, b"x") == b"x"


def test_a_proxy_can_be_closed_while_it_hangs(proxy: Proxy) -> None:
    with connected(proxy):
        proxy.mood = Hang()


def test_a_target_that_is_away_shows_as_a_reset() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with Proxy(port) as proxy, pytest.raises(ConnectionResetError), connected(proxy) as caller:
        caller.recv(1)
