"""The store of a set: what sensors sent is read back exactly, whole or not at all."""

import numpy as np
import pytest
from made_recordings import from_columns, of_digit

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.placement import Placement, place
from dvs_snn.recordings.recording import (
    EVENT_DTYPE,
    EventRecording,
    silent_recording,
)
from dvs_snn.recordings.steps import bin_steps
from dvs_snn.recordings.store.event_store import (
    TABLE_COLUMNS,
    StoredRecording,
    open_store,
    store_recordings,
)

PLACEMENTS = {"": Placement(), "near": Placement(1.7, 90), "apart": Placement(0.25)}


def _recording(name: str, raw: EventRecording, scene: str = "") -> StoredRecording:
    return StoredRecording(name, f"3/{name}", 3, scene, f"hash of {name}", raw)


@pytest.fixture
def paths(tmp_path):
    return tmp_path / "test.npy", tmp_path / "test.csv"


def test_recordings_are_read_as_they_were_sent(paths):
    late = from_columns([2**40, 2**40, 2**40 + 1], [9, 3, 300], 7, sensor_size=(346, 260))
    recordings = [
        _recording("NA", of_digit(3, 500, 1), "near"),
        _recording("silent", silent_recording((34, 34), 0.12)),
        # Events of one time keep their order.
        _recording("late", late, "apart"),
    ]
    table = store_recordings(iter(recordings), *paths)
    assert tuple(table.columns) == tuple(TABLE_COLUMNS)
    stored = open_store(*paths, PLACEMENTS)
    assert isinstance(stored.events.base, np.memmap)
    assert stored.events.dtype == EVENT_DTYPE
    assert len(stored) == 3
    # Twice: every job walks it anew.
    for _ in range(2):
        for one, expected in zip(stored, recordings, strict=True):
            for key in ("recording", "symbol", "label", "scene", "sha256"):
                assert getattr(one, key) == getattr(expected, key)
            assert one.placement == PLACEMENTS[expected.scene]
            for key in ("sensor_size", "has_polarity", "span", "duration_s"):
                assert getattr(one.raw, key) == getattr(expected.raw, key)
            np.testing.assert_array_equal(one.raw.events, expected.raw.events)
            assert np.shares_memory(one.raw.events, stored.events) or not one.raw.n_events
    assert [len(one.steps.step) for one in stored.in_steps(1000)][1:] == [0, 1]
    assert stored.in_steps(10_000)[1].steps.n_steps == 12


def test_steps_are_those_of_the_placed_recording(paths):
    raw = of_digit(1, 300, 11, 70, (72, 64))
    store_recordings([_recording("a", raw, "near")], *paths)
    (found,) = open_store(*paths, PLACEMENTS).in_steps(10_000)
    placed = place(raw, PLACEMENTS["near"])
    expected = bin_steps(placed, 10_000)
    assert found.n_outside == placed.n_outside > 0
    assert found.duration_s == placed.duration_s
    for key in ("step", "row", "column", "n_steps"):
        np.testing.assert_array_equal(getattr(found.steps, key), getattr(expected, key))


def test_time_may_run_on_before_and_after_the_events(paths):
    sent = from_columns([5_000, 99_999], 3, 4, sensor_size=(64, 64))
    raw = EventRecording(sent.events, sent.sensor_size, span_us=(0, 94_999))
    store_recordings([_recording("a", raw)], *paths)
    (found,) = open_store(*paths, PLACEMENTS).in_steps(10_000)
    # The last event comes after the last moment, and so counts in the last step.
    assert found.steps.step.tolist() == [0, 9]
    assert found.steps.n_steps == 10


def test_some_are_spread_evenly_over_all(paths):
    store_recordings((_recording(str(n), of_digit(1, 9, n)) for n in range(100)), *paths)
    stored = open_store(*paths, PLACEMENTS)
    assert [one.recording for one in stored.evenly(5)] == ["0", "24", "49", "74", "99"]
    assert [one.recording for one in stored.evenly(200)] == [str(n) for n in range(100)]


def test_both_files_appear_or_neither(paths):
    def broken():
        yield _recording("a", of_digit(1, 50, 5))
        raise StudyError("b.npz: is broken.")

    with pytest.raises(StudyError, match="is broken"):
        store_recordings(broken(), *paths)
    with pytest.raises(StudyError, match="test.csv: the set has no recording"):
        store_recordings([], *paths)
    assert not list(paths[0].parent.iterdir())
