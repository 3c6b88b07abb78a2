"""What an upstream made, copied at once: its links die. Nothing it delivers is believed before it was measured."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from kineograph.core.errors import EngineError, ImageError
from kineograph.engines.base import Order
from kineograph.engines.upstream.api import Api
from kineograph.engines.upstream.base import State, Upstream
from kineograph.engines.upstream.faults import Fault, Kind
from kineograph.media.fetch import Fetcher

TRIES = 4  # each with a fresh link
PAUSE_MAX = 10.0  # seconds between two of them
STILL_MAX = 60_000_000  # bytes of a last frame
FILM_TIME = 900.0  # seconds for one film


class Copier:
    """Brings films and last frames into an order's folder."""

    def __init__(self, upstream: Upstream, api: Api) -> None:
        self._upstream, self._api = upstream, api
        self._fetcher = Fetcher(upstream.fetch_allow, total=FILM_TIME, what="a film")

    async def copy(self, order: Order, state: State, fresh: Callable[[], Awaitable[State]]) -> tuple[Path, Path | None]:
        """The film, and its last frame where it was asked for.

        Args:
            fresh: The state once more, with new links.

        Raises:
            EngineError: it cannot be had, is too large, or no film.
        """
        video = order.folder / "video.mp4"
        await self._bring(state, lambda each: each.video, fresh, video, self._upstream.max_film)
        await asyncio.to_thread(self._measure, video)
        if not order.request.return_last_frame:
            return video, None
        last = order.folder / "last_frame.png"
        if state.last_frame is not None:
            await self._bring(state, lambda each: each.last_frame, fresh, last, STILL_MAX)
        await asyncio.to_thread(_as_png, last if state.last_frame is not None else None, video, last)
        return video, last

    def _measure(self, video: Path) -> None:
        from kineograph.media.probe import probe  # a process that waits carries no codec

        try:
            probe(video)
        except EngineError as error:
            raise EngineError(
                f"what the upstream {self._upstream.name!r} delivered is not a film: {error.message}",
                retryable=False,
                reason="upstream_result_broken",
            ) from error

    async def _bring(
        self,
        state: State,
        link: Callable[[State], str | None],
        fresh: Callable[[], Awaitable[State]],
        into: Path,
        limit: int,
    ) -> None:
        for tries in range(1, TRIES + 1):
            try:
                return await self._once(link(state), into, limit)
            except Fault as fault:
                if fault.kind is Kind.REQUEST or tries == TRIES:
                    raise self._lost(fault.message, fault.kind is Kind.DOWN) from fault
            except ImageError as error:
                if error.reason != "image_unreachable" or tries == TRIES:
                    raise self._lost(error.message, error.reason == "image_unreachable") from error
            await asyncio.sleep(min(self._upstream.poll * 2 ** (tries - 1), PAUSE_MAX))
            state = await fresh()
        raise AssertionError("the last try returns or raises")

    async def _once(self, url: str | None, into: Path, limit: int) -> None:
        if not url:
            raise Fault(Kind.GONE, "it says that the film is finished and gives no link")
        if url.startswith("/"):
            await self._api.download(f"{self._upstream.base_url}{url}", into, limit, with_key=True)
        elif self._api.ours(url):
            await self._api.download(url, into, limit, with_key=False)
        else:
            await self._fetcher.get(url, into, limit)

    def _lost(self, why: str, retryable: bool) -> EngineError:
        return EngineError(
            f"the film that the upstream {self._upstream.name!r} made could not be copied: {self._api.plain(why)}",
            retryable=retryable,
            reason="upstream_result_lost",
        )


def _as_png(source: Path | None, video: Path, into: Path) -> None:
    """The picture as PNG: the upstream's, or the last one of the film."""
    from PIL import Image, UnidentifiedImageError

    from kineograph.media.poster import still_at

    try:
        picture = Image.open(source) if source is not None else Image.fromarray(still_at(video, 1.0))
        with picture:
            picture.convert("RGB").save(into, "PNG")
    except (UnidentifiedImageError, OSError) as error:
        raise EngineError(
            "the last frame that the upstream delivered is no picture", retryable=False, reason="upstream_result_broken"
        ) from error
