"""Arrays in ZIP files: what they announce is checked before memory is taken."""

import io
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest

from dvs_snn.events.recording import read_recording
from dvs_snn.files.errors import StudyError, reason_of
from dvs_snn.files.zipped import stored_arrays


def _npy(array) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.asarray(array))
    return stream.getvalue()


def _zip(path, members: dict[str, bytes], method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return path


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_what_numpy_wrote_is_read_as_numpy_reads_it(tmp_path, save):
    rng = np.random.default_rng(3)
    arrays = {
        "a": rng.random((3, 4, 5)), "f": np.asfortranarray(rng.integers(0, 9, (4, 3))),
        "text": np.array(["NA", "ü"]), "one": np.array(7, "u1"), "none": np.zeros((0, 3)),
        "rows": np.zeros(2, [("x", "<u4"), ("y", "u1")]),
    }  # fmt: skip
    save(tmp_path / "a.npz", **arrays)
    stored = stored_arrays(tmp_path / "a.npz")
    assert stored.keys() == arrays.keys()
    for key, array in arrays.items():
        assert stored[key].dtype == array.dtype
        np.testing.assert_array_equal(stored[key], array)


def test_pickled_arrays_are_never_loaded(tmp_path):
    np.savez(tmp_path / "a.npz", a=np.array([{"x": 1}], dtype=object))
    with pytest.raises(ValueError, match="object"):
        stored_arrays(tmp_path / "a.npz")


@pytest.mark.parametrize("shape", ["(10**6,)", "(1000000,)", "(-1,)", "(9,9,9)", "(2,)"])
def test_a_shape_that_the_data_do_not_have_is_refused(tmp_path, shape):
    lie = _npy(np.zeros(3)).replace(b"(3,), }", f"{shape}, }}".encode())
    with pytest.raises(ValueError, match="bytes for shape|an array of|header|malformed"):
        stored_arrays(_zip(tmp_path / "a.npz", {"a": lie}))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compressions_that_take_any_memory_are_refused(tmp_path, method):
    members = {key: _npy([1, 2]) for key in "txy"}
    path = _zip(tmp_path / "a.npz", members, method)
    with pytest.raises(ValueError, match="packed by method"):
        stored_arrays(path)
    with pytest.raises(StudyError, match="packed by method"):
        read_recording(path)


def test_more_bytes_than_announced_are_never_unpacked(tmp_path):
    """A member of 200 MB that says it has 80 bytes: zipfile alone would unpack it whole."""
    honest = _npy(np.zeros(10))
    members = {"t": honest + bytes(200 * 2**20), "x": honest, "y": honest}
    content = bytearray(_zip(tmp_path / "a.npz", members).read_bytes())
    true, said = struct.pack("<L", len(members["t"])), struct.pack("<L", len(honest))
    assert content.count(true) == 2
    path = tmp_path / "b.npz"
    path.write_bytes(content.replace(true, said))
    del members, content
    tracemalloc.start()
    for read, error in ((stored_arrays, ValueError), (read_recording, StudyError)):
        with pytest.raises(error):
            read(path)
    assert tracemalloc.get_traced_memory()[1] < 30 * 2**20
    tracemalloc.stop()


def test_a_directory_of_many_members_is_refused_before_it_is_read(tmp_path):
    members = {str(number): b"" for number in range(1001)}
    path = _zip(tmp_path / "a.npz", members)
    with pytest.raises(StudyError, match="holds 1001 members, expected at most 1000"):
        read_recording(path)
    with pytest.raises(ValueError, match="holds 1001 members"):
        stored_arrays(path)


def test_what_damaged_bytes_make_a_library_say_is_fit_for_a_line():
    assert reason_of(ValueError("a\n\x1b[31mb\u2028 \udcff")) == "a ?[31mb ?"
    assert reason_of(KeyError()) == "KeyError"
    assert reason_of(OSError(28, "No space left on device")) == "No space left on device"
    assert len(reason_of(ValueError("x" * 10**6))) == 200
