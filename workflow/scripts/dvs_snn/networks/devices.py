"""Where torch computes: the processor, or a GPU, set so that it gives the same bytes twice."""

import os

import torch
from torch import nn

from dvs_snn.files.errors import StudyError

GPUS = ("cuda", "mps")


def visible_gpus() -> list[str]:
    """Return the kinds of GPU that torch can use here, the faster one first."""
    visible = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return [kind for kind in GPUS if visible[kind]]


def choose_device(wanted: str, key: str) -> torch.device:
    """Return the device that the config key `key` asks for: ``auto``, ``cpu`` or one of `GPUS`.

    ``auto`` is a GPU where one is visible; one that isn't raises StudyError.
    """
    visible = visible_gpus()
    if wanted == "auto":
        return torch.device(visible[0] if visible else "cpu")
    if wanted in GPUS and wanted not in visible:
        raise StudyError(
            f"config key {key} is {wanted!r}, but torch {torch.__version__} sees "
            f"{' and '.join(visible) or 'no GPU'} here, expected {wanted}: set it to cpu, or run "
            "on a machine with such a GPU, its driver and a torch that is built for it."
        )
    return torch.device(wanted)


def moved(network: nn.Sequential, device: torch.device) -> nn.Sequential:
    """Move a network to a device, with the channels of its weights last in memory."""
    # torch's types lack `memory_format`.
    return network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]


def device_name(device: torch.device) -> str:
    """Return what results tell of a device: ``cpu``, ``mps``, or the name of the CUDA GPU."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def make_repeatable(device: torch.device) -> dict[str, str]:
    """Let a GPU compute the same twice and in full float32, in this process from now on.

    Returns what was set, by its name; nothing for a processor, which repeats itself.

    Source: torch's notes on reproducibility and on numerical accuracy (TF32 keeps 10 bits of 23,
    and convolutions use it unless told otherwise).
    """
    if device.type == "cpu":
        return {}
    # MPS lacks a repeatable kernel for some operations: there torch only warns.
    warn_only = device.type == "mps"
    torch.use_deterministic_algorithms(True, warn_only=warn_only)
    # Filling takes time and serves only programs that read memory before they write it.
    # A module with properties, which torch's types lack.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    flags = {"use_deterministic_algorithms": "warn only" if warn_only else "on"}
    if device.type == "cuda":
        # cuBLAS reads it at its first call in a process.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.backends.cudnn.benchmark = False
        # torch's types lack `conv`.
        torch.backends.cudnn.conv.fp32_precision = "ieee"  # type: ignore[attr-defined]
        torch.backends.cuda.matmul.fp32_precision = "ieee"
        flags["CUBLAS_WORKSPACE_CONFIG"] = os.environ["CUBLAS_WORKSPACE_CONFIG"]
        flags |= {"cudnn.benchmark": "off", "fp32_precision": "ieee"}
    return flags
