import asyncio
import importlib.util
import ssl
import subprocess
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import ModuleType

import pytest

from kineograph.core.errors import ImageError, InvalidRequest
from kineograph.media.fetch import Fetched, Fetcher, check_url

LOOPBACK = ("127.0.0.0/8",)


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


servers = _load("servers")
body, moved, raw, serving = servers.body, servers.moved, servers.raw, servers.serving


def fetch(url: str, into: Path, limit: int = 10_000, allow: tuple[str, ...] = LOOPBACK, **times: float) -> Fetched:
    return asyncio.run(Fetcher(allow, **times).get(url, into, limit))


def refused(url: str, into: Path, **options: object) -> ImageError:
    """The error a fetch ends with; nothing may be left on disk."""
    with pytest.raises(ImageError) as caught:
        fetch(url, into, **options)
    assert not into.exists()
    return caught.value


def test_what_is_served_is_stored(tmp_path: Path) -> None:
    with serving(a=body(b"x" * 5000, "Image/PNG; charset=binary")) as base:
        assert fetch(f"{base}/a?token=1", tmp_path / "a") == Fetched("image/png", 5000)
    assert (tmp_path / "a").read_bytes() == b"x" * 5000


def test_the_host_header_names_host_and_port(tmp_path: Path) -> None:
    seen: list[str] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.headers["Host"])
        body(b"x")(handler)

    with serving(a=answer) as base:
        fetch(f"{base}/a", tmp_path / "a")
    assert seen == [base.removeprefix("http://")]


def test_proxies_of_the_environment_are_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with serving(a=body(b"x")) as base:
        fetch(f"{base}/a", tmp_path / "a")


def test_loopback_is_blocked_unless_the_operator_allows_it(tmp_path: Path) -> None:
    asked: list[str] = []
    with serving(a=lambda handler: asked.append(handler.path)) as base:
        assert refused(f"{base}/a", tmp_path / "a", allow=()).reason == "image_blocked"
    assert asked == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(tmp_path: Path, status: int) -> None:
    with serving(a=moved("/b?x=1", status), b=body(b"there")) as base:
        fetch(f"{base}/a", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"there"


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://2852039166/latest",
        "http://[::ffff:a9fe:a9fe]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "//0xa9fea9fe/x",
    ],
)
def test_redirects_to_link_local_addresses_are_blocked(tmp_path: Path, target: str) -> None:
    with serving(a=moved(target)) as base:
        assert refused(f"{base}/a", tmp_path / "a").reason == "image_blocked"


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/a", "gopher://127.0.0.1:70/_x", "http://"])
def test_redirects_to_other_schemes_are_refused(tmp_path: Path, target: str) -> None:
    with serving(a=moved(target)) as base:
        error = refused(f"{base}/a", tmp_path / "a")
    assert "http" in error.message


def test_five_redirects_are_followed_and_six_are_not(tmp_path: Path) -> None:
    chain: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {f"r{i}": moved(f"/r{i - 1}") for i in range(1, 7)}
    with serving(r0=body(b"end"), **chain) as base:
        assert fetch(f"{base}/r5", tmp_path / "a").bytes == 3
        assert "redirects more than 5 times" in refused(f"{base}/r6", tmp_path / "b").message


@pytest.mark.parametrize("status", [204, 206, 304, 401, 404, 500])
def test_any_answer_but_200_is_unreachable(tmp_path: Path, status: int) -> None:
    with serving(a=body(b"", status=status)) as base:
        error = refused(f"{base}/a", tmp_path / "a")
    assert error.reason == "image_unreachable"
    assert str(status) in error.message


def test_an_announced_size_over_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with serving(a=body(b"x", length=10**12)) as base:
        assert refused(f"{base}/a", tmp_path / "a").reason == "image_too_large"


def test_bytes_are_counted_whatever_the_server_announces(tmp_path: Path) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()  # no length: until the connection closes
        while not handler.stopping.is_set():
            handler.wfile.write(b"x" * 4096)

    with serving(a=endless) as base:
        assert refused(f"{base}/a", tmp_path / "a").reason == "image_too_large"


def test_an_answer_shorter_than_announced_is_unreachable(tmp_path: Path) -> None:
    with serving(a=body(b"half", length=4000)) as base:
        assert refused(f"{base}/a", tmp_path / "a").reason == "image_unreachable"


