"""An S3 server in a process of its own, for tests: moto's, with a real socket and the real protocol."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from types import TracebackType
from typing import Any, Self

# Ends with its parent, however that ends: the pipe closes.
_SERVER = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""


class S3Server:
    """A context manager: the server runs for the length of the block. Any credentials are right.

    Attributes:
        port: On 127.0.0.1.
    """

    port: int

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and program
            [sys.executable, "-c", _SERVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.communicate()

    @property
    def url(self) -> str:
        """The endpoint."""
        return f"http://127.0.0.1:{self.port}"

    def options(self, port: int | None = None) -> dict[str, Any]:
        """`storage_options` for it; `port` of a proxy in front of it instead of its own."""
        endpoint = f"http://127.0.0.1:{port or self.port}"
        return {
            "endpoint": endpoint,
            "access_key_id": "test",
            "secret_access_key": "test-secret",
            "region": "us-east-1",
        }

    def environment(self, port: int | None = None) -> dict[str, str]:
        """The same for a process: KINEO_STORAGE_OPTIONS."""
        return {"KINEO_STORAGE_OPTIONS": json.dumps(self.options(port))}

    def bucket(self, name: str = "films") -> str:
        """Make a bucket, if it is not there; its name."""
        self.call("PUT", f"/{name}")
        return name

    def call(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """A plain request of the protocol: `GET /films?uploads`, `POST /moto-api/reset-auth`."""
        headers = {"Content-Type": "text/plain"}
        request = urllib.request.Request(self.url + path, body, headers, method=method)  # noqa: S310 - http, our own server
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return bytes(answer.read())
