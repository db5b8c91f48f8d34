"""Kernels that numba compiles once and keeps, in the first folder that it can write to.

The places are numba's own: `NUMBA_CACHE_DIR` if it is set, `__pycache__` beside the kernel's file,
the user's caches. numba compiles a kernel again when the contents of its own file have changed. So
that file must hold everything that its kernels call and every constant that they use. A test checks
this.
"""

import functools
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numba.core.dispatcher import Dispatcher

_log = logging.getLogger(__name__)


@functools.cache
def _warn() -> None:
    _log.warning("no place for compiled kernels can be written to: each job compiles its own")


def cached(kernel: "Dispatcher") -> "Dispatcher":
    """Let numba keep what it compiles of a kernel; without a place for it, compile in each job."""
    try:
        kernel.enable_caching()
    except RuntimeError:  # none of numba's places can be written to
        _warn()
    return kernel
