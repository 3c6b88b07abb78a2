"""Fetch what a stranger's URL points at, without becoming their way into our network."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import httpcore2
import httpx2

from kineograph.core.errors import ImageError, InvalidRequest
from kineograph.media.network import GuardedBackend, Network, literal, parse_networks, permitted

URL_MAX = 8192  # characters
REDIRECTS = 5
TOTAL = 120.0  # seconds for one fetch, redirects included (CONTRACT §1.1)
CONNECT = 10.0  # seconds until connected
READ = 20.0  # seconds without a byte

_HOST = re.compile(
    r"(?=.{1,253}\.?$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?"
)
_MOVED = {301, 302, 303, 307, 308}
# Not even our version: a stranger's server need not know it. Identity: what is counted is what is stored.
_HEADERS = [
    (b"User-Agent", b"Kineograph"),
    (b"Accept", b"image/*, */*;q=0.5"),
    (b"Accept-Encoding", b"identity"),
]


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came.

    Attributes:
        content_type: As the server says, lower case, without parameters; empty if it says nothing. Not to be trusted.
        bytes: How many were stored.
    """

    content_type: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a URL is not fetched."""

    reason: str  # `invalid_url` or `url_blocked`
    sentence: str  # continues "the URL …"


def check_url(url: str, *, allow: Sequence[str] = (), param: str | None = None) -> None:
    """Refuse at submit what can be refused without asking anybody: syntax, and addresses spelt out.

    Args:
        url: As the caller sent it.
        allow: Networks exempt from the guard, e.g. `127.0.0.0/8`.
        param: The request field, for the message.

    Raises:
        InvalidRequest: `invalid_url` or `url_blocked`.
    """
    judged = judge(url, parse_networks(allow))
    if isinstance(judged, Refusal):
        raise InvalidRequest(f"the URL {_short(url)} {judged.sentence}", param=param, reason=judged.reason)


class Fetcher:
    """Fetches over http(s), guarded. One may serve many fetches at once.

    Args:
        allow: Networks exempt from the guard, e.g. `("127.0.0.0/8", "10.1.0.0/16")`.
        total, connect, read: Seconds: for a whole fetch, until connected, without a byte.
        what: What is fetched, for messages.
    """

    def __init__(
        self,
        allow: Sequence[str] = (),
        *,
        total: float = TOTAL,
        connect: float = CONNECT,
        read: float = READ,
        what: str = "an image",
    ) -> None:
        self.total = total
        self._what = what
        self._allow = parse_networks(allow)
        self._timeout = {"connect": connect, "read": read, "write": connect, "pool": connect}
        self._tls: ssl.SSLContext | None = None  # 20 ms to make, so made at the first fetch and kept

    async def get(self, url: str, into: Path, limit: int) -> Fetched:
        """Store what the URL points at. Nothing is kept on failure.

        Args:
            url: http(s), absolute; at most REDIRECTS redirects are followed, each judged like the first.
            into: The file to write.
            limit: Bytes, at most, counted as they come.

        Raises:
            ImageError: `image_unreachable`, `image_blocked`, `image_too_large` or `image_invalid`, in words for the caller.
        """
        try:
            with _whole_or_nothing(into) as file:
                async with asyncio.timeout(self.total):
                    return await self._follow(url, file, limit)
        except TimeoutError as error:
            raise ImageError(f"{_short(url)} did not arrive within {self.total:g} s") from error

    async def _follow(self, url: str, file: BinaryIO, limit: int) -> Fetched:
        """Get it, through redirects."""
        if self._tls is None:
            self._tls = httpx2.create_ssl_context(trust_env=False)
        backend = GuardedBackend(self._allow)
        async with httpcore2.AsyncConnectionPool(ssl_context=self._tls, network_backend=backend) as pool:
            target = self._judged(url)
            for _ in range(REDIRECTS + 1):
                answer = await self._once(pool, target, file, limit)
                if isinstance(answer, Fetched):
                    return answer
                target = self._judged(answer)
        raise ImageError(f"{_short(url)} redirects more than {REDIRECTS} times; send the final URL")

    async def _once(
        self, pool: httpcore2.AsyncConnectionPool, target: httpx2.URL, file: BinaryIO, limit: int
    ) -> Fetched | str:
        """One request: what was stored, or where the server sends us."""
        place = httpcore2.URL(scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path)
        headers = [(b"Host", target.netloc), *_HEADERS]
        try:
            async with pool.stream("GET", place, headers=headers, extensions={"timeout": self._timeout}) as response:
                answered = httpx2.Headers(response.headers)
                if response.status in _MOVED and "location" in answered:
                    return str(target.join(answered["location"]))
                _check_answer(str(target), response.status, answered, limit, self._what)
                return await _store(response, answered, file, limit, str(target))
        except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            raise ImageError(f"{_short(str(target))} could not be fetched: {cause(error)}") from error
        except httpx2.InvalidURL as error:
            raise ImageError(f"{_short(str(target))} redirects to something that is no URL") from error

    def _judged(self, url: str) -> httpx2.URL:
        """The URL, or ImageError if it may not be fetched."""
        judged = judge(url, self._allow)
        if isinstance(judged, Refusal):
            reason = "image_blocked" if judged.reason == "url_blocked" else "image_unreachable"
            raise ImageError(f"{_short(url)} {judged.sentence}", reason=reason)
        return judged


@contextmanager
def _whole_or_nothing(path: Path) -> Iterator[BinaryIO]:
    """The file to write; removed if what is inside fails."""
    try:
        with path.open("wb") as file:
            yield file
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def judge(url: str, allow: Sequence[Network]) -> httpx2.URL | Refusal:
    """The parsed URL, or why it is refused. The same parser serves the check and the fetch."""
    if not url or len(url) > URL_MAX:
        return Refusal("invalid_url", f"has {len(url)} characters; send 1 to {URL_MAX}")
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL:
        return Refusal("invalid_url", "is not a URL; send an absolute http(s) one")
    if parsed.scheme not in ("http", "https") or not parsed.host:
        return Refusal("invalid_url", "is not an absolute http:// or https:// URL")
    if parsed.userinfo:
        return Refusal("invalid_url", "holds a user name or password; send one without")
    if parsed.port is not None and not 0 < parsed.port < 65536:
        return Refusal("invalid_url", f"has port {parsed.port}; ports are 1 to 65535")
    host = parsed.raw_host.decode("ascii", "replace").lower()
    address = literal(host)
    if address is None and not _HOST.fullmatch(host):
        return Refusal("invalid_url", "has a host that is no name")
    if address is not None and not permitted(address, allow):
        return Refusal("url_blocked", "does not point to the public internet, so it is refused")
    return parsed


def _check_answer(url: str, status: int, headers: httpx2.Headers, limit: int, what: str) -> None:
    """Refuse what the head already gives away."""
    if status != 200:
        raise ImageError(f"{_short(url)}: its server answered {status} instead of {what}")
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("", "identity"):
        # Unpacking would let a few bytes become many; no image gains from it.
        raise ImageError(f"{_short(url)} comes packed as {coding[:20]!r}; serve it as it is", reason="image_invalid")
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise _too_large(url, limit)


async def _store(
    response: httpcore2.Response, headers: httpx2.Headers, file: BinaryIO, limit: int, url: str
) -> Fetched:
    """Write the body, counting."""
    count = 0
    async for chunk in response.aiter_stream():
        count += len(chunk)
        if count > limit:
            raise _too_large(url, limit)
        file.write(chunk)
    return Fetched(headers.get("content-type", "").partition(";")[0].strip().lower(), count)


def _too_large(url: str, limit: int) -> ImageError:
    return ImageError(f"{_short(url)} is larger than {limit // 1_000_000} MB", reason="image_too_large")


def cause(error: Exception) -> str:
    """A few words for the caller; nothing of our side."""
    match error:
        case httpcore2.ConnectTimeout() | httpcore2.ReadTimeout() | httpcore2.WriteTimeout():
            return "its server does not answer in time"
        case httpcore2.ConnectError() if _caused_by(error, ssl.SSLError):
            return "its server's certificate is not valid"
        case httpcore2.ConnectError():
            return "its server cannot be reached"
        case _:
            return "its server broke off the answer"


def _caused_by(error: BaseException | None, kind: type[BaseException]) -> bool:
    """Whether an error of this kind is anywhere behind it."""
    while error is not None:
        if isinstance(error, kind):
            return True
        error = error.__cause__ or error.__context__
    return False


def _short(url: str) -> str:
    """The URL for a message: no query (it may hold a signature), not endless."""
    plain = url.partition("?")[0].partition("#")[0]
    plain = re.sub(r"(?<=://)[^/@]*@", "", plain)
    return repr(plain if len(plain) <= 120 else plain[:117] + "…")
