"""The console in a real browser: one service, one Chromium, and a page that forgives no error and no broken policy."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.conftest import Service
from ulid import ULID

if TYPE_CHECKING:  # installed with the extra `browser`; whoever runs the other tests has neither
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

# The built-in models on the test card, so that a film takes as long as the test needs.
MODELS = """
[models.doubao-seedance-1-0-pro-fast]
engine = "bars"
options = { seconds = "0.5" }

[models.doubao-seedance-1-0-pro-quality]
engine = "bars"
options = { seconds = "20" }
"""
FAST, SLOW = "doubao-seedance-1-0-pro-fast", "doubao-seedance-1-0-pro-quality"
DESK, PHONE = (1440, 900), (390, 844)

# Before any page's own script: what the browser would only tell its own log.
WATCH = """
window.broken = [];
window.shift = 0;
addEventListener("securitypolicyviolation", (event) => broken.push(`${event.violatedDirective} ${event.blockedURI}`));
new PerformanceObserver((list) => { for (const entry of list.getEntries()) if (!entry.hadRecentInput) shift += entry.value; })
  .observe({ type: "layout-shift", buffered: true });
"""


@dataclass
class Visit:
    """A person in front of the console: a browser context of their own, and what their browser complained about."""

    service: Service
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text}")

    def expect(self, *parts: str) -> None:
        """Complaints with one of these in them are what the test is about: a refusal is an error to a browser's log."""
        self.expected = parts

    @property
    def address(self) -> str:
        return f"{self.service.url}/console/"

    def sign_in(self, key: str | None = None, at: str = "") -> Page:
        """Through the front door, then to a page."""
        self.page.goto(self.address)
        self.page.get_by_label("API key").fill(key or self.service.key)
        self.page.get_by_role("button", name="Open the console").click()
        self.page.locator("main .page").wait_for()
        return self.go(at) if at else self.page

    def go(self, at: str) -> Page:
        """To a page, once everything on it is there."""
        self.page.evaluate("at => { location.hash = `#/${at}`; }", at)
        self.page.locator(f".page-{at.split('/')[0].split('?')[0]} > *").first.wait_for()
        self.page.wait_for_load_state("networkidle") if at.startswith("reference") else None
        return self.page

    def check(self) -> None:
        broken = self.page.evaluate("window.broken ?? []")
        kept = [text for text in self.complaints if not any(part in text for part in self.expected)]
        assert (kept, broken) == ([], [])


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("KINEO_CHROMIUM") or shutil.which("chromium")
    if path is None:
        pytest.fail(
            "there is no Chromium to drive the console with; install it (apt-get install chromium)", pytrace=False
        )
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        pytest.fail("playwright is missing; install it with: pip install -e '.[test,browser]'", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for all tests that leave it as it was."""
    service = Service(tmp_path_factory.mktemp("console"), toml=MODELS)
    yield service.start()
    service.stop()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Service]:
    """An installation on which nothing ever happened."""
    service = Service(tmp_path, toml=MODELS)
    yield service.start()
    service.stop()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Visit]]:
    """Opens a browser for somebody; at the end of the test it must have had nothing to complain about."""
    visits: list[Visit] = []

    def opened(service: Service, size: tuple[int, int] = DESK, **options: Any) -> Visit:
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, **{"locale": "en-US"} | options)
        context.add_init_script(WATCH)
        context.set_default_timeout(60_000)  # a machine under test is a busy one
        page = context.new_page()
        visits.append(made := Visit(service, context, page))
        page.on("console", made.hear)
        page.on("pageerror", lambda error: made.complaints.append(f"page: {error}"))
        return made

    yield opened
    for each in visits:
        each.check()
        each.context.close()


def until(page: Page, condition: str) -> None:
    """Wait for what the page itself can tell. Playwright's own way is a string to evaluate, which our policy forbids."""
    for _ in range(1200):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"it never came to this: {condition}")


def multiply(service: Service, task_id: str, count: int) -> None:
    """Hang a finished film many times, in several shapes: rows of the database, as so many films would have left them."""
    with sqlite3.connect(service.data / "kineograph.sqlite3", timeout=30) as database:
        database.row_factory = sqlite3.Row
        row = dict(database.execute("SELECT * FROM tasks WHERE id = ?", (task_id,)).fetchone())
        video, asked = json.loads(row["video"]), json.loads(row["request"])
        for number in range(count):
            at = row["created_at"] - 60 * (number + 1)
            width, height = [(864, 480), (480, 864), (640, 640)][number % 3]
            copy = row | {
                "id": f"task_{ULID.from_timestamp(at)}",
                "created_at": at,
                "video": json.dumps(video | {"width": width, "height": height}),
                "request": json.dumps(asked | {"prompt": f"film number {number} of many"}),
            }
            names = ", ".join(copy)
            database.execute(f"INSERT INTO tasks ({names}) VALUES ({', '.join('?' * len(copy))})", list(copy.values()))
    database.close()
