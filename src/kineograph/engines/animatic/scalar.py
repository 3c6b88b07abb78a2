"""Single-precision numbers inside numba kernels, spelt so that the type checker agrees."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

# numba sees numpy's float32, which keeps a kernel from sliding into double precision at its first literal.
f4: Callable[[float], float] = np.float32  # type: ignore[assignment]  # numpy's scalars are no `float` to mypy
