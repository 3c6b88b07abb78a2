"""The command line as somebody in a terminal or a script meets it: real processes, real exit codes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import kineograph
from kineograph.core.keys import well_formed

SOURCE = str(Path(kineograph.__file__).parents[1])
CARD = '[models.card]\nengine = "bars"\noptions = { seconds = "1" }\n'


@pytest.fixture
def kineo(tmp_path: Path) -> Any:
    (tmp_path / "kineo.toml").write_text(CARD)
    environment = {**os.environ, "PYTHONPATH": SOURCE, "KINEO_DATA": str(tmp_path / "data"), "COLUMNS": "120"}

    def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "kineograph", *words],
            cwd=tmp_path,
            env=environment | more,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    run.environment = environment  # type: ignore[attr-defined]  # for tests that start it themselves
    run.folder = tmp_path  # type: ignore[attr-defined]  # likewise
    return run


def test_help_names_every_command_and_imports_no_server(kineo: Any) -> None:
    found = kineo("--help")
    assert found.returncode == 0
    for word in (
        "generate",
        "explain",
        "still",
        "serve",
        "worker",
        "keys",
        "tasks",
        "doctor",
        "warmup",
        "backup",
        "db",
    ):
        assert word in found.stdout
    heavy = ("fastapi", "sqlalchemy", "numpy", "pydantic", "rich")
    code = f"import sys, kineograph.cli.main; print([m for m in {heavy} if m in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", code], env=kineo.environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


def test_a_film_from_words_prints_its_path_last(kineo: Any) -> None:
    found = kineo(
        "generate", "A cute kitten!", "--model", "card", "--duration", "2", "--resolution", "480p", "--seed", "7"
    )
    assert found.returncode == 0, found.stderr
    assert found.stdout == "a-cute-kitten-7.mp4\n"
    assert (kineo.folder / "a-cute-kitten-7.mp4").read_bytes()[4:8] == b"ftyp"
    assert found.stderr == "", "nothing but the path in a pipe"


def test_json_gives_the_whole_task(kineo: Any) -> None:
    found = kineo(
        "generate", "x", "--model", "card", "--duration", "2", "--resolution", "480p", "--json", "-o", "x.mp4"
    )
    task = json.loads(found.stdout)
    assert (task["status"], task["path"], task["frames"]) == ("completed", "x.mp4", 48)
    listed = json.loads(kineo("tasks", "list", "--json").stdout)
    assert [row["id"] for row in listed] == [task["id"]]
    assert kineo("tasks", "list").stdout.split("\t")[:2] == [task["id"], "completed"]
    assert kineo("tasks", "wait", task["id"]).returncode == 0
    assert kineo("tasks", "cancel", task["id"]).returncode == 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("generate", "x", "--model", "nope"), 3, "doubao-seedance-1-0-pro-fast"),
        (("generate", "x", "--duration", "99"), 3, "duration"),
        (("generate", "x", "--aspect-ratio", "5:4"), 3, "16:9"),
        (("generate", "   "), 3, "prompt"),
        (("generate", "x", "--first-frame", "missing.png"), 2, "missing.png"),
        (("generate", "x", "--last-frame", "kineo.toml"), 3, "image"),
        (("generate", "x", "-o", "no/such/folder/x.mp4"), 2, "no/such/folder"),
        (("generate", "x", "--server", "http://127.0.0.1:1"), 2, "KINEO_API_KEY"),
        (("generate", "x", "--server", "http://127.0.0.1:1", "--key", "k"), 3, "127.0.0.1:1"),
        (("generate",), 2, "prompt"),
        (("generat", "x"), 2, "generat"),
        (("tasks", "show", "task_nope"), 1, "task_nope"),
        (("keys", "revoke", "key_nope"), 1, "key_nope"),
        (("keys", "create", "--name", "x", "--scope", "root"), 2, "generate"),
        (("keys", "create", "--name", "x", "--expires", "soon"), 2, "30d"),
        (("worker", "--queue", "nope"), 1, "animatic"),
        (("serve", "--port", "99999"), 2, "port"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_mistake_gets_one_sentence_with_a_way_out(kineo: Any, words: tuple[str, ...], code: int, said: str) -> None:
    found = kineo(*words)
    assert found.returncode == code, found.stderr
    assert said in found.stderr
    assert "Traceback" not in found.stderr
    assert found.stdout == ""


def test_a_key_is_printed_alone_once_and_rotates_and_ends(kineo: Any) -> None:
    text = kineo("keys", "create", "--name", "app", "--expires", "30d").stdout.strip()
    assert well_formed(text)
    (row,) = json.loads(kineo("keys", "list", "--json").stdout)
    assert (row["name"], row["scopes"], row["limit"]) == ("app", ["generate", "read"], 4)
    assert text not in json.dumps(row)
    assert (kineo.folder / "data" / "kineograph.sqlite3").read_bytes().find(text.encode()) == -1, (
        "only its hash is stored"
    )
    fresh = kineo("keys", "rotate", row["id"]).stdout.strip()
    assert well_formed(fresh)
    assert fresh != text
    assert kineo("keys", "revoke", row["id"]).returncode == 0
    assert "revoked" in kineo("keys", "list").stdout


def test_ctrl_c_cancels_the_film_and_says_so_by_its_exit_code(kineo: Any) -> None:
    (kineo.folder / "kineo.toml").write_text(CARD.replace('"1"', '"60"'))
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "kineograph",
            "generate",
            "x",
            "--model",
            "card",
            "--duration",
            "2",
            "--resolution",
            "480p",
        ],
        cwd=kineo.folder,
        env=kineo.environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    for _ in range(100):
        time.sleep(0.2)
        if (kineo.folder / "data" / "kineograph.sqlite3").exists() and "processing" in kineo("tasks", "list").stdout:
            break
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert "Traceback" not in said
    (task,) = json.loads(kineo("tasks", "list", "--json").stdout)
    assert task["status"] == "cancelled"
    assert not list(kineo.folder.glob("*.mp4*"))


def test_the_doctor_finds_this_machine_well_and_a_bad_row_not(kineo: Any) -> None:
    assert kineo("doctor").returncode == 0
    (kineo.folder / "kineo.toml").write_text('[models.x]\nengine = "dreams"\n')
    found = kineo("doctor")
    assert found.returncode == 1
    assert "dreams" in found.stdout


def test_a_backup_is_a_database_and_never_overwrites(kineo: Any) -> None:
    kineo("keys", "create", "--name", "app")
    assert kineo("backup", "copy.sqlite3").returncode == 0
    assert (kineo.folder / "copy.sqlite3").read_bytes().startswith(b"SQLite format 3")
    assert kineo("backup", "copy.sqlite3").returncode == 2


def test_a_database_is_moved_and_checked(kineo: Any) -> None:
    kineo("keys", "create", "--name", "app")
    found = kineo("db", "copy", "data/kineograph.sqlite3", "moved.sqlite3")
    assert found.returncode == 0, found.stderr
    assert "compared row by row" in found.stdout
    assert "keys\n" in found.stderr, "told as it goes"
    there = f"sqlite:///{kineo.folder / 'moved.sqlite3'}"
    assert kineo("keys", "list", KINEO_DATABASE_URL=there).stdout == kineo("keys", "list").stdout
    assert kineo("db", "check", KINEO_DATABASE_URL=there).returncode == 0
    again = kineo("db", "copy", "data/kineograph.sqlite3", "moved.sqlite3")
    assert (again.returncode, "is not empty" in again.stderr) == (1, True)


def test_a_data_folder_that_cannot_be_made_is_named(kineo: Any) -> None:
    (kineo.folder / "file").write_text("not a folder")
    found = kineo("keys", "list", KINEO_DATA=str(kineo.folder / "file" / "data"))
    assert found.returncode == 1
    assert "--data" in found.stderr
    assert "Traceback" not in found.stderr


def test_a_port_in_use_is_named(kineo: Any) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        found = kineo("serve", "--port", port)
    assert found.returncode == 1
    assert port in found.stderr
    assert "Traceback" not in found.stderr


def test_explain_shows_the_slots_their_words_and_what_was_not_understood(kineo: Any) -> None:
    found = kineo("explain", "two cats on the beach at night, xylograph")
    assert found.returncode == 0
    rows = [line.split("\t") for line in found.stdout.splitlines()]
    assert ["setting", "beach", "beach"] in rows
    assert ["not understood", "xylograph", ""] in rows
    scene = json.loads(kineo("explain", "两只猫在沙滩上", "--json").stdout)["scene"]
    assert (scene["setting"], scene["subjects"][0]["count"]) == ("beach", 2)


def test_a_still_needs_a_shape_that_films_have_and_a_folder(kineo: Any) -> None:
    wrong = kineo("still", "a cat", "--aspect-ratio", "2:1")
    assert wrong.returncode == 2
    assert "16:9" in wrong.stderr
    assert kineo("still", "a cat", "-o", "nowhere/cat.png").returncode == 2


def test_a_key_is_limited_from_the_command_line_and_that_is_written_down(kineo: Any) -> None:
    kineo("keys", "create", "--name", "shop", "--expires", "30d")
    (key,) = json.loads(kineo("keys", "list", "--json").stdout)
    words = (
        "--seconds-per-day",
        "600",
        "--spend",
        "12.50",
        "--model",
        "card",
        "--address",
        "10.0.0.0/8",
        "--limit",
        "2",
    )
    assert kineo("keys", "set", key["id"], *words, "--expires", "none").returncode == 0
    (changed,) = json.loads(kineo("keys", "list", "--json").stdout)
    assert (changed["limit"], changed["expires_at"]) == (2, None)
    assert changed["limits"] == {
        "seconds_per_day": 600,
        "spend": 12.5,
        "models": ["card"],
        "addresses": ["10.0.0.0/8"],
    }
    assert kineo("keys", "set", key["id"], "--seconds-per-day", "none", "--model", "none").returncode == 0
    (changed,) = json.loads(kineo("keys", "list", "--json").stdout)
    assert set(changed["limits"]) == {"spend", "addresses"}
    refused = kineo("keys", "set", key["id"], "--max-resolution", "4k")
    assert refused.returncode == 3
    assert "480p" in refused.stderr
    assert kineo("keys", "set", key["id"]).returncode == 2
    assert kineo("keys", "rotate", key["id"]).returncode == 0
    assert kineo("keys", "revoke", key["id"]).returncode == 0
    with contextlib.closing(sqlite3.connect(kineo.folder / "data" / "kineograph.sqlite3")) as database:
        noted = database.execute("SELECT made_by, action, target, after FROM audit ORDER BY id").fetchall()
    assert [row[:3] for row in noted] == [
        ("cli", action, key["id"]) for action in ("key.create", "key.change", "key.change", "key.rotate", "key.revoke")
    ]
    assert json.loads(noted[1][3])["limits"]["seconds_per_day"] == 600


def test_the_secret_of_callbacks_is_printed_alone_and_rotates(kineo: Any) -> None:
    assert "0 accounts with keys" in kineo("webhooks", "secret").stderr
    kineo("keys", "create", "--name", "shop")
    first = kineo("webhooks", "secret").stdout
    assert first.startswith("whsec_")
    assert kineo("webhooks", "secret").stdout == first
    assert kineo("webhooks", "secret", "--rotate").stdout not in {"", first}
    kineo("keys", "create", "--name", "other")
    found = kineo("webhooks", "secret")
    assert found.returncode == 1
    assert "--account" in found.stderr
    assert kineo("webhooks", "secret", "--account", "acct_none").returncode == 1
    assert (kineo("webhooks", "deliveries").stdout, kineo("webhooks", "deliveries", "--json").stdout) == ("", "[]\n")
    assert kineo("webhooks", "deliveries", "--state", "lost").returncode == 2
    assert kineo("webhooks", "endpoints").returncode == 0
    assert "kineo webhooks deliveries" in kineo("webhooks", "redeliver", "delivery_x").stderr
