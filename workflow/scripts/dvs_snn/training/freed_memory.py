"""Keeps freed memory in the process, for loops that allocate the same large arrays again."""

import ctypes

# From glibc's malloc.h.
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
KEPT_BYTES = 1 << 30


def keep_freed_memory() -> bool:
    """Let the C library keep up to a gigabyte of freed memory instead of returning it.

    torch allocates every activation anew. A large array that was given back to the system comes
    back as pages that the system has to clear and map one by one: a third of a training step.

    Returns:
        Whether there is such a setting: glibc has it, other C libraries do without.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    settings = (_M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD)
    return all([mallopt(setting, KEPT_BYTES) == 1 for setting in settings])
