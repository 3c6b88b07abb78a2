"""The API document: true to the routes, to the body's types and to the seed's words; and nothing found by schemathesis."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from kineograph.api.native_models import FIELDS, METADATA_VALUE, GenerationBody
from kineograph.api.openapi import input_schema, openapi
from kineograph.core.models import DEFAULT_MODELS, Catalogue
from kineograph.core.ports import Idempotency, Inserted
from kineograph.core.task import Task
from kineograph.tasks import Tasks
from kineograph.testing import MemoryTaskStore

DOCUMENT = openapi(Catalogue(DEFAULT_MODELS), "1")
BODY = DOCUMENT["components"]["schemas"]["GenerationRequest"]["properties"]


def test_every_route_is_documented_and_every_documented_route_is_there(world: Any) -> None:
    hidden = {"/", "/openapi.json", "/docs", "/console", "/console/{name:path}"}
    routed = {
        (re.sub(":[a-z]+", "", route.path), method)
        for route in world.app.router.routes
        for method in route.methods - {"HEAD"}
        if route.path not in hidden
    }
    documented = {(path, method.upper()) for path, item in DOCUMENT["paths"].items() for method in item}
    assert documented == routed


def test_the_documented_body_has_the_fields_that_are_read() -> None:
    assert set(BODY) == FIELDS
    for name, schema in GenerationBody.model_json_schema()["properties"].items():
        if "default" in schema and schema["default"] is not None and name != "seed":
            assert BODY[name].get("default", schema["default"]) == schema["default"], name
    assert BODY["metadata"]["additionalProperties"]["maxLength"] == METADATA_VALUE


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("model", "Video generation model name"),
        ("model", "doubao-seedance-1-0-pro-fast - Fast version, quick generation, suitable for preview and iteration"),
        ("model", "doubao-seedance-1-0-pro-quality - High-quality version, longer generation time, better quality"),
        ("prompt", "Describe scenes, actions, styles in detail for better generation results"),
        ("duration", "Supported range: 2 ~ 12 seconds"),
        ("aspect_ratio", "21:9 - Ultra-wide"),
        ("resolution", "1080p Limitation: When using reference images (role: reference in image_with_roles)"),
        ("seed", "Value range: Integer between -1 and 2^32-1"),
        ("image_urls", "image_urls and image_with_roles cannot be used together"),
        ("image_with_roles", "Only one image per role is supported"),
        ("image_with_roles", "fast version does not support first and last frame together"),
    ],
)
def test_descriptions_are_the_seeds(field: str, words: str) -> None:
    assert words in BODY[field]["description"]


def test_the_four_use_cases_are_examples_and_valid(world: Any, run: Any) -> None:
    content = DOCUMENT["paths"]["/v1/videos/generations"]["post"]["requestBody"]["content"]["application/json"]
    assert [example["summary"][:6] for example in content["examples"].values()] == [f"Case {n}" for n in range(1, 5)]
    for example in content["examples"].values():
        assert run(world.submit(example["value"])).status_code == 200


def test_every_error_of_every_operation_is_documented_as_the_envelope() -> None:
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            needs_key = operation.get("security") != []
            assert ("401" in operation["responses"]) is needs_key, (method, path)
    for name, response in DOCUMENT["components"]["responses"].items():
        assert response["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2] == f"{name[:-3]}", name


def test_input_schemas_stand_alone() -> None:
    for model in DEFAULT_MODELS:
        text = json.dumps(input_schema(model))
        assert "$ref" not in text
        assert "nullable" not in text
        assert input_schema(model)["properties"]["duration"]["type"] == ["integer", "null"]


# Streams do not end, so they cannot be called like the rest; their errors are in the contract tests.
STREAMS = ["follow_account", "follow_task"]
MONEY = ["create_key", "change_key", "create_account", "change_account", "adjust_account", "set_prices", "get_usage"]
# What a schema cannot say: rules across image fields, and that the bytes of an upload are an image.
# Of money: that it has six decimals at most; of a price table, that no two rows are for the same. Of usage: that a date is one.
FACES = ["create_ark_task", "create_video", "remix_video"]
BEYOND_SCHEMA = ["create_generation", "quote_generation", "upload_image", *FACES, *MONEY]


class ShortLived(MemoryTaskStore):
    """Tasks that are over as soon as they are stored, so that no generated `wait=60` waits."""

    async def insert(self, task: Task, idempotency: Idempotency | None = None) -> Inserted:
        inserted = await super().insert(task, idempotency)
        await self.cancel(inserted.task.id)
        return inserted


def _findings(world: Any, seed: int, examples: int) -> Iterator[events.ScenarioFinished]:
    config = {
        "seed": seed,
        "headers": {"Authorization": f"Bearer {world.text}"},
        "generation": {"max-examples": examples, "database": "none"},
        "phases": {"stateful": {"enabled": False}},
        "operations": [
            {"include-operation-id": STREAMS, "enabled": False},
            {"include-operation-id": BEYOND_SCHEMA, "checks": {"positive_data_acceptance": {"enabled": False}}},
        ],
    }
    schema = schemathesis.openapi.from_asgi("/openapi.json", world.app, config=SchemathesisConfig.from_dict(config))
    for event in from_schema(schema).execute():
        assert not isinstance(event, (events.NonFatalError, events.FatalError)), event
        if isinstance(event, events.ScenarioFinished):
            yield event


def test_schemathesis_finds_nothing_in_a_thousand_cases(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # It tries a wrong key on every operation, and there are more of them than wrong keys that an address may send.
    monkeypatch.setattr("kineograph.api.auth.Failures.count", lambda _self, _address: None)
    world.tasks = Tasks(Catalogue(DEFAULT_MODELS), ShortLived(world.clock), world.files, world.clock)
    world.rebuild()
    cases, found = 0, []
    for scenario in _findings(world, seed=20261122, examples=30):
        cases += len(scenario.recorder.cases)
        for case_id, checks in scenario.recorder.checks.items():
            found += [
                f"{scenario.recorder.label}: {check.failure_info.failure.title} {scenario.recorder.cases[case_id].value!r}"
                for check in checks
                if check.failure_info is not None
            ]
    assert not found, "\n".join(found)
    assert cases >= 1000
