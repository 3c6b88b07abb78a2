"""The contract of TaskStore."""

from __future__ import annotations

import asyncio
import itertools
import time
from dataclasses import replace

import pytest
from tests.contracts.making import FINAL, IMAGE, RETRYABLE, STORED, VIDEO, new_task

from kineograph.core.errors import IdempotencyReused
from kineograph.core.ports import Idempotency, Signal, Standing, TaskQuery, TaskStore
from kineograph.core.task import MAX_ATTEMPTS, TRANSITIONS, Status, Task

pytestmark = pytest.mark.anyio


async def stored(store: TaskStore, **changes: object) -> Task:
    return (await store.insert(new_task(**changes))).task


async def running(store: TaskStore, worker: str = "worker_1", **changes: object) -> Task:
    claim = await store.start((await stored(store, **changes)).id, worker)
    assert claim is not None
    return claim


async def now(store: TaskStore, task: Task) -> Task:
    found = await store.get(task.id)
    assert found is not None
    return found


async def test_a_task_comes_back_as_it_was_stored(store: TaskStore) -> None:
    task = new_task(
        images=(STORED,),
        negative_prompt="rain",
        camera_fixed=True,
        watermark=True,
        return_last_frame=True,
        callback_url="https://example.test/hook",
        webhook="https://example.test",
        metadata={"project": "猫", "empty": ""},
        ignored=("tools", "nsfw_check"),
        frame_count=121,
        flex=True,
        expires_after=3600,
        dialect="ark",
        called="ep-1",
        remix_of="task_0",
    )
    inserted = await store.insert(task)
    found = await now(store, task)
    assert not inserted.replayed
    assert found == replace(task, updated_at=found.updated_at, queue_position=0)
    assert inserted.task == replace(found, queue_position=None)


async def test_an_unknown_task_is_none_to_every_verb(store: TaskStore) -> None:
    ghost = new_task()
    assert await store.get(ghost.id) is None
    assert await store.start(ghost.id, "worker_1") is None
    assert await store.report(ghost, 0.5, "rendering") is Signal.LOST
    assert await store.finish(ghost, VIDEO) is False
    assert await store.fail(ghost, FINAL) is None
    assert await store.release(ghost) is False
    assert await store.cancel(ghost.id) is None
    assert await store.delete(ghost.id) is False
    assert await store.prepared(ghost.id, [STORED]) is False
    assert await store.refuse(ghost.id, FINAL) is False
    await store.files_expired(ghost.id)
    assert await store.last_event() == 0


async def test_a_claim_is_running_and_counts_the_attempt(store: TaskStore) -> None:
    claim = await running(store)
    assert (claim.status, claim.worker, claim.attempt, claim.phase) == (Status.RUNNING, "worker_1", 1, "starting")
    assert claim.started_at == pytest.approx(time.time(), abs=5)
    assert await now(store, claim) == claim


async def test_many_tasks_are_looked_at_at_once(store: TaskStore) -> None:
    first, second = [(await store.insert(new_task())).task for _ in range(2)]
    claim = await store.start(first.id, "w_1")
    await store.cancel(first.id)
    assert claim is not None
    assert await store.standings([first.id, second.id, "task_nope"]) == {
        first.id: Standing("w_1", 1, True),
        second.id: Standing(None, 0, False),
    }
    assert await store.standings([]) == {}


async def test_a_running_task_is_not_claimed_again(store: TaskStore) -> None:
    claim = await running(store)
    assert await store.start(claim.id, "worker_2") is None
    assert await store.report(claim, 0.1, "rendering") is Signal.GO_ON


async def test_many_workers_at_once_and_one_gets_the_task(store: TaskStore) -> None:
    task = await stored(store)
    claims = await asyncio.gather(*[store.start(task.id, f"worker_{i}") for i in range(20)])
    assert len([claim for claim in claims if claim]) == 1


async def test_progress_never_falls_and_is_whole_only_at_the_end(store: TaskStore) -> None:
    claim = await running(store)
    for told in (0.4, 0.2, -1.0, 7.0):
        await store.report(claim, told, "rendering")
    assert 0.4 < (await now(store, claim)).progress < 1.0
    await store.finish(claim, VIDEO)
    assert (await now(store, claim)).progress == 1.0


