"""Arrays that grow in their file: any NumPy reads them, and a damaged one is told."""

import numpy as np
import pytest

from dvs_snn.files.arrays import ArrayWriter, open_array, stored_arrays
from dvs_snn.files.errors import StudyError

KINDS = [
    (np.dtype(np.uint8), (1, 4, 4)),
    (np.dtype([("step", "<u4"), ("row", "u1")]), ()),
    (np.dtype(np.float32), (3,)),
]


def _rows(dtype: np.dtype, shape: tuple[int, ...], n: int) -> np.ndarray:
    size = n * dtype.itemsize * int(np.prod(shape))
    raw = np.random.default_rng(n).integers(0, 64, size, dtype=np.uint8)
    return raw.view(dtype).reshape(n, *shape)


def _write(path, dtype, shape, pieces):
    with open(path, "w+b") as file:
        writer = ArrayWriter(file, dtype, shape)
        for piece in pieces:
            writer.append(piece)
        writer.finish()
    return writer


@pytest.mark.parametrize(("dtype", "shape"), KINDS)
@pytest.mark.parametrize("lengths", [(), (5, 0, 12_345)])
def test_pieces_are_read_as_one_array(tmp_path, dtype, shape, lengths):
    pieces = [_rows(dtype, shape, n) for n in lengths]
    path = tmp_path / "a.npy"
    assert _write(path, dtype, shape, pieces).n_rows == sum(lengths)
    stored = open_array(path, dtype, shape)
    assert isinstance(stored.base, np.memmap)
    assert not stored.flags.writeable
    expected = np.concatenate([np.empty((0, *shape), dtype), *pieces])
    np.testing.assert_array_equal(stored, expected)
    np.testing.assert_array_equal(np.load(path), expected)
    assert stored.dtype == dtype


def test_a_damaged_missing_or_other_array_is_told(tmp_path):
    path = tmp_path / "a.npy"
    _write(path, np.uint8, (2,), [np.ones((50, 2), np.uint8)])
    with pytest.raises(StudyError, match=r"uint8 in rows of \(3,\) \(it holds uint8 "):
        open_array(path, np.uint8, (3,))
    with pytest.raises(StudyError, match="of int8"):
        open_array(path, np.int8, (2,))
    whole = path.read_bytes()
    for damaged in (whole[:-1], whole[:60], b"", b"PK" + whole[2:]):
        path.write_bytes(damaged)
        with pytest.raises(StudyError, match=r"a\.npy: is not a whole NPY file.*delete it"):
            open_array(path, np.uint8, (2,))
    path.unlink()
    with pytest.raises(StudyError, match="is not a whole NPY file"):
        open_array(path, np.uint8, (2,))


def test_whole_archives_are_read_without_pickles_and_faults_are_one_line(tmp_path):
    path, arrays = tmp_path / "a.npz", {"text": np.array(["NA", "ü"]), "a": np.zeros((3, 4, 5))}
    np.savez_compressed(path, **arrays)
    stored = stored_arrays(path)
    assert stored.keys() == arrays.keys()
    for key, array in arrays.items():
        np.testing.assert_array_equal(stored[key], array)
    np.savez(path, a=np.array([{"x": 1}], dtype=object))
    with pytest.raises(StudyError, match="Object arrays cannot be loaded"):
        stored_arrays(path)
    for content in (b"", b"PK\x03\x04", b"\x93NUMPY" + bytes(90)):
        path.write_bytes(content)
        with pytest.raises(StudyError, match=r"a\.npz: is not a whole NPZ file [^\n]+delete it"):
            stored_arrays(path)
