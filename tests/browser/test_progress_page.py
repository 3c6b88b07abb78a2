"""The page of docs/howto/progress-in-a-web-page.md, as it stands there, in a browser, from another origin."""

from __future__ import annotations

import re
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from tests.browser.conftest import FAST, MODELS
from tests.conftest import Service
from tests.media.servers import body, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
PAGE = Path(__file__).parents[2] / "docs" / "howto" / "progress-in-a-web-page.md"


def test_a_page_that_holds_no_key_shows_a_film_as_it_is_made(service: Service, chromium: Browser) -> None:
    found = re.search(r"```html\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    html = f"<!doctype html>{found[1]}".encode()

    def shown(handler: BaseHTTPRequestHandler) -> None:
        body(html, "text/html; charset=utf-8")(handler)

    service.toml = MODELS
    with serving(page=shown) as origin:
        service.environment |= {"KINEO_CORS_ORIGINS": origin}
        service.start()
        task_id = service.submit(model=FAST)
        link = service.call("POST", f"/v1/tasks/{task_id}/event-link").json()["data"]["url"]
        page = chromium.new_page()
        page.goto(f"{origin}/page?link={quote(link, safe='')}")
        page.wait_for_function("document.querySelector('progress').value === 100", timeout=60_000)
        page.wait_for_function("document.querySelector('video').readyState > 0", timeout=60_000)
        assert page.locator("output").inner_text() == "completed"
        page.close()
