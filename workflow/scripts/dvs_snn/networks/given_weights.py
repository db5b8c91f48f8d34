"""Weights that a user brings: a state dict from a file, checked before the network takes it."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

from dvs_snn.files.errors import StudyError, reason_of
from dvs_snn.networks.architectures import build_network
from dvs_snn.networks.geometry import N_CLASSES

MAX_BYTES = 100 * 10**6
HOW_TO_SAVE = "torch.save(network.state_dict(), 'weights.pt')"


def read_given(path: Path, name: str, n_classes: int = N_CLASSES) -> nn.Sequential:
    """Return network `name` in evaluation mode with a file's weights; StudyError if they misfit."""
    network = build_network(name, n_classes)
    weights = _content(path)
    expected = {key: _shape(value) for key, value in network.state_dict().items()}
    given = {key: _shape(value) for key, value in weights.items()}
    lacking, extra = _entries(expected, given), _entries(given, expected)
    if lacking or extra:
        raise StudyError(
            f"{path}: has {extra or 'nothing'} where the network {name!r} has "
            f"{lacking or 'nothing'}, expected its tensors alone, by their names; write them with "
            f"{HOW_TO_SAVE}, or set model.name to their network and data.classes to its outputs."
        )
    network.load_state_dict(weights)
    bad = [key for key, value in network.state_dict().items() if not value.isfinite().all()]
    if bad:
        raise StudyError(
            f"{path}: {', '.join(bad)} has values that are NaN, infinite or beyond float32, "
            "expected finite numbers; train it again or take an earlier checkpoint."
        )
    return network.eval()


def _content(path: Path) -> Mapping[str, object]:
    """Read a file that may come from anyone: no code in it runs, and its size has a limit."""
    try:
        size = path.stat().st_size
        if size <= MAX_BYTES and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                size = sum(member.file_size for member in archive.infolist())
        if size > MAX_BYTES:
            raise StudyError(
                f"{path}: has {size / 1e6:,.0f} MB, expected {MAX_BYTES / 1e6:.0f} MB at most; "
                f"save the weights alone with {HOW_TO_SAVE}."
            )
        if path.suffix == ".safetensors":
            return load_file(path)
        # From memory, whose end a damaged length can't pass.
        content = io.BytesIO(path.read_bytes())
        return dict(torch.load(content, map_location="cpu", weights_only=True))
    except StudyError:
        raise
    # A damaged pickle may raise anything.
    except Exception as error:
        raise StudyError(
            f"{path}: can't be read as tensors by name ({reason_of(error).split('. ')[0]}), "
            "expected a network's state dict and no whole network, whose code the study doesn't "
            f"run; write one with {HOW_TO_SAVE}."
        ) from error


def _shape(value: object) -> str:
    """Return the shape of a plain tensor of floats, and the type of anything else."""
    if not isinstance(value, torch.Tensor):
        return type(value).__name__
    if not value.is_floating_point() or value.layout != torch.strided or not value.is_cpu:
        return f"{value.layout} of {value.dtype} on {value.device.type}"
    return " x ".join(map(str, value.shape)) or "a single number"


def _entries(entries: Mapping[str, str], others: Mapping[str, str]) -> str:
    """Name the first entries that the others lack; a file may give them any characters."""
    named = [f"{key} ({kind})" for key, kind in entries.items() if others.get(key) != kind]
    more = f" and {len(named) - 5} more" if len(named) > 5 else ""
    return ", ".join(ascii(entry)[1:-1][:80] for entry in named[:5]) + more
