"""Send what was asked for to a stranger's address, guarded as what is fetched."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import Callable, Mapping, Sequence

import httpcore2
import httpx2

from kineograph.core.deliveries import KEPT, Answer
from kineograph.core.errors import ImageError
from kineograph.media.fetch import Refusal, cause, judge
from kineograph.media.network import GuardedBackend, parse_networks

TOTAL = 10.0  # seconds for one try, name look-up included (CONTRACT §1.5)
_ENOUGH = 4 * KEPT  # bytes read of an answer: KEPT characters at most


class Sender:
    """Posts over http(s). Every try looks the host up anew, and connects to an address that was judged. One may serve many
    tries at once.

    Args:
        allow: Networks exempt from the guard, e.g. `("127.0.0.0/8", "10.1.0.0/16")`.
        total: Seconds for one try.
        clock: Unix seconds.
    """

    def __init__(
        self, allow: Sequence[str] = (), *, total: float = TOTAL, clock: Callable[[], float] = time.time
    ) -> None:
        self._allow = parse_networks(allow)
        self._total = total
        self._clock = clock
        self._tls: ssl.SSLContext | None = None  # 20 ms to make, so made at the first try and kept

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """What came of it; whatever happens out there is an answer. Redirects are not followed."""
        at, begun = self._clock(), time.perf_counter()
        target = judge(url, self._allow)
        if isinstance(target, Refusal):
            return Answer(at, 0.0, error=f"the URL {target.sentence}")
        status, text, error = None, "", None
        try:
            async with asyncio.timeout(self._total):
                status, text = await self._exchange(target, headers, body)
        except TimeoutError:
            error = f"no answer within {self._total:g} s"
        except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError) as failure:
            error = cause(failure)
        except ImageError as failure:
            blocked = "its host is not on the public internet, so nothing is sent there"
            error = blocked if failure.reason == "image_blocked" else "no address is known for its host"
        return Answer(at, round(time.perf_counter() - begun, 3), status, text, error)

    async def _exchange(self, target: httpx2.URL, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
        """Status and the beginning of the answer. A status counts, also where the rest of the answer never comes."""
        if self._tls is None:
            self._tls = httpx2.create_ssl_context(trust_env=False)
        place = httpcore2.URL(scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path)
        sent = [(b"Host", target.netloc), (b"Content-Length", str(len(body)).encode())]
        sent += [(name.encode(), value.encode()) for name, value in headers.items()]
        limits = dict.fromkeys(("connect", "read", "write", "pool"), self._total)
        backend = GuardedBackend(self._allow)
        async with (
            httpcore2.AsyncConnectionPool(ssl_context=self._tls, network_backend=backend) as pool,
            pool.stream("POST", place, headers=sent, content=body, extensions={"timeout": limits}) as response,
        ):
            return response.status, await self._beginning(response)

    async def _beginning(self, response: httpcore2.Response) -> str:
        read = b""
        with contextlib.suppress(TimeoutError, httpcore2.NetworkError, httpcore2.ProtocolError):
            async with asyncio.timeout(1.0):
                async for chunk in response.aiter_stream():
                    read += chunk
                    if len(read) >= _ENOUGH:
                        break
        return read[:_ENOUGH].decode("utf-8", "replace").replace("\x00", "�")[:KEPT]
