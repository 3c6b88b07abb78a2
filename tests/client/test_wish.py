"""Images of a request: as they are, inlined, or handed over first."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from tests.client.playing import Play, answer, refused

from kineograph.client import NotSent, PaymentRequired
from kineograph.client.pictures import INLINE, media_type
from kineograph.client.wire import Patience
from kineograph.client.wish import Wish, body, local_body

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
LARGE = PNG + bytes(INLINE)
UPLOADED = answer(200, {"url": "https://films.example/v1/files/uploads/1.png?signature=x"})


def made(play: Play, wish: Wish, *, fixed: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = play.run(body("a cat", wish, Patience(), fixed=fixed))
    return found


def test_urls_go_as_they_are_and_files_and_bytes_go_along(tmp_path: Path) -> None:
    (tmp_path / "cat.png").write_bytes(PNG)
    wish: Wish = {"first_frame": tmp_path / "cat.png", "last_frame": "https://x.example/a.jpg", "seed": 7}
    uri = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    images = [{"url": uri, "role": "first_frame"}, {"url": "https://x.example/a.jpg", "role": "last_frame"}]
    expected = {"model": "doubao-seedance-1-0-pro-fast", "prompt": "a cat", "seed": 7, "image_with_roles": images}
    assert made(Play([]), wish) == expected == local_body("a cat", wish)
    assert made(Play([]), {"reference": PNG})["image_with_roles"] == [{"url": uri, "role": "reference"}]


def test_what_is_not_wished_is_not_sent_and_extra_is() -> None:
    wish: Wish = {"model": "m", "first_frame": None, "negative_prompt": None, "extra": {"nsfw_check": True}}
    assert made(Play([]), wish) == {"model": "m", "prompt": "a cat", "nsfw_check": True}


def test_a_large_image_is_handed_over_first() -> None:
    play = Play([UPLOADED])
    images = made(play, {"first_frame": LARGE})["image_with_roles"]
    assert images == [{"url": "https://films.example/v1/files/uploads/1.png?signature=x", "role": "first_frame"}]
    assert play.requests[0].file is not None
    assert play.requests[0].file[2] == "image/png"


def test_a_server_without_uploads_gets_it_inlined_and_one_that_wants_money_is_heard() -> None:
    assert made(Play([refused(404)]), {"first_frame": LARGE})["image_with_roles"][0]["url"].startswith("data:")
    with pytest.raises(PaymentRequired):
        made(Play([refused(402)]), {"first_frame": LARGE})


def test_under_a_key_of_ones_own_the_same_wish_is_the_same_body() -> None:
    assert made(Play([]), {"first_frame": LARGE}, fixed=True) == made(Play([]), {"first_frame": LARGE}, fixed=True)


@pytest.mark.parametrize("picture", ["missing.png", "", "a\0b.png", Path("/nowhere/x.png")])
def test_a_file_that_is_not_there_is_named(picture: str | Path) -> None:
    with pytest.raises(NotSent, match=r"first_frame: .*URL"):
        made(Play([]), {"first_frame": picture})


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (PNG, "image/png"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
        (b"BM", "image/bmp"),
        (b"II*\0", "image/tiff"),
        (b"<svg>", "image/unknown"),
    ],
)
def test_the_kind_of_an_image_is_told_by_its_content(data: bytes, kind: str) -> None:
    assert media_type(data) == kind
