"""Routes: which engine is asked first, which next, and what is refused at submit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kineograph.app.catalogue import models
from kineograph.app.engines import Engines
from kineograph.core.errors import OperatorError, Unsupported
from kineograph.core.models import QUALITY, Catalogue, Model
from kineograph.core.request import ImageInput, Role, VideoRequest
from kineograph.settings import Settings, SettingsError, load

ARK = {"dialect": "ark", "base_url": "https://ark.example/api/v3", "key": "a-secret"}
DEAR = {
    "currency": "CNY",
    "rows": [
        {"model": "*", "per": "million_tokens", "amount": 15},
        {"model": "seedance-1-0-pro-250528", "per": "second", "amount": 1},
    ],
}


def catalogue(tmp_path: Path, row: dict[str, Any], **upstreams: Any) -> Catalogue:
    return Catalogue(models(Settings(data=tmp_path, models={QUALITY: row}, upstreams=upstreams)))


def asked(**wishes: Any) -> VideoRequest:
    return VideoRequest(**{"model": QUALITY, "prompt": "x", "seed": 1, "resolution": "480p", **wishes})


REFERENCE = (ImageInput(Role.REFERENCE, "file:a"),)


def test_one_line_moves_a_model_to_an_upstream_and_its_limits_with_it(tmp_path: Path) -> None:
    model = catalogue(tmp_path, {"engine": "volc"}, volc=ARK).find(QUALITY)
    assert (model.engine, model.engines) == ("volc", ("volc",))
    assert model.roles == {Role.FIRST_FRAME, Role.LAST_FRAME}
    assert model.options_of("volc")["model"] == "doubao-seedance-1-0-pro-250528"
    with pytest.raises(Unsupported) as error:
        model.check(asked(images=REFERENCE))
    assert "'volc'" in error.value.message
    assert "reference" in error.value.message


def test_byteplus_has_the_same_names_without_their_beginning(tmp_path: Path) -> None:
    row = ARK | {"base_url": "https://ark.ap-southeast.bytepluses.com/api/v3"}
    model = catalogue(tmp_path, {"engine": "bp"}, bp=row).find(QUALITY)
    assert model.options_of("bp")["model"] == "seedance-1-0-pro-250528"


def test_the_first_engine_that_can_is_asked_and_the_others_after_it(tmp_path: Path) -> None:
    row = {"engines": ["volc", {"engine": "wan", "durations": [2, 5]}, "animatic"]}
    wan = {"dialect": "openai", "base_url": "http://10.0.0.1:8000/v1"}
    model = catalogue(tmp_path, row, volc=ARK, wan=wan).find(QUALITY)
    assert model.engine_for(asked()) == "volc"
    assert model.engine_for(asked(), after="volc") == "wan"
    assert model.engine_for(asked(duration=8), after="volc") == "animatic"
    assert model.engine_for(asked(), after="animatic") is None
    assert model.engine_for(asked(images=REFERENCE)) == "animatic"
    model.check(asked(images=REFERENCE))


def test_a_film_that_is_too_dear_there_goes_to_the_next_engine(tmp_path: Path) -> None:
    row = {"engines": [{"engine": "volc", "max_cost": 1}, "animatic"]}
    model = catalogue(tmp_path, row, volc=ARK | {"prices": DEAR}).find(QUALITY)
    assert model.engine_for(asked(duration=2)) == "volc"  # 0.29
    assert model.engine_for(asked(duration=12, resolution="1080p")) == "animatic"


def test_the_price_of_the_models_own_name_goes_before_any(tmp_path: Path) -> None:
    names = {QUALITY: "seedance-1-0-pro-250528"}
    model = catalogue(tmp_path, {"engine": "volc"}, volc=ARK | {"prices": DEAR, "models": names}).find(QUALITY)
    cost = model.routes[0].prices.cost(asked(duration=2))
    assert cost is not None
    assert (cost.amount, cost.currency) == (2_000_000, "CNY")


def test_frames_that_are_no_whole_seconds_go_where_they_can_be_made(tmp_path: Path) -> None:
    other = {"dialect": "apimart", "base_url": "https://api.example"}
    model = catalogue(tmp_path, {"engines": ["other", "animatic"]}, other=other).find(QUALITY)
    assert model.engine_for(asked(duration=2, frame_count=45)) == "animatic"
    with pytest.raises(Unsupported, match="whole seconds"):
        catalogue(tmp_path, {"engine": "other"}, other=other).find(QUALITY).check(asked(duration=2, frame_count=45))


def test_an_upstreams_own_names_become_models(tmp_path: Path) -> None:
    wan = {"dialect": "openai", "base_url": "http://10.0.0.1:8000/v1", "models": {"wan-2.2": "Wan-AI/Wan2.2"}}
    found = {model.name: model for model in models(Settings(data=tmp_path, upstreams={"wan": wan}))}
    assert found["wan-2.2"].engine == "wan"
    assert found["wan-2.2"].options_of("wan")["model"] == "Wan-AI/Wan2.2"
    assert found["wan-2.2"].roles == {Role.FIRST_FRAME}


@pytest.mark.parametrize(
    "row", [{"engines": [7]}, {"engines": ["volc", "volc"]}, {"engines": [{"engine": "volc", "if": "sunny"}]}]
)
def test_a_wrong_route_is_told_in_a_sentence(tmp_path: Path, row: dict[str, Any]) -> None:
    with pytest.raises(OperatorError, match=QUALITY):
        catalogue(tmp_path, row, volc=ARK)


def test_a_key_that_is_not_set_and_an_engine_that_is_not_there_are_told(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, upstreams={"volc": ARK | {"key": "", "key_env": "NOT_SET_ANYWHERE"}})
    engines = Engines(settings, Catalogue((Model("film", "volc"),)))
    with pytest.raises(OperatorError, match="NOT_SET_ANYWHERE"):
        engines("volc")
    with pytest.raises(OperatorError, match="volc"):
        engines("nothing")


def test_a_wrong_upstream_is_refused_without_telling_its_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kineo.toml").write_text('[upstreams.volc]\ndialect = "ark"\nkey = "a-secret"\n')
    with pytest.raises(SettingsError) as error:
        load(data=tmp_path)
    assert "base_url" in str(error.value)
    assert "a-secret" not in str(error.value)
    assert "a-secret" not in repr(Settings(data=tmp_path, upstreams={"volc": ARK}))
