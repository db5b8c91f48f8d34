"""The files of the real twins in N-MNIST's own folder, and their split table."""

from pathlib import Path

import pandas as pd

from dvs_snn.events.recording import read_recording
from dvs_snn.files.errors import StudyError
from dvs_snn.realism.twins import N_TWINS, TWINS_PER_DIGIT
from dvs_snn.sources.split_table import split_row


def real_twins(folder: Path) -> dict[str, Path]:
    """Return symbol -> file of N-MNIST's training recordings 1 to 1000.

    Recordings of a higher id, as the whole of N-MNIST has them, are left alone.

    Args:
        folder: N-MNIST's folder of training recordings, ``<folder>/<digit>/<id>.bin``.

    Raises:
        StudyError: if the recordings per digit aren't :data:`TWINS_PER_DIGIT`, or a name is no id.
    """
    twins: dict[str, Path] = {}
    for digit, n_expected in enumerate(TWINS_PER_DIGIT):
        by_id: dict[int, Path] = {}
        for path in sorted((folder / str(digit)).glob("*.bin")):
            if not path.stem.isdecimal():
                raise StudyError(
                    f"{path}: name '{path.stem}' is no id, expected a number such as 00001; "
                    "move what is no recording of N-MNIST away"
                )
            if 1 <= int(path.stem) <= N_TWINS:
                by_id[int(path.stem)] = path
        if len(by_id) != n_expected:
            raise StudyError(
                f"{folder / str(digit)}: {len(by_id)} recordings with ids 1 to {N_TWINS}, expected "
                f"{n_expected}; the folder isn't N-MNIST's training recordings 1 to {N_TWINS}: "
                "name the folder 'Train' of N-MNIST as it was downloaded"
            )
        for k, recording_id in enumerate(sorted(by_id), start=1):
            twins[f"{digit}/{k:04d}"] = by_id[recording_id]
    return twins


def list_real_twins(folder: Path, set_name: str) -> pd.DataFrame:
    """List the 1,000 real twins as a split table, under the symbols that they show."""
    rows = []
    for symbol, path in real_twins(folder).items():
        recording = read_recording(path)
        name = f"{symbol[0]}/{path.name}"
        rows.append(split_row(name, path, symbol, int(symbol[0]), set_name, recording, "saccades"))
    return pd.DataFrame(rows)
