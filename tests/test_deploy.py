"""What deploy/ names exists: commands, flags, settings; and everything gets longer to stop than a film may take to drain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from kineograph.cli.main import app
from kineograph.settings import Settings

DEPLOY = Path(__file__).parents[1] / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())


def documents(pattern: str) -> Iterator[Any]:
    for path in sorted(DEPLOY.glob(pattern)):
        yield from (document for document in yaml.safe_load_all(path.read_text()) if document)


def containers() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each container of the Kubernetes files, with the pod it is in."""
    for document in documents("kubernetes/*.yaml"):
        job = document["spec"].get("jobTargetRef", document["spec"])
        pod = job.get("template", {}).get("spec", {})
        for container in pod.get("initContainers", []) + pod.get("containers", []):
            yield container, pod


def commands() -> Iterator[tuple[str, ...]]:
    """Every `kineo …` that is run, without the name."""
    for service in next(documents("compose.yaml"))["services"].values():
        if "command" in service and service["image"] == "kineograph":
            yield tuple(service["command"])
    for container, _ in containers():
        yield tuple(container["args"])
    for unit in DEPLOY.glob("systemd/*.service"):
        for line in re.findall(r"^ExecStart=\S+/kineo (.*)$", unit.read_text(), re.MULTILINE):
            yield tuple(line.split())
    for step in re.findall(r"^RUN kineo (.*)$", (DEPLOY / "Containerfile").read_text(), re.MULTILINE):
        yield tuple(step.split())


@pytest.mark.parametrize("words", sorted(set(commands())), ids=" ".join)
def test_every_command_exists_with_its_flags(words: tuple[str, ...]) -> None:
    found: Any = typer.main.get_command(app)
    for word in words:
        if word.startswith("-"):
            break
        found = found.commands[word]
    flags = {flag for parameter in found.params for flag in (*parameter.opts, *parameter.secondary_opts)}
    assert {word for word in words if word.startswith("--")} <= flags


def test_there_is_a_command_in_every_kind_of_file() -> None:
    assert len(set(commands())) >= 6


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_setting_exists(path: Path) -> None:
    names = {name.removeprefix("KINEO_").lower() for name in re.findall(r"KINEO_[A-Z_]+", path.read_text())}
    assert names <= set(Settings.model_fields)


def test_everything_gets_longer_to_stop_than_a_film_to_drain() -> None:
    drain = Settings.model_fields["drain"].default
    compose = next(documents("compose.yaml"))["services"]
    graces = [float(compose[name]["stop_grace_period"].removesuffix("s")) for name in ("api", "worker")]
    graces += [pod["terminationGracePeriodSeconds"] for _, pod in containers()]
    for unit in DEPLOY.glob("systemd/*.service"):
        graces += [float(value) for value in re.findall(r"^TimeoutStopSec=(\d+)$", unit.read_text(), re.MULTILINE)]
    assert len(graces) >= 6
    assert min(graces) > drain + 10  # until the supervisor has killed what is left and said so
