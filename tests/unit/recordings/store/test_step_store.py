"""Sets in time steps: what was binned is read back, whole or not at all."""

import io

import numpy as np
import pytest

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.steps import MAX_STEPS, StepEvents
from dvs_snn.recordings.store import step_store as stepstore
from dvs_snn.recordings.store.samples import BinnedRecording
from dvs_snn.recordings.store.step_store import (
    STEP_DTYPE,
    TABLE_COLUMNS,
    open_steps,
    store_steps,
)


def _steps(n: int, n_steps: int, seed: int = 0) -> StepEvents:
    rng = np.random.default_rng(seed)
    step = np.sort(rng.integers(0, n_steps, n))
    return StepEvents(step, *rng.integers(0, 64, (2, n)), n_steps, seed)


def _recording(name: str, steps: StepEvents) -> BinnedRecording:
    return BinnedRecording(name, f"3/{name}", 3, f"hash of {name}", steps, 7, 0.123456)


@pytest.fixture
def paths(tmp_path):
    return tmp_path / "test.npy", tmp_path / "test.csv"


def test_recordings_are_read_as_they_were_binned(paths):
    recordings = [
        _recording("NA", _steps(500, 30)),
        _recording("empty", _steps(0, 12)),
        _recording("0001", _steps(3, 1_000_000, 1)),
        _recording("corner", StepEvents(*np.array([[0, 4], [0, 63], [63, 0]]), 5, 0)),
    ]
    table = store_steps(iter(recordings), *paths)
    assert tuple(table.columns) == tuple(TABLE_COLUMNS)
    stored = open_steps(*paths)
    assert isinstance(stored.events.base, np.memmap)
    assert stored.events.dtype == STEP_DTYPE
    assert len(stored) == 4
    # Twice: every job walks it anew.
    for _ in range(2):
        for found, expected in zip(stored, recordings, strict=True):
            facts = ("recording", "symbol", "label", "sha256", "n_outside", "duration_s")
            for key in facts:
                assert getattr(found, key) == getattr(expected, key)
            assert found.steps.n_steps == expected.steps.n_steps
            for key in ("step", "row", "column"):
                values = getattr(found.steps, key)
                assert np.shares_memory(values, stored.events) or not len(values)
                np.testing.assert_array_equal(values, getattr(expected.steps, key))
    # The narrow types that are stored don't wrap around where numbers are made of them.
    found, expected = next(iter(stored)).steps, recordings[0].steps
    np.testing.assert_array_equal(found.pixel_counts(), expected.pixel_counts())
    np.testing.assert_array_equal(found.dense(3, 29), expected.dense(3, 29))


@pytest.mark.parametrize("last", [256, 65_536, MAX_STEPS - 1])
def test_late_steps_do_not_wrap_around(paths, last):
    zero = np.zeros(2, np.int64)
    steps = StepEvents(np.array([0, last]), zero, zero, last + 1, 0)
    store_steps([_recording("long", steps)], *paths)
    (found,) = open_steps(*paths)
    assert found.steps.step.tolist() == [0, last]
    assert found.steps.n_steps == last + 1


def test_both_files_appear_or_neither(paths):
    def broken():
        yield _recording("a", _steps(50, 5))
        raise StudyError("b.npz: is broken.")

    with pytest.raises(StudyError, match="is broken"):
        store_steps(broken(), *paths)
    assert not list(paths[0].parent.iterdir())


def test_a_set_without_a_recording_is_told(paths):
    with pytest.raises(StudyError, match="test.csv: the set has no recording"):
        store_steps([], *paths)
    assert not list(paths[0].parent.iterdir())


def test_the_same_recordings_give_the_same_bytes(paths, tmp_path):
    others = tmp_path / "again.npy", tmp_path / "again.csv"
    for pair in (paths, others):
        store_steps([_recording("a", _steps(500, 30)), _recording("b", _steps(9, 5))], *pair)
    for one, other in zip(paths, others, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_only_what_is_asked_for_is_read(paths, monkeypatch):
    store_steps([_recording(str(n), _steps(1000, 30, n)) for n in range(5)], *paths)
    stored = open_steps(*paths)
    touched = io.StringIO()

    class Watched:
        def __getitem__(self, part):
            print(part.stop - part.start, file=touched)
            return stored.events[part]

    next(iter(stepstore.BinnedSet(stored.table, Watched())))
    assert touched.getvalue() == "1000\n"
