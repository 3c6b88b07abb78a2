"""A service whose Seedance models are test cards, for clients that know nothing of us but base URL and key."""

from __future__ import annotations

import base64
import gc
import io
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

MODELS = "".join(
    f'[models."doubao-seedance-1-0-pro-{tier}"]\nengine = "bars"\noptions = {{ seconds = "{seconds}" }}\n'
    for tier, seconds in (("quality", "1"), ("fast", "0"))
)


@pytest.fixture(autouse=True)
def sockets_of_others() -> Iterator[None]:
    """What an SDK leaves open is found here, where its warnings are ignored, and not at pytest's end."""
    yield
    gc.collect()


@pytest.fixture
def cards(service: Any) -> Any:
    """The service, started."""
    service.toml = MODELS
    return service.start()


@pytest.fixture
def picture() -> bytes:
    """A PNG that every dialect takes."""
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "orange").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def data_uri(picture: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"
