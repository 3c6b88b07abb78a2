"""The console as a whole: fast, for every eye and hand, on a phone, behind a prefix, and when the line is cut."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.browser.conftest import FAST, PHONE, Visit, until
from tests.conftest import Service

pytestmark = pytest.mark.browser
Opened = Callable[..., Visit]
PAGES = [
    "playground",
    "films",
    "film",
    "usage",
    "keys",
    "accounts",
    "accounts/prices",
    "accounts/log",
    "workers",
    "webhooks",
    "reference",
]


@pytest.fixture(scope="module")
def film(shared: Service) -> str:
    task_id = shared.submit(model=FAST, prompt="a film with everything", metadata={"order": "7"})
    assert shared.finished(task_id)["status"] == "completed"
    return task_id


def at(page: str, film: str) -> str:
    return f"film/{film}" if page == "film" else page


def settled(visit: Visit, page: str) -> None:
    visit.go(page)
    visit.page.wait_for_timeout(400)  # what fades in has faded in


def test_a_cold_load_is_small_and_soon_answers(shared: Service, visit: Opened) -> None:
    person = visit(shared)
    received: list[int] = []
    line = person.context.new_cdp_session(person.page)
    line.send("Network.enable")
    line.on("Network.loadingFinished", lambda event: received.append(int(event["encodedDataLength"])))
    person.page.goto(person.address)
    person.page.evaluate("key => sessionStorage.setItem('kineograph.key', key)", shared.key)
    received.clear()
    line.send("Network.clearBrowserCache")
    person.page.goto(f"{person.address}?cold")
    person.page.get_by_role("button", name="Make the film").wait_for()
    spent = person.page.evaluate("performance.now()")
    person.page.wait_for_load_state("networkidle")
    print(f"cold load: {sum(received) / 1000:.1f} kB, interactive after {spent:.0f} ms")
    assert sum(received) < 150_000
    assert spent < 5_000  # the budget is 1 s on 2 idle cores; a test machine is not idle


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1440, 900), PHONE], ids=["desk", "phone"])
def test_no_page_has_a_serious_fault_for_anybody(
    shared: Service, visit: Opened, film: str, size: tuple[int, int], scheme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    person = visit(shared, size, color_scheme=scheme, reduced_motion="reduce")
    person.page.goto(person.address)
    person.page.get_by_label("API key").wait_for()
    faults = {"welcome": serious(Axe().run(person.page).response)}
    person.sign_in()
    for page in PAGES:
        settled(person, at(page, film))
        faults[page] = serious(Axe().run(person.page).response)
    person.go("keys").get_by_role("button", name="New key").click()
    faults["new key"] = serious(Axe().run(person.page).response)
    assert {page: found for page, found in faults.items() if found} == {}


def serious(results: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (rule["id"], node["html"][:120] + " | " + node["failureSummary"][:200])
        for rule in results["violations"]
        if rule["impact"] in {"serious", "critical"}
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_no_page_is_wider_than_a_phone(shared: Service, visit: Opened, film: str, locale: str) -> None:
    person = visit(shared, PHONE, locale=locale, has_touch=True)
    person.page.goto(person.address)
    person.page.locator("#key").fill(shared.key)
    person.page.locator("form button[type=submit]").click()
    person.page.locator("main .page").wait_for()
    for page in PAGES:
        settled(person, at(page, film))
        assert person.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], page


def test_a_phone_reaches_every_page_and_signs_out(shared: Service, visit: Opened) -> None:
    person = visit(shared, PHONE, has_touch=True)
    page = person.sign_in()
    assert not page.get_by_role("link", name="Workers").is_visible()
    page.get_by_role("button", name="More").click()
    page.get_by_role("link", name="Workers").click()
    page.locator(".page-workers").wait_for()
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("API key").wait_for()


def test_dark_follows_the_system_and_can_be_chosen(shared: Service, visit: Opened) -> None:
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    person = visit(shared, color_scheme="dark")
    page = person.sign_in()
    dark = page.evaluate(paper)
    page.get_by_role("button", name="Colours: as the system").click()
    light = page.evaluate(paper)
    assert dark != light
    page.get_by_role("button", name="Colours: light").click()
    page.emulate_media(color_scheme="light")
    page.reload()
    page.locator("main .page").wait_for()
    assert page.evaluate(paper) == dark


def test_it_speaks_chinese(shared: Service, visit: Opened) -> None:
    page = visit(shared).sign_in()
    page.get_by_role("button", name="切换到中文").click()
    page.get_by_role("button", name="生成影片").wait_for()
    assert page.evaluate("document.documentElement.lang") == "zh"


def test_a_film_is_made_with_the_keyboard_alone(shared: Service, visit: Opened) -> None:
    page = visit(shared).page
    page.goto(f"{shared.url}/console/")
    page.get_by_label("API key").wait_for()
    until(page, "document.activeElement.id === 'key'")
    page.keyboard.type(shared.key)
    page.keyboard.press("Enter")
    page.locator("main .page").wait_for()
    until(page, "document.activeElement.id === 'main'")
    page.reload()
    page.locator("main .page > *").first.wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # skip to the content
    until(page, "document.activeElement.id === 'main'")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "prompt"
    page.keyboard.type("typed without a mouse")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").strip() == "Make the film":
            break
    page.keyboard.press("Enter")
    page.locator("video.film").wait_for()
    assert shared.call("GET", "/v1/tasks?limit=1").json()["data"][0]["prompt"] == "typed without a mouse"


def test_a_lost_line_is_shown_and_comes_back(shared: Service, visit: Opened) -> None:
    person = visit(shared)
    person.expect("ERR_INTERNET_DISCONNECTED")
    page = person.sign_in()
    person.context.set_offline(True)
    page.get_by_text("You are offline").wait_for()
    page.evaluate("location.hash = '#/keys'")
    page.get_by_text("Cannot reach the service").wait_for()
    person.context.set_offline(False)
    page.get_by_text("You are offline").wait_for(state="hidden")
    page.get_by_role("button", name="Try again").click()
    page.locator(".page-keys table").wait_for()


def test_it_works_behind_a_prefix(shared: Service, visit: Opened) -> None:
    """A proxy that puts everything under /studio: no address of the console may begin at the root."""
    person = visit(shared)
    outside: list[str] = []

    def through(route: Any) -> None:
        parts = urlsplit(route.request.url)
        if not parts.path.startswith("/studio/"):
            outside.append(parts.path)
        route.continue_(url=route.request.url.replace("/studio/", "/", 1))

    person.page.route("**/*", through)
    person.page.goto(f"{shared.url}/studio/console/")
    person.page.get_by_label("API key").fill(shared.key)
    person.page.get_by_role("button", name="Open the console").click()
    person.page.locator("main .page-playground form").wait_for()
    for page in ("films", "keys", "usage", "workers", "reference"):
        person.go(page)
    assert outside == []


def test_the_examples_of_the_api_page_run(shared: Service, visit: Opened) -> None:
    page = visit(shared).sign_in(at="reference")
    page.get_by_text("Case 1").click()
    page.get_by_role("button", name="Send").click()
    page.locator(".answer .good").get_by_text("200").wait_for()
    page.get_by_role("button", name="Watch it").click()
    page.locator("video.film").wait_for()


def test_the_api_page_is_read_without_a_key(shared: Service, visit: Opened) -> None:
    page = visit(shared).page
    page.goto(f"{shared.url}/docs")
    page.get_by_role("heading", name="Submit a video generation").wait_for()
    page.locator('a[href="#/reference/list_tasks"]').click()
    page.get_by_role("heading", name="List tasks, newest first").wait_for()
    assert page.get_by_role("button", name="Send").count() == 0
