"""The words that ask for trouble."""

from __future__ import annotations

import pytest

from kineograph.core.errors import ContentRefused, EngineError, InvalidRequest
from kineograph.core.simulation import FAILURES, HEADER, Simulation, failure


@pytest.mark.parametrize(
    ("text", "meant", "kept"),
    [
        ("slow=30", Simulation(slow=30), "slow=30"),
        ("slow", Simulation(slow=30), "slow=30"),
        (" fail = content_policy ,slow=1", Simulation(slow=1, fail="content_policy"), "slow=1, fail=content_policy"),
        ("fail", Simulation(fail="engine_failed"), "fail=engine_failed"),
        ("rate-limit", Simulation(rate_limit=0), "rate-limit"),
        ("rate-limit=2", Simulation(rate_limit=2), "rate-limit=2"),
        ("expire", Simulation(expire=0), "expire=0"),
        ("expire=5,duplicate-webhook", Simulation(expire=5, duplicate_webhook=True), "expire=5, duplicate-webhook"),
    ],
)
def test_every_word_is_read_and_written_so_that_it_can_be_read_again(text: str, meant: Simulation, kept: str) -> None:
    assert Simulation.of(text) == meant
    assert str(meant) == kept
    assert Simulation.of(kept) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "fast",
        "slow=",
        "slow=0",
        "slow=601",
        "slow=1.5",
        "slow=-1",
        "slow=１",
        "slow=1, slow=2",
        "slow=1,",
        "fail=Bad",
        "rate-limit=0",
        "rate-limit=101",
        "rate_limit",
        "expire=86401",
        "duplicate-webhook=2",
        "duplicate-webhook, duplicate-webhook",
        "x" * 5000,
    ],
)
def test_what_is_not_a_word_is_refused_with_all_there_are(text: str) -> None:
    with pytest.raises(
        InvalidRequest, match=r"slow=SECONDS.*content_policy.*rate-limit.*expire.*duplicate-webhook"
    ) as no:
        Simulation.of(text)
    assert (no.value.param, no.value.reason) == (HEADER, "invalid_simulation")
    assert len(no.value.message) < 700


@pytest.mark.parametrize("reason", FAILURES)
def test_every_failure_is_final_and_says_what_to_do(reason: str) -> None:
    error = failure(reason)
    assert error.reason == reason
    assert not getattr(error, "retryable", False)
    assert ";" in error.message


def test_the_content_policy_is_the_callers_to_mend() -> None:
    assert isinstance(failure("content_policy"), ContentRefused)
    assert isinstance(failure("engine_failed"), EngineError)
