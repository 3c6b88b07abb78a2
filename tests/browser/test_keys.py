"""Keys, accounts and the fleet in the console: what an admin does all day."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable

import pytest
from tests.browser.conftest import FAST, SLOW, Visit
from tests.conftest import Service

pytestmark = pytest.mark.browser
Opened = Callable[..., Visit]


def new_key(visit: Visit, name: str) -> str:
    """Made in the console; its text as it is shown this once."""
    page = visit.go("keys")
    page.get_by_role("button", name="New key").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_text("Limits", exact=True).click()
    dialog.get_by_label("Requests per minute").fill("600")
    dialog.get_by_label("Largest size").select_option("720p")
    dialog.get_by_role("button", name="New key").click()
    text = page.locator("output.secret").inner_text()
    page.get_by_role("button", name="I have it").click()
    page.get_by_role("cell", name=name).wait_for()
    return text


def test_a_key_made_here_makes_a_film_with_curl_and_is_refused_when_revoked(shared: Service, visit: Opened) -> None:
    admin = visit(shared)
    admin.sign_in()
    text = new_key(admin, "<b>storefront</b>")
    body = json.dumps({"model": FAST, "prompt": "by curl", "duration": 2, "resolution": "480p"})
    command = ["curl", "-sS", f"{shared.url}/v1/videos/generations", "-H", f"Authorization: Bearer {text}"]
    run = subprocess.run([*command, "-H", "Content-Type: application/json", "-d", body], capture_output=True, text=True)
    assert json.loads(run.stdout)["data"][0]["status"] == "submitted", run
    too_large = json.dumps(json.loads(body) | {"resolution": "1080p"})
    run = subprocess.run([*command, "-d", too_large, "-H", "Content-Type: application/json"], capture_output=True)
    assert json.loads(run.stdout)["error"]["param"] == "resolution"

    worker = visit(shared)
    worker.expect("401")
    worker.sign_in(text, at="keys")
    assert worker.page.get_by_role("button", name="New key").count() == 0
    row = admin.page.get_by_role("row").filter(has_text="<b>storefront</b>")
    row.get_by_role("button", name="Revoke").click()
    admin.page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    row.locator(".badge.failed").wait_for()
    worker.page.wait_for_timeout(1100)  # a revoked key is remembered for a second at most
    worker.page.evaluate("location.hash = '#/films'")
    worker.page.get_by_label("API key").wait_for()  # politely out, with the reason
    assert "revoked" in worker.page.locator("#key-error").inner_text()


def test_a_key_is_rotated_while_one_is_signed_in_with_it(fresh: Service, visit: Opened) -> None:
    person = visit(fresh)
    page = person.sign_in(at="keys")
    page.get_by_role("row").filter(has_text="this one").get_by_role("button", name="Rotate").click()
    page.get_by_role("dialog").get_by_role("button", name="Rotate").click()
    text = page.locator("output.secret").inner_text()
    assert text != fresh.key
    page.get_by_role("button", name="I have it").click()
    person.go("films").get_by_text("Your films will hang here").wait_for()


def test_the_second_of_two_admins_who_change_one_key_is_told(shared: Service, visit: Opened) -> None:
    first, second = visit(shared), visit(shared)
    first.sign_in()
    new_key(first, "shared key")
    second.expect("409")
    for person in (first, second):
        page = person.page if person is first else person.sign_in(at="keys")
        page.get_by_role("row").filter(has_text="shared key").get_by_role("button", name="Change").click()
    for person, value in ((first, "7"), (second, "9")):
        dialog = person.page.get_by_role("dialog")
        dialog.get_by_label("At once").fill(value)
        dialog.get_by_role("button", name="Save").click()
        if person is first:
            person.page.locator(".toast").wait_for()
    second.page.get_by_role("dialog").get_by_role("alert").filter(has_text=re.compile("version|changed")).wait_for()
    second.page.get_by_role("button", name="Cancel").click()
    assert (
        second.page.get_by_role("row").filter(has_text="shared key").get_by_role("cell", name="7", exact=True).count()
    )


def test_an_account_gets_money_a_price_is_set_and_the_film_is_charged(fresh: Service, visit: Opened) -> None:
    admin = visit(fresh)
    page = admin.sign_in(at="accounts/prices")
    page.get_by_text("Films cost nothing").wait_for()
    page.get_by_role("button", name="Add a price").click()
    page.get_by_label("Price", exact=True).fill("0.05")
    page.get_by_role("button", name="Save").click()
    page.locator(".toast").wait_for()
    admin.go("accounts")
    admin.go("accounts/prices").get_by_label("Price", exact=True).wait_for()
    assert page.get_by_label("Price", exact=True).input_value() == "0.05"
    admin.go("accounts").get_by_role("button", name="New account").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("ACME")
    dialog.get_by_label("Balance to begin with").fill("1")
    dialog.get_by_role("button", name="New account").click()
    page.get_by_role("heading", name="ACME").wait_for()
    page.get_by_role("button", name="Adjust balance").click()
    page.get_by_role("dialog").get_by_label(re.compile("Amount")).fill("0.5")
    page.get_by_role("dialog").get_by_label("Why").fill("goodwill")
    page.get_by_role("dialog").get_by_role("button", name="Adjust balance").click()
    page.get_by_role("cell", name="goodwill").wait_for()
    assert page.locator(".figures").inner_text().count("1.5") == 1
    account = page.url.rsplit("/", 1)[1]
    key = fresh.call("POST", "/v1/admin/keys", json={"name": "theirs", "account_id": account}).json()["data"]["text"]
    member = visit(fresh)
    member.sign_in(key)
    member.page.get_by_label("What should happen?").fill("a paid film")
    member.page.locator(".price").get_by_text("costs 0.25").wait_for()
    member.page.get_by_role("button", name="Make the film").click()
    member.page.locator("video.film").wait_for()
    usage = member.go("usage")
    usage.locator(".figures").get_by_text("0.25").first.wait_for()
    assert "1.25" in usage.locator(".figures").inner_text()
    with usage.expect_download() as download:
        usage.get_by_role("button", name="Usage By model as CSV").click()
    assert f"{FAST},1,5," in download.value.path().read_text()
    admin.go("accounts/log").get_by_text("account.adjust").first.wait_for()


def test_an_operator_sees_who_makes_what_and_pauses_a_queue(fresh: Service, visit: Opened) -> None:
    page = visit(fresh).sign_in(at="workers")
    task_id = fresh.submit(model=SLOW, prompt="a slow one")
    page.locator(f"[role=progressbar][aria-label={task_id}]").wait_for()
    queue = page.locator(".queue").filter(has_text="bars")
    queue.get_by_role("button", name="Pause").click()
    queue.get_by_text("paused").wait_for()
    states = {row["name"]: row["state"] for row in fresh.call("GET", "/v1/admin/queues").json()["data"]}
    assert states["bars"] == "paused"
    queue.get_by_role("button", name="Resume").click()
    queue.get_by_text("open").wait_for()
    queue.get_by_role("button", name="Cap").click()
    page.get_by_role("dialog").get_by_label(re.compile("at once")).fill("3")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    queue.get_by_text("/ 3").wait_for()
    fresh.call("POST", f"/v1/tasks/{task_id}/cancel")
