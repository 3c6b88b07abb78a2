"""One task, three names."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kineograph.api.ids import ark_id, task_of_ark, task_of_video, video_id

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# Until the year 9999: ten letters hold the milliseconds.
TIMES = st.integers(0, 253_402_300_799_999)


def ulid(milliseconds: int, chance: str) -> str:
    letters = ""
    for _ in range(10):
        milliseconds, digit = divmod(milliseconds, 32)
        letters = ALPHABET[digit] + letters
    return f"task_{letters}{chance}"


@given(TIMES, st.text(ALPHABET, min_size=16, max_size=16))
def test_each_name_leads_back_to_the_task(milliseconds: int, chance: str) -> None:
    task_id = ulid(milliseconds, chance)
    assert task_of_ark(ark_id(task_id)) == task_id
    assert task_of_video(video_id(task_id)) == task_id


def test_they_look_as_the_contract_says() -> None:
    task_id = "task_01K8SGYNNNVBQTXNR4MM964S7K"
    assert ark_id(task_id) == "cgt-20251030030034-k5vbqtxnr4mm964s7k"
    assert video_id(task_id) == "video_01k8sgynnnvbqtxnr4mm964s7k"


@given(st.text(max_size=50) | st.from_regex(r"cgt-[0-9]{14}-[0-9a-z]{18}", fullmatch=True))
def test_whatever_is_sent_is_an_id_of_ours_or_none(name: str) -> None:
    found = task_of_ark(name)
    assert found is None or ark_id(found) == name
    other = task_of_video(name)
    assert other is None or video_id(other) == name
