"""Kernels that numba compiles once and keeps, in the first folder that it can write to.

The places are numba's own: `NUMBA_CACHE_DIR` if it is set, `__pycache__` beside the kernel's file,
the user's caches. numba compiles a kernel again when the contents of its own file have changed. So
that file must hold everything that its kernels call and every constant that they use. A test checks
this.
"""

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numba.core.dispatcher import Dispatcher


def cached(kernel: "Dispatcher") -> "Dispatcher":
    """Let numba keep what it compiles of a kernel; without a place for it, compile in each job."""
    with suppress(RuntimeError):  # none of numba's places can be written to
        kernel.enable_caching()
    return kernel
