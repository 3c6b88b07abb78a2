"""A run: an installation, callers, and somebody who kills. The same seed makes the same choices; the timing is the machine's."""

from __future__ import annotations

import contextlib
import functools
import heapq
import itertools
import random
import signal
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from tests.chaos.installation import Installation
from tests.chaos.invariants import Verdict, Watcher, judge
from tests.chaos.nodes import MARK, Node, survivors
from tests.chaos.traffic import Book, Caller

UNFINISHED = 24  # tasks that callers keep waiting
CALLERS = 3
TASKS = 3  # a death, on average; callers who fall behind hold deaths up
PROGRESS = 60.0  # seconds between two lines for who watches
SETTLING = 240.0  # seconds after the last death by which everything accepted must be over
_UNFINISHED = text("SELECT count(*) FROM tasks WHERE finished_at IS NULL")

# What happens, and how often in relation to the others. A death ends a process; a faint stops it for a while.
DEATHS = {
    "child -9": 40,
    "child term": 3,
    "worker -9": 12,
    "worker with children -9": 6,
    "worker term": 6,
    "api -9": 8,
    "api term": 4,
}
FAINTS = {"child faints": 4, "child faints beyond the lease": 2, "worker faints beyond the lease": 2, "api faints": 3}


@dataclass
class Run:
    """One run of chaos.

    Args:
        pace: Seconds between two strikes, on average.
        longest: Seconds after which it ends with fewer deaths than asked for.
    """

    installation: Installation
    seed: int
    pace: float = 1.0
    longest: float = float("inf")
    struck: Counter[str] = field(default_factory=Counter)
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.book = Book()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._number = itertools.count()
        self._coming: set[str] = set()
        here = self.installation
        self.watcher = Watcher(here.engine, here.limits)
        urls = [node.url for node in here.apis]
        self.callers = [
            Caller(f"caller{n}-{self.seed}", self.seed + n, here.keys, urls, self._wanted, self.book)
            for n in range(CALLERS)
        ]
        self._full, self._told = True, self.began
        self._strikes: dict[str, Callable[[], bool]] = {
            "child -9": lambda: self._child(lambda child: child.kill()),
            "child term": lambda: self._child(lambda child: child.terminate()),
            "worker -9": lambda: self._node(here.workers, lambda node: node.kill()),
            "worker with children -9": lambda: self._node(here.workers, lambda node: node.kill(with_children=True)),
            "worker term": lambda: self._node(here.workers, self._terminate),
            "api -9": lambda: self._node(here.apis, lambda node: node.kill()),
            "api term": lambda: self._node(here.apis, self._terminate),
            "child faints": lambda: self._faint(here.workers, 0.1, 0.7, child=True),
            "child faints beyond the lease": lambda: self._faint(here.workers, 1.3, 2.0, child=True),
            "worker faints beyond the lease": lambda: self._faint(here.workers, 1.3, 2.0),
            "api faints": lambda: self._faint(here.apis, 0.2, 0.8),
            **here.strikes(self.random, self._later),
        }
        self._weights = {**DEATHS, **FAINTS, **here.weights}

    @property
    def kills(self) -> int:
        """Deaths so far, faints and network troubles not counted."""
        return sum(count for name, count in self.struck.items() if name in DEATHS or name in self.installation.deaths)

    def go(self, kills: int) -> Verdict:
        """Until so many deaths were died and everything accepted is over; what was found."""
        for thread in (self.watcher, *self.callers):
            thread.start()
        try:
            while self.kills < kills and time.monotonic() - self.began < self.longest:
                self._strike()
                if self._told + PROGRESS < time.monotonic():
                    self._told = time.monotonic()
                    print(f"{self.installation.name}: {self.kills} deaths, {len(self.book.tasks)} tasks", flush=True)
                self._rest(self.random.expovariate(1 / self.pace))
            self._leave()
            self._settle()
        finally:
            self._leave()
            self.watcher.leave()
            self._undo()
            self.installation.stop()
        left = [process.pid for process in survivors(self.installation.run)]
        self.installation.sweep()
        verdict = judge(self.installation.engine, self.book, self.installation.limits, self.installation.files)
        verdict.broken += self.watcher.broken
        verdict.expect(not left, f"{len(left)} processes outlived their nodes")
        verdict.broken += [f"{caller.name}: {caller.error!r}" for caller in self.callers if caller.error]
        return verdict

    def _wanted(self) -> bool:
        return not self._full

    def _look(self) -> None:
        with contextlib.suppress(SQLAlchemyError), self.installation.engine.connect() as connection:
            self._full = connection.execute(_UNFINISHED).scalar_one() >= UNFINISHED

    def _rest(self, seconds: float) -> None:
        """Let them work; do what was put off when its time comes; wait for callers who are behind."""
        until = time.monotonic() + seconds
        stuck = until + SETTLING
        while time.monotonic() < until or len(self.book.tasks) < TASKS * self.kills - UNFINISHED:
            assert time.monotonic() < stuck, f"callers are stuck: {self.book.counts}\n{self.installation.picture()}"
            assert all(caller.error is None for caller in self.callers), [caller.error for caller in self.callers]
            self._look()
            self._bring_back()
            while self._due and self._due[0][0] <= time.monotonic():
                heapq.heappop(self._due)[2]()
            time.sleep(0.03)

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._due, (time.monotonic() + seconds, next(self._number), action))

    def _strike(self) -> None:
        """One of the things that happen, where it can happen now."""
        for _ in range(50):
            name = self.random.choices(list(self._weights), list(self._weights.values()))[0]
            if self._strikes[name]():
                self.struck[name] += 1
                return

    def _node(self, nodes: Sequence[Node], hurt: Callable[[Node], None]) -> bool:
        up = [node for node in nodes if node.up]
        if up:
            hurt(self.random.choice(up))
        return bool(up)

    def _bring_back(self) -> None:
        """What a service manager does: who is gone is started again after a moment, whatever it went of."""
        for node in (*self.installation.apis, *self.installation.workers):
            if node.gone and node.name not in self._coming:
                self._coming.add(node.name)
                self._later(self.random.choice([0.0, 0.5, 2.0]), functools.partial(self._start, node))

    def _start(self, node: Node) -> None:
        self._coming.discard(node.name)
        node.start()

    def _terminate(self, node: Node) -> None:
        node.signal(signal.SIGTERM)
        if self.random.random() < 0.5:  # an operator in a hurry
            node.signal(signal.SIGTERM)
        node.asleep = True  # not to be struck on its way out

        def gone() -> None:
            if node.process is not None and node.process.poll() is None:
                self._later(0.3, gone)
            else:
                node.asleep = False

        self._later(0.3, gone)

    def _child(self, hurt: Callable[[psutil.Process], None]) -> bool:
        children = [child for node in self.installation.workers if node.up for child in node.children()]
        if not children:
            return False
        with contextlib.suppress(psutil.NoSuchProcess):
            hurt(self.random.choice(children))
        return True

    def _faint(self, nodes: Sequence[Node], least: float, most: float, *, child: bool = False) -> bool:
        """A node, or a child of one, is stopped for a share of the lease."""
        up = [node for node in nodes if node.up and (not child or node.children())]
        if not up:
            return False
        node = self.random.choice(up)
        assert node.process is not None
        process = self.random.choice(node.children()) if child else psutil.Process(node.process.pid)
        with contextlib.suppress(psutil.NoSuchProcess):
            process.suspend()
        node.asleep = True

        def wake() -> None:
            node.asleep = False
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()

        self._later(self.random.uniform(least, most) * self.installation.lease, wake)
        return True

    def _leave(self) -> None:
        for caller in self.callers:
            caller.leave()

    def _undo(self) -> None:
        """Wake who sleeps, start who died."""
        while self._due:
            heapq.heappop(self._due)[2]()
            time.sleep(0.05)
        self.installation.mend()

    def _settle(self) -> None:
        """Until everything accepted is over."""
        self._undo()
        for caller in self.callers:
            caller.join(60)
            assert not caller.is_alive(), f"{caller.name} got no answer: {self.book.counts}"
        deadline = time.monotonic() + SETTLING
        while time.monotonic() < deadline:
            with contextlib.suppress(SQLAlchemyError), self.installation.engine.connect() as connection:
                if connection.execute(_UNFINISHED).scalar_one() == 0:
                    return
            self.installation.mend()
            time.sleep(0.2)

    def table(self, verdict: Verdict) -> str:
        """The run's summary."""
        lines = [f"{self.installation.name}: seed {self.seed}, {time.monotonic() - self.began:.0f} s"]
        starts = {node.name: node.starts for node in (*self.installation.apis, *self.installation.workers)}
        lines += [f"  {name:<34}{count:>6}" for name, count in sorted(self.struck.items())]
        lines += [
            f"  deaths {self.kills}, tasks {len(self.book.tasks)}, ends {dict(verdict.ends)}",
            f"  attempts {dict(sorted(verdict.attempts.items()))}, events {verdict.events}, slowest {verdict.slowest:.0f} s",
            f"  starts {starts}",
            f"  callers {dict(self.book.counts)}",
            f"  most at once in {self.watcher.looks} looks {dict(self.watcher.most)}",
            f"  broken: {len(verdict.broken)}",
            *(f"    {sentence}" for sentence in verdict.broken[:20]),
        ]
        return "\n".join(lines)


def marked(environment: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """A name for a run, and the environment of its processes."""
    run = uuid.uuid4().hex
    return run, {**environment, MARK: run}


def log_of(folder: Path) -> str:
    """The last words of every node."""
    return "\n".join(f"== {log.name}\n{log.read_text()[-1500:]}" for log in sorted(folder.glob("*.log")))
