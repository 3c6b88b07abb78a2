"""Tasks and films in a notebook: HTML that plays them."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kineograph.client.results import Film, Task

EMBEDDED = 40_000_000  # bytes of a film that goes into the notebook itself; above that the server's link is played


def film(film: Film) -> str:
    """The film, playing: from its file, so that it is there for as long as the notebook is."""
    if film.path.is_file() and film.path.stat().st_size <= EMBEDDED:
        source = f"data:video/mp4;base64,{base64.b64encode(film.path.read_bytes()).decode()}"
        return _playing(source, f"{film.path} · {_caption(film.task)}")
    return task(film.task)


def task(task: Task) -> str:
    """The film while its link lives, the poster before it is played; else how far it is, or why there is none."""
    if task.video is not None:
        return _playing(task.video.url, _caption(task), task.video.thumbnail_url)
    words = task.error.message if task.error is not None else task.phase or task.status
    bar = "" if task.finished else f'<progress max="100" value="{task.progress}"></progress> {task.progress}&nbsp;% '
    return f"<p>{bar}{escape(words)}<br><small>{escape(_caption(task))}</small></p>"


def _playing(source: str, caption: str, poster: str | None = None) -> str:
    still = f' poster="{escape(poster)}"' if poster else ""
    return (
        f'<figure style="margin:0"><video src="{escape(source)}"{still} controls loop muted playsinline '
        f'style="max-width:100%;max-height:480px"></video><figcaption><small>{escape(caption)}</small></figcaption></figure>'
    )


def _caption(task: Task) -> str:
    size = f"{task.width}×{task.height}" if task.width and task.height else None
    seed = f"seed {task.seed}" if task.seed is not None else None
    return " · ".join(part for part in (task.id, task.status, task.model, size, seed) if part)
