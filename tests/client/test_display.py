"""What a notebook shows."""

from __future__ import annotations

import base64
from pathlib import Path

from kineograph.client import Film, Task

DONE = {"id": "task_1", "status": "completed", "seed": 7, "width": 864, "height": 480}


def shown(**data: object) -> str:
    return Task.of({**DONE, **data})._repr_html_()


def test_a_film_plays_from_its_own_bytes_and_needs_no_server(tmp_path: Path) -> None:
    path = tmp_path / "cat.mp4"
    path.write_bytes(b"\0\0\0\x18ftypisom")
    html = Film(path, Task.of(DONE))._repr_html_()
    assert f"data:video/mp4;base64,{base64.b64encode(path.read_bytes()).decode()}" in html
    assert "<video " in html
    assert " controls " in html
    assert "seed 7" in html


def test_a_film_whose_file_is_gone_plays_from_its_link() -> None:
    task = Task.of(
        {**DONE, "result": {"videos": [{"url": ["https://x/a.mp4?a=1&b=2"]}], "thumbnail_url": "https://x/a.jpg"}}
    )
    html = Film(Path("gone.mp4"), task)._repr_html_()
    assert 'src="https://x/a.mp4?a=1&amp;b=2"' in html
    assert 'poster="https://x/a.jpg"' in html


def test_what_is_not_finished_shows_how_far_it_is() -> None:
    html = shown(status="processing", progress=40, phase="rendering")
    assert '<progress max="100" value="40">' in html
    assert "rendering" in html


def test_words_of_a_server_do_not_become_markup() -> None:
    html = shown(status="failed", error={"message": "<script>alert(1)</script>"}, model='"><img>')
    assert "<script>" not in html
    assert "<img>" not in html
    assert "&lt;script&gt;" in html
