"""One upstream over HTTP: requests with its key, answers read strictly, every failure as a Fault."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx2

from kineograph.engines.upstream.base import Upstream
from kineograph.engines.upstream.faults import Fault, Kind

Json = dict[str, Any]  # as the wire has it
ANSWER_MAX = 16_000_000  # bytes of an answer that is not a film: a hundred tasks with a prompt each are one
CREATE = httpx2.Timeout(120.0, connect=10.0)  # a body may carry 60 MB of images
LOOK = httpx2.Timeout(30.0, connect=10.0)
CONNECTIONS = httpx2.Limits(max_connections=64, max_keepalive_connections=16)
NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)

Judge = Callable[[int, str], Kind]  # HTTP status and the upstream's code -> what is to be done


def by_status(status: int, _code: str) -> Kind:
    """What an HTTP status alone says."""
    match status:
        case 401 | 402 | 403:
            return Kind.OPERATOR
        case 408 | 425 | 429 | 503:
            return Kind.BUSY
        case _ if 400 <= status < 500:
            return Kind.REQUEST
        case _:
            return Kind.UNCLEAR


class Api:
    """Requests to one upstream.

    Args:
        judge: The dialect's reading of its errors.
    """

    def __init__(self, upstream: Upstream, judge: Judge = by_status) -> None:
        self._upstream, self._judge = upstream, judge
        self._base = httpx2.URL(upstream.base_url)
        self._http = httpx2.AsyncClient(timeout=LOOK, limits=CONNECTIONS, trust_env=False, follow_redirects=False)
        self._auth = {"Authorization": f"Bearer {upstream.key}"} if upstream.key else {}

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.aclose()

    async def call(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        form: Sequence[tuple[str, Any]] | None = None,
        params: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Json:
        """The answer's JSON object.

        Raises:
            Fault: there is none, or it says no. GONE for a 404 to anything but a creation.
        """
        request = self._http.build_request(
            method,
            f"{self._upstream.base_url}{path}",
            json=body,
            files=form,
            params=list(params) or None,
            headers={**self._auth, **(headers or {})},
            timeout=CREATE if method == "POST" else LOOK,
        )
        try:
            response = await self._http.send(request, stream=True)
            try:
                text = await self._read(response)
            finally:
                await response.aclose()
        except NEVER_SENT as error:
            raise Fault(Kind.DOWN, f"it cannot be reached: {type(error).__name__}") from error
        except httpx2.HTTPError as error:
            raise Fault(Kind.UNCLEAR, f"it broke off: {type(error).__name__}") from error
        return self._parsed(response, text, method)

    @staticmethod
    async def _read(response: httpx2.Response) -> bytes:
        pieces, count = [], 0
        async for piece in response.aiter_bytes():
            count += len(piece)
            if count > ANSWER_MAX:
                raise Fault(Kind.UNCLEAR, f"an answer of more than {ANSWER_MAX // 1_000_000} MB")
            pieces.append(piece)
        return b"".join(pieces)

    def _parsed(self, response: httpx2.Response, text: bytes, method: str) -> Json:
        status = response.status_code
        try:
            found = json.loads(text) if text.strip() else {}
        except ValueError:
            found = None
        error = found.get("error") if isinstance(found, dict) else None
        if status < 300 and isinstance(found, dict) and not (error and "status" not in found and "data" not in found):
            return found
        if not isinstance(found, dict) and status < 400:
            kind = response.headers.get("content-type", "nothing").partition(";")[0]
            raise Fault(Kind.UNCLEAR, f"HTTP {status} with {kind} that is no JSON object")
        if status == 404 and method != "POST":
            raise Fault(Kind.GONE, "it does not know the task")
        code, message = self._said(error)
        after = response.headers.get("retry-after", "")
        wait = float(after) if after.isdecimal() else None
        kind_of = self._judge(status, code) if status >= 400 or code else Kind.UNCLEAR
        raise Fault(kind_of, message or f"HTTP {status}", code=code, retry_after=wait)

    def _said(self, error: object) -> tuple[str, str]:
        """Code and message of an error object; our key taken out, should it be in there."""
        if not isinstance(error, dict):
            return "", self.plain(str(error))[:300] if error else ""
        code = error.get("reason") or error.get("code") or ""
        return self.plain(str(code))[:100], self.plain(str(error.get("message") or ""))[:500]

    def plain(self, text: str) -> str:
        """Without the key."""
        return text.replace(self._upstream.key, "…") if self._upstream.key else text

    def ours(self, url: str) -> bool:
        """Whether the link leads to this very server, which the operator trusts."""
        try:
            there = httpx2.URL(url)
        except httpx2.InvalidURL:
            return False
        return (there.scheme, there.host, there.port) == (self._base.scheme, self._base.host, self._base.port)

    async def download(self, url: str, into: Path, limit: int, *, with_key: bool) -> None:
        """Store what a link on this server points at.

        Raises:
            Fault: GONE if it is not there, REQUEST if it is larger than `limit` bytes.
        """
        headers = self._auth if with_key else {}
        try:
            async with self._http.stream("GET", url, headers=headers) as response:
                if response.status_code != 200:
                    raise Fault(Kind.GONE, f"the link was answered with {response.status_code}")
                announced = response.headers.get("content-length", "")
                count = int(announced) if announced.isdecimal() and int(announced) > limit else 0
                with into.open("wb") as file:
                    async for piece in response.aiter_bytes():
                        count += len(piece)
                        if count > limit:
                            raise Fault(Kind.REQUEST, f"the film is larger than {limit // 1_000_000} MB")
                        file.write(piece)
        except httpx2.HTTPError as error:
            raise Fault(Kind.DOWN, f"the download broke off: {type(error).__name__}") from error
