"""Random deaths under load. Afterwards every accepted task has exactly one end, and nothing was done twice.

KINEO_CHAOS_SEED repeats a run's choices, KINEO_CHAOS_KILLS says how many deaths (60), KINEO_CHAOS_MINUTES when to end with
fewer, KINEO_CHAOS_PACE how many seconds lie between two strikes (1).
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.chaos.installation import Installation
from tests.chaos.network import Network
from tests.chaos.runner import Run, log_of

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(7200)]

SEED = int(os.environ.get("KINEO_CHAOS_SEED", random.SystemRandom().randrange(10**6)))
KILLS = int(os.environ.get("KINEO_CHAOS_KILLS", "60"))
LONGEST = 60 * float(os.environ.get("KINEO_CHAOS_MINUTES", "inf"))
PACE = float(os.environ.get("KINEO_CHAOS_PACE", "1.0"))


@pytest.fixture(params=[Installation, Network], ids=lambda kind: kind.name)
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    made: Installation = request.param(tmp_path)
    made.start()
    try:
        yield made
    finally:
        made.stop()
        made.close()


def test_deaths_lose_nothing_double_nothing_and_break_no_limit(installation: Installation) -> None:
    print(f"KINEO_CHAOS_SEED={SEED}")
    run = Run(installation, SEED, PACE, LONGEST)
    verdict = run.go(KILLS)
    print(run.table(verdict))
    assert verdict.broken == [], f"{run.table(verdict)}\n{log_of(installation.folder)}"
