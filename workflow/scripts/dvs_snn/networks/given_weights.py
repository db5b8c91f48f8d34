"""Weights that a user brings: a state dict from a file, checked before the network takes it."""

import io
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

from dvs_snn.files.errors import StudyError, reason_of
from dvs_snn.networks.architectures import build_network
from dvs_snn.networks.geometry import N_CLASSES

MAX_BYTES = 100 * 10**6
FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
HOW_TO_SAVE = "torch.save(network.state_dict(), 'weights.pt')"


def read_given(path: Path, name: str, n_classes: int = N_CLASSES) -> nn.Sequential:
    """Return the network `name`, in evaluation mode, with the weights of a file as float32.

    It has an output for each class.

    Raises:
        StudyError: the file is too large, isn't a state dict alone or doesn't fit the network.
    """
    network = build_network(name, n_classes)
    expected = network.state_dict()
    found = _tensors(path, _content(path))
    _check_names(path, name, found, expected)
    network.load_state_dict(
        {key: _weights(path, name, key, found[key], expected[key]) for key in expected}
    )
    return network.eval()


def _content(path: Path) -> object:
    """Read a file that may come from anyone: no code in it runs, and its size has a limit."""
    try:
        _check_size(path, "", path.stat().st_size)
        if path.suffix == ".safetensors":
            return load_file(path)
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                unpacked = sum(member.file_size for member in archive.infolist())
            _check_size(path, " unpacked", unpacked)
        # From memory: a damaged length would make a file's own reader ask for gigabytes.
        content = io.BytesIO(path.read_bytes())
        return torch.load(content, map_location="cpu", weights_only=True)
    except StudyError:
        raise
    # A damaged pickle may raise anything.
    except Exception as error:
        raise StudyError(
            f"{path}: can't be read as tensors alone ({reason_of(error).split('. ')[0]}), expected "
            "a network's state dict and no whole network, whose code the study doesn't run; write "
            f"one with {HOW_TO_SAVE}."
        ) from error


def _check_size(path: Path, how: str, size: int) -> None:
    if size > MAX_BYTES:
        raise StudyError(
            f"{path}: has {size / 1e6:,.0f} MB{how}, expected {MAX_BYTES / 1e6:.0f} MB at most; "
            f"save the weights alone with {HOW_TO_SAVE}."
        )


def _tensors(path: Path, content: object) -> Mapping[str, torch.Tensor]:
    """Return a file's tensors by name; refuse whatever else it holds."""
    if not isinstance(content, Mapping):
        raise StudyError(
            f"{path}: holds a {type(content).__name__}, expected the tensors of a state dict by "
            f"name; write one with {HOW_TO_SAVE}."
        )
    for key, value in content.items():
        if isinstance(value, Mapping):
            raise StudyError(
                f"{path}: is a checkpoint that holds {_listed([key])} ({type(value).__name__}), "
                "expected tensors alone; take the network's state dict out of it and save that "
                "with torch.save."
            )
        if not isinstance(value, torch.Tensor):
            raise StudyError(
                f"{path}: holds {_listed([key])} ({type(value).__name__}), expected tensors alone; "
                f"write them with {HOW_TO_SAVE}."
            )
    return content


def _check_names(
    path: Path, name: str, found: Mapping[str, object], expected: Mapping[str, object]
) -> None:
    missing = [key for key in expected if key not in found]
    extra = [key for key in found if key not in expected]
    if not missing and not extra:
        return
    biases = [key for key in extra if isinstance(key, str) and key.endswith("bias")]
    if biases and len(biases) == len(extra) and not missing:
        raise StudyError(
            f"{path}: has biases ({_listed(biases)}), but these layers of the network {name!r} "
            "have none; train it with bias=False."
        )
    faults = [
        f"{verb} {_listed(keys)}" for verb, keys in (("lacks", missing), ("has", extra)) if keys
    ]
    raise StudyError(
        f"{path}: {' and '.join(faults)}, expected of the network {name!r} just "
        f"{_listed(expected)}; rename or remove what differs, or set model.name to its network."
    )


def _weights(
    path: Path, name: str, key: str, found: torch.Tensor, expected: torch.Tensor
) -> torch.Tensor:
    """Return the weights of one layer as finite float32; values are looked at last."""

    def refuse(what: str, wanted: str, remedy: str) -> StudyError:
        told = f"of the network {name!r}"
        return StudyError(f"{path}: {key} {what}, expected {wanted} {told}; {remedy}.")

    plain = found.layout == torch.strided and not found.is_nested and found.device.type == "cpu"
    if not plain or found.dtype not in FLOATS:
        kind = f"{found.dtype}" if plain else f"a {found.layout} tensor on {found.device.type}"
        wanted = f"plain numbers of {', '.join(map(str, FLOATS))}"
        raise refuse(f"holds {kind}", wanted, "save the trained weights themselves")
    if found.shape != expected.shape:
        shapes = [" x ".join(map(str, one.shape)) or "a single number" for one in (found, expected)]
        remedy = "set model.name to its network and data.classes to its outputs"
        raise refuse(f"has the shape {shapes[0]}", shapes[1], remedy)
    weights = found.detach().to(torch.float32)
    bad = int((~torch.isfinite(weights)).sum())
    if bad:
        of = f"holds {bad} of {weights.numel()} values that are NaN, infinite or beyond float32"
        raise refuse(of, "finite numbers", "train it again or take an earlier checkpoint")
    return weights


def _listed(keys: Collection[object]) -> str:
    """Name the first of some keys; a file may give them any characters."""
    names = [ascii(str(key))[1:-1][:60] for key in keys]
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return ", ".join(names[:8]) + more
