"""The frames that training reads, from the tutorial's PNG files."""

from collections.abc import Mapping
from pathlib import Path

from dvs_snn.files.atomic import scratch_folder
from dvs_snn.files.job import Progress
from dvs_snn.recordings.archives.tutorial import tutorial_frames, unpack_frames
from dvs_snn.recordings.store.frame_store import frame_writer


def import_tutorial_frames(
    archive: Path,
    shares: Mapping[str, float],
    array_path: Path,
    index_path: Path,
    progress: Progress,
) -> None:
    """Copy the tutorial's PNG frames into the frame store, split by contiguous blocks."""
    with scratch_folder(array_path) as folder:
        root = unpack_frames(archive, folder)
        with (
            frame_writer(array_path, index_path) as writer,
            progress.bar(sum(1 for _ in root.glob("*/*")), "frame", "import") as bar,
        ):
            for frame, name, label, split in tutorial_frames(root, shares):
                writer.append(frame, name, "", label, split)
                bar.advance(1)
