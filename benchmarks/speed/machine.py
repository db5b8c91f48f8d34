"""What the figures were measured on and with. No host name, no path."""

import os
import platform
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (
    "torch", "torchvision", "numpy", "numba", "sinabs", "snntorch", "spikingjelly", "norse",
)  # fmt: skip


def processor() -> str:
    """Return the processor's name."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    match = re.search(r"^model name\s*:\s*(.+)$", text, flags=re.MULTILINE)
    return match.group(1).strip() if match else platform.machine()


INSTRUCTIONS = ("avx2", "avx512f", "avx512_bf16", "amx_bf16")


def features() -> str:
    """Return which of the instructions that matter here the processor has."""
    try:
        flags = set(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
    except OSError:
        return ""
    return ", ".join(flag for flag in INSTRUCTIONS if flag in flags)


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
    return {
        "processor": processor(),
        "features": features(),
        "cores": cores(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": platform.system(),
        "versions": versions(),
    }
