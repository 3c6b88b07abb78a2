"""Sizes, ratios and lengths of a request."""

from __future__ import annotations

import pytest

from kineograph.core.models import DEFAULT_MODELS, FAST, Catalogue, Model
from kineograph.core.pricing import Per, Price, PriceTable
from kineograph.core.request import SIZES, VideoRequest, ratio_of, seconds_of


@pytest.mark.parametrize(
    ("frames", "seconds"), [(29, 2), (48, 2), (49, 2), (50, 3), (120, 5), (121, 5), (125, 6), (289, 12)]
)
def test_frames_count_as_seconds_rounded_up_where_one_more_is_none(frames: int, seconds: int) -> None:
    assert seconds_of(frames) == seconds


def test_every_length_of_ark_is_within_the_models_durations() -> None:
    for frames in range(29, 290, 4):
        request = VideoRequest(FAST, "a cat", 1, duration=seconds_of(frames), frame_count=frames)
        DEFAULT_MODELS[0].check(request)
        assert request.frames == frames


def test_a_made_size_tells_its_ratio() -> None:
    for (_, ratio), size in SIZES.items():
        assert ratio_of(*size) == ratio
    assert ratio_of(1000, 999) == "1:1"


def test_no_hurry_is_half_the_price_rounded_up() -> None:
    table = PriceTable(rows=(Price("*", "*", Per.SECOND, 33_333),))
    whole, half = (table.cost(VideoRequest(FAST, "a cat", 1, duration=2, flex=flex)) for flex in (False, True))
    assert whole is not None
    assert half is not None
    assert (whole.amount, half.amount, half.rate) == (66_666, 33_334, 16_667)


def test_a_models_own_name_goes_before_anothers_alias() -> None:
    catalogue = Catalogue((Model("a", "bars", aliases=("b", "c")), Model("b", "bars")))
    assert [catalogue.called(name).name for name in ("a", "b", "c")] == ["a", "b", "a"]
