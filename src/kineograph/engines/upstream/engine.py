"""The engine that lets an upstream make the film: have it accepted once, wait, copy what came of it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from kineograph.core.errors import Declined, EngineError, Interrupted, Unavailable
from kineograph.engines.base import Made, Order
from kineograph.engines.upstream.api import Api
from kineograph.engines.upstream.base import Dialect, Job, State, Token, Upstream
from kineograph.engines.upstream.copying import Copier
from kineograph.engines.upstream.faults import Fault, Kind, shown
from kineograph.engines.upstream.gate import Breaker, Pace, Places
from kineograph.engines.upstream.watch import Watch
from kineograph.telemetry import event

CREATIONS = 2  # of one task: once more where the upstream failed for a passing cause, or a restart forgot it
TRIES = 5  # to have one accepted by an upstream that is busy
BUSY = 2.0  # seconds before the second of them; doubled each time
COPIES = 8  # films downloaded at once
BACK = 30.0  # seconds in our queue before an upstream that took nothing is asked again
SEEN = 10.0  # seconds that a creation under way, or a withdrawal, is waited for by a film that was stopped
REMEMBER = 120.0  # seconds that an id waits for a database that is away

Reckon = Callable[[Order, Mapping[str, Any]], dict[str, Any] | None]  # what it cost us there, by the upstream's facts


async def _through(creating: Coroutine[Any, Any, Token]) -> Token:
    """Its token. Who is stopped meanwhile waits for the answer first: what it created must be known to be stopped as well."""
    under_way = asyncio.ensure_future(creating)
    try:
        return await asyncio.shield(under_way)
    except asyncio.CancelledError:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SEEN):
                await asyncio.gather(under_way, return_exceptions=True)
        raise


def no_cost(_order: Order, _facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """Nobody said what it costs."""
    return None


class UpstreamEngine:
    """One upstream as an engine.

    Args:
        tell: Told what is wrong with it, and None once nothing is.
        reckon: What a film cost there.
    """

    runs: Literal["child", "loop"] = "loop"
    concurrency = 5_000  # in one process; benchmarks/upstream.py

    def __init__(
        self,
        upstream: Upstream,
        api: Api,
        dialect: Dialect,
        *,
        tell: Callable[[str | None], None] = lambda _fault: None,
        reckon: Reckon = no_cost,
    ) -> None:
        self.name = upstream.name
        self._upstream, self._api, self._dialect, self._reckon = upstream, api, dialect, reckon
        self._breaker = Breaker(upstream, tell)
        self._pace = Pace(upstream.rpm)
        self._places = Places(upstream.concurrency)
        self._watch = Watch(dialect.look, dialect.together, upstream.poll)
        self._copier = Copier(upstream, api)
        self._copies = asyncio.Semaphore(COPIES)

    def shut(self, resume_token: str | None) -> str | None:
        """See LoopEngine."""
        token = Token.parse(resume_token)
        return self._breaker.shut() if token is None or token.id is None else None

    async def close(self) -> None:
        """See LoopEngine."""
        await self._watch.stop()
        await self._api.close()

    async def withdraw(self, resume_token: str) -> None:
        """See LoopEngine."""
        token = Token.parse(resume_token)
        if token is not None and token.id is not None:
            await self._dialect.cancel(token.id)

    async def make(self, order: Order) -> Made:
        """See Engine. Raises ContentRefused, Declined, EngineError."""
        token = Token.parse(order.resume_token)
        model = order.options.get("model", order.request.model)
        try:
            async with self._places.one(model, at_once=token is not None):
                token, state = await self._made(order, model, token)
            async with self._copies:
                return await self._copied(order, model, token, state)
        except Fault as fault:
            error = shown(fault, self.name)
            if isinstance(error, Declined):  # it was accepted, so nobody else may be asked
                error = EngineError(error.message, reason=error.reason)
            raise error from fault

    async def _made(self, order: Order, model: str, token: Token | None) -> tuple[Token, State]:
        """Until the upstream has finished it; once more if that can help. Raises Fault, Declined, EngineError."""
        while True:
            token = await self._accepted(order, model, token)
            try:
                state = await self._finished(order, token)
            except Fault as fault:
                if fault.kind is not Kind.GONE or not self._dialect.forgets or token.number >= CREATIONS:
                    raise
            else:
                if state.fault is None:
                    return token, state
                if state.fault.kind is not Kind.PASSING or token.number >= CREATIONS:
                    raise state.fault
            event("upstream.again", upstream=self.name, number=token.number + 1)
            token = token.again

    async def _accepted(self, order: Order, model: str, token: Token | None) -> Token:
        """The token of what the upstream has accepted: of an earlier life of this task, or now."""
        if token is not None and token.id is not None:
            return token
        known = token or Token()
        if not known.sent:  # it was refused, perhaps hours ago
            known = Token(number=known.number, orphans=known.orphans)
        job = Job(order, model, known.number, known.at, self._upstream.time_limit)
        unsure = token is not None and token.sent and order.resume_token == token.text  # a process died about here
        if unsure and self._dialect.finds:
            found = await self._found(job)
            if found is not None:
                event("upstream.adopted", upstream=self.name)
                return await self._write(order, "waiting", known.accepted(found))
            unsure = False
        elif unsure and not self._dialect.once:
            known = replace(known, orphans=known.orphans + 1)
            event("upstream.orphan", upstream=self.name)
        return await self._create(order, job, known, unsure)

    async def _found(self, job: Job) -> str | None:
        """What was created for the job, asked until there is an answer: without one it may not be created again."""
        pause = self._upstream.poll
        while True:
            try:
                return await self._dialect.find(job)
            except Fault as fault:
                if time.time() > job.at + job.time_limit:
                    raise EngineError(shown(fault, self.name).message, retryable=False) from fault
            await asyncio.sleep(pause)
            pause = min(2 * pause, BACK)

    async def _create(self, order: Order, job: Job, token: Token, unsure: bool) -> Token:
        """Have it accepted. `unsure`: an earlier creation may have been, so no other engine may be asked."""
        for tries in range(1, TRIES + 1):
            self._enter(unsure)
            await self._pace.wait()
            # Before it is asked: whoever finds this looks whether it was.
            await self._write(order, "submitting", replace(token, sent=True))
            try:
                return await _through(self._submit(order, job, token))
            except Fault as fault:
                self._breaker.failed(fault)
                if fault.kind is not Kind.UNCLEAR and not unsure:
                    await self._write(order, "submitting", replace(token, sent=False))
                if fault.kind is not Kind.BUSY or tries == TRIES:
                    raise self._declined(fault, unsure) from fault
                pause = max(fault.retry_after or 0.0, BUSY * 2 ** (tries - 1))
                self._pace.hold(min(pause, BACK))
                await asyncio.sleep(min(pause, BACK))
        raise AssertionError("the last try returns or raises")

    async def _submit(self, order: Order, job: Job, token: Token) -> Token:
        accepted = await self._dialect.create(job)
        self._breaker.worked()
        return await self._write(order, "waiting", token.accepted(accepted))

    def _enter(self, unsure: bool) -> None:
        try:
            self._breaker.enter()
        except Fault as fault:
            raise self._declined(fault, unsure) from fault

    def _declined(self, fault: Fault, unsure: bool) -> EngineError:
        """A no before anything was accepted, with how long the task may wait for a yes."""
        error = shown(fault, self.name)
        if isinstance(error, Declined):
            if fault.kind is not Kind.OPERATOR or self._upstream.waits:
                error.wait = max(fault.retry_after or 0.0, BACK)
            error.elsewhere = not unsure
        return error

    async def _write(self, order: Order, phase: str, token: Token) -> Token:
        """Write it down before anything else, also if the database is away just now."""
        until = time.monotonic() + REMEMBER
        while True:
            try:
                await self._report(order, 0.02 if token.id else 0.0, phase, token, write=True)
                return token
            except Unavailable:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(1.0)

    async def _report(self, order: Order, progress: float, phase: str, token: Token, *, write: bool = False) -> None:
        """Whoever hears here that nobody wants the film any more tells the upstream, as nobody else will."""
        try:
            await order.report(progress, phase, token.text if write else None)
        except Interrupted as stop:
            if stop.reason == "cancelled" and token.id is not None:
                event("upstream.withdrawn", upstream=self.name)
                with contextlib.suppress(Fault, TimeoutError):
                    async with asyncio.timeout(SEEN):
                        await self._dialect.cancel(token.id)
            raise

    async def _finished(self, order: Order, token: Token) -> State:
        """How it ended there."""
        assert token.id is not None
        left = token.at + self._upstream.time_limit - time.time()
        state: State | None = None
        try:
            async with asyncio.timeout(max(left, self._upstream.poll)):
                while state is None or state.phase not in {"done", "failed"}:
                    state = await self._watch.change(token.id, state)
                    if state.phase in {"waiting", "rendering"}:
                        await self._report(order, 0.02 + 0.9 * state.progress, state.phase, token)
                return state
        except TimeoutError as error:
            event("upstream.too_late", upstream=self.name)
            with contextlib.suppress(Fault):  # it may be running, over, or silent
                await self._dialect.cancel(token.id)
            raise EngineError(
                f"the upstream {self.name!r} did not finish it within {self._upstream.time_limit:g} s",
                retryable=False,
                reason="time_limit",
            ) from error

    async def _copied(self, order: Order, model: str, token: Token, state: State) -> Made:
        await order.report(0.93, "copying")
        assert token.id is not None

        async def fresh() -> State:
            return await self._watch.change(token.id or "", None)

        video, last = await self._copier.copy(order, state, fresh)
        facts: dict[str, Any] = {"upstream": self._facts(order, model, token, state)}
        if unused := self._unused(order):
            facts["ignored"] = unused
        return Made(video, last, facts)

    def _facts(self, order: Order, model: str, token: Token, state: State) -> dict[str, Any]:
        cost = self._reckon(order, state.facts)
        about = {"name": self.name, "dialect": self._upstream.dialect, "model": model, "id": token.id, **state.facts}
        again = {"creations": token.number} if token.number > 1 else {}
        orphans = {"orphans": token.orphans} if token.orphans else {}
        return about | ({"cost": cost} if cost else {}) | again | orphans

    def _unused(self, order: Order) -> Sequence[str]:
        asked = {
            "negative_prompt": order.request.negative_prompt,
            "camera_fixed": order.request.camera_fixed,
            "watermark": order.request.watermark,
        }
        return sorted(name for name, value in asked.items() if value and name in self._dialect.ignores)
