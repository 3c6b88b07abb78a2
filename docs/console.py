"""Pictures of every page of the console, to be looked at: desk and phone, light and dark, English and Chinese.

    python docs/console.py http://127.0.0.1:8000 kineo_… shots/       # all of them
    python docs/console.py http://127.0.0.1:8000 kineo_… docs/console --best

Needs Chromium and `pip install -e '.[browser]'`; an installation with some films shows more than an empty one.
"""

from __future__ import annotations

import io
import itertools
import shutil
import sys
from pathlib import Path
from typing import Any

from PIL import Image

PAGES = (
    *("", "playground", "films", "film", "usage", "keys", "webhooks"),
    *("accounts", "accounts/one", "accounts/prices", "accounts/log", "workers", "reference"),
)
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
# What the documentation shows: page, size, colours, language.
BEST = (
    ("playground", "desk", "light", "en"),
    ("films", "desk", "dark", "en"),
    ("film", "desk", "light", "en"),
    ("usage", "desk", "light", "en"),
    ("reference", "desk", "dark", "en"),
    ("films", "phone", "light", "zh"),
)
MOST = 150_000  # bytes of a picture in the documentation


def main(address: str, key: str, folder: str, *flags: str) -> None:
    from playwright.sync_api import sync_playwright

    into = Path(folder)
    into.mkdir(parents=True, exist_ok=True)
    wanted = BEST if "--best" in flags else list(itertools.product(PAGES, SIZES, ("light", "dark"), ("en", "zh")))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for (size, colours, language), shots in itertools.groupby(
            sorted(wanted, key=lambda shot: shot[1:]), key=lambda shot: shot[1:]
        ):
            context = browser.new_context(
                viewport=dict(zip(("width", "height"), SIZES[size], strict=True)),
                color_scheme=colours,
                locale={"en": "en-US", "zh": "zh-CN"}[language],
            )
            for page, *_ in shots:
                name = f"{page.replace('/', '-') or 'welcome'}-{size}-{colours}-{language}.png"
                save(shot(context.new_page(), address, key, page), into / name)
            context.close()
        browser.close()


def shot(page: Any, address: str, key: str, name: str) -> bytes:
    """The page as a visitor of the size sees it first."""
    page.goto(f"{address}/console/")
    if name:
        page.evaluate("key => sessionStorage.setItem('kineograph.key', key)", key)
        page.goto(f"{address}/console/?{name}#/{place(page, address, key, name)}")
        page.locator(".page > *").first.wait_for()
    page.wait_for_load_state("load")
    page.wait_for_timeout(1500)
    picture: bytes = page.screenshot()
    page.close()
    return picture


def place(page: Any, address: str, key: str, name: str) -> str:
    """Where a page is that shows one thing of many: the newest finished film, the newest account."""
    asked = {"film": "/v1/tasks?limit=1&status=completed", "accounts/one": "/v1/admin/accounts"}.get(name)
    if asked is None:
        return name
    found = page.request.get(address + asked, headers={"Authorization": f"Bearer {key}"}).json()["data"]
    newest = max(found, key=lambda one: one.get("created_at", 0))
    return f"{name.split('/')[0]}/{newest['id']}"


def save(picture: bytes, path: Path) -> None:
    """As PNG, with as many colours as fit."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    for colours in (256, 128, 64, 32):
        image.quantize(colours, kmeans=3, dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size <= MOST:
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
