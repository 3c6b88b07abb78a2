"""Whatever comes in, what comes out is a request or a sentence: bodies, queries and links under hypothesis."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from kineograph.api.body import fingerprint, parse
from kineograph.api.desk import Desk
from kineograph.api.links import Signer, own_file
from kineograph.api.native_models import FIELDS
from kineograph.api.native_request import to_request
from kineograph.api.query import Query
from kineograph.core.errors import InvalidRequest
from kineograph.core.request import SEED_MAX
from kineograph.testing import MemoryFileStore

DESK = Desk(Signer(b"k" * 32), MemoryFileStore(), (), 0.0)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
NAMES = st.sampled_from(sorted(FIELDS | {"size", "camerafixed"})) | st.text(max_size=5)
GOOD = {"model": "m", "prompt": "p"}
SOON = settings(
    max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True
)


def _outcome(work: Callable[[], Any]) -> Any:
    """What came of it: a value, or the refusal. Any other exception fails the test."""
    try:
        return work()
    except InvalidRequest as refusal:
        return refusal


@SOON
@given(st.binary() | st.text().map(str.encode) | VALUES.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_an_object_or_a_sentence(data: bytes) -> None:
    outcome = _outcome(lambda: parse(data))
    assert isinstance(outcome, dict) or len(outcome.message) < 300


@SOON
@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_any_object_is_a_request_or_a_sentence_that_names_a_field(fields: dict[str, Any]) -> None:
    outcome = _outcome(lambda: asyncio.run(to_request(GOOD | fields, DESK)))
    if isinstance(outcome, InvalidRequest):
        assert outcome.param in FIELDS
        assert len(outcome.message) < 700
    else:
        assert 0 <= outcome.seed <= SEED_MAX
        assert not FIELDS & set(outcome.ignored)


@SOON
@given(st.dictionaries(st.text(), VALUES, max_size=4))
def test_fingerprints_ignore_how_a_body_is_written(document: dict[str, Any]) -> None:
    other = dict(reversed(document.items()))
    assert fingerprint(document) == fingerprint(json.loads(json.dumps(other, indent=3)))
    assert fingerprint(document) != fingerprint(document | {"one more": 1})


@SOON
@given(st.binary(max_size=40))
def test_any_query_string_is_read_or_refused(raw: bytes) -> None:
    request = Request({"type": "http", "query_string": raw, "headers": []})
    outcome = _outcome(lambda: Query(request).integer("limit", 1, 100))
    assert outcome in {None, *range(1, 101)} or outcome.reason.isidentifier()


@SOON
@given(st.text() | st.text().map(lambda text: f"http://h/v1/files/{text}?expires=9&signature={text}"))
def test_no_made_up_link_is_ours(url: str) -> None:
    assert own_file(DESK.signer, url) is None


@pytest.mark.parametrize("text", ["\\u005cu0000", "\\\\u0000", "\\ud83c\\udf38"])
def test_harmless_escapes_pass(text: str) -> None:
    assert parse(b'{"prompt": "%b"}' % text.encode())["prompt"] == json.loads(f'"{text}"')
