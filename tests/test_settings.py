"""File < environment < flags, and a sentence for every mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from kineograph.app.catalogue import models
from kineograph.core.errors import OperatorError
from kineograph.core.models import QUALITY
from kineograph.core.request import Role
from kineograph.settings import SettingsError, load


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KINEO_DATA", str(tmp_path / "data"))


def test_flags_beat_the_environment_which_beats_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "kineo.toml").write_text('port = 1000\nhost = "1.1.1.1"\nworkers = 3\n')
    monkeypatch.setenv("KINEO_HOST", "2.2.2.2")
    monkeypatch.setenv("KINEO_PORT", "2000")
    settings = load(port=3000)
    assert (settings.port, settings.host, settings.workers) == (3000, "2.2.2.2", 3)


def test_the_working_folder_is_read_before_the_data_folder(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "kineo.toml").write_text("port = 1\n")
    assert load().port == 1
    (tmp_path / "kineo.toml").write_text("port = 2\n")
    assert load().port == 2


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("15m", 900), ("24h", 86400), ("7d", 604800), ("1.5h", 5400)]
)
def test_times_are_written_as_people_write_them(monkeypatch: pytest.MonkeyPatch, text: str, seconds: float) -> None:
    monkeypatch.setenv("KINEO_KEEP_FILES", text)
    assert load().keep_files == seconds


@pytest.mark.parametrize(("text", "size"), [("1000", 1000), ("500MB", 5 * 10**8), ("50 gb", 5 * 10**10)])
def test_sizes_are_written_as_people_write_them(monkeypatch: pytest.MonkeyPatch, text: str, size: int) -> None:
    monkeypatch.setenv("KINEO_MAX_DISK", text)
    assert load().max_disk == size


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KINEO_PORT", "99999"),
        ("KINEO_FETCH_ALLOW", "not-a-network"),
        ("KINEO_LOG_LEVEL", "loud"),
        ("KINEO_KEEP_FILES", "soon"),
    ],
)
def test_a_wrong_value_is_named_with_its_setting(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        load()


def test_an_unknown_name_in_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "kineo.toml").write_text("prot = 1\n")
    with pytest.raises(SettingsError, match="'prot'"):
        load()


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "kineo.toml").write_text("port = = 1\n")
    with pytest.raises(SettingsError, match=r"kineo\.toml"):
        load()


def test_rows_of_the_catalogue_are_laid_over_the_built_in_ones(tmp_path: Path) -> None:
    (tmp_path / "kineo.toml").write_text(
        f'[models."{QUALITY}"]\nengine = "bars"\n\n'
        '[models.mine]\nengine = "bars"\nroles = ["first_frame"]\noptions = { seconds = "1" }\n'
    )
    rows = {model.name: model for model in models(load())}
    assert rows[QUALITY].engine == "bars"
    assert rows[QUALITY].estimate == 60
    assert rows["mine"].roles == {Role.FIRST_FRAME}
    assert len(rows) == 3


@pytest.mark.parametrize("row", ["engin = 'bars'", "engine = 'bars'\nroles = ['middle']", ""])
def test_a_row_that_is_no_model_is_named(tmp_path: Path, row: str) -> None:
    (tmp_path / "kineo.toml").write_text(f"[models.mine]\n{row}\n")
    with pytest.raises(OperatorError, match="mine"):
        models(load())


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KINEO_ADMIN_KEY", "")  # as a compose file writes what was not given
    assert load(data=tmp_path).admin_key is None


@pytest.mark.parametrize("text", ['{"secret_access_key": "hush', '["hush"]', '"hush"'])
def test_storage_options_that_cannot_be_read_are_named_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("KINEO_STORAGE_OPTIONS", text)
    with pytest.raises(SettingsError, match="storage_options") as caught:
        load()
    assert "hush" not in str(caught.value)


def test_storage_options_come_from_file_or_environment_and_are_not_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "kineo.toml").write_text('[storage_options]\nsecret_access_key = "hush"\n')
    assert load().storage_options == {"secret_access_key": "hush"}
    assert "hush" not in repr(load())
    monkeypatch.setenv("KINEO_STORAGE_OPTIONS", '{"region": "eu-west-1"}')
    assert load().storage_options == {"region": "eu-west-1"}