async def test_a_resume_token_is_kept_until_another_is_told(store: TaskStore) -> None:
    claim = await running(store)
    await store.report(claim, 0.1, "waiting", "upstream-1")
    await store.report(claim, 0.2, "waiting")
    await store.fail(claim, RETRYABLE)
    again = await store.start(claim.id, "worker_2")
    assert again is not None
    assert again.resume_token == "upstream-1"
    assert again.progress == 0.2


async def test_a_finished_film_has_its_video_and_usage(store: TaskStore) -> None:
    claim = await running(store)
    assert await store.finish(claim, VIDEO)
    task = await now(store, claim)
    assert (task.status, task.video, task.worker) == (Status.SUCCEEDED, VIDEO, None)
    assert task.usage is not None
    assert (task.usage.seconds, task.usage.tokens) == (5.0, 864 * 480 * 120 // 1024)
    assert task.finished_at == pytest.approx(time.time(), abs=5)


async def test_nothing_changes_a_finished_task(store: TaskStore) -> None:
    claim = await running(store)
    await store.finish(claim, VIDEO)
    task, last = await now(store, claim), await store.last_event()
    assert await store.finish(claim, VIDEO) is False
    assert await store.fail(claim, FINAL) is None
    assert await store.release(claim) is False
    assert await store.report(claim, 0.9, "rendering") is Signal.LOST
    assert await store.start(claim.id, "worker_2") is None
    assert await store.cancel(claim.id) == task
    assert await store.refuse(claim.id, FINAL) is False
    assert await store.prepared(claim.id, [STORED]) is False
    assert await now(store, claim) == task
    assert await store.last_event() == last


async def test_a_retryable_failure_queues_the_task_again_until_its_attempts_are_used_up(store: TaskStore) -> None:
    task = await stored(store)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        claim = await store.start(task.id, f"worker_{attempt}")
        assert claim is not None
        assert claim.attempt == attempt
        status = await store.fail(claim, RETRYABLE)
        assert status is (Status.QUEUED if attempt < MAX_ATTEMPTS else Status.FAILED)
    ended = await now(store, task)
    assert ended.failure == RETRYABLE
    assert await store.start(task.id, "worker_9") is None


async def test_a_delayed_retry_is_not_started_early(store: TaskStore) -> None:
    claim = await running(store)
    assert await store.fail(claim, RETRYABLE, delay=1.0) is Status.QUEUED
    assert await store.start(claim.id, "worker_2") is None
    await asyncio.sleep(1.05)
    assert await store.start(claim.id, "worker_2") is not None


async def test_a_final_failure_ends_the_task_at_once(store: TaskStore) -> None:
    claim = await running(store)
    assert await store.fail(claim, FINAL) is Status.FAILED
    task = await now(store, claim)
    assert (task.failure, task.usage, task.phase) == (FINAL, None, "failed")


async def test_an_old_claim_is_worth_nothing(store: TaskStore) -> None:
    old = await running(store)
    await store.fail(old, RETRYABLE)
    new = await store.start(old.id, "worker_2")
    assert new is not None
    assert await store.report(old, 0.9, "rendering") is Signal.LOST
    assert await store.finish(old, VIDEO) is False
    assert await store.fail(old, FINAL) is None
    assert await store.release(old) is False
    assert (await now(store, new)).progress == 0.0
    assert await store.finish(new, VIDEO)


async def test_a_task_handed_back_is_queued_and_was_not_an_attempt(store: TaskStore) -> None:
    claim = await running(store)
    assert await store.release(claim)
    task = await now(store, claim)
    assert (task.status, task.attempt, task.worker) == (Status.QUEUED, 0, None)
    again = await store.start(claim.id, "worker_2")
    assert again is not None
    assert again.attempt == 1


async def test_a_queued_task_is_cancelled_at_once(store: TaskStore) -> None:
    task = await stored(store)
    ended = await store.cancel(task.id)
    assert ended is not None
    assert ended.status is Status.CANCELLED
    assert await store.start(task.id, "worker_1") is None


async def test_a_running_task_is_cancelled_by_its_worker(store: TaskStore) -> None:
    claim = await running(store)
    asked = await store.cancel(claim.id)
    assert asked is not None
    assert (asked.status, asked.cancel_requested) == (Status.RUNNING, True)
    assert await store.cancel(claim.id) == asked
    assert await store.report(claim, 0.5, "rendering") is Signal.CANCEL
    assert await store.fail(claim, RETRYABLE) is Status.CANCELLED
    assert (await now(store, claim)).failure is None


async def test_a_cancel_that_comes_too_late_leaves_a_film(store: TaskStore) -> None:
    claim = await running(store)
    await store.cancel(claim.id)
    assert await store.finish(claim, VIDEO)
    assert (await now(store, claim)).status is Status.SUCCEEDED


async def test_a_cancelled_task_handed_back_is_cancelled(store: TaskStore) -> None:
    claim = await running(store)
    await store.cancel(claim.id)
    assert await store.release(claim)
    assert (await now(store, claim)).status is Status.CANCELLED


async def test_fetched_images_take_the_place_of_their_urls(store: TaskStore) -> None:
    task = await stored(store, images=(IMAGE,))
    assert await store.prepared(task.id, [STORED])
    assert (await now(store, task)).request.images == (STORED,)
    claim = await store.start(task.id, "worker_1")
    assert claim is not None
    assert claim.request.images == (STORED,)
    assert await store.prepared(task.id, [IMAGE]) is False


async def test_an_image_that_cannot_be_fetched_fails_the_task_before_any_attempt(store: TaskStore) -> None:
    task = await stored(store, images=(IMAGE,))
    assert await store.refuse(task.id, FINAL)
    ended = await now(store, task)
    assert (ended.status, ended.failure, ended.attempt) == (Status.FAILED, FINAL, 0)


async def test_the_same_idempotency_key_stands_for_the_first_task(store: TaskStore) -> None:
    promise = Idempotency("key_1", "abc", "body-1")
    first = await store.insert(new_task(), promise)
    second = await store.insert(new_task(), promise)
    assert (second.replayed, second.task.id) == (True, first.task.id)
    replayed = await store.replayed(promise)
    assert replayed is not None
    assert replayed.id == first.task.id
    assert len(await store.list(TaskQuery("acct_1"))) == 1


async def test_an_idempotency_key_stands_for_one_body_of_one_key(store: TaskStore) -> None:
    await store.insert(new_task(), Idempotency("key_1", "abc", "body-1"))
    with pytest.raises(IdempotencyReused):
        await store.insert(new_task(), Idempotency("key_1", "abc", "body-2"))
    with pytest.raises(IdempotencyReused):
        await store.replayed(Idempotency("key_1", "abc", "body-2"))
    assert await store.replayed(Idempotency("key_2", "abc", "body-2")) is None
    assert not (await store.insert(new_task(), Idempotency("key_2", "abc", "body-2"))).replayed


async def test_ten_submits_with_one_idempotency_key_make_one_task(store: TaskStore) -> None:
    promise = Idempotency("key_1", "abc", "body-1")
    made = await asyncio.gather(*[store.insert(new_task(), promise) for _ in range(10)])
    assert len({inserted.task.id for inserted in made}) == 1
    assert [inserted.replayed for inserted in made].count(False) == 1


async def test_the_idempotency_key_of_a_deleted_task_is_free_again(store: TaskStore) -> None:
    promise = Idempotency("key_1", "abc", "body-1")
    task = (await store.insert(new_task(), promise)).task
    await store.cancel(task.id)
    await store.delete(task.id)
    assert await store.replayed(promise) is None
    assert not (await store.insert(new_task(), promise)).replayed


async def test_the_queue_position_counts_those_before(store: TaskStore) -> None:
    tasks = [await stored(store, at=1000.0 + i) for i in range(4)]
    assert [(await now(store, task)).queue_position for task in tasks] == [0, 1, 2, 3]
    await store.start(tasks[0].id, "worker_1")
    await store.cancel(tasks[1].id)
    assert [(await now(store, task)).queue_position for task in tasks] == [None, None, 0, 1]


async def test_a_list_shows_an_accounts_tasks_newest_first(store: TaskStore) -> None:
    tasks = [await stored(store, at=1000.0 + i) for i in range(5)]
    await stored(store, account_id="acct_2")
    ids = [task.id for task in reversed(tasks)]
    assert [task.id for task in await store.list(TaskQuery("acct_1"))] == ids
    assert [task.id for task in await store.list(TaskQuery("acct_1", limit=2))] == ids[:2]
    assert [task.id for task in await store.list(TaskQuery("acct_1", after=ids[1]))] == ids[2:]
    assert await store.list(TaskQuery("acct_3")) == []


async def test_a_list_is_narrowed_by_every_filter(store: TaskStore) -> None:
    early = await stored(store, at=1000.25, metadata={"film": "one", "cut": "a"})
    late = await stored(store, at=2000.75, model="quality", metadata={"film": "one", "cut": "b"})
    await store.cancel(late.id)

    async def ids(**filters: object) -> list[str]:
        return [task.id for task in await store.list(TaskQuery("acct_1", **filters))]  # type: ignore[arg-type]

    assert await ids(status=Status.QUEUED) == [early.id]
    assert await ids(status=Status.CANCELLED) == [late.id]
    assert await ids(model="quality") == [late.id]
    assert await ids(created_after=1000.25) == [late.id, early.id]
    assert await ids(created_after=1000.26) == [late.id]
    assert await ids(created_before=2000.75) == [late.id, early.id]
    assert await ids(created_before=2000.7) == [early.id]
    assert await ids(created_before=-5.0) == []
    assert await ids(created_after=1e15) == []
    assert await ids(metadata={"film": "one"}) == [late.id, early.id]
    assert await ids(metadata={"film": "one", "cut": "a"}) == [early.id]
    assert await ids(metadata={"film": "one", "cut": "c"}) == []
    assert await ids(metadata={"film": "one"}, status=Status.CANCELLED, model="quality", limit=1) == [late.id]


async def test_a_search_finds_every_word_inside_others_whatever_its_case(store: TaskStore) -> None:
    cat = await stored(store, at=1000.0, prompt="A CAT under the Äpfel tree, 100% wool_y")
    kitten = await stored(store, at=2000.0, prompt="一只可爱的小猫 chases a cat", model="quality")
    await stored(store, account_id="acct_2", prompt="a cat of somebody else")

    async def ids(*words: str, **filters: object) -> list[str]:
        found = await store.search(TaskQuery("acct_1", **filters), words)  # type: ignore[arg-type]
        return [task.id for task in found.tasks]

    assert await ids("cat") == [kitten.id, cat.id]
    assert await ids("Cat", "äPFEL") == [cat.id]
    assert await ids("小猫") == [kitten.id]
    assert await ids("0%", "l_y") == [cat.id]
    assert await ids("%a%") == []
    assert await ids("cat", model="quality") == [kitten.id]
    assert await ids("cat", status=Status.CANCELLED) == []


async def test_a_search_goes_on_where_its_page_ended(store: TaskStore) -> None:
    tasks = [await stored(store, at=1000.0 + i, prompt=f"film {i % 2}") for i in range(9)]
    seen, after = [], None
    while True:
        found = await store.search(TaskQuery("acct_1", limit=2, after=after), ["film", "1"])
        assert len(found.tasks) <= 2
        seen += [task.id for task in found.tasks]
        if (after := found.next) is None:
            break
    assert seen == [task.id for task in reversed(tasks[1::2])]


async def test_every_change_is_an_event_in_order(store: TaskStore) -> None:
    claim = await running(store)
    await store.report(claim, 0.5, "rendering")
    await store.finish(claim, VIDEO)
    events = await store.events(0)
    assert [(event.sequence, event.status, event.progress, event.phase) for event in events] == [
        (1, Status.QUEUED, 0.0, "queued"),
        (2, Status.RUNNING, 0.0, "starting"),
        (3, Status.RUNNING, 0.5, "rendering"),
        (4, Status.SUCCEEDED, 1.0, "succeeded"),
    ]
    assert [event.id for event in events] == sorted({event.id for event in events})
    assert await store.last_event() == events[-1].id
    assert (await now(store, claim)).sequence == 4


async def test_events_are_narrowed_by_account_task_and_place(store: TaskStore) -> None:
    one, two = await stored(store), await stored(store, account_id="acct_2")
    all_of_them = await store.events(0)
    assert [event.task_id for event in all_of_them] == [one.id, two.id]
    assert [event.task_id for event in await store.events(0, account_id="acct_2")] == [two.id]
    assert [event.task_id for event in await store.events(0, task_id=one.id)] == [one.id]
    assert await store.events(0, account_id="acct_2", task_id=one.id) == []
    assert await store.events(all_of_them[0].id) == all_of_them[1:]
    assert await store.events(0, limit=1) == all_of_them[:1]


async def test_event_ids_are_not_used_again_after_a_deletion(store: TaskStore) -> None:
    task = await stored(store)
    await store.cancel(task.id)
    last = await store.last_event()
    await store.delete(task.id)
    await stored(store)
    assert [event.id > last for event in await store.events(0)] == [True]


async def test_a_task_is_deleted_when_it_is_over(store: TaskStore) -> None:
    claim = await running(store)
    assert await store.delete(claim.id) is False
    await store.finish(claim, VIDEO)
    assert await store.delete(claim.id) is True
    assert await store.get(claim.id) is None
    assert await store.events(0) == []
    assert await store.delete(claim.id) is False


async def test_workers_tell_that_they_live(store: TaskStore) -> None:
    assert await store.heartbeat("worker_1", "animatic", "up", ["task_a"])
    assert await store.heartbeat("worker_1", "animatic", "draining", [])
    await store.heartbeat("worker_2", "ark", "up", ["task_b", "task_c"])
    rows = {row.id: row for row in await store.workers()}
    assert (rows["worker_1"].state, rows["worker_1"].running) == ("draining", ())
    assert (rows["worker_2"].queue, rows["worker_2"].running) == ("ark", ("task_b", "task_c"))
    assert rows["worker_2"].seen_at == pytest.approx(time.time(), abs=5)


async def test_what_a_silent_worker_was_making_goes_back(store: TaskStore) -> None:
    claim = await running(store)
    await store.heartbeat("worker_1", "animatic", "up", [claim.id])
    assert await store.reap(10.0) == []
    await asyncio.sleep(0.02)
    assert await store.reap(0.01) == [claim.id]
    task = await now(store, claim)
    assert (task.status, task.attempt) == (Status.QUEUED, 1)
    assert [row.state for row in await store.workers()] == ["dead"]
    assert await store.heartbeat("worker_1", "animatic", "up", []) is False
    assert await store.heartbeat("worker_1", "animatic", "up", []) is True


async def test_what_a_stopped_worker_left_goes_back_at_once(store: TaskStore) -> None:
    claim = await running(store)
    await store.heartbeat("worker_1", "animatic", "stopped", [])
    assert await store.reap(60.0) == [claim.id]


async def test_a_claim_that_its_live_worker_does_not_list_goes_back(store: TaskStore) -> None:
    listed, lost = await running(store), await running(store)
    await asyncio.sleep(1.1)
    await store.heartbeat("worker_1", "animatic", "up", [listed.id])
    assert await store.reap(10.0) == []
    assert await store.reap(1.0) == [lost.id]
    assert (await now(store, listed)).status is Status.RUNNING


async def test_a_claim_of_a_worker_not_heard_of_yet_has_time(store: TaskStore) -> None:
    claim = await running(store)
    assert await store.reap(10.0) == []
    await asyncio.sleep(0.02)
    assert await store.reap(0.01) == [claim.id]


async def test_a_task_that_kills_its_workers_fails_in_the_end(store: TaskStore) -> None:
    task = await stored(store)
    for attempt in range(MAX_ATTEMPTS):
        assert await store.start(task.id, f"worker_{attempt}") is not None
        await store.heartbeat(f"worker_{attempt}", "animatic", "stopped", [])
        assert await store.reap(60.0) == [task.id]
    ended = await now(store, task)
    assert ended.status is Status.FAILED
    assert ended.failure is not None
    assert ended.failure.reason == "worker_died"


async def test_a_dead_workers_cancelled_task_is_cancelled(store: TaskStore) -> None:
    claim = await running(store)
    await store.cancel(claim.id)
    await store.heartbeat("worker_1", "animatic", "dead", [])
    await store.reap(60.0)
    assert (await now(store, claim)).status is Status.CANCELLED


async def test_finished_tasks_expire_oldest_first_and_once(store: TaskStore) -> None:
    done = [await running(store), await running(store)]
    for claim in done:
        await store.finish(claim, VIDEO)
        await asyncio.sleep(0.01)
    await running(store)
    later = time.time() + 60
    assert await store.expiring(time.time() - 60) == []
    assert [task.id for task in await store.expiring(later)] == [claim.id for claim in done]
    assert len(await store.expiring(later, limit=1)) == 1
    await store.files_expired(done[0].id)
    assert [task.id for task in await store.expiring(later)] == [done[1].id]
    expired = await now(store, done[0])
    assert expired.files_expired_at == pytest.approx(time.time(), abs=5)
    assert expired.status is Status.SUCCEEDED


async def test_files_of_an_unfinished_task_do_not_expire(store: TaskStore) -> None:
    claim = await running(store)
    await store.files_expired(claim.id)
    assert (await now(store, claim)).files_expired_at is None


async def test_old_finished_tasks_are_purged(store: TaskStore) -> None:
    done, unfinished = await running(store), await running(store)
    await store.finish(done, VIDEO)
    assert await store.purge(time.time() - 60) == 0
    assert await store.purge(time.time() + 60) == 1
    assert await store.get(done.id) is None
    assert await store.get(unfinished.id) is not None


async def test_a_file_is_known_by_its_task_or_while_an_unfinished_one_needs_it(store: TaskStore) -> None:
    claim = await running(store, images=(STORED,))
    assert await store.knows_file(claim.id)
    assert await store.knows_file("uploads/a.png")
    assert not await store.knows_file("uploads/a")
    assert not await store.knows_file("uploads/b.png")
    await store.finish(claim, VIDEO)
    assert not await store.knows_file("uploads/a.png")
    await store.delete(claim.id)
    assert not await store.knows_file(claim.id)


async def test_no_change_leaves_the_table_of_transitions(store: TaskStore) -> None:
    claim = await running(store)
    await store.fail(claim, RETRYABLE)
    again = await store.start(claim.id, "worker_2")
    assert again is not None
    await store.finish(again, VIDEO)
    states = [event.status for event in await store.events(0)]
    assert states == [Status.QUEUED, Status.RUNNING, Status.QUEUED, Status.RUNNING, Status.SUCCEEDED]
    assert all(after in TRANSITIONS[before] for before, after in itertools.pairwise(states))


async def test_everybodys_tasks_are_listed_for_the_operator(store: TaskStore) -> None:
    one, two = await stored(store, at=1000.0), await stored(store, at=2000.0, account_id="acct_2")
    await stored(store, at=3000.0, metadata={"a": "b"}, account_id="acct_3")
    everybodys = [task.id for task in await store.list(TaskQuery(None, limit=9))]
    assert everybodys[1:] == [two.id, one.id]
    assert [task.id for task in await store.list(TaskQuery(None, metadata={"a": "b"}))] == everybodys[:1]


async def test_tasks_in_a_private_queue_that_nobody_serves_are_abandoned(
    store: TaskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("store.reaper", "testing.stores"):
        monkeypatch.setattr(f"kineograph.{module}.ABANDONED_AFTER", -1.0)
    served, left, other = [await stored(store, queue=name) for name in ("local-1", "local-2", "animatic")]
    await store.heartbeat("worker_1", "local-1", "up", [])
    assert await store.abandon("local-", FINAL) == [left.id]
    ended = await now(store, left)
    assert (ended.status, ended.failure) == (Status.FAILED, FINAL)
    assert [(await now(store, task)).status for task in (served, other)] == [Status.QUEUED, Status.QUEUED]


async def test_steps_of_progress_are_forgotten_a_day_after_the_end_and_states_are_not(
    store: TaskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, unfinished = await running(store), await running(store)
    for claim in (done, unfinished):
        await store.report(claim, 0.5, "rendering")
    await store.finish(done, VIDEO)
    before = await store.events(0)
    await store.purge(0.0)
    assert await store.events(0) == before
    monkeypatch.setattr("kineograph.core.lifecycle.PROGRESS_KEPT", -1.0)
    await store.purge(0.0)
    assert [event.sequence for event in await store.events(0, task_id=done.id)] == [1, 2, 4]
    assert [event.sequence for event in await store.events(0, task_id=unfinished.id)] == [1, 2, 3]


async def test_a_position_follows_priority_and_turns_of_keys(store: TaskStore) -> None:
    old = [await stored(store) for _ in range(6)]
    urgent = await stored(store, priority=9)
    newcomer = await stored(store, key_id="key_2")
    position = (await now(store, newcomer)).queue_position
    later = await stored(store, start_at=int(time.time()) + 1000)
    assert (await now(store, urgent)).queue_position == 0
    assert position is not None
    assert position <= 2, "it waits for its turn, not for all of another key's tasks"
    assert (await now(store, later)).queue_position is None
    assert (await now(store, old[5])).queue_position in (6, 7)


async def test_lists_turn_around_leave_out_and_count(store: TaskStore) -> None:
    start = time.time() - 10
    made = [(await store.insert(new_task(at=start + n, flex=n == 2))).task.id for n in range(4)]
    await store.insert(new_task(account_id="acct_2"))
    mine = TaskQuery("acct_1")

    async def ids(**changes: object) -> list[str]:
        return [task.id for task in await store.list(replace(mine, **changes))]  # type: ignore[arg-type]  # names of fields

    assert await ids(ascending=True) == made
    assert await ids(ascending=True, after=made[1]) == made[2:]
    assert await ids(offset=1, limit=2) == [made[2], made[1]]
    assert await ids(ids=(made[3], made[0], "task_unknown")) == [made[3], made[0]]
    assert await ids(ids=()) == []
    assert await ids(flex=True) == [made[2]]
    assert await ids(flex=False) == [made[3], made[1], made[0]]
    assert await store.count(replace(mine, limit=1, offset=3)) == 4
    assert await store.count(replace(mine, status=Status.RUNNING)) == 0


async def test_words_of_a_caller_are_not_taken_for_ours(store: TaskStore) -> None:
    words = {"flex": "true", "expires_after": "1"}
    await store.insert(new_task(prompt='"flex":true', metadata=words, ignored=('"flex":true',)))
    assert await store.count(TaskQuery("acct_1", flex=True)) == 0
    assert await store.expire() == []


async def test_whoever_is_not_finished_in_its_time_fails(store: TaskStore) -> None:
    before = time.time() - 4000
    waiting = await stored(store, at=before, expires_after=3600)
    claim = await running(store, at=before, expires_after=4000 + 3600)
    hasty = await running(store, at=before, expires_after=4600)
    patient = await stored(store, at=before)
    assert await store.expire() == [waiting.id]
    late = await now(store, waiting)
    assert late.failure is not None
    assert (late.status, late.failure.reason, late.failure.status) == (Status.FAILED, "expired", 503)
    assert "3600 seconds" in late.failure.message
    assert [(await now(store, task)).status for task in (claim, hasty, patient)] == ["running", "running", "queued"]
    assert [task.id for task in await store.list(TaskQuery("acct_1", expired=True))] == [waiting.id]
    assert await store.count(TaskQuery("acct_1", expired=False)) == 3


async def test_a_film_that_ran_out_of_time_is_no_longer_its_workers(store: TaskStore) -> None:
    claim = await running(store, at=time.time() - 3599.5, expires_after=3600)
    while not await store.expire():
        await asyncio.sleep(0.05)
    assert await store.report(claim, 0.5, "rendering") is Signal.LOST
    assert await store.finish(claim, VIDEO) is False


async def test_nobody_begins_what_has_no_time_left(store: TaskStore) -> None:
    late = await stored(store, at=time.time() - 4000, expires_after=3600)
    assert await store.start(late.id, "worker_1") is None
    assert (await now(store, late)).status is Status.FAILED
