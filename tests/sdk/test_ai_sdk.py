"""Vercel's AI SDK in Node, unchanged, by base URL and key alone.

KINEO_NODE_SDK names a folder in which `npm install ai @ai-sdk/bytedance` was run.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.sdk


def test_generate_video(cards: Any) -> None:
    folder = Path(os.environ["KINEO_NODE_SDK"])
    script = shutil.copy(Path(__file__).with_name("generate.mjs"), folder)
    answer = subprocess.run(
        ["node", script, f"{cards.url}/api/v3", cards.key], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert answer.returncode == 0, answer.stderr
    told = json.loads(answer.stdout.splitlines()[-1])
    (task,) = cards.call("GET", "/v1/tasks").json()["data"]
    assert (told["type"], told["bytes"], told["warnings"]) == ("video/mp4", task["bytes"], [])
    assert told["providerMetadata"]["bytedance"]["usage"] == {"completion_tokens": task["usage"]["tokens"]}
    assert (task["width"], task["height"], task["seed"], task["frames"]) == (480, 864, 7, 48)
