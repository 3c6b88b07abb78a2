"""A film into a file: whole or not at all, going on where a connection broke, and checked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from kineograph.client.errors import BadDownload, ClientError, Forbidden, Invalid, NoAnswer, NotFound, NotUnderstood
from kineograph.client.results import Task, Video
from kineograph.client.wire import Answer, Flow, Patience, Pause, Read, Request, Work, exchange

OUT_OF_RANGE = 416  # HTTP status: there are no bytes from there on
NAME_MAX = 48  # characters of a film's name that come from its prompt
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")


def film_name(prompt: str, seed: int | None) -> str:
    """`a-cute-kitten-in-the-sun-7.mp4`: the first words, in any script."""
    name = ""
    for word in re.findall(r"\w+", prompt.lower()):
        if name and len(name) + 1 + len(word) > NAME_MAX:
            break
        name = f"{name}-{word[:NAME_MAX]}" if name else word[:NAME_MAX]
    return f"{name or 'film'}-{seed}.mp4" if seed is not None else f"{name or 'film'}.mp4"


def download(task: Task, path: Path, patience: Patience, fresh: Callable[[], Flow[Task]]) -> Flow[Path]:
    """The film of a completed task into `path`.

    What has arrived lies in `<path>.part` until all has. Where the server tells the film's digest, a later call goes on
    from what an earlier one left.

    Args:
        fresh: Looks at the task again, for a link that still lives.

    Raises:
        BadDownload: what came is not what the server measured.
        NoAnswer, Refused: also after going on `patience.retries` times without a new byte.
    """
    assert task.video is not None
    part = Part(path.with_name(path.name + ".part"), task.video.sha256 is not None)
    try:
        video = yield from _all(task.video, part, patience, fresh)
    except ClientError:
        part.give_up()
        raise
    done: Path = yield Work(partial(part.finish, path, video.bytes, video.sha256))
    return done


def _all(video: Video, part: Part, patience: Patience, fresh: Callable[[], Flow[Task]]) -> Flow[Video]:
    """Until every byte is there; the video with the link that led to them."""
    attempt, renewed = 0, False
    while True:
        before: int = yield Work(part.size)
        try:
            yield from _fetch(video.url, part, patience)
            return video
        except (Forbidden, NotFound):
            again = None if renewed else (yield from fresh()).video
            if again is None:
                raise
            renewed, video = True, again
        except (NoAnswer, Invalid) as error:
            if isinstance(error, Invalid):
                if error.status != OUT_OF_RANGE:
                    raise
                part.restart()
            attempt = 0 if (yield Work(part.size)) > before else attempt + 1
            if attempt > patience.retries:
                raise
            yield Pause(patience.pause(attempt))


@dataclass(slots=True)
class Part:
    """What has arrived of a file.

    Attributes:
        lasts: What an earlier call left can be trusted, for there is a digest at the end.
        etag: Of the file the bytes are from.
        total: Bytes of the whole, once known.
    """

    path: Path
    lasts: bool
    etag: str = ""
    total: int | None = None

    def size(self) -> int:
        """Bytes that are there and can be built on."""
        trusted = self.lasts or self.etag
        return self.path.stat().st_size if trusted and self.path.exists() else 0

    def open(self, at: int) -> BinaryIO:
        """For writing from there on."""
        file = self.path.open("r+b" if at else "wb")
        file.seek(at)
        file.truncate()
        return file

    def restart(self) -> None:
        """What is there is longer than the film: it is of something else."""
        self.path.unlink(missing_ok=True)

    def give_up(self) -> None:
        """Leave nothing that nobody could go on from."""
        if not self.lasts:
            self.path.unlink(missing_ok=True)

    def finish(self, path: Path, size: int | None, sha256: str | None) -> Path:
        """All is there: check it and give it its name. Raises BadDownload."""
        with self.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest() if sha256 else None
            length = file.seek(0, 2)
        if digest != sha256 or (size is not None and length != size) or not length:
            self.path.unlink()
            raise BadDownload(
                f"{length} bytes came that are not the film the server measured "
                f"({size if size is not None else '?'} bytes); nothing was kept, try again"
            )
        return self.path.replace(path)


def _fetch(url: str, part: Part, patience: Patience) -> Flow[None]:
    """What is missing of it. Raises NoAnswer if it breaks off."""
    if not url.startswith(("http://", "https://")):  # anything else would be joined to the server's address
        raise NotUnderstood(f"the film's link {url[:80]!r} is no http(s) URL")
    have: int = yield Work(part.size)
    headers = {"Range": f"bytes={have}-"} if have else {}
    if have and part.etag:
        headers["If-Range"] = part.etag
    answer = yield from exchange(Request("GET", url, headers=headers, stream=True), patience)
    start = _start(answer, part)
    file: BinaryIO = yield Work(partial(part.open, start))
    try:
        while (chunk := (yield Read())) is not None:
            yield Work(partial(file.write, chunk))
    finally:
        file.close()
    here: int = part.path.stat().st_size
    if part.total is not None and here < part.total:
        raise NoAnswer(f"the film broke off after {here} of {part.total} bytes")


def _start(answer: Answer, part: Part) -> int:
    """Where the bytes of this answer belong."""
    part.etag = answer.headers.get("etag", "")
    found = _RANGE.fullmatch(answer.headers.get("content-range", ""))
    if answer.status == 206 and found is not None:
        part.total = int(found[2])
        return int(found[1])
    length = answer.headers.get("content-length", "")
    part.total = int(length) if length.isdigit() and "content-encoding" not in answer.headers else None
    return 0
