"""The study's own arrays: NPY files written piece by piece and mapped, and whole NPZ files."""

from pathlib import Path
from typing import BinaryIO

import numpy as np

from dvs_snn.files.errors import StudyError, reason_of


class ArrayWriter:
    """Appends rows to an NPY file of a length not known beforehand; `n_rows` counts them."""

    def __init__(self, file: BinaryIO, dtype: np.dtype, row_shape: tuple[int, ...] = ()) -> None:
        self._file = file
        self._dtype = np.dtype(dtype)
        self._row_shape = row_shape
        self.n_rows = 0
        self.finish()

    def append(self, rows: np.ndarray) -> None:
        """Add `rows`, (row, *row_shape) of the file's dtype."""
        if rows.shape[1:] != self._row_shape or rows.dtype != self._dtype:
            raise ValueError(f"rows are {rows.shape} {rows.dtype}")
        self._file.write(np.ascontiguousarray(rows).tobytes())
        self.n_rows += len(rows)

    def finish(self) -> None:
        """Write the header with the number of rows so far."""
        # NumPy pads the header so that the first axis may grow and be written again in place.
        header = {
            "descr": np.lib.format.dtype_to_descr(self._dtype),
            "fortran_order": False,
            "shape": (self.n_rows, *self._row_shape),
        }
        self._file.seek(0)
        np.lib.format.write_array_header_1_0(self._file, header)


def open_array(path: Path, dtype: np.dtype, row_shape: tuple[int, ...] = ()) -> np.ndarray:
    """Memory-map the study's NPY file of rows (row, *row_shape); StudyError if it is damaged."""
    try:
        # A plain array over the map: every slice of numpy's own kind runs Python code.
        rows = np.asarray(np.lib.format.open_memmap(path, mode="r"))
        if rows.dtype != dtype or rows.shape[1:] != row_shape:
            raise ValueError(f"it holds {rows.dtype} {rows.shape}")
    except Exception as error:  # numpy raises nearly anything on damaged bytes
        raise StudyError(
            f"{path}: is not a whole NPY file of {np.dtype(dtype)} in rows of {row_shape} "
            f"({reason_of(error)}); delete it and run again."
        ) from error
    return rows


def evenly_picked(n: int, count: int) -> np.ndarray:
    """Return up to `n` of the places 0 to `count` - 1, int64, spread evenly; the first always."""
    return np.linspace(0, count - 1, min(n, count)).astype(np.int64)


def picked_by_label(labels: np.ndarray, most: int) -> list[int]:
    """Return up to `most` places of each label, ascending and evenly spread over its own."""
    places = (np.flatnonzero(labels == label) for label in np.unique(labels))
    return sorted(n for of_label in places for n in of_label[evenly_picked(most, len(of_label))])


def stored_arrays(path: Path) -> dict[str, np.ndarray]:
    """Read all arrays of the study's NPZ file, no pickle; StudyError if it is damaged."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            return dict(archive)
    except Exception as error:  # numpy, zipfile and zlib raise nearly anything on damaged bytes
        raise StudyError(
            f"{path}: is not a whole NPZ file ({reason_of(error)}); delete it and run again."
        ) from error
