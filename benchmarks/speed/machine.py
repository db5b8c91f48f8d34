"""What the figures were measured on and with. No host name, no path."""

import os
import platform
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (
    "torch", "torchvision", "numpy", "numba", "sinabs", "snntorch", "spikingjelly", "norse",
)  # fmt: skip


INSTRUCTIONS = ("avx2", "avx512f", "avx512_bf16", "amx_bf16")
"""Those that matter here."""


def _cpuinfo() -> str:
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8") if path.exists() else ""


def processor() -> str:
    """Return the processor's name."""
    match = re.search(r"^model name\s*:\s*(.+)$", _cpuinfo(), flags=re.MULTILINE)
    return match[1].strip() if match else platform.processor() or platform.machine()


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def load() -> float:
    """Return the number of running processes, averaged over a minute."""
    return os.getloadavg()[0]


def versions() -> dict[str, str]:
    """Return the versions of what takes part; packages that aren't installed are left out."""
    known = {"Python": platform.python_version()}
    for package in PACKAGES:
        try:
            known[package] = version(package)
        except PackageNotFoundError:
            continue
    return known


def describe() -> dict:
    """Return machine and versions."""
    flags = _cpuinfo().split()
    return {
        "processor": processor(),
        "features": ", ".join(flag for flag in INSTRUCTIONS if flag in flags),
        "cores": cores(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": platform.system(),
        "versions": versions(),
    }
