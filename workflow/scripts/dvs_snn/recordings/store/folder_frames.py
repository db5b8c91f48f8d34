"""The frames that training reads, from recordings that lie in folders."""

from pathlib import Path

import pandas as pd

from dvs_snn.files.job import Progress
from dvs_snn.recordings.folders.split_table import open_recording
from dvs_snn.recordings.frames import accumulate
from dvs_snn.recordings.placement import place, placement_of
from dvs_snn.recordings.store.frame_store import frame_writer
from dvs_snn.settings.frames import FrameRule


def accumulate_split(
    split: pd.DataFrame,
    where: dict,
    rule: FrameRule,
    array_path: Path,
    index_path: Path,
    progress: Progress,
) -> None:
    """Accumulate the frames of a split placed as `where` says, a recording in memory at a time."""
    with (
        frame_writer(array_path, index_path) as writer,
        progress.bar(len(split), "recording", "frames") as bar,
    ):
        for row in split.itertuples():
            recording = open_recording(row)
            for frame in accumulate(place(recording, placement_of(where)), rule):
                writer.append(frame, row.recording, row.symbol, row.label, row.split)
            bar.advance(1)
