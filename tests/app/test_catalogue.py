"""The operator's rows of the catalogue."""

from __future__ import annotations

from typing import Any

import pytest

from kineograph.app.catalogue import models
from kineograph.core.errors import OperatorError
from kineograph.settings import Settings


def test_a_row_caps_how_many_films_run_at_once() -> None:
    found = {
        model.name: model.running_cap
        for model in models(Settings(models={"card": {"engine": "bars", "running_cap": 2}}))
    }
    assert found["card"] == 2
    assert set(found.values()) == {None, 2}


@pytest.mark.parametrize("cap", [0, -1, "2", 1.5, True])
def test_a_cap_that_is_none_is_refused_with_its_value(cap: Any) -> None:
    with pytest.raises(OperatorError, match="running_cap"):
        models(Settings(models={"card": {"engine": "bars", "running_cap": cap}}))
