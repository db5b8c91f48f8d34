"""Where torch computes: the processor, or an NVIDIA GPU, which then gives the same bytes twice."""

import os

import torch
from torch import nn

from dvs_snn.files.errors import StudyError


def choose_device(wanted: str) -> torch.device:
    """Return the device that `training.device` asks for: ``auto``, ``cpu`` or ``cuda``.

    ``auto`` is a GPU where torch sees one. ``cuda`` without one raises StudyError.
    """
    is_visible = torch.cuda.is_available()
    if wanted == "auto":
        return torch.device("cuda" if is_visible else "cpu")
    if wanted == "cuda" and not is_visible:
        raise StudyError(
            f"config key training.device is 'cuda', but torch {torch.__version__} sees no GPU, "
            "expected an NVIDIA GPU: set it to cpu, or run on a machine with such a GPU, its "
            "driver and a torch that is built for it."
        )
    return torch.device(wanted)


def moved(network: nn.Sequential, device: torch.device) -> nn.Sequential:
    """Move a network to a device, with the channels of its weights last in memory."""
    # torch's types lack `memory_format`.
    return network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]


def device_name(device: torch.device) -> str:
    """Return the name of a device in results: ``cpu``, or that of the GPU."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def make_repeatable(device: torch.device) -> dict[str, str]:
    """Let a GPU compute the same twice and in full float32, in this process from now on.

    Returns what was set, by its name; nothing for a processor, which repeats itself.

    Source: torch's notes on reproducibility and on numerical accuracy. By default convolutions use
    TF32, which keeps 10 bits of 23.
    """
    if device.type == "cpu":
        return {}
    torch.use_deterministic_algorithms(True)
    # Filling takes time and serves only programs that read memory before they write it.
    # A module with properties, which torch's types lack.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    # cuBLAS reads it at its first call in a process.
    workspace = os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.backends.cudnn.benchmark = False
    # torch's types lack `conv`.
    torch.backends.cudnn.conv.fp32_precision = "ieee"  # type: ignore[attr-defined]
    torch.backends.cuda.matmul.fp32_precision = "ieee"
    return {
        "use_deterministic_algorithms": "on",
        "CUBLAS_WORKSPACE_CONFIG": workspace,
        "cudnn.benchmark": "off",
        "fp32_precision": "ieee",
    }
