"""A study that has run, as far as the check reads it: frames that train."""

from pathlib import Path

from made_recordings import of_digit

from dvs_snn.recordings.frames import accumulate, frame_writer
from dvs_snn.recordings.placement import Placement, place
from dvs_snn.settings.frame_settings import FrameRule


def write_frames(folder: Path) -> None:
    """Write the frames of four recordings of each digit."""
    folder.mkdir(parents=True)
    with frame_writer(folder / "frames.npy", folder / "index.csv") as add:
        for digit in range(10):
            for seed in range(4):
                placed = place(of_digit(digit, 800, seed), Placement())
                for frame in accumulate(placed, FrameRule()):
                    add(frame, f"{digit}/{seed}", f"{digit}/{seed}", digit, "train")
