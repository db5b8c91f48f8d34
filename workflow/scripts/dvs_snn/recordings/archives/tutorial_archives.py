"""Every quirk of the tutorial's data: PNG frames without recordings, and its binning of videos."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dvs_snn.files.atomic import scratch_folder
from dvs_snn.files.errors import StudyError, reason_of
from dvs_snn.files.job import Progress
from dvs_snn.recordings.archives.unpack import unpack_chosen
from dvs_snn.recordings.frames import Frame, frame_writer
from dvs_snn.recordings.placement import NETWORK_SIZE, PlacedEvents
from dvs_snn.recordings.recording import EventRecording
from dvs_snn.recordings.steps import StepEvents, checked_steps
from dvs_snn.settings.data import DIGITS, SplitShares

BORDER_FRAMES = 50
"""Frames that are left out at each border between two parts."""


def unpack_frames(path: Path, folder: Path) -> Path:
    """Unpack the PNG frames of `train.zip` below `folder`; return the folder of digit folders."""
    pngs = unpack_chosen(
        path, lambda names: {name: name for name in names if name.lower().endswith(".png")}, folder
    )
    digits = sorted({png.parent for png in pngs})
    names = [digit.name for digit in digits]
    if names != list(DIGITS):
        raise StudyError(
            f"{path}: its PNG frames lie in the folders {', '.join(names[:12]) or 'none'}, "
            "expected the digits 0 to 9; fetch the archive again."
        )
    return digits[0].parent


def block_split(n: int, shares: SplitShares) -> dict[str, range]:
    """Split a digit's name-sorted frames into contiguous blocks, dropping 50 at each border.

    Which symbol a PNG frame shows isn't known; neighbours may show the same one.
    """
    n_test = round(n * shares.test)
    n_validation = round((n - n_test) * shares.validation)
    half = BORDER_FRAMES // 2
    first = n - n_test - n_validation
    second = n - n_test
    return {
        "train": range(0, first - half),
        "validation": range(first + half, second - half),
        "test": range(second + half, n),
    }


def _first_channel(path: Path) -> np.ndarray:
    """Read the first channel of a PNG frame, uint8 (height, width); one too large stays packed."""
    from PIL import Image

    try:
        with Image.open(path, formats=("PNG",)) as image:
            if image.size != (NETWORK_SIZE, NETWORK_SIZE):
                raise ValueError("{}x{} pixels".format(*image.size))
            return np.array(image.convert("RGB"))[:, :, 0]
    except Exception as error:  # Pillow raises nearly anything on damaged bytes
        frame = ascii(f"{path.parent.name}/{path.name}")
        raise StudyError(
            f"train.zip: frame {frame} can't be read ({reason_of(error)}), expected a PNG image of "
            f"{NETWORK_SIZE}x{NETWORK_SIZE} pixels; fetch the archive again."
        ) from error


def tutorial_frames(
    root: Path, shares: SplitShares, digit: int
) -> Iterator[tuple[Frame, str, str]]:
    """Yield (frame, name, split) of the tutorial's PNG frames of a digit, `<digit>/<file>`.

    They come in the order of torchvision's ImageFolder, as the tutorial reads them: by name.
    """
    paths = sorted((root / str(digit)).iterdir())
    for split, block in block_split(len(paths), shares).items():
        for path in paths[block.start : block.stop]:
            image = _first_channel(path)
            frame = Frame(image[None].copy(), -1, int(image.sum()), 0)
            yield frame, f"{digit}/{path.name}", split


@dataclass(frozen=True)
class ImportFramesJob:
    """What the rule `import_frames` gives: the tutorial's `train.zip`, and the frame store."""

    archive: Path
    shares: SplitShares
    frames: Path
    index: Path


def import_frames(job: ImportFramesJob, progress: Progress) -> None:
    """Copy the tutorial's PNG frames into a frame store, split by blocks."""
    with scratch_folder(job.frames) as folder:
        root = unpack_frames(job.archive, folder)
        with frame_writer(job.frames, job.index) as add:
            for digit in progress.over(range(10), "digit", "import"):
                for frame, name, split in tutorial_frames(root, job.shares, digit):
                    add(frame, name, "", digit, split)


def place_as_tutorial(recording: EventRecording) -> PlacedEvents:
    """Lay a recording on the network by the tutorial's own histogram.

    64 equal bins over the *range of the data* in x and in y; x is the third axis and y the
    fourth: (time, 1, x, y), as ``np.histogramdd((t, x, y), ...)`` gives it.
    """
    events = recording.events

    def bin_index(values: np.ndarray) -> np.ndarray:
        edges = np.histogram_bin_edges(values.astype(np.float64), bins=NETWORK_SIZE)
        # The last bin of NumPy's histograms includes its right edge.
        index = np.searchsorted(edges, values, side="right") - 1
        return np.where(values == edges[-1], NETWORK_SIZE - 1, index).astype(np.int64)

    t_first, t_last = recording.span
    return PlacedEvents(
        t=events["t"],
        row=bin_index(events["x"]),
        column=bin_index(events["y"]),
        t_first=t_first,
        t_last=t_last,
        n_outside=0,
    )


def bin_steps_as_tutorial(placed: PlacedEvents, step_us: int) -> StepEvents:
    """Bin by the edges ``np.arange(t.min(), t.max(), step)``; drop events after the last edge.

    As in NumPy's histograms, an event on the very last edge counts in the last bin.
    """
    checked_steps(placed, step_us)
    edges = np.arange(placed.t_first, placed.t_last, step_us)
    n_steps = len(edges) - 1
    if n_steps < 1:
        raise StudyError(
            f"a recording of {placed.duration_s:.4f} s is shorter than two time steps of "
            f"{step_us / 1000:g} ms, which the tutorial's binning needs; use a longer recording."
        )
    step = (placed.t - placed.t_first) // step_us
    step = np.where(placed.t == edges[-1], n_steps - 1, step)
    kept = step < n_steps
    return StepEvents(
        step=step[kept],
        row=placed.row[kept],
        column=placed.column[kept],
        n_steps=n_steps,
        n_dropped=int((~kept).sum()),
        time=np.minimum((placed.t[kept] - placed.t_first + 1) / step_us, n_steps),
    )
