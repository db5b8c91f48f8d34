"""Fills the stores from files: each raw recording is read once."""

from pathlib import Path

from dvs_snn.files.job import Progress
from dvs_snn.recordings.folders.split_table import open_recording, read_split
from dvs_snn.recordings.frames import accumulate
from dvs_snn.recordings.placement import Placement, place
from dvs_snn.recordings.store.event_store import StoredRecording, store_recordings
from dvs_snn.recordings.store.frame_store import frame_writer
from dvs_snn.settings.frames import FrameRule


def store_split(split: Path, part: str, events: Path, table: Path, progress: Progress) -> None:
    """Read the recordings of a part of a split table and store them (rule store_set)."""
    rows = read_split(split)
    recordings = (
        StoredRecording(
            row.recording, row.symbol, row.label, row.scene, row.sha256, open_recording(row)
        )
        for row in rows[rows["split"] == part].itertuples()
    )
    stored = store_recordings(recordings, events, table)
    progress.say(f"{len(stored)} recordings, {stored['n_events'].sum()} events")


def accumulate_split(
    split: Path, where: Placement, rule: FrameRule, frames: Path, index: Path, progress: Progress
) -> None:
    """Store the frames of a split's recordings, one in memory at a time (rule accumulate)."""
    rows = read_split(split)
    with (
        frame_writer(frames, index) as writer,
        progress.bar(len(rows), "recording", "frames") as bar,
    ):
        for row in rows.itertuples():
            for frame in accumulate(place(open_recording(row), where), rule):
                writer.append(frame, row.recording, row.symbol, row.label, row.split)
            bar.advance(1)