def test_a_slow_drip_ends_at_the_total_time_limit(tmp_path: Path) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        while not handler.stopping.wait(0.05):
            handler.wfile.write(b"x")

    with serving(a=drip) as base:
        began = time.monotonic()
        error = refused(f"{base}/a", tmp_path / "a", total=0.5)
        assert time.monotonic() - began < 2
    assert (error.reason, "within 0.5 s" in error.message) == ("image_unreachable", True)


def test_a_server_that_says_nothing_ends_at_the_read_time_limit(tmp_path: Path) -> None:
    with serving(a=lambda handler: handler.stopping.wait(5)) as base:
        assert "does not answer in time" in refused(f"{base}/a", tmp_path / "a", read=0.2).message


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH_9.9\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"])
def test_a_server_that_does_not_speak_http_is_unreachable(tmp_path: Path, answer: bytes) -> None:
    with raw(answer) as base:
        assert refused(base, tmp_path / "a").reason == "image_unreachable"


def test_packed_answers_are_refused(tmp_path: Path) -> None:
    def packed(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.end_headers()

    with serving(a=packed) as base:
        assert refused(f"{base}/a", tmp_path / "a").reason == "image_invalid"


def test_a_closed_port_is_unreachable_and_the_message_keeps_the_query_secret(tmp_path: Path) -> None:
    error = refused("http://127.0.0.1:1/a?signature=secret", tmp_path / "a")
    assert error.reason == "image_unreachable"
    assert "secret" not in error.message


def test_a_certificate_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "1"]
    if subprocess.run([*command, "-keyout", key, "-out", certificate], capture_output=True, check=False).returncode:
        pytest.skip("no openssl to make a certificate with")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with serving(a=body(b"x")) as base, servers.tls(base, context) as secure:
        error = refused(f"{secure}/a", tmp_path / "a")
    assert "certificate" in error.message


def test_cancelling_a_fetch_leaves_nothing(tmp_path: Path) -> None:
    started = threading.Event()

    def stuck(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"x")
        started.set()
        handler.stopping.wait(5)

    async def cancelled(url: str) -> None:
        running = asyncio.create_task(Fetcher(LOOPBACK).get(url, tmp_path / "a", 1000))
        await asyncio.to_thread(started.wait, 5)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert running.cancelled()

    with serving(a=stuck) as base:
        asyncio.run(cancelled(f"{base}/a"))
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/cat.jpg",
        "https://example.com:8443/a b.png?x=ü",
        "https://münchen.example/katze.jpg",
        "https://[2606:4700::1111]/",
        "HTTPS://EXAMPLE.COM",
        "http://under_score.example/",
        "http://example.com/" + "a" * (8192 - 19),
    ],
)
def test_usable_urls_pass_the_check(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "/cat.jpg",
        "cat.jpg",
        "//example.com/cat.jpg",
        "ftp://example.com/cat.jpg",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:image/png;base64,AAAA",
        "http://",
        "http:///cat.jpg",
        "https:cat.jpg",
        "http://user:secret@example.com/",
        "http://user@example.com/",
        "http://example.com:0/",
        "http://example.com:99999/",
        "http://exa mple.com/",
        "http://%31%32%37.0.0.1/",
        "http://example.com\n/",
        "http://[::1/",
        "http://a..b/",
        "http://-a.example/",
        "http://" + "a" * 64 + ".example/",
        "http://example.com/" + "a" * 8192,
    ],
)
def test_what_is_no_absolute_web_url_is_refused_at_submit(url: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        check_url(url, param="image_urls")
    assert (caught.value.reason, caught.value.param) == ("invalid_url", "image_urls")
    assert "secret" not in caught.value.message
    assert len(caught.value.message) < 300


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "017700000001",
        "0",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "169.254.169.254",
        "10.0.0.1",
        "localhost",
        "127。0。0。1",
    ],
)
def test_addresses_spelt_out_are_blocked_at_submit_without_asking_anybody(host: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        check_url(f"http://{host}/")
    assert caught.value.reason == "url_blocked"
    with pytest.raises(InvalidRequest):
        check_url(f"http://{host}:8080/", allow=("192.168.0.0/16",))


def test_the_operators_networks_pass_the_check() -> None:
    check_url("http://127.0.0.1:8000/", allow=LOOPBACK)
