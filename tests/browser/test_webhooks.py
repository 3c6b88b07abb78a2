"""Callbacks in the console: what was told, sent again, and the secret that signs it."""

from __future__ import annotations

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import pytest
from tests.browser.conftest import FAST, MODELS, Visit, until
from tests.conftest import Service
from tests.media.servers import serving

pytestmark = pytest.mark.browser
Opened = Callable[..., Visit]


def test_what_was_told_is_shown_with_its_answer_and_sent_again(fresh_calling: Service, visit: Opened) -> None:
    heard: list[str] = []

    def hook(handler: BaseHTTPRequestHandler) -> None:
        heard.append(handler.headers["webhook-id"])
        answer = b"<script>alert(1)</script> thank you"
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(answer)))
        handler.end_headers()
        handler.wfile.write(answer)

    with serving(hook=hook) as address:
        task_id = fresh_calling.submit(model=FAST, callback_url=f"{address}/hook", callback_events="terminal")
        fresh_calling.finished(task_id)
        person = visit(fresh_calling)
        page = person.sign_in(at=f"film/{task_id}")
        told = page.locator(".delivery")
        told.get_by_text("delivered").wait_for()
        told.locator("summary").click()
        told.get_by_text("<script>alert(1)</script> thank you").wait_for()
        assert f'"id": "{task_id}"' in told.inner_text()
        person.go("webhooks").locator(".delivery summary").click()
        page.get_by_role("button", name="Send again").click()
        page.locator(".toast").wait_for()
        until(page, "!document.querySelector('.delivery[open]')")
        for _ in range(100):
            if len(heard) >= 2:
                break
            page.wait_for_timeout(100)
    assert len(heard) == 2
    assert len(set(heard)) == 1


def test_the_secret_is_covered_shown_and_rotated(fresh_calling: Service, visit: Opened) -> None:
    before = fresh_calling.call("GET", "/v1/webhooks/secret").json()["data"]["secret"]
    page = visit(fresh_calling).sign_in(at="webhooks")
    shown = page.locator("output.secret")
    assert before not in shown.inner_text()
    page.get_by_role("button", name="Show").click()
    assert shown.inner_text() == before
    page.get_by_role("button", name="Rotate").click()
    page.get_by_role("dialog").get_by_role("button", name="Rotate").click()
    page.get_by_text("signs as well until").wait_for()
    assert fresh_calling.call("GET", "/v1/webhooks/secret").json()["data"]["secret"] != before


@pytest.fixture
def fresh_calling(service: Service) -> Service:
    """An installation that may call addresses of this machine."""
    service.environment |= {"KINEO_FETCH_ALLOW": "127.0.0.0/8"}
    service.toml = MODELS
    return service.start()
