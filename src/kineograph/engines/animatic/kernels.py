"""How functions become machine code: kernels that Python calls, and what kernels call, compiled as cheaply as numba can."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit, types
from numba.core.registry import CPUDispatcher
from numba.core.types.functions import BaseFunction

_OPTIONS: dict[str, Any] = {"fastmath": True, "nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}

# Every kernel of the engine: no parallel=True (frames are rendered side by side, a whole frame per thread).
kernel = njit(cache=True, **_OPTIONS)
# Kernels that allocate nothing: without reference counting, whose locked increments on every array handed to a helper
# cost more per pixel than the shading itself (measured: the sea took 160 ms a frame with it, 55 without).
lean = njit(cache=True, _nrt=False, **_OPTIONS)  # type: ignore[call-overload]  # _nrt is not in numba's stubs


class _Inner(CPUDispatcher):
    """A function that only kernels call: compiled without an entry from Python, which would be half of its machine code,
    and once for all whole numbers, literal or not."""

    _entry: Any = None

    def add_overload(self, cres: Any) -> None:
        """Keep what was compiled, for the compiler alone."""
        self.overloads[tuple(cres.signature.args)] = cres

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """The type of a call with arguments of these types."""
        plain: Callable[[Any], Any] = types.unliteral
        return super().get_call_template([plain(kind) for kind in args], {name: plain(kws[name]) for name in kws})

    def _compile_for_args(self, *_args: Any, **_kws: Any) -> Any:
        """What stands in for it when Python calls it, as tests do: the same once more with an entry, compiled each time."""
        if self._entry is None:
            self._entry = njit(**_OPTIONS)(self.py_func)
        return self._entry


def helper(function: Callable[..., Any]) -> Any:
    """What kernels call, laid into their code.

    Always laid in, for two reasons. An array is handed over as nine words, so a real call is dear. And a function that is
    called stands twice in a process that compiled it, by itself and with its caller, and only once where it comes from
    the cache: the two were rounded differently, and the first film of a machine was not the second.
    """
    options = {"nopython": True, "boundscheck": None, "no_cpython_wrapper": True, "_nrt": False, "forceinline": True}
    made = _Inner(function, targetoptions=options | _OPTIONS)
    made.enable_caching()
    return made


def _remember_types() -> None:
    """Let numba look up the type of a built-in call (a + b, row[i]) once for each kind of arguments.

    By itself it goes through a score of templates for every `+` it meets, several times each: a fifth of all compiling.
    Only what does not depend on the caller's flags is remembered: where numba names the function itself as what to run.
    """
    resolve: Callable[..., Any] = BaseFunction.get_call_type
    known: dict[tuple[BaseFunction, tuple[types.Type, ...]], Any] = {}

    def remembered(self: BaseFunction, context: Any, args: Any, kws: Any) -> Any:
        kinds = self, tuple(args)
        found = None if kws else known.get(kinds)
        if found is None:
            found = resolve(self, context, args, kws)
            if not kws and self.get_impl_key(found) is self.typing_key:
                known[kinds] = found
        return found

    BaseFunction.get_call_type = remembered  # type: ignore[method-assign]  # on purpose


_remember_types()
