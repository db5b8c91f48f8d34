"""Check that sinabs gives the expected spikes: run `python check.py` in the network's folder.

It needs numpy, torch, safetensors and sinabs, and nothing of the study.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from sinabs.activation import MembraneSubtract, MultiSpike
from sinabs.layers import IAFSqueeze, SumPool2d
from torch import nn

FOLDER = Path(__file__).parent
ABOUT = json.loads((FOLDER / "network.json").read_text(encoding="utf-8"))


def layer(kind: str, **values: object) -> nn.Module:
    """Build one layer of `network.json`."""
    if kind == "IAFSqueeze":
        return IAFSqueeze(
            batch_size=1,
            spike_threshold=torch.tensor(float(values["spike_threshold"])),
            min_v_mem=float(values["min_v_mem"]),
            spike_fn=MultiSpike,
            reset_fn=MembraneSubtract(),
        )
    values = {key: tuple(one) if isinstance(one, list) else one for key, one in values.items()}
    return {"SumPool2d": SumPool2d, **vars(nn)}[kind](**values)


def network() -> nn.Sequential:
    """Build the network and load its state dict; only potentials lack."""
    built = nn.Sequential(*(layer(**one) for one in ABOUT["layers"]))
    missing, unexpected = built.load_state_dict(
        load_file(FOLDER / "network.safetensors"), strict=False
    )
    assert not unexpected
    assert all(name.endswith(".v_mem") for name in missing)
    return built.eval()


def spikes(built: nn.Sequential, frames: torch.Tensor) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the output's spikes in each step, and those of each layer summed over time."""
    value, sums = frames, []
    with torch.no_grad():
        built(frames[:1])  # so that potentials have their shapes
        for part in built:
            if isinstance(part, IAFSqueeze):
                part.reset_states()
                part.v_mem.fill_(ABOUT["initial_v_mem"] * part.spike_threshold)
            value = part(value)
            if isinstance(part, IAFSqueeze):
                sums.append(value.sum(0).numpy())
    return value.numpy(), sums


def differing() -> int:
    """Return how many numbers of spikes differ from the expected ones, over all recordings."""
    built, n = network(), 0
    with np.load(FOLDER / "expected.npz", allow_pickle=False) as expected:
        for i in range(len(expected["label"])):
            output = expected[f"output_{i}"]
            step = expected[f"t_{i}"] // round(ABOUT["step_ms"] * 1000)
            frames = np.zeros((len(output), 1, 64, 64), np.float32)
            np.add.at(frames, (step, 0, expected[f"row_{i}"], expected[f"column_{i}"]), 1)
            found, sums = spikes(built, torch.from_numpy(frames))
            n += int((found != output).sum())
            for name, own in zip(ABOUT["spiking"], sums, strict=True):
                n += int((own.ravel() != expected[f"{name}_{i}"].ravel()).sum())
    return n


if __name__ == "__main__":
    found = differing()
    print(f"{found} numbers of spikes differ from the expected ones")
    sys.exit(found > 0)
