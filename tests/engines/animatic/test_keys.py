"""Things made once each, however many ask."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from kineograph.engines.animatic.keys import KeyFrames


def test_key_frames_are_made_once_each_and_an_error_reaches_the_asker() -> None:
    made: list[int] = []

    def make(number: int) -> str:
        made.append(number)
        if number == 9:
            raise ValueError("no")
        return str(number)

    frames = KeyFrames(make, 2)
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: frames.at(3), range(20))) == {"3"}
    assert made == [3]
    with pytest.raises(ValueError, match="no"):
        frames.at(9)


def test_the_oldest_is_forgotten_and_made_again() -> None:
    made: list[int] = []

    def make(number: int) -> int:
        made.append(number)
        return number

    frames = KeyFrames(make, 2)
    assert [frames.at(number) for number in (1, 2, 1, 3, 2, 1)] == [1, 2, 1, 3, 2, 1]
    assert made == [1, 2, 3, 1]
