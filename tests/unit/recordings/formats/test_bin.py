"""Recordings as N-MNIST has them: bytes worked out by hand, faults, real files."""

import numpy as np
import pytest
from made_recordings import from_rows, rows_of
from real_files import REAL, needs_real_files
from recording_bytes import fault, nmnist

from dvs_snn.recordings.formats.bin import read, write
from dvs_snn.recordings.recording import read_recording


def test_nmnist_bytes_by_hand(put):
    path = put("a.bin", bytes.fromhex("0A 0B 800001  21 20 012345  00 00 FFFFFF"))
    recording = read(path)
    assert rows_of(recording) == [
        (1, 10, 11, True), (0x12345, 33, 32, False), (0x7FFFFF, 0, 0, True),
    ]  # fmt: skip
    assert recording.sensor_size == (34, 34)


def test_nmnist_overflow_records_by_hand(put):
    path = put(
        "a.bin",
        nmnist((1, 2, 1, 100), (0, 240, 0, 0), (3, 4, 0, 50), (9, 240, 1, 77), (240, 240, 0, 0))
        + nmnist((5, 6, 1, 7)),
    )
    assert rows_of(read(path)) == [
        (100, 1, 2, True), (8192 + 50, 3, 4, False), (3 * 8192 + 7, 5, 6, True),
    ]  # fmt: skip


def test_nmnist_written_bytes_by_hand(tmp_path):
    recording = from_rows([(0x12345, 33, 32, False), (2**23 + 5, 10, 11, True)], (34, 34))
    write(tmp_path / "a.bin", recording)
    # 2^23 + 5 is 8,192 + 0x7FE005: one overflow, then that time with the polarity bit set.
    assert (tmp_path / "a.bin").read_bytes() == bytes.fromhex("2120012345 00F0000000 0A0BFFE005")


@pytest.mark.parametrize(
    ("content", "needles"),
    [
        (nmnist((1, 2, 1, 3), (1, 2, 1, 4)) + b"\1" * 4, ("byte 10 has 4 bytes, expected 5",)),
        (nmnist((0, 240, 0, 0)), ("holds no events",)),
        (
            nmnist((0, 240, 0, 0), (1, 1, 0, 0), (0, 240, 0, 0), (2, 34, 0, 0)),
            ("column 'y' holds 34 at index 1", "0 to 33", "height 34"),
        ),
    ],
)
def test_fault_nmnist(put, content, needles):
    fault(put("a.bin", content), *needles)


@needs_real_files
def test_real_nmnist(tmp_path):
    train = [sorted((REAL / "nmnist" / "train" / str(digit)).glob("*.bin")) for digit in range(10)]
    test = sorted((REAL / "nmnist" / "test").glob("*/*.bin"))
    assert [len(paths) for paths in train] == [97, 116, 99, 93, 105, 92, 94, 117, 87, 100]
    assert len(test) == 10
    paths = [path for of_digit in train for path in of_digit] + test
    recordings = [read_recording(path) for path in paths]
    counts = np.array([recording.n_events for recording in recordings])
    assert (counts.min(), counts.max()) == (1_112, 7_152)
    assert counts.tolist() == [path.stat().st_size // 5 for path in paths]
    for path, recording in zip(test, recordings[-10:], strict=True):
        write(tmp_path / path.name, recording)
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()
