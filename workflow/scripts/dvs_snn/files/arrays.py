"""Large arrays in NPY files: written piece by piece, read as a memory map."""

import os
from pathlib import Path
from typing import BinaryIO

import numpy as np

from dvs_snn.files.errors import StudyError, reason_of
from dvs_snn.files.zipped import announced_bytes, npy_header


class ArrayWriter:
    """Appends rows to an NPY file whose number of rows isn't known beforehand.

    Attributes:
        n_rows: rows that were appended so far.
    """

    def __init__(self, file: BinaryIO, dtype: np.dtype, row_shape: tuple[int, ...] = ()) -> None:
        self._file = file
        self._dtype = np.dtype(dtype)
        self._row_shape = row_shape
        self.n_rows = 0
        self._write_header()

    def append(self, rows: np.ndarray) -> None:
        """Add `rows`, (row, *row_shape) of the file's dtype."""
        if rows.shape[1:] != self._row_shape or rows.dtype != self._dtype:
            raise ValueError(f"rows are {rows.shape} {rows.dtype}")
        self._file.write(np.ascontiguousarray(rows).tobytes())
        self.n_rows += len(rows)

    def _write_header(self) -> None:
        # NumPy pads the header so that the first axis may grow and be written again in place.
        header = {
            "descr": np.lib.format.dtype_to_descr(self._dtype),
            "fortran_order": False,
            "shape": (self.n_rows, *self._row_shape),
        }
        self._file.seek(0)
        np.lib.format.write_array_header_1_0(self._file, header)

    def finish(self) -> None:
        """Write the final number of rows into the header."""
        self._write_header()


def open_array(path: Path, dtype: np.dtype, row_shape: tuple[int, ...] = ()) -> np.ndarray:
    """Memory-map an NPY file of rows, (row, *row_shape), read-only.

    Raises:
        StudyError: the file isn't a whole array of such rows.
    """
    try:
        with open(path, "rb") as file:
            shape, announced, _ = npy_header(file)
            n_bytes = os.fstat(file.fileno()).st_size - file.tell()
        if n_bytes != announced_bytes(shape, announced):
            raise ValueError(f"{n_bytes} bytes for shape {shape} of {announced}")
        # A plain array over the map: every slice of numpy's own kind runs Python code.
        rows = np.asarray(np.lib.format.open_memmap(path, mode="r"))
    except Exception as error:  # numpy raises nearly anything on damaged bytes
        raise StudyError(
            f"{path}: is not a whole NPY file ({reason_of(error)}); delete it and run again."
        ) from error
    if rows.dtype != dtype or rows.shape[1:] != row_shape:
        expected = ", ".join(["row", *map(str, row_shape)])
        raise StudyError(
            f"{path}: holds {rows.dtype} {rows.shape}, expected {np.dtype(dtype)} ({expected}); "
            "delete it and run again."
        )
    return rows
