"""The table of transitions is kept, whoever asks."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from tests.contracts.making import FINAL, RETRYABLE, VIDEO, new_task

from kineograph.core import lifecycle
from kineograph.core.task import MAX_ATTEMPTS, TRANSITIONS, Status


@pytest.mark.parametrize(("before", "after"), list(itertools.product(Status, Status)))
def test_a_change_goes_only_where_the_table_says(before: Status, after: Status) -> None:
    task = replace(new_task(), status=before)
    if after in TRANSITIONS[before] or (before is after and not task.finished):
        assert lifecycle.change(task, 5.0, status=after).status is after
    else:
        with pytest.raises(ValueError, match=r"cannot go|does not change"):
            lifecycle.change(task, 5.0, status=after)


def test_every_change_counts_and_tells_when() -> None:
    task = lifecycle.change(new_task(), 5.0, phase="building")
    assert (task.sequence, task.updated_at, task.phase) == (2, 5.0, "building")


def test_a_finished_task_changes_in_nothing_but_its_files() -> None:
    task = lifecycle.finish(lifecycle.start(new_task(), "worker_1", 1.0), VIDEO, 2.0)
    with pytest.raises(ValueError, match="does not change"):
        lifecycle.change(task, 3.0, phase="again")
    assert lifecycle.change(task, 3.0, files_expired_at=3.0).files_expired_at == 3.0


def test_the_first_start_is_remembered_through_retries() -> None:
    task = lifecycle.start(new_task(), "worker_1", 10.0)
    again = lifecycle.start(lifecycle.fail(task, RETRYABLE, 20.0), "worker_2", 30.0)
    assert (again.started_at, again.attempt, again.worker) == (10.0, 2, "worker_2")


def test_a_task_without_attempts_left_ends_when_it_is_started() -> None:
    task = lifecycle.start(replace(new_task(), attempt=MAX_ATTEMPTS), "worker_1", 1.0)
    assert (task.status, task.failure) == (Status.FAILED, lifecycle.WORN_OUT)


def test_a_task_to_be_cancelled_is_never_started_or_failed() -> None:
    asked = lifecycle.cancel(lifecycle.start(new_task(), "worker_1", 1.0), 2.0)
    assert asked.cancel_requested
    assert lifecycle.cancel(asked, 3.0) is asked
    for ended in (lifecycle.fail(asked, FINAL, 3.0), lifecycle.release(asked, 3.0)):
        assert (ended.status, ended.failure, ended.finished_at) == (Status.CANCELLED, None, 3.0)
    assert lifecycle.start(replace(new_task(), cancel_requested=True), "worker_1", 1.0).status is Status.CANCELLED
