"""Files in a bucket: S3 and what speaks like it, Google Cloud Storage, Azure Blob Storage."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, S3Store

from kineograph.core.names import media_type, shown_name
from kineograph.store.files import CHUNK, ObjectFileStore

# The library would try for three minutes; callers wait, and the worker has a patience of its own. With these a call that
# moves no film gives up within 4 + 0.2 + 4 s, whatever the storage does.
RETRIES: Any = {
    "max_retries": 2,
    "retry_timeout": timedelta(seconds=5),  # no further try once so much is spent
    "backoff": {"init_backoff": timedelta(milliseconds=200), "max_backoff": timedelta(seconds=1), "base": 2},
}
CONNECT = "3s"  # to the other side of the world and back, three times over, with TLS
CALL = "4s"  # one small request as a whole
# A film may take hours on a slow line: bodies have no limit as a whole, but no read of one and no part of an upload may be
# without an answer for longer. Two parts of 5 MB at a time want 8 Mbit/s; operators of slower lines set `read_timeout`.
STALL = "10s"
BODY = "1d"
PART = 5 * 1024 * 1024  # S3's smallest part: larger files go up in several, 10,000 at most
PARTS = 2  # under way at once, so that an upload holds 10 MB of memory

# Options that are the HTTP client's and not the store's (obstore.store.ClientConfig).
_CLIENT = frozenset(
    {
        "allow_http",
        "allow_invalid_certificates",
        "connect_timeout",
        "default_content_type",
        "default_headers",
        "http1_only",
        "http2_keep_alive_interval",
        "http2_keep_alive_timeout",
        "http2_keep_alive_while_idle",
        "http2_only",
        "pool_idle_timeout",
        "pool_max_idle_per_host",
        "proxy_url",
        "proxy_ca_certificate",
        "proxy_excludes",
        "root_certificate",
        "randomize_addresses",
        "read_timeout",
        "timeout",
        "user_agent",
    }
)
_STORES: Mapping[str, Any] = {"s3": S3Store, "gs": GCSStore, "az": AzureStore}
_ENVIRONMENT = {"s3": "aws", "gs": "google", "az": "azure"}  # how the names of the library's own variables begin


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where the files are.

    Attributes:
        kind: `s3`, `gs` or `az`.
        prefix: Put before every name; empty, or a file name.
        options: obstore's, of the store and of its HTTP client alike. May hold secrets: not in `repr`.
    """

    kind: str
    name: str
    prefix: str
    options: Mapping[str, Any]

    def __repr__(self) -> str:
        return self.url

    @property
    def url(self) -> str:
        """As the operator wrote it."""
        return f"{self.kind}://{self.name}" + (f"/{self.prefix}" if self.prefix else "")

    @property
    def endpoint(self) -> str | None:
        """The server, where it is not the provider's own."""
        return self.options.get("endpoint") or next(
            (
                os.environ[name]
                for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
                if name in os.environ
            ),
            None,
        )

    def store(self, **client: str) -> Any:
        """obstore's store, with these options for its HTTP client unless the operator set them."""
        options = {
            name.lower().removeprefix(f"{_ENVIRONMENT[self.kind]}_"): value for name, value in self.options.items()
        }
        given = {name: value for name, value in options.items() if name in _CLIENT}
        config = {name: value for name, value in options.items() if name not in _CLIENT}
        if (self.endpoint or "").startswith("http://"):
            given.setdefault("allow_http", True)  # whoever writes http:// means it
        return _STORES[self.kind](
            self.name,
            prefix=self.prefix or None,
            config=config or None,
            client_options={"connect_timeout": CONNECT, **client, **given},
            retry_config=RETRIES,
        )


class BucketFileStore(ObjectFileStore):
    """FileStore in a bucket.

    Objects carry content type and file name, so that a link of the storage's own downloads as ours does.
    """

    def __init__(self, bucket: Bucket) -> None:
        self.bucket = bucket
        super().__init__(bucket.store(timeout=CALL))
        self._bodies = bucket.store(timeout=BODY, read_timeout=STALL)

    async def link(self, name: str, seconds: int) -> str | None:
        """See the port. None where the credentials cannot sign (anonymous, some tokens)."""
        try:
            return await self._do(obstore.sign, self._store, "GET", name, timedelta(seconds=seconds))
        except BaseError:
            return None

    def _put(self, name: str, source: Path | bytes) -> None:
        attributes = {
            "Content-Type": media_type(name),
            "Content-Disposition": f'inline; filename="{shown_name(name)}"',
        }
        self._bodies.put(name, source, attributes=attributes, chunk_size=PART, max_concurrency=PARTS)
        # Some that speak S3 answer 200 and keep less: a film is only put when its size has come back.
        kept, sent = self._store.head(name)["size"], len(source) if isinstance(source, bytes) else source.stat().st_size
        if kept != sent:
            raise OSError(f"the storage was given {sent} bytes and has {kept}")

    def _chunks(self, name: str, start: int, end: int | None) -> Generator[bytes]:
        """One request for all of it."""
        if end is not None and end <= start:
            self._store.head(name)
            return
        whole = start == 0 and end is None
        asked: Any = {} if whole else {"range": {"offset": start} if end is None else (start, end)}
        try:
            found = self._bodies.get(name, options=asked)
        except BaseError:
            if not whole and start >= self._store.head(name)["size"]:
                return  # past the end there is nothing, says the port; the storage says 416
            raise
        missing = found.range[1] - found.range[0]
        for chunk in found.stream(min_chunk_size=CHUNK):
            missing -= len(chunk)
            yield chunk
        if missing:
            raise OSError(f"the storage ended {missing} bytes early")
