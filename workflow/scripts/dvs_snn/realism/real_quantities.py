"""The quantities of real recordings of MNIST-DVS: measured once, and shipped as a table."""

from pathlib import Path

import pandas as pd

from dvs_snn.events.recording import read_recording
from dvs_snn.files.errors import StudyError
from dvs_snn.realism.quantities import PX_PER_MNIST_PX, UNITS, measure

REAL_COLUMNS = ("scale", "quantity", "value", "n", "duration_s", "source", "licence")
_SOURCE = "Serrano-Gotarredona & Linares-Barranco 2015, MNIST-DVS, {name}"
_LICENCE = "terms not stated with the copy; figures only, no events"


def real_quantities(folder: Path) -> pd.DataFrame:
    """Measure the recordings ``mnist_<digit>_scale<SS>_*.aedat`` of a folder of MNIST-DVS.

    Returns:
        One row per (scale, quantity) with the columns :data:`REAL_COLUMNS`; values have four
        significant digits. This is what ``workflow/data/mnist-dvs-quantities.tsv`` holds, written
        by ``to_csv(path, sep="\\t", index=False)``.

    Raises:
        StudyError: if two files have the same scale, or there is none.
    """
    files: dict[int, Path] = {}
    for path in sorted(folder.glob("mnist_*_scale*.aedat")):
        scale = int(path.stem.split("_scale")[1][:2])
        if scale in files:
            raise StudyError(
                f"{folder}: {files[scale].name} and {path.name} both have scale {scale}, expected "
                "one recording a scale; move one of them away"
            )
        files[scale] = path
    if not files:
        raise StudyError(
            f"{folder}: no recording, expected files mnist_<digit>_scale<SS>_*.aedat; name the "
            "folder of a digit of MNIST-DVS"
        )
    rows = []
    for scale, path in sorted(files.items()):
        recording = read_recording(path)
        quantities = measure(recording, scale)
        rows += [
            {
                "scale": scale,
                "quantity": quantity,
                "value": float(f"{getattr(quantities, quantity):.4g}"),
                "n": 1,
                "duration_s": float(f"{recording.duration_s:.4g}"),
                "source": _SOURCE.format(name=path.name),
                "licence": _LICENCE,
            }
            for quantity in UNITS
        ]
    return pd.DataFrame(rows, columns=list(REAL_COLUMNS))


def read_real_quantities(path: Path) -> pd.DataFrame:
    """Read the real recordings' quantities, as :func:`real_quantities` makes them.

    Raises:
        StudyError: if the file is not there, or has other columns, quantities or scales.
    """
    try:
        table = pd.read_csv(path, sep="\t")
    except (OSError, ValueError) as error:
        raise StudyError(
            f"{path}: cannot be read ({error}), expected a tab-separated table; "
            "restore the file from the repository"
        ) from error
    if tuple(table.columns) != REAL_COLUMNS:
        raise StudyError(
            f"{path}: columns {', '.join(table.columns)}, expected {', '.join(REAL_COLUMNS)}; "
            "restore the file from the repository"
        )
    for column, known in (("quantity", UNITS), ("scale", PX_PER_MNIST_PX)):
        unknown = [value for value in table[column].unique() if value not in known]
        if unknown:
            raise StudyError(
                f"{path}: {column} {unknown[0]}, expected one of {', '.join(map(str, known))}; "
                "correct the row"
            )
    return table
