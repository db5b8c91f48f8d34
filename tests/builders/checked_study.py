"""A study that has run, as far as the check reads it: frames that train, a network, its choice."""

from pathlib import Path

import torch
from made_recordings import of_digit
from pages import make_choice

from dvs_snn.files.tables import schema, write_table
from dvs_snn.networks.architectures import build_network
from dvs_snn.networks.conversion import as_spiking
from dvs_snn.networks.spiking import save_spiking
from dvs_snn.recordings.frames import accumulate, frame_writer
from dvs_snn.recordings.placement import Placement, place
from dvs_snn.settings.conversion import NeuronParameters
from dvs_snn.settings.frames import FrameRule


def write_frames(folder: Path) -> None:
    """Write the frames of four recordings of each digit."""
    folder.mkdir(parents=True)
    with frame_writer(folder / "frames.npy", folder / "index.csv") as add:
        for digit in range(10):
            for seed in range(4):
                placed = place(of_digit(digit, 800, seed), Placement())
                for frame in accumulate(placed, FrameRule()):
                    add(frame, f"{digit}/{seed}", f"{digit}/{seed}", digit, "train")


def write_network(results: Path) -> None:
    """Write an untrained network of the variant `plain`, seed 1, and the choice of its scale 2."""
    folder = results / "work/networks/plain"
    folder.mkdir(parents=True)
    torch.manual_seed(1)
    network = as_spiking("tutorial", build_network("tutorial"), NeuronParameters())
    save_spiking(network, folder / "seed-1.safetensors")
    (results / "tables").mkdir()
    choice = make_choice().reindex(columns=schema("choice"))
    write_table(choice, results / "tables" / "choice.csv", "choice")
