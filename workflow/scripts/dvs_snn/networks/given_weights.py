"""Weights that a user brings: a state dict from a file, checked before the network takes it."""

import io
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

from dvs_snn.files.errors import StudyError, reason_of
from dvs_snn.networks.architectures import build_network
from dvs_snn.networks.geometry import N_CLASSES


def read_given(path: Path, name: str, n_classes: int = N_CLASSES) -> nn.Sequential:
    """Return network `name` in evaluation mode with a file's weights; StudyError if they misfit.

    The file may come from anyone: no code in it runs.
    """
    network = build_network(name, n_classes)
    try:
        if path.suffix == ".safetensors":
            weights = load_file(path)
        else:
            # From memory, whose end a damaged length can't pass.
            content = io.BytesIO(path.read_bytes())
            weights = torch.load(content, map_location="cpu", weights_only=True)
        network.load_state_dict(weights)
    # A damaged pickle may raise anything.
    except Exception as error:
        raise StudyError(
            f"{path}: can't be taken as the weights of the network {name!r} ({reason_of(error)}), "
            "expected its state dict and no whole network, whose code the study doesn't run; "
            "write one with torch.save(network.state_dict(), 'weights.pt'), or set model.name to "
            "its network and data.classes to its outputs."
        ) from error

    bad = [key for key, value in network.state_dict().items() if not value.isfinite().all()]
    if bad:
        raise StudyError(
            f"{path}: {', '.join(bad)} has values that are NaN, infinite or beyond float32, "
            "expected finite numbers; train it again or take an earlier checkpoint."
        )
    return network.eval()
