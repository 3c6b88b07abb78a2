"""Films in the console: the first one, one from a picture, one that is stopped, five hundred on the wall."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from tests.browser.conftest import FAST, PHONE, SLOW, Visit, multiply, until
from tests.conftest import Service

pytestmark = pytest.mark.browser
Opened = Callable[..., Visit]


def made(visit: Visit) -> Any:
    """The film in the playground, once it plays."""
    film = visit.page.locator("video.film")
    film.wait_for()
    until(visit.page, "document.querySelector('video.film').readyState >= 2")
    return film


def test_the_first_film_on_an_empty_installation_takes_two_clicks(fresh: Service, visit: Opened) -> None:
    person = visit(fresh)
    page = person.sign_in()
    page.get_by_text("Your service is ready").wait_for()
    page.get_by_role("button", name=re.compile("cute kitten")).click()
    page.get_by_role("button", name="Make the film").click()
    made(person)
    assert len(fresh.call("GET", "/v1/tasks").json()["data"]) == 1
    person.go("films").locator("kg-film img").wait_for()


def test_a_film_is_followed_from_words_to_download(shared: Service, visit: Opened) -> None:
    person = visit(shared)
    page = person.sign_in()
    page.get_by_label("What should happen?").fill('<img src=x onerror="alert(1)"> a fox & its "shadow"')
    page.get_by_text("9:16").click()
    page.locator(".price").get_by_text("about").wait_for()
    page.get_by_text("The same as code").click()
    assert '"aspect_ratio": "9:16"' in page.locator(".code pre").inner_text()
    page.get_by_role("button", name="Make the film").click()
    made(person)
    assert "seed" in page.locator(".facts").inner_text().lower()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.path().read_bytes()[4:8] == b"ftyp"
    page.get_by_role("button", name="Details").click()
    page.locator(".history li.completed").wait_for()
    assert page.locator("h1.film-words").inner_text() == '<img src=x onerror="alert(1)"> a fox & its "shadow"'
    assert page.locator("h1.film-words img").count() == 0
    page.get_by_role("link", name="Change and make again").click()
    assert "a fox" in page.get_by_label("What should happen?").input_value()


def test_a_film_in_the_making_shows_a_preview_and_can_be_cancelled(shared: Service, visit: Opened) -> None:
    person = visit(shared)
    page = person.sign_in()
    page.get_by_label("What should happen?").fill("a long film")
    page.get_by_label("Model").select_option(SLOW)
    page.get_by_role("button", name="Make the film").click()
    page.locator("img.preview[src]").wait_for()
    assert page.evaluate("document.querySelector('img.preview').naturalWidth") > 100
    page.locator(".meter").get_by_role("button", name="Cancel").click()
    page.get_by_text("Nothing was charged").wait_for()
    newest = shared.call("GET", "/v1/tasks?limit=1").json()["data"][0]
    assert newest["status"] == "cancelled"


def test_a_film_begins_with_a_picture_from_the_disk(shared: Service, visit: Opened) -> None:
    file = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(file, "PNG")
    person = visit(shared)
    page = person.sign_in()
    page.get_by_label("What should happen?").fill("the picture begins to move")
    page.get_by_label("First frame", exact=True).set_input_files(
        {"name": "first.png", "mimeType": "image/png", "buffer": file.getvalue()}
    )
    page.locator("kg-picture .held .icon-button").wait_for()
    page.get_by_role("button", name="Make the film").click()
    made(person)
    newest = shared.call("GET", "/v1/tasks?limit=1").json()["data"][0]
    assert (newest["status"], newest["prompt"]) == ("completed", "the picture begins to move")


def test_five_hundred_films_scroll_by_without_moving_under_the_eye(fresh: Service, visit: Opened) -> None:
    task_id = fresh.submit(model=FAST, prompt="the one that is there", duration=2, resolution="480p")
    assert fresh.finished(task_id)["status"] == "completed"
    multiply(fresh, task_id, 499)
    person = visit(fresh)
    page = person.sign_in(at="films")
    page.mouse.move(700, 500)
    for _ in range(400):
        page.mouse.wheel(0, 700)
        page.wait_for_timeout(30)  # as a hand scrolls; nothing to wait for in between
        if page.locator("kg-film").count() >= 500:
            break
    assert page.locator("kg-film").count() == 500
    assert page.evaluate("new Set([...document.querySelectorAll('kg-film a')].map((one) => one.href)).size") == 500
    moved = page.evaluate("window.shift")
    print(f"layout shift over 500 films: {moved:.4f}")
    assert moved < 0.02
    page.evaluate("scrollTo(0, 0)")
    page.get_by_label("Words in the prompt").fill("NUMBER 42 many")
    page.get_by_text("film number 42 of many").wait_for()
    until(page, "document.querySelectorAll('kg-film').length < 20")
    page.get_by_label("Words in the prompt").fill("a walrus")
    page.get_by_text("Nothing matches").wait_for()


def test_the_wall_plays_the_film_a_pointer_rests_on(shared: Service, visit: Opened) -> None:
    shared.finished(shared.submit(model=FAST, prompt="look at me"))
    page = visit(shared).sign_in(at="films")
    page.locator("kg-film .picture").first.hover()
    page.locator("kg-film video").wait_for()
    page.mouse.move(2, 2)
    until(page, "!document.querySelector('kg-film video')")


def test_a_film_is_deleted_after_a_question(shared: Service, visit: Opened) -> None:
    task_id = shared.submit(model=FAST, prompt="to be deleted")
    shared.finished(task_id)
    page = visit(shared, PHONE).sign_in(at=f"film/{task_id}")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Keep it").click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.locator(".page-films").wait_for()
    assert shared.call("GET", f"/v1/tasks/{task_id}").status_code == 404
