"""The watermark on the disk."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kineograph.core.errors import Unavailable
from kineograph.store.room import Room


def test_nothing_new_is_taken_below_the_watermark(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    Room((tmp_path,), free // 2).check()
    Room((tmp_path,), 0).check()
    with pytest.raises(Unavailable) as caught:
        Room((tmp_path,), free * 2).check()
    assert (caught.value.reason, caught.value.retry_after) == ("storage_full", 30)
    assert "MB left on the disk" in (Room((tmp_path,), free * 2).fault() or "")


def test_a_disk_that_is_gone_has_no_room(tmp_path: Path) -> None:
    assert "cannot be asked" in (Room((tmp_path, tmp_path / "unmounted"), 1).fault() or "")
