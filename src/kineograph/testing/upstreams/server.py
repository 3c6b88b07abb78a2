"""The fakes from the outside: started, told how to behave, asked what they saw."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

import kineograph

_SOURCE = str(Path(kineograph.__file__).parents[1])  # the same code in its process, installed or not


class FakeUpstream:
    """A context manager: the server runs for the length of the block.

    Args:
        options: Of `Timing`: waiting, making, slots, rpm, link; and the fake's own, see its module.

    Attributes:
        url: Without a path.
        key: The one it takes.
    """

    module: ClassVar[str]
    path: ClassVar[str]

    def __init__(self, **options: object) -> None:
        self._options = options
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.url = self.key = ""

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory()
        self._start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop()
        assert self._folder is not None
        self._folder.cleanup()

    @property
    def base_url(self) -> str:
        """With the path that a client of the dialect is given."""
        return self.url + self.path

    def _start(self) -> None:
        assert self._folder is not None
        flags = {"port": self._port, "journal": Path(self._folder.name) / "journal", **self._options}
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", self.module, "--attached", *(f"--{name}={value}" for name, value in flags.items())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([_SOURCE, os.environ.get("PYTHONPATH", "")])},
            start_new_session=True,
        )
        assert self._process.stdout is not None
        told = json.loads(self._process.stdout.readline())
        self.url, self.key = told["url"], told["key"]
        self._port = int(self.url.rpartition(":")[2])

    def _stop(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.communicate()

    def restart(self, *, forget: bool) -> None:
        """Killed and started again at the same address, with its tasks or without. Counts begin anew."""
        self._stop()
        assert self._folder is not None
        if forget:
            (Path(self._folder.name) / "journal").unlink(missing_ok=True)
        self._start()

    def asked(self) -> Counter[str]:
        """How often each operation was asked for: create, get, list, delete, film."""
        return Counter(self._control()["counts"])

    def films(self) -> list[dict[str, Any]]:
        """All tasks it has, oldest first: id, model, body, status, …"""
        found: list[dict[str, Any]] = self._control()["films"]
        return found

    def say(self, operation: str, *, times: int = 1, **answer: object) -> None:
        """What it says to the next of these, instead of what is right: `status`, `text` or `json`, `headers`, `type`; for a film
        `bytes`. With `after=True` it does what it was asked and then says so."""
        self._control({"say": {operation: [answer] * times}})

    def quiet(self) -> None:
        """Forget the counts, and what it was told to say."""
        self._control({"quiet": True})

    def set(self, **values: object) -> None:
        """Change its timing, or the `key` it takes."""
        self._control({"set": values})

    def advance(self, seconds: float) -> None:
        """Put its clock forward."""
        self._control({"advance": seconds})

    def finish(self, count: int) -> None:
        """End so many of the films in the making now."""
        self._control({"finish": count})

    def forget(self, *film_ids: str) -> None:
        """Lose these tasks, or all."""
        self._control({"forget": list(film_ids)})

    def _control(self, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_fake", data, {"Content-Type": "application/json"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - http, our own server
            told: dict[str, Any] = json.loads(answer.read())
        return told


class FakeArk(FakeUpstream):
    """Volcengine Ark's video tasks."""

    module = "kineograph.testing.upstreams.ark"
    path = "/api/v3"


class FakeApimart(FakeUpstream):
    """A server of the seed's dialect."""

    module = "kineograph.testing.upstreams.apimart"
    path = ""


class FakeOpenai(FakeUpstream):
    """A model server with OpenAI's Videos API. `like`: vllm-omni (default) or sglang."""

    module = "kineograph.testing.upstreams.openai"
    path = "/v1"
