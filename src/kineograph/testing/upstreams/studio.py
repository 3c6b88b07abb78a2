"""What the fake upstreams make films with: tasks that pass from queued to finished by the clock, and a journal of them."""

from __future__ import annotations

import heapq
import json
import random
import re
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

FAILS = re.compile(r"\bfake:([A-Za-z0-9_.]+)")  # in a prompt: how its film is to end
CREATE_WINDOW = 60.0  # seconds that the limit of creates is counted in


@dataclass(slots=True)
class Film:
    """One task of the fake.

    Attributes:
        body: As it was asked for, parsed.
        status: queued, running, succeeded, failed, cancelled or expired.
        code: Why it failed.
        created_at … ends_at: Unix seconds by the fake's clock.
        idempotency: The key it was created with.
    """

    id: str
    model: str
    body: dict[str, Any]
    size: tuple[int, int]
    frames: int
    created_at: float
    code: str | None = None
    idempotency: str | None = None
    status: str = "queued"
    updated_at: float = 0.0
    started_at: float = 0.0
    ends_at: float = 0.0

    @property
    def over(self) -> bool:
        """Whether it is at its end."""
        return self.status not in {"queued", "running"}


@dataclass(slots=True)
class Timing:
    """How long things take, in seconds.

    Attributes:
        waiting: At least so long in the queue.
        making: So long running; half of it to half as much again, by the task.
        slots: Films of one model made at once; the others wait.
        rpm: Creates of one model in a minute; more are refused.
        link: For how long a result link is good. Negative: its expiry is in the past, as by a clock that is wrong.
    """

    waiting: float = 0.2
    making: float = 1.0
    slots: int = 10
    rpm: int = 600
    link: float = 86_400.0


@dataclass
class Studio:
    """All tasks of one fake.

    Args:
        journal: Where creations and deletions are kept, for a restart that remembers.
    """

    timing: Timing
    journal: Path | None = None
    films: dict[str, Film] = field(default_factory=dict)
    ahead: float = 0.0  # seconds that the clock was put forward
    _waiting: dict[str, deque[Film]] = field(default_factory=lambda: defaultdict(deque))
    _running: dict[str, list[tuple[float, str]]] = field(default_factory=lambda: defaultdict(list))
    _creates: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def __post_init__(self) -> None:
        if self.journal is None or not self.journal.exists():
            return
        for line in self.journal.read_text("utf-8").splitlines():
            note = json.loads(line)
            if "film" in note:
                self._take(Film(**{**note["film"], "size": tuple(note["film"]["size"])}))
            else:
                self.advance()
                self._drop(note["gone"])

    def now(self) -> float:
        """Unix seconds by the fake's clock."""
        return time.time() + self.ahead

    def crowded(self, model: str) -> bool:
        """Whether the limit of creates is met. Counts this one if not."""
        past = self._creates[model]
        while past and past[0] <= self.now() - CREATE_WINDOW:
            past.popleft()
        if len(past) >= self.timing.rpm:
            return True
        past.append(self.now())
        return False

    def add(self, film: Film) -> Film:
        """Accept it."""
        found = FAILS.search(str(film.body.get("prompt", "")))
        film.code = film.code or (found[1] if found else None)
        told = {"size": list(film.size), "frames": film.frames, "created_at": film.created_at, "code": film.code}
        self._note(
            {"film": {"id": film.id, "model": film.model, "body": film.body, "idempotency": film.idempotency, **told}}
        )
        self._take(film)
        return film

    def _take(self, film: Film) -> None:
        film.updated_at = film.created_at
        self.films[film.id] = film
        self._waiting[film.model].append(film)

    def _note(self, note: dict[str, Any]) -> None:
        if self.journal is not None:
            with self.journal.open("a", encoding="utf-8") as file:
                file.write(json.dumps(note) + "\n")

    def advance(self) -> None:
        """Bring everything to where it is by now."""
        now = self.now()
        for model in list(self._waiting):
            self._advance(self._waiting[model], self._running[model], now)

    def _advance(self, waiting: deque[Film], running: list[tuple[float, str]], now: float) -> None:
        free_since = 0.0  # when the place that the next one takes came free, if it had to wait for it
        while waiting:
            if waiting[0].over:
                waiting.popleft()
                continue
            if len(running) >= self.timing.slots:
                if running[0][0] > now:
                    break
                free_since = self._end(*heapq.heappop(running))
            start = max(waiting[0].created_at + self.timing.waiting, free_since)
            if start > now:
                break
            self._start(waiting.popleft(), start, running)
        while running and running[0][0] <= now:
            self._end(*heapq.heappop(running))

    def _start(self, film: Film, at: float, running: list[tuple[float, str]]) -> None:
        share = 0.5 + random.Random(film.id).random()  # noqa: S311 - the same after a restart
        film.status, film.started_at, film.updated_at = "running", at, at
        film.ends_at = at + self.timing.making * share
        heapq.heappush(running, (film.ends_at, film.id))

    def _end(self, at: float, film_id: str) -> float:
        film = self.films.get(film_id)
        if film is not None and film.status == "running":
            film.status, film.updated_at = "failed" if film.code else "succeeded", at
        return at

    def get(self, film_id: str) -> Film | None:
        """As it is now."""
        self.advance()
        return self.films.get(film_id)

    def newest(self) -> list[Film]:
        """All, newest first."""
        self.advance()
        return sorted(self.films.values(), key=lambda film: (film.created_at, film.id), reverse=True)

    def finish(self, count: int) -> None:
        """So many of those in the making are ready now."""
        self.advance()
        running = [film for film in self.films.values() if film.status == "running"]
        for film in running[:count]:
            self._end(self.now(), film.id)

    def cancel(self, film: Film) -> None:
        """It is not made."""
        film.status, film.updated_at = "cancelled", self.now()

    def forget(self, film_id: str) -> None:
        """As if it had never been."""
        self._note({"gone": film_id})
        self._drop(film_id)

    def _drop(self, film_id: str) -> None:
        film = self.films.pop(film_id, None)
        if film is not None and not film.over:
            film.status = "cancelled"


@lru_cache(maxsize=16)
def card_film(width: int, height: int, frames: int) -> bytes:
    """A real MP4 of the test card."""
    import tempfile
    from fractions import Fraction

    from kineograph.engines.bars import card
    from kineograph.media.encode import encode

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        return encode(card(width, height, frames), fps=Fraction(24), path=path, preset="ultrafast").read_bytes()


@lru_cache(maxsize=16)
def card_still(width: int, height: int) -> bytes:
    """Its last frame as PNG."""
    import tempfile

    from kineograph.engines.bars import card
    from kineograph.media.poster import png

    with tempfile.TemporaryDirectory() as folder:
        *_, last = card(width, height, 2)
        path = Path(folder) / "last.png"
        png(last, path)
        return path.read_bytes()
