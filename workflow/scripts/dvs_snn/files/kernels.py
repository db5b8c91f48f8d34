"""Kernels that numba compiles once and keeps, in the first folder that it can write to.

The places are numba's own: `NUMBA_CACHE_DIR` if it is set, `__pycache__` beside the kernel's file,
the user's caches. numba compiles a kernel again when the contents of its own file have changed. So
that file must hold everything that its kernels call and every constant that they use. A test checks
this.
"""

import functools
import logging
import os
import tempfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numba.core.dispatcher import Dispatcher

_log = logging.getLogger(__name__)


@functools.cache
def _has_room(folder: str) -> bool:
    """Say whether a folder takes a kernel: beyond a quota a file can be made but not written."""
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(2**20))  # more than a kernel takes
            probe.flush()
            os.fsync(probe.fileno())
    except OSError:
        return False
    return True


@functools.cache
def _warn() -> None:
    _log.warning("no place for compiled kernels can be written to: each job compiles its own")


def cached(kernel: "Dispatcher") -> "Dispatcher":
    """Let numba keep what it compiles of a kernel; without a place for it, compile in each job."""
    try:
        kernel.enable_caching()
        if _has_room(kernel.stats.cache_path):
            return kernel
        kernel._cache.disable()  # type: ignore[attr-defined]  # numba's stub lacks it
    except RuntimeError:  # none of numba's places can be written to
        pass
    _warn()
    return kernel
